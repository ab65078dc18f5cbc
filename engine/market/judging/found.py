# SPDX-License-Identifier: Apache-2.0
"""A table under judgement: what is refused and doubted in it so far, but for what is confirmed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.market.doubts import Doubt
from engine.market.sources.table import Table, stamp_words
from engine.market.table.refusals import Fault

Rows = NDArray[np.int64]


class Found:
    """A table with its sessions, and what is refused and doubted in it so far."""

    def __init__(self, table: Table, days: Rows, confirmed: Sequence[dt.date]) -> None:
        self.table, self.days = table, days
        self.faults, self.doubts = list[Fault](), list[Doubt]()
        settled = np.array(confirmed, "M8[D]").astype(np.int64)
        self.open = ~np.isin(days, settled)

    def ask(self, rows: Rows) -> Rows:
        """The rows that are not confirmed."""
        return rows[self.open[rows]]

    def refuse(self, kind: str, message: str, rows: Sequence[int] | Rows, found: Sequence[str], allowed: str) -> None:
        """Keep a fault of `rows`, the first of which hold what is `found`."""
        self.faults.append(Fault(kind, message, np.array(rows, np.int64), found, allowed))

    def doubt(self, text: str, rows: Sequence[int] | Rows) -> None:
        """Keep a doubt about `rows`, from the first to the last of them."""
        first, last = int(self.days[int(rows[0])]), int(self.days[int(rows[-1])])
        self.doubts.append(Doubt(f"{self.table.symbol}: {text}", first, last))

    def date(self, row: int) -> str:
        return stamp_words(self.table.frame.index[int(row)])

    def close(self, row: int) -> float:
        """The price at the close of a row, as the file has it, in the currency of its quotes."""
        return float(self.table.frame["close"].iloc[int(row)])

    def confirm(self, row: int) -> str:
        day = np.datetime64(int(self.days[int(row)]), "D")
        return f"data.confirmed: {{{self.table.symbol}: [{day}]}} where the file is right"
