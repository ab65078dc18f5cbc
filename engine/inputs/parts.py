# SPDX-License-Identifier: Apache-2.0
"""Where each strategy stands in the account that it runs in, and the bars as it sees them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from engine.errors import ConfigError, Problem
from engine.kernel.views import Part, bar_view, place_parts
from engine.market.panel import Market
from engine.records import OPTION_SLOTS
from engine.strategy.base import Strategy
from engine.strategy.roles import BoundRoles, plain_roles

ACCOUNTS = 64
"""Most accounts whose parts are remembered: a notebook runs the same few again and again."""

Declared = tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...] | None]
"""A sleeve, its roles and option slots, and of a list the roles that have a name."""


def parts_of(strategies: Mapping[str, type[Strategy]]) -> tuple[Part, ...]:
    """Where each strategy stands in their account. Raises ConfigError for more option slots than that has."""
    return _parts(tuple([_declared(name, one) for name, one in strategies.items()]))


def _declared(name: str, strategy: type[Strategy]) -> Declared:
    roles = strategy.roles
    return name, tuple(roles), tuple(strategy.options), plain_roles(roles) if isinstance(roles, BoundRoles) else None


@lru_cache(ACCOUNTS)
def _parts(declared: tuple[Declared, ...]) -> tuple[Part, ...]:
    parts = place_parts(
        {name: (roles, slots) for name, roles, slots, _ in declared},
        {name: plain for name, _, _, plain in declared if plain is not None},
    )
    _check_slots(parts)
    return parts


def part_of(market: Market, part: Part) -> Market:
    """The same bars with the sleeve's roles alone, under its own names; memory is shared."""
    if not part.name:
        return market
    symbols = list(market.symbols.values())[part.first_role :][: len(part.roles)]
    seen = market.bars.view(bar_view(market.bars.dtype, part, len(market.roles)))
    return replace(market, bars=seen, symbols=dict(zip(part.roles, symbols, strict=True)))


def _check_slots(parts: Sequence[Part]) -> None:
    """Refuse more slots than an account has; how many one strategy may declare is for the border to say."""
    wanted = {part.name: len(part.options) for part in parts if part.options}
    if len(wanted) > 1 and sum(wanted.values()) > OPTION_SLOTS:
        found = ", ".join(f"{name} {count}" for name, count in wanted.items())
        raise ConfigError(
            Problem(
                "too many option slots in one account", path="sleeves", found=found, allowed=f"{OPTION_SLOTS} in all"
            )
        )
