# SPDX-License-Identifier: Apache-2.0
"""What a command is at, on the terminal's error stream, once it has taken a second; nothing anywhere else."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from engine.progress import Share, Watch

T = TypeVar("T")
PATIENCE = 1.0
"""Seconds a person waits without asking what is going on."""

REFRESH = 0.1


@contextmanager
def watched() -> Iterator[Watch]:
    """A watch for the stages of a run, shown while the block lasts and gone when it ends.

    What a strategy prints meanwhile goes to the error stream: standard output is the command's, one JSON document say.
    """
    display = _Display()
    with redirect_stdout(sys.stderr):
        if sys.stderr is None or not sys.stderr.isatty():
            yield display
            return
        thread = threading.Thread(target=display.show, name="progress", daemon=True)
        thread.start()
        try:
            yield display
        finally:
            display.over.set()
            thread.join(timeout=5)


def collected(items: Iterable[T], doing: str, count: int) -> list[T]:
    """All `count` items, with the share that has come shown while they do."""
    came = 0

    def each() -> Iterator[T]:
        nonlocal came
        for item in items:
            came += 1
            yield item

    with watched() as watch:
        watch(doing, lambda: came / max(count, 1))
        return list(each())


class _Display:
    """Keeps what it was told last; the thread of `show` looks at it, so that a stage never waits for the screen."""

    def __init__(self) -> None:
        self.over = threading.Event()
        self._now: tuple[str, Share | None] = ("starting", None)

    def __call__(self, words: str, share: Share | None = None) -> None:
        self._now = (words, share)

    def show(self) -> None:
        """Draw until it is over; without a word where that is sooner than PATIENCE."""
        if self.over.wait(PATIENCE):
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn

        columns = (SpinnerColumn("line"), TextColumn("{task.description}"), BarColumn(20), TaskProgressColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task(self._now[0], total=None)
            while not self.over.wait(REFRESH):
                words, share = self._now
                if share is None:
                    progress.update(task, description=words, total=None, completed=0)
                else:
                    progress.update(task, description=words, total=1.0, completed=share())
