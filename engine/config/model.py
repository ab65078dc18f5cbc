# SPDX-License-Identifier: Apache-2.0
"""The shape of a run: what a YAML file may say, with its units, bounds and defaults.

This module only describes; reading YAML with its positions and turning mistakes into Problems is `loader`.
Everything is frozen: a RunConfig is a value, and the same value gives the same bytes of result.
Types are strict: "7" is no number, 1 is no boolean, `yes` is a word.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic_core import CoreSchema

MOST_STEPS = 5
"""Most steps of a schedule; the same number as `engine.types.TIERS`, whose records hold them."""


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a number, for `tandem config explain` and the JSON schema."""

    words: str

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The number's schema with its unit under `x-unit`."""
        return {**handler(core), "x-unit": self.words}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a text may be, in words, where a pattern alone would say it badly."""

    words: str


def _day(value: object) -> object:
    """A quoted date is a date; what is no ISO date goes on to pydantic, which refuses it."""
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            return value
    return value


def _known_timezone(value: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("no such time zone") from error
    return value


def _steps_in_order(steps: list[Step]) -> list[Step]:
    ends = [step.upto for step in steps]
    if ends[-1] is not None:
        raise ValueError("the last step has no `upto`: it has no end")
    if any(end is None for end in ends[:-1]):
        raise ValueError("every step but the last needs `upto`: where it ends")
    _rising([end for end in ends if end is not None], "`upto`")
    return steps


def _rows_in_order(rows: list[Any]) -> list[Any]:
    _rising([row.since for row in rows], "`from`")
    return rows


def _rising(values: Sequence[Any], word: str) -> None:
    for before, after in pairwise(values):
        if after <= before:
            raise ValueError(f"{word} must rise from row to row: {after} comes after {before}")


BEGINNING = dt.date(1900, 1, 1)
"""Before any market data: the day from which a row without `from` is in force."""

Name = Annotated[
    str,
    Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$"),
    Kind("a name: a letter, then letters, digits, `_`, `.` or `-`"),
]
TableName = Annotated[Name, Kind("the name of a cost table")]
Role = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]*$"), Kind("a name: a small letter, then small letters, digits or `_`")
]
Symbol = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9^][A-Za-z0-9.^=_-]*$"),
    Kind("a symbol such as IWM: letters, digits, `.`, `^`, `=`, `_` or `-`"),
]
Day = Annotated[dt.date, BeforeValidator(_day)]
TimeZone = Annotated[str, AfterValidator(_known_timezone), Kind("a time zone such as UTC or America/New_York")]
Fraction = Annotated[float, Field(ge=0, le=1)]
NonNegative = Annotated[float, Field(ge=0)]
Positive = Annotated[float, Field(gt=0)]

Dollars = Unit("dollars")
PerShare = Unit("dollars a share")
OfValue = Unit("fraction of trade value")
OfPrice = Unit("fraction of the price")
PerYear = Unit("fraction a year")
OfMarket = Unit("fraction of market value")


class Section(BaseModel):
    """Base of every section: unknown keys are refused, values cannot change."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, allow_inf_nan=False, use_attribute_docstrings=True
    )

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_default(cls, data: Any) -> Any:
        """`params:` with nothing below it is a mapping that was left out, not a mistake."""
        if not isinstance(data, dict):
            return data
        mappings = {name for name, field in cls.model_fields.items() if isinstance(field.default, Section | dict)}
        return {key: value for key, value in data.items() if value is not None or key not in mappings}


class Dated(Section):
    """A row of a dated table: in force from this day until the next row's."""

    since: Day = Field(default=BEGINNING, alias="from")
    """First day the row is in force; left out: from the beginning."""

    model_config = ConfigDict(populate_by_name=True)


class Step(Section):
    """One step of a schedule."""

    upto: Positive | None = None
    """Where the step ends (shares a month, or dollars); the last step has none."""
    rate: float
    """Dollars a share, or a fraction a year above the benchmark."""


Row = TypeVar("Row", bound=Dated)
Table = Annotated[list[Row], Field(min_length=1), AfterValidator(_rows_in_order)]
"""A dated table: rows in order of time."""
Steps = Annotated[list[Step], Field(min_length=1, max_length=MOST_STEPS), AfterValidator(_steps_in_order)]


class SampleData(Section):
    """The embedded synthetic market: deterministic by seed, labelled synthetic wherever it shows."""

    source: Literal["sample"] = "sample"
    """Where the bars come from."""
    seed: Annotated[int, Field(ge=0)] = 7
    """Other seeds give other markets with the same statistics and the same scripted episodes."""


class FolderData(Section):
    """A folder with one file a symbol, read by column name."""

    source: Literal["csv", "parquet"]
    """Where the bars come from."""
    path: Annotated[str, Field(min_length=1), Kind("a folder")]
    """Folder; relative to the YAML file's folder, then to the working directory."""
    prices: Literal["split_adjusted", "raw", "total_return"] = "split_adjusted"
    """What the prices are: adjusted for splits, as traded, or adjusted for splits and dividends.

    total_return refuses dividend cash flows.
    """
    timezone: TimeZone = "UTC"
    """Of intraday stamps that carry no offset."""
    stamp: Literal["open", "close"] = "open"
    """Whether an intraday stamp is the bar's open or its close; daily bars are stamped at the session's close."""
    files: dict[Symbol, str] = {}
    """Symbol to file (relative to path), where that is not SYMBOL.csv or SYMBOL.parquet in path or one folder below."""
    columns: dict[str, str] = {}
    """Our column name to theirs, where they differ: {dividend: divs}."""


class YahooData(Section):
    """Daily bars from Yahoo through yfinance (extra `yahoo`), raw prices with dividends and splits apart."""

    source: Literal["yahoo"]
    """Where the bars come from."""
    prices: Literal["split_adjusted", "total_return"] = "split_adjusted"
    """What the prices are: adjusted for splits, or for splits and dividends.

    total_return refuses dividend cash flows.
    """


class SeriesSource(Section):
    """An untradable input bound to one column of one file or to a symbol of the data source."""

    symbol: Symbol
    """What the source calls it."""
    column: str = "close"
    """Column of the file that holds the values."""
    unit: Literal["level", "percent", "fraction"] = "level"
    """percent is divided by 100 on reading."""
    path: Annotated[str, Field(min_length=1), Kind("a file")] | None = None
    """File, where the series does not come from the data source; relative like data.path."""
    stale_after: Annotated[int, Field(ge=0), Unit("calendar days")] = 5
    """How long a value may be carried forward before it becomes NaN."""


class Period(Section):
    """First and last session of the run, both inclusive; features may look further back for their warm-up."""

    start: Day | None = None
    """First session; null: the first that all roles have."""
    end: Day | None = None
    """Last session; null: the last that all roles have."""

    @model_validator(mode="after")
    def _in_order(self) -> Period:
        if self.start and self.end and self.start > self.end:
            raise ValueError(f"the period ends before it starts: {self.start} to {self.end}")
        return self


class CommissionRow(Dated):
    """The broker's commission."""

    per_share: Annotated[NonNegative | Steps, PerShare] = 0.0
    """Commission a share, or steps by shares traded in the month."""
    notional: Annotated[Fraction, OfValue] = 0.0
    """Commission on the value, added."""
    minimum: Annotated[NonNegative, Unit("dollars an order")] = 0.0
    """Least an order pays."""
    maximum: Annotated[Fraction, OfValue] = 1.0
    """Most an order pays; it wins over the minimum."""
    clearing: Annotated[NonNegative, PerShare] = 0.0
    """Clearing fee, on both sides."""
    pass_through: Annotated[Fraction, Unit("fraction of the commission")] = 0.0
    """Exchange and regulator fees that the broker passes on, added."""


class RegulatoryRow(Dated):
    """Fees on sales set by regulators."""

    sec: Annotated[Fraction, Unit("fraction of the value sold")] = 0.0
    """SEC section 31 fee: 0.0000278 is $27.80 a million."""
    taf: Annotated[NonNegative, Unit("dollars a share sold")] = 0.0
    """FINRA trading activity fee."""
    taf_cap: Annotated[Positive | None, Unit("dollars a trade")] = None
    """Most TAF a trade pays; null: no cap."""


class BorrowRow(Dated):
    """The fee for holding a short position."""

    rate: Annotated[Fraction, PerYear]
    """On ceil(1.02 x close) dollars a share, 360-day year, calendar days."""
    available: bool = True
    """false: new shorts are refused from this day."""


class InterestRow(Dated):
    """What cash pays and earns, above or below the benchmark."""

    debit: Steps
    """Steps by dollars borrowed; rate is added to the benchmark."""
    credit_spread: Annotated[NonNegative, PerYear] = 0.005
    """Subtracted from the benchmark for positive cash; what it earns is never below zero."""
    credit_exempt: Annotated[NonNegative, Dollars] = 10_000.0
    """First dollars that earn nothing."""
    rebate_spread: Annotated[NonNegative | None, PerYear] = None
    """Subtracted from the benchmark for short proceeds; null: short proceeds earn nothing, as at retail."""


class MarginRow(Dated):
    """Reg-T and FINRA 4210 rates for an unleveraged fund; multiples scale them, 1.0 is the most."""

    initial_long: Annotated[Fraction, OfMarket] = 0.50
    """Equity that a new long needs."""
    initial_short: Annotated[Fraction, OfMarket] = 0.50
    """Equity that a new short needs, on top of the proceeds."""
    maintenance_long: Annotated[Fraction, OfMarket] = 0.25
    """Equity that a long must keep."""
    maintenance_short: Annotated[Fraction, OfMarket] = 0.30
    """Equity that a short must keep, on top of the proceeds."""
    floor_high: Annotated[NonNegative, PerShare] = 5.0
    """What a short at $5 or more needs at least."""
    floor_low: Annotated[NonNegative, PerShare] = 2.5
    """The same below $5, where the rate is 100 %."""


class Slippage(Section):
    """How far from the reference price market, stop and close orders fill; limit orders never slip."""

    half_spread: Annotated[Fraction | dict[Symbol, Fraction], OfPrice] = 0.0001
    """Half the bid-ask spread; one number, or by symbol with `default` for the rest."""
    impact: Annotated[Fraction | dict[Symbol, Fraction], OfPrice] = 0.05
    """Move at the size of the whole bar's volume; grows with the square root of the share taken."""


class Costs(Section):
    """Dated tables: a name is a file in configs/costs, or write the rows here."""

    commission: TableName | Table[CommissionRow] = "ibkr_fixed"
    """Broker's commission."""
    regulatory: TableName | Table[RegulatoryRow] = "us_regulatory"
    """Fees on sales set by regulators."""
    slippage: Slippage = Slippage()
    """How far from the reference price orders fill."""
    borrow: TableName | dict[Symbol, Table[BorrowRow]] = "us_borrow"
    """Fee for holding a short: rows by symbol, with `default` for the rest."""
    interest: TableName | Table[InterestRow] = "ibkr_interest"
    """What cash pays and earns."""
    benchmark: Annotated[Role | float, PerYear] = 0.03
    """Benchmark rate: the name of a bound series, or a number. It is also the Sharpe ratio's risk-free rate."""
    dividends: bool = True
    """Longs receive and shorts pay on the ex-date. Must be false with total_return prices."""


class Margin(Section):
    """What the account may carry."""

    kind: Literal["reg_t", "cash", "none"] = "reg_t"
    """none is unlimited leverage, and the report says so."""
    table: TableName | Table[MarginRow] = "us_margin"
    """Initial and maintenance rates."""
    multiples: dict[Symbol, Annotated[float, Field(ge=1, le=4)]] = {}
    """Leverage factor of a symbol, where the built-in list (configs/costs/leveraged_funds.yaml) does not have it."""
    liquidation: Literal["proportional", "flat"] = "proportional"
    """What a margin call sells at the next open: just enough of everything, or all."""
    cushion: Annotated[Fraction, Unit("fraction of maintenance")] = 0.10
    """A proportional liquidation restores maintenance x (1 + cushion)."""


class Account(Section):
    """The account a run starts with."""

    cash: Annotated[Positive, Dollars] = 1_000_000.0
    """Opening deposit."""
    margin: Margin = Margin()
    """Margin rules."""


class Fills(Section):
    """When and how orders fill."""

    at: Literal["next_open", "next_close", "this_close"] = "next_open"
    """Market orders: next open, next close, or the close that decided (same-bar: optimistic, and labelled)."""
    intrabar: Literal["pessimistic", "optimistic"] = "pessimistic"
    """Which comes first when a bar touches both sides."""
    limit: Literal["touch", "through"] = "touch"
    """Whether a limit fills when touched, or only when traded through."""
    participation: Annotated[Annotated[float, Field(gt=0, le=1)] | None, Unit("fraction of the bar's volume")] = 0.1
    """Most that one role may trade in a bar; the rest of the order carries on. null: no cap."""
    whole_shares: bool = True
    """false: fractions of a share are traded."""


class RunConfig(Section):
    """One backtest."""

    name: Name
    """Names the folder in results/."""
    description: str = ""
    """A line or two for the report."""
    strategy: Annotated[str, Field(min_length=1), Kind("a strategy")]
    """A name in strategies/, `package.module:Class`, or `file.py` beside the YAML (`file.py:Class`)."""
    roles: dict[Role, Symbol]
    """Role to symbol."""
    series: dict[Role, Symbol | SeriesSource] = {}
    """Series to symbol of the data source, or to a source of its own."""
    params: dict[str, Any] = {}
    """The strategy's parameters; what is left out keeps its default."""
    data: Annotated[SampleData | FolderData | YahooData, Field(discriminator="source")] = SampleData()
    """Where the bars come from."""
    period: Period = Period()
    """First and last session of the run."""
    account: Account = Account()
    """What the run starts with."""
    fills: Fills = Fills()
    """The fill convention."""
    costs: Costs = Costs()
    """What trading and holding costs."""
    engine: Literal["native", "backtrader"] = "native"
    """backtrader is the second opinion (extra `backtrader`)."""
    mode: Literal["auto", "interpreted", "compiled"] = "auto"
    """auto: interpreted for one short run, compiled for sweeps and long ones; the results are the same to the bit."""
    seed: Annotated[int, Field(ge=0)] = 0
    """For strategies that draw random numbers in features."""
    results: str = "results"
    """Folder for run folders; relative to the working directory."""

    @model_validator(mode="before")
    @classmethod
    def _seed_alone_is_the_sample(cls, data: Any) -> Any:
        given = data.get("data") if isinstance(data, dict) else None
        if isinstance(given, dict) and given.keys() == {"seed"}:
            return {**data, "data": {"source": "sample", **given}}
        return data
