# SPDX-License-Identifier: Apache-2.0
"""How a reader sees the plan of a walk-forward."""

from __future__ import annotations

from engine.model.walkforward import LENGTH, WalkForward
from engine.report.kit.words import counted

UNITS = {"y": "year", "m": "month"}


def plan_words(plan: WalkForward) -> str:
    """The plan in one line: `each from 3 years, kept for 1 year`."""
    words = f"each from {'all before' if plan.anchored else length_words(plan.train)}, kept for "
    words += length_words(plan.test)
    if plan.anchored:
        words += f", the first from {length_words(plan.train)}"
    if plan.purge:
        words += f", {counted(plan.purge, 'session')} between"
    if plan.pick == "neighbours":
        words += ", by the mean with its neighbours"
    return words + (", positions closed between" if plan.seams == "closed" else ", positions carried on")


def length_words(length: int | str) -> str:
    """A length of time: `3 years`, `6 months`, `250 sessions`."""
    if isinstance(length, int):
        return counted(length, "session")
    number, unit = LENGTH.fullmatch(length).groups()  # type: ignore[union-attr]  # the model has read it
    return counted(int(number), UNITS[unit])
