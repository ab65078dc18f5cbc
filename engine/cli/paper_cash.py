# SPDX-License-Identifier: Apache-2.0
"""A person's word that cash was paid in or out: it is taken out of the day's gain and loss."""

from __future__ import annotations

from collections.abc import Callable

from engine.cli.paper_run import started
from engine.cli.paper_start import Wanted, bridge_for, check_same_run, journal_of
from engine.errors import InputError, Problem, RunError
from engine.paper.account.day import DAY_EQUITY, accept_flow, as_money, kept_flow
from engine.paper.views.standing import standing
from engine.paper.views.terminal import say_halts
from engine.report.kit.terminal import console


async def accept(wanted: Wanted, why: str, agreed: Callable[[], bool]) -> None:
    """Show today's cash that no fill explains, and take it over where a person agrees. Nothing is sent.

    Raises InputError where nothing has run yet, RunError where the broker does not tell what must be known.
    """
    from engine.market.calendar import exchange

    screen, path = console(), journal_of(wanted.ready)
    if not path.is_file():
        raise InputError(Problem("nothing has run yet: there is no journal", file=str(path)))
    check_same_run(path, wanted.ready)
    bridge = bridge_for(wanted, path, exchange(), daily=True)
    journal = bridge.journal
    try:
        if not (await started(bridge)).complete:
            raise RunError("the broker did not answer everything: nothing was accepted")
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
    finally:
        await bridge.stop()
        journal.close()
