# SPDX-License-Identifier: Apache-2.0
"""A portfolio's sleeves: the ledger folded by whose entry it is, so that the sleeves add up to the account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np

from engine.analytics.ledger_paths import LedgerPaths, fill_commissions, of_kind, whole_path
from engine.analytics.sessions import Sessions
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.flows import COSTS, FILL_KINDS, FLOWS, PROFIT, Flow


@dataclass(frozen=True)
class SleevePath:
    """One sleeve from the first bar on. All paths are (T,) cumulative money, signed as cash.

    flows  by name of every flow: its part of the account's. Transfers sum to 0 over all sleeves.
    """

    name: str
    weight: float
    flows: Mapping[str, FloatArray]

    def __getitem__(self, flow: str) -> FloatArray:
        """The path of one flow by name, (T,)."""
        return self.flows[flow]

    def total(self, *flows: Flow) -> FloatArray:
        """(T,) several flows added up."""
        return reduce(add, (self.flows[flow.name] for flow in flows))

    @property
    def pnl(self) -> FloatArray:
        """Cumulative net profit, (T,)."""
        return self.total(*PROFIT)

    @property
    def equity(self) -> FloatArray:
        """Equity at each close, after the transfer of that close, (T,)."""
        return self.total(*FLOWS)

    @property
    def costs(self) -> FloatArray:
        """Cumulative costs of trading and borrowing, (T,) money, <= 0."""
        return self.total(*(flow for flow in COSTS if not flow.carry))

    @property
    def carry(self) -> FloatArray:
        """Cumulative carry, what holding yields: dividends and interest, (T,) money."""
        return self.total(*(flow for flow in COSTS if flow.carry))

    def last(self, *names: str) -> dict[str, float]:
        """Flows, or `pnl`, `equity`, `costs` and `carry`, at the last close, money."""
        return {name: float((self.flows[name] if name in self.flows else getattr(self, name))[-1]) for name in names}

    def contribution(self, sessions: Sessions) -> float:
        """Profit as a fraction of the account's opening deposit: over the sleeves they sum to the return."""
        return float(self.pnl[-1] / sessions.nav[0])

    def returns(self, sessions: Sessions) -> FloatArray:
        """Return of each session, (S,), from close to close before transfers; NaN once there is no equity."""
        before = np.append(self["deposits"][0], self.equity[:-1])
        gain = np.diff(self.pnl, prepend=0.0)
        growth = np.where(before > 0.0, 1.0 + gain / np.where(before > 0.0, before, 1.0), np.nan)
        starts = np.append(0, sessions.rows[:-1] + 1)
        return np.asarray(np.multiply.reduceat(growth, starts) - 1.0, np.float64)


@dataclass(frozen=True, slots=True)
class Crossing:
    """What sleeves traded against each other: shares of one symbol that one bought and another sold in the same bar.

    value  of those shares, once;  costs  commissions, fees and slippage of both sides, money >= 0
    """

    value: float
    costs: float


def sleeve_paths(result: RunRecord, paths: LedgerPaths) -> tuple[SleevePath, ...]:
    """The path of each sleeve in the order of the configuration; none for a single strategy."""
    ledger, rows = result.ledger, len(result.points)
    owner, legs = result.sleeve_numbers(ledger["role"]), result.sleeve_numbers(np.arange(len(result.legs)))

    def path(flow: Flow, number: int) -> FloatArray:
        if flow.of_role:
            return np.asarray(paths[flow.name][:, legs == number].sum(axis=1), np.float64)
        return whole_path(ledger[owner == number], flow, rows)

    return tuple(
        SleevePath(name, sleeve.weight, {flow.name: path(flow, number) for flow in FLOWS})
        for number, (name, sleeve) in enumerate(result.config.sleeves.items())
    )


def correlations(sleeves: tuple[SleevePath, ...], sessions: Sessions) -> FloatArray:
    """(N, N) correlation of daily returns over the sessions that all have one; NaN where a sleeve never moves."""
    table = np.column_stack([sleeve.returns(sessions) for sleeve in sleeves])
    table = table[np.isfinite(table).all(axis=1)]
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.corrcoef(table, rowvar=False) if len(table) > 1 else np.full((len(sleeves), len(sleeves)), np.nan)
    return np.atleast_2d(np.asarray(found, np.float64))


def crossing(result: RunRecord) -> Crossing:
    """What the sleeves' orders that met in one bar cost. A desk that crosses them inside would have saved at most that.

    Of the larger side only the part that the smaller one would have met is counted.
    """
    ledger = result.ledger
    fills = ledger[of_kind(ledger, *FILL_KINDS)]
    shares = fills["role"] < len(result.market.roles)
    entries = fills[shares]
    if not result.sleeves or len(entries) == 0:
        return Crossing(0.0, 0.0)
    symbols = list(result.market.symbols.values())
    first = np.array([symbols.index(symbol) for symbol in symbols])[entries["role"]]
    cell = entries["t"] * len(symbols) + first
    costs = entries["slippage"] + fill_commissions(ledger)[shares]
    bought, sold = (
        np.bincount(cell, weights=np.where(side, np.abs(entries["qty"]), 0.0))
        for side in (entries["qty"] > 0, entries["qty"] < 0)
    )
    met = np.minimum(bought, sold)
    side = np.where(entries["qty"] > 0, bought[cell], sold[cell])
    part = met[cell] / side
    value = float(np.sum(part * np.abs(entries["qty"]) * entries["price"])) / 2.0
    return Crossing(value, float(np.sum(part * costs)))
