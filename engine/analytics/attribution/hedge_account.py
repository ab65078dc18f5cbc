# SPDX-License-Identifier: Apache-2.0
"""What a hedge cost and what it paid: the ledger's profit of a hedged book split into base and hedge, bar by bar.

The profit of a bar is what the account gained from the close before it to its own close, so it belongs to the regime
that was known at the close before. Every sum of parts is the account's profit: nothing is estimated twice.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analytics.ledger_paths import fold
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.errors import StrategyError
from engine.strategy.interpretation import UNKNOWN_REGIME


@dataclass(frozen=True, slots=True)
class HedgeAccount:
    """Profit of each bar, (T,) money, positive is a gain; their sum is the change of equity less deposits.

    base      small caps at their base weight
    hedge     what the hedge added, all its costs included
    interest  on cash and debt, which belongs to neither
    equity    (T,) at the close before the bar, what the profit of a bar is a fraction of
    sessions  (T,) dates
    """

    base: FloatArray
    hedge: FloatArray
    interest: FloatArray
    equity: FloatArray
    sessions: NDArray[np.datetime64]

    def over(self, name: str, bars: NDArray[np.bool_]) -> HedgeSum:
        """The sums over the bars of a mask, (T,) bool."""
        money = [float(column[bars].sum()) for column in (self.base, self.hedge, self.interest)]
        rates = [float((column[bars] / self.equity[bars]).sum()) for column in (self.base, self.hedge, self.interest)]
        return HedgeSum(name, int(bars.sum()), *money, *rates)


@dataclass(frozen=True, slots=True)
class HedgeSum:
    """Sums over some bars: money, and the same as fractions of the equity at each bar's beginning, not compounded."""

    name: str
    bars: int
    base: float
    hedge: float
    interest: float
    base_rate: float
    hedge_rate: float
    interest_rate: float

    @property
    def share_of_loss(self) -> float:
        """The part of what the rest lost that the hedge earned, a fraction; NaN where nothing was lost."""
        return -self.hedge_rate / self.base_rate if self.base_rate < 0.0 else math.nan


@dataclass(frozen=True, slots=True)
class HedgeEpisode:
    """A named stretch of history, both sessions included; its profit starts at the close before `first`."""

    name: str
    first: dt.date
    last: dt.date


def _episode(name: str, first: str, last: str) -> HedgeEpisode:
    return HedgeEpisode(name, dt.date.fromisoformat(first), dt.date.fromisoformat(last))


HEDGE_EPISODES = (
    _episode("2007-08", "2007-07-02", "2007-08-31"),
    _episode("2008", "2008-01-02", "2008-12-31"),
    _episode("2011", "2011-07-08", "2011-10-03"),
    _episode("2015", "2015-06-24", "2016-02-11"),
    _episode("2018", "2018-09-04", "2018-12-24"),
    _episode("2020", "2020-02-03", "2020-03-31"),
    _episode("2022", "2022-01-03", "2022-10-14"),
    _episode("2024", "2024-07-01", "2024-08-30"),
)
"""2007-08, 2008 and 2020 as `tandem stress` has them, July 2024 with its August; the others IWM's way to its low."""


def hedge_account(
    result: RunRecord, base: float = 1.0, role: str = "small", instrument: str | Sequence[str] = ""
) -> HedgeAccount:
    """Split the profit of a run into base, hedge and interest.

    With an `instrument`, a role such as an inverse fund or an option slot, or several of them, the hedge is what those
    earned, options at their modelled marks. Without one it is netted in `role`: the base then is `base` times the
    equity at each close, held to the next one free of costs, dividends included, from the close of the first bar with
    a position on; the hedge is what the role earned besides. That has the costs of every trade, and the drift that a
    rebalance band allows.
    Raises StrategyError where the run has no such role or slot.
    """
    paths, market = fold(result), result.market
    profit = np.diff(paths.role_pnl, axis=0, prepend=0.0)
    chosen = profit[:, _place(market.roles, role)]
    named = (instrument,) if isinstance(instrument, str) else tuple(instrument)
    if any(named):
        hedge, rest = profit[:, [_place(result.legs, one) for one in named]].sum(axis=1), chosen
    else:
        bars = market.bars[role]
        paid = bars["dividend"] if result.config.costs.dividends else np.zeros(len(bars))
        gain = (bars["close"] + paid)[1:] * bars["split"][1:] - bars["close"][
            :-1
        ]  # of a share held from close to close
        shares = base * paths.equity[:-1] / bars["close"][:-1]
        held = np.maximum.accumulate(paths.positions[:, _place(market.roles, role)] != 0.0)[:-1]
        rest = np.where(np.append(False, held), np.append(0.0, shares * gain), chosen)
        hedge = chosen - rest
    before = np.append(paths["deposits"][0], paths.equity[:-1])
    return HedgeAccount(rest, hedge, np.diff(paths.unbound_pnl, prepend=0.0), before, market.sessions)


def by_regime(account: HedgeAccount, regimes: NDArray[np.int64], names: Mapping[int, str]) -> tuple[HedgeSum, ...]:
    """Sums by the regime known at the close before each bar; `regimes`, (T,), are those after each bar.

    The first bar and all without a regime in `names` come last, as UNKNOWN_REGIME, so that the bars add up to the run.
    """
    before = np.append(np.iinfo(np.int64).min, regimes[:-1])
    sums = [account.over(name, before == code) for code, name in names.items()]
    return (*sums, account.over(UNKNOWN_REGIME, ~np.isin(before, list(names))))


def by_episode(account: HedgeAccount, episodes: Sequence[HedgeEpisode] = HEDGE_EPISODES) -> tuple[HedgeSum, ...]:
    """Sums over each episode that lies within the run as a whole; the others are left out."""
    sessions = account.sessions
    spans = ((one.name, np.datetime64(one.first), np.datetime64(one.last)) for one in episodes)
    return tuple(
        account.over(name, (sessions >= first) & (sessions <= last))
        for name, first, last in spans
        if sessions[0] < first and last <= sessions[-1]
    )


def _place(legs: Sequence[str], one: str) -> int:
    if one not in legs:
        raise StrategyError(f"the run has no role or option slot {one!r}; it has {', '.join(legs)}")
    return list(legs).index(one)
