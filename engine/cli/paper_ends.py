# SPDX-License-Identifier: Apache-2.0
"""What whoever called one look at the broker must hear: what it took over, and what it has not done."""

from __future__ import annotations

from collections.abc import Sequence

from engine.cli.paper_start import Wanted, journal_of
from engine.errors import CheckFailed
from engine.paper.alerts import Alerts
from engine.paper.bridge import Bridge
from engine.paper.decision.look import UNDECIDED, Report
from engine.paper.journal.journal import Intent
from engine.paper.journal.reading import has_begun
from engine.paper.orders.afterwards import not_as_decided
from engine.report.kit.terminal import LOUD, console, say


def say_adopted(wanted: Wanted, bridge: Bridge) -> None:
    """A dry run takes over what the account holds; sending it waits for a person's word."""
    held = bridge.journal.ledger.positions()
    ours = [f"{held[symbol]:g} {symbol}" for symbol in sorted(bridge.terms.symbols & held.keys())]
    if ours and not wanted.send and not has_begun(journal_of(wanted.ready)):
        words = (
            f"there is no journal at {journal_of(wanted.ready).resolve()}, and the account holds {', '.join(ours)}: "
            "with --send nothing leaves until `tandem paper accept-positions CONFIG` has taken it over"
        )
        say(words, console(), LOUD, "! ")


def check_done(report: Report, bridge: Bridge, orders: Sequence[Intent]) -> None:
    """Raises CheckFailed where one look could not decide, or has not done what it decided, for whoever called it."""
    if report.step in UNDECIDED:
        raise CheckFailed("nothing was decided; the same command tries it again")
    left = ["the last finished bar was not decided; the same command tries it again"] if report.why else []
    if bridge.terms.send:
        left += not_as_decided(bridge.journal, orders, bridge.terms.kill_file)
    if left:
        raise CheckFailed("; ".join(left))


def say_unheard(alerts: Alerts) -> None:
    """An alarm that reached nobody is said where the command was given."""
    if alerts.failed:
        say(f"an alarm did not reach you ({alerts.failed}); see `paper.alerts`", console(), LOUD, "! ")
