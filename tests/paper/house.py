# SPDX-License-Identifier: Apache-2.0
"""A sandbox and a bridge in one loop, over a real socket: what a test does to one, and what the other makes of it."""

import asyncio
import contextlib
from dataclasses import replace

import pytest

from engine.model.paper import PaperLimits
from engine.paper.alerts import Alerts
from engine.paper.bridge import Bridge
from engine.paper.broker.ib_client import IbClient
from engine.paper.comparison.person import shown
from engine.paper.gates.facts import Timing
from engine.paper.instructions import Mark
from engine.paper.journal.journal import Journal
from engine.paper.terms import Terms
from engine.sandbox.desk.client import Terms as Broker
from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.faults import Fault
from engine.sandbox.server import Server
from tests.paper.words import CLIENT, instruction
from tests.paper.words import decision as decide
from tests.sandbox.stage import FLAT, Stage

SYMBOL = "X"
SETTLE = 0.03
WIDE = PaperLimits(
    order_value=1e9, order_shares=10**6, position_value=1e9, gross_value=1e9, orders_per_minute=10**6,
    orders_per_day=10**6, collar=0.5, daily_loss=1.0, stale_after=1e6, short=True,
)  # fmt: skip


def _always_closed(begin, end):  # noqa: ARG001
    return ()


class House:
    """Both sides. `say` collects the bridge's log, `alarms` what a person was told."""

    def __init__(self, folder, *, bars=None, limits=WIDE, accounts=(PAPER,), broker=None, send=True, live=False,
                 account="", timing=Timing.NEXT_OPEN, symbols=("X", "Y"), boundary=None, answer=0.4):  # fmt: skip
        self.folder = folder
        self.stage = Stage(bars or {"X": [FLAT] * 12, "Y": [FLAT] * 12}, accounts=accounts)
        self.exchange = self.stage.exchange
        self.broker_terms = broker or Broker()
        self.settings = {
            "account": account, "live": live, "send": send, "client": CLIENT, "symbols": frozenset(symbols),
            "limits": limits, "timing": timing, "sessions": _always_closed, "kill_file": folder / "KILL",
            "settle": SETTLE, "answer": answer,
        }  # fmt: skip
        self.log, self.alarms, self.boundary = [], [], boundary
        self.server = self.bridge = self.journal = None
        self.decided = 0

    async def __aenter__(self):
        await self.open_doors()
        return self

    async def __aexit__(self, *_):
        await self.leave()
        await self.close_doors()

    async def open_doors(self, port=0):
        self.server = Server(self.exchange, terms=self.broker_terms, faults=self.exchange.faults)
        await self.server.start(port=port)
        self.port = self.server.port

    async def close_doors(self):
        await self.server.stop()

    def enter(self, **changes):
        """A bridge on the journal of the folder, as after a start of its program."""
        pytest.importorskip("ib_async", reason="the extra `paper` is not installed")
        self.journal = Journal(self.folder / "journal.db", lambda: self.exchange.now,
                               *([self.boundary] if self.boundary else []))  # fmt: skip
        self.journal.store.db.execute("PRAGMA synchronous = OFF")
        house, say = self, lambda event, **fields: self.log.append((event, fields))

        class Heard(Alerts):
            async def send(self, kind, symbol, text):
                house.alarms.append((kind, symbol, text))
                return True

        client = IbClient("127.0.0.1", self.port, CLIENT, patience=1.0, pace=0)
        self.bridge = Bridge(self.journal, client, Terms(**{**self.settings, **changes}), alerts=Heard(), say=say)
        return self.bridge

    async def start(self, **changes):
        return await self.enter(**changes).start()

    async def leave(self):
        """The bridge's program ends."""
        if self.bridge is not None:
            with contextlib.suppress(Exception):
                await self.bridge.stop()
            self.journal.close()
            self.bridge = None

    async def decide(self, *send, cancel=()):
        """Record a decision of the last close; `send` are (ref, quantity) or whole instructions."""
        self.decided = max(self.decided + 1, self.exchange.now)
        one = [
            instruction(each[0], float(each[1]), SYMBOL, **(each[2] if len(each) > 2 else {}))
            if isinstance(each, tuple) else each for each in send
        ]  # fmt: skip
        close = {contract.symbol: self.exchange.quote(contract.con_id).last for contract in self.exchange.market.listed}
        marks = tuple(Mark(symbol, close[symbol], self.exchange.now) for symbol in close)
        full = decide(*one, cancel=cancel, decided=self.decided)
        return await self.bridge.record(replace(full, marks=marks, seen=self.journal.ledger.last_seq()))

    async def trade(self, *send, cancel=()):
        """Record, and carry out."""
        verdicts = await self.decide(*send, cancel=cancel)
        closed = [(one.ref, one.gate, one.text) for one in verdicts if one.outcome == "refuse"]
        assert not closed, closed
        return await self.bridge.carry_out()

    async def accept(self, text="looked at"):
        """A person is shown how things stand, and says yes at once."""
        seen = await self.look()
        return await self.bridge.accept_positions(seen, text)

    async def look(self):
        """What a person is shown."""
        found = await self.bridge.reconcile("look")
        assert found.complete
        return shown(self.journal, found.differences)

    async def heard(self, until, seconds=2.0):
        """Wait until something holds."""
        for _ in range(int(seconds / 0.005)):
            if until():
                return True
            await asyncio.sleep(0.005)
        return False

    def step(self):
        self.exchange.step_bar()

    def fault(self, name, **parameters):
        assert self.exchange.faults.add(Fault(name, **parameters))

    def state(self, ref):
        return self.journal.intent(ref).state.value

    def kinds(self):
        return [halt.kind.value for halt in self.journal.halts.standing()]

    def placed(self):
        """Order messages that the server received, questions about margin left out."""
        return [
            one for one in self.server.received
            if one.request.name == "placeOrder" and not one.request.values["whatIf"]
        ]  # fmt: skip

    def books(self, symbol=SYMBOL):
        """What the broker holds."""
        held = {one.contract.symbol: one.quantity for one in self.exchange.positions(self.exchange.accounts[0])}
        return held.get(symbol, 0.0)
