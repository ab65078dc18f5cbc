# SPDX-License-Identifier: Apache-2.0
"""The shape of a run: what a YAML file may say, with its units, bounds and defaults.

This module only describes; reading YAML with its positions and turning mistakes into Problems is `loader`.
Everything is frozen: a RunConfig is a value, and the same value gives the same bytes of result.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$")]
Role = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Fraction = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Section(BaseModel):
    """Base of every section: unknown keys are refused, values cannot change."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class Dated(Section):
    """A row of a dated table: in force from this day until the next row's."""

    since: dt.date = Field(default=dt.date(1900, 1, 1), alias="from")

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True)


class Step(Section):
    """One step of a schedule."""

    upto: Positive | None = None
    """Where the step ends (shares a month, or dollars); the last step has none."""
    rate: float
    """Dollars a share, or a fraction a year above the benchmark."""


class SampleData(Section):
    """The embedded synthetic market: deterministic by seed, labelled synthetic wherever it shows."""

    source: Literal["sample"] = "sample"
    seed: Annotated[int, Field(ge=0)] = 7
    """Other seeds give other markets with the same statistics and the same scripted episodes."""


class FolderData(Section):
    """A folder with one file a symbol, read by column name."""

    source: Literal["csv", "parquet"]
    path: str
    """Folder; relative to the YAML file's folder, then to the working directory."""
    prices: Literal["split_adjusted", "raw", "total_return"] = "split_adjusted"
    """What the prices are: as traded, adjusted for splits, or for splits and dividends. total_return refuses dividend cash flows."""
    timezone: str = "UTC"
    """Of intraday stamps that carry no offset."""
    stamp: Literal["open", "close"] = "open"
    """Whether an intraday stamp is the bar's open or its close; daily bars are always stamped at the session's close."""
    files: dict[str, str] = {}
    """Symbol to file (relative to path) where the file is not SYMBOL.csv or SYMBOL.parquet in path or one folder below."""
    columns: dict[str, str] = {}
    """Our column name to theirs, where they differ: {dividend: divs}."""


class YahooData(Section):
    """Daily bars from Yahoo through yfinance (extra `yahoo`), raw prices with dividends and splits apart."""

    source: Literal["yahoo"]
    prices: Literal["split_adjusted", "total_return"] = "split_adjusted"


class SeriesSource(Section):
    """An untradable input bound to one column of one file or to a symbol of the data source."""

    symbol: str
    column: str = "close"
    unit: Literal["level", "percent", "fraction"] = "level"
    """percent is divided by 100 on reading."""
    path: str | None = None
    """File, where the series does not come from the data source; relative like data.path."""
    stale_after: Annotated[int, Field(ge=0)] = 5
    """Calendar days a value may be carried forward before it becomes NaN."""


class Period(Section):
    """First and last session of the run, both inclusive; features may look further back for their warm-up."""

    start: dt.date | None = None
    end: dt.date | None = None


class CommissionRow(Dated):
    """The broker's commission."""

    per_share: NonNegative | list[Step] = 0.0
    """Dollars a share, or steps by shares traded in the month."""
    notional: Fraction = 0.0
    """Fraction of trade value, added."""
    minimum: NonNegative = 0.0
    """Dollars an order."""
    maximum: Fraction = 1.0
    """Fraction of trade value."""
    clearing: NonNegative = 0.0
    """Dollars a share, both sides."""
    pass_through: Fraction = 0.0
    """Fraction of the commission, added."""


class RegulatoryRow(Dated):
    """Fees on sales set by regulators."""

    sec: Fraction = 0.0
    """SEC section 31 fee, fraction of the value sold."""
    taf: NonNegative = 0.0
    """FINRA trading activity fee, dollars a share sold."""
    taf_cap: Positive | None = None
    """Most TAF a trade pays, dollars."""


class BorrowRow(Dated):
    """The fee for holding a short position."""

    rate: Fraction
    """A year, on ceil(1.02 x close) dollars a share, 360-day year, calendar days."""
    available: bool = True
    """False: new shorts are refused from this day."""


class InterestRow(Dated):
    """What cash pays and earns, above or below the benchmark."""

    debit: list[Step]
    """Steps by dollars borrowed; rate is added to the benchmark."""
    credit_spread: NonNegative = 0.005
    """Subtracted from the benchmark for positive cash; what it earns is never below zero."""
    credit_exempt: NonNegative = 10_000.0
    """First dollars that earn nothing."""
    rebate_spread: NonNegative | None = None
    """Subtracted from the benchmark for short proceeds; null: short proceeds earn nothing, as at retail."""


class MarginRow(Dated):
    """Reg-T and FINRA 4210 rates for an unleveraged fund; multiples scale them, 1.0 is the most."""

    initial_long: Fraction = 0.50
    initial_short: Fraction = 0.50
    """Of market value, on top of the proceeds."""
    maintenance_long: Fraction = 0.25
    maintenance_short: Fraction = 0.30
    floor_high: NonNegative = 5.0
    """Dollars a share that a short at $5 or more needs at least."""
    floor_low: NonNegative = 2.5
    """The same below $5, where the rate is 100 %."""


class Slippage(Section):
    """How far from the reference price market, stop and close orders fill; limit orders never slip."""

    half_spread: Fraction | dict[str, Fraction] = 0.0001
    """Fraction of the price; by symbol, with `default` for the rest."""
    impact: Fraction | dict[str, Fraction] = 0.05
    """Fraction of the price at the size of the whole bar's volume; grows with the square root of the share taken."""


class Costs(Section):
    """Dated tables: a name is a file in configs/costs, or write the rows here."""

    commission: Name | list[CommissionRow] = "ibkr_fixed"
    regulatory: Name | list[RegulatoryRow] = "us_regulatory"
    slippage: Slippage = Slippage()
    borrow: Name | dict[str, list[BorrowRow]] = "us_borrow"
    """Rows by symbol, with `default` for the rest."""
    interest: Name | list[InterestRow] = "ibkr_interest"
    benchmark: Role | float = 0.03
    """Benchmark rate: the name of a bound series, or a fraction a year. It is also the Sharpe ratio's risk-free rate."""
    dividends: bool = True
    """Longs receive and shorts pay on the ex-date. Must be false with total_return prices."""


class Margin(Section):
    """What the account may carry."""

    kind: Literal["reg_t", "cash", "none"] = "reg_t"
    """none is unlimited leverage, and the report says so."""
    table: Name | list[MarginRow] = "us_margin"
    multiples: dict[str, Annotated[float, Field(ge=1, le=4)]] = {}
    """Leverage factor of a symbol, where the built-in list (configs/costs/leveraged_funds.yaml) does not have it."""
    liquidation: Literal["proportional", "flat"] = "proportional"
    """What a margin call sells at the next open: just enough of everything, or all."""
    cushion: Fraction = 0.10
    """A proportional liquidation restores maintenance x (1 + cushion)."""


class Account(Section):
    """The account a run starts with."""

    cash: Positive = 1_000_000.0
    """Opening deposit."""
    margin: Margin = Margin()


class Fills(Section):
    """When and how orders fill."""

    at: Literal["next_open", "next_close", "this_close"] = "next_open"
    """Market orders: next open (default), next close, or the close that decided (same-bar: optimistic, and labelled)."""
    intrabar: Literal["pessimistic", "optimistic"] = "pessimistic"
    """Which comes first when a bar touches both sides."""
    limit: Literal["touch", "through"] = "touch"
    """Whether a limit fills when touched, or only when traded through."""
    participation: Annotated[float, Field(gt=0, le=1)] | None = 0.1
    """Most of a bar's volume that one role may trade; the rest of the order carries on. null: no cap."""
    whole_shares: bool = True


class RunConfig(Section):
    """One backtest."""

    name: Name
    description: str = ""
    strategy: str
    """A name in strategies/, `package.module:Class`, or `file.py` beside the YAML (`file.py:Class`)."""
    roles: dict[Role, str]
    """Role to symbol."""
    series: dict[Role, str | SeriesSource] = {}
    """Series to symbol of the data source, or to a source of its own."""
    params: dict[str, Any] = {}
    """The strategy's parameters; what is left out keeps its default."""
    data: Annotated[SampleData | FolderData | YahooData, Field(discriminator="source")] = SampleData()
    period: Period = Period()
    account: Account = Account()
    fills: Fills = Fills()
    costs: Costs = Costs()
    engine: Literal["native", "backtrader"] = "native"
    mode: Literal["auto", "interpreted", "compiled"] = "auto"
    """auto: interpreted for one short run, compiled for sweeps and long ones; the results are the same to the bit."""
    seed: Annotated[int, Field(ge=0)] = 0
    """For strategies that draw random numbers in features."""
    results: str = "results"
    """Folder for run folders; relative to the working directory."""
