# SPDX-License-Identifier: Apache-2.0
"""What goes in and out of every indicator: series of equal length, and one rule for missing values.

The rule: a value that is not finite ends the history. The output is NaN there, and what follows is computed as
if the series began after it, warm-up included. For an indicator with a window this means that exactly the
windows that contain the missing value are NaN; a recursive one (an exponential mean, Wilder's ATR) starts anew
instead of staying poisoned to the end. An output that is not defined (0/0, the logarithm of 0) is NaN, never an
infinity: NaN compares false, an infinity would trade.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError


def as_series(values: Any, name: str) -> FloatArray:
    """`values` as a contiguous (T,) float64 array, in their own unit.

    Raises StrategyError when it has another shape or is not numbers.
    """
    try:
        series: FloatArray = np.ascontiguousarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise StrategyError(
            Problem("a series is an array of numbers", path=name, found=type(values).__name__)
        ) from error
    if np.ndim(values) != 1:
        raise StrategyError(Problem("a series has one dimension", path=name, found=f"shape {np.shape(values)}"))
    return series


def equally_long(series: dict[str, Any], levels: frozenset[str], owner: str) -> list[FloatArray]:
    """Every input as (T,) float64 in its own unit; an input named in `levels` may be one number, which is repeated.

    Raises StrategyError when the lengths differ.
    """
    arrays = {
        name: as_series(values, f"{owner}.{name}")
        for name, values in series.items()
        if not (name in levels and np.ndim(values) == 0)
    }
    lengths = {name: len(values) for name, values in arrays.items()}
    if len(set(lengths.values())) != 1:
        found = ", ".join(f"{name} {rows}" for name, rows in lengths.items()) or "numbers only"
        raise StrategyError(Problem("its series must be equally long", path=owner, found=found))
    rows = next(iter(lengths.values()))
    return [arrays[name] if name in arrays else np.full(rows, float(series[name])) for name in series]


def on_stretches(compute: Callable[..., Any], series: Sequence[FloatArray], warm_up: int) -> FloatArray:
    """`compute` applied to every stretch of rows in which all `series` are finite; (T,) float64, NaN elsewhere.

    Each is in its own unit. The first `warm_up` rows of a stretch are NaN whatever `compute` says of them, and a
    stretch of no more rows than that is not computed at all. Row t depends on rows up to t alone if `compute` is
    causal.
    """
    if all(_all_finite(values) for values in series):
        return _one_stretch(compute, series, warm_up)
    out = np.full(len(series[0]), np.nan)
    for start, stop in stretches(series):
        if stop - start > warm_up:
            out[start:stop] = _one_stretch(compute, [values[start:stop] for values in series], warm_up)
    return out


def stretches(series: Sequence[FloatArray]) -> list[tuple[int, int]]:
    """(start, stop) of every longest run of rows in which all `series`, each in its own unit, are finite, in time."""
    good = np.logical_and.reduce([np.isfinite(values) for values in series])
    edges = np.flatnonzero(np.diff(good, prepend=False, append=False))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _one_stretch(compute: Callable[..., Any], series: Sequence[FloatArray], warm_up: int) -> FloatArray:
    rows = len(series[0])
    if rows <= warm_up:
        return np.full(rows, np.nan)
    with np.errstate(all="ignore"):  # what is undefined becomes NaN below, without a warning
        out: FloatArray = np.asarray(compute(*series), dtype=np.float64)
    if not out.flags.writeable or any(np.may_share_memory(out, values) for values in series):
        out = out.copy()
    out[:warm_up] = np.nan
    if not _all_finite(out[warm_up:]):
        out[np.isinf(out)] = np.nan
    return out


def _all_finite(values: FloatArray) -> bool:
    """As np.isfinite(values).all(), by one pass without an array of flags: memory costs more here than arithmetic."""
    with np.errstate(all="ignore"):
        total = values.sum()  # finite only if every value is; an overflow is not proof, so look closer
    return bool(np.isfinite(total) or np.isfinite(values).all())


def positive(prices: FloatArray) -> FloatArray:
    """The same prices, NaN where one is not positive."""
    return np.where(prices > 0, prices, np.nan) if (prices <= 0).any() else prices


def change(series: FloatArray, bars: int = 1) -> FloatArray:
    """The series minus what it was `bars` rows earlier, in its own unit, NaN in the first `bars` rows."""
    return series - lagged(series, bars)


def lagged(series: FloatArray, bars: int) -> FloatArray:
    """The value `bars` rows earlier, in its own unit, NaN in the first `bars` rows; `bars` >= 0."""
    out = np.full(len(series), np.nan)
    if bars < len(series):
        out[bars:] = series[: len(series) - bars]
    return out
