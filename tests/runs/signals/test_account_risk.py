# SPDX-License-Identifier: Apache-2.0
"""What an account loses where its stops are hit, worked by hand."""

import math

import pytest

from engine.kernel.codes import OrderKind
from engine.runs.signals.account_decision import AccountOrder, AccountPosition
from engine.runs.signals.account_risk import stop_losses


def order(quantity, *, limit=math.nan, stop=math.nan, cost=0.0, symbol="X"):
    kind = OrderKind.STOP if not math.isnan(stop) else OrderKind.LIMIT
    return AccountOrder(symbol, kind, quantity, limit, stop, math.nan, False, 0.0, cost, 0.0, 0.0, 1, 0, 0, "r", "why")


def position(target, close=50.0, symbol="X"):
    return AccountPosition(symbol, close, 0.0, target, 0.0, 0.0)


def test_a_long_with_its_stop():
    """1,000 shares at 50, stop at 40, 5 of cost: 10,005."""
    (one,) = stop_losses([position(1000.0)], (order(-1000, stop=40.0, cost=5.0),))
    assert (one.shares, one.stop, one.entries, one.loss, one.bare) == (1000.0, 40.0, 0.0, 10_005.0, 0.0)


def test_a_short_whose_tiers_fill_on_the_way():
    """100 from 50, 50 from 52, 50 from 55, all bought back at 60: 1,000 and 400 and 250."""
    waiting = (order(-50, limit=52.0), order(-50, limit=55.0), order(200, stop=60.0))
    (one,) = stop_losses([position(-100.0)], waiting)
    assert (one.shares, one.entries, one.loss, one.bare) == (-200.0, -100.0, 1_650.0, 0.0)


def test_a_tier_beyond_the_stop_does_not_fill():
    (one,) = stop_losses([position(-100.0)], (order(-50, limit=61.0), order(100, stop=60.0)))
    assert (one.entries, one.loss) == (0.0, 1_000.0)


def test_a_tier_between_two_stops_fills_before_the_farther_one():
    """600 at 45 and 600 at 40 close 1,000 from 50 and 200 that were bought at 42: at 42.50, 7,500 less 100."""
    waiting = (order(200, limit=42.0), order(-600, stop=45.0), order(-600, stop=40.0))
    (one,) = stop_losses([position(1000.0)], waiting)
    assert (one.shares, one.stop, one.entries, one.loss, one.bare) == (1200.0, 42.5, 200.0, 7_400.0, 0.0)


def test_a_stop_for_half_leaves_half_bare():
    (one,) = stop_losses([position(1000.0)], (order(-500, stop=45.0, cost=4.0),))
    assert (one.shares, one.loss, one.bare) == (500.0, 2_504.0, 500.0)


def test_the_stop_of_one_sleeve_leaves_the_shares_of_another():
    """Short 183, of which 26 and two tiers of 12 are a sleeve's with a stop for 50; the other 157 have none."""
    waiting = (order(-12, limit=52.0), order(-12, limit=55.0), order(50, stop=60.0))
    (one,) = stop_losses([position(-183.0)], waiting)
    assert (one.shares, one.entries, one.loss, one.bare) == (-50.0, -24.0, 260.0 + 96.0 + 60.0, -157.0)


def test_two_stops_are_weighed_by_their_shares():
    (one,) = stop_losses([position(1000.0)], (order(-600, stop=45.0), order(-400, stop=40.0)))
    assert (one.stop, one.loss) == (43.0, pytest.approx(7_000.0))


def test_a_stop_for_more_than_is_held_closes_what_is_held():
    (one,) = stop_losses([position(400.0)], (order(-1000, stop=40.0, cost=5.0),))
    assert (one.shares, one.loss) == (400.0, 4_002.0)


@pytest.mark.parametrize(("target", "waiting"), [
    (1000.0, ()), (1000.0, (order(-1000, limit=60.0),)), (0.0, (order(100, stop=55.0),)),
    (1000.0, (order(-1000, stop=40.0, symbol="Y"),)),
    (1000.0, (order(-1000, stop=55.0),)), (-1000.0, (order(1000, stop=45.0),)),
])  # fmt: skip
def test_what_closes_nothing_is_no_stop(target, waiting):
    """No order, a limit, the stop that would open a position, another symbol's, one that the close has passed."""
    found = list(stop_losses([position(target)], waiting))
    assert [one.shares for one in found if one.shares] == []
