# SPDX-License-Identifier: Apache-2.0
"""Small tables of the file, indexed by number: tuples of numbers of one kind, or tuples of such tuples.

Both modes give the same number, and both stop the run where there is none: compiled code raises IndexError too.
"""

from __future__ import annotations

from typing import Any

import numpy as np

NO_INDEXING = "no indexing: the row is all there is; what an earlier bar was belongs in features() or State"
"""Of what is no constant of the file."""

_FITS = 2**63


def table_kind(table: tuple[Any, ...]) -> type | None:
    """Int or float where all numbers of the tuple, or of equally long tuples in it, are of that one kind."""
    if not table:
        return None
    if all(isinstance(row, tuple) for row in table):
        kinds = {table_kind(row) for row in table}
        return kinds.pop() if len(kinds) == 1 and len({len(row) for row in table}) == 1 else None
    kinds = {type(number) for number in table}
    if kinds == {int}:
        return int if all(-_FITS <= number < _FITS for number in table) else None
    return float if kinds == {float} else None


def why_no_table(thing: Any) -> str:
    """Why `thing` cannot be indexed in on_bar, and what to write instead; empty where it can."""
    if isinstance(thing, tuple):
        if table_kind(thing) is not None:
            return ""
        return (
            "a table is a tuple of whole numbers or of fractions, not of both: write (0.5, 1.0), and rows of one length"
        )
    if isinstance(thing, list | np.ndarray):
        how = "tuple(NAME.tolist())" if isinstance(thing, np.ndarray) else "(1.0, 2.0)"
        return f"a {type(thing).__name__} can change, and compiled code would not see it; make it a tuple: {how}"
    if isinstance(thing, dict):
        return "a dict cannot be compiled; make it a tuple that is indexed by number, or write if / elif"
    return f"a {type(thing).__name__} cannot be indexed in on_bar: only tuples of numbers can"
