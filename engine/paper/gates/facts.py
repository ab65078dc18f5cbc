# SPDX-License-Identifier: Apache-2.0
"""Everything that gates look at, gathered at one moment; what is not known is None and closes the gate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from engine.kernel.codes import OrderKind
from engine.model.paper import PaperLimits
from engine.paper.broker.port import Quote, WhatIf
from engine.paper.instructions import Instruction
from engine.paper.journal.halts import Halt


class Timing(StrEnum):
    """When the orders of a run are meant to reach the market."""

    NEXT_OPEN = "next open"  # sent while it is closed
    NOW = "now"  # sent while it is open


class Replaced(StrEnum):
    """How far an order is that another one is to replace."""

    WORKS = "works"
    FILLED = "filled"  # some of it, after the decision
    ENDED = "ended"


@dataclass(frozen=True)
class Working:
    """What works or is about to, of one symbol: unsigned shares that add to it and take from it.

    guards are the largest protective orders by group; orders alone in theirs have their ref for a name. leaving are
    those of them that are being taken back: they may still fill. entries are the refs that groups wait for. sure are
    signed shares by ref of what fills at any price, at an open or now; late those at a close. others_buy and
    others_sell are the part of buys and sells that this journal did not send.
    """

    buys: float = 0.0
    sells: float = 0.0
    guards: Mapping[str, float] = field(default_factory=dict)
    leaving: Mapping[str, float] = field(default_factory=dict)
    entries: Mapping[str, str] = field(default_factory=dict)
    sure: Mapping[str, float] = field(default_factory=dict)
    late: Mapping[str, float] = field(default_factory=dict)
    others_buy: float = 0.0
    others_sell: float = 0.0

    def and_then(self, one: Instruction, *, leaves: bool = False) -> Working:
        """With one more order; leaves: it is being taken back."""
        if protects(one):
            group = one.group or one.ref
            if leaves:
                return replace(
                    self, leaving={**self.leaving, group: max(self.leaving.get(group, 0.0), abs(one.quantity))}
                )
            guards = {**self.guards, group: max(self.guards.get(group, 0.0), abs(one.quantity))}
            return replace(self, guards=guards, entries={**self.entries, group: one.parent})
        mine, sure, late = {one.ref: one.quantity}, self.sure, self.late
        if one.kind in (OrderKind.MARKET, OrderKind.MARKET_ON_OPEN):
            sure = {**sure, **mine}
        elif one.kind == OrderKind.MARKET_ON_CLOSE:
            late = {**late, **mine}
        if one.quantity > 0:
            return replace(self, buys=self.buys + one.quantity, sure=sure, late=late)
        return replace(self, sells=self.sells - one.quantity, sure=sure, late=late)

    def before(self, ref: str) -> float:
        """Signed shares of what certainly fills before an order, or with it."""
        ahead = {**self.sure, **self.late} if ref in self.late else self.sure
        return sum(shares for other, shares in ahead.items() if other != ref)


@dataclass(frozen=True)
class Facts:
    """One moment. Prices and values in dollars, shares signed where they are positions, times ns UTC.

    ready       the last reconcile was complete and nothing has happened to the link since
    held        the ledger's positions; working by symbol; parents: shares of each order that may be a parent
    others      value of positions in symbols that the run does not trade, None where it is not known
    close, stamp   of the bar that decided, by symbol
    open_minutes   of market since that bar's stamp, by symbol
    sessions    the symbol's regular hours around now
    last_minute, today   orders that may have left in that time
    equity, day_equity   NetLiquidation now without cash that came in since, and at the first look of the day
    replaced    what became of orders that others are to replace, by ref; those that count as gone already are not in it
    netted      several sleeves share the account, and a position is the sum of theirs
    asks        whether the broker was asked about margin: only when all other gates are open, it takes an order message
    """

    limits: PaperLimits
    timing: Timing
    now: int
    send: bool
    ready: bool
    up: bool
    free: bool
    halts: tuple[Halt, ...]
    kill_file: str
    killed: bool
    held: Mapping[str, float]
    working: Mapping[str, Working]
    parents: Mapping[str, float]
    others: float | None
    close: Mapping[str, float]
    stamp: Mapping[str, int]
    open_minutes: Mapping[str, float | None]
    quotes: Mapping[str, Quote]
    sessions: Mapping[str, tuple[tuple[int, int], ...]]
    last_minute: int
    today: int
    equity: float | None
    day_equity: float | None
    asks: bool
    what_if: WhatIf | None = None
    replaced: Mapping[str, Replaced] = field(default_factory=dict)
    netted: bool = False

    def and_then(self, one: Instruction) -> Facts:
        """The same moment with one more order on its way."""
        return replace(self.beside(one), last_minute=self.last_minute + 1, today=self.today + 1)

    def beside(self, one: Instruction) -> Facts:
        """The same moment with an order that is to go too, and does not count as sent."""
        working = self.working.get(one.symbol, Working()).and_then(one)
        return replace(
            self,
            working={**self.working, one.symbol: working},
            parents={**self.parents, one.ref: abs(one.quantity)},
        )

    def price(self, one: Instruction) -> float | None:
        """What a share of the order is valued at: the close, or its own limit or stop where that is more."""
        close = self.close.get(one.symbol)
        if close is None:
            return None
        return max(price for price in (close, one.limit, one.stop) if price is not None)

    def extremes(self, one: Instruction) -> tuple[float, float]:
        """The position if every sale fills and no purchase, and if every purchase fills and no sale, this one included.

        Protective orders only bring a position nearer to nothing.
        """
        working = self.working.get(one.symbol, Working())
        if not protects(one):
            working = working.and_then(one)
        held = self.held.get(one.symbol, 0.0)
        return held - working.sells, held + working.buys

    def reduces(self, one: Instruction) -> bool:
        """Whether the order can only bring a position nearer to nothing, never through it, all that works counted."""
        if protects(one):
            return True
        low, high = self.extremes(one)
        return low >= 0.0 if one.quantity < 0 else high <= 0.0

    def grows(self, one: Instruction) -> bool:
        """Whether the order could leave a larger position than is held, long or short."""
        if protects(one):
            return False
        low, high = self.extremes(one)
        end = high if one.quantity > 0 else low
        return abs(end) > abs(self.held.get(one.symbol, 0.0))


def protects(one: Instruction) -> bool:
    """Whether it can only take from a position: it says so, or it waits for its parent's fill."""
    return one.reduce_only or bool(one.parent)
