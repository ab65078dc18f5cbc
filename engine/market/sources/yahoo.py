# SPDX-License-Identifier: Apache-2.0
"""Daily bars from Yahoo Finance, through yfinance (extra `yahoo`).

What is asked for is always the unadjusted answer (auto_adjust=False): prices adjusted for splits, dividends apart.
This is the one source that has to know the time: a bar of a session that is still trading is not a bar yet.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import clock
from engine.distribution import install_extra
from engine.errors import DataError, Problem
from engine.market.sources.layout import Layout
from engine.market.sources.series import column_of_bars
from engine.market.sources.table import COLUMNS, PRICES, Table
from engine.notice import Notice, loud, note

if TYPE_CHECKING:
    import pandas as pd

SETTLED = 30
"""Minutes after a close until the answer's last bar is taken for final: Yahoo's quotes are late, auctions later."""

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
        self, prices: str, download: Download | None = None, now: Callable[[], dt.datetime] | None = None
    ) -> None:
        self._download = download or _download
        self._now = (now or clock.now)()
        self.unfinished = False
        self.label = "Yahoo Finance"
        self.prices = prices
        # A download is good for the hour: it is not repeated by every run, and a session that ends gets in.
        self.identity: list[Any] = ["yahoo", prices, self._now.strftime("%Y-%m-%dT%H")]

    def files(self, symbol: str) -> tuple[Path, ...]:
        return ()

    def read(self, symbol: str) -> Table:
        frame = normal_form(symbol, self._download(symbol))
        frame, notices = self._finished(symbol, frame)
        self.unfinished = self.unfinished or any(one.level == "loud" for one in notices)
        rows = np.arange(len(frame), dtype=np.int64)
        return Table(symbol, frame, rows=rows, suspect=np.zeros(len(frame), np.bool_), notices=notices)

    def _finished(self, symbol: str, frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[Notice, ...]]:
        """Without the bar of a session that is not over and without a last one that lacks a price, with words on both.

        What is loud is not final: the next run asks Yahoo again.
        """
        from engine.market.calendar import NS_PER_DAY, date_of, day_of, exchange, ns_of

        calendar, instant = exchange(), int(self._now.timestamp()) * 1_000_000_000
        done = calendar.close_of(ns_of(frame.index) // NS_PER_DAY) <= instant
        found: list[Notice] = []
        if not done.all():
            left = f"{symbol}: the bar of {frame.index[-1]:%Y-%m-%d} is left out, its session is not over"
            frame, found = frame[done], [note(left)]
        while len(frame) and frame[list(PRICES)].iloc[-1].isna().any():
            half = f"{symbol}: Yahoo's bar of {frame.index[-1]:%Y-%m-%d} lacks a price yet and is left out"
            frame, found = frame[:-1], [*found, loud(f"{half}: run again later")]
        if not len(frame):
            return frame, tuple(found)
        last = int(ns_of(frame.index[-1:])[0] // NS_PER_DAY)
        sessions = calendar.between(last, day_of(self._now.date()))
        closes = calendar.close_of(sessions)
        missing = sessions[(sessions > last) & (closes <= instant)]
        if len(missing) and not any(one.level == "loud" for one in found):
            behind = f"{symbol}: Yahoo's answer ends on {date_of(last)}, the session of {date_of(int(missing[-1]))}"
            found.append(loud(f"{behind} has closed: run again later, or take a symbol that still trades"))
        if not len(missing):
            found += self._early(symbol, frame, instant - int(calendar.close_of([last])[0]))
        return frame, tuple(found)

    @staticmethod
    def _early(symbol: str, frame: pd.DataFrame, since: int) -> list[Notice]:
        """Why the last bar may not be final; `since` is how long ago its session closed, in ns."""
        day, minutes = f"{frame.index[-1]:%Y-%m-%d}", since // 60_000_000_000
        if minutes < SETTLED:
            return [loud(f"{symbol}: the session of {day} closed {minutes} minutes ago, its bar may not be final")]
        bar, traded = frame.iloc[-1], frame["volume"].iloc[-21:-1]
        one_price = bar["open"] == bar["high"] == bar["low"] == bar["close"]
        if bar["volume"] == 0.0 and one_price and (traded > 0.0).all():
            return [loud(f"{symbol}: the bar of {day} has one price and no volume, it may not be final")]
        return []


def normal_form(symbol: str, answer: pd.DataFrame) -> pd.DataFrame:
    """Yahoo's columns and exchange-local midnights in the normal form. Raises DataError on an empty or odd answer."""
    import pandas as pd

    if answer is None or answer.empty:
        raise _no_bars(symbol)
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


@contextmanager
def _outspoken(yfinance: Any) -> Iterator[None]:
    """Have yfinance raise what goes wrong, which it would log and answer with no bars, and log nothing.

    Without a network it would say "possibly delisted" of each symbol.
    """
    logger, debug = logging.getLogger("yfinance"), yfinance.config.debug
    level, hides = logger.level, debug.hide_exceptions
    logger.setLevel(logging.CRITICAL + 1)
    debug.hide_exceptions = False
    try:
        yield
    finally:
        logger.setLevel(level)
        debug.hide_exceptions = hides


def _download(symbol: str) -> pd.DataFrame:
    try:
        import yfinance
        from yfinance.exceptions import YFRateLimitError, YFTickerMissingError
    except ImportError as error:
        message = f"the yahoo source needs the extra `yahoo`: {install_extra('yahoo')}"
        raise DataError(Problem(message, path="data.source", found="yahoo")) from error
    try:
        with _outspoken(yfinance):
            ticker = yfinance.Ticker(symbol)
            answer: pd.DataFrame = ticker.history(period="max", interval="1d", auto_adjust=False, actions=True)
    except YFRateLimitError as error:
        message = "Yahoo Finance refuses more requests for now (rate limit): wait some minutes, or use a csv folder"
        raise DataError(Problem(message, path="data.source", found=symbol)) from error
    except YFTickerMissingError as error:
        raise _no_bars(symbol) from error
    except Exception as error:  # yfinance lets errors of several network libraries through
        raise DataError(
            Problem("Yahoo Finance did not answer", path="data.source", found=f"{symbol}: {error}")
        ) from error
    return answer


def _no_bars(symbol: str) -> DataError:
    return DataError(
        Problem("Yahoo Finance has no bars for this symbol", found=symbol, allowed="a Yahoo symbol: SPY, ^VIX")
    )
