# SPDX-License-Identifier: Apache-2.0
"""Gates on how much: whole shares, one order, one position, all of them."""

from __future__ import annotations

import math

from engine.kernel.linked_orders import opened
from engine.paper.gates.answers import REDUCES, accept, refuse, wait, within
from engine.paper.gates.facts import Facts, Working, protects
from engine.paper.instructions import Instruction
from engine.paper.verdict import Outcome, Verdict

OPPOSITE = (
    "the broker nets the sleeves that trade this symbol, and a stop of one can turn the sum round: run them as "
    "configurations of their own, each on an account of its own"
)
RAISE = "raise `paper.limits.{}` or trade less"


def whole_shares(one: Instruction, facts: Facts) -> Verdict:  # noqa: ARG001  (gates have one shape)
    """The broker takes whole shares, at least one."""
    shares = abs(one.quantity)
    if math.isfinite(shares) and shares >= 1 and shares == math.floor(shares):
        return accept(one, "whole shares", shares=shares)
    return refuse(one, "whole shares", f"{one.quantity:g} is no whole number of shares", shares=repr(one.quantity))


def order_shares(one: Instruction, facts: Facts) -> Verdict:
    """Shares of one order; what only reduces a position passes: as large as that is, it must be able to end."""
    if facts.reduces(one):
        return accept(one, "order shares", REDUCES, shares=abs(one.quantity))
    remedy = RAISE.format("order_shares")
    return within(one, "order shares", abs(one.quantity), facts.limits.order_shares, "shares", remedy)


def order_value(one: Instruction, facts: Facts) -> Verdict:
    """Dollars of one order; what only reduces a position passes."""
    if facts.reduces(one):
        return accept(one, "order value", REDUCES, shares=abs(one.quantity))
    price = facts.price(one)
    value = None if price is None else abs(one.quantity) * price
    return within(one, "order value", value, facts.limits.order_value, "dollars", RAISE.format("order_value"))


def position_value(one: Instruction, facts: Facts) -> Verdict:
    """Dollars of the symbol if everything on the order's side fills; an order that only takes away passes."""
    if not facts.grows(one):
        return accept(one, "position value", "it does not enlarge the position", held=facts.held.get(one.symbol, 0.0))
    price = facts.price(one)
    low, high = facts.extremes(one)
    value = None if price is None else max(abs(low), abs(high)) * price
    return within(one, "position value", value, facts.limits.position_value, "dollars", RAISE.format("position_value"))


def gross_value(one: Instruction, facts: Facts) -> Verdict:
    """Dollars of all symbols, long plus short, with those of others in the account."""
    if not facts.grows(one):
        return accept(one, "gross value", "it does not enlarge the position", held=facts.held.get(one.symbol, 0.0))
    value, price, total = facts.others, facts.price(one), None
    if value is not None and price is not None:
        total = value
        for symbol in sorted(facts.held.keys() | facts.working.keys() | {one.symbol}):
            low, high = _range(facts, symbol) if symbol != one.symbol else facts.extremes(one)
            at = price if symbol == one.symbol else facts.close.get(symbol)
            if at is None and (low or high):
                total = None
                break
            total += max(abs(low), abs(high)) * (at or 0.0)
    return within(one, "gross value", total, facts.limits.gross_value, "dollars", RAISE.format("gross_value"))


def _range(facts: Facts, symbol: str) -> tuple[float, float]:
    held, working = facts.held.get(symbol, 0.0), facts.working.get(symbol, Working())
    return held - working.sells, held + working.buys


def protection(one: Instruction, facts: Facts) -> Verdict:
    """Orders that may only take away must not be able to turn the position round, all of them together.

    The broker has no reduce-only for shares: one of a group may fill, of separate orders all may. What will guard a
    position that is on its way, or in the place of an order that is being taken back, waits for that. What
    orders at any price take from the position is not there to be guarded.
    """
    if not protects(one):
        return accept(one, "protection", "it is no protective order", held=facts.held.get(one.symbol, 0.0))
    after = facts.working.get(one.symbol, Working()).and_then(one)
    staying = sum(after.guards.values()) - _guard_what_comes(one, after, facts)
    guarded = staying + sum(shares for group, shares in after.leaving.items() if group not in after.guards)
    held = facts.held.get(one.symbol, 0.0)
    sold = sum(shares for shares in after.sure.values() if shares * one.quantity > 0)  # before it can fill
    own = max(abs(held) - abs(sold), 0.0) if held * one.quantity < 0 else 0.0
    coming = opened(held + after.before(one.parent), math.copysign(facts.parents.get(one.parent, 0.0), -one.quantity))
    closes = abs(held) if held * one.quantity > 0 else 0.0  # what is traded before anything is opened
    seen = {"guarded": guarded, "staying": staying, "held": held, "parent": coming}
    theirs = after.others_buy if one.quantity > 0 else after.others_sell
    if theirs and guarded <= own + coming < guarded + theirs:
        text = f"orders of others take {theirs:g} shares from the position: it goes out once they are cancelled"
        return wait(one, "protection", text, others=theirs, **seen)
    if guarded <= own + coming:
        return accept(one, "protection", **seen)
    on_the_way = max(coming, (after.sells if one.quantity > 0 else after.buys) - closes)
    if staying <= own + on_the_way:
        return wait(one, "protection", "what it is to guard is not held yet, or is guarded by another order", **seen)
    remedy = "those of the position that is turned among them; turn it at any price, or cancel them before"
    remedy = remedy if closes and guarded > abs(one.quantity) else "put them into one group"
    remedy = OPPOSITE if facts.netted else remedy
    text = f"protective orders for {guarded:g} shares guard {own + coming:g}; {remedy}"
    return refuse(one, "protection", text, **seen)


def waits_to_guard(one: Instruction, facts: Facts) -> bool:
    """Whether what an order is to guard is not there yet, or all of it is guarded by somebody else."""
    word = protection(one, facts)
    theirs = word.numbers.get("others")
    part = isinstance(theirs, float) and theirs < abs(facts.held.get(one.symbol, 0.0))
    return word.outcome is Outcome.WAIT and not part


def _guard_what_comes(one: Instruction, after: Working, facts: Facts) -> float:
    """Shares of other groups that guard no more than what their own entries, others than this one's, have to open."""
    waiting: dict[str, float] = {}
    for group, shares in after.guards.items():
        entry = after.entries.get(group, "")
        if entry not in {"", one.parent} and group != (one.group or one.ref):
            waiting[entry] = waiting.get(entry, 0.0) + shares
    return sum(min(shares, facts.parents.get(entry, 0.0)) for entry, shares in waiting.items())
