# SPDX-License-Identifier: Apache-2.0
"""The whole study of one panel: index, alpha and beta returns, ratings, portfolios; one call, no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray
from engine.errors import InputError, Problem
from engine.hedgefunds.allocators import targets_of
from engine.hedgefunds.index import BASE, Index, equal_weight, levels
from engine.hedgefunds.panel import Panel
from engine.hedgefunds.portfolio import Portfolio, held
from engine.hedgefunds.regression import FEWEST, WINDOW, Split, least_months, rolling_split
from engine.hedgefunds.smoothing import unsmoothed
from engine.hedgefunds.structure import YEAR, Rating, rate

MOST_LAGS = 3


@dataclass(frozen=True)
class Terms:
    """What a person chooses.

    window    months of a regression
    base      level of the index before its first month
    excess    alpha and beta of returns above the bill
    lags      months of the market's past in the regression, 0 to MOST_LAGS
    unsmooth  estimate from unsmoothed returns (Geltner)
    skip      first reported months of a fund that do not count, at least 1: more of them is less backfill
    survivors only funds that reported the last month: it looks ahead, and shows what that does
    """

    window: int = WINDOW
    base: float = BASE
    excess: bool = False
    lags: int = 0
    unsmooth: bool = False
    skip: int = 1
    survivors: bool = False

    def check(self, panel_has_bill: bool) -> None:
        """Raise InputError for a choice that has no meaning."""
        problems = []
        if self.window < FEWEST:
            allowed = f"{FEWEST} months or more; {WINDOW} is the rule's"
            problems.append(Problem("too short a window", path="--window", found=str(self.window), allowed=allowed))
        if not 0 <= self.lags <= MOST_LAGS:
            problems.append(
                Problem("lags of the market", path="--lags", found=str(self.lags), allowed=f"0 to {MOST_LAGS}")
            )
        if self.skip < 1:
            allowed = "1 or more: a fund enters the month after its first return"
            problems.append(Problem("months that do not count", path="--skip", found=str(self.skip), allowed=allowed))
        if not (0.0 < self.base < np.inf):
            problems.append(
                Problem("the index starts above zero", path="--base", found=f"{self.base:g}", allowed="above 0")
            )
        if self.excess and not panel_has_bill:
            allowed = "--risk-free COLUMN or FILE beside it"
            problems.append(Problem("returns above which rate?", path="--excess", found="no rate", allowed=allowed))
        if problems:
            raise InputError(problems)


@dataclass(frozen=True)
class Study:
    """What was found.

    split, year  alpha and beta returns by month, of `window` months and of a year
    rating       what the portfolios are made from
    alpha, beta  (T,) mean alpha and beta return over the members of the index, NaN where no member has one
    own_year     the split of the index itself over a year, (T, 1)
    portfolios   by name; empty where no fund was ever rated
    decided      first and last row after which there is a decision; None where there is none
    """

    panel: Panel
    terms: Terms
    index: Index
    split: Split
    year: Split
    rating: Rating
    alpha: FloatArray
    beta: FloatArray
    own_year: Split
    portfolios: Mapping[str, Portfolio]
    decided: tuple[int, int] | None

    @property
    def alpha_level(self) -> FloatArray:
        """(T,) the alpha index: alpha returns compounded from the base."""
        return levels(self.alpha, self.terms.base)

    @property
    def beta_level(self) -> FloatArray:
        """(T,) the beta index: beta returns compounded from the base."""
        return levels(self.beta, self.terms.base)


def study(panel: Panel, terms: Terms) -> Study:
    """Study a panel. Everything of month t depends on months up to t alone, weights on months before theirs."""
    terms.check(panel.has_bill)
    if terms.survivors:
        panel = panel.of(np.flatnonzero(panel.known[-1]).tolist())
    index = equal_weight(panel, terms.base, terms.skip)
    split = splits(panel, terms, terms.window)
    year = split if terms.window == YEAR else splits(panel, terms, YEAR)
    rating = rate(split, year, panel.known, index.live)
    members = index.live & np.isfinite(split.alpha)
    alpha, beta = (_mean(part, members) for part in (split.alpha, split.beta_return))
    market, rate_off = _market(panel, terms)
    own_year = rolling_split((index.returns - rate_off)[:, None], market, YEAR, terms.lags)
    decided = _decided(rating, panel)
    targets = {} if decided is None else targets_of(rating, year)
    portfolios = {name: held(name, rows, decided, panel) for name, rows in targets.items() if decided is not None}
    return Study(panel, terms, index, split, year, rating, alpha, beta, own_year, portfolios, decided)


def splits(panel: Panel, terms: Terms, window: int) -> Split:
    """The split of every fund by the terms."""
    market, rate_off = _market(panel, terms)
    returns = unsmoothed(panel.returns) if terms.unsmooth else panel.returns
    counted = np.cumsum(panel.known, axis=0) >= terms.skip  # the last month of `skip` is the one before a fund enters
    returns = np.where(counted, returns, np.nan)
    return rolling_split(returns - rate_off[:, None], market, window, terms.lags)


def least(terms: Terms) -> int:
    """Months that a window must have."""
    return least_months(terms.window, terms.lags)


def _market(panel: Panel, terms: Terms) -> tuple[FloatArray, FloatArray]:
    """The market's return and what is taken off every return, (T,) each."""
    off = panel.bill if terms.excess else np.zeros(len(panel.months))
    return panel.benchmark - off, off


def _decided(rating: Rating, panel: Panel) -> tuple[int, int] | None:
    """First row with a rating, and last row of the market: between them every month is a decision, be it cash."""
    rated = np.flatnonzero((np.isfinite(rating.alpha) & np.isfinite(rating.year_alpha)).any(axis=1))
    if not len(rated):
        return None
    return int(rated[0]), int(np.flatnonzero(np.isfinite(panel.benchmark))[-1])


def _mean(values: FloatArray, members: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> FloatArray:
    """(T,) mean over the members of each row, NaN where there is none."""
    count = members.sum(axis=1)
    total = np.where(members, values, 0.0).sum(axis=1)
    made: FloatArray = np.divide(total, count, out=np.full(len(values), np.nan), where=count > 0)
    return made
