# SPDX-License-Identifier: Apache-2.0
"""The type of columns of numbers: what market, indicators, analytics and strategies hand to each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
"""An array of float64; its docstring says the shape, (T,) one number a bar where none is given."""


def fixed(array: NDArray[Any]) -> NDArray[Any]:
    """The same numbers, in their own unit, in memory of their own into which nobody can write.

    An array that owns its memory is taken over: it cannot be written any more either.
    """
    own = array if array.flags.owndata and array.flags.c_contiguous else np.array(array, order="C")
    own.flags.writeable = False
    return own.view()  # of which not even the flag can be set


def is_fixed(array: NDArray[Any]) -> bool:
    """Whether nobody can write into an array, in any unit, nor into what it is a part of."""
    part: Any = array
    while isinstance(part, np.ndarray):
        if part.flags.writeable:
            return False
        part = part.base
    return part is None


def cleared(rows: int, row: np.dtype[Any]) -> NDArray[Any]:
    """(rows,) records of zeros, as `np.zeros` gives them; that goes through all fields of a record first."""
    return np.ndarray(rows, row, np.zeros(rows * row.itemsize, np.uint8))


def as_bytes(rows: NDArray[Any]) -> NDArray[Any]:
    """(R,) records, each in its own unit, as bytes in the same memory: numpy copies those ten times as fast."""
    return rows.view(np.dtype((np.void, rows.dtype.itemsize)))


def copies_of(records: NDArray[Any], times: int = 1) -> NDArray[Any]:
    """(R * times,) records, each in its own unit, to be written to: numpy copies field by field, and this the bytes."""
    return np.frombuffer(bytearray(records.tobytes() * times), records.dtype)


def unsign(records: NDArray[Any]) -> NDArray[Any]:
    """The same (R,) records, in place: a sum of money or a quantity that is zero has no sign, and 0 * -1 has one."""
    for name in records.dtype.names or ():
        if records.dtype[name] == np.float64:
            records[name] += 0.0
    return records


_given: WeakValueDictionary[int, FloatArray] = WeakValueDictionary()
"""Tables that nothing but their columns has been given of, by their identity."""


def given_by_column(table: FloatArray) -> tuple[FloatArray, ...]:
    """The columns, each in its own unit, of a new table that is filled and holds no infinity.

    Nobody can write into them: whoever gets all of them back has the table as it was made.
    """
    table.flags.writeable = False
    _given[id(table)] = table
    return tuple(table[:, number] for number in range(table.shape[1]))


def is_as_given(table: FloatArray) -> bool:
    """Whether a table of columns, each in its own unit, is one of `given_by_column`, and so without an infinity."""
    return _given.get(id(table)) is table and not table.flags.writeable


def taken_over(table: FloatArray) -> bool:
    """Whether a table of columns, each in its own unit, may be kept as it is: it `is_as_given`, asked for once.

    Any other may be written to again by who made it, as one may fill the same memory for every set of a sweep.
    """
    known = is_as_given(table)
    _given.pop(id(table), None)
    return known


def columns_of(arrays: Sequence[Any]) -> FloatArray | None:
    """The (T, K) table whose columns, each in its own unit, the arrays are: all of them, in their order. Else None."""
    table = arrays[0].base if arrays and isinstance(arrays[0], np.ndarray) else None
    if not isinstance(table, np.ndarray) or table.dtype != np.float64 or not table.flags.c_contiguous:
        return None
    if table.ndim != 2 or table.shape[1] != len(arrays):
        return None
    columns = [_place(table[:, number]) for number in range(len(arrays))]
    found = [_place(array) if isinstance(array, np.ndarray) else None for array in arrays]
    return table if found == columns else None


def _place(array: NDArray[Any]) -> tuple[Any, ...]:
    return array.__array_interface__["data"], array.dtype, array.shape, array.strides
