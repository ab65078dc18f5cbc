# SPDX-License-Identifier: Apache-2.0
"""Many small choices out of one draw.

Drawn one by one, the few hundred choices of a scenario take four times as long as running it and holding it against
every law. Bytes are one draw, and hypothesis makes each of them smaller by itself as it does numbers: 0 is simplest.
"""

from collections.abc import Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Digits:
    """Choices read off bytes, one after another; even but for what 256 or 65,536 leave over."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def below(self, count: int) -> int:
        """0 to count - 1: a byte, two where `count` is above 256."""
        number = self._byte()
        return (number * 256 + self._byte() if count > 256 else number) % count

    def between(self, low: int, high: int) -> int:
        """Whole numbers, both ends among them."""
        return low + self.below(high - low + 1)

    def about(self, most: int) -> int:
        """-most to most; the nearer to 0, the simpler."""
        number = self.below(2 * most + 1)
        return -(number // 2) if number % 2 == 0 else number // 2 + 1

    def one(self, of: Sequence[T]) -> T:
        """The first is the simplest."""
        return of[self.below(len(of))]


def digits(count: int) -> st.SearchStrategy[Digits]:
    """`count` bytes of them."""
    return st.binary(min_size=count, max_size=count).map(Digits)
