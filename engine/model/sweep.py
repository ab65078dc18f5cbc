# SPDX-License-Identifier: Apache-2.0
"""What `tandem sweep` tries: settings with their values, all combinations or some of them, and what is best."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from engine.model.fields import Section, Unit


class Sweep(Section):
    """What `tandem sweep` tries; a backtest reads nothing of it."""

    over: dict[str, Any] = Field(default={})
    """A parameter, or any key with its dots, to the values to try: a list, FROM:TO:STEP or FROM:TO:xFACTOR."""
    tries: Annotated[int, Field(ge=1), Unit("combinations")] | None = None
    """So many combinations drawn at random by `seed`; none: every one."""
    objective: Literal["reward_to_variability", "total_return", "max_drawdown"] = "reward_to_variability"
    """What the combinations are ordered by."""
    top: Annotated[int, Field(ge=1, le=50), Unit("combinations")] = 5
    """So many of the best are run whole, as backtests."""
