# SPDX-License-Identifier: Apache-2.0
"""What an order must pass, each gate with its numbers, all of them closed where something is not known."""

from __future__ import annotations

from collections.abc import Callable

from engine.paper.gates.data import delayed_data, stale_data
from engine.paper.gates.facts import Facts
from engine.paper.gates.market import market_hours, shortable
from engine.paper.gates.money import buying_power, daily_loss
from engine.paper.gates.price import collar, explicit_tif, known_kind
from engine.paper.gates.rate import orders_per_day, orders_per_minute
from engine.paper.gates.size import (
    gross_value,
    order_shares,
    order_value,
    position_value,
    protection,
    waits_to_guard,
    whole_shares,
)
from engine.paper.gates.switch import halted, kill_file, link, replaced
from engine.paper.instructions import Instruction
from engine.paper.verdict import Outcome, Verdict

Gate = Callable[[Instruction, Facts], Verdict]

SWITCHES: tuple[Gate, ...] = (kill_file, halted, link)
"""Gates that need no answer of the broker's."""

GATES: tuple[Gate, ...] = (
    *SWITCHES,
    replaced,
    *(known_kind, explicit_tif, whole_shares, order_shares, order_value, position_value, gross_value, protection),
    *(orders_per_minute, orders_per_day, stale_data, delayed_data, market_hours, collar, shortable, daily_loss),
    buying_power,
)
"""Every gate, in the order in which they are asked and shown."""

OF_TODAY: tuple[Gate, ...] = (kill_file, halted, stale_data, delayed_data, market_hours)
"""Gates that are closed today and open tomorrow, whatever the order."""


def verdicts_of(one: Instruction, facts: Facts) -> tuple[Verdict, ...]:
    """Every gate's word on one order; each is asked, whatever another says.

    While the link is closed the order waits and the switches alone are asked: what the others need cannot be had, and
    that is no reason against the order. Nor is a gate of today against what cannot guard yet: it waits.
    """
    switches = tuple(gate(one, facts) for gate in SWITCHES)
    if link(one, facts).outcome is Outcome.WAIT:
        return switches
    if waits_to_guard(one, facts):
        return tuple(gate(one, facts) for gate in GATES if gate not in OF_TODAY)
    return (*switches, *(gate(one, facts) for gate in GATES[len(SWITCHES) :]))
