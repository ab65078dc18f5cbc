# SPDX-License-Identifier: Apache-2.0
"""Parameter sets that share their features, in one compiled call on one core."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.compiled_run import programs_of, read_by
from engine.engines.native import NO_ROW
from engine.errors import StrategyError
from engine.inputs.prepared import Prepared
from engine.kernel.machine import programs
from engine.kernel.machine.layouts import checked
from engine.records import ENTRY, MARK, ORDER, OUTCOME, POINT, STRETCH

TOGETHER = 256
"""Most sets of one compiled call: the call is nothing beside them."""

SHORTEST = 100_000
"""Bar-steps of the shortest calls, two milliseconds: ten times what is around them."""


def simulate_sets(prepared: Prepared, features: NDArray[Any], params: NDArray[Any]) -> NDArray[Any]:
    """(P,) outcomes of P parameter records that share `features`. The call holds no lock while it runs."""
    return simulate_stretches(prepared, features, params, 1)[0]


def simulate_stretches(
    prepared: Prepared, features: NDArray[Any], params: NDArray[Any], count: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The same, and (P, count) STRETCH: sums of the returns, and of their squares, of each stretch of the T bars.

    Stretch c is the bars from T c // count to T (c + 1) // count. This is all of a path that a judgement of many sets
    needs, and its memory does not grow with the bars.
    """
    runs = len(params)
    ran_by = programs_of(prepared)
    made_of, many = ran_by.made_of, programs.sweep(ran_by.made_of.whole)
    books = prepared.first_book(runs)
    nothing = (np.zeros(1, ENTRY), np.zeros(1, ORDER), np.zeros(1, POINT), np.zeros(1, MARK))
    states, outcomes = np.repeat(prepared.first_state(), runs), np.zeros(runs, OUTCOME)
    sums = np.zeros(runs * count, STRETCH)
    read = read_by(prepared, features, made_of)
    own = (checked(params, made_of.params), checked(states, made_of.state), books)
    try:
        many(ran_by.kernel, ran_by.decide, *read, *own, books, *nothing, outcomes, sums)
    except IndexError as error:
        raise StrategyError(NO_ROW) from error
    stretches = sums.reshape(runs, count)
    for name in STRETCH.names or ():
        stretches[name] = np.diff(stretches[name], axis=1, prepend=0.0)
    return outcomes, stretches


def parts(members: NDArray[Any], left: int, fewest: int, threads: int) -> Iterator[NDArray[Any]]:
    """The members of one feature table, a part a compiled call, in their order.

    left  sets that have not been given out, of this table and of those after it
    A part is half of a thread's share of what is left, but not less than `fewest`: a thread that something else holds
    up leaves the later parts to the others, and none waits long for the last.
    """
    at = 0
    while at < len(members):
        size = min(TOGETHER, max(fewest, -(-(left - at) // (2 * threads))))
        yield members[at : at + size]
        at += size
