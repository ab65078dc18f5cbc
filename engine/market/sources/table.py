# SPDX-License-Identifier: Apache-2.0
"""The normal form: what every source turns a symbol into, and how a row of it is found again in its file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import Problem
from engine.market.sources.text import form_of, records_of
from engine.notice import Notice

if TYPE_CHECKING:
    import pandas as pd

PRICES = ("open", "high", "low", "close")
COLUMNS = (*PRICES, "volume", "dividend", "split", "adj_close")
READ = (*COLUMNS, "capital_gain")
"""Columns that are read: a fund's capital gains are cash on the ex-date as its dividends are, and are added to them."""
EXAMPLES = 3
"""How many rows of one kind of mistake are shown; the rest is counted."""


@dataclass(frozen=True, eq=False)
class Table:
    """One symbol's data as its source has it, before anything is refused.

    frame      the normal form. Daily: a DatetimeIndex without a zone that holds session dates. Intraday: a UTC
               index that holds the CLOSE of each bar. Columns of float64: open, high, low, close in the account's
               currency, volume in shares (NaN where absent), dividend in cash per share on the ex-date (0 where
               absent), split in new shares per old share (1 where absent), and adj_close where the source has it.
               An untradable series has one column, `value`. Rows stand in the order of the source.
    frequency  "1d", or the length of an intraday bar such as "5min"
    file       the file as messages show it; "" where there is none
    rows       position of each row of `frame` among the data rows of the file
    suspect    rows of `frame` in which a cell could not be read; it is NaN there and `problems` names it
    problems   what could not be read
    notices    what was filled in or left out on reading
    pays       whether the source says anything of dividends: a column of them, of capital gains, or an adjusted close
    """

    symbol: str
    frame: pd.DataFrame = field(repr=False)
    frequency: str = "1d"
    file: str = ""
    path: Path | None = None
    rows: NDArray[np.int64] = field(repr=False, default_factory=lambda: np.empty(0, np.int64))
    suspect: NDArray[np.bool_] = field(repr=False, default_factory=lambda: np.empty(0, np.bool_))
    problems: tuple[Problem, ...] = ()
    notices: tuple[Notice, ...] = ()
    pays: bool = True

    @property
    def daily(self) -> bool:
        return self.frequency == "1d"

    @property
    def name(self) -> str:
        """What a message calls this table: its file, or its symbol where it has none."""
        return self.file or self.symbol

    def problems_at(self, message: str, rows: Sequence[int], found: Sequence[str], allowed: str = "") -> list[Problem]:
        """One Problem for each of the first few `rows` of `frame`, and one that counts the rest."""
        shown = [int(row) for row in rows[:EXAMPLES]]
        places = locate(self.path, [int(self.rows[row]) for row in shown]) if self.path else [0] * len(shown)
        listed = [
            Problem(
                f"{message} ({stamp_words(self.frame.index[row])})",
                file=self.name,
                line=line,
                found=value,
                allowed=allowed,
            )
            for row, line, value in zip(shown, places, found, strict=False)
        ]
        return [*listed, *rest(message, self.name, len(rows))]


def rest(message: str, file: str, count: int) -> list[Problem]:
    """The Problem that counts what `EXAMPLES` left out; none if nothing was."""
    return [Problem(f"{message}: {count - EXAMPLES:,} more like this", file=file)] if count > EXAMPLES else []


def stamp_words(stamp: pd.Timestamp) -> str:
    """A session date, or a time in UTC, as messages print it."""
    return f"{stamp:%Y-%m-%d}" if stamp.tzinfo is None else f"{stamp:%Y-%m-%d %H:%M}Z"


def locate(path: Path, positions: Iterable[int]) -> list[int]:
    """Line numbers, counted from 1, of data rows of a CSV file by position; 0 in any other kind of file.

    Reading skips blank lines and lines with a wrong number of fields, so this counts what reading counts.
    """
    wanted = list(positions)
    if path.suffix == ".parquet" or not wanted:
        return [0] * len(wanted)
    lines: dict[int, int] = {}
    form, position, last = form_of(path, path.name), 0, max(wanted)
    for line, record in records_of(path, path.name, form):
        if len(record) != len(form.names):
            continue
        lines[position] = line
        if position == last:
            break
        position += 1
    return [lines.get(position, 0) for position in wanted]
