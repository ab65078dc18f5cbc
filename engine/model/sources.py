# SPDX-License-Identifier: Apache-2.0
"""Where bars and series come from, as a YAML file says it."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from engine.model.fields import Day, Kind, Section, Symbol, TimeZone, Unit


class SampleData(Section):
    """The embedded synthetic market: deterministic by seed, labelled synthetic wherever it shows."""

    source: Literal["sample"] = "sample"
    """Where the bars come from."""
    seed: Annotated[int, Field(ge=0)] = 7
    """Other seeds give other markets with the same statistics and the same scripted episodes."""


class Written(Section):
    """How bars stand in a table, whoever wrote it."""

    source: str
    """Where the bars come from."""
    prices: Literal["split_adjusted", "raw", "total_return"] = "split_adjusted"
    """What the prices are: adjusted for splits, as traded, or adjusted for splits and dividends.

    total_return refuses dividend cash flows.
    """
    timezone: TimeZone = "UTC"
    """Of intraday stamps that carry no offset."""
    stamp: Literal["open", "close"] = "open"
    """Whether an intraday stamp is the bar's open or its close; daily bars are stamped at the session's close."""
    decimal: Literal[".", ","] | None = None
    """What stands before the decimals of a number. null: what the numbers show, such as 1,234.5 or 100,25."""
    dates: Literal["month_first", "day_first"] | None = None
    """Whether the month or the day comes first in dates such as 03/04/2024. null: what the column shows, if it does."""
    daily: bool = False
    """true: bars with a time, one a session, are daily bars.

    Without it they are where that is certain: stamped at the exchange's midnight, or at its close or later."""
    hours: Literal["regular", "all"] | None = None
    """Whether intraday bars outside the session's regular hours are left out or traded.

    null: left out, and said loudly where there are any. Market-on-close is the session's auction either way."""
    columns: dict[str, str] = Field(default={})
    """Our column name to theirs, where they differ: {dividend: divs}."""
    confirmed: dict[Symbol, list[Day]] = Field(default={})
    """Symbol to sessions whose prices were checked and stand, however odd: {SVXY: [2018-02-06]}."""


class FolderData(Written):
    """A folder with one file a symbol, read by column name."""

    source: Literal["csv", "parquet"]
    """Where the bars come from."""
    path: Annotated[str, Field(min_length=1), Kind("a folder")]
    """Folder; relative to the YAML file's folder, then to the working directory. $TANDEM_DATA: of the environment."""
    files: dict[Symbol, str] = Field(default={})
    """Symbol to file (relative to path), where that is not SYMBOL.csv or SYMBOL.parquet in path or one folder below."""


class MemoryData(Written):
    """Tables that a Python program gives with the configuration: `engine.backtest(config, data={"SPY": frame})`."""

    source: Literal["memory"]
    """Where the bars come from."""


class YahooData(Section):
    """Daily bars from Yahoo through yfinance (extra `yahoo`), raw prices with dividends and splits apart."""

    source: Literal["yahoo"]
    """Where the bars come from."""
    prices: Literal["split_adjusted", "total_return"] = "split_adjusted"
    """What the prices are: adjusted for splits, or for splits and dividends.

    total_return refuses dividend cash flows.
    """
    confirmed: dict[Symbol, list[Day]] = Field(default={})
    """Symbol to sessions whose prices were checked and stand, however odd: {SVXY: [2018-02-06]}."""


_OF_A_FILE = ("timezone", "stamp", "dates", "columns")


class Lag(Section):
    """How long after its date a value is published; exactly one of the three."""

    sessions: Annotated[int, Field(ge=0, le=260)] | None = None
    """Sessions of the exchange; 0: each value is dated the day it comes out."""
    days: Annotated[int, Field(ge=0, le=400), Unit("calendar days")] | None = None
    """Calendar days."""
    column: str | None = None
    """Column of the series' file that holds the day on which each value was published."""

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum(value is not None for value in (self.sessions, self.days, self.column)) != 1:
            raise ValueError("a lag is one of sessions: 8, days: 42 and column: published")
        return self


class SeriesSource(Section):
    """An untradable input bound to one column of one file or to a symbol of the data source."""

    symbol: Symbol
    """What the source calls it."""
    column: str = "close"
    """Column of the file that holds the values."""
    unit: Literal["level", "percent", "fraction"] = "level"
    """percent is divided by 100 on reading."""
    path: Annotated[str, Field(min_length=1), Kind("a file")] | None = None
    """File, where the series does not come from the data source; relative like data.path, then to data.path itself."""
    stale_after: Annotated[int, Field(ge=0), Unit("calendar days")] = 5
    """How long a value may be carried forward before it becomes NaN, from the day it is known."""
    lag: Lag | None = None
    """How long after its date a value is published: {sessions: 8}, {days: 42} or {column: published}.

    A value is known at the close of that day; null: of the day it is dated. {sessions: 0}: it is dated the day it comes
    out."""
    timezone: TimeZone | None = None
    """Of the file's intraday stamps that carry no offset; null: data.timezone."""
    stamp: Literal["open", "close"] | None = None
    """Whether an intraday stamp of the file is the open or the close of what the value sums up; null: data.stamp.

    A value is known at the close: a single quote that is stamped with its own time is `close`."""
    dates: Literal["month_first", "day_first"] | None = None
    """Whether the month or the day comes first in dates such as 03/04/2024; null: data.dates."""
    columns: dict[str, str] | None = None
    """Our column name to the file's; null: those of data.columns that the file has."""

    @model_validator(mode="after")
    def _keys_of_a_file(self) -> Self:
        if self.path is None and (given := [name for name in _OF_A_FILE if getattr(self, name) is not None]):
            raise ValueError(f"{', '.join(given)}: only with `path`; what the data source has is read as data says")
        return self

    @model_validator(mode="after")
    def _published_in_a_file(self) -> Self:
        if self.path is None and self.lag is not None and self.lag.column is not None:
            raise ValueError("lag.column: only with `path`, the file that has the column")
        return self
