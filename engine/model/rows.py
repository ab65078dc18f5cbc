# SPDX-License-Identifier: Apache-2.0
"""Rows of the dated cost tables: commissions, fees, borrow, interest, margin."""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, ConfigDict, Field

from engine.model.fields import (
    Day,
    Dollars,
    Fraction,
    NonNegative,
    OfMarket,
    OfValue,
    PerShare,
    PerYear,
    Positive,
    RatePerYear,
    Section,
    SpreadPerYear,
    Unit,
)

MOST_STEPS = 5
"""Most steps of a schedule; the same number as `engine.records.TIERS`, whose records hold them."""

BEGINNING = dt.date(1900, 1, 1)
"""Before any market data: the day from which a row without `from` is in force."""


def _steps_in_order(steps: list[Any]) -> list[Any]:
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


class Dated(Section):
    """A row of a dated table: in force from this day until the next row's."""

    since: Day = Field(default=BEGINNING, alias="from")
    """First day the row is in force; left out: from the beginning."""

    model_config = ConfigDict(populate_by_name=True)


class Step(Section):
    """One step of a commission."""

    upto: Positive | None = None
    """Where the step ends, in shares a month; the last step has none."""
    rate: Annotated[float, PerShare]
    """Commission a share."""


class DebitStep(Section):
    """One step of what debt costs."""

    upto: Annotated[Positive | None, Dollars] = None
    """Where the step ends, in dollars borrowed; the last step has none."""
    rate: RatePerYear
    """Added to the benchmark."""


Row = TypeVar("Row", bound=Dated)
StepRow = TypeVar("StepRow", Step, DebitStep)
Table = Annotated[list[Row], Field(min_length=1), AfterValidator(_rows_in_order)]
"""A dated table: rows in order of time."""
Steps = Annotated[list[StepRow], Field(min_length=1, max_length=MOST_STEPS), AfterValidator(_steps_in_order)]


class CommissionRow(Dated):
    """The broker's commission."""

    per_share: Annotated[NonNegative | Steps[Step], PerShare] = 0.0
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


class RebateStep(Section):
    """One step of what short proceeds earn."""

    upto: Annotated[Positive | None, Dollars] = None
    """Where the step ends; the last step has none."""
    spread: SpreadPerYear | None = None
    """Subtracted from the benchmark, never to below zero; null: this part earns nothing."""


RebateSteps = Annotated[list[RebateStep], Field(min_length=1, max_length=MOST_STEPS), AfterValidator(_steps_in_order)]


class InterestRow(Dated):
    """What cash pays and earns, above or below the benchmark."""

    over_benchmark: bool = True
    """false: the rates stand by themselves, as if the benchmark were zero."""
    debit: Steps[DebitStep]
    """Steps by dollars borrowed; rate is added to the benchmark."""
    credit_spread: SpreadPerYear = 0.005
    """Subtracted from the benchmark for positive cash; what it earns is never below zero."""
    credit_exempt: Annotated[NonNegative, Dollars] = 10_000.0
    """First dollars that earn nothing."""
    rebate_spread: SpreadPerYear | RebateSteps | None = None
    """Subtracted from the benchmark for short proceeds, a number or steps by their dollars; null: they earn nothing."""


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
