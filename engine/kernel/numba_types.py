# SPDX-License-Identifier: Apache-2.0
"""What numba must be taught: functions of two modes, the order API as methods of the book, tables without owners.

This module, `numba_rows`, `numba_inner` and `compiled` are the only ones that import numba.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, wraps
from hashlib import sha256
from typing import Any

import numpy as np
from numba import from_dtype, types
from numba.core import cgutils
from numba.core.typing.templates import _OverloadMethodTemplate, infer_getattr, make_overload_attribute_template
from numba.extending import intrinsic, overload, register_jitable
from numpy.typing import NDArray

from engine import records as layout
from engine.kernel.allocator import keep_freed_memory
from engine.kernel.numba_rows import INNER
from engine.kernel.order_api import ORDER_API
from engine.kernel.role_numbers import at
from engine.kernel.spans import close_roles, end_roles
from engine.kernel.two_modes import EVERY_BAR, TWO_MODES, rows_between
from engine.records import ENTRY, LIVE_ORDERS, MARK, ORDER, OUTCOME, POINT, STRETCH


def _mangled(record: types.Record) -> tuple[str, tuple[str]]:
    """What stands for a record in the symbols of compiled functions: a hash of its fields, offsets and size.

    numba counts the types of a process instead. Code cached by two processes then has one symbol for functions of two
    records, and the process that loads both runs one of them in place of the other, on the wrong offsets.
    """
    return "Record", (sha256(record.name.encode()).hexdigest()[:32],)


types.Record.mangling_args = property(_mangled)


@cache
def register_all() -> None:
    """Make functions of two modes callable from compiled code, and those of the order API methods of the book."""
    keep_freed_memory()
    for function in TWO_MODES:
        register(function)
    for function in EVERY_BAR:
        register_jitable(**INNER, forceinline=True)(function)
    for name, function in (*ORDER_API.items(), ("at", at)):
        _register_method(name, function)


def register(function: Callable[..., Any], *, inlined: bool = False, checked: bool = False) -> None:
    """Make one plain function callable from compiled code; `inlined`: copied to where it is called.

    checked  a position that a table does not have raises IndexError, in place of reading other memory
    """
    register_jitable(**INNER, forceinline=inlined, boundscheck=checked)(function)


@overload(rows_between, strict=False, jit_options=INNER)
def _rows_between(start: Any, stop: Any) -> Callable[..., Any]:
    """Each signed number that asks a table for a row is looked at first, whether it counts from the end."""
    del start, stop
    return lambda start, stop: range(np.uint64(start), np.uint64(stop))


@overload(end_roles, strict=False, jit_options={**INNER, "forceinline": True})
def _end_roles(book: Any, terms: Any, entries: Any, log: Any, bar: Any) -> Callable[..., Any]:
    """A branch that is never taken costs the loop a twentieth: what it would call takes tables."""
    del terms, entries, log, bar
    if book.typeof("spans").shape[0] > 1:
        return close_roles
    return lambda book, terms, entries, log, bar: None  # noqa: ARG005


class _BookMethod(_OverloadMethodTemplate):
    """Gives a method to the book's record alone: other records may have fields of the same name (`close`, `stop`)."""

    def _resolve(self, typ: Any, attr: str) -> Any:
        return super()._resolve(typ, attr) if "next_id" in typ.fields else None


def _register_method(name: str, function: Callable[..., Any]) -> None:
    @wraps(function)  # numba reads defaults and argument names off the signature
    def method(*_args: Any, **_named: Any) -> Callable[..., Any]:
        return function

    template = make_overload_attribute_template(
        types.Record, name, method, base=_BookMethod, strict=False, jit_options=INNER
    )
    infer_getattr(template)
    overload(method, strict=False, jit_options=INNER)(method)


@intrinsic
def unowned(_typing: Any, array: Any) -> Any:
    """Give the same array without its owner, so that counting references on it costs nothing.

    Owned tables cost two atomic operations a call: 43 ns a bar-step instead of 28 on 6,300 daily bars. The caller
    keeps the array alive for the whole call, which the Python frame around the kernel does.
    """

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        made = context.make_array(signature.args[0])(context, builder, arguments[0])
        for field in ("meminfo", "parent"):
            setattr(made, field, cgutils.get_null_value(getattr(made, field).type))
        return made._getvalue()  # noqa: SLF001  (numba's own way to read a struct back)

    return array(array), codegen


def _rows(dtype: np.dtype[Any], *, readonly: bool = False, order: str = "C") -> Any:
    """Rows of a table; order A where many may be one record in memory, which is for tables that few bars read."""
    return types.Array(from_dtype(dtype), 1, order, readonly=readonly, aligned=True)


def decision_signature(*parts: np.dtype[Any]) -> Any:
    """Signature of on_bar(bar, f, p, s, account, orders) over records of these types."""
    return types.void(*(from_dtype(part) for part in parts))


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
    def decide(self) -> Any:
        """Signature of the sleeve's on_bar."""
        return decision_signature(*self.parts)

    @property
    def listed(self) -> bool:
        """Whether on_bar counts its roles."""
        return layout.is_listed(self.bars)

    @property
    def parts(self) -> tuple[np.dtype[Any], ...]:
        """In the order of on_bar's arguments."""
        return self.bars, self.features, self.params, self.state, self.account, self.orders


def viewed_as(dtype: np.dtype[Any]) -> Any:
    """A function of compiled code that gives the same record under other names; it costs nothing."""
    target = from_dtype(dtype)

    @intrinsic
    def view(_typing: Any, row: Any) -> Any:
        def codegen(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], context.get_value_type(target))

        return target(row), codegen

    return view


UNREAD = np.dtype([("first", "u1")])
"""A record of which the kernel knows where it begins, and nothing else: it hands it on to the decision."""


def rows_as(table: NDArray[Any], row: np.dtype[Any]) -> NDArray[Any]:
    """The same rows, as far apart as they are, each seen as what it begins with."""
    return np.ndarray(table.shape, row, table, strides=table.strides)


def unread(table: NDArray[Any], row: np.dtype[Any]) -> NDArray[Any]:
    """Rows that a decision was compiled for, as the kernel hands them on. Raises TypeError for rows of another type."""
    if table.dtype != row:
        raise TypeError(f"rows of {table.dtype}, where the decision reads {row}")
    return rows_as(table, UNREAD)


RATES = types.Array(types.float64, 1, "C", readonly=True, aligned=True)

WRITTEN = tuple(_rows(part) for part in (ENTRY, ORDER, POINT, MARK))
"""Of `loop.Outputs`."""


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
    def decide(self) -> Any:
        """Signature of a decision as the kernel calls it."""
        return decision_signature(*[UNREAD] * 5, self.book)

    @property
    def _read(self) -> tuple[Any, ...]:
        """Of `loop.Inputs`, behind the decision."""
        bars = (_rows(part, readonly=True, order="A") for part in (UNREAD, self.bars, UNREAD))
        terms = _rows(layout.terms_dtype(self.roles), readonly=True)
        inputs = _rows(layout.option_input_dtype(self.roles), readonly=True)
        costs = _rows(layout.cost_input_dtype(self.roles), readonly=True, order="A")
        return (types.FunctionType(self.decide), *bars, terms, RATES, inputs, costs)

    @property
    def kernel(self) -> Any:
        """Signature of one run, the groups of loop.simulate taken apart: a call converts no arrays in tuples."""
        own = (from_dtype(part) for part in (UNREAD, UNREAD, UNREAD, self.book))
        return types.int64(*self._read, *own, *WRITTEN, types.int64, types.int64)

    @property
    def sweep(self) -> Any:
        """Signature of sweep.simulate_many, likewise; it is given the kernel."""
        runs = (*(_rows(UNREAD, order="A") for _ in range(3)), _rows(self.book))
        one = types.FunctionType(self.kernel)
        return types.void(one, *self._read, *runs, *WRITTEN, _rows(OUTCOME), _rows(STRETCH))


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
    def decide(self) -> Any:
        """Signature of on_bar(bar, f, p, s, account, orders)."""
        return decision_signature(self.bars, self.features, self.params, self.state, self.account, self.book)
