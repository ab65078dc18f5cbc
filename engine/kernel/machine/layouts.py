# SPDX-License-Identifier: Apache-2.0
"""What compiled functions take: rows, tables, numbers and one another, told by record types alone, without numba."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine import records as layout
from engine.records import ENTRY, LIVE_ORDERS, MARK, ORDER, OUTCOME, POINT, STRETCH


class Row(NamedTuple):
    """One record: the first of a table."""

    row: np.dtype[Any]


class Table(NamedTuple):
    """Records as far apart as they are.

    writes  the function may write them
    packed  side by side; where not, many may be one record in memory, which is for tables that few bars read
    """

    row: np.dtype[Any]
    writes: bool = True
    packed: bool = True


class Function(NamedTuple):
    """A compiled function: what it takes, and whether it gives a whole number or nothing."""

    takes: tuple[Any, ...]
    counts: bool = False


class Count(NamedTuple):
    """A whole number."""


UNREAD = np.dtype([("first", "u1")])
"""A record of which the kernel knows where it begins, and nothing else: it hands it on to the decision.

Rows of any type can be handed on so; `checked` says whether they are those that the decision was compiled for."""

RATE = np.dtype("f8")
"""Of a table of benchmark rates."""

WRITTEN = tuple(Table(part) for part in (ENTRY, ORDER, POINT, MARK))
"""Of `loop.Outputs`."""


def rows_as(table: NDArray[Any], row: np.dtype[Any]) -> NDArray[Any]:
    """The same rows, as far apart as they are, each seen as what it begins with."""
    return np.ndarray(table.shape, row, table, strides=table.strides)


def checked(table: NDArray[Any], row: np.dtype[Any]) -> NDArray[Any]:
    """Rows that a decision was compiled for, for the kernel to hand on. Raises TypeError for rows of another type."""
    if table.dtype != row:
        raise TypeError(f"rows of {table.dtype}, where the decision reads {row}")
    return table


def decision_of(*parts: np.dtype[Any]) -> Function:
    """on_bar(bar, f, p, s, account, orders) over records of these types."""
    return Function(tuple(map(Row, parts)))


@dataclass(frozen=True)
class SleeveLayout:
    """The record types that a sleeve's on_bar sees: views of the bar, the joined records and the book."""

    bars: np.dtype[Any]
    features: np.dtype[Any]
    params: np.dtype[Any]
    state: np.dtype[Any]
    account: np.dtype[Any]
    orders: np.dtype[Any]

    @property
    def seen(self) -> np.dtype[Any]:
        """The author's view of the book."""
        return self.account

    @property
    def decide(self) -> Function:
        """The sleeve's on_bar."""
        return decision_of(self.bars, self.features, self.params, self.state, self.account, self.orders)

    @property
    def listed(self) -> bool:
        """Whether on_bar counts its roles."""
        return layout.is_listed(self.bars)


@dataclass(frozen=True)
class AccountLayout:
    """The record types that the kernel reads and writes: the numbers of roles, sleeves and orders decide them.

    What a decision alone reads is UNREAD to the kernel, so that strategies with these numbers alike share one kernel.
    spans a role is without a price on some bars
    """

    roles: int
    sleeves: int = 1
    orders: int = LIVE_ORDERS
    spans: bool = False

    @property
    def bars(self) -> np.dtype[Any]:
        """The kernel's view of a bar; the rows of a table are as far apart as the author's."""
        return layout.dtype_of(layout.Bar, asset=self.roles)

    @property
    def book(self) -> np.dtype[Any]:
        return layout.book_dtype(self.roles, self.sleeves, self.orders, self.spans)

    @property
    def decide(self) -> Function:
        """A decision as the kernel calls it."""
        return decision_of(*[UNREAD] * 5, self.book)

    @property
    def _read(self) -> tuple[Any, ...]:
        """Of `loop.Inputs`, behind the decision."""
        bars = (Table(part, writes=False, packed=False) for part in (UNREAD, self.bars, UNREAD))
        terms = Table(layout.terms_dtype(self.roles), writes=False)
        rates = Table(RATE, writes=False)
        inputs = Table(layout.option_input_dtype(self.roles), writes=False)
        costs = Table(layout.cost_input_dtype(self.roles), writes=False, packed=False)
        return (self.decide, *bars, terms, rates, inputs, costs)

    @property
    def kernel(self) -> Function:
        """One run, the groups of loop.simulate taken apart: a call converts no arrays in tuples."""
        own = (Row(part) for part in (UNREAD, UNREAD, UNREAD, self.book))
        return Function((*self._read, *own, *WRITTEN, Count(), Count()), counts=True)

    @property
    def sweep(self) -> Function:
        """sweep.simulate_many, likewise; it is given the kernel."""
        runs = (*(Table(UNREAD, packed=False) for _ in range(3)), Table(self.book))
        return Function((self.kernel, *self._read, *runs, *WRITTEN, Table(OUTCOME), Table(STRETCH)))


@dataclass(frozen=True)
class Layout:
    """The record types of one kind of run: roles, series, features, params, state and option slots decide them.

    spans a role is without a price on some bars
    seen  the author's view of the book where roles have numbers: its fields overlap, which no argument's may
    """

    bars: np.dtype[Any]
    roles: tuple[str, ...]
    features: np.dtype[Any]
    params: np.dtype[Any]
    state: np.dtype[Any]
    options: tuple[str, ...] = ()
    sleeves: int = 1
    orders: int = LIVE_ORDERS
    spans: bool = False
    seen: np.dtype[Any] | None = None

    @property
    def whole(self) -> AccountLayout:
        """What the kernel knows of it."""
        return AccountLayout(len(self.roles), self.sleeves, self.orders, self.spans)

    @property
    def listed(self) -> bool:
        """Whether on_bar counts its roles."""
        return layout.is_listed(self.bars)

    @property
    def account(self) -> np.dtype[Any]:
        named = self.sleeves == 1 and not self.listed
        return layout.account_dtype(self.roles, self.options, self.orders, self.spans) if named else self.book

    @property
    def book(self) -> np.dtype[Any]:
        return self.whole.book

    @property
    def decide(self) -> Function:
        """on_bar(bar, f, p, s, account, orders)."""
        return decision_of(self.bars, self.features, self.params, self.state, self.account, self.book)
