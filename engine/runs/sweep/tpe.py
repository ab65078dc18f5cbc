# SPDX-License-Identifier: Apache-2.0
"""Optuna's tree-structured Parzen estimator over the combinations of a grid: the only import of Optuna there is.

Bergstra, Bardenet, Bengio and Kegl, "Algorithms for Hyper-Parameter Optimization", NIPS 24 (2011); of several
objectives the good ones are those that the fewest dominate: Ozaki, Tanigaki, Watanabe and Onishi, "Multiobjective
Tree-Structured Parzen Estimator", Journal of Artificial Intelligence Research 73 (2022).
"""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.runs.sweep.grid import Axis, Grid

try:
    import optuna
except ImportError as missing:
    from engine.distribution import install_extra
    from engine.errors import MissingExtra

    raise MissingExtra(
        f"optuna is not installed: it chooses what --search tpe tries; install it with `{install_extra('search')}`"
    ) from missing

VERSION: str = optuna.__version__

ASKED = 3
"""Times a batch that are asked of the estimator: a combination that was tried before is asked anew."""

optuna.logging.set_verbosity(optuna.logging.WARNING)


def suggested(
    grid: Grid, numbers: NDArray[np.int64], scores: FloatArray, seed: tuple[int, int], count: int
) -> NDArray[np.int64]:
    """(count,) combinations to try next, none of them tried before; a function of the arguments alone.

    numbers  (N,) combinations that were tried, fewer than the grid has by `count` or more
    scores   (N, K) of them, K objectives, more is better; one without a score counts as the worst of those that have
    seed     of the sweep, and the number of the batch's first combination
    Values of an axis of numbers are taken by their place, so that one that grows by a factor is searched by its
    logarithm. Where the estimator has nothing new, combinations are drawn at random.
    """
    own = int(np.random.SeedSequence(seed).generate_state(1)[0])
    sampler = optuna.samplers.TPESampler(seed=own, multivariate=True)
    study = optuna.create_study(directions=["maximize"] * scores.shape[1], sampler=sampler)
    space = {one.name: _distribution(one) for one in grid.axes}
    study.add_trials(
        [
            optuna.trial.create_trial(params=dict(zip(space, place, strict=True)), distributions=space, values=worth)
            for place, worth in zip(grid.places(numbers).tolist(), _known(scores).tolist(), strict=True)
        ]
    )
    tried, found = set(numbers.tolist()), []
    for _ in range(ASKED * count):
        params = study.ask(space).params
        number = sum(stride * params[name] for name, stride in zip(space, grid.strides, strict=True))
        if number not in tried:
            tried.add(number)
            found.append(number)
        if len(found) == count:
            break
    drawing = random.Random(own)  # noqa: S311 - no secret
    while len(found) < count:
        number = drawing.randrange(grid.size)
        if number not in tried:
            tried.add(number)
            found.append(number)
    return np.array(found, np.int64)


def _distribution(axis: Axis) -> optuna.distributions.BaseDistribution:
    """Of the places of an axis's values: those of numbers have neighbours, others are names."""
    last = len(axis.values) - 1
    if axis.ordered:
        return optuna.distributions.IntDistribution(0, last)
    return optuna.distributions.CategoricalDistribution(range(last + 1))


def _known(scores: FloatArray) -> FloatArray:
    """Scores with the worst known one, or 0, where there is none."""
    known = scores.copy()
    for column in known.T:
        there = np.isfinite(column)
        column[~there] = column[there].min() if there.any() else 0.0
    return known
