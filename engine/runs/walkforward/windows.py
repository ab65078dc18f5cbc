# SPDX-License-Identifier: Apache-2.0
"""Which sessions each choice is made from, and on which it is used."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.errors import ConfigError, Problem
from engine.model.walkforward import LENGTH, WalkForward

LEAST = 20
"""Sessions that a choice is made from; a ratio of fewer says nothing."""

Days = NDArray[np.datetime64]


class Span(NamedTuple):
    """First and last session, both inclusive."""

    first: np.datetime64
    last: np.datetime64


@dataclass(frozen=True)
class Window:
    """One choice: the sessions that it is made from, those on which it is used, and the count of each."""

    train: Span
    test: Span
    trained: int
    tested: int


def windows_of(sessions: Days, plan: WalkForward) -> tuple[Window, ...]:
    """The choices over (S,) sessions that rise. Every session after the first `train` is tested exactly once.

    The last test takes what is left, and a single session that is left goes to the test before it. Raises ConfigError
    where a choice would be made from fewer than LEAST sessions, or nothing is left to test.
    """
    begins = _begins(sessions, plan)
    if len(begins) < 2:
        allowed = f"a shorter walkforward.train than {plan.train}, or a longer period"
        raise ConfigError(
            Problem("nothing is left to test", path="walkforward.train", found=_period(sessions), allowed=allowed)
        )
    days = list(begins.values())
    starts = [*list(begins)[:-1], len(sessions)]
    return tuple(
        _window(sessions, plan, start, stop, day)
        for (start, stop), day in zip(pairwise(starts), days[:-1], strict=True)
    )


def _window(sessions: Days, plan: WalkForward, start: int, stop: int, day: Any) -> Window:
    first = 0 if plan.anchored else _began(sessions, start, day, plan.train)
    last = start - plan.purge
    if last - first < LEAST:
        path = "walkforward.purge" if plan.purge else "walkforward.train"
        found = f"{max(0, last - first)} sessions before {sessions[start]}"
        raise ConfigError(
            Problem("too little to choose from", path=path, found=found, allowed=f"{LEAST} sessions or more")
        )
    train, test = Span(sessions[first], sessions[last - 1]), Span(sessions[start], sessions[stop - 1])
    return Window(train, test, last - first, stop - start)


def _begins(sessions: Days, plan: WalkForward) -> dict[int, Any]:
    """Where each test begins, with the day that it is counted to; last where none does: at a last session, or past all.

    Years and months are counted from one day on, so that a holiday moves one test and not all that follow.
    """
    if isinstance(plan.train, int):
        first = min(plan.train, len(sessions))
        day = sessions[min(plan.train, len(sessions) - 1)]
    else:
        day = _shifted(sessions[0], _months(plan.train))
        first = int(np.searchsorted(sessions, day))
    begins, start, tests = {first: day}, first, 0
    while start < len(sessions) - 1:
        tests += 1
        if isinstance(plan.test, int):
            start = min(start + plan.test, len(sessions))
            reached = sessions[min(start, len(sessions) - 1)]
        else:
            reached = _shifted(day, tests * _months(plan.test))
            start = int(np.searchsorted(sessions, reached))
        begins.setdefault(start, reached)  # a month without a session has no test
    return begins


def _began(sessions: Days, stop: int, day: Any, length: int | str) -> int:
    """The first session of the length of time before session number `stop`, which is counted to `day`."""
    if isinstance(length, int):
        return max(0, stop - length)
    return int(np.searchsorted(sessions, _shifted(day, -_months(length))))


def _months(length: str) -> int:
    number, unit = LENGTH.fullmatch(length).groups()  # type: ignore[union-attr]  # the model has read it
    return int(number) * (12 if unit == "y" else 1)


def _shifted(day: Any, months: int) -> Any:
    """The same day of the month so many months later; the last one of a month that is too short."""
    month = day.astype("M8[M]")
    there = month + np.timedelta64(months, "M")
    last = (there + np.timedelta64(1, "M")).astype("M8[D]") - np.timedelta64(1, "D")
    return min(there.astype("M8[D]") + (day - month.astype("M8[D]")), last)


def _period(sessions: Days) -> str:
    return f"{len(sessions)} sessions, {sessions[0]} to {sessions[-1]}"
