# SPDX-License-Identifier: Apache-2.0
"""Convexity: whether one line answers falls of the other more than rises, and large moves more than small ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.analytics.pair.relation import CONFIDENCE, Estimate, newey_west_lags
from engine.analytics.pair.sides import Pair, Side, flat
from engine.arrays import FloatArray

MOVES = (1, 5)
"""Sessions of the moves; longer ones than one overlap from day to day."""

FEWEST = 60
"""Moves below which nothing is fitted."""


@dataclass(frozen=True)
class Response:
    """Slopes of `of` on `to` over moves of `sessions`: change of the one for a change of 1 of the other.

    up, down     of rises and of falls; `asymmetry` is down - up
    small, large of moves within one deviation of `to`, and of what goes beyond; `excess` is large - small
    curvature    coefficient of the square in a quadratic
    edge         one deviation of `to`
    count, lags  moves that were fitted, and lags of the Newey-West errors
    """

    of: str
    to: str
    sessions: int
    up: Estimate
    down: Estimate
    asymmetry: Estimate
    small: Estimate
    large: Estimate
    excess: Estimate
    curvature: Estimate
    edge: float
    count: int
    lags: int


def responses(pair: Pair) -> tuple[Response, ...]:
    """Each line's response to the other, the volatility index's first where there is one; none of a line that rests."""
    to, of = pair.by_kind
    asked = [(one, two, sessions) for one, two in ((of, to), (to, of)) for sessions in MOVES]
    return tuple(
        response(one, two, sessions)
        for one, two, sessions in asked
        if len(one.changes) >= FEWEST + sessions and not flat(one.changes) and not flat(two.changes)
    )


def response(of: Side, to: Side, sessions: int) -> Response:
    """Three least squares, errors after Newey and West (1987) with lags that cover the overlap of the moves."""
    y, x = (_over(side.changes, sessions) for side in (of, to))
    lags = newey_west_lags(len(x), sessions)
    edge = float(x.std(ddof=1))
    by_sign = _fitted(y, [np.maximum(x, 0), np.minimum(x, 0)], lags)
    by_size = _fitted(y, [np.clip(x, -edge, edge), x - np.clip(x, -edge, edge)], lags)
    square = _fitted(y, [x, x * x], lags)
    return Response(
        of=of.symbol,
        to=to.symbol,
        sessions=sessions,
        up=_estimate(by_sign, (0, 1, 0)),
        down=_estimate(by_sign, (0, 0, 1)),
        asymmetry=_estimate(by_sign, (0, -1, 1)),
        small=_estimate(by_size, (0, 1, 0)),
        large=_estimate(by_size, (0, 0, 1)),
        excess=_estimate(by_size, (0, -1, 1)),
        curvature=_estimate(square, (0, 0, 1)),
        edge=edge,
        count=len(x),
        lags=lags,
    )


def _over(changes: FloatArray, sessions: int) -> FloatArray:
    """Sums over each stretch of so many changes."""
    return np.asarray(np.lib.stride_tricks.sliding_window_view(changes, sessions).sum(axis=1))


def _fitted(y: FloatArray, columns: Sequence[FloatArray], lags: int) -> Any:
    """The fit; None where the columns do not determine it: a line that only rises has no falls."""
    import statsmodels.api as sm

    design = np.column_stack([np.ones(len(y)), *columns])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        return None
    return sm.OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)


def _estimate(fitted: Any, weights: tuple[int, ...]) -> Estimate:
    """A weighted sum of the coefficients with its interval; NaN where there is no fit."""
    if fitted is None:
        return Estimate(float("nan"), float("nan"), float("nan"))
    tested = fitted.t_test(np.array(weights, float))
    low, high = tested.conf_int(1 - CONFIDENCE)[0]
    return Estimate(float(np.squeeze(tested.effect)), float(low), float(high))
