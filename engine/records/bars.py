# SPDX-License-Identifier: Apache-2.0
"""One bar: its clock, and a record for each role."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.records.layout import F8, I2, I4, I8, Rows, dtype_of, fields_of


class AssetBar:
    """One role's bar, 64 bytes: one cache line."""

    open: F8
    high: F8
    low: F8
    close: F8
    volume: F8  # shares; NaN where the source has none
    dividend: F8  # cash per share, on the ex-date's first bar
    split: F8  # new shares per old share, on the first bar at the new price; 1.0 otherwise
    factor: F8  # product of splits so far: price * factor is continuous and causal


class Clock:
    """What every bar begins with."""

    ts: I8  # close of the bar
    session: I4  # exchange date
    days: I2  # calendar days since the bar before; 0 within a session
    last: I2  # 1 on the last bar of a session


class Dates:
    """What the exchange's calendar says of a bar, known ahead of it; a run has those columns that its on_bar reads.

    A month's or week's last session is the one that the calendar names, whether or not the bars go on after it.
    """

    weekday: I8  # 0 Monday to 6 Sunday
    month: I8  # 1 to 12
    year: I8
    month_last: I8  # 1 on every bar of the month's last session
    week_last: I8  # 1 on every bar of the last session of the week, Monday to Sunday
    minute: I8  # whole minutes from the session's open to this bar's close
    minutes_left: I8  # minutes from this bar's close to the session's close, begun ones counted; 0 at the close
    session_bar: I8  # number of the bar in its session, from 0


class Bar(Clock):
    """A bar as the kernel sees it: roles by index. Series are not the kernel's business."""

    asset: Rows[AssetBar]


class OptionInputs:
    """What pricing options needs beside prices, one row a bar."""

    left: F8  # days from this bar's close to its session's close
    until: I8  # last day before the next session: what expires by then is settled at this session's close
    volatility: Rows[F8]  # by role: implied, at the money, a year; NaN where it is not known


class CostInputs:
    """What a trade in this bar costs beside prices and the broker's terms, one row a bar, by role."""

    impact: Rows[F8]  # fraction of the price that one share moves it; it grows with the square root of the shares
    lot: Rows[F8]  # shares as traded in one share of the bars: not 1 where prices contain splits that were to come


ASSET_BAR = dtype_of(AssetBar)

LISTED = "_role"
"""Field of a view of bars or features that has the roles by number; no name of an author's begins so."""


def is_listed(row: np.dtype[Any]) -> bool:
    """Whether a row has roles by number."""
    return LISTED in (row.names or ())


def bar_dtype(roles: Sequence[str], series: Sequence[str] = ()) -> np.dtype[Any]:
    """The author's view of a bar: `ts, session, days, last`, one ASSET_BAR a role, one f8 a series."""
    return np.dtype([*fields_of(Clock), *((role, ASSET_BAR) for role in roles), *((name, "f8") for name in series)])


def kernel_bar_dtype(author: np.dtype[Any], roles: int) -> np.dtype[Any]:
    """The kernel's view of the same bytes."""
    seen = dtype_of(Bar, asset=roles)
    names = seen.names or ()
    offsets = [seen.fields[name][1] for name in names]  # type: ignore[index]
    formats = [seen[name] for name in names]
    return np.dtype({"names": names, "formats": formats, "offsets": offsets, "itemsize": author.itemsize})


def cost_input_dtype(roles: int) -> np.dtype[Any]:
    """Records of CostInputs for so many roles."""
    return dtype_of(CostInputs, impact=roles, lot=roles)


def option_input_dtype(roles: int) -> np.dtype[Any]:
    """Records of OptionInputs for so many roles."""
    return dtype_of(OptionInputs, volatility=roles)
