# SPDX-License-Identifier: Apache-2.0
"""What each choice does to the figures: the same study with one thing changed at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from engine.hedgefunds.allocators import STRUCTURE, targets_of
from engine.hedgefunds.index import Index, equal_weight
from engine.hedgefunds.panel import Panel
from engine.hedgefunds.portfolio import Portfolio, held
from engine.hedgefunds.regression import lagged
from engine.hedgefunds.smoothing import unsmoothed
from engine.hedgefunds.study import MOST_LAGS, Study, Terms, study
from engine.hedgefunds.whole import MONTHS, Whole, measure

BACKFILL = 12
"""Months of a fund that are taken to be filled in afterwards, where that is asked."""


@dataclass(frozen=True)
class Effect:
    """One choice: the index over its whole life, and the portfolio by Return Structure in the months it has."""

    name: str
    index: Whole
    portfolio: Whole
    turnover: float


@dataclass(frozen=True)
class Friction:
    """The portfolio with `notice` further months between decision and holding, capital locked for `lock` months.

    A year, fractions: mean, volatility, and the part of the portfolio that is exchanged. All are of the same `months`,
    from `first` to `last`: those of the portfolio itself without what the longest notice takes.
    """

    notice: int
    lock: int
    mean: float
    volatility: float
    turnover: float
    first: str
    last: str
    months: int


def effects(found: Study) -> list[Effect]:
    """As asked, then each other choice: above the bill, lagged beta, unsmoothed, survivors only, less backfill."""
    terms, panel = found.terms, found.panel
    changed = ((name, study(panel, other)) for name, other in _choices(terms, panel))
    return [effect(name, one) for name, one in (("as asked", found), *changed)]


def _choices(terms: Terms, panel: Panel) -> Iterable[tuple[str, Terms]]:
    if panel.has_bill:
        yield ("above the bill" if not terms.excess else "not above the bill"), replace(terms, excess=not terms.excess)
    if terms.lags == 0:
        yield f"with {MOST_LAGS} lags of the market", replace(terms, lags=MOST_LAGS)
    if not terms.unsmooth:
        yield "unsmoothed", replace(terms, unsmooth=True)
    if terms.skip < BACKFILL:
        yield f"without first {BACKFILL} months", replace(terms, skip=BACKFILL)
    if not panel.known[-1].all():
        yield "survivors only", replace(terms, survivors=True)


def effect(name: str, found: Study) -> Effect:
    """The figures of one study."""
    panel, terms = found.panel, found.terms
    off = panel.bill if terms.excess else np.zeros(len(panel.months))
    market = lagged(panel.benchmark - off, terms.lags)
    index = of_index(found).returns
    one = found.portfolios.get(STRUCTURE)
    held_returns = one.returns if one else np.full(len(panel.months), np.nan)
    return Effect(
        name, measure(index, market, off), measure(held_returns, market, off), turnover(one) if one else np.nan
    )


def of_index(found: Study) -> Index:
    """The index, of unsmoothed returns where these are asked for."""
    if not found.terms.unsmooth:
        return found.index
    panel = found.panel
    clear = Panel(
        panel.months, panel.names, unsmoothed(panel.returns), panel.eligible, panel.benchmark, panel.benchmark_name,
        panel.bill, panel.bill_name,
    )  # fmt: skip
    return equal_weight(clear, found.terms.base, found.terms.skip)


def turnover(one: Portfolio) -> float:
    """Part of a portfolio that is exchanged in a year; the purchase at its beginning is not counted."""
    later = one.turnover[one.start + 1 : one.end]
    return MONTHS * float(later.mean()) if len(later) else np.nan


NOTICES, LOCKS = (0, 1, 3), (1, 3, 12)
"""Months of notice and of a lock-up to try."""


def frictions(found: Study) -> list[Friction]:
    """The portfolio by Return Structure by each notice and lock-up, over the months that every one of them has."""
    if found.decided is None:
        return []
    targets = targets_of(found.rating, found.year)[STRUCTURE]
    first = found.decided[0] + 1 + max(NOTICES)
    made = []
    for notice in NOTICES:
        for lock in LOCKS:
            one = held(STRUCTURE, targets, found.decided, found.panel, notice, lock)
            rows = first + np.flatnonzero(np.isfinite(one.returns[first : found.decided[1] + 2]))
            returns, moved = one.returns[rows], one.turnover[first + 1 : one.end]
            if len(returns) < 2 or not len(moved):
                continue
            span = str(found.panel.months[rows[0]]), str(found.panel.months[rows[-1]])
            made.append(
                Friction(
                    notice, lock, MONTHS * float(returns.mean()), float(np.sqrt(MONTHS) * returns.std(ddof=1)),
                    MONTHS * float(moved.mean()), *span, len(rows),
                )
            )  # fmt: skip
    return made
