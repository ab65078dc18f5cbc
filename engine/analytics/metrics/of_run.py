# SPDX-License-Identifier: Apache-2.0
"""All metrics of a run, by name; MODULES define them, each beside its formula."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import Any

from engine.analytics.facts import Facts
from engine.analytics.metrics import activity, benchmark, costs, drawdown, performance
from engine.analytics.metrics.registry import REGISTRY, Metric, Undefined, Value

MODULES = (performance, benchmark, drawdown, activity, costs)
"""Where metrics are defined; importing them fills the register."""

GROUPS = {
    "return": "Return",
    "risk": "Risk",
    "drawdown": "Drawdown",
    "market": "Against the benchmark",
    "exposure": "Exposure and turnover",
    "trades": "Trades",
    "costs": "Costs and carry",
}


@dataclass(frozen=True)
class Metrics:
    """values: metric name to number or date, NaN where undefined; undefined: metric name to the reason."""

    values: dict[str, Value]
    undefined: dict[str, str]

    def __getitem__(self, name: str) -> Value:
        return self.values[name]

    def as_dict(self) -> dict[str, Any]:
        """What metrics.json holds: every metric by name (null where undefined, dates as text), then the reasons."""
        plain: dict[str, Any] = {name: plain_value(value) for name, value in self.values.items()}
        return {**plain, "undefined": dict(self.undefined)}


def measure(facts: Facts) -> Metrics:
    """Every registered metric of one run, in the order of GROUPS."""
    values: dict[str, Value] = {}
    undefined: dict[str, str] = {}
    for entry in definitions():
        try:
            values[entry.name] = _checked(entry.of(facts))
        except Undefined as reason:
            values[entry.name] = math.nan
            undefined[entry.name] = str(reason)
    return Metrics(values, undefined)


def definitions() -> list[Metric]:
    """All metrics, group by group, in the order they are defined."""
    order = list(GROUPS)
    return sorted(REGISTRY.values(), key=lambda entry: order.index(entry.group))


def plain_value(value: Value) -> float | int | str | None:
    """A value as JSON holds it: null for NaN, ISO text for a date."""
    if isinstance(value, dt.date):
        return value.isoformat()
    return value if math.isfinite(value) else None


def _checked(value: Value) -> Value:
    if isinstance(value, float) and not math.isfinite(value):
        raise Undefined("the figure is too large to be represented")
    return value + 0.0 if isinstance(value, float) else value  # no zero has a sign
