# SPDX-License-Identifier: Apache-2.0
"""Who moves first: correlation of one line's changes with the other's some sessions later, in all and by regime."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analytics.pair.relation import CONFIDENCE, correlation
from engine.analytics.pair.sides import Pair, flat
from engine.arrays import FloatArray

FURTHEST = 10
"""Sessions of the longest lead that is looked for."""

LEAST = 0.1
"""Correlation below which a lead is of no use: it explains less than a hundredth of the other's variance."""

FEWEST = 100
"""Pairs of changes below which a regime is not looked at."""

ALL = "all days"


@dataclass(frozen=True)
class Lag:
    """Correlation of the first line's change with the second's `sessions` later; negative: the second's comes before.

    band    half-width around 0 that chance leaves once in twenty tables, all lags and regimes of the table together
    beyond  the same correlation given the follower's own change on the leader's day: a line that reverts by itself, and
            moves with the other on the same day, follows it without being led
    """

    sessions: int
    value: float
    band: float
    beyond: float
    count: int

    @property
    def outside(self) -> bool:
        return bool(abs(self.value) > self.band)


@dataclass(frozen=True)
class LeadLag:
    """One regime: the correlations by lag, from -FURTHEST to FURTHEST; empty where it has too few days."""

    regime: str
    days: int
    lags: tuple[Lag, ...]

    @property
    def same_day(self) -> Lag | None:
        return next((one for one in self.lags if one.sessions == 0), None)

    @property
    def largest(self) -> Lag | None:
        """The largest correlation of different days."""
        apart = [one for one in self.lags if one.sessions]
        return max(apart, key=lambda one: abs(one.value), default=None)

    @property
    def leads(self) -> tuple[Lag, ...]:
        """Lags outside their band, and beyond what the follower's own change says by enough to be of use."""
        return tuple(
            one for one in self.lags if one.sessions and one.outside and abs(one.beyond) >= max(LEAST, one.band)
        )


def lead_lag(pair: Pair, regimes: Mapping[str, NDArray[np.bool_]]) -> tuple[LeadLag, ...]:
    """All days, and the days that begin in each regime, (T,) true where the close is in it.

    The regime of a change is that of the close before it: the one of the earlier of the two changes counts.
    The band is the normal quantile after Bonferroni, times the error of a product of two unrelated lines whose variance
    changes: sqrt(sum a^2 b^2 / (sum a^2 sum b^2)) (Taylor 1984).
    """
    first, second = pair.first.changes, pair.second.changes
    masks = {ALL: np.ones(len(first), np.bool_), **{name: inside[:-1] for name, inside in regimes.items()}}
    if flat(first) or flat(second):
        return ()
    times = _quantile(2 * FURTHEST * len(masks))
    return tuple(LeadLag(name, int(mask.sum()), _lags(first, second, mask, times)) for name, mask in masks.items())


def _lags(first: FloatArray, second: FloatArray, mask: NDArray[np.bool_], times: float) -> tuple[Lag, ...]:
    found = []
    for sessions in range(-FURTHEST, FURTHEST + 1):
        rows = len(first) - abs(sessions)
        earlier = np.flatnonzero(mask[:rows])
        one, two = (earlier, earlier + sessions) if sessions >= 0 else (earlier - sessions, earlier)
        if len(earlier) < FEWEST:
            return ()
        a, b = first[one], second[two]
        if flat(a) or flat(b):
            return ()
        own = second[earlier] if sessions > 0 else first[earlier]
        lead, target = (a, b) if sessions >= 0 else (b, a)
        band = times * _error(a - a.mean(), b - b.mean())
        found.append(Lag(sessions, correlation(a, b), band, _given(lead, target, own), len(earlier)))
    return tuple(found)


def _given(lead: FloatArray, target: FloatArray, own: FloatArray) -> float:
    """Partial correlation of `lead` and `target` given `own`; NaN where `own` says all of one of them."""
    both, reverts, same = correlation(lead, target), correlation(own, target), correlation(lead, own)
    left = (1 - reverts**2) * (1 - same**2)
    return float((both - reverts * same) / np.sqrt(left)) if left > 1e-12 else float("nan")


def _error(a: FloatArray, b: FloatArray) -> float:
    return float(np.sqrt(((a * b) ** 2).sum() / ((a @ a) * (b @ b))))


def _quantile(tests: int) -> float:
    from scipy.stats import norm

    return float(norm.ppf(1 - (1 - CONFIDENCE) / (2 * tests)))


def leaders(pair: Pair, found: Sequence[LeadLag]) -> tuple[str, ...]:
    """Symbols that lead the other on all days; none where neither does."""
    leads = found[0].leads if found else ()
    ahead = {pair.first.symbol: any(one.sessions > 0 for one in leads)}
    ahead[pair.second.symbol] = any(one.sessions < 0 for one in leads)
    return tuple(symbol for symbol, is_ahead in ahead.items() if is_ahead)
