# SPDX-License-Identifier: Apache-2.0
"""The shape of a run: what a YAML file may say, with its units, bounds and defaults.

This module and those below it only describe; reading YAML is `loader`. Everything is frozen: the same RunConfig gives
the same bytes of result. Types are strict: "7" is no number, 1 is no boolean, `yes` is a word.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from engine.model.fields import (
    Day,
    Dollars,
    Fraction,
    Kind,
    Name,
    OfPrice,
    RatePerYear,
    Role,
    Section,
    Symbol,
    Symbols,
    TableName,
    Unit,
)
from engine.model.options import Options, OptionSpread
from engine.model.paper import Paper
from engine.model.rows import (
    BorrowRow,
    CommissionRow,
    Dated,
    DebitStep,
    InterestRow,
    MarginRow,
    RebateStep,
    RegulatoryRow,
    Step,
    Table,
)
from engine.model.rules import Rules
from engine.model.sleeve import MOST_SLEEVES, Sleeve
from engine.model.sources import FolderData, MemoryData, SampleData, SeriesSource, YahooData
from engine.model.spans import Span
from engine.model.stress import Stress
from engine.model.sweep import Sweep
from engine.model.walkforward import WalkForward

__all__ = [
    "Account",
    "BorrowRow",
    "CommissionRow",
    "Costs",
    "Dated",
    "DebitStep",
    "Fills",
    "FolderData",
    "InterestRow",
    "Margin",
    "MarginRow",
    "MemoryData",
    "OptionSpread",
    "Options",
    "Period",
    "RebateStep",
    "RegulatoryRow",
    "RunConfig",
    "SampleData",
    "Section",
    "SeriesSource",
    "Sleeve",
    "Slippage",
    "Step",
    "YahooData",
]


class Period(Section):
    """First and last session of the run, both inclusive; features may look further back for their warm-up."""

    start: Day | None = None
    """First session; null: the first that all roles have."""
    end: Day | None = None
    """Last session; null: the last that all roles have."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start and self.end and self.start > self.end:
            raise ValueError(f"the period ends before it starts: {self.start} to {self.end}")
        return self


IMPACT = 1.0
"""Coefficient of the square-root law, for backtest and stress alike; studies put it at 0.5 to 1."""

Coefficient = Annotated[float, Field(ge=0, le=10)]


class Slippage(Section):
    """How far from the reference price market, stop and close orders fill; limit orders never slip."""

    half_spread: Annotated[Fraction | dict[Symbol, Fraction], OfPrice] = 0.0001
    """Half the bid-ask spread; one number, or by symbol with `default` for the rest."""
    impact: Annotated[Coefficient | dict[Symbol, Coefficient], Unit("of the square-root law, about 1")] = IMPACT
    """Y in Y x daily volatility x sqrt(shares / daily volume), both of the sessions before."""
    follows: dict[Symbol, Symbol] = Field(default={})
    """Symbol to the one whose liquidity it has where that is deeper, such as an inverse fund's index fund; the built-in
    list is configs/costs/underlyings.yaml. It counts where both are roles of the run."""


class Costs(Section):
    """Dated tables: a name is a file in configs/costs, or write the rows here."""

    commission: TableName | Table[CommissionRow] = "ibkr_fixed"
    """Broker's commission."""
    regulatory: TableName | Table[RegulatoryRow] = "us_regulatory"
    """Fees on sales set by regulators."""
    slippage: Slippage = Slippage.model_construct()
    """How far from the reference price orders fill."""
    borrow: TableName | dict[Symbol, Table[BorrowRow]] = "us_borrow"
    """Fee for holding a short: rows by symbol, with `default` for the rest."""
    interest: TableName | Table[InterestRow] = "ibkr_interest"
    """What cash pays and earns."""
    benchmark: Role | RatePerYear = 0.03
    """Benchmark rate: the name of a bound series, or a number. It is also the Sharpe ratio's risk-free rate."""
    dividends: bool = True
    """Longs receive and shorts pay on the ex-date. Must be false with total_return prices."""
    withholding: Annotated[Fraction, Unit("fraction of dividends received")] = 0.0
    """Tax that is withheld on dividends received, 0.15 under many treaties; what shorts pay in lieu is paid whole."""


class Margin(Section):
    """What the account may carry."""

    kind: Literal["reg_t", "cash", "none"] = "reg_t"
    """none is unlimited leverage, and the report says so."""
    table: TableName | Table[MarginRow] = "us_margin"
    """Initial and maintenance rates."""
    multiples: dict[Symbol, Annotated[float, Field(ge=1, le=4)]] = Field(default={})
    """Leverage factor of a symbol, where the built-in list (configs/costs/leveraged_funds.yaml) does not have it."""
    liquidation: Literal["proportional", "flat"] = "proportional"
    """What a margin call sells at the next open: just enough of everything, or all."""
    cushion: Annotated[Fraction, Unit("fraction of maintenance")] = 0.10
    """A proportional liquidation restores maintenance x (1 + cushion)."""


class Account(Section):
    """The account a run starts with."""

    cash: Annotated[Annotated[float, Field(gt=0, le=1e12)], Dollars] = 1_000_000.0
    """Opening deposit."""
    margin: Margin = Margin.model_construct()
    """Margin rules."""
    orders: Annotated[int, Field(ge=1, le=4096)] = 64
    """Most orders that may work at a time; what is cancelled no longer counts."""


MILLIONTH = 1e-6
"""The step of fractional shares where none is given."""


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
    """false: fractions of a share are traded, in whole steps."""
    step: Annotated[Annotated[float, Field(ge=1e-9, le=1)] | None, Unit("shares")] = None
    """Every quantity is a multiple of it. null: 1 with whole shares, else 0.000001."""

    @model_validator(mode="after")
    def _whole_steps(self) -> Self:
        if self.whole_shares and self.step not in (None, 1.0):
            raise ValueError(
                f"whole shares have a step of 1, not {self.step:g}: leave it out, or say whole_shares: false"
            )
        return self

    @property
    def quantity_step(self) -> float:
        """The step in force, shares."""
        if self.step is not None:
            return self.step
        return 1.0 if self.whole_shares else MILLIONTH


NO_BENCHMARK = "none"
"""What `benchmark` says where a run is compared with nothing."""


class RunConfig(Section):
    """One backtest."""

    name: Name
    """Names the folder in results/."""
    description: str = ""
    """A line or two for the report."""
    strategy: Annotated[str, Field(min_length=1), Kind("a strategy")] = ""
    """A name, `package.module:Class` or `file.py:Class`: beside the YAML, of Tandem, or installed; or rules.

    Required, as are its roles, unless there are sleeves."""
    roles: dict[Role, Symbol | Symbols] = Field(default={})
    """Role to symbol; to a list of symbols where the strategy trades a list."""
    series: dict[Role, Symbol | SeriesSource] = Field(default={})
    """Series to symbol of the data source, or to a source of its own."""
    params: dict[str, Any] = Field(default={})
    """The strategy's parameters; what is left out keeps its default."""
    rules: Rules | None = None
    """A strategy in YAML alone, where `strategy` says rules."""
    sleeves: Annotated[dict[Role, Sleeve], Field(max_length=MOST_SLEEVES)] = Field(default={})
    """Several strategies in one account, in place of strategy, roles and params: name to sleeve."""
    rebalance: Literal["never", "monthly", "quarterly", "yearly"] = "never"
    """When capital moves between sleeves, back to their weights: at the first close of each period."""
    spans: dict[Symbol, Span] = Field(default={})
    """Symbols that begin later than others or end earlier, with `default` for the rest. What is left out has the bars
    that all roles have."""
    data: Annotated[SampleData | FolderData | MemoryData | YahooData, Field(discriminator="source")] = (
        SampleData.model_construct()
    )
    """Where the bars come from."""
    benchmark: Symbol | None = None
    """What the run is compared with: a role, the symbol of one, a bound series, or none. It is not the risk-free rate,
    which is costs.benchmark. Default: what the strategy declares, else its first role."""
    period: Period = Period.model_construct()
    """First and last session of the run."""
    account: Account = Account.model_construct()
    """What the run starts with."""
    fills: Fills = Fills.model_construct()
    """The fill convention."""
    costs: Costs = Costs.model_construct()
    """What trading and holding costs."""
    options: Options = Options.model_construct()
    """How options are priced, for strategies that trade them."""
    engine: Literal["native", "backtrader"] = "native"
    """backtrader is the second opinion (extra `backtrader`)."""
    mode: Literal["auto", "interpreted", "compiled"] = "auto"
    """auto: interpreted for one short run, compiled for sweeps and long ones; the results are the same to the bit."""
    seed: Annotated[int, Field(ge=0)] = 0
    """For strategies that draw random numbers in features."""
    results: str = "results"
    """Folder for run folders; relative to the working directory."""
    keep_state: bool = False
    """Whether the run folder has state.parquet: what the strategy remembered after each close. It runs interpreted."""
    paper: Paper = Paper.model_construct()
    """The bridge to a broker's paper account."""
    sweep: Sweep = Sweep.model_construct()
    """What `tandem sweep` tries."""
    stress: Stress = Stress.model_construct()
    """What `tandem stress` puts the run through."""
    walkforward: WalkForward = WalkForward.model_construct()
    """How `tandem walkforward` chooses among it."""

    @model_validator(mode="before")
    @classmethod
    def _seed_alone_is_the_sample(cls, data: Any) -> Any:
        given = data.get("data") if isinstance(data, dict) else None
        if isinstance(given, dict) and given.keys() == {"seed"}:
            return {**data, "data": {"source": "sample", **given}}
        return data
