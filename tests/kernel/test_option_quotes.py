# SPDX-License-Identifier: Apache-2.0
"""What `orders` quotes is what an order fills at when it fills at that close."""

import math
from typing import ClassVar

import numpy as np
import pytest

from engine.engines import native
from engine.errors import StrategyError
from engine.inputs.prepared import prepare
from engine.kernel.codes import EntryKind
from engine.strategy import PUT, Strategy
from tests.kernel.option_desk import COLUMNS, PLAIN_OPTIONS, draw
from tests.kernel.replay import settings

ONE, UNDECLARED = 0, 2
COSTS = {
    "skew": 0.5,
    "dividend_yield": 0.013,
    "multiplier": 10,
    "spread": {"premium": 0.02, "vega": 0.005, "least": 0.01},
}
FLAT = [100.0] * 4


class Quoted(Strategy):
    """Remembers the quotes of one bar, buys there, sells two bars later."""

    roles = ("a", "b")
    series = (*COLUMNS, "iv")
    options: ClassVar = {"one": "a"}

    class Params:
        strike: float = 95.0
        days: float = 30.0
        right: int = PUT

    class State:
        ask: float = 0.0
        bid: float = 0.0
        delta: float = 0.0
        later: float = 0.0
        multiplier: float = 0.0

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 1:
            expiry = bar.session + p.days
            s.ask = orders.option_quote(ONE, 2, p.right, p.strike, expiry)
            s.bid = orders.option_quote(ONE, -2, p.right, p.strike, expiry)
            s.delta = orders.option_delta(ONE, p.right, p.strike, expiry)
            s.multiplier = account.multiplier
            orders.option(ONE, 2, p.right, p.strike, expiry)
        if account.t == 2 and account.one.qty > 0.0:
            s.later = orders.option_quote(ONE, -2, account.one.right, account.one.strike, account.one.expiry)
            orders.close_option(ONE)


class Undeclared(Quoted):
    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        slot = UNDECLARED if p.days == 70.0 else ONE
        s.ask = orders.option_quote(slot, 1, p.right, p.strike, bar.session + p.days)


def run(market, mode="interpreted", owner=Quoted, costs=COSTS, **params):
    options = {**PLAIN_OPTIONS["options"], **costs}
    given = {**PLAIN_OPTIONS, "strategy": "tests.kernel.test_option_quotes:Quoted", "options": options}
    config = settings({**given, "params": params, "fills.at": "this_close", "costs.benchmark": 0.03})
    return native.run(prepare(config, owner, market), mode)


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
def test_the_quote_of_a_close_is_its_fill(mode):
    result = run(draw([], [100, 97, 91, 90.0], iv=[20, 35, 60, 40.0]), mode)
    bought, sold = result.ledger[result.ledger["kind"] == EntryKind.OPTION_FILL]
    (mark,) = result.marks
    half = bought["slippage"] / 20
    assert half > 0.01
    assert bought["price"] == result.state["ask"] == mark["price"] + half
    assert result.state["bid"] == pytest.approx(mark["price"] - half, abs=1e-12)
    assert result.state["delta"] == mark["delta"] < 0.0
    assert sold["price"] == result.state["later"]
    assert result.state["multiplier"] == 10.0


def test_nothing_is_quoted_below_zero():
    costs = {**COSTS, "spread": {"premium": 0.0, "vega": 0.0, "least": 5.0}}
    state = run(draw([], FLAT, iv=20), costs=costs, strike=50.0).state
    assert state["bid"] == 0.0
    assert state["ask"] == pytest.approx(5.0, abs=0.001)


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
@pytest.mark.parametrize(
    ("iv", "days"), [([20, np.nan, 20, 20], 30.0), ([20, 0.0, 20, 20], 30.0), (20, 0.0), (20, -5.0)]
)
def test_without_a_volatility_or_time_there_is_no_quote(mode, iv, days):
    result = run(draw([], FLAT, iv=iv), mode, days=days)
    assert all(math.isnan(result.state[name]) for name in ("ask", "bid", "delta"))
    assert (result.ledger["kind"] == EntryKind.OPTION_FILL).sum() == 0


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"strike": 0.0}, "needs a strike above 0, CALL or PUT"),
        ({"right": 3}, "needs a strike above 0, CALL or PUT"),
        ({"days": 1e7}, "a session's number"),
        ({"days": 70.0}, "does not declare"),
    ],
)
def test_a_quote_of_nothing_stops_the_run(mode, given, words):
    with pytest.raises(StrategyError, match=words):
        run(draw([], FLAT), mode, Undeclared, **given)
