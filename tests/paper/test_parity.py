# SPDX-License-Identifier: Apache-2.0
"""The same orders and the same fills everywhere: native, and by the bridge through the sandbox, over 250 sessions."""

import asyncio

import numpy as np
import pytest

from engine.kernel.codes import EntryKind
from engine.paper.memory import read_memory
from engine.runs.parity import first_difference
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
