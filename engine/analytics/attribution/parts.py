# SPDX-License-Identifier: Apache-2.0
"""What each part of a strategy did, as far as it declares its parts: agents, and a hedge by regime and by episode."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from engine.analytics.attribution.agents import AgentPath, agent_paths
from engine.analytics.attribution.alpha_share import AlphaShare, alpha_share, published_months
from engine.analytics.attribution.hedge_account import HedgeAccount, HedgeSum, by_episode, by_regime, hedge_account
from engine.analytics.ledger_paths import of_kind
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.flows import FILL_KINDS
from engine.strategy.interpretation import UNKNOWN_REGIME, RegimePath


@dataclass(frozen=True, slots=True)
class AgentSum:
    """One agent over the run: profit in money, fills, share of bars with a position, mean and largest |exposure|."""

    name: str
    pnl: float
    fills: int
    time_in_market: float
    mean_exposure: float
    max_exposure: float


@dataclass(frozen=True, slots=True)
class RegimeSum:
    """One regime over the run: bars after whose close it held, times it was entered, and the profit of those bars.

    A bar's profit belongs to the regime at the close before it. profit is what the account earned, hedge the part of
    it that is the hedge's (NaN where the strategy declares none), both also as sums of fractions of the equity at
    each bar's beginning, not compounded.
    """

    name: str
    bars: int
    entered: int
    profit: float
    hedge: float
    profit_rate: float
    hedge_rate: float

    @property
    def is_hedged(self) -> bool:
        """Whether the strategy declares a hedge."""
        return not math.isnan(self.hedge)


@dataclass(frozen=True)
class Attribution:
    """Empty tuples and None where the strategy declares no such part.

    agents   paths of the declared agents and, last, of what is nobody's; their sums in agent_sums
    regimes  sums by regime in the order of declaration and, last, of the bars without one
    hedge    profit of each bar split into what is hedged, the hedge, and interest
    episodes sums of the same over named stretches of history within the run
    alpha    how much of a replicated fund's return its replica does not earn, out of sample
    """

    agents: tuple[AgentPath, ...] = ()
    agent_sums: tuple[AgentSum, ...] = ()
    regimes: tuple[RegimeSum, ...] = ()
    hedge: HedgeAccount | None = None
    episodes: tuple[HedgeSum, ...] = ()
    alpha: AlphaShare | None = None


def attribution(result: RunRecord) -> Attribution:
    """Work out what `result.interpretation` declares."""
    declared = result.interpretation
    agents = agent_paths(result, declared.agents) if declared.agents else ()
    sums = tuple(_agent_sum(result, agent) for agent in agents)
    alpha = None
    if declared.replica is not None:
        alpha = alpha_share(*published_months(result.features, declared.replica))
    path = declared.regimes
    if path is None:
        return Attribution(agents, sums, alpha=alpha)
    account = _account(result, path)
    entered = _entered(path)
    regimes = tuple(_regime(one, entered.get(one.name, 0)) for one in by_regime(account, path.codes, path.names))
    if not path.hedged:
        return Attribution(
            agents, sums, tuple(replace(one, hedge=np.nan, hedge_rate=np.nan) for one in regimes), alpha=alpha
        )
    return Attribution(agents, sums, regimes, account, by_episode(account), alpha)


def _account(result: RunRecord, path: RegimePath) -> HedgeAccount:
    """The profit of each bar, split where a hedge is declared; else all of it is base."""
    if path.hedged:
        return hedge_account(result, base=path.base, role=path.hedged, instrument=path.hedge)
    profit, before = account_profit(result)
    nothing = np.zeros(len(profit))
    return HedgeAccount(profit, nothing, nothing, before, result.market.sessions)


def account_profit(result: RunRecord) -> tuple[FloatArray, FloatArray]:
    """(T,) profit of each bar, deposits apart, and (T,) the equity before it: the opening deposit, then each close."""
    equity = np.asarray(result.points["equity"], np.float64)
    before = np.append(result.config.account.cash, equity[:-1])
    return equity - before, before


def _agent_sum(result: RunRecord, agent: AgentPath) -> AgentSum:
    exposure = np.nan_to_num(np.abs(agent.exposure))
    holds = (agent.positions != 0.0).any(axis=1)
    own = [code for code, one in result.reasons.items() if one.name.partition("_")[0] == agent.name]
    filled = result.ledger["reason"][of_kind(result.ledger, *FILL_KINDS)]
    fills = int(np.count_nonzero(np.isin(filled, own)))
    return AgentSum(
        agent.name, float(agent.pnl[-1]), fills, float(holds.mean()), float(exposure.mean()), float(exposure.max())
    )


def _regime(found: HedgeSum, entered: int) -> RegimeSum:
    profit, rate = found.base + found.hedge + found.interest, found.base_rate + found.hedge_rate + found.interest_rate
    return RegimeSum(found.name, found.bars, entered, profit, found.hedge, rate, found.hedge_rate)


def _entered(path: RegimePath) -> dict[str, int]:
    counts: dict[str, int] = {}
    for code, _, _ in path.spans():
        name = path.names.get(code, UNKNOWN_REGIME)
        counts[name] = counts.get(name, 0) + 1
    return counts
