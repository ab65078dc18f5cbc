# SPDX-License-Identifier: Apache-2.0
"""How a reader sees the settings and figures of a sweep."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from engine.config.draft import in_python
from engine.report.kit.words import NOTHING, count, decimal, percent
from engine.runs.sweep.figures import Objective
from engine.runs.sweep.findings import Sweep
from engine.runs.sweep.grid import Axis


def value_words(value: Any) -> str:
    """A value as a configuration has it: 0.5, 60, next_open, true; put there, it is the same run again."""
    plain = plain_value(value)
    if isinstance(plain, str):
        return plain
    if isinstance(plain, float):
        return repr(plain).removesuffix(".0")
    return json.dumps(plain)


def plain_value(value: Any) -> Any:
    """A value as JSON has it; a date is text."""
    plain = in_python(value).data
    return plain if isinstance(plain, str | int | float | list | dict | None) else str(plain)


def cells(axis: Axis) -> list[Any]:
    """The values of an axis as plain data."""
    return [plain_value(value) for value in axis.values]


def settings(values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a combination as plain data."""
    return {name: plain_value(value) for name, value in values.items()}


def settings_words(values: Mapping[str, Any]) -> str:
    """The values of a combination in one line: `enter 0.5, z_window 60`."""
    return ", ".join(f"{short(name)} {value_words(value)}" for name, value in values.items())


def short(name: str) -> str:
    """An axis without `params.`, which says nothing where all are."""
    return name.removeprefix("params.")


def score_words(found: Sweep, score: float) -> str:
    """A score as the figure that it is made of."""
    return figure_words(found.objective, score)


def figure_words(objective: Objective, score: float) -> str:
    """A score of an objective as the figure that it is made of."""
    if not math.isfinite(score):
        return NOTHING
    value = score if objective.more else -score
    return decimal(value, 2) if objective.name == "reward_to_variability" else percent(value, 1)


def chosen_words(found: Sweep) -> str:
    """How the combinations were chosen, where not all were tried: ` of 1,000, drawn at random with seed 0`."""
    if found.complete:
        return ""
    of = f" of {count(found.grid.size)}"
    if not found.followed:
        return f"{of}, drawn at random with seed {found.seed}"
    return f"{of}, {count(found.free)} drawn at random and the others by TPE, with seed {found.seed}"
