# SPDX-License-Identifier: Apache-2.0
"""Plain Python objects in place of records, for interpreted runs: the same fields, the same arithmetic, breakpoints."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

FieldPlan = tuple[str, "type | None", int]
"""(field name, class of a nested record or None, length of a nested array or 0)."""


class Row:
    """Base of the generated classes; one slot a field."""

    __slots__ = ()
    plan: tuple[FieldPlan, ...] = ()


@cache
def row_class(
    dtype: np.dtype[Any],
    roles: tuple[str, ...] = (),
    methods: tuple[Callable[..., Any], ...] = (),
    options: tuple[str, ...] = (),
) -> type[Row]:
    """A class with the fields of `dtype`.

    roles also name the elements of `asset`, options those of `contract`, so one object serves the author's and the
    kernel's view; methods become methods (the order pad).
    """
    plan = []
    for name in dtype.names or ():
        field = dtype[name]
        element = field.subdtype[0] if field.subdtype else field
        length = field.subdtype[1][0] if field.subdtype else 0
        plan.append((name, row_class(element) if element.names else None, length))
    body: dict[str, Any] = {"__slots__": (*(dtype.names or ()), *roles, *options), "plan": tuple(plan)}
    body.update({method.__name__: method for method in methods})
    return type("Row", (Row,), body)


def from_values(
    cls: type[Row], values: Sequence[Any], roles: tuple[str, ...] = (), options: tuple[str, ...] = ()
) -> Any:
    """An object of `cls` from the nested tuples that `array.tolist()` gives; arrays within them become lists.

    Their numbers become Python's: a numpy scalar would divide by zero without a word and count more slowly.
    """
    row = cls()
    for (name, nested, length), value in zip(cls.plan, values, strict=True):
        if nested is None:
            setattr(row, name, np.asarray(value).tolist() if length else value)
        elif length:
            setattr(row, name, [from_values(nested, element) for element in np.asarray(value).tolist()])
        else:
            setattr(row, name, from_values(nested, value))
    for index, role in enumerate(roles):
        setattr(row, role, row.asset[index])  # type: ignore[attr-defined]
    for slot, option in enumerate(options):
        setattr(row, option, row.contract[slot])  # type: ignore[attr-defined]
    return row


def to_values(row: Any) -> tuple[Any, ...]:
    """The nested tuples of `row`, ready for `np.array(..., dtype)`."""
    values: list[Any] = []
    for name, nested, length in row.plan:
        value = getattr(row, name)
        if nested is None:
            values.append(tuple(value) if length else value)
        else:
            values.append([to_values(element) for element in value] if length else to_values(value))
    return tuple(values)


class GrowingRows:
    """A table of rows that makes each row when it is first touched: the ledger, the order log, the equity path."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._dtype = dtype
        self._class = row_class(dtype)
        self._blank = np.zeros(1, dtype).tolist()[0]
        self._rows: list[Any] = []

    def __getitem__(self, index: int) -> Any:
        while index >= len(self._rows):
            self._rows.append(from_values(self._class, self._blank))
        return self._rows[index]

    def __len__(self) -> int:
        return 1 << 60  # room never runs out: rows are made on demand

    def table(self, rows: int) -> NDArray[Any]:
        """The first `rows` rows as records."""
        return np.array([to_values(row) for row in self._rows[:rows]], self._dtype)


class AuthorBar:
    """One bar for on_bar and for the kernel: roles by name and by index, series by name."""

    __slots__ = ("__dict__", "asset", "days", "last", "session", "ts")

    ts: int
    session: int
    days: int
    last: int
    asset: list[Any]


def author_bars(bars: NDArray[Any], roles: int) -> list[Any]:
    """One object a bar, made from the record array (T,) of `bar_dtype`."""
    names = bars.dtype.names or ()
    asset_class = row_class(bars.dtype[names[4]])
    made = []
    for values in bars.tolist():
        bar = AuthorBar()
        bar.ts, bar.session, bar.days, bar.last = values[:4]
        assets = []
        for role in range(4, 4 + roles):
            asset: Any = asset_class()
            (
                asset.open,
                asset.high,
                asset.low,
                asset.close,
                asset.volume,
                asset.dividend,
                asset.split,
                asset.factor,
            ) = values[role]
            assets.append(asset)
            setattr(bar, names[role], asset)
        bar.asset = assets
        for series in range(4 + roles, len(names)):
            setattr(bar, names[series], values[series])
        made.append(bar)
    return made


def rows_of(table: NDArray[Any]) -> list[Any]:
    """One object a record, for tables without nested role names (features, terms)."""
    cls = row_class(table.dtype)
    return [from_values(cls, values) for values in table.tolist()]
