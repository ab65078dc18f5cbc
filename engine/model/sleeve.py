# SPDX-License-Identifier: Apache-2.0
"""One strategy of a portfolio, as a YAML file says it."""

from typing import Annotated, Any

from pydantic import Field

from engine.model.fields import Kind, Role, Section, Symbol, Symbols, Unit
from engine.model.rules import Rules

MOST_SLEEVES = 16
"""Most strategies that one account runs."""

SAME = 1e-9
"""How far from 1 the weights may sum."""


class Sleeve(Section):
    """One strategy of a portfolio."""

    weight: Annotated[float, Field(gt=0, le=1), Unit("fraction of the account's capital")]
    """Its part of the opening deposit, and of the capital at each rebalance; the weights of all sleeves sum to 1."""
    strategy: Annotated[str, Field(min_length=1), Kind("a strategy")]
    """As the key `strategy` of a single run."""
    roles: dict[Role, Symbol | Symbols]
    """Role to symbol, or to a list of symbols where the strategy trades a list; sleeves may share symbols."""
    params: dict[str, Any] = Field(default={})
    """The strategy's parameters; what is left out keeps its default."""
    rules: Rules | None = None
    """A strategy in YAML alone, where `strategy` says rules."""
