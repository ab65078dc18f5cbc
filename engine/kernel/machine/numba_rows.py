# SPDX-License-Identifier: Apache-2.0
"""What numba must be taught of a list of roles: `bar.at(i)`, `f.at(i)` and `len(bar)`."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import intrinsic, lower_getattr_generic, models, overload, overload_method, register_model

from engine.kernel.machine.numba_inner import Inner
from engine.kernel.role_numbers import known_role
from engine.records import LISTED

FAST = {"error_model": "numpy", "nogil": True, "_nrt": False}
"""Nothing here makes memory, so no references are counted: a call that takes a table would count even one that has no
owner, and keep no number in a register meanwhile. A sweep took an eighth of its time for that."""
INNER = {**FAST, "no_cfunc_wrapper": True, "pipeline_class": Inner}
"""Of functions that compiled code alone calls: they need no entry from C and no machine code."""


class SeenRow(types.Type):
    """A bar or features whose roles have numbers, together with the book, which is told of a number that is none."""

    def __init__(self, row: types.Record, book: types.Record) -> None:
        self.row, self.book = row, book
        names = f"{row.name} {book.name}"
        super().__init__(name=f"SeenRow({sha256(names.encode()).hexdigest()[:32]})")


@register_model(SeenRow)
class _SeenRowModel(models.StructModel):
    """Two bare pointers."""

    def __init__(self, manager: Any, seen: SeenRow) -> None:
        super().__init__(manager, seen, [("row", seen.row), ("book", seen.book)])


@infer_getattr
class _SeenRowFields(AttributeTemplate):
    """The fields of the row; `_book` is the other record, `_listed` the rows of the roles that are counted."""

    key = SeenRow

    def generic_resolve(self, typ: Any, attr: str) -> Any:
        if attr == "_book":
            return typ.book
        name = LISTED if attr == "_listed" else attr
        return typ.row.typeof(name) if name in typ.row.fields else None


@lower_getattr_generic(SeenRow)
def _field_of_seen(context: Any, builder: Any, typ: Any, value: Any, attr: str) -> Any:
    made = cgutils.create_struct_proxy(typ)(context, builder, value=value)
    if attr == "_book":
        return made.book
    name = LISTED if attr == "_listed" else attr
    return context.get_getattr(typ.row, name)(context, builder, typ.row, made.row, name)


@overload_method(SeenRow, "at", jit_options=INNER, strict=False)
def _seen_at(seen: Any, role: Any) -> Callable[..., Any]:
    del seen, role
    return lambda seen, role: seen._listed[known_role(seen._book, role)]  # noqa: SLF001


@overload(len, jit_options=INNER, strict=False)
def _seen_length(seen: Any) -> Callable[..., Any] | None:
    return (lambda seen: len(seen._book.asset)) if isinstance(seen, SeenRow) else None  # noqa: SLF001


@intrinsic
def seen_with(_typing: Any, row: Any, book: Any) -> Any:
    """Put a row and the book together, in no memory."""
    both = SeenRow(row, book)

    def codegen(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        made = cgutils.create_struct_proxy(both)(context, builder)
        made.row, made.book = arguments
        return made._getvalue()  # noqa: SLF001

    return both(row, book), codegen
