# SPDX-License-Identifier: Apache-2.0
"""Parameter sets that share their features, in one compiled call on one core."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.compiled_run import compiled_decision, layout_of, read_by
from engine.inputs.prepared import Prepared
from engine.kernel import compiled
from engine.records import ENTRY, MARK, ORDER, OUTCOME, POINT


def simulate_sets(prepared: Prepared, features: NDArray[Any], params: NDArray[Any]) -> NDArray[Any]:
    """(P,) outcomes of P parameter records that share `features`. The call holds no lock while it runs."""
    runs = len(params)
    made_of = layout_of(prepared)
    decide = compiled_decision(prepared, made_of)
    kernel = compiled.compile_sweep(made_of)
    books = prepared.first_book(runs)
    nothing = (np.zeros(1, ENTRY), np.zeros(1, ORDER), np.zeros(1, POINT), np.zeros(1, MARK))
    states, outcomes = np.repeat(prepared.first_state(), runs), np.zeros(runs, OUTCOME)
    accounts = books.view(made_of.account)
    kernel(decide, *read_by(prepared, features, made_of), params, states, accounts, books, *nothing, outcomes)
    return outcomes
