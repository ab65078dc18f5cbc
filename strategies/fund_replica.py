# SPDX-License-Identifier: Apache-2.0
"""A hedge fund turned inside out: the book of five ETFs that moves like it, traded monthly, and what is left: alpha.

Idea, rules and what the data said: docs/strategies/fund_replica.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import numpy as np

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError
from engine.indicators import deleveraging, relative_fall, shock
from engine.indicators.months import (
    held_from,
    month_ends,
    month_interest,
    month_returns,
    month_values,
    published_rows,
)
from engine.indicators.replication import out_of_sample, walk_forward
from engine.market.panel import Market
from engine.strategy import Condition, ReasonCode, ReasonKind, Replica, Strategy, lookback, param

SMALL_VALUE, LARGE_GROWTH, EMERGING, SMALL, LARGE = 0, 1, 2, 3, 4
MOST_MISSING = 2
"""What lacks more of what the detector asks for is no near miss."""


class Reason(ReasonCode):
    START = 1, "the first weights of the replica", ReasonKind.ENTRY
    NEW_WEIGHTS = (
        2,
        "a month was published and the factor stands outside its band around the new weight",
        ReasonKind.REBALANCE,
    )
    SILENT = 3, "the fund has published nothing for too long, the replica is closed", ReasonKind.EXIT
    DELEVERAGING = 4, "small caps are sold while volatility indices are quiet: the replica is cut", ReasonKind.CUT
    RESTORE = 5, "the deleveraging has passed, the replica is taken back to its weights", ReasonKind.REBALANCE


class FundReplica(Strategy):
    """Holds the factors whose monthly returns explain a fund's best, each month by what is published."""

    roles = ("small_value", "large_growth", "emerging", "small", "large")
    series = ("fund", "tbill")
    rates = ("tbill",)
    optional_series: ClassVar[Mapping[str, str]] = {
        "vix": "the detector asks RVX alone, and never fires where that is missing too",
        "rvx": "the detector asks the VIX alone, and never fires where that is missing too",
    }

    class Params:
        window: int = lookback(36, low=12, high=240, unit="months", bars=21, doc="of returns behind each fit")
        silence: int = param(3, low=0, high=24, unit="months", doc="without a return that are put up with")
        publication_lag: int = param(
            15, low=1, high=120, unit="sessions", doc="from a month's last session to the one on which it is known"
        )
        gross_cap: float = param(1.5, low=0.05, high=4, unit="x equity", doc="most gross exposure of a fit")
        ridge: float = param(0.02, low=0.0001, high=10, doc="penalty on large weights, of the factors' mean variance")
        use_small_value: bool = param(True, doc="small value is a factor")
        use_large_growth: bool = param(True, doc="large growth is a factor")
        use_emerging: bool = param(True, doc="emerging markets are a factor")
        use_small: bool = param(True, doc="small caps are a factor")
        use_large: bool = param(True, doc="large caps are a factor")
        band: float = param(0.02, low=0, high=1, unit="of equity", doc="distance from a new weight that is left alone")
        fall_days: int = lookback(10, low=1, high=250, doc="length of the fall the detector watches")
        fall_window: int = lookback(252, low=20, high=2000, doc="behind the detector's sigmas")
        fall_times: float = param(2.5, low=1, high=20, doc="small caps fall this many times as hard as large ones")
        fall_floor: float = param(0.5, low=0.01, high=5, unit="sigma", doc="least that a fall of large caps counts")
        fall_spread: float = param(1.5, low=0.01, high=20, unit="sigma", doc="least fall of small against large")
        fall_calm: float = param(1.0, low=-20, high=20, unit="sigma", doc="most rise of a quiet volatility index")
        cut_to: float = param(1.0, low=0, high=1, unit="of the weights", doc="held after the detector fires; 1 is off")
        cut_bars: int = param(20, low=1, high=250, unit="bars", doc="after the last firing until the cut ends")

    class State:
        invested: bool = False
        cut: int = 0  # bars until the cut ends; 0: none

    Reason = Reason
    gross_cap = "gross_cap"
    remembers: ClassVar[Mapping[str, str]] = {"invested": "the replica is held", "cut": "bars until a cut ends: {}"}
    alarms: ClassVar[Mapping[str, str]] = {
        "deleveraging": "small caps are sold while volatility indices are quiet: look at leverage"
    }
    watch: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "deleveraging": ("cut_to", "cut_bars"),
        "fall": ("fall_times",),
        "gap": ("fall_spread",),
        "vix_rise": ("fall_calm",),
        "rvx_rise": ("fall_calm",),
        "r2": (),
        "fit_alpha": (),
        "w_small_value": ("band",),
        "w_large_growth": ("band",),
        "w_emerging": ("band",),
        "w_small": ("band",),
        "w_large": ("band",),
    }
    replica = Replica(
        factors={
            "small_value": "w_small_value",
            "large_growth": "w_large_growth",
            "emerging": "w_emerging",
            "small": "w_small",
            "large": "w_large",
        }
    )

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """Weights known at each bar; the last published month of fund, replica and bill; the detector."""
        fund = _fractions(market.fund)
        ends = month_ends(market)
        published = published_rows(market, ends, p.publication_lag)
        bill = month_interest(market.tbill, market.bars["days"], ends)
        above = np.stack([self._excess(market, role, ends, bill) for role in self.roles], axis=1)
        used = np.array([getattr(p, f"use_{role}") != 0 for role in self.roles])
        if not used.any():
            raise StrategyError(Problem("no factor is left", path="params", allowed="at least one use_... of true"))
        earned = month_values("fund", fund, ends)
        fits = walk_forward(earned - bill, above[:, used], p.window, p.silence, p.gross_cap, p.ridge)
        weights = np.where(np.isnan(fits.alpha)[:, None], np.nan, np.zeros(above.shape))
        weights[:, used] = fits.weights
        replica = bill + out_of_sample(weights, above, published, ends)
        monthly = {**{f"w_{role}": weights[:, k] for k, role in enumerate(self.roles)}, "r2": fits.r2}
        monthly |= {"fit_alpha": 12.0 * fits.alpha, "fund_month": earned, "replica_month": replica, "bill_month": bill}
        rows = len(market)
        news = np.zeros(rows)
        news[published[published < rows]] = 1.0
        held = {name: held_from(published, values, rows) for name, values in monthly.items()}
        return {**held, "published": news, "deleveraging": self._detector(market, p), **self._seen(market, p)}

    @staticmethod
    def _excess(market: Market, role: str, ends: Any, bill: FloatArray) -> FloatArray:
        """(M,) monthly total return of a role above the bill."""
        columns = getattr(market, role)
        return month_returns(columns.close, columns.dividend, ends) - bill

    @staticmethod
    def _detector(market: Market, p: Any) -> FloatArray:
        """(T,) 1 where the detector fires on every volatility index that has a value there, else 0."""
        small, large = market.small.close, market.large.close
        settings = (p.fall_days, p.fall_window, p.fall_times, p.fall_floor, p.fall_spread, p.fall_calm)
        by_vix, by_rvx = (deleveraging(small, large, index, *settings) for index in (market.vix, market.rvx))
        return np.nan_to_num(np.fmin(by_vix, by_rvx))

    @staticmethod
    def _seen(market: Market, p: Any) -> Mapping[str, FloatArray]:
        """What the detector looks at, signed so that it fires on large `fall` and `gap` and on small rises."""
        small, large = market.small.close, market.large.close
        return {
            "fall": relative_fall(small, large, p.fall_days, p.fall_window, p.fall_floor),
            "gap": -shock(small / large, p.fall_days, p.fall_window),
            "vix_rise": shock(market.vix, p.fall_days, p.fall_window),
            "rvx_rise": shock(market.rvx, p.fall_days, p.fall_window),
        }

    def conditions(self, market: Market, f: Any, p: Any, s: Any) -> Iterator[Condition]:
        """What the detector lacks to fire, where it does not, and when a cut ends."""
        acts = f"cuts the book to {p.cut_to:.0%} on forced selling" if s.cut == 0 else "keeps the book cut"
        yield from near_misses(acts if p.cut_to < 1.0 else "raises the alarm of forced selling", f, p)
        if s.cut > 0:
            since = f"{p.cut_bars} bars after the detector last fired"
            yield Condition("takes the book back to its weights", since, True, p.cut_bars, "closes", p.cut_bars - s.cut)

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        if account.equity <= 0.0:
            return
        if f.w_large != f.w_large:
            if s.invested:
                close_all(orders)
                s.invested = False
            return
        fired = p.cut_to < 1.0 and f.deleveraging == 1.0
        was_cut = s.cut > 0
        s.cut = p.cut_bars if fired else max(0, s.cut - 1)
        if not s.invested:
            replicate(f, account, orders, 0.0, p.cut_to if s.cut > 0 else 1.0, Reason.START)
            s.invested = True
        elif s.cut > 0 and not was_cut:
            replicate(f, account, orders, 0.0, p.cut_to, Reason.DELEVERAGING)
        elif was_cut and s.cut == 0:
            replicate(f, account, orders, 0.0, 1.0, Reason.RESTORE)
        elif f.published == 1.0:
            replicate(f, account, orders, p.band, p.cut_to if s.cut > 0 else 1.0, Reason.NEW_WEIGHTS)


def near_misses(does: str, f: Any, p: Any) -> Iterator[Condition]:
    """What the detector asks for and does not have, where it is little and all is known."""
    fears = [(name, rise) for name, rise in (("the VIX", f.vix_rise), ("RVX", f.rvx_rise)) if np.isfinite(rise)]
    if not fears or f.fall != f.fall or f.gap != f.gap:
        return
    fall, gap = "the fall of small over that of large caps", "the fall of small against large caps"
    lacks = [Condition(does, fall, True, p.fall_times, "times", f.fall)] if f.fall < p.fall_times else []
    lacks += [Condition(does, gap, True, p.fall_spread, "sigma", f.gap)] if f.gap < p.fall_spread else []
    lacks += [
        Condition(does, f"the rise of {name}", False, p.fall_calm, "sigma", rise)
        for name, rise in fears
        if rise > p.fall_calm
    ]
    if len(lacks) <= MOST_MISSING:
        rest = "nothing else is missing" if len(lacks) == 1 else "and one more is missing"
        yield from (replace(one, when=rest) for one in lacks)


def replicate(f: Any, account: Any, orders: Any, band: float, share: float, reason: int) -> None:
    """Bring every factor to `share` of its weight, where it is further than `band` from it."""
    adjust(SMALL_VALUE, share * f.w_small_value, account.small_value, account, orders, band, reason)
    adjust(LARGE_GROWTH, share * f.w_large_growth, account.large_growth, account, orders, band, reason)
    adjust(EMERGING, share * f.w_emerging, account.emerging, account, orders, band, reason)
    adjust(SMALL, share * f.w_small, account.small, account, orders, band, reason)
    adjust(LARGE, share * f.w_large, account.large, account, orders, band, reason)


def adjust(role: int, weight: float, holding: Any, account: Any, orders: Any, band: float, reason: int) -> None:
    """Bring one factor to its weight; a factor that the fit has dropped goes whatever the band."""
    away = abs(holding.value / account.equity - weight)
    if away > band or (weight == 0.0 and holding.qty != 0.0):
        orders.target(role, weight, reason)


def close_all(orders: Any) -> None:
    """Close every factor."""
    for role in range(LARGE + 1):
        orders.close(role, Reason.SILENT)


def _fractions(fund: FloatArray) -> FloatArray:
    """The fund's returns; refused where they can only be per cent."""
    if (np.abs(fund) > 1.0).any():
        raise StrategyError(
            Problem(
                "the fund's monthly returns are beyond 100 %",
                path="series.fund.unit",
                found=f"{np.nanmax(np.abs(fund)):g}",
                allowed="fractions; percent where the file has per cent",
            )
        )
    return fund
