# SPDX-License-Identifier: Apache-2.0
"""Small caps hedged by what the VIX says about them, and by what it does not: named regimes, a hedge ratio for each.

`VixHedge` sells the hedge out of the small caps it holds, `VixHedgeFund` buys an inverse fund beside them. Both decide
alike; another instrument is another way to hold the same ratio. Idea, rules and what the data said:
docs/strategies/vix_hedge.md.
"""

from collections.abc import Mapping
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
from engine.strategy import Regimes, Strategy, lookback, param
from strategies.hedges.outlook import HEDGE_REMEMBERS, hedge_conditions
from strategies.hedges.regimes import Regime, follow, hedge_of, is_unknown, regime_path
from strategies.hedges.words import Reason

SMALL, LARGE, INVERSE = 0, 1, 2


class VixHedge(Strategy):
    """Long small caps, of which the hedge is sold: one net position, short where the hedge is above one."""

    roles: ClassVar[tuple[str, ...]] = ("small", "large")  # large is read, never traded
    series = ("vix",)
    optional_series: ClassVar[Mapping[str, str]] = {
        "rvx": "RVX/VIX is judged by a proxy, the VIX times the ratio of realised volatilities",
        **dict.fromkeys(("hyg", "lqd", "hy_oas", "vix3m"), "credit concern and support read IWM and the VIX alone"),
    }

    class Params:
        base: float = param(1.0, low=0.05, high=2, unit="x equity", doc="small caps held before any hedge")
        hedge_none: float = param(0.0, low=0, high=1.5, unit="of base", doc="hedge where no rule holds")
        hedge_concern: float = param(0.75, low=0, high=1.5, unit="of base", doc="hedge in credit concern")
        hedge_support: float = param(0.0, low=0, high=1.5, unit="of base", doc="hedge in credit support")
        hedge_stress: float = param(1.0, low=0, high=1.5, unit="of base", doc="hedge in stress")
        hedge_divergence: float = param(0.25, low=0, high=1.5, unit="of base", doc="hedge in divergence")
        hedge_radar: float = param(0.75, low=0, high=1.5, unit="of base", doc="hedge under the radar")
        band: float = param(0.02, low=0, high=1, unit="of equity", doc="drift of a position that is left alone")
        stay: int = param(10, low=0, high=250, unit="bars", doc="least time in a regime before one with less hedge")
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
        radar_vix: float = param(25.0, low=1, high=1000, unit="points", doc="radar: most VIX that is quiet")
        radar_vix_out: float = param(30.0, low=1, high=1000, unit="points", doc="radar ends above this VIX")
        radar_month: float = param(2.0, low=-100, high=100, unit="sigma", doc="radar: most VIX move of a month")
        month: int = lookback(21, low=1, high=250, doc="of the month that a quiet VIX is asked for")
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
        credit_votes: int = param(1, low=0, high=3, doc="concern: least credit series that agree; 0: none is asked")
        credit_weak: float = param(-1.0, low=-20, high=20, unit="sigma", doc="credit worse: most move of HYG/LQD")
        credit_wide: float = param(1.0, low=-20, high=20, unit="sigma", doc="credit worse: least rise of OAS")
        credit_term: float = param(1.0, low=0, high=10, doc="credit worse: most VIX3M/VIX")
        broken: float = param(-0.35, low=-1, high=1, doc="divergence: lowest correlation of IWM and VIX")
        broken_out: float = param(-0.5, low=-1, high=1, doc="divergence ends below this correlation")

    class State:
        regime: Regime = Regime.NONE
        age: int = 0  # bars in the regime
        hedge: float = -1.0  # ratio last ordered; -1: nothing yet

    Reason = Reason
    conditions = hedge_conditions
    remembers = HEDGE_REMEMBERS
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
        "vix": ("radar_vix", "radar_vix_out"),
        "vix_month": ("radar_month",),
        "credit_move": ("credit_weak",),
        "oas_move": ("credit_wide",),
        "vix_term": ("credit_term",),
    }
    regimes = Regimes(Regime, path="regime_path", hedged="small", base="base")

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """What the regimes are decided by; what an optional series is needed for is NaN where there is none."""
        small, large, vix = market.small.close, market.large.close, market.vix
        vix_move = shock(vix, p.move_days, p.year)
        return {
            "vix": vix,
            "vix_rank": percent_rank(vix, p.year),
            "vix_move": vix_move,
            "vix_month": _highest(vix_move, p.month),
            "ratio_z": zscore(log_ratio(small, vix), p.ratio_window),
            "correlation": rolling_corr(momentum(small, 1), momentum(vix, 1), p.correlation_window),
            "small_move": shock(small, p.move_days, p.year),
            "relative": shock(small / large, p.move_days, p.year),
            "times": relative_fall(small, large, p.move_days, p.year),
            "rvx_z": zscore(log_ratio(market.rvx, vix), p.year),
            "rvx_proxy_z": zscore(log_ratio(_rvx_proxy(market, p.vol_window), vix), p.year),
            "credit_move": shock(market.hyg / market.lqd, p.move_days, p.year),
            "oas_move": shock(market.hy_oas, p.move_days, p.year),
            "vix_term": market.vix3m / vix,
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
    inverse_funds: ClassVar[Mapping[str, tuple[str, str]]] = {"inverse": ("small", "factor")}
    regimes = Regimes(Regime, path="regime_path", hedged="small", hedge="inverse")

    class Params(VixHedge.Params):
        factor: int = param(1, low=1, high=3, unit="x", doc="the fund makes minus this a day: by its table")

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


def renew(p: Any, s: Any) -> int:
    """Take the regime's hedge ratio; why it is another one than before, 0 where it is not."""
    wanted = hedge_of(s.regime, p)
    if wanted == s.hedge:
        return 0
    reason = Reason.START.value if s.hedge < 0.0 else Reason.HEDGE_NONE.value + s.regime
    s.hedge = wanted
    return reason


def hold(role: int, weight: float, holding: Any, p: Any, account: Any, orders: Any, reason: int) -> None:
    """Bring a position to its weight: for a reason, or when it stands outside its band."""
    if reason > 0:
        orders.target(role, weight, reason)
    elif abs(holding.value / account.equity - weight) > p.band:
        orders.target(role, weight, Reason.REBALANCE)


def _rvx_proxy(market: Market, window: int) -> FloatArray:
    """(T,) the VIX scaled by realised volatility, small over large: a proxy of RVX, no implied volatility."""
    large = realised_vol(market.large.close, window)
    return market.vix * realised_vol(market.small.close, window) / np.where(large > 0.0, large, np.nan)


def _highest(x: FloatArray, bars: int) -> FloatArray:
    """(T,) the highest value of the last bars, of those that are known; NaN where none is."""
    padded = np.concatenate((np.full(bars - 1, np.nan), x))
    return np.fmax.reduce(np.lib.stride_tricks.sliding_window_view(padded, bars), axis=1)
