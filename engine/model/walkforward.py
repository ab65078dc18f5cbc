# SPDX-License-Identifier: Apache-2.0
"""How `tandem walkforward` chooses parameters anew as time goes on."""

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from engine.model.fields import Kind, Section, Unit

LENGTH = re.compile(r"([1-9][0-9]{0,3})(y|m)")


def _length(value: object) -> object:
    """A number of sessions, or years or months; refused here, so that the message shows the forms that there are."""
    if isinstance(value, str) and not LENGTH.fullmatch(value.strip()):
        raise ValueError("no length of time: 3y is three years, 6m six months, 250 so many sessions")
    return value.strip() if isinstance(value, str) else value


Length = Annotated[
    Annotated[int, Field(ge=2, le=100_000)] | str,
    BeforeValidator(_length),
    Kind("years such as 3y, months such as 6m, or a number of sessions"),
]


class WalkForward(Section):
    """How `tandem walkforward` chooses the parameters of `sweep.over`; a backtest reads nothing of it."""

    train: Length = "3y"
    """What each choice is made from; anchored, the first one."""
    test: Length = "1y"
    """How long each choice is kept, on sessions that it was not made from."""
    anchored: bool = False
    """true: every choice is made from the first session on; false: from the last `train`."""
    purge: Annotated[int, Field(ge=0, le=10_000), Unit("sessions")] = 0
    """Left out between what a choice is made from and where it is first used."""
    pick: Literal["best", "neighbours"] = "best"
    """best: the highest score; neighbours: the highest mean of a combination and those one step away."""
    seams: Literal["carried", "closed"] = "carried"
    """What is held where a choice is replaced goes on under the next one, or is closed and the strategy begins anew."""
