# SPDX-License-Identifier: Apache-2.0
"""A valid configuration with everything written out: parameters, tables of the bound symbols, paths, the benchmark."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.config.files import at_home
from engine.model.rules import RULES
from engine.model.run import RunConfig
from engine.model.sleeve import Sleeve
from engine.model.sleeves import bound_roles
from engine.model.spelling import known_as
from engine.strategy.base import Strategy
from engine.strategy.params import declared_params, resolve_params
from engine.strategy.source.discover import resolved_spec


def resolved(config: RunConfig, strategies: Mapping[str, type[Strategy]], base_dir: Path) -> RunConfig:
    """Params complete, tables cut down to the bound symbols, paths absolute: nothing outside is needed any more."""
    held = tuple(dict.fromkeys(bound_roles(config).values()))
    costs, margin = config.costs, config.account.margin
    slippage = costs.slippage.model_copy(
        update={name: _held(getattr(costs.slippage, name), held) for name in ("half_spread", "impact")}
    )
    multiples = {symbol: margin.multiples.get(known_as(symbol, margin.multiples) or "", 1.0) for symbol in held}
    return config.model_copy(
        update={
            **_what_runs(config, strategies),
            **at_home(config, base_dir),
            "benchmark": _compared_with(config, strategies),
            "costs": costs.model_copy(update={"slippage": slippage, "borrow": _held(costs.borrow, held)}),
            "account": config.account.model_copy(update={"margin": margin.model_copy(update={"multiples": multiples})}),
        }
    )


def _compared_with(config: RunConfig, strategies: Mapping[str, type[Strategy]]) -> str | None:
    """The role or series of `benchmark`, also where its symbol is given; None is the first role of an account."""
    given, roles = config.benchmark, bound_roles(config)
    if given is None:
        return None if config.sleeves else strategies[""].benchmark or None
    return next((role for role, symbol in roles.items() if symbol == given and given not in config.series), given)


def _what_runs(config: RunConfig, strategies: Mapping[str, type[Strategy]]) -> dict[str, Any]:
    """The strategy or the sleeves, with every parameter."""
    if not config.sleeves:
        return {
            "strategy": _spec(config, strategies[""]),
            "params": _every_param(config.params, strategies[""]),
        }
    sleeves = {
        name: own.model_copy(
            update={
                "strategy": _spec(own, strategies[name]),
                "params": _every_param(own.params, strategies[name]),
            }
        )
        for name, own in config.sleeves.items()
    }
    return {"sleeves": sleeves}


def _spec(runs: RunConfig | Sleeve, strategy: type[Strategy]) -> str:
    """How the strategy is named from anywhere; rules go with the configuration."""
    return RULES if runs.rules is not None else resolved_spec(runs.strategy, strategy)


def _every_param(given: dict[str, Any], strategy: type[Strategy]) -> dict[str, Any]:
    specs = declared_params(strategy.Params)
    return {name: specs[name].show(number) for name, number in resolve_params(strategy.Params, given).items()}


def _held(table: Any, symbols: Sequence[str]) -> Any:
    """Each bound symbol with its own entry, however it is spelled; `default` has been handed out and goes."""
    if not isinstance(table, dict):
        return table
    return {symbol: table[known_as(symbol, table) or "default"] for symbol in symbols}
