# SPDX-License-Identifier: Apache-2.0
"""What a person lets stand after a look at the broker: the positions it holds, cash that was paid in or out."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from engine.cli.paper_run import started
from engine.cli.paper_start import Wanted, bridge_for, check_same_run, there
from engine.errors import CheckFailed, RunError
from engine.paper.account.day import DAY_EQUITY, accept_flow, as_money, kept_flow
from engine.paper.comparison.person import shown
from engine.paper.views.standing import standing
from engine.paper.views.terminal import positions_table, say_halts
from engine.report.kit.terminal import console

if TYPE_CHECKING:
    from engine.paper.bridge import Bridge
    from engine.paper.comparison.reconcile import Reconciled

NOTHING = "the broker did not answer everything: nothing was accepted"

Agreed = Callable[[], bool]
"""Asks the person, once all is shown."""


async def positions(wanted: Wanted, why: str, agreed: Agreed) -> None:
    """Show what the broker holds and the journal does not, and take it over where a person agrees. Nothing is sent.

    Raises as `_compared`, and CheckFailed where something moved meanwhile.
    """
    screen = console()
    async with _compared(wanted) as (bridge, found):
        seen, known = shown(bridge.journal, found.differences), standing(bridge.journal, bridge.terms.kill_file)
        screen.print(positions_table(known["positions"]))
        say_halts(known, screen)
        if agreed():
            after, moved = await bridge.accept_positions(seen, why)
            if not after.complete:
                raise RunError(NOTHING)
            if not moved:
                screen.print("accepted: the journal holds what the broker holds")
            say_halts(standing(bridge.journal, bridge.terms.kill_file), screen)
            if moved:
                raise CheckFailed(
                    f"{', '.join(moved)} moved while you looked and was not accepted; the same command shows it anew"
                )


async def cash(wanted: Wanted, why: str, agreed: Agreed) -> None:
    """Show today's cash that no fill explains, and take it over where a person agrees. Nothing is sent.

    Raises as `_compared`, and RunError where the broker does not tell what the account is worth.
    """
    screen = console()
    async with _compared(wanted) as (bridge, _):
        journal = bridge.journal
        equity = as_money((await bridge.broker.account_values(bridge.account)).get("NetLiquidation"))
        first, flow = as_money(journal.about(DAY_EQUITY)), kept_flow(journal)
        if equity is None or first is None:
            raise RunError("the broker does not say NetLiquidation in USD: nothing was accepted")
        screen.print(f"the day began with {first:,.2f} dollars, the account is worth {equity:,.2f}", highlight=False)
        if not flow:
            screen.print("no cash came or went today that fills do not explain: there is nothing to accept")
        else:
            way = "came in" if flow > 0.0 else "went out"
            screen.print(f"{abs(flow):,.2f} dollars of cash {way} without a fill", highlight=False)
            if agreed():
                accept_flow(journal, flow, equity, bridge.terms.limits.daily_loss, why)
                screen.print(f"accepted: the day's loss is counted from {first + flow:,.2f} dollars", highlight=False)
        say_halts(standing(journal, bridge.terms.kill_file), screen)


@asynccontextmanager
async def _compared(wanted: Wanted) -> AsyncIterator[tuple[Bridge, Reconciled]]:
    """The bridge of a journal that has begun, whole at the broker and compared with it.

    Raises InputError where nothing has run yet, RunError where the broker does not tell what must be known.
    """
    from engine.market.calendar import exchange

    path = there(wanted.ready)
    check_same_run(path, wanted.ready)
    bridge = bridge_for(wanted, path, exchange(), daily=True)
    try:
        found = await started(bridge)
        if not found.complete:
            raise RunError(NOTHING)
        yield bridge, found
    finally:
        await bridge.stop()
        bridge.journal.close()
