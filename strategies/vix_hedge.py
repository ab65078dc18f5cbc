# SPDX-License-Identifier: Apache-2.0
"""Small caps hedged by what the VIX says about them, and by what it does not: named regimes, a hedge ratio for each.

`VixHedge` sells the hedge out of the small caps it holds, `VixHedgeFund` buys an inverse fund beside them. Both decide
alike; another instrument is another way to hold the same ratio. Idea, rules and what the data said:
docs/strategies/vix_hedge.md.
"""

import math
from collections import namedtuple
from collections.abc import Mapping
from enum import IntEnum
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.indicators import (
    log_ratio,
    momentum,
    percent_rank,
    realised_vol,
    relative_fall,
    rolling_corr,
    shock,
    zscore,
)
from engine.market.panel import Market
from engine.strategy import ReasonCode, ReasonKind, Regimes, Strategy, lookback, param

SMALL, LARGE, INVERSE = 0, 1, 2
UNKNOWN = -1
"""In `regime_path`: the features have no value yet."""


class Regime(IntEnum):
    CALM = 0
    CREDIT_CONCERN = 1
    CREDIT_SUPPORT = 2
    STRESS = 3
    DIVERGENCE = 4
    UNDER_THE_RADAR = 5


class Reason(ReasonCode):
    START = 1, "the first book", ReasonKind.ENTRY
    HEDGE_CALM = 2, "calm: no other regime holds any more"
    HEDGE_ON_CREDIT = 3, "credit concern: small caps fall and lag while the VIX rises"
    HEDGE_OFF_SUPPORT = 4, "credit support: small caps rally although the VIX is high"
    HEDGE_ON_STRESS = 5, "stress: the VIX is high, and small caps and the VIX move as one"
    HEDGE_DIVERGENCE = 6, "divergence: small caps and the VIX have come apart"
    HEDGE_ON_RADAR = 7, "under the radar: small caps fall much harder than large ones, volatility indices are quiet"
    REBALANCE = 8, "a position drifted out of its band", ReasonKind.REBALANCE
    ROLL_TIME = 9, "the puts have little time left: the next expiry replaces them", ReasonKind.ROLL
    ROLL_DEEP = 10, "the puts are deep in the money: their gain is taken, a lower strike replaces them", ReasonKind.ROLL
    ROLL_FAR = 11, "the puts are far out of the money: a higher strike replaces them", ReasonKind.ROLL
    HEDGE_AGAIN = 12, "the regime's hedge is not held, or not whole: bought once more"
    BUDGET = 13, "fewer puts than the hedge ratio asks for: all that the month's budget for premium pays"
    UNCOVERED = 14, "more puts sold than bought: bought back", ReasonKind.EXIT


class VixHedge(Strategy):
    """Long small caps, of which the hedge is sold: one net position, short where the hedge is above one."""

    roles: ClassVar[tuple[str, ...]] = ("small", "large")  # large is read, never traded
    series = ("vix",)
    optional_series: ClassVar[Mapping[str, str]] = {
        "rvx": "RVX/VIX is judged by a proxy, the VIX times the ratio of realised volatilities"
    }

    class Params:
        base: float = param(1.0, low=0.05, high=2, unit="x equity", doc="small caps held before any hedge")
        hedge_calm: float = param(0.0, low=0, high=1.5, unit="of base", doc="hedge in calm")
        hedge_concern: float = param(0.75, low=0, high=1.5, unit="of base", doc="hedge in credit concern")
        hedge_support: float = param(0.0, low=0, high=1.5, unit="of base", doc="hedge in credit support")
        hedge_stress: float = param(1.0, low=0, high=1.5, unit="of base", doc="hedge in stress")
        hedge_divergence: float = param(0.25, low=0, high=1.5, unit="of base", doc="hedge in divergence")
        hedge_radar: float = param(0.75, low=0, high=1.5, unit="of base", doc="hedge under the radar")
        band: float = param(0.02, low=0, high=1, unit="of equity", doc="drift of a position that is left alone")
        stay: int = param(5, low=0, high=250, unit="bars", doc="least time in a regime before one with less hedge")
        move_days: int = lookback(10, low=1, high=250, doc="length of the moves that are watched")
        year: int = lookback(250, low=20, high=2000, doc="behind sigmas, the VIX's rank and RVX/VIX")
        ratio_window: int = lookback(120, low=10, high=2000, doc="behind the z-score of IWM/VIX")
        correlation_window: int = lookback(21, low=5, high=500, doc="behind the correlation of IWM and VIX")
        vol_window: int = lookback(21, low=5, high=500, doc="of realised volatility, where RVX is missing")
        radar_times: float = param(2.5, low=1, high=20, doc="radar: IWM falls this many times as hard as SPY")
        radar_fall: float = param(-1.5, low=-20, high=0, unit="sigma", doc="radar: most move of IWM/SPY")
        radar_fall_out: float = param(-0.5, low=-20, high=20, unit="sigma", doc="radar ends above this move")
        radar_calm: float = param(1.0, low=-20, high=20, unit="sigma", doc="radar: most rise of a quiet VIX")
        radar_calm_out: float = param(1.25, low=-20, high=20, unit="sigma", doc="radar ends above this rise")
        radar_rvx: float = param(2.0, low=-20, high=20, unit="sigma", doc="radar: most RVX/VIX that says nothing")
        high: float = param(0.8, low=0, high=1, doc="support: least rank of the VIX")
        high_out: float = param(0.6, low=0, high=1, doc="support ends below this rank")
        rally: float = param(1.0, low=-20, high=20, unit="sigma", doc="support: least move of IWM")
        rally_out: float = param(0.0, low=-20, high=20, unit="sigma", doc="support ends below this move")
        stress_rank: float = param(0.9, low=0, high=1, doc="stress: least rank of the VIX")
        stress_rank_out: float = param(0.75, low=0, high=1, doc="stress ends below this rank")
        tight: float = param(-0.8, low=-1, high=1, doc="stress: highest correlation of IWM and VIX")
        tight_out: float = param(-0.65, low=-1, high=1, doc="stress ends above this correlation")
        low_ratio: float = param(-2.0, low=-20, high=20, unit="sigma", doc="stress: highest z-score of IWM/VIX")
        low_ratio_out: float = param(-1.0, low=-20, high=20, unit="sigma", doc="stress ends above this z-score")
        weak: float = param(-1.0, low=-20, high=20, unit="sigma", doc="concern: most move of IWM")
        weak_out: float = param(-0.25, low=-20, high=20, unit="sigma", doc="concern ends above this move")
        lagging: float = param(0.0, low=-20, high=20, unit="sigma", doc="concern: most move of IWM/SPY")
        rising: float = param(1.0, low=-20, high=20, unit="sigma", doc="concern: least rise of the VIX")
        rising_out: float = param(0.0, low=-20, high=20, unit="sigma", doc="concern ends below this rise")
        broken: float = param(-0.35, low=-1, high=1, doc="divergence: lowest correlation of IWM and VIX")
        broken_out: float = param(-0.5, low=-1, high=1, doc="divergence ends below this correlation")

    class State:
        regime: Regime = Regime.CALM
        age: int = 0  # bars in the regime
        hedge: float = -1.0  # ratio last ordered; -1: nothing yet

    Reason = Reason
    watch = {  # noqa: RUF012  (ClassVar in the base)
        "vix_rank": ("stress_rank", "stress_rank_out", "high", "high_out"),
        "vix_move": ("rising", "rising_out", "radar_calm", "radar_calm_out"),
        "ratio_z": ("low_ratio", "low_ratio_out"),
        "correlation": ("tight", "tight_out", "broken", "broken_out"),
        "small_move": ("weak", "weak_out", "rally", "rally_out"),
        "relative": ("radar_fall", "radar_fall_out", "lagging"),
        "times": ("radar_times",),
        "rvx_z": ("radar_rvx",),
        "rvx_proxy_z": ("radar_rvx",),
    }
    regimes = Regimes(Regime, path="regime_path", hedged="small", base="base")

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """What the regimes are decided by; rvx_z is NaN where there is no RVX, rvx_proxy_z never needs one."""
        small, large, vix = market.small.close, market.large.close, market.vix
        return {
            "vix_rank": percent_rank(vix, p.year),
            "vix_move": shock(vix, p.move_days, p.year),
            "ratio_z": zscore(log_ratio(small, vix), p.ratio_window),
            "correlation": rolling_corr(momentum(small, 1), momentum(vix, 1), p.correlation_window),
            "small_move": shock(small, p.move_days, p.year),
            "relative": shock(small / large, p.move_days, p.year),
            "times": relative_fall(small, large, p.move_days, p.year),
            "rvx_z": zscore(log_ratio(market.rvx, vix), p.year),
            "rvx_proxy_z": zscore(log_ratio(_rvx_proxy(market, p.vol_window), vix), p.year),
        }

    @staticmethod
    def regime_path(features: Any, params: Mapping[str, float]) -> NDArray[np.int64]:
        """(T,) regime after each bar, for reports."""
        return regime_path(features, params)

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        if is_unknown(f):
            return
        follow(f, p, s)
        if account.frozen == 1 or account.equity <= 0.0:  # while the broker liquidates, every order would be refused
            return
        reason = renew(p, s)
        hold(SMALL, p.base * (1.0 - s.hedge), account.small, p, account, orders, reason)


class VixHedgeFund(VixHedge):
    """Long small caps, with an inverse fund as the hedge beside them."""

    roles = ("small", "large", "inverse")
    regimes = Regimes(Regime, path="regime_path", hedged="small", hedge="inverse")

    class Params(VixHedge.Params):
        factor: int = param(1, low=1, high=3, unit="x", doc="daily multiple of the inverse fund: RWM 1, TWM 2, SRTY 3")

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        if is_unknown(f):
            return
        follow(f, p, s)
        if account.frozen == 1 or account.equity <= 0.0:
            return
        reason = renew(p, s)
        first = Reason.START.value if reason == Reason.START else 0
        hold(SMALL, p.base, account.small, p, account, orders, first)
        hold(INVERSE, p.base * s.hedge / p.factor, account.inverse, p, account, orders, reason)


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
    return Regime.CALM.value


def is_under_the_radar(f: Any, p: Any, stands: bool) -> bool:
    """IWM falls much harder than SPY, and neither the VIX nor RVX/VIX shows it. Staying needs no multiple."""
    if stands:
        return f.relative <= p.radar_fall_out and f.vix_move <= p.radar_calm_out
    rvx = f.rvx_z if f.rvx_z == f.rvx_z else f.rvx_proxy_z
    falls = f.times >= p.radar_times and f.relative <= p.radar_fall
    return falls and f.vix_move <= p.radar_calm and rvx <= p.radar_rvx


def is_credit_support(f: Any, p: Any, stands: bool) -> bool:
    """IWM rallies although the VIX is high."""
    if stands:
        return f.vix_rank >= p.high_out and f.small_move >= p.rally_out
    return f.vix_rank >= p.high and f.small_move >= p.rally


def is_stress(f: Any, p: Any, stands: bool) -> bool:
    """The VIX is high, for itself and against IWM, and the two move as one."""
    if stands:
        return f.vix_rank >= p.stress_rank_out and f.correlation <= p.tight_out and f.ratio_z <= p.low_ratio_out
    return f.vix_rank >= p.stress_rank and f.correlation <= p.tight and f.ratio_z <= p.low_ratio


def is_credit_concern(f: Any, p: Any, stands: bool) -> bool:
    """IWM falls, and more so than SPY, while the VIX rises."""
    if stands:
        return f.small_move <= p.weak_out and f.vix_move >= p.rising_out
    return f.small_move <= p.weak and f.relative <= p.lagging and f.vix_move >= p.rising


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
    return p.hedge_calm


def renew(p: Any, s: Any) -> int:
    """Take the regime's hedge ratio; why it is another one than before, 0 where it is not."""
    wanted = hedge_of(s.regime, p)
    if wanted == s.hedge:
        return 0
    reason = Reason.START.value if s.hedge < 0.0 else Reason.HEDGE_CALM.value + s.regime
    s.hedge = wanted
    return reason


def hold(role: int, weight: float, holding: Any, p: Any, account: Any, orders: Any, reason: int) -> None:
    """Bring a position to its weight: for a reason, or when it stands outside its band."""
    if reason > 0:
        orders.target(role, weight, reason)
    elif abs(holding.value / account.equity - weight) > p.band:
        orders.target(role, weight, Reason.REBALANCE)


def regime_path(features: Any, params: Mapping[str, float]) -> NDArray[np.int64]:
    """(T,) regime after each bar of a run, by the functions that on_bar calls; UNKNOWN before the first that is known.

    features and params are those of the run: `RunRecord.features`, `RunRecord.params`.
    """
    names = features.dtype.names
    row = namedtuple("row", names)  # type: ignore[misc]  # noqa: PYI024  (the fields are this run's)
    p, s = SimpleNamespace(**params), SimpleNamespace(regime=int(Regime.CALM), age=0)
    path, started = np.full(len(features), UNKNOWN, np.int64), False
    for t, values in enumerate(zip(*(features[name].tolist() for name in names), strict=True)):
        f = row(*values)
        if not is_unknown(f):
            follow(f, p, s)
            started = True
        if started:
            path[t] = s.regime
    return path


def _rvx_proxy(market: Market, window: int) -> FloatArray:
    """(T,) the VIX scaled by realised volatility, small over large: a proxy of RVX, no implied volatility."""
    large = realised_vol(market.large.close, window)
    return market.vix * realised_vol(market.small.close, window) / np.where(large > 0.0, large, np.nan)
