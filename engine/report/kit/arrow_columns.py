# SPDX-License-Identifier: Apache-2.0
"""numpy arrays as Arrow columns, from their bytes.

`pyarrow.array` looks whether it was given a pandas object, and imports pandas to do so: 0.4 s of a 1.5 s run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

TYPES = {"f8": pa.float64(), "i8": pa.int64(), "i4": pa.int32(), "i2": pa.int16(), "b1": pa.bool_()}


def column(values: NDArray[Any], kind: pa.DataType | None = None, null: NDArray[np.bool_] | None = None) -> pa.Array:
    """One column of `values`, (n,); rows where `null` is True are null. No zero has a sign.

    kind, of the same width as the values, says what the bytes mean (dates, times); by default their own type.
    """
    return as_it_is(values + 0.0 if values.dtype == np.float64 else values, kind, null)


def as_it_is(values: NDArray[Any], kind: pa.DataType | None = None, null: NDArray[np.bool_] | None = None) -> pa.Array:
    """The same to the last bit: of what an author computed, where the sign of a zero may decide."""
    data = np.ascontiguousarray(values)
    body = np.packbits(data, bitorder="little") if data.dtype == bool else data
    valid = None if null is None else pa.py_buffer(np.packbits(~null, bitorder="little").tobytes())
    return pa.Array.from_buffers(kind or TYPES[data.dtype.str[1:]], len(data), [valid, pa.py_buffer(body.tobytes())])


def words(vocabulary: Sequence[str | None], places: NDArray[Any]) -> pa.Array:
    """A column of text: the word at each place of the vocabulary; None is null. Raises IndexError for no such place.

    Not by `take`: Arrow imports all of its compute functions for it, a thirtieth of a default backtest.
    """
    coded = [(word or "").encode() for word in vocabulary]
    lengths, known = np.array([*map(len, coded)], np.int32), np.array([word is not None for word in vocabulary], bool)
    letters = np.zeros((len(coded), max([1, *lengths.tolist()])), np.uint8)
    for row, word in zip(letters, coded, strict=True):
        row[: len(word)] = np.frombuffer(word, np.uint8)
    at, offsets = np.asarray(places, np.int64), np.zeros(len(places) + 1, np.int32)
    if np.any(at < 0):
        raise IndexError("a place before the first word")
    np.cumsum(lengths[at], out=offsets[1:])
    filled = np.arange(letters.shape[1]) < lengths[:, np.newaxis]
    parts = (np.packbits(known[at], bitorder="little"), offsets, letters[at][filled[at]])
    return pa.Array.from_buffers(pa.string(), len(at), [pa.py_buffer(part.tobytes()) for part in parts])


def table(columns: dict[str, pa.Array | NDArray[Any]]) -> pa.Table:
    """A table of Arrow columns and numpy arrays, by name."""
    arrays = [column(values) if isinstance(values, np.ndarray) else values for values in columns.values()]
    return pa.Table.from_arrays(arrays, names=list(columns))


def coded(by_code: Mapping[int, str], values: NDArray[Any]) -> pa.Array:
    """The word of each code. Raises ValueError for a code that has none."""
    codes = np.array(sorted(by_code))
    place = np.minimum(np.searchsorted(codes, values), len(codes) - 1)
    if np.any(codes[place] != values):
        unknown = sorted({int(value) for value in values[codes[place] != values]})
        raise ValueError(f"no word for code {unknown}")
    return words([by_code[int(code)] for code in codes], place)
