# SPDX-License-Identifier: Apache-2.0
"""What a run says of features that have no value for much of it, as where a look-back is nearly as long as the bars."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.inputs.prepared import Prepared, PreparedSleeve
from engine.notice import Notice, note

MOST = 0.25
"""Part of a run from which on it is said that a feature has no value at its beginning."""

NAMED = 3
"""Features that are named beside the latest; how many more there are is said."""


def late_features(prepared: Prepared) -> tuple[Notice, ...]:
    """A notice for each strategy of which a feature has its first value after a quarter of the run.

    A rule that waits for it has held cash until then, and every figure of the run is of those bars too. One that has
    none at all may be of an optional series; a run that sends no order says that. It is not loud, for a level of
    support may be late by nature. Not where roles have ends: what is not traded yet has no features.
    """
    if prepared.market.partial_roles:
        return ()
    return tuple(said for sleeve in prepared.sleeves for said in _of_one(sleeve))


def first_values(table: NDArray[np.void]) -> dict[str, int]:
    """Feature -> row of its first value in (T,) records, of those that have one, and none in the first quarter."""
    late: dict[str, int] = {}
    quarter = math.ceil(MOST * len(table))
    for name in table.dtype.names or ():
        column: FloatArray = table[name]
        if not np.isnan(column[:quarter][-1:]).any():  # most features, at the cost of one value
            continue
        known = np.flatnonzero(~np.isnan(column))
        if len(known) and known[0] >= quarter:
            late[name] = int(known[0])
    return late


def _of_one(sleeve: PreparedSleeve) -> list[Notice]:
    late, bars = first_values(sleeve.features), len(sleeve.market)
    if not late:
        return []
    first, *others = sorted(late, key=lambda name: -late[name])
    row, named = late[first], sleeve.part.named
    return [
        note(
            f"{named(first)} has no value before {sleeve.market.sessions[row]}, on {row / bars:.0%} of the run"
            f"{_beside([named(one) for one in others])}. A rule that waits for it does nothing until then, and the "
            "figures are of that time too: take a shorter look-back, bars from earlier on or a later period.start"
        )
    ]


def _beside(names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"; {', '.join(names[:NAMED])}{more} {'begins' if len(names) == 1 else 'begin'} late too"
