# SPDX-License-Identifier: Apache-2.0
"""Every error a person can meet, sorted by what that person must do.

TandemError
├── InputError      exit 2: change what you gave us
│   ├── ConfigError     the YAML or a --set: one Problem per mistake, all of them at once
│   ├── DataError       the bars: missing file, bad prices, no common dates
│   ├── StrategyError   the strategy's source: the compile border, roles, parameters
│   └── MissingExtra    an optional part is not installed
├── RunError        exit 1: the run could not finish (disk full, a limit of the engine)
└── CheckFailed     exit 1: a check ran and did not hold (verify, data check)
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a user's input: where it is, what was found, what is allowed.

    line and column count from 1; 0 means unknown. nearest is the closest valid name, empty if none is close.
    """

    message: str
    file: str = ""
    line: int = 0
    column: int = 0
    path: str = ""
    found: str = ""
    allowed: str = ""
    nearest: str = ""

    def __str__(self) -> str:
        """Say `file:line:column: path: message; found X; allowed: Y; did you mean Z?`, without the unknown parts."""
        place = self.file
        if self.line:
            place = f"{place}:{self.line}:{self.column}" if self.column else f"{place}:{self.line}"
        path = "" if place.endswith(self.path) else self.path  # `--set data.path` already says it
        head = ": ".join(part for part in (place, path, self.message) if part)
        tail = [f"found {self.found}"] if self.found else []
        tail += [f"allowed: {self.allowed}"] if self.allowed else []
        tail += [f"did you mean {self.nearest!r}?"] if self.nearest else []
        return "; ".join([head, *tail])


class Contradiction(Problem):
    """Two values, each allowed by itself, of which one rules out the other; a sweep leaves such a set out."""

    __slots__ = ()


class TandemError(Exception):
    """Base of all errors meant for a person; `exit_code` is what the command line returns."""

    exit_code = 1


class InputError(TandemError):
    """The user's input is wrong: nothing was run and nothing was written."""

    exit_code = 2

    def __init__(self, problems: str | Problem | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = Problem(problems)
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ConfigError(InputError):
    """The configuration is wrong; carries every mistake found, in the order of the file."""


class DataError(InputError):
    """The market data is missing or cannot be trusted."""


class StrategyError(InputError):
    """The strategy's source does not fit the compile border, or cannot be found."""


class MissingExtra(InputError):
    """An optional part of Tandem is not installed; the message says how to get it."""


class RunError(TandemError):
    """The run could not finish; nothing half-written is left behind."""


class CheckFailed(TandemError):
    """A check ran to its end and did not hold."""


def nearest_name(word: str, allowed: Iterable[str]) -> str:
    """The valid name closest to `word`, or "" when none is close enough to suggest."""
    by_folded = {name.casefold(): name for name in allowed}
    close: Sequence[str] = difflib.get_close_matches(str(word).casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else ""


def left_the_debugger(error: BaseException) -> bool:
    """Whether somebody typed `q`, or ended the input, at a breakpoint: bdb raises then, and since Python 3.14 pdb."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") in {"pdb", "bdb"}
