# SPDX-License-Identifier: Apache-2.0
"""Run folders as funds: their months, their market, and the configuration that trades what is found."""

import json
import os
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from engine.config.loader import load_config
from engine.market.calendar import exchange
from engine.report.funds.run_folders import month_values
from tests import programs

RUN = """\
name: {name}
strategy: rule.py
roles: {{large: SPY, small: IWM}}
params: {{weight: {weight}}}
period: {{start: 2016-01-04, end: 2018-06-29}}
data: {{source: sample, seed: {seed}}}
account: {{cash: {cash}000000}}
benchmark: large
"""
RULE = """\
from engine.strategy import Strategy, param

LARGE, SMALL = 0, 1


class Rule(Strategy):
    roles = ("large", "small")

    class Params:
        weight: float = param(0.5, low=-1, high=2, unit="of equity", doc="of the small leg")

    def features(self, market, p):
        return {"x": market.large.close}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.small.qty == 0.0:
            orders.target(SMALL, p.weight)
            orders.target(LARGE, -0.6 * p.weight)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Runs on the sample market: long small caps, short them; with more cash, and on other prices."""
    made = tmp_path_factory.mktemp("runs")
    (made / "rule.py").write_text(RULE)
    for name, weight, seed, cash in (
        ("long", 0.8, 7, 1),
        ("short", -0.4, 7, 1),
        ("rich", 0.7, 7, 2),
        ("poor", -0.3, 7, 2),
        ("other", 0.8, 8, 1),
    ):
        (made / f"{name}.yaml").write_text(RUN.format(name=name, weight=weight, seed=seed, cash=cash))
        done = tandem(made, "backtest", f"{name}.yaml")
        assert done.returncode == 0, done.stderr
    return made


def tandem(folder, *words):
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "COLUMNS": "80"}
    env["TANDEM_CACHE_DIR"] = os.environ["TANDEM_CACHE_DIR"]
    return programs.tandem(*words, cwd=folder, env=env)


def test_months_of_runs_are_those_of_their_equity(folder):
    done = tandem(folder, "funds", "--runs", "results/long/latest", "results/short/latest", "--json")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert list(told["funds"]) == ["long", "short"]
    assert told["benchmark"]["name"] == "SPY"
    run = (folder / "results" / "long" / "latest").resolve()
    equity = pd.read_parquet(run / "equity.parquet").set_index("session")["equity"]
    equity.index = pd.DatetimeIndex(equity.index)
    ends = pd.concat(
        [pd.Series([1e6], [pd.Timestamp("2015-12-31")]), equity.groupby(equity.index.to_period("M")).last()]
    )
    wanted = (ends / ends.shift() - 1).iloc[1:]
    assert list(told["funds"]["long"]["returns"].values()) == pytest.approx(wanted.tolist(), abs=1e-12)
    assert list(told["funds"]["long"]["returns"]) == [str(month) for month in wanted.index]
    bars = pd.read_parquet(run / "features.parquet")
    close = bars["large.close"].to_numpy()
    month = pd.DatetimeIndex(bars["session"]).to_period("M")
    last = pd.Series(close, month).groupby(level=0).last()
    assert told["benchmark"]["returns"]["2016-03"] == pytest.approx(
        last["2016-03"] / last["2016-02"] - 1, abs=0.012
    )  # without the dividend
    assert min(told["benchmark"]["returns"]) == "2016-02", "the market before the first session is not in the run"
    loud = [one["text"] for one in told["notices"] if one["level"] == "loud"]
    assert loud[0].startswith("These are backtests")
    assert sum("Synthetic prices" in text for text in loud) == 1
    assert any(text.startswith("long, short: Synthetic prices") for text in loud)


def test_what_is_held_next_month_is_a_configuration_that_runs(folder):
    words = ("funds", "--runs", "results/long/latest", "results/short/latest", "--portfolio", "next.yaml", "--json")
    done = tandem(folder, *words)
    assert done.returncode == 0, done.stderr
    held = json.loads(done.stdout)["portfolio"]["next"]
    text = (folder / "next.yaml").read_text()
    assert text.startswith(f"# Weights of {held['month']}, decided by `tandem funds --runs`")
    config = load_config(folder / "next.yaml").config
    assert {name: own.weight for name, own in config.sleeves.items()} == held["weights"]
    assert held["weights"]
    assert config.rebalance == "monthly"
    for name, own in config.sleeves.items():
        assert own.params["weight"] == {"long": 0.8, "short": -0.4}[name]
    ran = tandem(folder, "backtest", "next.yaml", "--json")
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("results/long/latest", "results/long/latest"), ("one run twice", "long/")),
        (("results/nothing",), ("no such run", "results/nothing")),
        (("results/long/latest", "--benchmark", "QQQ"), ("no such column or file", "QQQ")),
    ],
)
def test_what_is_no_run_is_refused(folder, words, says):
    done = tandem(folder, "funds", "--runs", *words)
    said = " ".join(done.stderr.split())
    assert done.returncode == 2, done.stdout
    assert "Traceback" not in said
    for part in says:
        assert part in said


@pytest.fixture(scope="module")
def held(folder):
    """The one of the two that the portfolio holds, and its twin with more cash."""
    told = json.loads(tandem(folder, "funds", "--runs", "results/long", "results/short", "--json").stdout)
    (name,) = told["portfolio"]["next"]["weights"]
    return name, {"long": "rich", "short": "poor"}[name]


def test_runs_with_another_account_cannot_share_one(folder, held):
    done = tandem(folder, "funds", "--runs", *(f"results/{name}" for name in held), "--portfolio", "no.yaml")
    said = " ".join(done.stderr.split())
    assert done.returncode == 2
    assert "account.cash" in said
    assert "one account cannot have both" in said
    assert not (folder / "no.yaml").exists()


def test_one_name_for_two_markets_is_noticed(folder):
    done = tandem(folder, "funds", "--runs", "results/long", "results/other")
    assert done.returncode == 2
    assert "runs compared with SPY, SPY of other" in " ".join(done.stderr.split())
    told = json.loads(
        tandem(
            folder, "funds", "--runs", "results/long", "results/other", "--benchmark", "SPY of other", "--json"
        ).stdout
    )
    assert told["benchmark"]["name"] == "SPY of other"


def test_where_nothing_is_held_there_is_nothing_to_write(folder, held):
    (loser,) = {"long", "short"} - {held[0]}
    done = tandem(folder, "funds", "--runs", f"results/{loser}", "--portfolio", "no.yaml")
    assert done.returncode == 2
    assert "nothing is held in 2018-07" in " ".join(done.stderr.split())


def test_a_portfolio_is_made_of_runs(folder):
    words = ("funds", "long.yaml", "--unit", "percent", "--benchmark", "x", "--portfolio", "no.yaml")
    done = tandem(folder, *words)
    assert done.returncode == 2
    assert "--runs in front of run folders" in " ".join(done.stderr.split())


def test_several_files_need_runs(folder):
    done = tandem(folder, "funds", "long.yaml", "short.yaml", "--unit", "percent", "--benchmark", "x")
    assert done.returncode == 2
    assert "more than one file" in done.stderr
    assert "--runs" in done.stderr


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2016-01-04", "2016-03-31", ["2015-12", "2016-01", "2016-02", "2016-03"]),  # whole months
        ("2016-01-05", "2016-03-31", ["2016-01", "2016-02", "2016-03"]),  # the first session is missing
        ("2016-01-04", "2016-03-30", ["2015-12", "2016-01", "2016-02"]),  # the last one is
        ("2018-01-02", "2018-03-29", ["2017-12", "2018-01", "2018-02", "2018-03"]),  # Good Friday ends the month
    ],
)
def test_only_whole_months_count(first, last, months):
    days = pd.bdate_range(first, last).to_numpy().astype("M8[D]")
    worth = np.arange(len(days) + 1.0) + 100.0
    found, values = month_values(SimpleNamespace(dates=days), worth, exchange("XNYS"))
    assert [str(month) for month in found] == months
    ends = [np.flatnonzero(days.astype("M8[M]") == month)[-1] + 1 if str(month) >= first[:7] else 0 for month in found]
    assert values.tolist() == worth[ends].tolist()
