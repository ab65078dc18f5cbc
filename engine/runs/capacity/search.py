# SPDX-License-Identifier: Apache-2.0
"""Where along the capital something stops to hold: a ladder of sizes, then bisection in its logarithm."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from engine.runs.capacity.findings import Crossing, Size
from engine.runs.capacity.sized import Sizes

SMALLEST, LARGEST = 1e4, 1e11
"""Deposits that are tried, money."""

A_DECADE = 4
"""Steps of the ladder from one power of ten to the next."""

TOLERANCE = 1.005
"""Bisection ends when the two sizes around the crossing are this close."""


def steps(a_decade: int = A_DECADE) -> list[float]:
    """Sizes in money at even distances in their logarithm, ascending, to three digits."""
    count = round(a_decade * math.log10(LARGEST / SMALLEST))
    return [float(f"{SMALLEST * 10 ** (step / a_decade):.3g}") for step in range(count + 1)]


def ladder(own: float) -> list[float]:
    """The sizes of the ladder in money, ascending, the configuration's own among them."""
    return sorted({*steps(), own})


def last_with(sizes: Sizes, own: float, holds: Callable[[Size], bool]) -> Crossing:
    """The largest size, in money, at which it holds without a break from the own one, or from the next below it.

    The search goes from the own size upward where it holds there, else downward to the first size where it does; so
    a size far off at which it holds by chance is no answer.
    """
    rungs = ladder(own)
    start = rungs.index(own)
    if holds(sizes.at(own)):
        for low, high in zip(rungs[start:], rungs[start + 1 :], strict=False):
            tried = sizes.at(high)
            if tried.stopped:
                return Crossing(None, "beyond")
            if not holds(tried):
                return Crossing(bisected(sizes, low, high, holds))
        return Crossing(None, "beyond")
    for low, high in zip(reversed(rungs[:start]), reversed(rungs[: start + 1]), strict=False):
        if holds(sizes.at(low)):
            return Crossing(bisected(sizes, low, high, holds))
    return Crossing(None, "below")


def bisected(sizes: Sizes, low: float, high: float, holds: Callable[[Size], bool]) -> Size:
    """The size next to the crossing at which it still holds; it does at `low` and does not at `high`, both money."""
    while high / low > TOLERANCE:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if holds(sizes.at(middle)) else (low, middle)
    return sizes.at(low)


def holding_again(
    sizes: Sizes, above: float, holds: Callable[[Size], bool], among: Sequence[float]
) -> tuple[float, ...]:
    """Sizes of the ladder above `above`, in money, at which it holds once more."""
    return tuple(one for one in among if one > above * TOLERANCE and holds(sizes.at(one)))
