# SPDX-License-Identifier: Apache-2.0
"""The book of an account before its first bar."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import cleared, fixed
from engine.kernel.views import Part
from engine.records import book_dtype

REMEMBERED = 64
"""Most accounts whose book is found at once: a notebook runs the same few over and over."""


@lru_cache(REMEMBERED)
def empty_book(
    symbols: tuple[str, ...],
    parts: tuple[Part, ...],
    orders: int,
    *,
    underlyings: tuple[int, ...] = (),
    spans: bool = False,
) -> NDArray[Any]:
    """(1,) book in which nothing is held, noted or asked for, without rules and capital; nobody can write into it.

    symbols      of each role, by its number
    orders       most that may work at a time
    underlyings  the role of each option slot's underlying
    spans        a role is without a price on some bars
    """
    roles = len(symbols)
    book = cleared(1, book_dtype(roles, len(parts), orders, spans))
    book["month"] = -1
    book["contract"]["role"] = -1
    book["contract"]["role"][:, : len(underlyings)] = underlyings
    book["pays"] = book["weighed"] = np.nan
    book["noted"] = book["cut_at"] = -1
    book["twin"] = [symbols.index(symbol) for symbol in symbols]
    for part in parts:
        own, slots = book["sleeve"][:, part.number], len(part.options)
        own["role_shift"], own["roles"] = part.first_role, len(part.roles)
        own["option_shift"] = part.option_shift(roles)
        own["first_slot"], own["slots"] = part.first_slot, slots
        book["owner"][:, part.first_role : part.first_role + len(part.roles)] = part.number
        book["owner"][:, roles + part.first_slot : roles + part.first_slot + slots] = part.number
    return fixed(book)
