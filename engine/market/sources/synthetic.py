# SPDX-License-Identifier: Apache-2.0
"""The embedded synthetic market as a source."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import DataError, Problem, nearest_name
from engine.market.sources.layout import Layout
from engine.market.sources.series import column_of_bars
from engine.market.sources.table import Table


class SampleSource:
    """The synthetic market of one seed."""

    synthetic = True
    unfinished = False
    layout = Layout()
    hours = None
    series = column_of_bars
    prices = "raw"  # splits, if the sample has any, stand in their own column

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self.label = f"synthetic sample market, seed {seed}"
        self.identity: list[Any] = ["sample", seed]

    def files(self, symbol: str) -> tuple[Path, ...]:
        return ()

    def read(self, symbol: str) -> Table:
        from engine.market.sample import sample_frame, sample_symbols

        known = sample_symbols()
        if symbol not in known:
            raise DataError(
                Problem(
                    "the sample market has no such symbol",
                    path="data.source",
                    found=symbol,
                    allowed=", ".join(known),
                    nearest=nearest_name(symbol, known),
                )
            )
        frame = sample_frame(symbol, self._seed)
        rows = np.arange(len(frame), dtype=np.int64)
        return Table(symbol, frame, rows=rows, suspect=np.zeros(len(frame), np.bool_))
