# SPDX-License-Identifier: Apache-2.0
"""The date column of a file: session dates, or times of intraday bars and how long those bars are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.market.calendar import NS_PER_DAY, Calendar, ns_of
from engine.market.sources.slashed import Doubtful, Order, in_order

# What one cell may look like. A midnight time makes no intraday bar: data frames of daily bars are saved so.
_ISO_DATE = r"^\d{4}-\d{2}-\d{2}([ T]00:00(:00(\.0+)?)?(Z|[+-]\d{2}:?\d{2})?)?$"
_COMPACT_DATE = r"^\d{8}$"
_ZONED_TIME = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$"
_LOCAL_TIME = r"^\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$"
SECOND, MINUTE = 1_000_000_000, 60_000_000_000
TIMES = (_ZONED_TIME, _LOCAL_TIME)
ALLOWED = (
    "YYYY-MM-DD, YYYYMMDD, MM/DD/YYYY or DD/MM/YYYY, with or without a time HH:MM[:SS] and an offset, all of one kind"
)


@dataclass(frozen=True, eq=False)
class Stamps:
    """(T,) int64 `ticks`: days since 1970-01-01 where `daily`, else ns UTC as written; `bad` rows are unread.

    zoned  whether the cells carry an offset of their own
    doubt  what keeps dates with the year last from being read
    wall   gives (T,) ns of the times as they are written, without their offset; None where `daily`
    """

    ticks: NDArray[np.int64] = field(repr=False)
    daily: bool
    bad: NDArray[np.int64]
    zoned: bool = False
    doubt: Doubtful | None = None
    wall: Callable[[], NDArray[np.int64]] | None = field(repr=False, default=None)


def read_stamps(column: Any, timezone: str, order: Order | None = None) -> Stamps:
    """Read a date column of any type; times without an offset are in `timezone`, `order` is that of day and month."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = column.type
    if pa.types.is_timestamp(kind):
        return _typed(column, timezone)
    if pa.types.is_date(kind):
        text = column.cast(pa.date32()).cast(pa.string())
    else:
        text = pc.utf8_trim_whitespace(column.cast(pa.string()))
    text, doubt = in_order(text, order)
    patterns = (_ISO_DATE, _COMPACT_DATE, _ZONED_TIME, _LOCAL_TIME)
    fits = {pattern: _bools(pc.match_substring_regex(text, pattern)) for pattern in patterns}
    # The kind that most cells have; the others are mistakes, or the file mixes kinds. A midnight is a date first.
    counts = {one: int((fits[one] & ~fits[_ISO_DATE] if one in TIMES else fits[one]).sum()) for one in patterns}
    pattern = max(patterns, key=lambda one: counts[one])
    good = fits[pattern]
    chosen = text.filter(pa.array(good))
    if pattern in TIMES:
        parsed, ok = _times(chosen, timezone, zoned=pattern == _ZONED_TIME)
    else:
        written = {_ISO_DATE: "%Y-%m-%d", _COMPACT_DATE: "%Y%m%d"}[pattern]
        parsed, ok = _dates(pc.utf8_slice_codeunits(chosen, 0, 10), written)
    values = np.zeros(len(text), np.int64)
    values[good] = parsed
    good[np.flatnonzero(good)[~ok]] = False
    bad = np.flatnonzero(~good)
    if pattern not in TIMES:
        return Stamps(values, daily=True, bad=bad, doubt=doubt)
    wall = partial(_wall, text)
    return Stamps(values, daily=False, bad=bad, zoned=pattern == _ZONED_TIME, doubt=doubt, wall=wall)


def whole_minutes(stamps: Stamps) -> Stamps:
    """Times that all stand a second or less before a full minute are that minute: 15:59:59 is the close at 16:00."""
    rest = -stamps.ticks % MINUTE
    rest[stamps.bad] = 1
    if stamps.daily or not len(rest) or not ((rest > 0) & (rest <= SECOND)).all():
        return stamps
    rest[stamps.bad] = 0
    wall = stamps.wall
    return replace(stamps, ticks=stamps.ticks + rest, wall=None if wall is None else lambda: wall() + rest)


def bar_length(stamps: NDArray[np.int64]) -> int:
    """Length of an intraday bar in ns: the most common step of twelve hours or less; 0 where there is none."""
    step = np.diff(np.sort(stamps, kind="stable"))
    lengths, counts = np.unique(step[(step > 0) & (step <= NS_PER_DAY // 2)], return_counts=True)
    return int(lengths[np.argmax(counts)]) if len(lengths) else 0


def whole_sessions(
    stamps: Stamps, rows: NDArray[np.int64], calendar: Calendar, *, sure: bool
) -> NDArray[np.int64] | None:
    """The session of each bar where there is one a session, as days; None where these may be pieces of sessions.

    sure  only stamps at the exchange's midnight, or at the session's close or later, in UTC or as they are written
    """
    ticks = stamps.ticks[rows]
    days = calendar.session_of(ticks + 1)
    midnight = calendar.session_of(ticks) != days
    ended = midnight | (ticks >= calendar.close_of(days))
    if stamps.wall is not None and not stamps.zoned:
        written = stamps.wall()[rows]
        dated = written // NS_PER_DAY
        local = written - dated * NS_PER_DAY >= calendar.close_of(dated) - calendar.midnight_of(dated)
        if local.all():
            days, ended = dated, local
    return days if len(days) and (not sure or bool(ended.all())) and len(np.unique(days)) == len(days) else None


def bar_closes(stamps: NDArray[np.int64], length: int, calendar: Calendar) -> NDArray[np.int64]:
    """Closes of bars stamped at their open. The last bar of a session ends with it, be it shorter than the others."""
    closes = stamps + length
    ends = calendar.close_of(calendar.session_of(stamps + 1))
    return np.where((stamps < ends) & (closes > ends), ends, closes)


def length_words(length: int) -> str:
    """An intraday bar's length in minutes: "5min", "0.5min"."""
    return f"{length / 60_000_000_000:g}min"


def _typed(column: Any, timezone: str) -> Stamps:
    import pandas as pd

    index = pd.DatetimeIndex(column.to_pandas())
    bad = np.flatnonzero(index.isna())
    midnight = index == index.normalize()
    # As in text: the kind that most rows have; a bar of now below daily ones is a mistake, not another kind of bars.
    if 2 * int(midnight.sum()) > len(index) - len(bad):
        bad = np.flatnonzero(~midnight)
        local = index if index.tz is None else index.tz_localize(None)
        days = ns_of(local) // NS_PER_DAY
        return Stamps(_blanked(days, bad), daily=True, bad=bad)
    zoned = index.tz is not None
    wall = _blanked(ns_of(index.tz_localize(None)), bad)
    if not zoned:
        index = index.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
        bad = np.flatnonzero(index.isna())
    return Stamps(_blanked(ns_of(index), bad), daily=False, bad=bad, zoned=zoned, wall=lambda: wall)


def _wall(text: Any) -> NDArray[np.int64]:
    import pandas as pd
    import pyarrow.compute as pc

    words = pd.Series(pc.utf8_slice_codeunits(text, 0, 16).to_pylist(), dtype="object")
    index = pd.DatetimeIndex(pd.to_datetime(words, format="ISO8601", errors="coerce"))
    return _blanked(ns_of(index), np.flatnonzero(index.isna()))


def _times(text: Any, timezone: str, *, zoned: bool) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    import pandas as pd
    import pyarrow as pa

    try:
        index = pd.DatetimeIndex(text.cast(pa.timestamp("ns", "UTC" if zoned else None)).to_pandas())
    except pa.ArrowInvalid:  # some cell is no time, such as 25:00; pandas says which
        words = pd.Series(text.to_pylist(), dtype="object")
        index = pd.DatetimeIndex(pd.to_datetime(words, format="ISO8601", errors="coerce", utc=zoned))
    if index.tz is None:
        index = index.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    ok = ~np.asarray(index.isna())
    return _blanked(ns_of(index), np.flatnonzero(~ok)), ok


def _dates(text: Any, written: str) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    import pandas as pd

    words = pd.Series(text.to_pylist(), dtype="object")
    index = pd.DatetimeIndex(pd.to_datetime(words, format=written, errors="coerce"))
    ok = ~np.asarray(index.isna())
    days = ns_of(index) // NS_PER_DAY
    return _blanked(days, np.flatnonzero(~ok)), ok


def _blanked(values: NDArray[np.int64], rows: NDArray[np.int64]) -> NDArray[np.int64]:
    values = values.copy()
    values[rows] = 0
    return values


def _bools(column: Any) -> NDArray[np.bool_]:
    return np.array(column.fill_null(False).to_numpy(), np.bool_)
