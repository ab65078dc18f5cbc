# SPDX-License-Identifier: Apache-2.0
"""Daily bars from Yahoo Finance, through yfinance (extra `yahoo`).

What is asked for is always the unadjusted answer (auto_adjust=False): prices adjusted for splits, dividends apart.
This is the one source that has to know the time: a bar of a session that is still trading is not a bar yet.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import clock
from engine.distribution import install_extra
from engine.errors import DataError, Problem
from engine.market.sources.layout import Layout
from engine.market.sources.series import column_of_bars
from engine.market.sources.table import COLUMNS, PRICES, Table
from engine.notice import Notice, note

if TYPE_CHECKING:
    import pandas as pd

Download = Callable[[str], "pd.DataFrame"]
NAMES = {
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Adj Close": "adj_close",
    "Volume": "volume",
    "Dividends": "dividend",
    "Stock Splits": "split",
    "Capital Gains": "capital_gain",
}


class YahooSource:
    """Yahoo Finance; `download` and `now` are there to be replaced in tests."""

    synthetic = False
    layout = Layout()
    hours = None
    series = column_of_bars

    def __init__(
        self, prices: str, download: Download | None = None, now: Callable[[], dt.datetime] = clock.now
    ) -> None:
        self._download = download or _download
        self._now = now()
        self.label = "Yahoo Finance"
        self.prices = prices
        # A download is good for the hour: it is not repeated by every run, and a session that ends gets in.
        self.identity: list[Any] = ["yahoo", prices, self._now.strftime("%Y-%m-%dT%H")]

    def files(self, symbol: str) -> tuple[Path, ...]:
        return ()

    def read(self, symbol: str) -> Table:
        frame = normal_form(symbol, self._download(symbol))
        frame, notices = self._finished(symbol, frame)
        rows = np.arange(len(frame), dtype=np.int64)
        return Table(symbol, frame, rows=rows, suspect=np.zeros(len(frame), np.bool_), notices=notices)

    def _finished(self, symbol: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
        from engine.market.calendar import NS_PER_DAY, exchange, ns_of

        days = ns_of(frame.index) // NS_PER_DAY
        done = exchange().close_of(days) <= int(self._now.timestamp()) * 1_000_000_000
        if done.all():
            return frame, ()
        left = f"{symbol}: the bar of {frame.index[-1]:%Y-%m-%d} is left out, its session is not over"
        return frame[done], (note(left),)


def normal_form(symbol: str, answer: pd.DataFrame) -> pd.DataFrame:
    """Yahoo's columns and exchange-local midnights in the normal form. Raises DataError on an empty or odd answer."""
    import pandas as pd

    if answer is None or answer.empty:
        raise DataError(
            Problem("Yahoo Finance has no bars for this symbol", found=symbol, allowed="a Yahoo symbol: SPY, ^VIX")
        )
    frame = answer.rename(columns=NAMES)
    missing = [name for name in PRICES if name not in frame.columns]
    if missing:
        found = ", ".join(str(name) for name in answer.columns)
        raise DataError(
            Problem(f"Yahoo Finance's answer for {symbol} lacks {', '.join(missing)}", found=f"columns {found}")
        )
    index = pd.DatetimeIndex(frame.index)
    local = index if index.tz is None else index.tz_localize(None)
    frame.index = local.normalize().as_unit("ns").rename("session")
    for name, absent in (("volume", np.nan), ("dividend", 0.0), ("split", 1.0)):
        frame[name] = frame[name] if name in frame.columns else absent
    if "capital_gain" in frame.columns:  # cash on the ex-date as a dividend is
        frame["dividend"] = frame["dividend"] + frame["capital_gain"].fillna(0.0)
    frame["split"] = frame["split"].replace(0.0, 1.0)  # Yahoo writes 0 where there is none
    return frame[[name for name in COLUMNS if name in frame.columns]].astype("float64")


def _download(symbol: str) -> pd.DataFrame:
    try:
        import yfinance
        from yfinance.exceptions import YFRateLimitError
    except ImportError as error:
        message = f"the yahoo source needs the extra `yahoo`: {install_extra('yahoo')}"
        raise DataError(Problem(message, path="data.source", found="yahoo")) from error
    try:
        ticker = yfinance.Ticker(symbol)
        answer: pd.DataFrame = ticker.history(period="max", interval="1d", auto_adjust=False, actions=True)
    except YFRateLimitError as error:
        message = "Yahoo Finance refuses more requests for now (rate limit): wait some minutes, or use a csv folder"
        raise DataError(Problem(message, path="data.source", found=symbol)) from error
    except Exception as error:  # yfinance lets errors of several network libraries through
        raise DataError(
            Problem("Yahoo Finance did not answer", path="data.source", found=f"{symbol}: {error}")
        ) from error
    return answer
