# SPDX-License-Identifier: Apache-2.0
"""An on_bar that is to be compiled, and what is said of one that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.kernel.machine.layouts import Layout, SleeveLayout


@dataclass(frozen=True)
class Decision:
    """An on_bar to be compiled.

    helpers  the author's functions that on_bar calls, callees first
    digest   hash of everything on_bar is made from; names its code together with the engine's sources
    """

    on_bar: Callable[..., Any]
    made_of: Layout | SleeveLayout
    helpers: tuple[Callable[..., Any], ...]
    digest: str

    @property
    def key(self) -> tuple[str, str] | None:
        """What names its code; None for a function that stands in no file, such as a notebook's, which is not kept."""
        return (self.digest, repr(self.made_of)) if Path(self.on_bar.__code__.co_filename).is_file() else None


class UncompiledError(Exception):
    """What the compiler says of an on_bar that it refuses: the cause of this error."""

    def __init__(self, on_bar: Callable[..., Any]) -> None:
        super().__init__(on_bar.__qualname__)
        self.on_bar = on_bar
