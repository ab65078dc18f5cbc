# SPDX-License-Identifier: Apache-2.0
"""Whether a strategy's `features` see the future.

Look-ahead is possible in `features` alone (a decision gets one row and nothing else), and there it is caught by
computing them again on a shorter past: features(market.head(t)) must equal features(market)[:t]. Where the pasts end is
`engine.strategy.lookahead.cuts`' part, what may differ by rounding `engine.strategy.lookahead.rounding`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError
from engine.market.panel import Market
from engine.strategy.lookahead.altered_market import copied, with_another_future
from engine.strategy.lookahead.finding import Finding, Leak
from engine.strategy.lookahead.rounding import Rounded, Tolerance

Features = Callable[[Market], Mapping[str, Any]]
Columns = dict[str, FloatArray]


class PrefixTest:
    """Features on shorter pasts held against those on all bars, for as many cuts as are asked for.

    Call `learn` first, then `reveal`, then `hold`. Pasts that are learnt before the features have ever seen all bars
    cannot be answered out of what a feature remembers of them. Each past is a copy in memory of its own.
    exact     no difference is rounding: bits are compared, but for the sign of NaN
    replaced  cuts at which the bars that follow are replaced, where features fail on the bars before them alone
    """

    def __init__(self, features: Features, market: Market, *, exact: bool = False, replaced: int = 3) -> None:
        self._features, self._market, self._exact = features, market, exact
        self._learnt: dict[int, Columns | None] = {}
        self._whole: Columns = {}
        self._names: frozenset[str] = frozenset()
        self._tried: set[int] = set()
        self._replaced = replaced
        self._tolerance: Tolerance | None = None
        self._finding = Finding(None, 0)

    @property
    def finding(self) -> Finding:
        """What has been found up to now."""
        return replace(self._finding, cuts=len(self._tried))

    def learn(self, cuts: Iterable[int]) -> None:
        """Compute the features on pasts of so many bars, shortest first, and keep them."""
        for cut in sorted(set(cuts)):
            self._learnt[cut] = self._known(cut)

    def reveal(self, whole: Mapping[str, Any] | None = None) -> None:
        """Compare what was learnt with the features of all bars: `whole`, or computed here.

        Raises StrategyError where features fail on all bars, or differ in names or lengths from those of a past.
        """
        self._whole = _columns(self._features, self._market) if whole is None else dict(whole)
        self._names = frozenset(self._whole)
        for cut in sorted(self._learnt):
            self._try(cut)

    def hold(self, cuts: Iterable[int]) -> None:
        """Try more cuts, shortest first, until one shows a leak. Raises what `reveal` raises."""
        for cut in sorted(set(cuts)):
            self._try(cut)

    def _try(self, cut: int) -> None:
        if self._finding.leak is not None or cut in self._tried:
            return
        known = self._learnt.pop(cut) if cut in self._learnt else self._known(cut)
        if known is None:
            self._try_replaced(cut)
            return
        self._same_names(known, cut)
        self._tried.add(cut)
        self._judge(known, cut)

    def _try_replaced(self, cut: int) -> None:
        """Where a past is too short for the features: all bars, with others than the real ones from `cut` on."""
        if self._replaced == 0:
            return
        self._replaced -= 1
        for way in (1.0, -1.0):
            known = _columns(self._features, with_another_future(self._market, cut, way))
            self._same_names(known, cut)
            self._tried.add(cut)
            self._judge(known, cut)

    def _judge(self, known: Columns, cut: int) -> None:
        leak = self._leak(known, cut)
        if leak is None or self._finding.leak is not None:
            return
        again = _columns(self._features, copied(self._market, len(self._market)))
        unsteady = [name for name in self._whole if _bits(again[name], self._whole[name]).any()]
        if unsteady:
            for name in unsteady:
                del self._whole[name]
            self._finding = replace(self._finding, unsteady=(*self._finding.unsteady, *unsteady))
            leak = self._leak(known, cut)
        if leak is not None:
            self._finding = replace(self._finding, leak=replace(leak, by_prices=self._by_prices(leak)))

    def _leak(self, known: Columns, cut: int) -> Leak | None:
        """The earliest row that another past changes; its feature, and the others that are changed."""
        first = {}
        for name, values in self._whole.items():
            other = self._differs(name, known[name][:cut], values[:cut])
            if other.any():
                first[name] = int(np.argmax(other))
        if not first:
            return None
        name = min(first, key=lambda each: (first[each], each))
        row, also = first[name], tuple(sorted(set(first) - {name}))
        when, last = stamp(self._market, row), stamp(self._market, cut - 1)
        return Leak(name, row, cut, float(known[name][row]), float(self._whole[name][row]), when, last, also)

    def _differs(self, name: str, known: FloatArray, revised: FloatArray) -> NDArray[np.bool_]:
        if self._exact:
            return _bits(known, revised)
        if self._tolerance is None:
            self._tolerance = Tolerance(lambda market: _columns(self._features, market), self._market, self._whole)
        other, rounding = self._tolerance.differs(name, known, revised)
        before = self._finding.rounded
        if rounding > (before.difference if before else 0.0):
            rounded = Rounded(name, rounding, self._tolerance.of[name])
            self._finding = replace(self._finding, rounded=rounded)
        return other

    def _by_prices(self, leak: Leak) -> bool:
        """Whether other prices from the cut on, or from the middle on, change the leaking feature before that row."""
        whole = self._whole[leak.feature]
        for cut, way in product((leak.cut, max(leak.cut, len(whole) // 2)), (1.0, -1.0)):
            other = _columns(self._features, with_another_future(self._market, cut, way))[leak.feature]
            if self._differs(leak.feature, other[:cut], whole[:cut]).any():
                return True
        return False

    def _same_names(self, known: Columns, rows: int) -> None:
        odd = sorted(self._names ^ set(known))
        if odd:
            raise StrategyError(
                Problem(f"features are not the same on {rows} bars as on all: {', '.join(odd)}", path=odd[0])
            )

    def _known(self, cut: int) -> Columns | None:
        """Features of the first `cut` bars; None where they fail on so few, which is then said."""
        if not 0 <= cut <= len(self._market):
            raise ValueError(f"cut {cut} is outside 0..{len(self._market)}")
        try:
            found = self._features(copied(self._market, cut))
        except (Exception, SystemExit) as error:  # noqa: BLE001  an author's code may raise anything
            self._failed(cut, error)
            return None
        try:
            return _checked(found, cut)
        except (TypeError, ValueError) as error:  # no numbers: the run itself says where and why
            self._failed(cut, error)
            return None

    def _failed(self, cut: int, error: BaseException) -> None:
        self._finding = replace(self._finding, failed=f"features fails on {cut} bars: {_said(error)}")


def first_leak(features: Features, market: Market, cuts: Iterable[int]) -> Leak | None:
    """The earliest row that changes when the bars after one of `cuts` become known; None when none does.

    A cut is a number of leading bars, 0 to len(market); `choose_cuts` makes a good set. What is compared is bits:
    NaN equals NaN, and a difference in the last digit is a difference. A clean result says that nothing leaks at
    these cuts; it is proof for rows that no cut is near only as far as all rows are computed alike.
    Raises StrategyError when features differ in their names or lengths on a shorter market.
    """
    test = PrefixTest(features, market, exact=True)
    test.learn(cuts)
    test.reveal()
    return test.finding.leak


def unlike(one: Features, other: Features, market: Market) -> tuple[str, ...]:
    """Features that differ in a bit between two of the same source on the same bars, and in no way by themselves.

    None where one of them fails on these bars.
    """
    try:
        found = [_columns(each, copied(market, len(market))) for each in (one, other, other)]
    except StrategyError:
        return ()
    first, second, again = found
    steady = [name for name in second if name in first and not _bits(second[name], again[name]).any()]
    return tuple(name for name in steady if _bits(first[name], second[name]).any())


def stamp(market: Market, row: int) -> str:
    """The session of a bar, and of an intraday one the minute of its close in UTC."""
    session = str(market.sessions[row])
    return session if market.frequency == "1d" else f"{session} ({np.datetime64(int(market.ts[row]), 'ns'):.16}Z)"


def _columns(features: Features, market: Market) -> Columns:
    """The features of `market`, each checked to be one number a row."""
    try:
        found = features(market)
    except StrategyError:
        raise
    except (Exception, SystemExit) as error:
        raise StrategyError(
            Problem(
                f"features fails on {len(market)} bars: {_said(error)}",
                allowed="any number of bars, 0 included",
            )
        ) from error
    return _checked(found, len(market))


def _checked(found: Any, rows: int) -> Columns:
    columns: Columns = {}
    if not isinstance(found, Mapping):
        message = "features must return a dict of name to array"
        raise StrategyError(Problem(message, found="no return" if found is None else type(found).__name__))
    for name, values in found.items():
        column = np.array(values, dtype=np.float64)
        if column.shape != (rows,):
            raise StrategyError(
                Problem(
                    "a feature has one number a bar, and is computed anew for other bars",
                    path=name,
                    found=f"shape {column.shape} for {rows} bars",
                    allowed=f"shape ({rows},)",
                )
            )
        columns[name] = column
    return columns


def _bits(known: FloatArray, revised: FloatArray) -> NDArray[np.bool_]:
    """Rows where two columns differ in a bit; NaN equals NaN."""
    same = (known == revised) & (np.signbit(known) == np.signbit(revised))
    other: NDArray[np.bool_] = ~(same | (np.isnan(known) & np.isnan(revised)))
    return other


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
