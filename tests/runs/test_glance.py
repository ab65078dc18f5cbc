# SPDX-License-Identifier: Apache-2.0
"""`tandem backtest` says loudly that features look ahead, on every way out, and costs little."""

import json
import os
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd
import pytest

from engine.config.loader import load_config
from engine.inputs.features import feature_table
from engine.runs import backtest as running
from engine.runs.glance import Glance
from engine.runs.look_ahead import GLANCE, LookAheadTest
from engine.strategy import Strategy
from tests import programs
from tests.strategies.honest import HONEST
from tests.strategies.leaks import LEAKS
from tests.strategies.shipped import bars_of

ROOT = Path(__file__).resolve().parents[2]

RULE = """
import numpy as np
import pandas as pd

from engine.strategy import Strategy


class Rule(Strategy):
    roles = ("small",)

    def features(self, market, p):
        close = market.small.close
        return {{"z": {z}}}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if f.z != f.z:
            return
        orders.target(0, 1.0 if f.z > 0.0 else 0.0)
"""
TOMORROW = "np.append(close[1:], close[-1:]) - close"
WEEK = """(
            pd.Series(close, pd.DatetimeIndex(market.sessions)).resample("W").last().pct_change()
            .reindex(pd.DatetimeIndex(market.sessions), method="bfill") > 0
        ).astype(float)"""
MONTH = """np.sign(
            pd.Series(close, pd.DatetimeIndex(market.sessions)).resample("MS").last().pct_change()
            .reindex(pd.DatetimeIndex(market.sessions), method="ffill")
        )"""
YESTERDAY = "np.sign(close - np.append(close[:1], close[:-1]))"
EXPANDING = "close - pd.Series(close).expanding().mean()"
FORGETFUL = "KEPT.setdefault('z', close - close.mean())[:len(close)]"

RARELY = {"day_of_the_dividend", "on_crash_days_alone", "on_a_few_days_of_december"}
"""Leaks on a few days in 25 years, which a handful of pasts need not meet; `tandem verify` finds them."""


@pytest.fixture
def case(tmp_path):
    """A folder with three years of bars, a rule and its configuration; gives the way to run the command on it."""
    days = pd.DatetimeIndex(bars_of("spread_trade", "sample").sessions[5000:5750])
    close = 100.0 * np.exp(np.cumsum(np.random.default_rng(5).normal(0.0, 0.01, len(days))))
    frame = pd.DataFrame({"date": days, "open": close, "high": close * 1.01, "low": close * 0.99, "close": close})
    frame.assign(volume=1e6).to_csv(tmp_path / "AAA.csv", index=False)
    (tmp_path / "mine.yaml").write_text(
        "name: mine\nstrategy: rule.py\nroles: {small: AAA}\ndata: {source: csv, path: ., prices: raw}\n"
        "costs: {benchmark: 0.02, dividends: false}\n"
    )

    def run(z, *words, command="backtest", before=""):
        (tmp_path / "rule.py").write_text(RULE.format(z=z).replace("\n\nclass", before + "\n\nclass", 1))
        environment = {**os.environ, "COLUMNS": "100"}
        return programs.tandem(command, tmp_path / "mine.yaml", *words, cwd=tmp_path, env=environment)

    return run


@pytest.mark.parametrize("z", [TOMORROW, WEEK, MONTH], ids=["tomorrow", "week", "month"])
def test_a_leak_is_loud_on_every_way_out(case, tmp_path, z):
    done = case(z)
    assert done.returncode == 0, done.stderr
    words = " ".join(done.stdout.split())
    assert "No live session gives these figures. See tandem verify" in words
    assert "! Look-ahead: feature z looks ahead: on 20" in words
    assert "loud notice" in done.stdout.splitlines()[0]
    (page,) = tmp_path.glob("results/mine/2*/report.html")
    assert "feature z looks ahead" in page.read_text(encoding="utf-8")
    document = json.loads(case(z, "--json").stdout)
    assert any(one["level"] == "loud" and "feature z looks ahead" in one["text"] for one in document["notices"])


@pytest.mark.parametrize(
    ("z", "before", "said"),
    [
        ("np.loadtxt('ahead.txt')[: len(close)]", "", "features read ahead.txt, where the future may stand"),
        ("pd.read_csv('ahead.txt', header=None)[0].to_numpy()[: len(close)]", "", "features read ahead.txt"),
        ("AHEAD[: len(close)]", "AHEAD = np.loadtxt('ahead.txt')\n", "features read AHEAD (ndarray of 750)"),
        ("ahead(close)", "KEPT = list(np.loadtxt('ahead.txt'))\n\n\ndef ahead(close):\n    return KEPT[: len(close)]\n",
         "features read KEPT (list of 750)"),
    ],
    ids=["numpy", "pandas", "global", "through a function"],
)  # fmt: skip
def test_what_no_past_can_judge_is_said(case, tmp_path, z, before, said):
    """Tomorrow's return out of a file is the same on every past."""
    np.savetxt(tmp_path / "ahead.txt", np.random.default_rng(1).normal(size=750))
    done = case(z, "--strict", before=before)
    assert done.returncode == 1, done.stderr
    assert said in " ".join(done.stdout.split())
    done = case(z, "--json", command="verify", before=before)
    assert done.returncode == 1, done.stderr
    document = json.loads(done.stdout)["look_ahead"]
    assert document["first_leak"] is None
    assert len(document["outside"]) == 1


def test_strict_exits_with_one(case):
    assert case(TOMORROW, "--strict").returncode == 1
    for z in (YESTERDAY, EXPANDING):
        done = case(z, "--strict")
        assert done.returncode == 0, done.stdout
        assert "ook-ahead" not in done.stdout


def test_strict_leaves_what_the_file_chooses(case):
    done = case(YESTERDAY, "--strict", "--set", "fills.at=this_close", "--set", "account.margin.kind=none")
    assert "! Same-bar fills" in done.stdout
    assert done.returncode == 0, done.stdout


def test_what_is_kept_between_calls_is_refused(case):
    """Short pasts come first, so what was kept of them is too short for the run."""
    done = case(FORGETFUL, before="KEPT = {}\n")
    assert done.returncode == 2
    assert "z" in done.stderr


DICTIONARY = """KEPT = {}


def mean_of(x):
    return KEPT.setdefault("mean", x.mean())
"""
GLOBAL = """MEAN = None


def mean_of(x):
    global MEAN
    MEAN = x.mean() if MEAN is None else MEAN
    return MEAN
"""
ARRAY = """BUFFER = np.zeros(1)


def mean_of(x):
    if BUFFER[0] == 0.0:
        BUFFER[0] = x.mean()
    return BUFFER[0]
"""
KEYED_ON_NOTHING = """import functools


class Bars:
    def __init__(self, x):
        self.x = x

    def __hash__(self):
        return 1

    def __eq__(self, other):
        return True


@functools.cache
def held(bars):
    return bars.x.mean()


def mean_of(x):
    return held(Bars(x))
"""
BY_BARS = "KEPT.setdefault(close.tobytes(), close - pd.Series(close).expanding().mean())"


@pytest.mark.parametrize(
    "before", [DICTIONARY, GLOBAL, ARRAY, KEYED_ON_NOTHING], ids=["dict", "global", "array", "key"]
)
def test_what_an_earlier_call_left_behind_is_said(case, before):
    """A mean over all bars that is kept from the first call on: every past, and the run, then has the same one."""
    done = case("close - mean_of(close)", "--strict", before=before)
    said = "what an earlier call left behind changes z: on the same bars other values"
    assert done.returncode == 1, done.stderr + done.stdout
    assert said in " ".join(done.stdout.split())
    told = case("close - mean_of(close)", "--json", command="verify", before=before)
    document = json.loads(told.stdout)["look_ahead"]
    assert (told.returncode, document["passed"], document["remembered"]) == (1, False, ["z"])


def test_what_is_kept_by_the_bars_that_it_was_made_of_is_honest(case):
    done = case(BY_BARS, "--strict", before="KEPT = {}\n")
    assert done.returncode == 0, done.stdout + done.stderr
    told = case(BY_BARS, command="verify", before="KEPT = {}\n")
    assert "keep no table outside; their file loaded anew gives the same" in " ".join(told.stdout.split())


def knowing(features):
    """A strategy with these features."""

    class Knowing(Strategy):
        roles = ("small", "large")

        def features(self, market, p):
            return features(market)

    return Knowing


def glanced(features):
    market = bars_of("vix_hedge:VixHedge", "sample")
    test = LookAheadTest(knowing(features), {}, market, GLANCE, 7)
    return test.end(feature_table(knowing(features), market, {}), np.zeros(0, np.int64))


@pytest.mark.parametrize("name", sorted(set(LEAKS) - RARELY))
def test_a_glance_finds_what_leaks_often(name):
    assert glanced(LEAKS[name]).leak is not None


@pytest.mark.parametrize("name", HONEST)
def test_a_glance_accuses_no_honest_feature(name):
    assert glanced(HONEST[name]).passed


def test_it_is_a_small_part_of_a_run(monkeypatch):
    """Of the whole command it is less than a twentieth (docs/lookahead.md); without its start and report, a fifth."""
    spent = []

    def timed(function):
        def call(*given):
            started = process_time()
            result = function(*given)
            spent.append(process_time() - started)
            return result

        return call

    monkeypatch.setattr(Glance, "__init__", timed(Glance.__init__))
    monkeypatch.setattr(Glance, "notices", timed(Glance.notices))
    ready = load_config(ROOT / "configs" / "spread_sample.yaml")
    running.backtest(ready)
    spent.clear()
    started = process_time()
    running.backtest(ready)
    assert len(spent) == 2
    assert sum(spent) < 0.2 * (process_time() - started)


def test_what_only_prepares_a_run_does_without(monkeypatch):
    """Signals, sweeps of parameters and stress prepare a run and look at nothing."""

    def refuse(*_):
        raise AssertionError("a look-ahead test on the way of a sweep")

    monkeypatch.setattr("engine.runs.glance.LookAheadTest", refuse)
    ready = load_config(ROOT / "configs" / "spread_sample.yaml")
    assert len(running.prepare(ready).sleeves) == 1
    assert running.backtest(ready, glance=False).notices == ()
    with pytest.raises(AssertionError, match="on the way of a sweep"):
        running.backtest(ready)
