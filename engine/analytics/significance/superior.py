# SPDX-License-Identifier: Apache-2.0
"""Whether the best of many sets is better than cash, given that it is the best of many.

White, "A Reality Check for Data Snooping", Econometrica 68 (2000), and Hansen, "A Test for Superior Predictive
Ability", Journal of Business & Economic Statistics 23 (2005), by the library `arch`, on a stationary bootstrap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.analytics.significance.intervals import block_length
from engine.analytics.significance.overfitting import moving
from engine.arrays import FloatArray

DRAWS = 500


@dataclass(frozen=True)
class Superior:
    """Probabilities, 0 to 1, that luck alone makes the best of the sets as good as it is: small where it is real.

    reality_check  White's, of the mean return: every set counts, bad ones too
    consistent     Hansen's, of mean over deviation: sets far below cash do not; lower and upper are its bounds
    stretches      returns of a set that are drawn from: sums over stretches of bars
    block          mean length of a block in stretches
    """

    sets: int
    stretches: int
    block: float
    draws: int
    reality_check: float
    consistent: float
    lower: float
    upper: float


def superior(returns: FloatArray, deviation: FloatArray, seed: int, draws: int = DRAWS) -> Superior:
    """The test of (S, N) returns over cash, S stretches of N sets; sets that do not move are left out, one must.

    deviation  (N,) of each set's returns bar to bar: of many bars it is known better than of a few stretches, whose
               own deviation would make the best of noise look good twice as often as it should

    Hansen divides each set's mean by its deviation. arch 8.0 knows a `studentize` and does not use it for that, so the
    sets are divided here. The block is that of the set with the best ratio.
    """
    from arch.bootstrap import SPA

    moves = moving(returns.var(axis=0), np.mean(returns**2, axis=0))
    kept, scaled = returns[:, moves], returns[:, moves] / deviation[moves]
    block = block_length(kept[:, int(np.argmax(scaled.mean(axis=0)))])
    length: Any = block  # the library takes fractions, its types do not
    found = []
    for gains in (kept, scaled):
        test = SPA(np.zeros(len(gains)), -gains, block_size=length, reps=draws, seed=seed)
        test.compute()
        found.append({str(name): float(value) for name, value in test.pvalues.items()})
    plain, ratios = found
    return Superior(
        kept.shape[1], len(kept), block, draws, plain["upper"], ratios["consistent"], ratios["lower"], ratios["upper"]
    )
