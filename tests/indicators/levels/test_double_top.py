# SPDX-License-Identifier: Apache-2.0
"""Double tops: worked by hand, against a search over all pairs, and on IWM."""

import csv

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from engine.errors import StrategyError
from engine.indicators import double_top, double_tops, double_tops_known
from engine.indicators.levels.double_top import WHATS
from engine.indicators.levels.pivots import swing_highs

NAN = np.nan
TINY = {"left": 1, "right": 1, "tolerance": 0.02, "depth": 0.1, "apart": 3, "span": 20, "margin": 0.01, "expiry": 6}

#   100 and 101 ┤    ╷           ╷
#               │   ╱ ╲         ╱ ╲
#               │  ╱   ╲   ╷   ╱   ╲
#            90 ┤ ╱     ╲_╱ ╲_╱     ╲
#   neckline 84 ┤        ╵
# row             0   1   2   3   4   5    6   7   8   9  10  11
HIGH = np.array([90.0, 100, 90, 85, 92, 90, 101, 95, 94, 96, 95, 94])
CLOSE = HIGH - 0.5
LOW = HIGH - 1.0


def _read(columns, row):
    return tuple(float(getattr(columns, what)[row]) for what in WHATS)


def test_a_double_top_is_known_when_its_second_top_is():
    columns = double_tops(HIGH, LOW, CLOSE, **TINY)
    assert_array_equal(columns.active, [NAN, NAN, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    assert _read(columns, 6) == pytest.approx((0, NAN, NAN, NAN, NAN), nan_ok=True)
    assert _read(columns, 7) == (1, 84, 84 - (101 - 84), 101, 1)
    assert _read(columns, 10) == (1, 84, 67, 101, 4)
    (found,) = double_tops_known(HIGH, LOW, CLOSE, 11, **TINY)
    assert (found.first_row, found.second_row, found.neckline_row, found.known_row) == (1, 6, 3, 7)
    assert (found.first, found.second, found.top, found.height, found.target) == (100, 101, 101, 17, 67)
    assert (found.end_row, found.ended) == (12, "")
    assert double_tops_known(HIGH, LOW, CLOSE, 6, **TINY) == []


@pytest.mark.parametrize(("close", "active"), [(102.01, True), (102.02, False)])
def test_a_close_above_the_tops_by_the_margin_ends_it(close, active):
    high, closes = HIGH.copy(), CLOSE.copy()
    high[9], closes[9] = 103, close
    columns = double_tops(high, LOW, closes, **TINY)
    assert columns.active[8:11].tolist() == [1, float(active), float(active)]
    (found,) = double_tops_known(high, LOW, closes, 9, **TINY)
    assert (found.end_row, found.ended) == ((10, "") if active else (9, "invalidated"))


def test_it_expires():
    columns = double_tops(HIGH, LOW, CLOSE, **TINY | {"expiry": 2})
    assert columns.active[7:].tolist() == [1, 1, 0, 0, 0]
    assert double_tops_known(HIGH, LOW, CLOSE, 8, **TINY | {"expiry": 2})[0].ended == ""
    (found,) = double_tops_known(HIGH, LOW, CLOSE, 9, **TINY | {"expiry": 2})
    assert (found.end_row, found.ended) == (9, "expired")


@pytest.mark.parametrize(
    ("rules", "found"),
    [
        ({"apart": 5}, True),
        ({"apart": 6}, False),
        ({"span": 5}, True),
        ({"span": 4}, False),
        ({"tolerance": 1.001 / 101}, True),
        ({"tolerance": 0.999 / 101}, False),
        ({"depth": 0.16}, True),  # 84 is 16 % below the lower top, 100
        ({"depth": 0.161}, False),
        ({"right": 2}, True),
        ({"left": 3}, False),  # the first top has one bar before it
    ],
)
def test_each_condition_counts(rules, found):
    assert bool(double_tops_known(HIGH, LOW, CLOSE, 11, **TINY | rules)) == found


def test_a_higher_high_between_stands_in_the_way():
    high = HIGH.copy()
    high[4] = 101.5
    found = double_tops_known(high, LOW, CLOSE, 11, **TINY | {"apart": 2, "depth": 0.13})
    assert [(one.first_row, one.second_row) for one in found] == [(1, 4)]  # and 4 with 6 has no trough of 13 %
    high[4] = 100.9  # between the two tops in height: no top stands above both
    found = double_tops_known(high, LOW, CLOSE, 11, **TINY)
    assert [(one.first_row, one.second_row) for one in found] == [(1, 4), (1, 6)]


def test_the_deepest_of_several_is_shown():
    high = np.array([60.0, 100, 60, 70, 100, 90, 80, 99.5, 90, 91, 92])  # tops at 1, 4 and 7
    bars = (high, high - 1, high - 0.5)
    found = double_tops_known(*bars, 10, **TINY | {"expiry": 20})
    assert [(one.neckline, one.known_row) for one in found] == [(59, 5), (79, 8)]
    assert double_tops(*bars, **TINY | {"expiry": 20}).neckline[8:].tolist() == [59, 59, 59]
    assert double_tops(*bars, **TINY | {"expiry": 4}).neckline[8:].tolist() == [59, 79, 79]  # it expires at row 9


def _search(high, low, rules):
    """Every pattern by the definition: for each second top the nearest first top that fits."""
    tops = swing_highs(high, rules["left"], rules["right"]).tolist()
    for place, second in enumerate(tops):
        for first in reversed(tops[:place]):
            top = max(high[first], high[second])
            trough = low[first + 1 : second].min()
            if (
                rules["apart"] <= second - first <= rules["span"]
                and abs(high[first] - high[second]) <= rules["tolerance"] * top
                and high[first + 1 : second].max() <= top
                and trough <= (1 - rules["depth"]) * min(high[first], high[second])
            ):
                yield first, second, float(trough)
                break


@pytest.mark.parametrize("left", [1, 4])
@pytest.mark.parametrize("tolerance", [0.0, 0.01, 0.08])
@pytest.mark.parametrize("depth", [0.0, 0.06])
def test_against_a_search_over_all_pairs(left, tolerance, depth, market_of):
    rules = {**TINY, "left": left, "right": 2, "tolerance": tolerance, "depth": depth, "span": 150, "expiry": 40}
    for seed in range(4):
        small = market_of(600, seed, volatility=0.02, tick=1.0).small
        found = double_tops_known(small.high, small.low, small.close, 599, **rules)
        expected = list(_search(small.high, small.low, rules))
        assert [(one.first_row, one.second_row, one.neckline) for one in found] == expected
        assert all(small.low[one.neckline_row] == one.neckline for one in found)
        assert all(one.first_row < one.neckline_row < one.second_row for one in found)
        assert expected


def test_columns_show_the_deepest_that_the_list_has_standing(market_of):
    small = market_of(500, 9, volatility=0.02).small
    rules = {**TINY, "tolerance": 0.03, "span": 200, "expiry": 60}
    columns = double_tops(small.high, small.low, small.close, **rules)
    for row in range(2, 500, 7):
        standing = [one for one in double_tops_known(small.high, small.low, small.close, row, **rules) if not one.ended]
        assert columns.active[row] == bool(standing)
        if standing:
            deepest = max(standing, key=lambda one: (one.height, one.known_row))
            expected = (1, deepest.neckline, deepest.target, deepest.top, row - deepest.second_row)
            assert _read(columns, row) == expected
        else:
            assert np.isnan(_read(columns, row)[1:]).all()
    assert columns.active[2:].min() == 0
    assert columns.active[2:].max() == 1


def test_one_pass_gives_what_the_name_gives(market_of):
    small = market_of(400, 2, volatility=0.02).small
    bars = [values.copy() for values in (small.high, small.low, small.close)]
    bars[2][170] = NAN
    columns = double_tops(*bars, **TINY)
    for what in WHATS:
        assert_array_equal(getattr(columns, what), double_top(*bars, what=what, **TINY))


def test_the_list_is_as_it_was_known_and_starts_anew_after_a_gap(market_of):
    small = market_of(400, 3, volatility=0.02).small
    bars = [small.high.copy(), small.low.copy(), small.close.copy()]
    for row in (0, 2, 50, 200, 399):
        known = double_tops_known(*(values[: row + 1] for values in bars), row, **TINY)
        assert double_tops_known(*bars, row, **TINY) == known
    bars[0][99] = NAN
    assert double_tops_known(*bars, 99, **TINY) == []
    after = double_tops_known(*(values[100:] for values in bars), 200, **TINY)
    found = double_tops_known(*bars, 300, **TINY)
    assert [one.neckline for one in found] == [one.neckline for one in after]
    for field in ("first_row", "second_row", "neckline_row", "known_row", "end_row"):
        assert [getattr(one, field) for one in found] == [100 + getattr(one, field) for one in after]
    assert found


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda x: double_tops_known(x, x, x, 10), r"double_tops_known\.row: no such row; found 10; allowed: 0 to 9"),
        (lambda x: double_tops(x, x, x, what="top"), r"double_tops\.what: all that it says"),
        (lambda x: double_tops(x, x, x, dept=1), "did you mean 'depth'"),
        (lambda x: double_tops(x, x, x[:3]), "must be equally long"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(StrategyError, match=message):
        call(np.ones(10))


def test_the_tops_of_2021_and_2024_on_iwm(real_data):
    """Highs of 244.46 on 2021-11-08 and 244.98 on 2024-11-25, the low of 161.67 on 2023-10-27 between them."""
    with (real_data / "daily" / "IWM.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = [row["date"] for row in rows]
    bars = [np.array([float(row[name]) for row in rows]) for name in ("high", "low", "close")]
    known = days.index("2024-12-10")  # ten sessions after the second top
    found = double_tops_known(*bars, known)[-1]
    assert (days[found.first_row], days[found.second_row]) == ("2021-11-08", "2024-11-25")
    assert (days[found.neckline_row], days[found.known_row], found.ended) == ("2023-10-27", "2024-12-10", "")
    assert found.neckline == pytest.approx(161.67, abs=0.01)
    assert found.target == pytest.approx(2 * 161.67 - 244.98, abs=0.02)
    assert not [one for one in double_tops_known(*bars, known - 1) if days[one.second_row] == "2024-11-25"]
    columns = double_tops(*bars)
    assert columns.neckline[known] == found.neckline
    assert columns.neckline[days.index("2025-04-08")] == found.neckline  # the sell-off of April 2025 stopped above it
    last = double_tops_known(*bars, days.index("2025-10-31"))
    ended = next(one for one in last if one.second_row == found.second_row)
    assert (days[ended.end_row], ended.ended) == ("2025-10-14", "invalidated")  # the first close 1 % above the tops
