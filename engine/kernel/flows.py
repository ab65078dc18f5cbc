# SPDX-License-Identifier: Apache-2.0
"""The cash flows of the ledger, one row each: folds, metrics, tables, charts and pages follow this table.

A new flow is an EntryKind, a row here and the `post` that writes it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from engine.kernel.codes import EntryKind

FILL_KINDS = (EntryKind.FILL, EntryKind.LIQUIDATION, EntryKind.OPTION_FILL)
SETTLED_KINDS = (EntryKind.SPLIT, EntryKind.OPTION_EXPIRY, EntryKind.DELISTING)
"""What changes a position without a fill."""

TRADE_KINDS = (*FILL_KINDS, *SETTLED_KINDS)
"""Everything that changes a position."""


class Origin(Enum):
    """What causes a flow, and so whose it is: a role's for the first three, else the account's or a sleeve's."""

    TRADE = "a position bought, sold or settled"
    CHARGE = "a fill, under whose order it is posted after it"
    HOLDING = "a position held over the night"
    CASH = "the cash of the account"
    DEPOSIT = "money put in, which is no profit"
    TRANSFER = "money moved between sleeves, which is nothing to the account"


@dataclass(frozen=True, slots=True)
class Flow:
    """One cash flow. Amounts are signed as cash, received is positive; totals of what was paid are >= 0.

    name      of its path, its column and its metric
    heading   above a narrow column
    paid      what it is called when paid
    received  what it is called when received; empty for a cost, which never is
    carry     belongs to what holding yields, not to what trading and borrowing cost
    kinds     entries whose amounts it sums
    rare      tables and charts have it only of a run that paid it
    """

    name: str
    heading: str
    paid: str
    received: str
    origin: Origin
    carry: bool
    kinds: tuple[EntryKind, ...]
    rare: bool = False

    @property
    def of_role(self) -> bool:
        """Whether its entries name a role, so that it is part of what the role earned."""
        return self.origin in (Origin.TRADE, Origin.CHARGE, Origin.HOLDING)

    @property
    def title(self) -> str:
        """What its sum is called."""
        return f"{self.name}, net" if self.received else self.paid


PRICE = Flow("price", "trading", "", "", Origin.TRADE, False, TRADE_KINDS)
"""Gain of prices at reference prices: the amounts of trades, with the marks of what is held, before slippage."""

SLIPPAGE = Flow("slippage", "slippage", "slippage", "", Origin.TRADE, False, ())
"""A memo of fills, taken out of the gain of prices: no entry of its own."""

POSTED = (
    Flow(
        "commission", "commissions", "commissions and fees", "", Origin.CHARGE, False,
        (EntryKind.COMMISSION, EntryKind.FEE),
    ),
    Flow("borrow", "borrow", "borrow fees", "", Origin.HOLDING, False, (EntryKind.BORROW,)),
    Flow(
        "dividends", "dividends", "dividends paid in lieu", "dividends received", Origin.HOLDING, True,
        (EntryKind.DIVIDEND,),
    ),
    Flow(
        "withholding", "withheld", "tax withheld on dividends", "", Origin.HOLDING, True,
        (EntryKind.WITHHOLDING,), rare=True,
    ),
    Flow("interest", "interest", "interest paid", "interest earned", Origin.CASH, True, (EntryKind.INTEREST,)),
)  # fmt: skip
"""Flows with entries of their own, those of roles first: profits are added up in this order."""

COSTS = (SLIPPAGE, *POSTED)
PROFIT = (PRICE, *COSTS)
"""What the profit of an account is the sum of."""

DEPOSITS = Flow("deposits", "deposits", "", "", Origin.DEPOSIT, False, (EntryKind.DEPOSIT,))
TRANSFERS = Flow("transfers", "transfers", "", "", Origin.TRANSFER, False, (EntryKind.TRANSFER,))
FLOWS = (*PROFIT, DEPOSITS, TRANSFERS)

CHARGES = tuple(flow for flow in POSTED if flow.origin is Origin.CHARGE)
HELD = tuple(flow for flow in POSTED if flow.origin is Origin.HOLDING)


def kinds_of(flows: Iterable[Flow]) -> tuple[EntryKind, ...]:
    """The entries that these flows sum."""
    return tuple(kind for flow in flows for kind in flow.kinds)


def listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


CHARGE_KINDS = kinds_of(CHARGES)
HELD_KINDS = kinds_of(HELD)
