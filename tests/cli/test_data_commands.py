# SPDX-License-Identifier: Apache-2.0
"""`tandem data` as a person and a program meet it."""

import datetime as dt
import gzip
import json
import os
from dataclasses import fields
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from engine.cli.data_commands import app
from engine.errors import CheckFailed, DataError
from engine.market import sources
from engine.market.sample import sample_symbols
from engine.market.sources.layout import COMMAND, OPTIONS, Layout
from engine.market.sources.yahoo import YahooSource
from engine.notice import note
from tests import programs
from tests.cases import days

ROOT = Path(__file__).parents[2]
GOOD = (
    "date,open,high,low,close,volume\n2020-01-02,10,11,9,10,5\n2020-01-03,10,11,9,10.1,5\n2020-01-06,10,11,9,10.2,5\n"
)
CONFIG = """
name: t
strategy: spread_trade
roles: {large: AAA, small: BBB}
data: {source: csv, path: .}
"""


READS = """
from engine.strategy import Strategy


class Reads(Strategy):
    roles = ("large", "small")
    series = {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        pass
"""


def invoke(*words):
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "80"})


def document(result, schema):
    """The JSON document, held against its schema."""
    found = json.loads(result.stdout)
    jsonschema.validate(found, json.loads((ROOT / "docs" / "schemas" / f"{schema}.json").read_text()))
    return found


def tandem(*words):
    """The real command."""
    return programs.tandem(*words, cwd=ROOT, env=os.environ)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "AAA.csv").write_text(GOOD)
    (tmp_path / "BBB.csv").write_text(GOOD)
    return tmp_path


def test_sound_files_pass(folder):
    result = tandem("data", "check", folder)
    assert (result.returncode, result.stderr) == (0, "")
    assert "AAA" in result.stdout
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 80


def test_what_would_be_refused_fails_the_check(folder):
    (folder / "BBB.csv").write_text(GOOD.replace("10.1", "-10.1"))
    result = tandem("data", "check", folder)
    assert result.returncode == 1
    assert "close is not above zero" in result.stdout
    assert result.stderr == "error 1 of 2 tables would be refused: BBB\n"


def test_the_document_is_all_that_stdout_holds(folder):
    (folder / "BBB.csv").write_text(GOOD.replace("10.1", "x"))
    result = tandem("data", "check", folder, "--json")
    found = document(result, "data-check")
    assert result.returncode == 1
    assert found["ok"] is False
    assert [table["symbol"] for table in found["tables"]] == ["AAA", "BBB"]
    assert found["tables"][1]["findings"][0]["words"] == "3: close is not a number; found 'x'"


def test_a_file_that_cannot_be_read_is_a_finding_not_a_crash(folder):
    (folder / "CCC.csv").write_text("")
    (folder / "DDD.csv").write_text("a,b,c\n1,2,3\n")
    result = invoke("check", folder, "--json")
    findings = {table["symbol"]: table["findings"] for table in document(result, "data-check")["tables"]}
    assert isinstance(result.exception, CheckFailed)
    assert (findings["CCC"][0]["severity"], findings["CCC"][0]["kind"]) == ("refuse", "unreadable")
    assert (findings["DDD"][0]["severity"], findings["DDD"][0]["kind"]) == ("info", "skipped")


def test_a_configuration_is_checked_as_the_run_would_read_it(folder):
    (folder / "run.yaml").write_text(CONFIG)
    (folder / "VIX.csv").write_text(GOOD.replace("10,11,9,10,", "30,11,9,10,"))
    result = invoke("check", folder / "run.yaml", "--json")
    assert result.exit_code == 0
    assert [table["symbol"] for table in document(result, "data-check")["tables"]] == ["AAA", "BBB"]
    (folder / "run.yaml").write_text(
        CONFIG + "series: {rate: {symbol: VIX, column: high, unit: percent}}\ncosts: {benchmark: rate}\n"
    )
    tables = document(invoke("check", folder / "run.yaml", "--json", "--symbol", "VIX"), "data-check")["tables"]
    assert [(table["symbol"], table["findings"]) for table in tables] == [("VIX", [])]


def walked(shift=0, seed=1):
    """300 sessions of a walk with noise of its own, each row under the date of the session `shift` earlier."""
    dates = days("2019-01-02", 300)
    closes = 50 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, 301)))
    closes *= np.exp(np.random.default_rng(seed).normal(0, 0.001, 301))
    rows = [f"{day},{c},{c},{c},{c},5" for day, c in zip(dates, closes[shift:], strict=False)]
    return "\n".join(["date,open,high,low,close,volume", *rows]) + "\n"


@pytest.mark.parametrize("target", ["", "run.yaml"], ids=["a folder", "a configuration"])
@pytest.mark.parametrize(
    ("other", "symbol", "words"),
    [
        (walked(0, 2), "", ""),
        (walked(0), "BBB", "AAA and BBB close alike on 300 of 300 sessions: one file under two names"),
        (walked(1, 2), "BBB", "it moves as AAA a session later"),
    ],
    ids=["right", "twice", "a session early"],
)
def test_files_are_held_against_each_other(folder, target, other, symbol, words):
    """What a run says of two of its files, whoever checks them is told: by a folder too."""
    (folder / "AAA.csv").write_text(walked())
    (folder / "BBB.csv").write_text(other)
    (folder / "run.yaml").write_text(CONFIG)
    told = document(invoke("check", folder / target, "--json"), "data-check")
    found = {
        one["symbol"]: finding
        for one in told["tables"]
        for finding in one["findings"]
        if finding["kind"] == "doubt" and ("alike" in finding["words"] or "session later" in finding["words"])
    }
    assert list(found) == ([symbol] if symbol else [])
    assert all(words in one["words"] and one["severity"] == "warn" for one in found.values())


def test_the_remedy_of_a_file_is_an_option_or_a_key_of_a_configuration(folder):
    """No option names columns, decimals or a bar's length: none is told to who checks a file."""
    (folder / "BAD.csv").write_text("day,open,high,low,last\n2024-01-02,1,1,1,1\n")
    said = str(document(invoke("check", folder / "BAD.csv", "--json"), "data-check"))
    assert "missing column close; data.columns of a configuration can name another" in said
    known = invoke("check", "--help").stdout
    for name in fields(Layout):
        told = Layout(prefix=COMMAND).key(name.name)
        assert told == f"data.{name.name} of a configuration" or f"--{name.name}" in known
    assert [f"--{name}" in known for name in OPTIONS] == [True] * len(OPTIONS)


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("series", [{"b": "BBB"}, {"b": "BBB", "c": "{symbol: BBB, column: open}"}])
def test_a_symbol_read_in_more_than_one_way_is_doubted_once_and_settled_by_its_key(folder, series, right):
    """What a run takes for settled the check does too, whether a series reads the same file or not."""
    for name in ("AAA", "BBB"):
        (folder / f"{name}.csv").write_text(walked())
    source = "{source: csv, path: ., confirmed: {BBB: [2019-01-02]}}" if right else "{source: csv, path: .}"
    (folder / "reads.py").write_text(READS.format(tuple(series)))
    config = CONFIG.replace("spread_trade", "reads.py").replace("{source: csv, path: .}", source)
    bound = ", ".join(f"{name}: {given}" for name, given in series.items())
    (folder / "run.yaml").write_text(f"{config}series: {{{bound}}}\n")
    tables = document(invoke("check", folder / "run.yaml", "--json"), "data-check")["tables"]
    doubts = [[one["words"][:21] for one in table["findings"] if "alike" in one["words"]] for table in tables]
    assert [table["symbol"] for table in tables][:3] == ["AAA", "BBB", "BBB"]
    assert doubts[:2] == [[], [] if right else ["AAA and BBB close ali"]]
    assert doubts[2:] == [[]] * len(doubts[2:])


def test_of_two_files_of_a_symbol_the_doubt_stands_with_the_one_that_is_held_against_others(folder):
    (folder / "AAA.csv").write_text(walked())
    (folder / "BBB.csv").unlink()
    for below, text in (("a", walked()), ("b", walked(0, 2))):
        (folder / below).mkdir()
        (folder / below / "BBB.csv").write_text(text)
    tables = document(invoke("check", folder, "--json"), "data-check")["tables"]
    assert [one["file"] for one in tables if any("alike" in told["words"] for told in one["findings"])] == ["a/BBB.csv"]


@pytest.mark.parametrize(("name", "pack"), [("SPY.csv.gz", gzip.compress), ("SPY.csv", bytes)])
def test_a_packed_file_is_checked_under_its_symbol(folder, name, pack):
    (folder / name).write_bytes(pack((folder / "AAA.csv").read_bytes()))
    (one,) = document(invoke("check", folder, "--symbol", "SPY", "--json"), "data-check")["tables"]
    assert (one["symbol"], one["file"]) == ("SPY", name)


def test_a_target_that_is_not_there_is_the_users_mistake(folder):
    result = tandem("data", "check", folder / "AAB.csv")
    assert result.returncode == 2
    assert "no such file or folder" in result.stderr
    assert "AAA.csv" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_symbol_that_is_not_there_names_the_nearest(folder):
    result = invoke("check", folder, "--symbol", "AAB")
    assert isinstance(result.exception, DataError)
    assert "did you mean 'AAA'" in str(result.exception)


def test_the_sample_market_is_sound():
    found = document(invoke("check", "--json"), "data-check")
    assert [table["symbol"] for table in found["tables"]] == list(sample_symbols())
    assert found["ok"]


def test_list_says_what_there_is(folder, monkeypatch):
    monkeypatch.setenv("TANDEM_CACHE_DIR", str(folder / "cache"))
    from engine.market.build import load_market
    from engine.model.run import FolderData, RunConfig

    data = FolderData(source="csv", path=str(folder))
    load_market(RunConfig(name="t", strategy="s", roles={"large": "AAA"}, data=data), (), (), folder)
    found = document(invoke("list", "--json"), "data-list")
    assert set(found["sources"]) == set(sources.SOURCES)
    assert found["sample_symbols"] == list(sample_symbols())
    (panel,) = found["cache"]["panels"]
    assert (panel["symbols"], panel["bars"], found["cache"]["bytes"]) == ({"large": "AAA"}, 3, panel["bytes"])
    shown = invoke("list").stdout
    assert "AAA" in shown
    assert "1 panel," in shown


def test_build_sample_writes_what_the_csv_source_reads(tmp_path):
    found = document(invoke("build-sample", "--out", tmp_path / "sample", "--seed", "3", "--json"), "data-written")
    assert sorted(file["symbol"] for file in found["files"]) == sorted(sample_symbols())
    assert document(invoke("check", tmp_path / "sample", "--json"), "data-check")["ok"]


def test_pull_writes_one_file_a_symbol(tmp_path, monkeypatch):
    index = pd.DatetimeIndex(["2024-07-02", "2024-07-03"], tz="America/New_York")
    prices = {"Open": 10.0, "High": 11.0, "Low": 9.0, "Close": 10.5, "Adj Close": 10.4, "Volume": 100, "Dividends": 0.0}
    now = dt.datetime(2024, 7, 3, 12, tzinfo=dt.UTC)
    source = YahooSource("split_adjusted", lambda _: pd.DataFrame(prices, index=index), lambda: now)
    monkeypatch.setitem(sources.SOURCES, "yahoo", lambda *_: source)
    found = document(invoke("pull", "SPY", "^VIX", "--out", tmp_path, "--json"), "data-written")
    assert [file["symbol"] for file in found["files"]] == ["SPY", "^VIX"]
    assert found["files"][0]["notices"] == [
        note("SPY: the bar of 2024-07-03 is left out, its session is not over").as_dict()
    ]
    assert (tmp_path / "SPY.csv").read_text() == (
        "date,open,high,low,close,volume,dividend,split,adj_close\n2024-07-02,10.0,11.0,9.0,10.5,100.0,0.0,1.0,10.4\n"
    )


def test_every_kind_of_finding_is_in_the_schema():
    schema = json.loads((ROOT / "docs" / "schemas" / "data-check.json").read_text())
    kinds = set(
        schema["properties"]["tables"]["items"]["properties"]["findings"]["items"]["properties"]["kind"]["enum"]
    )
    modules = ("quality", "checkup", "refusals", "judgement", "adjust")
    files = [file for file in sorted((ROOT / "engine" / "market").rglob("*.py")) if file.stem in modules]
    text = "".join(file.read_text() for file in files)
    assert {kind for kind in kinds if f'"{kind}"' not in text} == set()
