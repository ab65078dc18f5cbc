# SPDX-License-Identifier: Apache-2.0
"""What numba must be taught: functions of two modes, the order API as methods of the book, tables without owners.

This module, `numba_rows`, `numba_inner`, `numba_entry` and `compiled` are the only ones that import numba.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, wraps
from hashlib import sha256
from typing import Any

import numpy as np
from numba import from_dtype, types
from numba.core import cgutils
from numba.core.typing.templates import _OverloadMethodTemplate, infer_getattr, make_overload_attribute_template
from numba.extending import intrinsic, overload, register_jitable

from engine.kernel.machine.layouts import Function, Row, Table
from engine.kernel.machine.numba_entry import Address
from engine.kernel.machine.numba_rows import INNER
from engine.kernel.orders.api import ORDER_API
from engine.kernel.role_numbers import at
from engine.kernel.spans import close_roles, end_roles
from engine.kernel.two_modes import EVERY_BAR, TWO_MODES, rows_between


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


@cache
def numba_signature(function: Function) -> Any:
    """What numba calls such a function."""
    returned = types.int64 if function.counts else types.void
    return returned(*map(numba_type, function.takes))


def numba_type(taken: Any) -> Any:
    """What numba calls something that a function takes."""
    match taken:
        case Row():
            return from_dtype(taken.row)
        case Table():
            order = "C" if taken.packed else "A"
            return types.Array(from_dtype(taken.row), 1, order, readonly=not taken.writes, aligned=True)
        case Function():
            return Address(numba_signature(taken))
        case _:
            return types.int64


def viewed_as(dtype: np.dtype[Any]) -> Any:
    """A function of compiled code that gives the same record under other names; it costs nothing."""
    target = from_dtype(dtype)

    @intrinsic
    def view(_typing: Any, row: Any) -> Any:
        def codegen(context: Any, builder: Any, _signature: Any, args: Any) -> Any:
            return builder.bitcast(args[0], context.get_value_type(target))

        return target(row), codegen

    return view
