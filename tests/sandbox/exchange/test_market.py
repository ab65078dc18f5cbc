# SPDX-License-Identifier: Apache-2.0
"""What clients see of the market: history up to now and never beyond, hours, bars walked in legs."""

import numpy as np
import pytest

from engine.market.calendar import exchange
from engine.market.panel import Market
from engine.records import bar_dtype
from engine.sandbox.exchange.history import history
from engine.sandbox.exchange.hours import hours_around
from engine.sandbox.tickets import BarClosed, BarForming, Contract, HistoryQuery, OrderKey, Tick
from engine.sandbox.venue import Refused
from tests.sandbox.stage import CLOSE, DAY, FIRST_SESSION, FLAT, Stage, replay

RISING = [(100.0 + row, 104.0 + row, 97.0 + row, 101.0 + row) for row in range(12)]
MINUTE = 60 * 10**9


def asked(stage, count, unit, bar="1 day", what="TRADES", end=None):
    return stage.exchange.history(HistoryQuery(stage.contract().con_id, end, count, unit, bar, what, True))


def test_history_ends_with_the_last_bar_that_has_closed():
    stage = Stage(RISING)
    assert [bar.close for bar in asked(stage, 5, "D")] == [101.0]
    stage.exchange.step()
    stage.exchange.step()
    assert [bar.close for bar in asked(stage, 5, "D")] == [101.0, 102.0, 103.0]
    assert [bar.close for bar in asked(stage, 2, "D")] == [102.0, 103.0]
    earlier = asked(stage, 1, "D", end=(FIRST_SESSION + 1) * DAY + CLOSE)
    assert [(bar.session, bar.open, bar.high, bar.low, bar.close, bar.volume) for bar in earlier] == [
        (FIRST_SESSION + 1, 101.0, 105.0, 98.0, 102.0, 1e6)
    ]


def test_longer_bars_are_made_of_the_days():
    stage = Stage(RISING)
    while stage.exchange.step():
        pass
    weeks = asked(stage, 1, "M", "1 week")
    assert [(bar.open, bar.high, bar.low, bar.close) for bar in weeks] == [
        (100.0, 107.0, 97.0, 104.0),  # four days: 2024-01-02 was a Tuesday
        (104.0, 112.0, 101.0, 109.0),
        (109.0, 115.0, 106.0, 112.0),
    ]
    assert len(asked(stage, 1, "Y", "1 month")) == 1


def test_what_there_is_not_is_refused_as_the_broker_refuses_it():
    stage = Stage(RISING)
    with pytest.raises(Refused, match=r"162: .*HMDS query returned no data: X@SMART Trades"):
        asked(stage, 1, "D", end=FIRST_SESSION * DAY)
    with pytest.raises(Refused, match=r"162: .*bars of 5 mins cannot be made of bars of 1 day"):
        asked(stage, 1, "D", "5 mins")
    with pytest.raises(Refused, match="200"):
        stage.exchange.history(HistoryQuery(1, None, 1, "D", "1 day", "TRADES", True))


def test_history_is_continuous_over_splits_and_dividends_up_to_now_alone():
    bars = [FLAT, (100.0, 100.0, 100.0, 100.0, 2.0, 1.0), (50.0, 50.0, 50.0, 50.0, 0.0, 2.0)]
    stage = Stage(bars)
    stage.exchange.step()
    assert [bar.close for bar in asked(stage, 5, "D")] == [100.0, 100.0]
    assert [bar.close for bar in asked(stage, 5, "D", what="ADJUSTED_LAST")] == [98.0, 100.0]
    stage.exchange.step()
    assert [bar.close for bar in asked(stage, 5, "D")] == [50.0, 50.0, 50.0]
    assert [bar.volume for bar in asked(stage, 5, "D")] == [2e6, 2e6, 1e6]
    assert [bar.close for bar in asked(stage, 5, "D", what="ADJUSTED_LAST")] == [49.0, 50.0, 50.0]


def minutes(count=6, length=5):
    table = np.zeros(2 * count, bar_dtype(("x",)))
    for row in range(2 * count):
        day, slot = divmod(row, count)
        table[row] = ((FIRST_SESSION + day) * DAY + CLOSE - (count - 1 - slot) * length * MINUTE, FIRST_SESSION + day,
                      int(slot == 0), int(slot == count - 1), (100.0 + row, 102.0 + row, 99.0 + row, 101.0 + row, 10.0,
                      0.0, 1.0, 1.0))  # fmt: skip
    return Market(table, {"x": "X"}, frequency=f"{length}min")


def test_of_intraday_bars_history_is_their_own_or_longer_and_begins_each_where_it_began():
    market = minutes()

    def bars(count, unit, bar):
        return history(market, 0, HistoryQuery(0, None, count, unit, bar, "TRADES", True))

    own = bars(600, "S", "5 mins")
    assert [(bar.time, bar.close) for bar in own] == [
        (int(market.ts[-2]) - 5 * MINUTE, 111.0), (int(market.ts[-1]) - 5 * MINUTE, 112.0),
    ]  # fmt: skip
    assert [(bar.open, bar.close, bar.volume) for bar in bars(1, "D", "15 mins")] == [
        (106.0, 109.0, 30.0), (109.0, 112.0, 30.0),
    ]  # fmt: skip
    assert [(bar.open, bar.high, bar.close) for bar in bars(2, "D", "1 day")] == [
        (100.0, 107.0, 106.0), (106.0, 113.0, 112.0),
    ]  # fmt: skip
    with pytest.raises(Refused, match="cannot be made of bars of 5 mins"):
        bars(1, "D", "1 min")


def test_hours_name_sessions_and_days_without():
    stage = Stage(RISING)
    stage.exchange.step()
    listing = stage.exchange.contracts(Contract(0, "X"))[0]
    assert listing.liquid_hours.split(";")[:4] == [
        "20240103:0930-20240103:1600", "20240104:0930-20240104:1600", "20240105:0930-20240105:1600", "20240106:CLOSED",
    ]  # fmt: skip
    assert listing.trading_hours.startswith("20240103:0400-20240103:2000")
    assert stage.exchange.first_bar(listing.contract.con_id) == FIRST_SESSION * DAY + CLOSE - 390 * MINUTE


def test_a_walked_bar_is_seen_leg_by_leg_and_closes_as_it_was():
    stage = Stage(RISING, seed=7)
    assert stage.exchange.market.clock.row == 3, "the first bar has closed"
    for _ in range(4):
        stage.exchange.step()
    bars = [one for one in stage.heard if isinstance(one, BarClosed | BarForming)]
    assert [type(one) for one in bars] == [BarForming, BarForming, BarForming, BarClosed]
    closed = bars[-1].bar
    assert (closed.open, closed.high, closed.low, closed.close, closed.volume) == (101.0, 105.0, 98.0, 102.0, 1e6)
    assert {one.bar.time for one in bars} == {closed.time}
    lasts = [one.last for one in stage.told(Tick)]
    assert (lasts[0], lasts[3]) == (101.0, 102.0)
    assert sorted(lasts[1:3]) == [98.0, 105.0]


def test_the_way_of_a_walked_bar_is_thrown_by_the_seed():
    def way(seed):
        stage = Stage(RISING, seed=seed)
        while stage.exchange.step():
            pass
        return [one.last for one in stage.told(Tick)]

    assert way(1) == way(1)
    assert way(1) != way(2)


def test_on_the_way_limits_and_stops_fill_where_the_path_meets_them():
    stage = Stage([FLAT, (100.0, 104.0, 97.0, 101.0), FLAT], seed=3)
    stage.place(1, "BUY", 10, "LMT", limit=98.5, tif="GTC")
    stage.place(2, "BUY", 10, "STP", aux=103.0, tif="GTC")
    stage.place(3, "BUY", 10, "MOC")
    market = stage.place(4, "BUY", 10)
    stage.exchange.step()
    assert stage.fills() == [(10.0, 100.0)]
    assert stage.statuses(market)[-1] == "Filled"
    assert stage.statuses(OrderKey(1, 1))[-1] == "Submitted", "the session runs"
    stage.exchange.step_bar()
    assert sorted(stage.fills()) == [(10.0, 98.5), (10.0, 100.0), (10.0, 101.0), (10.0, 103.0)]
    assert stage.fills()[-1] == (10.0, 101.0)


def test_overnight_comes_once_in_a_walked_bar():
    bars = [FLAT, FLAT, (50.0, 50.0, 50.0, 50.0, 1.0, 2.0), (50.0, 50.0, 50.0, 50.0)]
    for seed in (None, 1):
        stage = Stage(bars, seed=seed)
        stage.place(1, "BUY", 10)
        while stage.exchange.step():
            pass
        assert stage.value("TotalCashValue") == 100_000 - 1_000 + 20
        assert stage.value("NetLiquidation") == 100_020.0


def test_a_volume_that_nobody_knows_is_written_as_the_broker_does():
    for seed in (None, 1):
        bars = replay({"X": RISING})
        bars.market.bars[".X"]["volume"] = np.nan
        stage = Stage(bars, seed=seed)
        stage.exchange.step_bar()
        assert {bar.volume for bar in asked(stage, 5, "D")} == {-1.0}
        assert stage.told(BarClosed)[-1].bar.volume == -1.0
        assert stage.told(Tick)[-1].volume == -1.0


def test_hours_are_those_of_the_exchange_with_its_half_days_and_holidays():
    day = int(np.datetime64("2024-07-02").astype("datetime64[D]").astype(int))
    trading, liquid = hours_around(exchange(), day)
    assert liquid.split(";")[:4] == [
        "20240702:0930-20240702:1600", "20240703:0930-20240703:1300", "20240704:CLOSED", "20240705:0930-20240705:1600",
    ]  # fmt: skip
    assert trading.split(";")[:3] == ["20240702:0400-20240702:2000", "20240703:0400-20240703:1700", "20240704:CLOSED"]


def test_a_holiday_after_the_last_bar_is_known():
    stage = Stage({"X": [FLAT] * 7})
    while stage.exchange.step_bar():
        pass
    days = stage.exchange.contracts(Contract(0, "X"))[0].liquid_hours.split(";")
    assert days[0].startswith("20240110:0930"), "the last of the replay"
    assert days[5] == "20240115:CLOSED", "a Monday, and a holiday"


def half_hours():
    """Two sessions of half-hour bars that end from 14:00 to 22:00 UTC: the regular ones end from 15:00 to 21:00."""
    ends = [hour * 60 + minute for hour in range(14, 23) for minute in (0, 30)][:-1]
    table = np.zeros(2 * len(ends), bar_dtype(("x",)))
    for row in range(len(table)):
        day, slot = divmod(row, len(ends))
        table[row] = ((FIRST_SESSION + day) * DAY + ends[slot] * MINUTE, FIRST_SESSION + day, int(slot == 0),
                      int(slot == len(ends) - 1), (100.0 + slot, 100.0 + slot, 100.0 + slot, 100.0 + slot, 10.0, 0.0,
                      1.0, 1.0))  # fmt: skip
    return Market(table, {"x": "X"}, frequency="30min")


@pytest.mark.parametrize(("regular", "opens", "closes", "bars"), [(True, 102.0, 114.0, 13), (False, 100.0, 116.0, 17)])
def test_regular_hours_leave_out_what_traded_before_and_after(regular, opens, closes, bars):
    def asked(bar, count=1):
        return history(half_hours(), 0, HistoryQuery(0, None, count, "D", bar, "TRADES", regular))

    own = asked("30 mins")
    assert (len(own), own[0].open, own[-1].close) == (bars, opens, closes)
    (whole,) = asked("1 day")
    assert (whole.open, whole.close, whole.volume) == (opens, closes, 10.0 * bars)
    assert len(asked("30 mins", 2)) == 2 * bars
    assert asked("1 hour")[0].time == own[0].time, "hours are counted from the first bar that is told"


def test_outside_regular_hours_alone_there_is_no_data():
    market = half_hours()
    with pytest.raises(Refused, match="no data"):
        history(market.head(2), 0, HistoryQuery(0, None, 1, "D", "30 mins", "TRADES", True))


@pytest.mark.parametrize("seed", [None, 7])
def test_time_never_runs_backwards(seed):
    stage, seen = Stage(RISING, seed=seed), []
    for seconds in (1.0, 40.0 * 3600.0, 1.0):
        stage.exchange.tick({"X": 101.0}, seconds=seconds)
        seen.append(stage.exchange.now)
        stage.exchange.step()
        seen.append(stage.exchange.now)
    assert seen == sorted(seen)
    assert [one.time for one in stage.told(Tick)] == sorted(one.time for one in stage.told(Tick))
