# SPDX-License-Identifier: Apache-2.0
"""What `tandem sweep` tries: settings with their values, all combinations or some of them, and what is best."""

from typing import Annotated, Any, Literal

from pydantic import Field

from engine.model.fields import Section, Unit

ObjectiveName = Literal["reward_to_variability", "total_return", "max_drawdown"]


class Sweep(Section):
    """What `tandem sweep` tries; a backtest reads nothing of it."""

    over: dict[str, Any] = Field(default={})
    """A parameter, or any key with its dots, to the values to try: a list, FROM:TO:STEP or FROM:TO:xFACTOR."""
    tries: Annotated[int, Field(ge=1), Unit("combinations")] | None = None
    """So many combinations, chosen as `search` says; none: every one."""
    search: Literal["random", "tpe"] = "random"
    """random: drawn by `seed`; tpe: a first part is, the others where those before them did well."""
    objective: ObjectiveName | Annotated[list[ObjectiveName], Field(min_length=1, max_length=3)] = (
        "reward_to_variability"
    )
    """What the combinations are ordered by; of several, by the first, and those that no other beats in all are told."""
    top: Annotated[int, Field(ge=1, le=50), Unit("combinations")] = 5
    """So many of the best are run whole, as backtests."""

    @property
    def objectives(self) -> tuple[str, ...]:
        """The objectives by name, each once."""
        named = [self.objective] if isinstance(self.objective, str) else self.objective
        return tuple(dict.fromkeys(named))
