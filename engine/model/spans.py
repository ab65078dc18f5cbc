# SPDX-License-Identifier: Apache-2.0
"""Which bars a role has that others lack: one that begins later, one that ends earlier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import ConfigDict, Field

from engine.model.fields import Section


class Span(Section):
    """Where a symbol begins and ends in a run."""

    since: Literal["common", "launch"] = Field(default="common", alias="from")
    """common: no bar of the run is before its first. launch: the run begins without it; until its first bar it has no
    price, and orders for it are refused."""
    until: Literal["common", "end"] = "common"
    """common: no bar of the run is after its last. end: the run goes on without it, as after a delisting; what is held
    of it is closed at its last close."""

    model_config = ConfigDict(populate_by_name=True)


COMMON = Span()


def span_of(spans: Mapping[str, Span], symbol: str) -> Span:
    """The span of a symbol: its own, else that of `default`, else the common one."""
    return spans.get(symbol, spans.get("default", COMMON))
