# SPDX-License-Identifier: Apache-2.0
"""Redirected output in an encoding without our minus sign: the same figures, in characters that it can hold."""

import subprocess

import pytest

from tests.programs import TANDEM


def printed(desk, encoding: str, *words: str) -> subprocess.CompletedProcess:
    env = desk.env | {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    return subprocess.run([TANDEM, *words], cwd=desk.folder, env=env, capture_output=True, timeout=120, check=False)


def falling(desk) -> list[tuple[str, float]]:
    """The days of the desk's bars with prices that lose a half per cent each."""
    days = [line.split(",")[0] for line in (desk.folder / "bars/AAA.csv").read_text().splitlines()[1:]]
    return [(day, round(100 * 0.995**number, 2)) for number, day in enumerate(days)]


def test_a_negative_figure_keeps_its_sign(desk):
    desk.bars("AAA", [f"{day},{price},{price},{price},{price},100000000,0" for day, price in falling(desk)])
    usual = desk.tandem("backtest", "run.yaml").stdout
    (figure,) = [word for word in usual.split() if word.startswith("\N{MINUS SIGN}")][:1]
    for encoding in ("cp1252", "latin-1", "ascii", "cp437"):
        done = printed(desk, encoding, "backtest", "run.yaml")
        assert (done.returncode, done.stderr) == (0, b"")
        text = done.stdout.decode(encoding)
        assert figure.replace("\N{MINUS SIGN}", "-") in text
        assert "?" not in text
        for line in usual.splitlines():
            if "Sharpe" in line or "Equity" in line:
                assert line.replace("\N{MINUS SIGN}", "-") in text


def test_a_name_that_the_stream_cannot_hold(desk):
    done = printed(desk, "ascii", "backtest", "Ωmega.yaml")
    assert done.returncode == 2
    assert b"?mega.yaml" in done.stderr
    assert b"Traceback" not in done.stderr


def test_an_error_in_plain_characters(desk):
    desk.replace("run.yaml", "name: t", "nâme: t")
    done = printed(desk, "ascii", "backtest", "run.yaml")
    assert done.returncode == 2
    assert b"name" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize("words", [["runs", "list", "--results", "out"], ["data", "check", "bars"], ["--help"]])
def test_other_commands(desk, words):
    desk.tandem("backtest", "run.yaml")
    done = printed(desk, "ascii", *words)
    assert (done.returncode, done.stderr) == (0, b"")
