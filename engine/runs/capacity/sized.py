# SPDX-License-Identifier: Apache-2.0
"""One prepared run with any opening deposit: market, features, terms and compiled code are made once."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from engine.analytics.facts import over_equity
from engine.analytics.ledger_paths import of_kind
from engine.analytics.metrics.performance import STILL, cagr
from engine.analytics.metrics.registry import Undefined
from engine.analytics.sessions import Sessions, reduce
from engine.arrays import FloatArray
from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.errors import DataError, RunError, StrategyError
from engine.inputs.prepared import Prepared
from engine.kernel.codes import Cause, EngineReason, EntryKind, OrderStatus
from engine.runs.capacity.findings import CASH, Size
from engine.runs.capacity.participation import carried_orders, participation, share_fills


@dataclass(frozen=True)
class Sizes:
    """Runs by opening deposit, each made once.

    prepared     the configuration's own run, recorded
    depth        (T, N) shares a day, of `engine.inputs.liquidity.daily_depth`
    comparisons  what cash and the benchmark made a year, by name
    factor       on the impact of every order; 0 as in `record`
    """

    prepared: Prepared
    depth: FloatArray
    comparisons: Mapping[str, float]
    factor: float = 1.0
    known: dict[float, Size] = field(default_factory=dict)

    def at(self, capital: float) -> Size:
        """The run with this deposit, in money, in a few figures; one that stopped has none."""
        if capital not in self.known:
            try:
                self.known[capital] = self._told(capital, record(self.prepared, capital, self.factor))
            except (RunError, StrategyError) as error:
                self.known[capital] = Size(capital, stopped=str(error))
        return self.known[capital]

    def _told(self, capital: float, result: RunRecord) -> Size:
        years, fills, orders = result.market.spacing.years, share_fills(result), result.orders
        parts, unmeasured = participation(result, self.depth)
        annual = annual_return(reduced(result).nav, years)
        equity = float(np.mean(result.points["equity"]))
        cut = (orders["status"] == OrderStatus.CANCELLED) & (orders["cause"] == Cause.CASH_ACCOUNT)
        return Size(
            capital=capital,
            annual=annual,
            edges={name: annual - made for name, made in self.comparisons.items()},
            mean_equity=equity,
            slippage=float(fills["slippage"].sum()) / equity / years if equity > 0 else math.nan,
            gross=float(np.nan_to_num(over_equity(result, result.gross)).mean()),
            refused=int(np.count_nonzero((orders["status"] == OrderStatus.REJECTED) | cut)),
            carried=carried_orders(result),
            forced=int(np.count_nonzero(fills["reason"] == EngineReason.MARGIN_CALL)),
            unmeasured=unmeasured,
            participation=parts,
        )


def record(prepared: Prepared, capital: float, factor: float = 1.0) -> RunRecord:
    """The whole run with this deposit, in money, compiled. Raises RunError or StrategyError where it stops.

    factor  on the impact of every order; 0 takes the cap on volume away too: what orders of no size would earn
    """
    rules, costs = prepared.rules.copy(), prepared.cost_inputs.copy()
    rules["cash"] = capital
    costs["impact"] *= factor
    if factor == 0.0:
        rules["participation"] = math.inf
    account = prepared.config.account.model_copy(update={"cash": capital})
    config = prepared.config.model_copy(update={"account": account})
    return native.run(replace(prepared, config=config, rules=rules, cost_inputs=costs), "compiled")


def reduced(result: RunRecord) -> Sessions:
    """The run at its session closes."""
    put_in = result.ledger[of_kind(result.ledger, EntryKind.DEPOSIT)]
    return reduce(result, np.bincount(put_in["t"], put_in["amount"], len(result.points)).astype(np.float64))


def annual_return(nav: FloatArray, years: float) -> float:
    """Compound return a year, as the metric `cagr`; -1 for an account that was ruined on the way."""
    try:
        return cagr(nav, years)
    except Undefined:
        return -1.0


def compared(result: RunRecord) -> tuple[dict[str, float], dict[str, float]]:
    """(compound return a year, mean over standard error of the run's sessions over it) of cash and of the benchmark.

    By name, CASH first; a benchmark that has no value on the first or the last session is left out: what it made is of
    other years. The ratio is NaN where the returns over it do not vary. DataError where sessions are unevenly
    spaced: a rate a year has no part of a session then.
    """
    sessions, spacing = reduced(result), result.market.spacing
    if math.isnan(spacing.per_year):
        raise DataError(f"{spacing.uneven}: cash has no return a session, so there is no edge over it")
    cash = sessions.rates / spacing.per_year
    made, ratios = {CASH: _growth(cash, spacing.years)}, {CASH: _over_error(sessions.returns - cash)}
    if whole(sessions):
        made[sessions.compared_with] = _growth(np.nan_to_num(sessions.spanning), spacing.years)
        ratios[sessions.compared_with] = _over_error(sessions.returns - sessions.benchmark)
    return made, ratios


def whole(sessions: Sessions) -> bool:
    """Whether the run is compared with something that has a value on its first and on its last session."""
    return bool(sessions.compared_with) and sessions.span == (0, len(sessions) - 1)


def _growth(returns: FloatArray, years: float) -> float:
    return float(np.prod(1.0 + returns) ** (1.0 / years) - 1.0)


def _over_error(over: FloatArray) -> float:
    known = over[np.isfinite(over)]
    if len(known) < 2 or not np.std(known) > STILL:
        return math.nan
    return float(np.mean(known) / np.std(known, ddof=1) * math.sqrt(len(known)))
