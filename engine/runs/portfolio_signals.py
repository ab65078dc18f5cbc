# SPDX-License-Identifier: Apache-2.0
"""Signals of a portfolio: what each sleeve decided at one close, and what that comes to at the broker."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np

from engine.analytics.ledger_paths import fold
from engine.analytics.sleeve_result import sleeve_result
from engine.analytics.sleeves import sleeve_paths
from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.errors import ConfigError, Problem
from engine.inputs.prepared import prepare
from engine.kernel.codes import OrderStatus
from engine.runs.backtest import Config, load_bars, loaded, placed
from engine.runs.interpretation import read
from engine.runs.signals import IMMEDIATE, Signals, last_row, read_decision


@dataclass(frozen=True)
class NetPosition:
    """One symbol in the account: signed shares over all sleeves.

    held    at this close
    buy     shares that this decision's market orders buy, over the sleeves that buy;  sell  the same, both >= 0
    target  held + buy - sell
    """

    symbol: str
    close: float
    held: float
    buy: float
    sell: float

    @property
    def target(self) -> float:
        """Signed shares once the market orders of this decision have filled."""
        return self.held + self.buy - self.sell


@dataclass(frozen=True)
class PortfolioSignals:
    """One day's decisions of all sleeves. Each is a `Signals` on the sleeve's own part of the account."""

    result: RunRecord
    asof: dt.date
    sleeves: dict[str, Signals]
    net: tuple[NetPosition, ...]


def portfolio_signals(config: Config, asof: dt.date | None = None) -> PortfolioSignals:
    """The decisions at the close of `asof`, or of the last session there is; nothing later is read.

    Raises what `backtest` raises, ConfigError for a configuration without sleeves, and DataError where `asof` lies
    before the first bar of the period.
    """
    ready = loaded(config)
    if not ready.config.sleeves:
        raise ConfigError(Problem("no sleeves", path="sleeves", allowed="engine.signals for one strategy"))
    with placed(ready):
        market, start, stop = load_bars(ready)
    stop = last_row(market, start, stop, asof)
    with placed(ready):
        run = prepare(ready.config, ready.strategies, market.head(stop), start, stop)
    result = native.run(run, ready.config.mode)
    paths = fold(result)
    decisions = {}
    for own, prepared in zip(sleeve_paths(result, paths), run.sleeves, strict=True):
        part = sleeve_result(result, paths, own)
        part = replace(part, notices=(), reading=read(part, prepared))
        decisions[own.name] = read_decision(part, prepared.strategy)
    return PortfolioSignals(result, result.market.sessions[-1].item(), decisions, net_positions(decisions))


def net_positions(decisions: dict[str, Signals]) -> tuple[NetPosition, ...]:
    """Every symbol of the portfolio, in the order of the sleeves."""
    found: dict[str, NetPosition] = {}
    for decision in decisions.values():
        market = decision.result.market
        for place, (role, symbol) in enumerate(market.symbols.items()):
            now = decision.sent[np.isin(decision.sent["kind"], IMMEDIATE) & (decision.sent["role"] == place)]
            shares = now["qty"][now["status"] == OrderStatus.WORKING]
            before = found.get(symbol, NetPosition(symbol, float(market.bars[role]["close"][-1]), 0.0, 0.0, 0.0))
            found[symbol] = replace(
                before,
                held=before.held + decision.held[place],
                buy=before.buy + float(shares[shares > 0].sum()),
                sell=before.sell - float(shares[shares < 0].sum()),
            )
    return tuple(found.values())
