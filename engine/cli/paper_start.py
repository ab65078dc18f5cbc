# SPDX-License-Identifier: Apache-2.0
"""Putting a bridge together: journal, client, terms, and, where asked, a sandbox in the broker's place."""

from __future__ import annotations

import shlex
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import InputError, Problem

if TYPE_CHECKING:
    from engine.config.loader import LoadedConfig
    from engine.inputs.prepared import Prepared
    from engine.market.calendar import Calendar
    from engine.paper.bridge import Bridge
    from engine.paper.journal.journal import Journal
    from engine.sandbox.exchange.exchange import Exchange

JOURNAL, LOG, KILL = "journal.sqlite", "log.jsonl", "KILL"
LOOPBACK = "127.0.0.1"


def kill_file_of(ready: LoadedConfig) -> Path:
    """While this file exists nothing is sent."""
    named = ready.config.paper.limits.kill_file
    return Path(named) if named else folder_of(ready) / KILL


def folder_of(ready: LoadedConfig) -> Path:
    """Where a run keeps what it knows: FOLDER/NAME of the configuration's `paper.folder`."""
    return Path(ready.config.paper.folder) / ready.config.name


def journal_of(ready: LoadedConfig) -> Path:
    """The journal's file of a configuration."""
    return folder_of(ready) / JOURNAL


def market_clock() -> int:
    """Now, ns UTC."""
    from engine.clock import now

    return int(now().timestamp() * 1e9)


@contextmanager
def reading(ready: LoadedConfig) -> Iterator[Journal]:
    """The journal of a configuration, to read alone. Raises InputError where nothing has run yet, and as `to_read`."""
    from engine.paper.journal.journal import Journal
    from engine.paper.journal.reading import to_read

    path = there(ready)
    with to_read(path) as db:
        yield Journal(path, market_clock, db=db)


def there(ready: LoadedConfig) -> Path:
    """Where the journal of a configuration lies. Raises InputError where nothing has run yet, and as `to_read`."""
    from engine.paper.journal.reading import has_begun

    path = journal_of(ready)
    if not has_begun(path):
        raise InputError(
            Problem("nothing has run yet: there is no journal", file=str(path), allowed="`tandem paper CONFIG` first")
        )
    return path


@contextmanager
def writing(ready: LoadedConfig) -> Iterator[Journal]:
    """The journal of a configuration, to halt and to resume. Raises InputError where nothing has run yet."""
    from engine.paper.journal.journal import Journal

    journal = Journal(there(ready), market_clock)
    try:
        yield journal
    finally:
        journal.close()


def check_symbol(symbol: str, ready: LoadedConfig, halted: Iterable[str] = ()) -> None:
    """Refuse a symbol that the configuration does not trade, unless a halt stands for it; '' is everything."""
    from engine.errors import nearest_name
    from engine.model.sleeves import bound_roles

    known = dict.fromkeys([*bound_roles(ready.config).values(), *(one for one in halted if one)])
    if symbol and symbol not in known:
        raise InputError(
            Problem(
                "the configuration does not trade it; nothing was changed",
                path="SYMBOL",
                found=symbol,
                allowed=", ".join(known),
                nearest=nearest_name(symbol, known),
            )
        )


def check_same_run(path: Path, ready: LoadedConfig) -> None:
    """Refuse a journal of another strategy or configuration, before bars are read or a broker is asked."""
    from engine.paper.carried import former_identity_of, identity_of
    from engine.paper.journal.journal import Journal
    from engine.paper.journal.reading import has_begun, to_read
    from engine.paper.memory import check_identity, read_memory
    from engine.paper.views.terminal import order_words

    if not has_begun(path):
        return
    with to_read(path) as db:
        journal = Journal(path, market_clock, db=db)
        last = journal.last_decision()
        works = [
            f"{order_words(one.instruction)} ({one.ref})" for one in journal.open_intents() if one.order_id is not None
        ]
    if last is not None:
        kept, file = read_memory(last.memory), str(journal_of(ready))
        check_identity(kept, identity_of(ready), file, former_identity_of(ready), works)


@contextmanager
def copied(path: Path) -> Iterator[Path]:
    """A copy of a journal to try things on, or the place for a new one where there is none; it is gone afterwards."""
    from engine.paper.journal.reading import has_begun

    folder = Path(tempfile.mkdtemp(prefix="tandem-paper-"))
    try:
        if has_begun(path):
            _copy(path, folder / JOURNAL)
        yield folder / JOURNAL
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(path: Path, to: Path) -> None:
    """Copy a journal whole while it may be in use. Raises InputError where the copy cannot be written."""
    from engine.paper.journal.reading import to_read

    with to_read(path) as source, closing(sqlite3.connect(to)) as copy:
        try:
            source.backup(copy)
        except sqlite3.OperationalError as failed:
            allowed = "room in the folder for temporary files"
            raise InputError(
                Problem(f"the journal cannot be copied: {failed}", file=str(path), allowed=allowed)
            ) from failed


@dataclass(frozen=True)
class Wanted:
    """What the command was told. live is the id of an account that is no paper account, or ''."""

    ready: LoadedConfig
    send: bool
    live: str = ""

    def __post_init__(self) -> None:
        """Raise InputError where command and configuration name two accounts."""
        account = self.ready.config.paper.account
        if self.live and account not in {None, self.live}:
            raise InputError(
                Problem(
                    "the configuration names another account; nothing was sent",
                    path="--live",
                    found=self.live,
                    allowed=f"{account}, which is `paper.account`",
                )
            )


def bridge_for(
    wanted: Wanted,
    path: Path,
    calendar: Calendar,
    *,
    daily: bool,
    adopts: bool = False,
    sandbox: Embedded | None = None,
) -> Bridge:
    """A bridge on the journal at `path`, not yet connected: to the broker of the configuration, or to a sandbox.

    adopts  a journal that is new takes over what the account holds: of a copy that is thrown away

    Raises MissingExtra where no client library is installed, InputError for a file that is no journal.
    """
    from engine.model.sleeves import bound_roles
    from engine.paper.alerts import Alerts
    from engine.paper.bridge import Bridge
    from engine.paper.broker.ib_client import IbClient
    from engine.paper.gates.facts import Timing
    from engine.paper.journal.journal import Journal
    from engine.paper.log import Log, silence
    from engine.paper.schedule import sessions_within
    from engine.paper.terms import Terms

    config = wanted.ready.config
    settings = config.paper
    if sandbox:
        client = IbClient(LOOPBACK, sandbox.port, settings.client, pace=0)
        clock: Callable[[], int] = sandbox.now
        account = ""
    else:
        client, clock = IbClient(settings.host, settings.port, settings.client), market_clock
        account = wanted.live or settings.account or ""
    terms = Terms(
        account=account,
        live=bool(wanted.live),
        send=wanted.send,
        client=settings.client,
        symbols=frozenset(bound_roles(config).values()),
        netted=len(wanted.ready.strategies) > 1,
        adopts=adopts,
        limits=settings.limits,
        timing=Timing.NEXT_OPEN if daily else Timing.NOW,
        sessions=lambda start, stop: sessions_within(calendar, start, stop),
        kill_file=kill_file_of(wanted.ready),
        settle=settings.settle,
        answer=settings.answer,
    )
    say = Log(path.with_name(LOG), account) if wanted.send else silence
    alerts = settings.alerts
    told = Alerts(shlex.split(alerts.command or ""), alerts.webhook or "", say)
    return Bridge(Journal(path, clock), client, terms, alerts=told, say=say)


@dataclass
class Embedded:
    """A sandbox that replays the configuration's own bars: its exchange, its port, and the same bars prepared.

    passed is the time in ns that the bridge has waited since the last bar: the exchange stands still between two.
    """

    exchange: Exchange
    port: int
    prepared: Prepared
    passed: int = 0

    async def pass_time(self, seconds: float) -> None:
        """What a wait is where time is the replay's."""
        self.passed += int(seconds * 1e9)

    def step_bar(self) -> bool:
        """Go on to the next bar; False after the last."""
        self.passed = 0
        return self.exchange.step_bar()

    def now(self) -> int:
        """Now in ns UTC, as the bridge sees it."""
        return self.exchange.now + self.passed


@asynccontextmanager
async def embedded(ready: LoadedConfig, sessions: int) -> AsyncIterator[Embedded]:
    """Serve the last `sessions` bars of the configuration on a free port of this machine. InputError as a backtest."""
    from engine.inputs.prepared import prepare
    from engine.runs.backtest import load_bars, placed
    from engine.sandbox.exchange.exchange import Exchange
    from engine.sandbox.exchange.replay import from_market
    from engine.sandbox.server import Server

    with placed(ready):
        market, start, stop = load_bars(ready)
        first = max(start, stop - sessions)
        prepared = prepare(ready.config, ready.strategies, market, first, stop)
        exchange = Exchange(from_market(ready.config, market, first, stop))
    async with Server(exchange) as server:
        yield Embedded(exchange, server.port, prepared)
