# SPDX-License-Identifier: Apache-2.0
"""Sets of parameters in which one rules out another, as an entry that lies inside its exit: they are not run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ConfigError, Contradiction, InputError, Problem
from engine.strategy.params import declared_params


class Contradicting(ConfigError):
    """Every mistake of a configuration is a contradiction: each value could be run beside others."""


def only_contradicts(error: InputError) -> bool:
    """Whether a configuration has no mistake but contradictions."""
    return all(isinstance(problem, Contradiction) for problem in error.problems)


def contradictory(owner: Any, rows: NDArray[Any]) -> NDArray[np.bool_]:
    """(N,) of which sets of parameters two contradict each other; rows are records as on_bar sees them."""
    barred = np.zeros(len(rows), np.bool_)
    for name, one in declared_params(owner).items():
        if one.not_below:
            barred |= rows[name] < rows[one.not_below]
    return barred


def refuse_all_contradictory(owner: Any, values: Mapping[str, NDArray[Any]]) -> None:
    """Raise InputError where two parameters contradict each other whichever of their (V,) values they take."""
    for name, one in declared_params(owner).items():
        if one.not_below and values[name].max() < values[one.not_below].min():
            found = f"{name} up to {values[name].max():g}, {one.not_below} from {values[one.not_below].min():g} on"
            raise all_contradict(found, f"{name} not below {one.not_below} in one combination at least")


def all_contradict(found: str, allowed: str) -> InputError:
    """The refusal of a sweep of which nothing can be run."""
    return InputError(Problem("every combination contradicts itself", path="over", found=found, allowed=allowed))
