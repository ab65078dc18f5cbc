# SPDX-License-Identifier: Apache-2.0
"""Which bars a role has that others lack: one that begins later, one that ends earlier."""

import math
from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from engine.model.fields import PerShare, Section, Unit


class Span(Section):
    """Where a symbol begins and ends in a run."""

    since: Literal["common", "launch"] = Field(default="common", alias="from")
    """common: no bar of the run is before its first. launch: the run begins without it; until its first bar it has no
    price, and orders for it are refused."""
    until: Literal["common", "end"] = "common"
    """common: no bar of the run is after its last. end: the run goes on without it, as after a delisting; what is held
    of it is paid for as one of the next two says, else closed at its last close."""
    pays: Annotated[Annotated[float, Field(ge=0, le=1e9)] | None, PerShare] = None
    """What a share that is held at the end is paid, in the shares of its bars: a take-over's cash, 0 for nothing."""
    delisting_return: Annotated[Annotated[float, Field(ge=-1, le=10)] | None, Unit("fraction of the last close")] = None
    """The same as a return on the last close: -0.3 pays 70 % of it."""

    model_config = ConfigDict(populate_by_name=True)

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        given = [name for name in ("pays", "delisting_return") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError("pays and delisting_return both say what a share is paid at the end: leave one out")
        if given and self.until == "common":
            raise ValueError(f"{given[0]} counts where the run goes on after the symbol's last bar: add until: end")
        return self

    def paid(self, close: float) -> float:
        """What is declared that a share with this last close is paid at its end; NaN where nothing is."""
        if self.pays is not None:
            return self.pays
        return math.nan if self.delisting_return is None else close * (1.0 + self.delisting_return)


COMMON = Span.model_construct()


def span_of(spans: Mapping[str, Span], symbol: str) -> Span:
    """The span of a symbol: its own, else that of `default`, else the common one."""
    return spans.get(symbol, spans.get("default", COMMON))
