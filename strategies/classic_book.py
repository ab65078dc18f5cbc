# SPDX-License-Identifier: Apache-2.0
"""The classic book: long small caps, hedged by short large caps, and a monitor of when it is too long.

Idea, rules and what the data said: docs/strategies/classic_book.md.
"""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import Any, ClassVar

import numpy as np

from engine.arrays import FloatArray
from engine.indicators import momentum, rolling_beta, rolling_mean, rolling_std
from engine.indicators.series import lagged
from engine.market.panel import Market
from engine.strategy import Condition, ReasonCode, ReasonKind, Strategy, lookback, param

SMALL, LARGE = 0, 1


class Hedge(IntEnum):
    DOLLAR = 0
    BETA = 1


class Reason(ReasonCode):
    ENTER = 1, "the first book, hedged", ReasonKind.ENTRY
    REBALANCE = 2, "a leg drifted out of its band, or the hedge ratio moved", ReasonKind.REBALANCE
    CUT = 3, "the book is too long, or its hedge lets it down: it is cut", ReasonKind.CUT
    RESTORE = 4, "the alarm has passed: the book is taken back to its size", ReasonKind.REBALANCE


class ClassicBook(Strategy):
    """Long the small leg, short the large one at the hedge ratio; alarms where the hedge no longer covers the book."""

    roles: ClassVar[tuple[str, ...]] = ("small", "large")

    class Params:
        weight: float = param(0.7, low=0.05, high=2, unit="of equity", doc="of the long leg")
        hedge: Hedge = param(Hedge.BETA, doc="short for one dollar long: a dollar, or the beta of the long leg")
        hedge_window: int = lookback(60, low=10, high=1000, doc="behind the beta that sets the hedge")
        book_window: int = lookback(20, low=5, high=250, doc="behind the beta of the book today")
        book: float = param(
            100_000_000.0, low=1, high=1_000_000_000_000, unit="dollars", doc="long leg that the monitor counts in"
        )
        net_limit: float = param(0.25, low=0, high=5, unit="beta", doc="book beta less hedge beta that is too long")
        slip_days: int = lookback(10, low=1, high=250, doc="length of the slippage that is watched")
        slip_window: int = lookback(252, low=20, high=2000, doc="behind the sigma of the slippage")
        slip_limit: float = param(-2.0, low=-20, high=0, unit="sigma", doc="slippage at which the hedge lets down")
        band: float = param(0.05, low=0, high=1, unit="of equity", doc="drift of a leg that is left alone")
        cut_to: float = param(1.0, low=0, high=1, unit="of the book", doc="held after an alarm; 1 only reports")
        cut_bars: int = param(20, low=1, high=250, unit="bars", doc="after the last alarm until the cut ends")

    class State:
        invested: bool = False
        cut: int = 0  # bars until the cut ends; 0: none

    Reason = Reason
    alarms: ClassVar[Mapping[str, str]] = {
        "too_long": "the book is too long: its beta stands above that of its hedge by more than the limit",
        "slipping": "the hedge lets the book down: what it did not cover is beyond the limit",
    }
    remembers: ClassVar[Mapping[str, str]] = {"invested": "the book is held", "cut": "bars until a cut ends: {}"}
    watch: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "book_beta": (),
        "hedge_beta": (),
        "net_beta": ("net_limit",),
        "slipped": (),
        "slippage": (),
        "slip_sigma": ("slip_limit",),
    }

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """Betas of book and hedge; dollars that the hedge did not cover, of the day and of the last days; alarms."""
        small, large = momentum(market.small.close, 1), momentum(market.large.close, 1)
        hedge = np.ones(len(market))
        if p.hedge == Hedge.BETA:
            hedge = np.clip(rolling_beta(small, large, p.hedge_window), 0.25, 4.0)
        net = rolling_beta(small, large, p.book_window) - hedge
        slipped = np.expm1(small) - lagged(hedge, 1) * np.expm1(large)
        total = p.slip_days * rolling_mean(slipped, p.slip_days)
        sigma = lagged(rolling_std(slipped, p.slip_window), p.slip_days) * np.sqrt(p.slip_days)
        slip_sigma = total / np.where(sigma > 0.0, sigma, np.nan)
        return {
            "book_beta": net + hedge,
            "hedge_beta": hedge,
            "net_beta": net,
            "slipped": p.book * slipped,
            "slippage": p.book * total,
            "slip_sigma": slip_sigma,
            "too_long": np.where(net >= p.net_limit, 1.0, 0.0),
            "slipping": np.where(slip_sigma <= p.slip_limit, 1.0, 0.0),
        }

    def conditions(self, market: Market, f: Any, p: Any, s: Any) -> Iterator[Condition]:
        """What raises each alarm, or cuts the book, and when a cut ends."""
        if f.net_beta != f.net_beta or f.slip_sigma != f.slip_sigma:
            return
        acts = f"cuts the book to {p.cut_to:.0%}" if s.cut == 0 else "keeps the book cut"
        does = acts if p.cut_to < 1.0 else "raises the alarm"
        yield Condition(
            f"{does}, the book is too long", "its beta less its hedge's", True, p.net_limit, "of 1", f.net_beta
        )
        watched = f"what the hedge did not cover in {p.slip_days} sessions"
        yield Condition(f"{does}, the hedge lets it down", watched, False, p.slip_limit, "sigma", f.slip_sigma)
        if s.cut > 0:
            since = f"{p.cut_bars} bars after the last alarm"
            yield Condition("takes the book back to its size", since, True, p.cut_bars, "closes", p.cut_bars - s.cut)

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        unknown = f.net_beta != f.net_beta or f.slip_sigma != f.slip_sigma
        if unknown or account.frozen == 1 or account.equity <= 0.0:
            return
        fired = p.cut_to < 1.0 and (f.too_long == 1.0 or f.slipping == 1.0)
        was_cut = s.cut > 0
        s.cut = p.cut_bars if fired else max(0, s.cut - 1)
        weight = p.weight * p.cut_to if s.cut > 0 else p.weight
        if not s.invested:
            s.invested = True
            hold(f, orders, weight, Reason.ENTER)
        elif s.cut > 0 and not was_cut:
            hold(f, orders, weight, Reason.CUT)
        elif was_cut and s.cut == 0:
            hold(f, orders, weight, Reason.RESTORE)
        elif has_drifted(f, p, account, weight):
            hold(f, orders, weight, Reason.REBALANCE)


def hold(f: Any, orders: Any, weight: float, reason: int) -> None:
    """Bring the long leg to its weight and the short one to the hedge of it."""
    orders.target(SMALL, weight, reason)
    orders.target(LARGE, -weight * f.hedge_beta, reason)


def has_drifted(f: Any, p: Any, account: Any, weight: float) -> bool:
    """Whether a leg is further than the band from its weight."""
    small = account.small.value / account.equity - weight
    large = account.large.value / account.equity + weight * f.hedge_beta
    return abs(small) > p.band or abs(large) > p.band
