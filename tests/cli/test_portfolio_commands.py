# SPDX-License-Identifier: Apache-2.0
"""Every command that takes a run takes a portfolio, or says in one sentence that it does not."""

import json
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

import engine
from engine.cli.application import app
from engine.errors import ConfigError
from engine.runs.backtest import backtest

ROOT = Path(__file__).resolve().parents[2]
CONFIG = str(ROOT / "configs" / "portfolio_sample.yaml")
SHORT = ["--set", "period.start=2019-01-02", "--set", "period.end=2020-12-31"]


def invoke(*words: str) -> str:
    done = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def schema(name: str) -> dict:
    return json.loads((ROOT / "docs" / "schemas" / f"{name}.json").read_text(encoding="utf-8"))


def test_backtest_writes_a_run_folder_and_says_what_each_sleeve_did(tmp_path):
    document = json.loads(invoke("backtest", CONFIG, *SHORT, "--out", str(tmp_path), "--json"))
    jsonschema.validate(document, schema("backtest"))
    assert document["strategy"] == "portfolio of spread, hedge, agents"
    assert document["sleeves"]["rebalance"] == "quarterly"
    assert set(document["sleeves"]["sleeves"]) == {"spread", "hedge", "agents"}
    assert (Path(document["folder"]) / "sleeves.parquet").is_file()


def test_a_finished_run_is_listed_compared_and_drawn_again(tmp_path):
    run = json.loads(invoke("backtest", CONFIG, *SHORT, "--out", str(tmp_path), "--json"))
    other = json.loads(invoke("backtest", CONFIG, *SHORT, "--set", "rebalance=never", "--out", str(tmp_path), "--json"))
    assert run["run"] != other["run"]
    assert run["run"] in invoke("runs", "list", "--results", str(tmp_path))
    compared = invoke("runs", "compare", run["folder"], other["folder"])
    assert "rebalance" in compared
    page = Path(run["report"]).read_bytes()
    invoke("report", run["folder"])
    assert Path(run["report"]).read_bytes() == page


def test_signals_say_what_each_sleeve_decided_and_what_the_broker_will_hold():
    words = ("signals", CONFIG, "--asof", "2020-12-30", *SHORT)
    document = json.loads(invoke(*words, "--json"))
    jsonschema.validate(document, schema("signals-portfolio"))
    assert {one["symbol"] for one in document["net"]} == {"SPY", "IWM", "RWM"}
    assert "At the broker" in invoke(*words)


def test_verify_verifies_each_sleeve():
    pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")
    document = json.loads(invoke("verify", CONFIG, *SHORT, "--json"))
    jsonschema.validate(document, schema("verify-portfolio"))
    for verdict in document["sleeves"].values():
        jsonschema.validate(verdict, schema("verify"))
        assert verdict["engines"]["agree"]
    assert document["passed"]
    assert document["sleeves"]["hedge"]["engines"]["fills"] > 10


def test_config_check_shows_the_sleeves():
    shown = invoke("config", "check", CONFIG)
    assert "50 % in spread_trade (SpreadTrade)" in shown
    assert "quarterly" in shown


def test_what_takes_one_strategy_says_so():
    with pytest.raises(ConfigError) as caught:
        CliRunner().invoke(app, ["backtest", CONFIG, "--engine", "backtrader"], catch_exceptions=False)
    (problem,) = caught.value.problems
    assert "one strategy" in problem.message
    assert problem.path == "engine"


def test_a_new_portfolio_runs_as_it_is_written(tmp_path):
    file = tmp_path / "new.yaml"
    names = ("spread_trade", "vix_hedge:VixHedge", "spread_trade")
    invoke("config", "new", *(word for name in names for word in ("--strategy", name)), "--out", str(file))
    loaded = engine.load_config(file)
    assert list(loaded.config.sleeves) == ["spread_trade", "vixhedge", "spread_trade_2"]
    assert [own.weight for own in loaded.config.sleeves.values()] == [0.3333, 0.3333, 0.3334]
    assert max(len(line) for line in file.read_text(encoding="utf-8").splitlines()) <= 104
    result = backtest(loaded.path, ["period.start=2019-01-02", "period.end=2019-12-31"])
    assert len(result.orders) > 5
