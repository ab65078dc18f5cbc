# SPDX-License-Identifier: Apache-2.0
"""A word that becomes the name of a file is refused before anything runs where no file can be called so."""

import json
import os
from pathlib import Path

import pytest

from engine.errors import InputError
from engine.model.file_names import beside, check_name, long_name

LONG = "a" * 300
WIDE = "é" * 128
"""256 bytes in UTF-8, of 128 letters."""
TOO_LONG = "too long for the name of a file"

SETTINGS = {
    "the run": (f"name={LONG}", f"name: {TOO_LONG}: 300 bytes at --set name", "at most 255 of them"),
    "one letter": (f"name={'a' * 256}", f"name: {TOO_LONG}: 256 bytes"),
    "a cost table": (f"costs.commission={'a' * 255}", "costs.commission: no cost table of this name"),
    "a strategy": (f"strategy={LONG}", f"strategy: {TOO_LONG}: 303 bytes at --set strategy"),
    "a strategy's file": (f"strategy={LONG}.py:Rule", f"strategy: {TOO_LONG}: 303 bytes"),
    "a folder of bars": (f"data.path={LONG}", "data.path: no such folder at --set data.path"),
    "a file of bars": (f"data.files.AAA={WIDE}.csv", f"data.files.AAA: {TOO_LONG}: 260 bytes"),
    "a folder of results": (f"results=out/{WIDE}", f"results: {TOO_LONG}: 256 bytes at --set results"),
    "a folder of journals": (f"paper.folder={LONG}", f"paper.folder: {TOO_LONG}: 300 bytes"),
    "a file that stops": (f"paper.limits.kill_file={LONG}/KILL", f"paper.limits.kill_file: {TOO_LONG}: 300 bytes"),
    "a whole path": (f"results={'a/' * 3000}", "results: longer than the system takes here: 5999 bytes"),
}
WORDS = {
    "a configuration": ("backtest", f"{LONG}.yaml"),
    "--out": ("backtest", "run.yaml", "--out", WIDE),
    "--out of a sweep": ("sweep", "run.yaml", "--over", "weight=1,2", "--out", LONG),
    "--html": ("note", "run.yaml", "--html", f"{LONG}.html"),
    "--report": ("compare", "SPY", "IWM", "--report", LONG),
    "--portfolio": ("funds", "run", "--runs", "--unit", "percent", "--benchmark", "x", "--portfolio", f"{LONG}.yaml"),
    "--book": ("sandbox", "--config", "run.yaml", "--book", "a" * 248),
    "config new --out": ("config", "new", "--strategy", "spread_trade", "--out", LONG),
}


@pytest.mark.parametrize("row", SETTINGS.values(), ids=SETTINGS)
def test_a_setting(desk, row):
    setting, *says = row
    desk.refused("backtest", "run.yaml", "--set", setting, "--json", says=says)


def test_a_name_is_refused_at_its_line(desk):
    desk.replace("run.yaml", "name: t", f"name: {LONG}")
    desk.refused("backtest", "run.yaml", says=(f"name: {TOO_LONG}: 300 bytes at run.yaml:1:7",))


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS)
def test_a_word_of_the_command_line(desk, words):
    desk.refused(*words, says=(TOO_LONG, "in UTF-8"))


def test_the_longest_name_runs_through(desk):
    longest = "a" * 255
    done = desk.tandem("backtest", "run.yaml", "--set", f"name={longest}", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(desk.folder / json.loads(done.stdout)["report"]).is_file()
    swept = desk.tandem("sweep", "run.yaml", "--over", "weight=1,2", "--set", f"name={longest}", "--json")
    assert (swept.returncode, swept.stderr) == (0, "")


def test_a_file_of_the_longest_name_is_written_whole(desk):
    name = "a" * 251 + ".yml"
    done = desk.tandem("config", "new", "--strategy", "spread_trade", "--out", name)
    assert (done.returncode, done.stderr) == (0, "")
    assert list(desk.folder.glob(".*")) == []
    assert desk.tandem("config", "check", name).returncode == 0


def test_a_portfolio_is_called_after_its_file(desk):
    said = ("--portfolio: no name of a configuration", "found my funds.yaml")
    words = ("funds", "run", "--runs", "--unit", "percent", "--benchmark", "x", "--portfolio", "my funds.yaml")
    desk.refused(*words, says=said)


@pytest.mark.parametrize("name", ["a" * 255, "é" * 127, f"{'a' * 255}/b", "/", ".", "", "a\0b"])
def test_what_a_file_can_be_called(name):
    assert long_name(name) is None


def test_bytes_are_counted_not_letters(tmp_path):
    with pytest.raises(InputError, match="256 bytes"):
        check_name(tmp_path / WIDE)
    with pytest.raises(InputError, match="at most 250 bytes"):
        check_name("a" * 251, most=250)


@pytest.mark.parametrize("name", ["a", "a" * 240, "a" * 255, "é" * 127])
def test_a_name_beside_is_one_that_a_file_can_have(tmp_path, name):
    (tmp_path / beside(name)).touch()
    assert beside(name).endswith(f".{os.getpid()}")
