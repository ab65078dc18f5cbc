# SPDX-License-Identifier: Apache-2.0
"""One client as the desk knows it: who it is, what it has subscribed to, and how it is spoken to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from engine.sandbox.tickets import Contract, Listing
from engine.sandbox.venue import Refused, Venue

Say = Callable[..., None]
"""say(message, **values): send one message of the table of answers."""

NO_SUCH_CONTRACT = 200
NOT_OFFERED = 503
"""Clients give up a request that is answered by it; 321 they take for a warning, and wait."""


@dataclass(frozen=True)
class Terms:
    """What holds for all clients of one server.

    master hears the orders of every client; read_only refuses orders, as the setting of that name does; delayed gives
    market data as an account without a subscription gets it.
    """

    master: int | None = None
    read_only: bool = False
    delayed: bool = False


@dataclass(frozen=True)
class Summary:
    """A subscription to figures of accounts, by their keys."""

    accounts: frozenset[str]
    tags: frozenset[str]


@dataclass(frozen=True)
class TickFeed:
    """A subscription to ticks."""

    con_id: int
    shortable: bool


@dataclass(frozen=True)
class BarFeed:
    """A subscription to bars that are kept up to date, and how their dates are written."""

    con_id: int
    epoch: bool
    daily: bool
    zone: str


@dataclass
class Client:
    """A client behind its handshake. Subscriptions are by the id of the request that began them."""

    id: int
    venue: Venue
    terms: Terms
    say: Say
    positions: bool = False
    account: str | None = None
    auto_bind: bool = False
    positions_multi: dict[int, str] = field(default_factory=dict)
    accounts_multi: dict[int, str] = field(default_factory=dict)
    summaries: dict[int, Summary] = field(default_factory=dict)
    pnl: dict[int, str] = field(default_factory=dict)
    pnl_single: dict[int, tuple[str, int]] = field(default_factory=dict)
    ticks: dict[int, TickFeed] = field(default_factory=dict)
    five_seconds: dict[int, int] = field(default_factory=dict)
    bars: dict[int, BarFeed] = field(default_factory=dict)

    def error(self, key: int, code: int, text: str) -> None:
        """Say an error, a warning or a word about the link: key is the id of an order or request, or -1."""
        self.say("error", id=key, code=code, text=text)

    def is_mine(self, client: int, order: int) -> bool:
        """Whether news of an order is for this client: manual orders are for the client 0 that binds them."""
        if client == self.id and (order > 0 or self.auto_bind):
            return True
        return self.id == self.terms.master

    def known(self, account: str) -> str:
        """The account meant: the only one where none is named. Refused where there is no such account."""
        accounts = self.venue.accounts
        if account in accounts:
            return account
        if account in ("", "All") and len(accounts) == 1:
            return accounts[0]
        raise Refused(321, f"Error validating request: {account or 'no account'!r} is none of {', '.join(accounts)}.")

    def only(self, wanted: Contract) -> Listing:
        """The one contract that is meant. Refused with 200 where there is none, or more than one."""
        found = self.venue.contracts(wanted)
        if not found:
            raise Refused(NO_SUCH_CONTRACT, "No security definition has been found for the request")
        if len(found) > 1:
            names = ", ".join(one.contract.local_symbol or one.contract.symbol for one in found[:5])
            raise Refused(NO_SUCH_CONTRACT, f"The contract description specified is ambiguous: {names}")
        return found[0]
