# SPDX-License-Identifier: Apache-2.0
"""Two lines on the sessions that both have, and in words what that leaves out and when their values are known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.analytics.pair.sides import Pair, Side
from engine.errors import DataError, Problem
from engine.market.align import Stamps
from engine.market.calendar import among, date_of, day_of, exchange
from engine.market.judging.volatility_indexes import FINAL, known_volatility
from engine.market.lines import Line
from engine.market.spacing import Spacing, spacing
from engine.notice import Notice, loud
from engine.runs.compare.question import SHORTEST

SHOWN = 3
STALE = 5
"""Sessions after which a last value is too old for a page that is read as today's."""

LEAST, MOST = 1e-60, 1e60
"""Of the largest value of a line: squares of squares of what lies beyond are near 0 or infinite."""


@dataclass(frozen=True)
class Aligned:
    """The pair, and what it leaves out.

    alone     by symbol the days within the common span that the other lacks
    lasts     by symbol the day of its newest value, which the other may lack
    age       sessions from the last common one to `asof`, the day from which ages are counted
    sentences say all of it
    """

    pair: Pair
    alone: dict[str, tuple[dt.date, ...]]
    lasts: dict[str, dt.date]
    age: int
    asof: dt.date
    sentences: tuple[str, ...]
    notices: tuple[Notice, ...]


def aligned(
    first: Line, second: Line, volatility: Sequence[bool], window: int, asof: dt.date | None, today: dt.date
) -> Aligned:
    """The pair up to the session `asof`, or to the end. `today` is the day that ages are counted from.

    Raises DataError where the two have no session in common, or fewer than `window` changes.
    """
    lines = [_until(one, asof) for one in (first, second)]
    common = lines[0].sessions[among(lines[0].sessions, lines[1].sessions)]
    if not len(common):
        spans = "; ".join(f"{one.symbol} {_span(one.sessions)}" for one in lines)
        raise DataError(Problem("the two have no session in common", found=spans))
    if len(common) < window + 1:
        shorter = f"; or --window {len(common) - 1} or shorter" if len(common) > SHORTEST else ""
        allowed = f"{window + 1} or more, for {window} changes{shorter}"
        found = f"{len(common):,}, {_span(common)}"
        raise DataError(Problem("too few sessions in common", found=found, allowed=allowed))
    sides = [_side(one, common, kind) for one, kind in zip(lines, volatility, strict=True)]
    for side in sides:
        if np.ptp(side.growth) == 0:
            found = f"{side.growth[0]:g} on each of {len(common):,} sessions"
            raise DataError(Problem(f"{side.symbol} never changes: there is nothing to compare", found=found))
        _refuse_extremes(side)
    expected = exchange().between(int(common[0]), int(common[-1]))
    apart = spacing(common, expected[~among(expected, common)])
    pair = Pair(common.astype("M8[D]"), sides[0], sides[1], apart.mean if apart.uneven else apart.per_year)
    alone = {one.symbol: _alone(one.sessions, common) for one in lines}
    lasts = {one.symbol: date_of(int(one.sessions[-1])) for one in lines}
    ages = {symbol: _age(day_of(last), day_of(today)) for symbol, last in lasts.items()}
    stale = [loud(_stale(symbol, lasts[symbol], age)) for symbol, age in ages.items() if age > STALE]
    sparse = [loud(_sparse(apart))] if apart.name != "daily" and not apart.uneven else []
    uneven = [loud(f"{apart.uneven}: a change spans whatever lies between two of them")] if apart.uneven else []
    said = tuple(_sentences(pair, lines, alone))
    age = _age(int(common[-1]), day_of(today))
    return Aligned(pair, alone, lasts, age, today, said, (*stale, *uneven, *sparse))


def _until(line: Line, asof: dt.date | None) -> Line:
    if asof is None:
        return line
    rows = int(np.searchsorted(line.sessions, day_of(asof), side="right"))
    if not rows:
        allowed = f"{date_of(int(line.sessions[0]))} or later"
        raise DataError(
            Problem(f"{line.symbol} has no value that early", path="--asof", found=str(asof), allowed=allowed)
        )
    return replace(line, sessions=line.sessions[:rows], level=line.level[:rows], growth=line.growth[:rows])


def _side(line: Line, common: Stamps, volatility: bool) -> Side:
    rows = np.searchsorted(line.sessions, common)
    return Side(line.symbol, np.asarray(line.level[rows]), np.asarray(line.growth[rows]), volatility)


def _refuse_extremes(side: Side) -> None:
    """Refuse a line whose products are 0 or infinite in double precision: its correlations would be nothing."""
    for values in (side.level, side.growth):
        largest = float(np.max(np.abs(values)))
        if not LEAST <= largest <= MOST:
            kind = "small" if largest < LEAST else "large"
            raise DataError(
                Problem(
                    f"the values of {side.symbol} are too {kind} to be computed with",
                    found=f"{largest:g} at most",
                    allowed=f"a largest one between {LEAST:g} and {MOST:g}: put the file into another unit",
                )
            )


def _alone(own: Stamps, common: Stamps) -> tuple[dt.date, ...]:
    inside = own[(own > common[0]) & (own < common[-1])]
    return tuple(date_of(int(day)) for day in inside[~among(inside, common)])


def _age(last: int, today: int) -> int:
    """Sessions of the exchange after the day `last`, up to `today`."""
    return len(exchange().between(last + 1, today)) if today > last else 0


def _sparse(apart: Spacing) -> str:
    years = 252 / apart.per_year
    return (
        f"the values are {apart.name}, {apart.per_year:g} a year: wherever sessions are counted here, or a change is "
        f"called daily, it is from one value to the next, and 252 of them are {years:.1f} years; bring daily ones for "
        "daily figures"
    )


def _stale(symbol: str, last: dt.date, age: int) -> str:
    remedy = f"bring newer values, or say --asof {last} where that day is meant"
    return f"{symbol}: the last value is of {last}, {age:,} sessions ago: nothing here is today's; {remedy}"


def _sentences(pair: Pair, lines: Sequence[Line], alone: dict[str, tuple[dt.date, ...]]) -> list[str]:
    said = [f"{len(pair.sessions):,} sessions that both have, {pair.sessions[0]} to {pair.sessions[-1]}."]
    end = pair.sessions[-1].item()
    said += [
        f"{one.symbol} goes on to {date_of(int(one.sessions[-1]))}, the other ends before: both are shown to {end}."
        for one in lines
        if date_of(int(one.sessions[-1])) > end
    ]
    for number, one in enumerate(lines):
        days, other = alone[one.symbol], lines[1 - number].symbol
        if days:
            shown = ", ".join(map(str, days[:SHOWN])) + (
                f" and {len(days) - SHOWN:,} more" if len(days) > SHOWN else ""
            )
            said.append(
                f"{one.symbol} has {len(days):,} within them that {other} lacks ({shown}): they are left out, and the "
                "next change of both spans them."
            )
    if pair.index is not None and known_volatility(pair.index.symbol):
        fund, index = pair.by_kind
        said.append(
            f"{index.symbol} is final at {FINAL} New York, {fund.symbol} at 16:00: what the market does in between is "
            f"in today's {index.symbol} and in tomorrow's {fund.symbol}."
        )
    elif pair.index is not None:
        said.append(
            f"When {pair.index.symbol} is final is not known here: its values are taken as of each session's close."
        )
    said += [
        f"{one.symbol}: of its {one.frequency} bars the one that holds each session's closing auction."
        for one in lines
        if one.bars and one.frequency != "1d"
    ]
    said.append("What followed a day is counted from the close of the next session, when all of that day was known.")
    paid = [one.symbol for one in lines if one.pays]
    if paid:
        said.append(
            f"Changes of {' and '.join(paid)} include dividends on their ex-dates; levels and the ratio do not."
        )
    return said


def _span(days: Stamps) -> str:
    return f"{date_of(int(days[0]))} to {date_of(int(days[-1]))}"
