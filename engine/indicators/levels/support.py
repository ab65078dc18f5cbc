# SPDX-License-Identifier: Apache-2.0
"""Support and resistance: the price levels that stand as a bar begins, as features and as a list with dates.

Three readings of one book of levels (`engine.indicators.levels.book` says how levels form and what strength is):

    price_level(high, low, close, volume, side=..., what=...)   one column, by name like every indicator
    price_levels(high, low, close, volume, ...)                 all ten columns in one pass, for Strategy.features
    levels_known(high, low, close, volume, row, ...)            the levels themselves, with their touches, for reports

Row t of the columns is what stood before bar t: pivots confirmed by bar t - 1, seen from the close of t - 1. So a
close far below the support of the same row is a break of a level that was there before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError
from engine.indicators.levels.book import (
    AS_RESISTANCE,
    AS_SUPPORT,
    COUNT,
    FIELDS,
    FIRST,
    KEY,
    LAST,
    PRICE,
    LevelBook,
    LevelRules,
    Line,
    strength_at,
)
from engine.indicators.levels.touches import Touch, Touches, confirmed_touches
from engine.indicators.own import OWN, indicator
from engine.indicators.parameter import LONGEST, Bounds, Lag, Window
from engine.indicators.series import equally_long, stretches
from engine.indicators.sharing import shared

Side = Literal["support", "resistance"]
What = Literal["price", "strength", "touches", "age", "role_reversed"]

SIDES: tuple[Side, ...] = ("support", "resistance")
WHATS: tuple[What, ...] = ("price", "strength", "touches", "age", "role_reversed")

EVENTS, BARS = 2048, 2048
"""Pivots and bars worked together: what bounds the memory at a million bars and keeps it in the processor's cache."""


@dataclass(frozen=True, slots=True)
class Level:
    """A price level as it stands when bar `row` begins.

    side is where it lies from the close before; age is row - first_row in bars. role_reversed: a support that was a
    ceiling (touched from below) at least min_age bars before it last held as a floor, or a resistance that was a floor.
    """

    price: float
    side: Side
    touches: tuple[Touch, ...]
    first_row: int
    last_row: int
    age: int
    strength: float
    role_reversed: bool


@dataclass(frozen=True, slots=True)
class LevelColumns:
    """One side's level at each bar, each (T,) float64: NaN where there is no eligible level.

    price in the price's unit, strength >= 0 without a unit, touches and age (in bars, since the first touch) counts,
    role_reversed 1 or 0.
    """

    price: FloatArray
    strength: FloatArray
    touches: FloatArray
    age: FloatArray
    role_reversed: FloatArray


@dataclass(frozen=True, slots=True)
class PriceLevels:
    """The strongest support at or below, and the nearest resistance above, the close of the bar before."""

    support: LevelColumns
    resistance: LevelColumns


def _lost(left: int, right: int, tolerance_in: str, atr_window: int) -> int:
    return max(left + right, atr_window if tolerance_in == "atr" else 0) + 1


@indicator(warm_up=_lost, source="own definition, after R. D. Edwards, J. Magee; see engine.indicators.levels.book")
def price_level(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    volume: FloatArray,
    side: Side = "support",
    what: What = "price",
    left: Lag = 10,
    right: Lag = 10,
    tolerance: Annotated[float, Bounds(0.0, 100.0)] = 0.015,
    tolerance_in: Literal["price", "atr"] = "price",
    min_touches: Lag = 3,
    min_age: Annotated[int, Bounds(0, LONGEST)] = 126,
    max_age: Lag = 2500,
    half_life: Lag = 750,
    reach: Annotated[float, Bounds(0.0, 1.0)] = 0.2,
    slack: Annotated[float, Bounds(0.0, 1.0)] = 0.0,
    keep: Annotated[int, Bounds(1, 256)] = 32,
    volume_window: Window = 50,
    atr_window: Lag = 20,
    kind: Literal["any", "reversed"] = "any",
) -> FloatArray:
    """The strongest support at or below, or the nearest resistance above, the close before, as it stood before the bar.

    left, right     widths of the swing pivots that levels are made of
    tolerance       how near a pivot must be to a level to be a touch of it: a fraction of the pivot's price, or a
                    multiple of the ATR (of atr_window bars) at its confirmation; tolerance_in says which
    min_touches     a level counts from this many touches on,
    min_age         and from this many bars after its first touch on
    max_age         bars without a touch after which a level is forgotten
    half_life       bars after which a touch weighs half
    reach           levels farther from the close before than this fraction of it are left out
    slack           a support counts as one until the close before is more than this fraction below it, so that a
                    break may take several closes to become decisive
    keep            most levels remembered
    kind            reversed: only levels that have changed their role count, a support that was a ceiling

    what: price, strength, touches and age (bars since the first touch), role_reversed (1 or 0; see `Level`). NaN
    where there is no such level. Prices must be positive. A source without volume (NaN) has no levels: pass ones.
    """
    rules = LevelRules(
        left,
        right,
        tolerance,
        tolerance_in,
        min_touches,
        min_age,
        max_age,
        half_life,
        reach,
        slack,
        keep,
        volume_window,
        atr_window,
        kind,
    )
    column: FloatArray = _columns((high, low, close, volume), rules)[SIDES.index(side), WHATS.index(what)]
    return column


@shared
def price_levels(high: Any, low: Any, close: Any, volume: Any, **rules: Any) -> PriceLevels:
    """Support and resistance of every bar in one pass: `price_level` for both sides and all that they say.

    Takes the parameters of `price_level` but side and what. Missing values: a stretch of rows without any has its
    levels to itself. Raises StrategyError for a bad parameter or series.
    """
    series, settled = _checked(high, low, close, volume, rules)
    out = np.full((len(SIDES), len(WHATS), len(series[0])), np.nan)
    for start, stop in stretches(series):
        out[:, :, start:stop] = _columns([values[start:stop] for values in series], settled)
    return PriceLevels(*(LevelColumns(*side) for side in out))


def levels_known(high: Any, low: Any, close: Any, volume: Any, row: int, **rules: Any) -> list[Level]:
    """Every eligible level as bar `row` begins, the strongest first; row T asks for the bar after the last.

    From bars before `row` alone, by the same book as the columns of `price_levels`: its support at `row` is the first
    support in this list within reach, its resistance the lowest resistance within reach. reach leaves nothing out of
    this list. Empty where the bar before has a missing value, which ends the history. Raises StrategyError for a bad
    parameter or series and for a row outside 0..T.
    """
    series, settled = _checked(high, low, close, volume, rules)
    if not 0 <= row <= len(series[0]):
        allowed = f"0 to {len(series[0])}"
        raise StrategyError(Problem("no such row", path="levels_known.row", found=str(row), allowed=allowed))
    runs = stretches([values[:row] for values in series])
    if not runs or runs[-1][1] != row:
        return []
    start = runs[-1][0]
    touches = confirmed_touches([values[start:row] for values in series], settled)
    book = LevelBook(settled)
    for touch in touches.arguments(0, len(touches)):
        book.touch(*touch)
    now, state = np.array([row - start]), book.state
    good = _eligible(state[None, FIRST], state[None, LAST], now, settled)[0]
    is_support = _is_support(state[None, PRICE], series[2][row - 1 : row], settled)[0]
    strength = strength_at(state[KEY], now, settled.half_life)
    levels = [
        _level(line, touches, start, row, bool(is_support[line.slot]), float(strength[line.slot]), state)
        for line in book.lines
        if good[line.slot]
    ]
    return sorted(levels, key=lambda level: -level.strength)


def _level(
    line: Line, touches: Touches, start: int, row: int, is_support: bool, strength: float, state: FloatArray
) -> Level:
    return Level(
        price=line.price,
        side="support" if is_support else "resistance",
        touches=tuple(touches.shown(pivot, start) for pivot in line.touches),
        first_row=start + line.first,
        last_row=start + line.last,
        age=row - start - line.first,
        strength=strength,
        role_reversed=bool(state[AS_SUPPORT if is_support else AS_RESISTANCE, line.slot]),
    )


def _checked(
    high: Any, low: Any, close: Any, volume: Any, given: dict[str, Any]
) -> tuple[list[FloatArray], LevelRules]:
    """The series as (T,) float64 and the parameters within their bounds."""
    entry = OWN["price_level"]
    series = equally_long({"high": high, "low": low, "close": close, "volume": volume}, frozenset(), "price_levels")
    settled = entry.parse(given)
    odd = [name for name in ("side", "what") if name in given]
    if odd:
        raise StrategyError(Problem("both sides with all that they say come together", path=f"price_levels.{odd[0]}"))
    return series, LevelRules(**{name.name: settled[name.name] for name in fields(LevelRules)})


def _columns(bars: Sequence[FloatArray], rules: LevelRules) -> NDArray[np.float64]:
    """(sides, whats, T) of a stretch of high, low, close, volume without missing values."""
    close = bars[2]
    out = np.full((len(SIDES), len(WHATS), len(close)), np.nan)
    touches = confirmed_touches(bars, rules)
    total = len(touches)
    book = LevelBook(rules)
    seen = np.searchsorted(touches.known, np.arange(len(close)), side="left")  # pivots known before each bar
    for first in range(0, total, EVENTS):
        stop = min(first + EVENTS, total)
        states = np.empty((stop - first, FIELDS, rules.keep))
        for place, touch in enumerate(touches.arguments(first, stop)):
            book.touch(*touch)
            states[place] = book.state
        begin, end = np.searchsorted(seen, (first + 1, stop + 1), side="left").tolist()
        states = states[:, :, ~np.isnan(states[:, PRICE]).all(axis=0)]
        for bar in range(begin, end, BARS) if states.shape[2] else ():
            rows = np.arange(bar, min(bar + BARS, end))
            out[:, :, rows[0] : rows[-1] + 1] = _standing(states, seen[rows] - first - 1, rows, close, rules)
    return out


def _standing(
    states: NDArray[np.float64], place: NDArray[np.intp], rows: NDArray[np.intp], close: FloatArray, rules: LevelRules
) -> NDArray[np.float64]:
    """(sides, whats, bars): what stands before the bars `rows`, whose levels are states[place]."""
    price = states[place, PRICE]
    before = close[rows - 1]
    good = _eligible(states[place, FIRST], states[place, LAST], rows, rules)
    good &= np.abs(price - before[:, None]) <= rules.reach * before[:, None]
    below = _is_support(price, before, rules)
    if rules.kind == "reversed":
        good &= states[place, AS_SUPPORT] * below + states[place, AS_RESISTANCE] * ~below == 1.0
    strongest = np.where(good & below, states[place, KEY], -np.inf).argmax(axis=1)
    nearest = np.where(good & ~below, price, np.inf).argmin(axis=1)
    out = np.full((len(SIDES), len(WHATS), len(rows)), np.nan)
    bars = np.arange(len(rows))
    for side, slot, wanted, flag in ((0, strongest, below, AS_SUPPORT), (1, nearest, ~below, AS_RESISTANCE)):
        found = np.flatnonzero((good & wanted)[bars, slot])
        level = states[place[found], :, slot[found]]
        strength = strength_at(level[:, KEY], rows[found], rules.half_life)
        columns = (level[:, PRICE], strength, level[:, COUNT], rows[found] - level[:, FIRST], level[:, flag])
        out[side][:, found] = columns
    return out


def _eligible(first: FloatArray, last: FloatArray, rows: NDArray[np.intp], rules: LevelRules) -> NDArray[np.bool_]:
    """(bars, levels): which levels, by their first and last touch, are old enough at `rows` and not forgotten."""
    good: NDArray[np.bool_] = first <= (rows - rules.min_age)[:, None]
    good &= last >= (rows - rules.max_age)[:, None]
    return good


def _is_support(price: FloatArray, before: FloatArray, rules: LevelRules) -> NDArray[np.bool_]:
    """(bars, levels): which levels are at or below the close `before` each bar; the others are resistance."""
    is_support: NDArray[np.bool_] = price <= (before * (1.0 + rules.slack))[:, None]
    return is_support
