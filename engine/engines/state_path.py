# SPDX-License-Identifier: Apache-2.0
"""What a strategy remembered after each close of an interpreted run, kept where the configuration asks for it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import Problem, RunError, StrategyError
from engine.kernel import rows

MOST_BYTES = 1 << 30
"""Of a path that is kept in memory."""


class StatePath:
    """The state after each of `bars` decisions; first is the (1,) record before the first of them."""

    def __init__(self, bars: int, first: NDArray[Any]) -> None:
        size = bars * first.dtype.itemsize
        if size > MOST_BYTES:
            found, most = f"{bars:,} bars of {first.dtype.itemsize:,} bytes", f"{MOST_BYTES:,} bytes in all"
            raise RunError(str(Problem("too much to keep", path="keep_state", found=found, allowed=most)))
        self.table = np.repeat(first, bars)

    def fields(self, names: Sequence[str]) -> NDArray[Any]:
        """The (T,) records of the fields that are declared: a record of a strategy without any has one unused."""
        return self.table[list(names)] if names else np.zeros(len(self.table), np.dtype([]))

    def watching(self, decide: Callable[..., Any]) -> Callable[..., Any]:
        """A decision that does the same and notes the state that it leaves."""

        def watched(bar: Any, f: Any, p: Any, s: Any, account: Any, book: Any) -> None:
            decide(bar, f, p, s, account, book)
            states = s if isinstance(s, tuple) else (s,)
            try:
                self.table[book.t] = tuple(value for state in states for value in rows.to_values(state))
            except OverflowError as error:
                words = f"bar {book.t}: a whole number of State has grown beyond 64 bits, which no column holds"
                raise StrategyError(words) from error

        return watched
