# SPDX-License-Identifier: Apache-2.0
"""A run's sleeves: their names and weights, and each as a configuration of its own."""

from collections.abc import Mapping

from engine.model.run import RunConfig


def prefix(sleeve: str) -> str:
    """What stands before the names of a sleeve in its account, `hedge.`; nothing where the sleeve has no name."""
    return f"{sleeve}." if sleeve else ""


def weights(config: RunConfig) -> dict[str, float]:
    """Sleeve -> its part of the capital, in order. A single run is an account with one sleeve, which has no name."""
    return {name: own.weight for name, own in config.sleeves.items()} or {"": 1.0}


def alone(config: RunConfig, name: str) -> RunConfig:
    """The sleeve as the one strategy of a configuration that is the same in everything else."""
    if not name:
        return config
    own = config.sleeves[name]
    return config.model_copy(
        update={
            "strategy": own.strategy,
            "roles": own.roles,
            "params": own.params,
            "rules": own.rules,
            "sleeves": {},
            "rebalance": "never",
        }
    )


def bound_roles(config: RunConfig) -> dict[str, str]:
    """Role -> symbol of the run; of sleeves `sleeve.role` -> symbol, side by side."""
    if not config.sleeves:
        return one_by_one(config.roles)
    return {
        f"{name}.{role}": symbol
        for name, own in config.sleeves.items()
        for role, symbol in one_by_one(own.roles).items()
    }


def one_by_one(roles: Mapping[str, str | list[str]]) -> dict[str, str]:
    """Role -> symbol; the roles of a list come last, each called by its symbol."""
    single = {role: symbol for role, symbol in roles.items() if isinstance(symbol, str)}
    listed = [symbol for symbols in roles.values() if isinstance(symbols, list) for symbol in symbols]
    return {**single, **{symbol: symbol for symbol in listed}}


def told_strategy(config: RunConfig) -> str:
    """What a result says it ran: the strategy, or `portfolio of A, B`."""
    if not config.sleeves:
        return config.strategy
    return f"portfolio of {', '.join(config.sleeves)}"
