# SPDX-License-Identifier: Apache-2.0
"""What a run refuses where a role has no price on some of its bars, and what it says of what was closed for that."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.arrays import FloatArray
from engine.errors import ConfigError, DataError, Problem
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.model.spans import span_of
from engine.strategy.foreign import foreign_class

if TYPE_CHECKING:
    from engine.strategy.base import Strategy

REMEDY = "leave spans out, and every role is cut to the span that all of them have"


def check_spans(window: Market, config: RunConfig, strategies: Iterable[type[Strategy]]) -> None:
    """Raise InputError where a role has no price on some bars of the run, for what needs one on every bar.

    That is what the run is compared with, options, funds measured against their index, and a second engine.
    """
    partial = window.partial_roles
    if not partial:
        return
    names = ", ".join(window.symbols[role] for role in partial)
    compared = config.benchmark or window.roles[0]
    if compared in partial:
        whole = [window.symbols[role] for role in window.roles if role not in partial]
        raise DataError(
            Problem(
                f"the run is compared with {window.symbols[compared]}, which has no price on some of its bars",
                path="benchmark",
                found=compared,
                allowed=", ".join(dict.fromkeys((*whole, *window.series, "none"))),
            )
        )
    for strategy in strategies:
        need = _needs_all(strategy, config)
        if need:
            raise ConfigError(Problem(f"{need} every role on every bar", path="spans", found=names, allowed=REMEDY))


def declared_ends(market: Market, config: RunConfig, start: int, stop: int) -> FloatArray:
    """(N,) dollars that a share of each role is declared to be paid at its end, in the shares of its bars.

    NaN where nothing is declared, and where the role's last bar is not among rows start..stop-1.
    """
    paid = np.full(len(market.roles), np.nan)
    if config.spans:
        for number, (role, symbol) in enumerate(market.symbols.items()):
            close = market.bars[role]["close"]
            there = np.flatnonzero(~np.isnan(close))
            if len(there) and start <= there[-1] < stop:
                paid[number] = span_of(config.spans, symbol).paid(float(close[there[-1]]))
    return paid


def undeclared_ends(window: Market, config: RunConfig) -> tuple[str, ...]:
    """Roles that end on a bar of the run before its last, without a word on what a share is paid then."""
    ended = [role for role in window.partial_roles if np.isnan(window.bars[role]["close"][-1])]
    return tuple(role for role in ended if math.isnan(span_of(config.spans, window.symbols[role]).paid(1.0)))


def refuse_spans(config: RunConfig, who: str) -> None:
    """Raise ConfigError where the configuration lets roles begin late or end early, which `who` cannot have."""
    spans: Any = {symbol: one for symbol, one in config.spans.items() if one != type(one)()}
    if spans:
        raise ConfigError(
            Problem(f"{who} needs every role on every bar", path="spans", found=", ".join(spans), allowed=REMEDY)
        )


def _needs_all(strategy: type[Strategy], config: RunConfig) -> str:
    if foreign_class(strategy) is not None or config.engine == "backtrader":
        return "backtrader needs"
    if strategy.options:
        return f"{strategy.__name__} trades options, whose prices need"
    if strategy.inverse_funds:
        return f"{strategy.__name__} measures a fund against its index, which needs"
    if strategy.replica is not None:
        return f"{strategy.__name__} measures funds against each other, which needs"
    return ""
