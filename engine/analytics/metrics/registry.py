# SPDX-License-Identifier: Apache-2.0
"""The register of metrics: name, words, unit and function of each, in one place.

A metric is a pure function whose parameter names say which facts of a run it reads:

    @metric("cagr", "CAGR", group="return", unit="fraction a year", better="high", formula="...", annualised="...")
    def cagr(nav: FloatArray) -> float: ...

The terminal, the report, metrics.json and docs/metrics.md all print what stands here.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

Value = float | int | dt.date
F = TypeVar("F", bound=Callable[..., float | int | dt.date])
Unit = Literal["fraction", "fraction a year", "ratio", "times equity", "sessions", "count", "money", "date"]
Better = Literal["high", "low", ""]
Group = Literal["return", "risk", "drawdown", "market", "exposure", "trades", "costs"]


class Undefined(Exception):
    """A metric has no value for this run; the message is the reason, as a person should read it."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `inputs` are names of fields of `engine.analytics.facts.Facts`."""

    name: str
    title: str
    group: Group
    unit: Unit
    better: Better
    formula: str
    annualised: str
    function: Callable[..., Value]
    inputs: tuple[str, ...]

    def titled(self, benchmark: str) -> str:
        """The title in a run that is compared with `benchmark`, a symbol; "" for nothing."""
        return self.title.replace("the benchmark", benchmark) if benchmark else self.title

    def of(self, facts: Any) -> Value:
        """The value for one run. Raises Undefined."""
        return self.function(*(getattr(facts, name) for name in self.inputs))


REGISTRY: dict[str, Metric] = {}


def add(entry: Metric) -> None:
    """Put a metric on the register. Raises ValueError when its name is taken."""
    if entry.name in REGISTRY:
        raise ValueError(f"metric {entry.name!r} is defined twice")
    REGISTRY[entry.name] = entry


def metric(
    name: str, title: str, *, group: Group, unit: Unit, formula: str, better: Better = "", annualised: str = ""
) -> Callable[[F], F]:
    """Register the decorated function as the one definition of a metric."""

    def register(function: F) -> F:
        inputs = tuple(inspect.signature(function).parameters)
        add(Metric(name, title, group, unit, better, formula, annualised, function, inputs))
        return function

    return register
