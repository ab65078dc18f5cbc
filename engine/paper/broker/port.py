# SPDX-License-Identifier: Apache-2.0
"""The port to a broker: what it says, as evidence, and what may be asked of it, in our own words.

Quantities are signed shares (+ buys). Times are int64 ns UTC. Evidence is what came over the wire from the broker; a
status that a client library made up is none.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Listed(StrEnum):
    """Where an order stood when the broker told it."""

    NOWHERE = "nowhere"  # news of one order
    ALIVE = "alive"
    ENDED = "ended"


@dataclass(frozen=True)
class OrderSeen:
    """One order as the broker tells it. None and '' where the message does not say.

    perm        the broker's own number, 0 where it has none yet
    client, order_id   the client that placed it and the id it gave it; order_id 0 where the broker does not say
    status      the broker's word: PreSubmitted, Submitted, PendingCancel, Cancelled, Filled, Inactive ...
    filled      unsigned shares filled so far
    listed      it came in an answer that lists orders: those alive now, or those of the day that have ended
    """

    perm: int
    client: int
    order_id: int
    status: str
    ref: str = ""
    account: str = ""
    symbol: str = ""
    quantity: float | None = None
    filled: float | None = None
    held: str = ""
    listed: Listed = Listed.NOWHERE


@dataclass(frozen=True)
class ExecutionSeen:
    """One execution, or a correction of one: exec_id is BASE.REVISION."""

    exec_id: str
    perm: int
    client: int
    order_id: int
    ref: str
    account: str
    symbol: str
    quantity: float
    price: float
    time: int


@dataclass(frozen=True)
class CommissionSeen:
    """What an execution cost. realized is the profit that it locked in, None where the broker does not say."""

    exec_id: str
    amount: float
    currency: str
    realized: float | None = None


@dataclass(frozen=True)
class PositionSeen:
    """Signed shares of one symbol in one account, as the broker counts them. kind is STK, OPT ..."""

    account: str
    symbol: str
    quantity: float
    average: float
    kind: str = "STK"


@dataclass(frozen=True)
class Told:
    """An error or a warning. order_id -1 where it is of no order. It is a reason to ask, never a reason to act."""

    code: int
    text: str
    order_id: int = -1


class Link(StrEnum):
    """What became of the way to the broker."""

    LOST = "lost"  # the socket to the Gateway is gone
    BROKEN = "broken"  # 1100: the Gateway has lost the broker
    BACK_LOST = "back, data lost"  # 1101
    BACK = "back"  # 1102


@dataclass(frozen=True)
class LinkSeen:
    """A change of the link."""

    link: Link


@dataclass(frozen=True)
class LinkState:
    """The way to the broker: up, and whether the journal was compared with it since it came up."""

    up: bool
    ready: bool
    last: str


Evidence = OrderSeen | ExecutionSeen | CommissionSeen | PositionSeen | Told | LinkSeen


@dataclass(frozen=True)
class Wire:
    """An order as it goes to the broker. action and kind are the broker's words; quantity is unsigned whole shares.

    trail_stop is the level that a trailing stop starts from; None: the broker finds it by the price of the moment.
    """

    order_id: int
    ref: str
    account: str
    symbol: str
    action: str
    kind: str
    quantity: int
    tif: str
    limit: float | None = None
    stop: float | None = None
    trail: float | None = None
    trail_percent: float | None = None
    trail_stop: float | None = None
    parent_id: int = 0
    transmit: bool = True
    group: str = ""


@dataclass(frozen=True)
class Quote:
    """The market of one symbol as the broker shows it now; None where it shows nothing.

    kind   1 live, 2 frozen, 3 delayed, 4 delayed and frozen: what the broker serves, not what was asked for
    last   of the last trade or, where nothing has traded, the close before
    time   of the last trade
    shortable   above 2.5: easy to borrow; 1.5 to 2.5: to be located
    """

    last: float | None
    bid: float | None
    ask: float | None
    time: int | None
    kind: int
    shortable: float | None


@dataclass(frozen=True)
class Hours:
    """The contract's regular sessions around now: (open, close) in ns UTC; and the least step of its price."""

    sessions: tuple[tuple[int, int], ...]
    least_step: float


@dataclass(frozen=True)
class WhatIf:
    """What an order would do to the account's margin; warning is the broker's, or ''."""

    initial_after: float
    maintenance_after: float
    equity_after: float
    warning: str = ""


@dataclass(frozen=True)
class Greeting:
    """What the broker says first: every account behind this login."""

    accounts: tuple[str, ...]


@dataclass(frozen=True)
class DailyBar:
    """One session as the broker has it; session is YYYY-MM-DD."""

    session: str
    open: float
    high: float
    low: float
    close: float
    volume: float


class BrokerSilent(Exception):
    """The broker did not answer in time, or the link broke while it was asked: nothing is known."""


class ClientInUse(BrokerSilent):
    """The broker is there, and another program is connected under this client id."""


class Broker(Protocol):
    """Any broker. Every question has a deadline and raises BrokerSilent when it passes; no answer is ever partial.

    What is heard goes to the listener in the order in which it came over the wire, answers to questions included.
    """

    def listen(self, heard: Callable[[Evidence], None]) -> None: ...

    async def connect(self) -> Greeting: ...

    async def disconnect(self) -> None: ...

    def up(self) -> bool:
        """Whether the socket stands and no 1100 is open."""
        ...

    def free(self) -> bool:
        """Whether nothing that was sent still waits in the client."""
        ...

    def next_id(self) -> int:
        """The least order id that the broker takes and that this client has used for nothing else."""
        ...

    async def open_orders(self) -> tuple[OrderSeen, ...]:
        """Every order alive in the account, of whatever client."""
        ...

    async def completed_orders(self) -> tuple[OrderSeen, ...]:
        """Every order of the broker's day that has ended."""
        ...

    async def executions(self) -> tuple[ExecutionSeen, ...]:
        """Every execution of the broker's day."""
        ...

    async def positions(self) -> tuple[PositionSeen, ...]:
        """Every position of every account behind this login."""
        ...

    async def account_values(self, account: str) -> dict[str, str]:
        """The account's figures in dollars, and those without a currency, as the broker writes them.

        An account kept in another currency has none of cash or equity: what is not in dollars is not taken for dollars.
        """
        ...

    async def hours(self, symbol: str) -> Hours: ...

    async def quote(self, symbol: str) -> Quote: ...

    async def what_if(self, wire: Wire) -> WhatIf:
        """What the order would do. It never trades; the wire's own id is not used."""
        ...

    async def history(self, symbol: str, sessions: int) -> tuple[DailyBar, ...]:
        """The last sessions' daily bars, the oldest first; the forming one is left out."""
        ...

    def place(self, wire: Wire) -> None:
        """Hand one order to the socket."""
        ...

    def cancel(self, order_id: int) -> None:
        """Hand one cancellation to the socket."""
        ...
