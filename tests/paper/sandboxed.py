# SPDX-License-Identifier: Apache-2.0
"""A strategy run by the bridge on the embedded sandbox, bar by bar, with a native run of the same bars beside it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.inputs.prepared import Prepared, prepare
from engine.market.calendar import exchange
from engine.model.paper import Paper, PaperLimits
from engine.paper.bridge import Bridge
from engine.paper.broker.ib_client import IbClient
from engine.paper.carried import identity_of
from engine.paper.decision.bars import ReplayedBars
from engine.paper.decision.look import Report, Step
from engine.paper.gates.facts import Timing
from engine.paper.instructions import Fill
from engine.paper.journal.journal import Journal
from engine.paper.schedule import sessions_within
from engine.paper.session import Session
from engine.paper.terms import Terms
from engine.runs.backtest import load_bars, loaded
from engine.sandbox.exchange.exchange import Exchange
from engine.sandbox.exchange.replay import from_market
from engine.sandbox.server import Server

LIMITS = PaperLimits(
    order_value=1e9, order_shares=10**7, position_value=1e9, gross_value=1e9, orders_per_minute=10**6,
    orders_per_day=10**6, collar=0.5, daily_loss=1.0, short=True,
)  # fmt: skip


@dataclass
class Sandboxed:
    """One run: `bars` sessions of a configuration from `start` on."""

    folder: Path
    config: str
    given: list[str]
    start: str
    bars: int
    settings: Paper = field(default_factory=lambda: Paper(settle=0.05, answer=2.0, limits=LIMITS, compared=3))

    least_step: float = 0.0  # any price is taken, so that stops and limits are a backtest's to the bit

    def __post_init__(self) -> None:
        self.ready = loaded(self.config, self.given)
        market, _, _ = load_bars(self.ready)
        first = int(np.searchsorted(market.sessions, np.datetime64(self.start)))
        span = (market, first, first + self.bars)
        self.prepared: Prepared = prepare(self.ready.config, self.ready.strategies, *span)
        self.exchange = Exchange(from_market(self.ready.config, *span))
        self.exchange.market.least_step = self.least_step
        self.reports: list[Report] = []

    @property
    def journal_path(self) -> Path:
        return self.folder / "journal.sqlite"

    def session(self, port: int, *, send: bool = True) -> Session:
        """A session on the journal of the folder, as after a start of the program."""
        journal = Journal(self.journal_path, lambda: self.exchange.now)
        journal.store.db.execute("PRAGMA synchronous = OFF")
        calendar, symbols = exchange(), frozenset(self.prepared.market.symbols.values())
        terms = Terms(
            account="", live=False, send=send, client=17, symbols=symbols, limits=self.settings.limits,
            timing=Timing.NEXT_OPEN, sessions=lambda start, stop: sessions_within(calendar, start, stop),
            kill_file=self.folder / "KILL", settle=self.settings.settle, answer=self.settings.answer,
        )  # fmt: skip
        bridge = Bridge(journal, IbClient("127.0.0.1", port, 17, pace=0), terms)
        bars = ReplayedBars(self.prepared)
        return Session(bridge, bars, self.settings, identity_of(self.ready))

    async def run(self, restart_every: int = 0) -> list[Fill]:
        """Decide every bar; returns the fills. restart_every: program and Gateway end and begin after so many bars."""
        server = session = None
        for bar in range(self.bars):
            if server is None:
                server = Server(self.exchange)
                await server.start()
                session = self.session(server.port)
                await session.bridge.start()
            self.reports.append(await session.once())
            if restart_every and bar % restart_every == restart_every - 1 and bar + 1 < self.bars:
                await self.leave(session)
                await server.stop()
                server = None
            if not self.exchange.step_bar():
                break
        await session.bridge.reconcile("end")
        fills = [fill for _, fill in session.bridge.journal.ledger.fills_since(0)]
        self.halts = session.bridge.journal.halts.standing()
        await self.leave(session)
        await server.stop()
        assert {one.step for one in self.reports} == {Step.DECIDED}
        return fills

    @staticmethod
    async def leave(session: Session) -> None:
        """The program ends."""
        await session.bridge.stop()
        session.bridge.journal.close()


def desk(folder, config, *acts, bars=8, limits=LIMITS, start="2010-03-01"):
    """Play acts on one market, each in a session of its own, as after a start of the program.

    An act is a coroutine function of (house, session, server). Every bar that is decided is a bar of `config`.
    """
    settings = Paper(settle=0.02, answer=1.0, limits=limits, compared=0)
    house = Sandboxed(folder, config, [], start, bars, settings)

    async def played():
        for act in acts:
            async with Server(house.exchange) as server:
                session = house.session(server.port)
                await session.bridge.start()
                try:
                    await act(house, session, server)
                finally:
                    await house.leave(session)

    asyncio.run(played())


def written(folder: Path, code: str, keys: str = "") -> str:
    """The configuration of a strategy of one symbol on the sample market, written with its code; returns its path."""
    (folder / "mine.py").write_text(code)
    (folder / "mine.yaml").write_text(
        "name: mine\nstrategy: mine.py\nroles: {x: SPY}\ndata: {source: sample}\n"
        f"account: {{cash: 1000000}}\nfills: {{participation: null}}\n{keys}"
    )
    return str(folder / "mine.yaml")
