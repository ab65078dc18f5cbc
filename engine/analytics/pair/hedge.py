# SPDX-License-Identifier: Apache-2.0
"""How much of one line's variance a position in another takes away, with the beta that was known the day before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from engine.analytics.pair.relation import CONFIDENCE, DRAWS, SEED, Estimate, correlation
from engine.analytics.pair.sides import Side, flat
from engine.arrays import FloatArray

ALL = "all days"
BLOCK = 21
"""Mean length of a bootstrap block, sessions."""

FEWEST = 100
"""Days below which a regime is not judged."""

TAIL = 0.05
"""Part of the days that are looked at apart: the worst without the hedge, and the worst with it, which are others."""


@dataclass(frozen=True)
class Effect:
    """One regime: 1 - variance with the hedge / variance without, 1 is a perfect hedge, below 0 it adds risk.

    tail, tail_hedged  mean return on the worst twentieth of the regime's days without the hedge; on its own worst with
                       it: days that were chosen as the worst without would flatter whatever is added to them
    """

    regime: str
    days: int
    effectiveness: Estimate
    tail: float
    tail_hedged: float


@dataclass(frozen=True)
class Hedge:
    """`of` hedged by `by`, in simple daily returns: those are what positions add up by.

    beta    of the last window: for each unit of `of`, minus so many of `by`
    earned  mean return of the hedge alone times sessions in a year, before any cost, at the betas of the day before
    held    the growth of one unit of `by` a year; NaN of what has no log changes
    correlation  of the returns of both, over all days
    """

    of: str
    by: str
    beta: float
    earned: float
    held: float
    correlation: float
    effects: tuple[Effect, ...]


def hedge(of: Side, by: Side, regimes: Mapping[str, NDArray[np.bool_]], window: int, per_year: float) -> Hedge | None:
    """Hedge each day's return with the beta of the `window` returns before it, all days and by regime.

    regimes  (T,) true where a close is in it; a return belongs to that of the close before
    None where one of the two rests, or there are no FEWEST days behind the first window.
    """
    y, x = of.returns, by.returns
    if len(y) < window + FEWEST or flat(y) or flat(x):
        return None
    betas = rolling_beta(y, x, window)
    hedged = y[window:] - betas[:-1] * x[window:]
    known = np.isfinite(hedged)
    masks = {ALL: known} | {name: inside[:-1][window:] & known for name, inside in regimes.items()}
    plain = y[window:]
    return Hedge(
        of=of.symbol,
        by=by.symbol,
        beta=float(betas[-1]),
        earned=float(np.nanmean(hedged - plain) * per_year),
        held=float((by.growth[-1] / by.growth[0]) ** (per_year / len(x)) - 1) if by.logs else float("nan"),
        correlation=correlation(y, x),
        effects=_effects(plain, np.where(known, hedged, 0.0), masks),
    )


def rolling_beta(y: FloatArray, x: FloatArray, window: int) -> FloatArray:
    """(len(y) - window + 1,) slope of y on x over each window; NaN where x rests."""
    a, b = sliding_window_view(y, window), sliding_window_view(x, window)
    b = b - b.mean(axis=1, keepdims=True)
    scale = (b * b).sum(axis=1)
    scale[np.ptp(b, axis=1) == 0] = np.nan
    return np.asarray((a * b).sum(axis=1) / scale)


def _worst(returns: FloatArray) -> float:
    """Mean of the worst TAIL of (n,) returns, a fraction."""
    return float(returns[returns <= np.quantile(returns, TAIL)].mean())


def _effects(plain: FloatArray, hedged: FloatArray, masks: Mapping[str, NDArray[np.bool_]]) -> tuple[Effect, ...]:
    kept = {name: mask for name, mask in masks.items() if int(mask.sum()) >= FEWEST}
    if not kept:
        return ()
    flags = np.column_stack([mask.astype(np.float64) for mask in kept.values()])
    values = effectiveness(flags, plain, hedged)
    low, high = _interval(flags, plain, hedged)
    found = []
    for place, (name, mask) in enumerate(kept.items()):
        estimate = Estimate(float(values[place]), float(low[place]), float(high[place]))
        found.append(Effect(name, int(mask.sum()), estimate, _worst(plain[mask]), _worst(hedged[mask])))
    return tuple(found)


def effectiveness(flags: FloatArray, plain: FloatArray, hedged: FloatArray) -> FloatArray:
    """(K,) 1 - variance hedged / variance plain, of the days that each of the K columns of flags marks."""
    count = flags.sum(axis=0)

    def variance(values: FloatArray) -> FloatArray:
        return np.asarray((flags.T @ values**2) / count - ((flags.T @ values) / count) ** 2)

    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - variance(hedged) / variance(plain)


def _interval(flags: FloatArray, plain: FloatArray, hedged: FloatArray) -> tuple[FloatArray, FloatArray]:
    from arch.bootstrap import StationaryBootstrap

    drawn = StationaryBootstrap(BLOCK, flags, plain, hedged, seed=SEED).apply(effectiveness, DRAWS)
    edge = 50 * (1 - CONFIDENCE)
    low, high = np.nanpercentile(drawn, [edge, 100 - edge], axis=0)
    return low, high
