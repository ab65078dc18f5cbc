# SPDX-License-Identifier: Apache-2.0
"""The synthetic bars that benchmarks run on are bars: ordered, consistent, the same every time."""

import numpy as np
import pytest

from benchmarks.market import MINUTES_A_SESSION, daily_market, market_of, minute_market


@pytest.fixture(scope="module")
def minutes():
    return minute_market(10 * MINUTES_A_SESSION + 17, missing=("vix",))


def test_length_is_what_was_asked_for(minutes):
    assert len(minutes) == 10 * MINUTES_A_SESSION + 17
    assert len(daily_market(6300)) == 6300


def test_high_and_low_contain_open_and_close(minutes):
    for role in minutes.roles:
        bars = minutes.bars[role]
        assert (bars["low"] <= np.minimum(bars["open"], bars["close"])).all()
        assert (bars["high"] >= np.maximum(bars["open"], bars["close"])).all()
        assert (bars["low"] > 0).all()


def test_time_goes_forward_in_sessions_of_390_minutes(minutes):
    assert (np.diff(minutes.ts) > 0).all()
    assert np.flatnonzero(minutes.bars["last"])[:2].tolist() == [389, 779]
    assert minutes.bars["last"][-1] == 1
    first = minutes.bars[MINUTES_A_SESSION]
    assert first["days"] == 1
    assert np.datetime64(int(first["ts"]), "ns") == np.datetime64("2000-01-04T14:31")


def test_a_weekend_is_three_calendar_days():
    days = daily_market(6).bars["days"].tolist()
    assert days == [0, 1, 1, 1, 1, 3]  # 2000-01-03 is a Monday


def test_same_seed_same_bytes_and_another_seed_other_bytes():
    assert daily_market(50, seed=3).bars.tobytes() == daily_market(50, seed=3).bars.tobytes()
    assert daily_market(50, seed=3).bars.tobytes() != daily_market(50, seed=4).bars.tobytes()


def test_legs_move_together_and_pay_dividends_once_a_quarter():
    market = daily_market(2000)
    moves = [np.diff(np.log(market.bars[role]["close"])) for role in market.roles]
    assert 0.75 < np.corrcoef(*moves)[0, 1] < 0.95
    assert np.flatnonzero(market.bars["large"]["dividend"]).tolist() == list(range(63, 2000, 63))


def test_missing_series_are_nan_and_bars_cannot_be_written(minutes):
    assert np.isnan(minutes.vix).all()
    with pytest.raises(ValueError, match="read-only"):
        minutes.bars["ts"][0] = 0


def test_round_the_clock_bars_change_session_at_midnight():
    stamps = np.datetime64("2020-01-01T23:58") + np.arange(4) * np.timedelta64(1, "m")
    column = np.ones(4)
    table = dict.fromkeys(("open", "high", "low", "close", "volume"), column)
    market = market_of(
        stamps, stamps.astype("datetime64[D]"), {"large": table}, symbols={"large": "SPY"}, label="x", frequency="1min"
    )
    assert market.bars["last"].tolist() == [0, 1, 0, 1]
    assert market.bars["days"].tolist() == [0, 0, 1, 0]
