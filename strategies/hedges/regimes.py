# SPDX-License-Identifier: Apache-2.0
"""The regimes of small caps and the VIX: what each rule asks of a day, which one holds, and how long it is kept.

Written for on_bar: `vix_hedge` and `vix_hedge_puts` hold by them.
"""

import math
from collections import namedtuple
from collections.abc import Mapping
from enum import IntEnum
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

UNKNOWN = -1
"""In `regime_path`: the features have no value yet."""


class Regime(IntEnum):
    NONE = 0
    CREDIT_CONCERN = 1
    CREDIT_SUPPORT = 2
    STRESS = 3
    DIVERGENCE = 4
    UNDER_THE_RADAR = 5


def is_unknown(f: Any) -> bool:
    """Whether a feature that the rules cannot do without has no value."""
    fear, market = f.vix_rank + f.vix_move + f.ratio_z + f.correlation, f.small_move + f.relative + f.times
    return math.isnan(fear + market)


def follow(f: Any, p: Any, s: Any) -> None:
    """Take the regime that holds now: at once where it asks for more hedge, else after the least stay."""
    s.age += 1
    found = regime_now(f, p, s.regime)
    if found != s.regime and (s.age >= p.stay or hedge_of(found, p) > hedge_of(s.regime, p)):
        s.regime = found
        s.age = 0


def regime_now(f: Any, p: Any, now: int) -> int:
    """The first regime of the rule table that holds; the one that stands is held to its wider thresholds."""
    if is_under_the_radar(f, p, now == Regime.UNDER_THE_RADAR):
        return Regime.UNDER_THE_RADAR.value
    if is_credit_support(f, p, now == Regime.CREDIT_SUPPORT):
        return Regime.CREDIT_SUPPORT.value
    if is_stress(f, p, now == Regime.STRESS):
        return Regime.STRESS.value
    if is_credit_concern(f, p, now == Regime.CREDIT_CONCERN):
        return Regime.CREDIT_CONCERN.value
    if f.correlation >= (p.broken_out if now == Regime.DIVERGENCE else p.broken):
        return Regime.DIVERGENCE.value
    return Regime.NONE.value


def is_under_the_radar(f: Any, p: Any, stands: bool) -> bool:
    """IWM falls much harder than SPY, and no volatility index shows it. Staying asks for less.

    Neither a VIX that is high for all to see nor one that has just come back from a leap is under anybody's radar.
    """
    if stands:
        return f.relative <= p.radar_fall_out and f.vix_move <= p.radar_calm_out and f.vix <= p.radar_vix_out
    if f.times < p.radar_times or f.relative > p.radar_fall:
        return False
    rvx = f.rvx_z if f.rvx_z == f.rvx_z else f.rvx_proxy_z
    quiet = f.vix_move <= p.radar_calm and f.vix <= p.radar_vix and f.vix_month <= p.radar_month
    return quiet and rvx <= p.radar_rvx


def is_credit_support(f: Any, p: Any, stands: bool) -> bool:
    """IWM rallies although the VIX is high, and no credit series that is given says that credit is getting worse."""
    if stands:
        return f.vix_rank >= p.high_out and f.small_move >= p.rally_out
    return f.vix_rank >= p.high and f.small_move >= p.rally and (p.credit_votes == 0 or worse_credit(f, p) == 0)


def is_stress(f: Any, p: Any, stands: bool) -> bool:
    """The VIX is high, for itself and against IWM, and the two move as one."""
    if stands:
        return f.vix_rank >= p.stress_rank_out and f.correlation <= p.tight_out and f.ratio_z <= p.low_ratio_out
    return f.vix_rank >= p.stress_rank and f.correlation <= p.tight and f.ratio_z <= p.low_ratio


def is_credit_concern(f: Any, p: Any, stands: bool) -> bool:
    """IWM falls, and more so than SPY, while the VIX rises, and the credit series that are given say so too."""
    if stands:
        return f.small_move <= p.weak_out and f.vix_move >= p.rising_out
    if f.small_move > p.weak or f.relative > p.lagging or f.vix_move < p.rising:
        return False
    return worse_credit(f, p) >= min(p.credit_votes, known_credit(f))


def worse_credit(f: Any, p: Any) -> int:
    """How many of the credit series say that credit is getting worse; one without a value says nothing."""
    votes = 1 if f.credit_move <= p.credit_weak else 0
    votes += 1 if f.oas_move >= p.credit_wide else 0
    return votes + (1 if f.vix_term <= p.credit_term else 0)


def known_credit(f: Any) -> int:
    """How many of the credit series have a value."""
    known = 1 if f.credit_move == f.credit_move else 0
    known += 1 if f.oas_move == f.oas_move else 0
    return known + (1 if f.vix_term == f.vix_term else 0)


def hedge_of(regime: int, p: Any) -> float:
    """The hedge ratio of a regime."""
    if regime == Regime.CREDIT_CONCERN:
        return p.hedge_concern
    if regime == Regime.CREDIT_SUPPORT:
        return p.hedge_support
    if regime == Regime.STRESS:
        return p.hedge_stress
    if regime == Regime.DIVERGENCE:
        return p.hedge_divergence
    if regime == Regime.UNDER_THE_RADAR:
        return p.hedge_radar
    return p.hedge_none


def regime_path(features: Any, params: Mapping[str, float]) -> NDArray[np.int64]:
    """(T,) regime after each bar of a run, by the functions that on_bar calls; UNKNOWN before the first that is known.

    features and params are those of the run: `RunRecord.features`, `RunRecord.params`.
    """
    names = features.dtype.names
    row = namedtuple("row", names)  # type: ignore[misc]  # noqa: PYI024  (the fields are this run's)
    p, s = SimpleNamespace(**params), SimpleNamespace(regime=int(Regime.NONE), age=0)
    path, started = np.full(len(features), UNKNOWN, np.int64), False
    for t, values in enumerate(zip(*(features[name].tolist() for name in names), strict=True)):
        f = row(*values)
        if not is_unknown(f):
            follow(f, p, s)
            started = True
        if started:
            path[t] = s.regime
    return path
