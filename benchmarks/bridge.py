# SPDX-License-Identifier: Apache-2.0
"""The bridge on the sandbox, over a real socket in one process: how soon the first order goes out, what orders cost."""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import ROOT, run_process, spread

if TYPE_CHECKING:
    from engine.config.loader import LoadedConfig
    from engine.inputs.prepared import Prepared
    from engine.paper.bridge import Bridge
    from engine.paper.instructions import Decision
    from engine.sandbox.exchange.exchange import Exchange

CONFIG = ROOT / "configs" / "spread_sample.yaml"
START = "2015-06-01"  # the spread trade decides two orders at this close
CLIENT, LOOPBACK = 17, "127.0.0.1"
ORDERS, BATCH, POINTS = 10_000, 50, 10
LIMIT = 1_800.0  # seconds


def measure(orders: int = ORDERS, repeats: int = 9) -> dict[str, Any]:
    """Seconds and megabytes.

    first_order_s  from a new bridge to the broker's word on two orders: connect, compare, decide, judge, send
    orders_s       of so many orders, each judged, asked for its margin, journalled, sent, filled and counted
    order_ms       the same for one
    resident_mb    of the whole process, bridge and sandbox, after each tenth of them
    growth_mb      the most after the first fifth, over what it was then
    """
    command = (sys.executable, "-m", "benchmarks.bridge", "--orders", orders, "--repeats", repeats)
    printed = run_process([str(word) for word in command], {"PYTHONPATH": str(ROOT)}, LIMIT)[1]
    figures: dict[str, Any] = json.loads(printed)
    resident = [size / 2**20 for size in figures["resident"]]
    return {
        "orders": orders,
        "first_order_s": spread(figures["first"]),
        "orders_s": figures["seconds"],
        "order_ms": 1e3 * figures["seconds"] / orders,
        "fills": figures["fills"],
        "resident_mb": " ".join(f"{size:.1f}" for size in resident),
        "growth_mb": max(resident[POINTS // 5 :]) - resident[POINTS // 5 - 1],
    }


def resident_bytes() -> int:
    """Memory that this process has resident now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE")


class Market:
    """The sample market from START on: an exchange that replays it, and the same bars prepared for a strategy."""

    def __init__(self, bars: int) -> None:
        import numpy as np

        from engine.inputs.prepared import prepare
        from engine.runs.backtest import load_bars, loaded
        from engine.sandbox.exchange.replay import from_market

        self.ready: LoadedConfig = loaded(str(CONFIG), ["fills.participation=null"])
        market, _, _ = load_bars(self.ready)
        first = int(np.searchsorted(market.sessions, np.datetime64(START)))
        self.prepared: Prepared = prepare(self.ready.config, self.ready.strategies, market, first, first + bars)
        self._replay = from_market(self.ready.config, market, first, first + bars)

    def exchange(self) -> Exchange:
        """A new one at the first close."""
        from engine.sandbox.exchange.exchange import Exchange

        return Exchange(self._replay)

    def bridge(self, exchange: Exchange, port: int, folder: Path) -> Bridge:
        """A bridge on a new journal, each commit written through to the disk."""
        from engine.market.calendar import exchange as calendar_of
        from engine.model.paper import PaperLimits
        from engine.paper.bridge import Bridge
        from engine.paper.broker.ib_client import IbClient
        from engine.paper.gates.facts import Timing
        from engine.paper.journal.journal import Journal
        from engine.paper.schedule import sessions_within
        from engine.paper.terms import Terms

        calendar, symbols = calendar_of(), frozenset(self.prepared.market.symbols.values())
        limits = PaperLimits(
            order_value=1e9, order_shares=10**7, position_value=1e9, gross_value=1e9, orders_per_minute=10**6,
            orders_per_day=10**6, collar=0.5, daily_loss=1.0, short=True,
        )  # fmt: skip
        terms = Terms(
            account="", live=False, send=True, client=CLIENT, symbols=symbols, limits=limits, timing=Timing.NEXT_OPEN,
            sessions=lambda start, stop: sessions_within(calendar, start, stop), kill_file=folder / "KILL", settle=0.1,
        )  # fmt: skip
        client = IbClient(LOOPBACK, port, CLIENT, pace=0)
        return Bridge(Journal(folder / "journal.sqlite", lambda: exchange.now), client, terms)


async def first_order(market: Market) -> float:
    """Seconds from a new bridge to the broker's word on the first orders of a session."""
    from engine.model.paper import Paper
    from engine.paper.decision.bars import ReplayedBars
    from engine.paper.session import Session
    from engine.sandbox.server import Server

    exchange = market.exchange()
    async with Server(exchange) as server:
        with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
            began = time.perf_counter()
            bridge = market.bridge(exchange, server.port, Path(folder))
            await bridge.start()
            report = await Session(bridge, ReplayedBars(market.prepared), Paper(compared=3), "benchmark").once()
            took = time.perf_counter() - began
            await bridge.stop()
            bridge.journal.close()
    if len(report.sent) != 2 or {one.state.value for one in report.sent} != {"working"}:
        msg = f"two orders should work, these do: {report.sent}"
        raise RuntimeError(msg)
    return took


async def many_orders(market: Market, orders: int) -> dict[str, Any]:
    """Send, fill and forget them, BATCH at each close; what is resident after each of POINTS parts."""
    from engine.sandbox.server import Server

    exchange, resident = market.exchange(), []
    async with Server(exchange, kept=500) as server:
        with tempfile.TemporaryDirectory(prefix="tandem-bench-") as folder:
            bridge = market.bridge(exchange, server.port, Path(folder))
            await bridge.start()
            began = time.perf_counter()
            for number in range(0, orders, BATCH):
                await bridge.record(decision_of(market, exchange, number))
                await bridge.carry_out()
                exchange.step_bar()
                while bridge.journal.open_intents():  # noqa: ASYNC110  (the broker's words are on their way)
                    await asyncio.sleep(0.001)
                if (number + BATCH) % (orders // POINTS) == 0:
                    gc.collect()
                    resident.append(resident_bytes())
            seconds = time.perf_counter() - began
            found = await bridge.reconcile("end")
            fills = len(bridge.journal.ledger.fills_since(0))
            if fills != orders or found.differences or bridge.journal.halts.standing():
                msg = f"{fills} fills of {orders} orders, {found.differences}, {bridge.journal.halts.standing()}"
                raise RuntimeError(msg)
            await bridge.stop()
            bridge.journal.close()
    return {"seconds": seconds, "fills": fills, "resident": resident}


def decision_of(market: Market, exchange: Exchange, number: int) -> Decision:
    """BATCH orders of a share each at the close of now, bought and sold in turns."""
    from engine.kernel.codes import OrderKind
    from engine.paper.instructions import Decision, Instruction, Mark

    symbol, now = next(iter(market.prepared.market.symbols.values())), exchange.now
    quotes = {one.symbol: exchange.quote(one.con_id) for one in exchange.market.listed}
    send = tuple(
        Instruction(
            ref=f"bench-{number + place}.a0", order=number + place + 1, symbol=symbol, kind=OrderKind.MARKET,
            quantity=1.0 if place % 2 else -1.0, limit=None, stop=None, trail=None, tif="GTC", parent="",
            reduce_only=False, group="", decided=now, session="", reason="benchmark",
        )
        for place in range(BATCH)
    )  # fmt: skip
    marks = tuple(Mark(name, quote.last, now) for name, quote in quotes.items() if quote)
    return Decision(now, "", send, (), "{}", marks)


def child(orders: int, repeats: int) -> dict[str, Any]:
    """What the measured process does."""
    market = Market(orders // BATCH + 2)
    asyncio.run(first_order(market))  # imports what it needs
    first = [asyncio.run(first_order(market)) for _ in range(repeats)]
    return {"first": first, **asyncio.run(many_orders(market, orders))}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bridge", description="The measured process itself.")
    parser.add_argument("--orders", type=int, default=ORDERS)
    parser.add_argument("--repeats", type=int, default=9)
    given = parser.parse_args()
    print(json.dumps(child(given.orders, given.repeats)))
