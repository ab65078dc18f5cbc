# SPDX-License-Identifier: Apache-2.0
"""What a run is at: told to whoever watches, a terminal or nobody."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

Share = Callable[[], float]
"""How much of a stage is done, 0 to 1; may be called from another thread while the stage runs."""


class Watch(Protocol):
    """Is told of each stage when it begins; `share` is None where nobody knows how long it takes."""

    def __call__(self, words: str, share: Share | None = None) -> None: ...


def unwatched(words: str, share: Share | None = None) -> None:
    """Nobody watches."""
