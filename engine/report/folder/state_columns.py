# SPDX-License-Identifier: Apache-2.0
"""The state of a strategy as columns of state.parquet, and back: a number a field, of one of `slots` a list of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from engine.report.kit.arrow_columns import as_it_is

CLOCK = ("ts", "session")
"""Names that the clock has: a field of the same name is `state.NAME`."""


def state_columns(states: NDArray[Any]) -> dict[str, pa.Array]:
    """Each field of (T,) records of the state, by its name; lists have one length in all rows."""
    return {f"state.{name}" if name in CLOCK else name: _column(states[name]) for name in states.dtype.names or ()}


def read_states(table: pa.Table) -> NDArray[Any]:
    """(T,) records of the state that `state_columns` made the columns of, the clock's apart."""
    columns = {_field(name): _values(table.column(name)) for name in table.column_names if name not in CLOCK}
    kinds = [(name, values.dtype, values.shape[1:]) for name, values in columns.items()]
    states = np.zeros(table.num_rows, np.dtype(kinds))
    for name, values in columns.items():
        states[name] = values
    return states


def _field(name: str) -> str:
    own = name.removeprefix("state.")
    return own if own in CLOCK else name


def _column(values: NDArray[Any]) -> pa.Array:
    if values.ndim == 1:
        return as_it_is(values)
    return pa.FixedSizeListArray.from_arrays(as_it_is(np.ascontiguousarray(values).reshape(-1)), values.shape[1])


def _values(given: pa.ChunkedArray) -> NDArray[Any]:
    """(T,) numbers, or (T, L) of lists; straight from memory, because `to_numpy` imports pandas."""
    listed = pa.types.is_fixed_size_list(given.type)
    kind = np.float64 if pa.types.is_floating(given.type.value_type if listed else given.type) else np.int64
    chunks = [np.from_dlpack(one.flatten() if listed else one) for one in given.chunks]
    flat = np.concatenate([np.zeros(0, kind), *chunks])
    return flat.reshape(-1, given.type.list_size) if listed else flat
