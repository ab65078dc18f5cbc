# SPDX-License-Identifier: Apache-2.0
"""Tables of a sweep that page and terminal share: the best beside the median one, and each axis by its values."""

from __future__ import annotations

import math

from engine.analytics.analysis import Analysis
from engine.report.kit.grid import Field, Grid
from engine.report.kit.words import count, decimal, multiple, percent
from engine.report.sweep.words import score_words, settings_words, value_words
from engine.runs.sweep.findings import Sweep, Whole
from engine.runs.sweep.profiles import Profile

SHOWN_VALUES = 12
"""Values of an axis that a table shows, of a search or a draw of those with a score; of more, evenly spaced ones."""

RUN_FIELDS = (
    Field("Run", "run"),
    Field("Total return", "return"),
    Field("CAGR"),
    Field("Sharpe", "Sharpe"),
    Field("Largest drawdown", "drawdown"),
    Field("Turnover", "turnover"),
    Field("Fills", "fills"),
    Field("Settings", text=True),
)
"""Of a table of whole runs."""


def runs_grid(found: Sweep) -> Grid:
    """The runs that were made whole: the best, the median one, the configuration's own."""
    return Grid(RUN_FIELDS, [run_row(name, words, one.analysis) for name, words, one in named_runs(found)])


def named_runs(found: Sweep) -> list[tuple[str, str, Whole]]:
    """The runs that were made whole, each by a short name and its settings in words."""
    named = [(f"{at}.", one) for at, one in enumerate(found.whole[:-1], 1)]
    named.append(("median", found.middle))
    words = [(name, settings_words(one.values), one) for name, one in named]
    return [*words, ("own", "as configured", found.own)]


def profile_grid(found: Sweep, one: Profile) -> Grid:
    """The score by the values of an axis, over all values of the others."""
    words = found.objective.words
    fields = (
        Field(one.axis.name, one.axis.name),
        Field(f"Median {words}", "median"),
        Field("10th percentile", "10 %", hint="a tenth of the combinations with this value are worse"),
        Field("90th percentile", "90 %", hint="a tenth of the combinations with this value are better"),
    )
    scores = one.median.tolist()
    there = [at for at, value in enumerate(scores) if found.complete or math.isfinite(value)] or [0]
    step = max(1, -(-len(there) // SHOWN_VALUES))
    rows = [
        [
            value_words(one.axis.values[at]),
            score_words(found, float(one.median[at])),
            score_words(found, float(one.low[at])),
            score_words(found, float(one.high[at])),
        ]
        for at in there[::step]
    ]
    return Grid(fields, rows)


def run_row(name: str, words: str, one: Analysis) -> list[str]:
    """A whole run by a short name, and its settings in words."""
    metrics = one.metrics
    return [
        name,
        percent(_value(metrics["total_return"]), 1),
        percent(_value(metrics["cagr"]), 1),
        decimal(_value(metrics["sharpe"]), 2),
        percent(_value(metrics["max_drawdown"]), 1),
        multiple(_value(metrics["turnover"]), 1),
        count(one.facts.fills),
        words,
    ]


def _value(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) else None
