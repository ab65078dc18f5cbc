# SPDX-License-Identifier: Apache-2.0
"""`tandem config` through the real command: what it prints, where, and its exit code."""

import json
import subprocess
from pathlib import Path

import pytest
from jsonschema import validate

from tests import programs

ROOT = Path(__file__).resolve().parents[2]
TINY = '''
from engine.strategy.base import Strategy
from engine.strategy.params import param

class Tiny(Strategy):
    """A rule of one number."""

    roles = ("large", "small")

    class Params:
        enter: float = param(2.0, low=0, high=6, unit="sigma", doc="entry band")

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        pass
'''
GOOD = "name: good\nstrategy: tiny.py\nroles: {large: SPY, small: IWM}\n"
SIX = """name: six
strategy: tiny.py
roles: {large: SPY, smal: IWM}
params:
  enter: 20%
data: {source: cvs}
costs:
  dividends: yes
  commission: ibkr_fixd
"""


@pytest.fixture
def tandem(tmp_path):
    (tmp_path / "tiny.py").write_text(TINY)
    (tmp_path / "good.yaml").write_text(GOOD)
    (tmp_path / "six.yaml").write_text(SIX)

    def run(*arguments: str) -> subprocess.CompletedProcess:
        return programs.tandem("config", *arguments, cwd=tmp_path, env={"COLUMNS": "80", "PATH": ""})

    return run


def described(done, schema):
    """The JSON document on stdout, held against its schema."""
    document = json.loads(done.stdout)
    validate(document, json.loads((ROOT / "docs" / "schemas" / f"{schema}.json").read_text()))
    return document


def test_check_of_a_good_file(tandem):
    done = tandem("check", "good.yaml", "--set", "params.enter=1.5")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("ok good.yaml\n")
    assert "enter 1.5" in done.stdout
    assert "sample market (synthetic), seed 7" in done.stdout


def test_check_tells_every_mistake_at_once_on_one_screen_each(tandem):
    done = tandem("check", "six.yaml")
    assert (done.returncode, done.stdout) == (2, "")
    blocks = done.stderr.strip().split("\n\n")
    assert [block.splitlines()[0].rstrip() for block in blocks] == [
        "error roles.small: Tiny trades this role and no symbol is bound to it",
        "error roles.smal: Tiny has no such role",
        "error params.enter: not allowed",
        "error data.source: not allowed",
        "error costs.dividends: not allowed",
        "error costs.commission: no cost table of this name, beside the file or in",
        "6 mistakes; nothing was run",
    ]
    assert max(len(line) for line in done.stderr.splitlines()) <= 80
    assert max(len(block.splitlines()) for block in blocks) <= 8
    assert "Traceback" not in done.stderr


def test_a_mistake_shows_its_line_and_a_mark_under_the_word(tandem):
    blocks = tandem("check", "six.yaml").stderr.split("\n\n")
    lines = [line.rstrip() for line in blocks[2].splitlines()]
    assert lines == [
        "error params.enter: not allowed",
        "   at six.yaml:5:10",
        "    5 │   enter: 20%",
        "      │          ^^^",
        "   allowed       a number from 0 to 6 sigma",
        "   did you mean  0.2?",
    ]


def test_check_for_programs(tandem):
    good = tandem("check", "good.yaml", "--json")
    document = described(good, "config-check")
    assert (good.returncode, good.stderr, document["ok"]) == (0, "", True)
    assert document["config"]["costs"]["commission"][0]["per_share"] == 0.005
    assert len(document["hash"]) == 64
    bad = tandem("check", "six.yaml", "--json")
    document = described(bad, "config-check")
    assert (bad.returncode, bad.stderr, document["ok"]) == (2, "", False)
    assert document["problems"][2] == {
        "message": "not allowed", "file": "six.yaml", "line": 5, "column": 10, "path": "params.enter", "found": "20%",
        "allowed": "a number from 0 to 6 sigma", "nearest": "0.2",
    }  # fmt: skip


def test_check_of_a_missing_file(tandem):
    done = tandem("check", "goood.yaml")
    assert done.returncode == 2
    assert "no such file" in done.stderr
    assert "good.yaml?" in done.stderr


def test_new_check_and_no_overwriting(tandem, tmp_path):
    done = tandem("new", "--strategy", "tiny.py", "--out", "mine.yaml")
    assert (done.returncode, done.stdout) == (0, "wrote mine.yaml\n")
    assert tandem("check", "mine.yaml").returncode == 0
    before = (tmp_path / "mine.yaml").read_text()
    again = tandem("new", "--strategy", "tiny.py", "--out", "mine.yaml")
    assert again.returncode == 2
    assert "not overwritten" in again.stderr
    assert (tmp_path / "mine.yaml").read_text() == before
    assert tandem("new", "--strategy", "tiny.py").stdout == before


def test_new_where_nothing_can_be_written(tandem):
    done = tandem("new", "--strategy", "tiny.py", "--out", "no/such/folder/mine.yaml")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr


def test_new_for_a_strategy_that_is_not_there(tandem):
    done = tandem("new", "--strategy", "spread_trad")
    assert done.returncode == 2
    assert "did you mean  spread_trade?" in done.stderr


def test_explain(tandem):
    assert "--strategy" in tandem("explain", "params").stdout
    own = tandem("explain", "params.enter", "--strategy", "tiny.py")
    assert "a number from 0 to 6 sigma" in own.stdout
    unknown = tandem("explain", "fills.att")
    assert unknown.returncode == 2
    assert "fills.at?" in unknown.stderr
    keys = described(tandem("explain", "fills", "--json"), "config-explain")
    assert [key["path"] for key in keys][:2] == ["fills", "fills.at"]


def test_schema(tandem, tmp_path):
    (tmp_path / "s.json").write_text("old")
    done = tandem("schema", "--strategy", "tiny.py", "--out", "s.json")
    assert (done.returncode, done.stdout) == (0, "wrote s.json\n"), "a generated file is written again"
    schema = json.loads((tmp_path / "s.json").read_text())
    assert schema["$schema"].endswith("2020-12/schema")
    assert schema["properties"]["params"]["properties"]["enter"]["maximum"] == 6
