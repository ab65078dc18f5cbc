# SPDX-License-Identifier: Apache-2.0
"""A small market on disk: real sessions, made-up prices, one file a symbol."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine.market.calendar import exchange
from engine.model.run import FolderData, RunConfig


def sessions(first, count):
    """ISO dates of `count` sessions of 2020 and on, from the one with number `first`."""
    days = exchange().between(18262, 18262 + 366)[first : first + count]
    return days.astype("M8[D]").astype(str)


def bars(rows=60, seed=1, first=0):
    """A frame of daily bars as a file has them, `first` sessions after the start of 2020."""
    rng = np.random.default_rng(seed)
    close = np.round(100 * np.exp(np.cumsum(rng.normal(0, 0.01, rows))), 2)
    open_ = np.round(close * 1.002, 2)
    return pd.DataFrame(
        {
            "date": sessions(first, rows),
            "open": open_,
            "high": np.round(np.maximum(open_, close) * 1.01, 2),
            "low": np.round(np.minimum(open_, close) * 0.99, 2),
            "close": close,
            "volume": rng.integers(1_000, 2_000, rows).astype(float),
        }
    )


class Folder:
    """A data folder that tests write into."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, frame: pd.DataFrame | str) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(frame, str):
            file.write_text(frame, encoding="utf-8")
        elif name.endswith(".parquet"):
            frame.to_parquet(file)
        else:
            frame.to_csv(file, index=False)
        return file

    def config(self, *, roles=None, data=None, **sections) -> RunConfig:
        given = {"source": "csv", "path": str(self.path)} | (data or {})
        roles = {"large": "AAA", "small": "BBB"} if roles is None else roles
        sections.setdefault("costs", {"dividends": False})  # most of these files have no column of them
        return RunConfig(name="test", strategy="none", roles=roles, data=FolderData(**given), **sections)


@pytest.fixture
def folder(tmp_path) -> Folder:
    """A folder with two symbols of 60 common sessions, AAA.csv and BBB.csv."""
    made = Folder(tmp_path / "data")
    made.write("AAA.csv", bars(seed=1))
    made.write("BBB.csv", bars(seed=2))
    return made


@pytest.fixture
def make_bars():
    """The function `bars(rows, seed, first)`."""
    return bars
