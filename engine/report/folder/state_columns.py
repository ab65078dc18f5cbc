# SPDX-License-Identifier: Apache-2.0
"""The state of a strategy as columns of state.parquet: a number a field, of one of `slots` a list of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.report.folder.arrow_columns import column


def state_columns(states: NDArray[Any]) -> dict[str, pa.Array]:
    """Each field of (T,) records of the state, by its name; lists have one length in all rows."""
    return {name: _column(states[name]) for name in states.dtype.names or ()}


def _column(values: NDArray[Any]) -> pa.Array:
    if values.ndim == 1:
        return column(values)
    return pa.FixedSizeListArray.from_arrays(column(np.ascontiguousarray(values).reshape(-1)), values.shape[1])
