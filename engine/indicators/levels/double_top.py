# SPDX-License-Identifier: Apache-2.0
"""Double tops: two swing highs at one price with a trough between them, from the bar that confirms the second.

    tops       the higher of the two is the top; they differ by at most `tolerance` of it, are `apart` to `span` bars
               from each other, and no swing high between them is above both
    neckline   the lowest low between the tops, at least `depth` below the lower one
    target     the measured move: neckline - (top - neckline). It is negative for a trough deeper than half the top
    end        a close above the top by more than `margin` of it, or `expiry` bars after the confirmation

A second top pairs with the nearest earlier top that fits. Where several patterns stand at a bar the one with the
greatest height (top - neckline) is shown. Whether the neckline breaks or holds is for a strategy to say. Pattern and
measured move: R. D. Edwards, J. Magee: Technical Analysis of Stock Trends, chapter 9.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError
from engine.indicators.levels.pivots import swing_highs
from engine.indicators.own import OWN, indicator
from engine.indicators.parameter import Bounds, Lag
from engine.indicators.series import equally_long, stretches
from engine.indicators.sharing import shared

What = Literal["active", "neckline", "target", "top", "age"]
WHATS: tuple[What, ...] = ("active", "neckline", "target", "top", "age")


ROWS = ("first_row", "second_row", "neckline_row", "known_row", "end_row")
"""The fields of a DoubleTop that count bars."""


@dataclass(frozen=True, slots=True)
class DoubleTopRules:
    """What makes a double top; see the module."""

    left: int
    right: int
    tolerance: float
    depth: float
    apart: int
    span: int
    margin: float
    expiry: int


@dataclass(frozen=True, slots=True)
class DoubleTop:
    """One pattern with its dates. known_row confirms the second top; end_row is the first on which it is over.

    ended is "invalidated" (a close above the top), "expired", or "" while it stands at the last bar known; end_row is
    then the row after that bar.
    """

    first_row: int
    second_row: int
    neckline_row: int
    known_row: int
    end_row: int
    first: float
    second: float
    neckline: float
    ended: str

    @property
    def top(self) -> float:
        """Price of the higher of the two tops."""
        return max(self.first, self.second)

    @property
    def height(self) -> float:
        """From the neckline to the top, in the price's unit, above 0."""
        return self.top - self.neckline

    @property
    def target(self) -> float:
        """Price at which the fall has the pattern's height below the neckline: the measured move."""
        return self.neckline - self.height


@dataclass(frozen=True, slots=True)
class DoubleTopColumns:
    """The deepest double top that stands at each bar's close, each (T,) float64.

    active is 1 or 0. neckline, target and top in the price's unit and age (bars since the second top) are NaN where
    none stands. All of them are NaN in the warm-up.
    """

    active: FloatArray
    neckline: FloatArray
    target: FloatArray
    top: FloatArray
    age: FloatArray


@indicator(warm_up=lambda left, right: left + right, source="R. D. Edwards, J. Magee, as in the module's table")
def double_top(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    what: What = "active",
    left: Lag = 10,
    right: Lag = 10,
    tolerance: Annotated[float, Bounds(0.0, 0.5)] = 0.03,
    depth: Annotated[float, Bounds(0.0, 1.0)] = 0.1,
    apart: Lag = 20,
    span: Lag = 1000,
    margin: Annotated[float, Bounds(0.0, 1.0)] = 0.01,
    expiry: Lag = 500,
) -> FloatArray:
    """Whether a double top stands at the close (1 or 0), or its neckline, measured-move target, top, age in bars.

    left and right are the widths of the swing highs; the rest is in the module's table. tolerance and margin are
    fractions of the top, depth of the lower top. active is 0, and the others NaN, where none stands.
    """
    rules = DoubleTopRules(left, right, tolerance, depth, apart, span, margin, expiry)
    column: FloatArray = _columns(high, low, close, rules)[WHATS.index(what)]
    return column


@shared
def double_tops(high: Any, low: Any, close: Any, **rules: Any) -> DoubleTopColumns:
    """All that `double_top` says in one pass. Takes its parameters but what; StrategyError for a bad one."""
    series, settled = _checked(high, low, close, rules)
    lost = settled.left + settled.right
    out = np.full((len(WHATS), len(series[0])), np.nan)
    for start, stop in stretches(series):
        found = _columns(*_rows(series, start, stop), settled)
        out[:, start + lost : stop] = found[:, lost:]
    return DoubleTopColumns(*out)


def double_tops_known(high: Any, low: Any, close: Any, row: int, **rules: Any) -> list[DoubleTop]:
    """Every double top confirmed by the close of bar `row`, in the order of confirmation, as it was known then.

    From bars 0..row alone, since the last missing value before it; the ones with ended == "" are those that
    `double_tops` chooses from at `row`. Empty where bar `row` itself has a missing value. Raises StrategyError for a
    bad parameter or series and for a row outside 0..T - 1.
    """
    series, settled = _checked(high, low, close, rules)
    if not 0 <= row < len(series[0]):
        allowed = f"0 to {len(series[0]) - 1}"
        raise StrategyError(Problem("no such row", path="double_tops_known.row", found=str(row), allowed=allowed))
    runs = stretches([values[: row + 1] for values in series])
    if not runs or runs[-1][1] != row + 1:
        return []
    start = runs[-1][0]
    found = _patterns(*_rows(series, start, row + 1), settled)
    return [replace(one, **{name: getattr(one, name) + start for name in ROWS}) for one in found]


def _rows(series: list[FloatArray], start: int, stop: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    high, low, close = series
    return high[start:stop], low[start:stop], close[start:stop]


def _checked(high: Any, low: Any, close: Any, given: dict[str, Any]) -> tuple[list[FloatArray], DoubleTopRules]:
    """The series as (T,) float64 and the parameters within their bounds."""
    if "what" in given:
        raise StrategyError(Problem("all that it says comes together", path="double_tops.what"))
    settled = OWN["double_top"].parse(given)
    series = equally_long({"high": high, "low": low, "close": close}, frozenset(), "double_tops")
    return series, DoubleTopRules(**{rule.name: settled[rule.name] for rule in fields(DoubleTopRules)})


def _columns(high: FloatArray, low: FloatArray, close: FloatArray, rules: DoubleTopRules) -> FloatArray:
    """(whats, T) of a stretch without missing values. The deepest pattern is painted last, over the others."""
    out = np.full((len(WHATS), len(close)), np.nan)
    out[0] = 0.0
    for found in sorted(_patterns(high, low, close, rules), key=lambda one: (one.height, one.known_row)):
        at = slice(found.known_row, found.end_row)
        out[:4, at] = np.array([[1.0], [found.neckline], [found.target], [found.top]])
        out[4, at] = np.arange(found.known_row, found.end_row) - found.second_row
    return out


Trough = tuple[float, int]
"""The lowest low of some bars and its row; the lesser of two is the lower one, the first of equal ones."""


class Top(NamedTuple):
    """A swing high with the low of its own bar and the trough since the top before it."""

    row: int
    price: float
    low: float
    trough: Trough


def _patterns(high: FloatArray, low: FloatArray, close: FloatArray, rules: DoubleTopRules) -> Iterator[DoubleTop]:
    """Every double top of a stretch without missing values, in the order of confirmation."""
    rows = swing_highs(high, rules.left, rules.right)
    earlier: list[Top] = []  # the ones that a later top could still pair with
    for second, price, own_low in zip(rows.tolist(), high[rows].tolist(), low[rows].tolist(), strict=True):
        trough = _trough(low, earlier[-1].row + 1, second) if earlier else (math.inf, second)
        found = _first_top(earlier, second, price, trough, rules)
        if found is not None:
            first, (neckline, neckline_row) = found
            known = second + rules.right
            end, ended = _end(close, known, max(price, first.price), rules)
            yield DoubleTop(first.row, second, neckline_row, known, end, first.price, price, neckline, ended)
        while earlier and earlier[-1].price < price * (1.0 - rules.tolerance):  # this one stands in the way for good
            passed = earlier.pop()
            trough = min(passed.trough, (passed.low, passed.row), trough)
        earlier.append(Top(second, price, own_low, trough))


def _trough(low: FloatArray, start: int, stop: int) -> Trough:
    """The trough of rows start..stop - 1, at least one: two swing highs are never neighbours."""
    row = start + int(low[start:stop].argmin())
    return float(low[row]), row


def _first_top(
    earlier: list[Top], second: int, price: float, trough: Trough, rules: DoubleTopRules
) -> tuple[Top, Trough] | None:
    """The nearest earlier top that makes a pattern with the one at `second`, and the trough between the two.

    `trough` is that since the last of the earlier tops.
    """
    between = -math.inf  # highest swing high between the two
    for top in reversed(earlier):
        higher = max(price, top.price)
        if second - top.row > rules.span or between * (1.0 - rules.tolerance) > price:
            return None
        fits = second - top.row >= rules.apart and abs(price - top.price) <= rules.tolerance * higher
        if fits and between <= higher and trough[0] <= (1.0 - rules.depth) * min(price, top.price):
            return top, trough
        between = max(between, top.price)
        trough = min(top.trough, (top.low, top.row), trough)
    return None


def _end(close: FloatArray, known: int, top: float, rules: DoubleTopRules) -> tuple[int, str]:
    """The first row on which a pattern is over, and why: "" and the row after the last while it stands."""
    above = np.flatnonzero(close[known : known + rules.expiry] > top * (1.0 + rules.margin))
    if len(above):
        return known + int(above[0]), "invalidated"
    if known + rules.expiry < len(close):
        return known + rules.expiry, "expired"
    return len(close), ""
