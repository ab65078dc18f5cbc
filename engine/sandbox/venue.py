# SPDX-License-Identifier: Apache-2.0
"""What a server of clients needs of the exchange behind it. Nothing in it waits, and nothing in it knows of sockets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from engine.sandbox.tickets import (
    AccountValue,
    Commission,
    Contract,
    Event,
    Execution,
    HistoryBar,
    HistoryQuery,
    Listing,
    Margins,
    OrderKey,
    OrderView,
    Position,
    Tick,
    Ticket,
)


class Refused(Exception):
    """A request that the exchange does not carry out: the broker's code and text, such as 162 without data."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


class Venue(Protocol):
    """An exchange with the accounts that trade on it. What becomes of orders is told to listeners, in order.

    An order that is refused is no exception: its listeners hear a Notice with the order's key and an OrderView that is
    Inactive or Cancelled. Refused is raised where a question has no answer. Each step ends with a Tick for every
    contract that has a price.
    """

    @property
    def accounts(self) -> Sequence[str]:
        """Names of all accounts, DU... for paper."""

    @property
    def now(self) -> int:
        """Time of the market, ns UTC: the stamp of the last bar or tick."""

    @property
    def linked(self) -> bool:
        """Whether the broker is joined to the exchange; who connects while it is cut off is told so."""

    @property
    def bar(self) -> str:
        """Length of the bars that are replayed, in the broker's words: "1 day", "1 min"."""

    def contracts(self, wanted: Contract) -> list[Listing]:
        """What fits: con_id where it is not 0 and the symbol is not another's, else every field; SMART is any exchange.

        Fields that are blank or 0 fit everything.
        """

    def history(self, query: HistoryQuery) -> list[HistoryBar]:
        """Bars that have closed, oldest first; Refused with 162 where there are none."""

    def first_bar(self, con_id: int) -> int:
        """Time of the first bar, ns UTC; Refused with 162 where there is none."""

    def quote(self, con_id: int) -> Tick | None:
        """The last tick, None before the first."""

    def place(self, key: OrderKey, ticket: Ticket) -> None:
        """Enter an order, or change it where the key lives."""

    def cancel(self, key: OrderKey) -> None:
        """Cancel an order; a Notice says where there is none to cancel."""

    def cancel_all(self) -> None:
        """Cancel what lives, of every client."""

    def what_if(self, ticket: Ticket) -> Margins:
        """What the order would do to its account; Refused where it would not be taken."""

    def open_orders(self, client: int | None) -> list[OrderView]:
        """What lives of one client, or of all where it is None."""

    def completed(self) -> list[OrderView]:
        """Orders of the day that have ended, of every client."""

    def executions(self) -> list[tuple[Execution, Commission | None]]:
        """Fills of the day, of every client, with what they cost where that is known."""

    def positions(self, account: str) -> list[Position]:
        """What the account holds now."""

    def account_values(self, account: str) -> list[AccountValue]:
        """Figures of the account: NetLiquidation, TotalCashValue, BuyingPower, UnrealizedPnL, RealizedPnL and so on."""

    def next_order_id(self, client: int) -> int:
        """An order id that the client has not used."""

    def listen(self, hear: Callable[[Event], None]) -> Callable[[], None]:
        """Tell hear every event from now on; what comes back ends that."""
