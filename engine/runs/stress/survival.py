# SPDX-License-Identifier: Apache-2.0
"""The leverage at which something first happens: steps up a ladder, then bisection of the step."""

from __future__ import annotations

from collections.abc import Callable

MOST_LEVERAGE = 100.0
"""Gross over equity beyond which nobody looks: 100 times."""

STEP = 1.5
"""Ratio of neighbouring steps.

A margin call may save a book that a slower one would have lost, so the answer need not stay true above the lowest
leverage: it is looked for from below.
"""

STEPS = 16
PRECISION = 0.01
"""Times equity: an answer lies at most this far above a leverage at which it has not happened."""


def lowest_leverage(happens: Callable[[float], bool], above: float = 0.0, near: float | None = None) -> float | None:
    """Lowest multiple of equity, gross, at which `happens`, to PRECISION; None where at no step up to MOST_LEVERAGE.

    above  a leverage up to which it cannot happen;  near: where it may begin, tried before any step
    """
    if near is not None and near + PRECISION / 2 <= MOST_LEVERAGE:
        low, high = near - PRECISION / 2, near + PRECISION / 2
        if low > 0.0 and happens(high) and not happens(low):
            return high
    below = above
    for step in range(STEPS, -1, -1):
        higher = MOST_LEVERAGE / STEP**step
        if higher <= above:
            continue
        if happens(higher):
            return _between(happens, below, higher)
        below = higher
    return None


def _between(happens: Callable[[float], bool], below: float, above: float) -> float:
    while above - below > PRECISION:
        middle = (below + above) / 2
        if happens(middle):
            above = middle
        else:
            below = middle
    return above
