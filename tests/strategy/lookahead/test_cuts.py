# SPDX-License-Identifier: Apache-2.0
"""Where pasts end: at changes, period ends, extremes and events, within a bound."""

import numpy as np

from engine.market.panel import Market
from engine.records import bar_dtype
from engine.strategy.lookahead.cuts import (
    changes,
    choose_cuts,
    events,
    extremes,
    period_ends,
    seen_kinds,
    spread_kinds,
    take,
)


def _market(sessions, a_session=1):
    bars = np.zeros(len(sessions) * a_session, bar_dtype(("small",)))
    bars["session"] = np.repeat(np.array(sessions, "datetime64[D]").astype(int), a_session)
    bars["small"]["close"], bars["small"]["factor"], bars["small"]["split"] = 100.0, 1.0, 1.0
    return Market(bars=bars, symbols={"small": "IWM"})


def test_cuts_are_sorted_unique_inside_and_reproducible():
    cuts = choose_cuts(1000, seed=4, count=50, episodes=[0, 500, 999])
    assert list(cuts) == sorted(set(cuts))
    assert {1, 2, 500, 501, 502, 999} <= set(cuts)
    assert cuts[0] >= 1
    assert cuts[-1] <= 999
    assert cuts == choose_cuts(1000, seed=4, count=50, episodes=[0, 500, 999])
    assert cuts != choose_cuts(1000, seed=5, count=50, episodes=[0, 500, 999])
    assert choose_cuts(0) == choose_cuts(1) == ()
    assert choose_cuts(2) == (1,)


def test_the_last_rows_of_periods():
    """Thursday to Wednesday over a weekend, a month's, a quarter's and a year's end."""
    ends = period_ends(_market(["2009-12-30", "2009-12-31", "2010-01-04", "2010-01-05", "2010-02-01"]))
    assert {name: rows.tolist() for name, rows in ends.items()} == {
        "week": [1, 3],
        "month": [1, 3],
        "quarter": [1],
        "year": [1],
    }


def test_intraday_bars_have_ends_of_sessions():
    ends = period_ends(_market(["2010-01-04", "2010-01-05"], a_session=3))
    assert ends["session"].tolist() == [2]
    assert len(ends["week"]) == 0


def test_changes_are_those_of_a_steady_feature():
    assert changes(np.array([np.nan, np.nan, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0])).tolist() == [2, 5]
    assert len(changes(np.arange(50.0))) == 0
    assert len(changes(np.zeros(0))) == 0


def test_extremes_are_highs_lows_and_jumps():
    values = np.array([np.nan, 0.0, 0.1, 9.0, 9.2, 4.0, 3.9, -7.0, -7.1, np.inf])
    assert extremes(values, 1).tolist() == [4, 7, 8]
    assert len(extremes(np.full(3, np.nan))) == 0


def test_events_are_moves_splits_and_dividends():
    market = _market(np.datetime64("2010-01-04") + np.arange(20))
    market.bars["small"]["close"][7:] = 80.0
    market.bars["small"]["split"][12] = 2.0
    market.bars["small"]["dividend"][15] = 0.5
    assert {7, 12, 15} <= set(events(market, 1).tolist())


def test_features_name_their_kinds():
    kinds = seen_kinds({"flag": np.repeat([0.0, 1.0], 10)})
    assert kinds["change of flag"] == [10, 11, 12]
    assert "extreme of flag" in kinds


def test_cuts_are_taken_by_turns_within_the_bound():
    kinds = {"a": [5, 6, 7, 8], "b": [90, 91], "c": [5, 0, 100, 50]}
    assert take(kinds, 100, count=4, bars=1000, each=9) == (5, 6, 90, 91)
    assert take(kinds, 100, count=9, bars=1000, each=1) == (5, 90)
    assert take(kinds, 100, count=9, bars=70, each=9) == (5, 6, 7, 50)
    assert take({}, 100, count=9, bars=70, each=9) == ()


def test_a_kind_is_taken_from_its_beginning_and_from_all_over():
    order = spread_kinds({"a": list(range(1, 101))}, 3)["a"]
    assert order[::2] == list(range(1, 101))
    assert sorted(order[1::2]) == list(range(1, 101))
    assert order[1::2] != order[::2]
    assert order == spread_kinds({"a": list(range(1, 101))}, 3)["a"]
