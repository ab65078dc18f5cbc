# SPDX-License-Identifier: Apache-2.0
"""The data of a decision, held against what the broker has."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import DataError
from engine.paper.broker.port import DailyBar
from engine.paper.decision.account_book import Activity
from engine.paper.decision.bars import Latest, ReplayedBars, SourceBars, differences
from engine.paper.decision.decide import Decider
from engine.runs.backtest import loaded
from tests.paper.native import prepared_run


@pytest.fixture(scope="module")
def latest():
    prepared = prepared_run("configs/spread_sample.yaml", [], "2015-06-01", 20)
    return Latest(prepared, 12)


@pytest.fixture
def broker(latest):
    """What a broker has that has seen the same bars, and later ones."""
    market = latest.prepared.market
    return {
        symbol: [
            DailyBar(str(day), 1.0, 1.0, 1.0, float(close), 1.0)
            for day, close in zip(market.sessions, market.bars[role]["close"], strict=True)
        ]
        for role, symbol in market.symbols.items()
    }


def test_the_same_bars_agree(latest, broker):
    assert differences(latest, broker.__getitem__, 5, 0.0) == ()


@pytest.mark.parametrize("close", [float("nan"), 0.0, -1.0])
def test_a_close_that_is_no_price_agrees_with_nothing(latest, broker, close):
    broker["SPY"][latest.row] = replace(broker["SPY"][latest.row], close=close)
    (said,) = differences(latest, broker.__getitem__, 5, 0.5)
    assert said.startswith(f"SPY {broker['SPY'][latest.row].session}: the data has ")


def test_another_close_is_named_with_both(latest, broker):
    at = latest.row - 2
    broker["SPY"][at] = replace(broker["SPY"][at], close=broker["SPY"][at].close * 1.01)
    (said,) = differences(latest, broker.__getitem__, 5, 0.002)
    day = str(latest.prepared.market.sessions[at])
    assert said.startswith(f"SPY {day}: the data has ")
    assert "split" not in said
    assert differences(latest, broker.__getitem__, 5, 0.011) == ()
    assert differences(latest, broker.__getitem__, 2, 0.002) == ()  # not among the sessions compared


@pytest.mark.parametrize(("ratio", "words"), [(4.0, "4 for 1"), (0.1, "1 for 10")])
def test_a_split_is_recognised(latest, broker, ratio, words):
    broker["IWM"] = [replace(one, close=one.close / ratio) for one in broker["IWM"]]
    said = differences(latest, broker.__getitem__, 3, 0.002)
    assert len(said) == 3
    assert all(f"that looks like a split, {words}" in one for one in said)


@pytest.mark.parametrize("ratio", [4.0, 0.25, 1.5])
@pytest.mark.parametrize("back", [0, 2])
def test_a_split_that_both_have_is_no_difference(latest, broker, ratio, back):
    """The data have prices as traded, the broker has them continuous: the sessions before the split are compared."""
    market, at = latest.prepared.market, latest.row - back
    bars = market.bars.copy()
    bars["small"]["close"][:at] *= ratio
    bars["small"]["split"][at] = ratio
    bars["small"]["factor"][at:] *= ratio
    split = Latest(replace(latest.prepared, market=replace(market, bars=bars)), latest.row)
    assert differences(split, broker.__getitem__, 5, 1e-12) == ()
    broker["IWM"] = [
        replace(one, close=float(close)) for one, close in zip(broker["IWM"], bars["small"]["close"], strict=True)
    ]
    said = differences(split, broker.__getitem__, 5, 0.002)  # a broker that did not make its history continuous
    assert len(said) == 4 - back
    before = Latest(replace(latest.prepared, market=replace(market, bars=bars)), at - 1)
    assert differences(before, broker.__getitem__, 3, 0.0) == ()


def test_a_missing_day_is_named_on_either_side(latest, broker):
    day = broker["SPY"].pop(latest.row - 1).session
    assert differences(latest, broker.__getitem__, 5, 0.0) == (f"SPY {day}: the broker has no bar",)
    broker["SPY"].append(
        DailyBar(day, 1.0, 1.0, 1.0, latest.prepared.market.bars["large"]["close"][latest.row - 1], 1.0)
    )
    market = latest.prepared.market
    holed = replace(market, bars=np.delete(market.bars, latest.row - 1))
    shorter = Latest(replace(latest.prepared, market=holed), latest.row - 1)
    assert set(differences(shorter, broker.__getitem__, 5, 0.0)) == {
        f"{symbol} {day}: the data has no bar, the broker has one" for symbol in ("SPY", "IWM")
    }


def test_a_session_in_progress_is_not_compared(latest, broker):
    market = latest.prepared.market
    bars = market.bars.copy()
    bars["last"][latest.row] = 0
    bars["large"]["close"][latest.row] *= 1.5
    running = Latest(replace(latest.prepared, market=replace(market, bars=bars)), latest.row)
    assert differences(running, broker.__getitem__, 5, 0.0) == ()
    first = Latest(running.prepared, 0)
    bars["last"][0] = 0
    assert differences(first, broker.__getitem__, 5, 0.0) == ()


def test_a_bar_that_still_forms_is_left_out():
    bars = SourceBars(loaded("configs/spread_sample.yaml", ["period.start=2024-01-02"]))
    whole = bars.latest(2**62)
    stamp = int(whole.prepared.market.bars["ts"][whole.row])
    before = bars.latest(stamp - 1)
    assert before.row == whole.row - 1 == len(before.prepared.market) - 1
    assert before.stamp < stamp
    assert bars.latest(0) is None


def test_a_session_that_still_trades_ends_with_no_bar_of_its_file(tmp_path):
    """A file that grows within the day: its last row is not the session's, nothing is missing, and nothing compared."""
    (tmp_path / "bars").mkdir()
    opens = [f"2024-06-{day:02d} {14 + at // 2}:{30 * (at % 2):02d}" for day in (3, 4, 5) for at in range(11)]
    rows = [f"{one},100,101,99,100,1000" for one in opens[:10] + opens[11:22] + opens[22:25]]  # one is cut for good
    for name in ("A", "B"):
        (tmp_path / "bars" / f"{name}.csv").write_text("\n".join(["datetime,open,high,low,close,volume", *rows]) + "\n")
    (tmp_path / "run.yaml").write_text(
        "name: t\nstrategy: spread_trade\nroles: {large: A, small: B}\ndata: {source: csv, path: bars}\n"
        "series: {}\ncosts: {benchmark: 0.0}\n"
    )
    bars = SourceBars(loaded(str(tmp_path / "run.yaml"), []))
    closed = int(dt.datetime(2024, 6, 5, 20, tzinfo=dt.UTC).timestamp()) * 10**9
    found = {}
    for name, now in (("trading", closed - 1), ("closed", closed)):
        market = bars.latest(now).prepared.market
        texts = [one.text for one in market.notices if "ends before the session does" in one.text]
        found[name] = (market.bars["last"].tolist(), [one.count("2024-06-05") for one in texts])
    ends = [*[0] * 9, 1, *[0] * 10, 1, 0, 0]
    assert found == {"trading": ([*ends, 0], [0, 0]), "closed": ([*ends, 1], [0, 1, 0, 1])}
    running = bars.latest(closed - 1)
    days = ("2024-06-03", "2024-06-04", "2024-06-05")
    told = [DailyBar(day, 1.0, 1.0, 1.0, 100.0 if day != days[2] else 90.0, 1.0) for day in days]
    assert differences(running, lambda _: told, 5, 0.0) == ()


def test_replayed_bars_are_told_up_to_now(latest):
    bars = ReplayedBars(latest.prepared)
    stamps = latest.prepared.market.ts
    assert bars.latest(int(stamps[4])).row == 4
    assert bars.latest(int(stamps[4]) - 1).row == 3
    assert bars.latest(int(stamps[0]) - 1) is None


def test_a_run_may_begin_on_the_last_bar_that_there_is():
    """A backtest needs a bar to fill in; the first decision does not, and it is the one of a run that goes on."""
    found = []
    for given in (["period.start=2024-12-31"], ["period={start: 2024-12-31, end: 2024-12-31}"]):
        latest = SourceBars(loaded("configs/double_agent_sample.yaml", given)).latest(2**62)
        assert (latest.row, latest.prepared.market.sessions.tolist()) == (0, [dt.date(2024, 12, 31)])
        found.append(Decider(latest.prepared, "same").decide(None, Activity(1e6), latest.row))
    later = SourceBars(loaded("configs/double_agent_sample.yaml", ["period.start=2024-12-30"])).latest(2**62)
    assert later.row == 1
    assert found[0] == found[1]
    assert found[0].session == "2024-12-31"
    with pytest.raises(DataError, match="no bar in the period"):
        SourceBars(loaded("configs/double_agent_sample.yaml", ["period.start=2025-01-02"])).latest(2**62)
