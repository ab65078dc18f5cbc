# SPDX-License-Identifier: Apache-2.0
"""The same orders and the same fills everywhere: native, and by the bridge through the sandbox, over 250 sessions."""

import asyncio

import numpy as np
import pytest

from engine.kernel.codes import EntryKind, OrderKind
from engine.paper.memory import read_memory
from engine.runs.verify.parity import first_difference
from tests.paper.native import NativeRun, check_sent, prepared_run

pytest.importorskip("ib_async", reason="the extra `paper` is not installed")

RUNS = {
    "spread": ("configs/spread_sample.yaml", [], "2015-06-01"),
    "double_agent": ("configs/double_agent_sample.yaml", [], "2017-01-03"),
    "vix_hedge": ("configs/vix_hedge_sample.yaml", [], "2008-01-03"),
}


def native_fills(run: NativeRun) -> list[tuple[str, float, float, int]]:
    """(symbol, signed shares, price, stamp) of every fill, in the ledger's order."""
    symbols, stamps = list(run.prepared.market.symbols.values()), run.prepared.market.bars["ts"]
    return [
        (symbols[one["role"]], float(one["qty"]), float(one["price"]), int(stamps[one["t"]]))
        for one in run.ledger[run.ledger["kind"] == EntryKind.FILL]
    ]


@pytest.mark.parametrize("name", RUNS)
def test_orders_and_fills_are_those_of_the_native_run(name, tmp_path):
    from tests.paper.sandboxed import Sandboxed

    config, given, start = RUNS[name]
    house = Sandboxed(tmp_path, config, [*given, "fills.participation=null"], start, 250)
    fills = asyncio.run(house.run())
    run = NativeRun(house.prepared)
    decisions = [report.decision for report in house.reports]
    check_sent(run, decisions)
    assert [(one.symbol, one.quantity, one.price, one.time) for one in fills] == native_fills(run)
    cash = [read_memory(made.memory).book["cash"] for made in decisions]
    assert np.array_equal(cash, run.points["cash"])  # to the bit, the broker's own figure
    equity = [read_memory(made.memory).book["equity"] for made in decisions]
    assert np.array_equal(equity, run.points["equity"])
    assert house.halts == ()


def test_stops_beside_a_position_that_grows_leave_the_same_fills(tmp_path):
    """A stop for more than is held waits for the shares and is decided anew at the close: the fills are the same."""
    from tests.paper.sandboxed import Sandboxed

    given = ["params.leg_stop=6", "fills.participation=null"]
    house = Sandboxed(tmp_path, "configs/spread_sample.yaml", given, "2015-06-01", 120)
    fills = asyncio.run(house.run())
    assert [(one.symbol, one.quantity, one.price, one.time) for one in fills] == native_fills(NativeRun(house.prepared))


TRAILS = """
from engine import Strategy

class Trails(Strategy):
    roles = ("x",)

    class State:
        n: int = 0
        guard: int = 0
        other: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        close, phase = bar.x.close, s.n % 12
        if phase == 0:
            entry = orders.market(0, 100)
            if s.n % 24 == 0:
                s.guard = orders.attach(orders.trail(0, -100, close * 0.03), entry)
            else:
                s.guard = orders.trailing_stop_percent(entry, 0.025)
        if phase == 2 and orders.working(s.guard):
            orders.move(s.guard, close * 0.985)
        if phase == 4 and orders.working(s.guard):
            s.other = orders.limit(0, -account.x.qty, close * 1.02)
            orders.oco(s.guard, s.other)
        if phase == 6 and orders.working(s.guard):
            orders.move(s.guard, close * 0.99)
        if phase == 7:
            orders.cancel_all(0)
            orders.target_quantity(0, 100)
        if phase == 8 and account.x.qty > 0:
            s.guard = orders.trail(0, -account.x.qty, close * 0.02)
            orders.reduce_only(s.guard)
            orders.move(s.guard, close * 0.988)
        if phase == 11:
            orders.close(0)
        s.n += 1
"""


def both_ways(folder, code):
    """The house of the bridge, the native run and the decisions of a strategy; its fills are the same in both."""
    from tests.paper.sandboxed import Sandboxed, written

    house = Sandboxed(folder, written(folder, code), [], "2008-09-02", 96)
    fills = asyncio.run(house.run())
    run = NativeRun(house.prepared)
    assert [(one.symbol, one.quantity, one.price, one.time) for one in fills] == native_fills(run)
    return house, run, [report.decision for report in house.reports]


def test_trailing_stops_moved_bound_and_moved_at_once_are_those_of_the_native_run(tmp_path):
    house, run, decisions = both_ways(tmp_path, TRAILS)
    check_sent(run, decisions)
    trailing = {OrderKind.TRAIL, OrderKind.TRAIL_PERCENT}
    filled = run.orders[np.isin(run.orders["kind"], list(trailing)) & (run.orders["filled"] != 0.0)]
    assert set(filled["kind"]) == trailing
    sent = [one for made in decisions for one in made.send if one.kind in trailing]
    assert {one.ref[-2:] for one in sent if one.stop is not None} >= {"a0", "a1", "a2"}
    assert [verdict for report in house.reports for verdict in report.verdicts if verdict.outcome == "refuse"] == []
    cash = [read_memory(made.memory).book["cash"] for made in decisions]
    assert np.array_equal(cash, run.points["cash"])
    assert house.halts == ()


TURNS = """
from engine import Strategy

class Turns(Strategy):
    roles = ("x",)

    class State:
        n: int = 0
        side: float = 1.0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n % 3 == 0:
            entry = orders.target_quantity(0, 500 * s.side)
            stop = orders.stop(0, -1000 * s.side, bar.x.close * (1.0 - 0.04 * s.side))
            gain = orders.limit(0, -1000 * s.side, bar.x.close * (1.0 + 0.06 * s.side))
            orders.oco(orders.attach(stop, entry), orders.attach(gain, entry))
            s.side = -s.side
        s.n += 1
"""


def test_a_stop_of_a_turned_position_closes_it_and_turns_nothing(tmp_path):
    """Every order turns 500 shares into 500 of the other side; its stop and its target are for 500, not for 1,000."""
    house, run, decisions = both_ways(tmp_path, TURNS)
    entries = {one.ref: one for made in decisions for one in made.send if not one.parent}
    children = [one for made in decisions for one in made.send if one.parent]
    turning = [one for one in children if abs(entries[one.parent].quantity) == 1000.0]
    assert len(turning) > 20
    assert {abs(one.quantity) for one in children} == {500.0}
    fired = run.orders[np.isin(run.orders["kind"], (OrderKind.STOP, OrderKind.LIMIT)) & (run.orders["filled"] != 0.0)]
    assert set(fired["kind"]) == {OrderKind.STOP, OrderKind.LIMIT}
    assert set(np.abs(fired["filled"])) == {500.0}
    assert house.halts == ()


@pytest.mark.parametrize("name", RUNS)
def test_backtrader_has_the_same_fills_over_the_same_sessions(name):
    """The third way to run them; `tandem verify` does the same over the whole period."""
    pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")
    from engine.engines import native
    from engine.engines.backtrader import engine as backtrader

    config, given, start = RUNS[name]
    prepared = prepared_run(config, [*given, "fills.participation=null"], start)
    difference = first_difference(native.run(prepared, "interpreted"), backtrader.run(prepared))
    assert difference is None, difference
