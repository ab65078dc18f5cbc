# SPDX-License-Identifier: Apache-2.0
"""The ways of `tandem paper`: at the broker, in the sandbox, and sending again."""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING

from engine.cli.paper_ends import check_done, say_adopted, say_unheard
from engine.cli.paper_lines import Lines
from engine.cli.paper_start import (
    Wanted,
    bridge_for,
    check_same_run,
    copied,
    embedded,
    folder_of,
    journal_of,
    market_clock,
    there,
)
from engine.errors import CheckFailed, InputError, Problem, RunError
from engine.market.hours import MINUTE, length_of
from engine.paper.broker.port import BrokerSilent, ClientInUse
from engine.paper.carried import former_identity_of, identity_of
from engine.paper.decision.bars import ReplayedBars, SourceBars
from engine.paper.decision.look import Report, Step, timely
from engine.paper.instructions import IntentState
from engine.paper.journal.journal import Intent
from engine.paper.orders.afterwards import Begun, became, begun
from engine.paper.running import rest, run
from engine.paper.session import Session
from engine.paper.views.beside import beside_backtest
from engine.paper.views.remembered import last_bar, remembered
from engine.paper.views.standing import standing
from engine.paper.views.terminal import live, order_words, positions_table, say_halts, say_orders, say_report
from engine.report.kit.terminal import console
from engine.report.kit.words import money

if TYPE_CHECKING:
    from engine.cli.paper_start import Embedded
    from engine.market.calendar import Calendar
    from engine.market.panel import Market
    from engine.paper.bridge import Bridge
    from engine.paper.comparison.reconcile import Reconciled

REFRESH = 2.0  # seconds
THERE = frozenset({IntentState.WORKING, IntentState.FILLED})


async def at_broker(wanted: Wanted, *, once: bool) -> None:
    """A session on the broker's account. Without `send` it works on a copy of the journal and ends after one look."""
    from engine.market.calendar import exchange

    ready, settings = wanted.ready, wanted.ready.config.paper
    with ExitStack() as stack:
        path = journal_of(ready) if wanted.send else stack.enter_context(copied(journal_of(ready)))
        check_same_run(path, ready)
        bars = SourceBars(ready)
        market = _real_market(bars)
        calendar, daily = exchange(market.calendar), market.frequency == "1d"
        bridge = bridge_for(wanted, path, calendar, daily=daily, adopts=not wanted.send)
        session = Session(bridge, bars, settings, identity_of(ready), former_identity_of(ready), waits=True)
        start = begun(bridge.journal)
        try:
            await started(bridge)
            if once or not wanted.send:
                say_adopted(wanted, bridge)
                await _look(session, bridge, start, calendar, market.frequency)
            else:
                await _live(session, bridge, calendar, market.frequency)
        finally:
            await bridge.stop()
            bridge.journal.close()
            say_unheard(bridge.alerts)


def _real_market(bars: SourceBars) -> Market:
    """The market of the bars. Raises InputError where there is none yet, or a synthetic one."""
    latest = bars.latest(market_clock())
    if latest is None:
        raise InputError(Problem("the data have no bar of the period yet", path="data"))
    market = latest.prepared.market
    if market.synthetic:
        allowed = "`--sandbox`, or a source of real bars"
        raise InputError(
            Problem(
                "a broker does not trade a synthetic market", path="data.source", found=market.label, allowed=allowed
            )
        )
    return market


async def started(bridge: Bridge) -> Reconciled:
    """Connect and compare, or say what is missing in a sentence."""
    try:
        return await bridge.start()
    except ClientInUse as taken:
        remedy = "end its session, or look beside it with `--set paper.client=N`, another number"
        raise RunError(f"{taken}; {remedy}") from taken
    except BrokerSilent as silent:
        raise RunError(
            f"{silent}; start TWS or IB Gateway with its API enabled and `paper.port` its port (docs/paper.md)"
        ) from silent


async def _look(session: Session, bridge: Bridge, start: Begun, calendar: Calendar, frequency: str) -> None:
    """One look, what it takes until what it decided has left, and what it has come to.

    Raises CheckFailed where that is not all as it was decided.
    """
    screen, orders = console(), list[Intent]()
    within_day = length_of(frequency) > 0
    patience = int(session.settings.patience(within_day) * MINUTE) if within_day and bridge.terms.send else 0
    report = timely(await session.once(), calendar, frequency, market_clock() - patience)
    say_report(report, screen)
    if bridge.terms.send:
        if report.why:
            await bridge.alerts.send("no decision", "", "; ".join(report.why))
        await rest(session, tell=screen.print)
        orders = became(bridge.journal, start)
        say_orders(orders, screen)
    say_halts(standing(bridge.journal, bridge.terms.kill_file), screen)
    check_done(report, bridge, orders)


async def _live(session: Session, bridge: Bridge, calendar: Calendar, frequency: str) -> None:
    """Decide at every close until interrupted, with the picture on the terminal; in a file, line by line."""
    from rich.live import Live

    screen = console()
    if not screen.is_terminal:
        await _logged(session, bridge, calendar, frequency, Lines(screen))
        return
    last: list[Report] = []
    with Live(console=screen, auto_refresh=False, transient=False) as shown:

        async def painting() -> None:
            while True:
                facts = {"bar": last_bar(session), "equity": await _equity(bridge)}
                facts |= remembered(session)
                picture = live(
                    standing(bridge.journal, bridge.terms.kill_file), bridge.link(), last[-1] if last else None, facts
                )
                shown.update(picture, refresh=True)
                await asyncio.sleep(REFRESH)

        painter = asyncio.create_task(painting())
        try:
            await run(session, calendar, frequency, lambda report: last.__setitem__(slice(None), [report]))
        finally:
            painter.cancel()


async def _logged(session: Session, bridge: Bridge, calendar: Calendar, frequency: str, lines: Lines) -> None:
    """The same for a log: each look as it comes, and what has changed between them."""

    async def watching() -> None:
        while True:
            lines.standing(standing(bridge.journal, bridge.terms.kill_file), bridge.link())
            await asyncio.sleep(REFRESH)

    watcher = asyncio.create_task(watching())
    try:
        await run(session, calendar, frequency, lines.report)
    finally:
        watcher.cancel()
        lines.standing(standing(bridge.journal, bridge.terms.kill_file), bridge.link())


async def _equity(bridge: Bridge) -> str:
    try:
        return money(float((await bridge.broker.account_values(bridge.account))["NetLiquidation"]), 2)
    except (BrokerSilent, KeyError, ValueError):
        return "not known"


async def in_sandbox(wanted: Wanted, bars: int, *, once: bool) -> None:
    """The same against the embedded broker, bar by bar; its journal is gone afterwards. A dry run looks at the last."""
    from engine.market.calendar import exchange

    async with embedded(wanted.ready, bars) as house:
        market = house.prepared.market
        calendar, daily = exchange(market.calendar), market.frequency == "1d"
        with copied(folder_of(wanted.ready) / "sandbox") as path:
            if not wanted.send:
                while house.step_bar():
                    pass
            bridge = bridge_for(wanted, path, calendar, daily=daily, sandbox=house)
            try:
                await started(bridge)
                await _replayed(wanted, bridge, house, once=once)
            finally:
                await bridge.stop()
                bridge.journal.close()


async def _replayed(wanted: Wanted, bridge: Bridge, house: Embedded, *, once: bool) -> None:
    settings, screen = wanted.ready.config.paper, console()
    session = Session(bridge, ReplayedBars(house.prepared), settings, identity_of(wanted.ready))
    start, decided, sent = begun(bridge.journal), 0, 0
    said: tuple[str, ...] = ()
    while True:
        report = await session.once()
        rested = await rest(session, house.pass_time) if wanted.send else ()
        decided += report.step is Step.DECIDED
        sent += len({one.ref for one in (*report.sent, *rested)})
        fails = report.step not in {Step.DECIDED, Step.NOTHING_NEW} and (not said or report.why != said)
        if fails or (report.decision and report.decision.send) or once:
            say_report(report, screen)
            say_orders(
                bridge.journal.intents_of(report.decision.decided) if report.sent and report.decision else (), screen
            )
        said = report.why
        if once or not wanted.send or not house.step_bar():
            break
    await bridge.reconcile("end")
    shown = standing(bridge.journal, bridge.terms.kill_file)
    say_halts(shown, screen)
    if wanted.send:
        screen.print(positions_table(shown["positions"]))
        fills = [fill for _, fill in bridge.journal.ledger.fills_since(0)]
        screen.print(f"{decided} decisions, {sent} orders sent, {len(fills)} fills, equity {await _equity(bridge)}")
        if not once:
            screen.print(str(beside_backtest(house.prepared, fills)), highlight=False)
    if once or not wanted.send:
        check_done(report, bridge, became(bridge.journal, start))


async def retry(wanted: Wanted, symbol: str) -> None:
    """Send a symbol's missed orders again. Raises CheckFailed where they are not at the broker afterwards."""
    from engine.market.calendar import exchange
    from engine.paper.orders.again import send_again

    screen, path = console(), there(wanted.ready)
    check_same_run(path, wanted.ready)
    market = _real_market(SourceBars(wanted.ready))
    bridge = bridge_for(wanted, path, exchange(market.calendar), daily=market.frequency == "1d")
    try:
        if not (await started(bridge)).complete:
            raise RunError("the broker did not answer everything: nothing was sent")
        refs = send_again(bridge.journal, symbol)
        await bridge.carry_out()
        orders = [one for ref in refs if (one := bridge.journal.intent(ref)) is not None]
        for one in orders:
            screen.print(f"  {order_words(one.instruction)}", highlight=False)
        say_orders(orders, screen)
        say_halts(standing(bridge.journal, bridge.terms.kill_file), screen)
        if not all(one.state in THERE for one in orders):
            raise CheckFailed("not all of it is known to be at the broker")
    finally:
        await bridge.stop()
        bridge.journal.close()
