# SPDX-License-Identifier: Apache-2.0
"""Three ways to weigh the admitted funds: Return Structure, largest alpha, independence of the market."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.hedgefunds.regression import Split
from engine.hedgefunds.structure import Rating, shares

STRUCTURE, ALPHA, INDEPENDENCE = "return_structure", "largest_alpha", "independence"

TOP = 3
"""The two portfolios of a ranking hold the best third of the admitted funds, in equal parts."""

WORDS: Mapping[str, str] = {
    STRUCTURE: "Return Structure", ALPHA: "largest alpha", INDEPENDENCE: "greatest independence",
}  # fmt: skip


def targets_of(rating: Rating, year: Split) -> dict[str, FloatArray]:
    """(T, N) weights by what is known at the end of each month, one array a rule; a row of zeros is cash.

    Return Structure: every admitted fund by its RS. Largest alpha: the third with the largest averaged alpha return.
    Independence: the third whose returns of the last year the market explains least (R squared).
    """
    equal = np.ones_like(rating.alpha)
    return {
        STRUCTURE: shares(rating.rs, rating.admitted),
        ALPHA: shares(equal, best_third(rating.alpha, rating.admitted)),
        INDEPENDENCE: shares(equal, best_third(-year.fit, rating.admitted)),
    }


def best_third(scores: FloatArray, admitted: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(T, N) the admitted third, rounded up, with the highest scores; of equal ones all that share the last place."""
    chosen = np.zeros_like(admitted)
    known = admitted & np.isfinite(scores)
    for row in np.flatnonzero(known.any(axis=1)).tolist():
        ranked = np.sort(scores[row, known[row]])[::-1]
        last = ranked[math.ceil(len(ranked) / TOP) - 1]
        chosen[row] = known[row] & (scores[row] >= last)
    return chosen
