# SPDX-License-Identifier: Apache-2.0
"""Whether the equity that a decision is sized on is the account's. Cash is the broker's, shares are the journal's.

Where the two sources do not tell one account, a position counts twice or not at all, in the size of every order.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.paper.broker.port import BrokerSilent
from engine.paper.instructions import Decision
from engine.paper.journal.halts import Halt
from engine.paper.memory import read_memory

if TYPE_CHECKING:
    from engine.paper.bridge import Bridge

ROOM = 0.02
"""Of cash and positions, both unsigned: what the broker counts beside prices (accrued interest and dividends), and what
prices move while it is asked."""


@dataclass(frozen=True)
class Sized:
    """What a decision was sized on: dollars of cash; signed shares and the decided close of each symbol held."""

    cash: float
    shares: Mapping[str, float]
    closes: Mapping[str, float]

    @property
    def equity(self) -> float:
        """Dollars at the decided closes."""
        return self.cash + sum(many * self.closes[symbol] for symbol, many in self.shares.items())


def disagreed_words(differ: Iterable[Halt]) -> str:
    """Why nothing at all is decided while halts of differing positions stand."""
    symbols = ", ".join(one.symbol for one in differ)
    return (
        f"journal and broker do not hold the same {symbols}, so that the account's equity is not known: no order of "
        "any symbol is sent; what works at the broker stays. Look, then `tandem paper accept-positions CONFIG`"
    )


def sized_on(decision: Decision, symbols: Sequence[str]) -> Sized:
    """What a decision's book holds; symbols are those of its roles, in their order."""
    kept = read_memory(decision.memory)
    shares: dict[str, float] = {}
    for symbol, asset in zip(symbols, kept.book["asset"], strict=True):
        shares[symbol] = shares.get(symbol, 0.0) + asset["qty"]
    return Sized(kept.book["cash"], {symbol: many for symbol, many in shares.items() if many}, kept.closes)


def bounds(sized: Sized, last: Mapping[str, float], beside: Iterable[float], collar: float) -> tuple[float, float]:
    """The least and the most that the broker's NetLiquidation can be of that account, dollars.

    Each position is worth something between its decided close and `last`, the broker's price of now; where the broker
    shows none, anything within `collar` (a fraction) of the close. `beside` are signed quantities of what the account
    holds and the run does not trade, of which no price is known: long it can only add, short only take. Then ROOM.
    """
    low = high = sized.cash
    room = abs(sized.cash)
    for symbol, many in sized.shares.items():
        close = sized.closes[symbol]
        prices = (close, last[symbol]) if symbol in last else (close * (1.0 - collar), close * (1.0 + collar))
        low += min(many * price for price in prices)
        high += max(many * price for price in prices)
        room += abs(many) * close
    others = list(beside)
    low = -math.inf if min(others, default=0.0) < 0.0 else low - ROOM * room
    high = math.inf if max(others, default=0.0) > 0.0 else high + ROOM * room
    return low, high


async def equity_apart(decision: Decision, symbols: Sequence[str], told: float, bridge: Bridge) -> str:
    """In words, that the broker's NetLiquidation (`told`, dollars) is not that of the decision's book; '' where it is.

    Asks the broker for the price of what is held, which may wait as long as such a question does.
    """
    sized, last = sized_on(decision, symbols), {}
    for symbol in sized.shares:
        try:
            price = (await bridge.broker.quote(symbol)).last
        except BrokerSilent:
            price = None
        if price is not None and price > 0.0:
            last[symbol] = price
    held = bridge.journal.store.read("SELECT symbol, quantity FROM held")
    beside = [row["quantity"] for row in held if row["symbol"] not in symbols]
    low, high = bounds(sized, last, beside, bridge.terms.limits.collar)
    if low <= told <= high:
        return ""
    return (
        f"the book that decides is worth {sized.equity:,.2f} dollars ({sized.cash:,.2f} of them cash, positions at the "
        f"closes of {decision.session}), the broker says {told:,.2f} (NetLiquidation), which prices do not explain: "
        "nothing is sent. See in TWS which shares or cash one of them does not have; the same command looks again"
    )
