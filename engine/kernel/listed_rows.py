# SPDX-License-Identifier: Apache-2.0
"""Plain objects for the on_bar of a list of roles: `bar.at(i)`, `len(bar)` and `f.at(i)` of an interpreted run.

Compiled, `numba_rows` gives bars and features the same methods.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.kernel.orders.api import ORDER_API
from engine.kernel.role_numbers import at, known_role
from engine.kernel.rows import AuthorBar, author_bars, row_class, rows_of
from engine.kernel.views import Part, listed_features
from engine.records import LISTED, is_listed

BOOK_METHODS = (*ORDER_API.values(), at)
"""What the rows of a book can do in an interpreted run."""


class ListedBar(AuthorBar):
    """A bar whose roles have numbers; `book` is whom a wrong number is told."""

    __slots__ = ()
    book: Any

    def at(self, role: int) -> Any:
        """The bar of a role."""
        return self.asset[known_role(self.book, role)]

    def __len__(self) -> int:
        return len(self.asset)


class ListedFeatures:
    """The features of one bar: those of no role by name, those of each role by its number."""

    __slots__ = ("__dict__", "_class", "_each", "_values")
    book: Any
    _class: type[Any]
    _each: tuple[str, ...]
    _values: Any

    def at(self, role: int) -> Any:
        """The features of a role."""
        values = self._values[known_role(self.book, role)]
        row = self._class()
        for name, value in zip(self._each, values, strict=True):
            setattr(row, name, value)
        return row


def bars_for(part: Part, bars: NDArray[Any], book: Any) -> list[Any]:
    """One object a bar for the on_bar of a sleeve; bars (T,) are its own, book is the one that it sees."""
    made = type("Bar", (ListedBar,), {"__slots__": (), "book": book}) if part.listed else AuthorBar
    return author_bars(bars, len(part.roles), made)


def features_for(part: Part, features: NDArray[Any], book: Any) -> list[Any]:
    """One object a bar; features (T,) are the sleeve's own."""
    if not part.listed:
        return rows_of(features)
    seen = features.view(listed_features(features.dtype, len(part.roles)))
    cls = type("Features", (ListedFeatures,), {"__slots__": (), "book": book})
    names = [name for name in seen.dtype.names or () if name != LISTED]
    listed = is_listed(seen.dtype)
    each = seen.dtype[LISTED].base if listed else None
    plain = list(zip(*(seen[name].tolist() for name in names), strict=True)) if names else [()] * len(seen)
    numbered: Sequence[Any] = seen[LISTED].tolist() if listed else [()] * len(seen)
    made = []
    for own, values in zip(plain, numbered, strict=True):
        row = cls()
        vars(row).update(zip(names, own, strict=True))
        row._values = values
        if each is not None:
            row._class, row._each = row_class(np.dtype(each)), each.names
        made.append(row)
    return made
