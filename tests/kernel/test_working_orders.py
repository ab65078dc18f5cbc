# SPDX-License-Identifier: Apache-2.0
"""How many orders may work, and that one which is taken back makes room for another at once."""

import numpy as np
import pytest

from engine.engines import native
from engine.errors import RunError
from engine.inputs.prepared import prepare
from engine.kernel.codes import OrderStatus
from engine.market.panel import Market
from engine.records import bar_dtype
from engine.strategy import Strategy, param
from tests.kernel.replay import settings

ROWS = 6
MANY = 1024
"""Orders, in an account of five roles: the fund replica's tests ask for the same, so that one kernel serves both."""
MODES = pytest.mark.parametrize("mode", ["interpreted", "compiled"])


class Ladder(Strategy):
    """Takes back the limits of the bar before, `times` in a bar, and sends as many again, far below the market."""

    roles = ("a", "b")

    class Params:
        rungs: int = param(64, low=1, high=5000, unit="orders", doc="sent at a time")
        times: int = param(1, low=1, high=3, unit="times", doc="a bar")

    class State:
        first: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        for _ in range(p.times):
            first = 0
            for rung in range(p.rungs):
                if s.first > 0:
                    orders.cancel(s.first + rung)
                sent = orders.limit(0, 1.0, 1.0 + 0.0001 * rung)
                if rung == 0:
                    first = sent
            s.first = first


class WideLadder(Ladder):
    roles = ("a", "b", "c", "d", "e")


class Downhill(Strategy):
    """A limit for every share it wants, all of which the second bar reaches."""

    roles = WideLadder.roles

    class Params:
        rungs: int = param(64, low=1, high=5000, unit="orders", doc="sent at once")

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            for rung in range(p.rungs):
                orders.limit(0, 1.0, 99.0 - 0.01 * rung)


def run(strategy, mode, orders=None, low=98.0, **params):
    bars = np.zeros(ROWS, bar_dtype(strategy.roles))
    bars["session"] = np.arange(ROWS) + 19_723
    bars["ts"] = bars["session"].astype("i8") * 86_400_000_000_000
    bars["days"], bars["last"] = 1, True
    for role in strategy.roles:
        for name, price in (("open", 100.0), ("high", 101.0), ("low", low), ("close", 100.0), ("volume", 1e9)):
            bars[role][name] = price
        bars[role]["split"] = bars[role]["factor"] = 1.0
    symbols = {role: role.upper() for role in strategy.roles}
    given = {"params": params, "roles": symbols, **({} if orders is None else {"account.orders": orders})}
    return native.run(prepare(settings(given), strategy, Market(bars=bars, symbols=symbols, series={})), mode)


def ladder(mode, orders=None, **params):
    return run(Ladder if orders is None else WideLadder, mode, orders, **params)


@MODES
@pytest.mark.parametrize(("orders", "rungs"), [(None, 64), (MANY, MANY)])
def test_every_order_can_be_replaced_at_every_close(mode, orders, rungs):
    result = ladder(mode, orders, rungs=rungs)
    assert len(result.orders) == rungs * ROWS
    assert (result.orders["status"] == OrderStatus.CANCELLED).sum() == rungs * (ROWS - 1)
    assert (result.orders["status"] == OrderStatus.WORKING).sum() == rungs
    assert result.orders["id"].tolist() == list(range(1, rungs * ROWS + 1))


@MODES
@pytest.mark.parametrize(("orders", "rungs"), [(None, 65), (MANY, MANY + 1)])
def test_one_more_than_the_account_allows_stops_the_run(mode, orders, rungs):
    with pytest.raises(RunError, match=rf"more than {rungs - 1} orders working.*account\.orders"):
        ladder(mode, orders, rungs=rungs)


@MODES
def test_a_decision_that_takes_back_what_it_sends_runs_out_of_places(mode):
    with pytest.raises(RunError, match=r"has sent more than 128 orders.*account\.orders"):
        ladder(mode, rungs=64, times=3)
    assert len(ladder(mode, MANY, rungs=64, times=3).orders) == 64 * 3 * ROWS


def test_a_thousand_orders_fill_in_one_bar_alike_in_both_modes():
    one, two = (run(Downhill, mode, MANY, low=80.0, rungs=1000) for mode in ("interpreted", "compiled"))
    assert (one.orders["status"] == OrderStatus.FILLED).sum() == 1000
    assert one.ledger.tobytes() == two.ledger.tobytes()
    assert one.orders.tobytes() == two.orders.tobytes()
