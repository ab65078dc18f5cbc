# SPDX-License-Identifier: Apache-2.0
"""A kill or a closed terminal ends a command the way an error does: what was being written is removed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

AGAIN = 0.02
"""Seconds until a signal is sent once more that was raised where nobody hears it."""


class Stopped(BaseException):
    """A signal asked the process to end; no SystemExit, which a strategy may raise while it is imported."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def stop_in_order() -> None:
    """From now on signals that end a process raise Stopped in its main thread."""
    for name in ("SIGTERM", "SIGHUP"):
        if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is signal.SIG_DFL:
            signal.signal(getattr(signal, name), _stop)
    if sys.unraisablehook.__module__ != __name__:
        sys.unraisablehook = _heard(sys.unraisablehook)


def _stop(number: int, _frame: FrameType | None) -> None:
    raise Stopped(number)


def _heard(otherwise: Callable[[Any], object]) -> Callable[[Any], None]:
    """For what is raised where nobody can catch it, as in a callback of the search for cycles, and is only printed.

    A command stopped there would go on to its end as if nobody had asked: the signal is sent again when that is over.
    """

    def hook(told: Any) -> None:
        error = told.exc_value
        if not isinstance(error, Stopped | KeyboardInterrupt):
            otherwise(told)
            return
        from threading import Timer

        number = error.number if isinstance(error, Stopped) else signal.SIGINT
        again = Timer(AGAIN, os.kill, (os.getpid(), number))
        again.daemon = True
        again.start()

    return hook
