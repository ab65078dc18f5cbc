# SPDX-License-Identifier: Apache-2.0
"""The section `rules` of a YAML file: a strategy in expressions. What they may say, `engine.rules` checks."""

from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from engine.model.fields import Kind, Role, Section

RULES = "rules"
"""What `strategy` says where the rules stand in the YAML file itself."""

MOST = 64
"""Most features, and most parameters."""

Expression = Annotated[str | int | float | bool, Kind("an expression such as z > 2, or a number")]
Conditions = Expression | dict[Role, Expression | dict[Role, Expression]]
Amounts = Expression | dict[Role, Expression]


class RuleParam(Section):
    """A named number that `params`, `--set` and sweeps can change."""

    default: int | float
    """Its value where `params` says nothing. Written without a point it is a whole number."""
    low: float | None = None
    """The least that is allowed, itself included."""
    high: float | None = None
    """The most that is allowed, itself included."""
    unit: str = ""
    """Its unit, for those who read."""
    doc: str = ""
    """What it means."""


class Size(Section):
    """How much is held: one of weight, volatility and shares; 1.0 times equity where a single role has none of them."""

    weight: Amounts | None = None
    """Times equity, sized at the close that decides; by role where there are several, with a minus for a short leg."""
    volatility: Expression | None = None
    """Volatility a year that the position is to have: weight = volatility / realised_vol(role.close, window)."""
    window: Expression = 20
    """Bars that the volatility is measured over."""
    most: Expression = 1.0
    """Largest weight that `volatility` leads to."""
    shares: Amounts | None = None
    """Shares, by role where there are several."""
    rebalance: Expression | None = None
    """A condition on which a position is brought back to its size; left out, a position stays as it was bought."""
    band: Expression = 0.0
    """How far from its weight, in times equity, a position must be before that is done."""

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        given = [name for name in ("weight", "volatility", "shares") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"one of weight, volatility and shares says the size, not {' and '.join(given)}")
        if "volatility" not in given and {"window", "most"} & self.model_fields_set:
            raise ValueError("window and most belong to volatility")
        if self.rebalance is None and "band" in self.model_fields_set:
            raise ValueError("band belongs to rebalance")
        if self.rebalance is not None and "shares" in given:
            raise ValueError("a number of shares stays what it is: there is nothing to rebalance")
        return self


def _in_fractions(data: Any) -> Any:
    if isinstance(data, dict) and "percent" in data:
        raise ValueError("a per cent is written as a fraction of the fill price: `fraction: 0.05` is 5 %")
    return data


class Target(Section):
    """A price at which a position is taken with a profit, measured from its fill."""

    atr: Expression | None = None
    """How many average true ranges, as of the close that decided, the price lies from the fill."""
    fraction: Expression | None = None
    """Fraction of the fill price that the price lies from the fill: 0.05 is 5 %."""
    window: Expression = 14
    """Bars of the average true range."""

    @model_validator(mode="before")
    @classmethod
    def _fractions(cls, data: Any) -> Any:
        return _in_fractions(data)

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.atr is None) == (self.fraction is None):
            raise ValueError("one of atr and fraction says how far from the fill")
        if self.atr is None and "window" in self.model_fields_set:
            raise ValueError("window belongs to atr")
        return self


class Stop(Target):
    """A price at which a position is closed with a loss, measured from its fill."""

    trailing: bool = False
    """Whether it follows the best price at this distance, and never moves back."""


class Rules(Section):
    """A strategy in YAML alone."""

    params: Annotated[dict[Role, int | float | RuleParam], Field(max_length=MOST)] = Field(default={})
    """Named numbers: a default, or a mapping with default, low, high, unit and doc."""
    features: Annotated[dict[Role, Expression], Field(max_length=MOST)] = Field(default={})
    """Names for numbers of each bar, `z: zscore(log(large.close / small.close), 120)`, and for conditions."""
    enter: Conditions
    """When a position is opened: a condition for a long one; {long, short}; or by role, each then on its own."""
    exit: Conditions | None = None
    """When it is closed: a condition for both sides, {long, short}, or by role."""
    size: Size = Size.model_construct()
    """How much is held."""
    stop: Stop | None = None
    """Where a loss is cut."""
    target: Target | None = None
    """Where a profit is taken."""
    hold: Expression | None = None
    """Bars after which a position is closed: 1 is the close of the bar in which it was filled."""
    when: Expression | None = None
    """A condition on which enter, exit and rebalance are looked at, such as one of the calendar; left out, always."""
