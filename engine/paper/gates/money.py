# SPDX-License-Identifier: Apache-2.0
"""Gates on the account's money: buying power by the broker's own sum, and the loss of the day."""

from __future__ import annotations

import math

from engine.paper.gates.answers import REDUCES, accept, refuse, wait
from engine.paper.gates.facts import Facts
from engine.paper.instructions import Instruction
from engine.paper.verdict import Verdict


def buying_power(one: Instruction, facts: Facts) -> Verdict:
    """The broker says what margin the account would have: it must be covered by what the account is worth.

    An order that does not enlarge a position passes. Before it is sent the broker is not asked: the question is an
    order message.
    """
    if not facts.grows(one):
        return accept(one, "buying power", "it does not enlarge the position", held=facts.held.get(one.symbol, 0.0))
    if not facts.asks:
        when = "when all other gates are open" if facts.send else "with `--send`: the question is an order message"
        return wait(one, "buying power", f"the broker is asked {when}", send=int(facts.send))
    answer = facts.what_if
    if answer is None:
        return refuse(one, "buying power", "the broker did not say what margin it would take")
    margin, worth = answer.initial_after, answer.equity_after
    seen: dict[str, float | str] = {"margin_after": margin, "equity_after": worth, "warning": answer.warning}
    if math.isfinite(margin) and math.isfinite(worth) and margin <= worth and not answer.warning:
        return accept(one, "buying power", **seen)
    text = answer.warning or f"the margin would be {margin:,.2f}, the account is worth {worth:,.2f}"
    return refuse(one, "buying power", text, **seen)


def loss_of(equity: float, day_equity: float) -> float:
    """The day's loss as a fraction of its first equity; negative is a gain."""
    return 1.0 - equity / day_equity if day_equity > 0 else math.inf


def daily_loss(one: Instruction, facts: Facts) -> Verdict:
    """The day's loss is within its limit; that it was beyond it once is a halt of its own. What only reduces passes."""
    if facts.reduces(one):
        return accept(one, "daily loss", REDUCES, limit=facts.limits.daily_loss)
    now, first, most = facts.equity, facts.day_equity, facts.limits.daily_loss
    if now is None or first is None:
        return refuse(one, "daily loss", "the account's equity is not known", equity=now, first=first, limit=most)
    loss = loss_of(now, first)
    if loss <= most:
        return accept(one, "daily loss", equity=now, first=first, value=loss, limit=most)
    text = f"the account lost {loss:.2%} today, more than {most:.2%}"
    return refuse(one, "daily loss", text, equity=now, first=first, value=loss, limit=most)
