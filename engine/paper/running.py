# SPDX-License-Identifier: Apache-2.0
"""A session in time: at every close of a bar, and once with what it held back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from engine.errors import DataError
from engine.market.calendar import Calendar
from engine.market.hours import MINUTE, length_of
from engine.paper.decision.look import Report, Step, timely
from engine.paper.journal.journal import Intent
from engine.paper.journal.store import Unwritable
from engine.paper.orders.afterwards import held_back
from engine.paper.schedule import next_close
from engine.paper.session import Session
from engine.report.kit.words import counted

TICK = 30.0  # seconds between two looks for what waits
A_MINUTE, A_MOMENT = 61.0, 5.0  # seconds for the limit of a minute, and for a link that broke
MOST_WAITS = 10  # times that one look waits for what it could not send


async def run(
    session: Session, calendar: Calendar, frequency: str, show: Callable[[Report], None],
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:  # fmt: skip
    """Decide at every close until cancelled; between them keep the link up and send what had to wait.

    What cannot be decided, and a bar that is not in the data yet, is tried again: a file may be late. It is told
    once, and again when it changes.
    """
    delay = int(session.settings.patience(length_of(frequency) > 0) * MINUTE)
    keeper = asyncio.create_task(session.bridge.run(session.settings.reconcile_every * 60.0))
    try:
        due, last = 0, ""
        while True:
            now = session.bridge.journal.clock()
            if now >= due:
                report = timely(await _tried(session), calendar, frequency, now - delay)
                show(report)
                again = bool(report.why) and report.step is not Step.TOO_EARLY
                due = now + int(TICK * 1e9) if again else next_close(calendar, frequency, now - delay) + delay
                if again and (said := "; ".join(report.why)) != last:
                    await session.bridge.alerts.send("no decision", "", said)
                last = "; ".join(report.why)
            else:
                with contextlib.suppress(Unwritable):  # the keeper of the link tells of it
                    await session.bridge.carry_out()
            await wait(min(TICK, max(1.0, (due - now) / 1e9)))
    except Exception as failed:
        await session.bridge.alerts.send("session", "", f"the session has ended: {failed}")
        raise
    finally:
        keeper.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeper


async def _tried(session: Session) -> Report:
    """One look; a full disk and data that cannot be trusted are a report: somebody may mend them."""
    try:
        return await session.once()
    except Unwritable as full:
        return Report(Step.UNWRITABLE, why=(str(full),))
    except DataError as error:
        return Report(Step.DATA_DIFFER, why=tuple(str(one) for one in error.problems))


async def rest(
    session: Session,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[Intent, ...]:
    """Wait out what ends within minutes, the orders of a minute and a broken link, and send what it held back.

    At most MOST_WAITS minutes. Each wait is told in a sentence. Returns what went out.
    """
    sent: list[Intent] = []
    for _ in range(MOST_WAITS):
        waiting, linked = len(held_back(session.bridge.journal)), session.bridge.link()
        there = linked.up and linked.ready
        if not waiting and (there or not any(one.order_id for one in session.bridge.journal.open_intents())):
            break
        seconds = A_MINUTE if there else A_MOMENT
        what = "more orders than a minute may have" if there else "the link to the broker is not up"
        tell(f"{what}, {counted(waiting, 'order')} not sent yet: waiting {seconds:g} seconds (Ctrl-C ends it)")
        await wait(seconds)
        await session.bridge.rejoin("waited")
        sent += await session.bridge.carry_out()
    return tuple(sent)
