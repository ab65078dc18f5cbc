# SPDX-License-Identifier: Apache-2.0
"""What passes between the exchange and whoever speaks to clients: contracts, tickets, and what becomes of them.

Words and codes are the broker's: actions BUY and SELL, types such as "STP LMT", statuses such as "PreSubmitted".
Quantities of a ticket are unsigned, positions signed. Times are int64 ns UTC of the market, never of a wall clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple


class OrderKey(NamedTuple):
    """What names an order among all clients: the client's id, and the id that the client gave it."""

    client: int
    order: int


@dataclass(frozen=True)
class Contract:
    """One tradable thing as clients know it. strike 0, expiry and right empty for shares; expiry is YYYYMMDD."""

    con_id: int
    symbol: str
    kind: str = "STK"
    currency: str = "USD"
    exchange: str = "SMART"
    primary: str = ""
    local_symbol: str = ""
    trading_class: str = ""
    expiry: str = ""
    strike: float = 0.0
    right: str = ""
    multiplier: str = ""


@dataclass(frozen=True)
class Ticket:
    """An order as a client placed it: what the exchange acts on.

    limit and aux are None where the client left them unset; aux is the stop price, or a trailing distance in price.
    carried are fields that change nothing here and are given back as they came.
    """

    account: str
    contract: Contract
    action: str
    quantity: float
    kind: str
    limit: float | None = None
    aux: float | None = None
    trail_percent: float | None = None
    trail_stop: float | None = None
    tif: str = "DAY"
    good_till: str = ""
    outside_hours: bool = False
    parent: int = 0
    transmit: bool = True
    oca_group: str = ""
    oca_type: int = 0
    ref: str = ""
    what_if: bool = False
    carried: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class OrderView:
    """An order as it stands: what openOrder and orderStatus are written from.

    status is PendingSubmit, PreSubmitted, Submitted, PendingCancel, Cancelled, Filled or Inactive; average is the mean
    price of what has filled, 0 before; ended is the market time of the end, 0 while it lives.
    """

    key: OrderKey
    perm_id: int
    ticket: Ticket
    status: str
    filled: float = 0.0
    remaining: float = 0.0
    average: float = 0.0
    last_price: float = 0.0
    why_held: str = ""
    born: int = 0
    ended: int = 0
    cause: str = ""


@dataclass(frozen=True)
class Execution:
    """One fill. exec_id is BASE.REVISION; a correction has the same base and a higher revision. quantity unsigned."""

    exec_id: str
    key: OrderKey
    perm_id: int
    account: str
    contract: Contract
    side: str
    quantity: float
    price: float
    time: int
    cumulative: float
    average: float
    ref: str = ""
    liquidation: bool = False


@dataclass(frozen=True)
class Commission:
    """What an execution cost, commission and fees together. realized is the profit locked in, None where it opened."""

    exec_id: str
    amount: float
    currency: str = "USD"
    realized: float | None = None


@dataclass(frozen=True)
class Position:
    """Signed shares of one contract in one account. average includes commission, as the broker's does."""

    account: str
    contract: Contract
    quantity: float
    average: float
    price: float
    value: float
    unrealized: float
    realized: float


@dataclass(frozen=True)
class AccountValue:
    """One figure of an account: a key such as NetLiquidation, its value as text, its currency or ''."""

    account: str
    key: str
    value: str
    currency: str = "USD"


@dataclass(frozen=True)
class Margins:
    """What an order would do to an account, in the account's currency: before it, and after it.

    warning says why it would be refused, or is ''.
    """

    initial_before: float
    initial_after: float
    maintenance_before: float
    maintenance_after: float
    equity_before: float
    equity_after: float
    commission: float
    warning: str = ""


@dataclass(frozen=True)
class Listing:
    """What is known of a contract beside its name. zone is an IANA name; hours are the broker's text by session.

    hours: "20240105:0930-20240105:1600;20240106:CLOSED", trading hours first, liquid hours second.
    """

    contract: Contract
    long_name: str = ""
    min_tick: float = 0.01
    zone: str = "US/Eastern"
    trading_hours: str = ""
    liquid_hours: str = ""
    under_con_id: int = 0
    under_symbol: str = ""
    stock_type: str = ""


@dataclass(frozen=True)
class HistoryQuery:
    """A request for bars of one contract: those of the last count units that begin before end (ns UTC, None for now).

    unit is S, D, W, M or Y, where D counts sessions; bar is the broker's text such as "1 day" or "5 mins"; what is
    TRADES, ADJUSTED_LAST, MIDPOINT, BID or ASK; regular leaves out what traded outside regular hours.
    """

    con_id: int
    end: int | None
    count: int
    unit: str
    bar: str
    what: str
    regular: bool


@dataclass(frozen=True)
class HistoryBar:
    """One bar of an answer to a request for history. session is days since 1970-01-01, of the exchange's date."""

    time: int
    session: int
    open: float
    high: float
    low: float
    close: float
    volume: float


@dataclass(frozen=True)
class Notice:
    """An error, a warning or a word about the link: the broker's code and text. key None where it is of no order."""

    code: int
    text: str
    key: OrderKey | None = None


@dataclass(frozen=True)
class Tick:
    """The market of one contract at one instant; sizes in shares. shortable is the broker's figure: above 2.5 easy."""

    con_id: int
    time: int
    bid: float
    ask: float
    last: float
    bid_size: float
    ask_size: float
    last_size: float
    volume: float
    shortable: float


@dataclass(frozen=True)
class BarClosed:
    """A bar of the replayed market has closed for one contract."""

    con_id: int
    bar: HistoryBar


@dataclass(frozen=True)
class BarForming:
    """A bar of the replayed market that has begun and not closed, as it looks so far."""

    con_id: int
    bar: HistoryBar


Event = OrderView | Execution | Commission | Position | AccountValue | Notice | Tick | BarClosed | BarForming
"""What the exchange tells its listeners, in the order in which it happened."""
