# SPDX-License-Identifier: Apache-2.0
"""A study of funds in hand: index, alpha and beta returns, ratings and weights as DataFrames by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.api.card import framed
from engine.api.paged import Paged
from engine.api.told import told_in_python
from engine.config.frames import is_table
from engine.errors import InputError, Problem
from engine.hedgefunds.allocators import STRUCTURE
from engine.hedgefunds.gather import Source
from engine.hedgefunds.study import Terms
from engine.report.funds.document import document
from engine.report.funds.words import commentary
from engine.report.kit.words import counted, decimal
from engine.runs.funds import Funds
from engine.runs.funds import funds as find

if TYPE_CHECKING:
    import pandas as pd

IN_MEMORY = "funds"
"""What a DataFrame of funds is called."""


class FundsResult(Paged):
    """An index of funds, what is alpha in it, and the portfolios made of that.

    found  the same for programs

    Returns are fractions of a month, rows are months (a PeriodIndex), NaN is what is not known.
    """

    def __init__(self, found: Funds) -> None:
        self.found = found

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences a reader must see beside the figures, those that can change one first."""
        ordered = sorted(self.found.notices, key=lambda one: one.level != "loud")
        return tuple(one.text for one in ordered)

    @property
    def commentary(self) -> tuple[str, ...]:
        """The last month, the year and the market in sentences."""
        return tuple(commentary(self.found))

    @cached_property
    def index(self) -> pd.DataFrame:
        """A row a month: return, level, members, market, alpha and beta return, alpha and beta index."""
        study, panel = self.found.study, self.found.panel
        return self._by_month({
            "return": study.index.returns, "level": study.index.level, "members": study.index.live.sum(axis=1),
            "market": panel.benchmark, "alpha": study.alpha, "beta_return": study.beta,
            "alpha_level": study.alpha_level, "beta_level": study.beta_level,
        })  # fmt: skip

    @cached_property
    def alpha(self) -> pd.DataFrame:
        """Averaged alpha return, a column a fund."""
        return self._by_fund(self.found.study.rating.alpha)

    @cached_property
    def beta_return(self) -> pd.DataFrame:
        """Averaged beta return, a column a fund."""
        return self._by_fund(self.found.study.rating.beta_return)

    @cached_property
    def rs(self) -> pd.DataFrame:
        """Return Structure, a fraction, a column a fund; NaN where the averaged alpha is negative."""
        return self._by_fund(self.found.study.rating.rs)

    @cached_property
    def weights(self) -> pd.DataFrame:
        """What the portfolio by Return Structure holds during each month, the one after the last included."""
        return self.weights_of(STRUCTURE)

    def weights_of(self, portfolio: str) -> pd.DataFrame:
        """Weights, fractions, of `return_structure`, `largest_alpha` or `independence`; what a row leaves of 1 is cash.

        Raises InputError for another name; empty where no fund was ever rated.
        """
        known = (STRUCTURE, "largest_alpha", "independence")
        if portfolio not in known:
            raise InputError(
                Problem("no such portfolio", path="portfolio", found=str(portfolio), allowed=", ".join(known))
            )
        one = self.found.study.portfolios.get(portfolio)
        return (
            self._by_fund(one.weights[one.start :], one.start) if one else self._by_fund(self.found.panel.returns[:0])
        )

    @cached_property
    def returns(self) -> pd.DataFrame:
        """Monthly returns of the portfolios, the index and the market."""
        study, panel = self.found.study, self.found.panel
        made = {name: one.returns for name, one in study.portfolios.items()}
        return self._by_month({**made, "index": study.index.returns, "market": panel.benchmark})

    def document(self) -> dict[str, Any]:
        """Everything as plain data: what `tandem funds --json` prints."""
        return document(self.found)

    def _page(self) -> str:
        from engine.report.funds.page import render

        return render(self.found)

    def __repr__(self) -> str:
        """One line: how many funds, which months, where the index is."""
        return f"<FundsResult {self._about}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the warnings, the commentary, the last ratings and weights."""
        loud = [one.text for one in self.found.notices if one.level == "loud"]
        said = "".join(f"<p>{sentence}</p>" for sentence in map(_escaped, self.commentary))
        return framed(self.found.title, self._about, loud, said, self.weights.tail(1).to_html())

    @property
    def _about(self) -> str:
        panel, study = self.found.panel, self.found.study
        level = f"index {decimal(float(study.index.level[-1]), 2)} from {decimal(study.index.base, 2)}"
        return (
            f"{self.found.title}: {counted(len(panel.names), 'fund')} against {panel.benchmark_name}, "
            f"{panel.months[0]} to {panel.months[-1]}, {level}"
        )

    def _by_fund(self, values: Any, start: int = 0) -> pd.DataFrame:
        panel = self.found.panel
        return self._by_month({name: values[:, place] for place, name in enumerate(panel.names)}, start)

    def _by_month(self, columns: Mapping[str, Any], start: int = 0) -> pd.DataFrame:
        from engine.api.frames import by_month

        return by_month(columns, self.found.panel.months[0] + start)


def _escaped(text: str) -> str:
    from html import escape

    return escape(text)


@told_in_python
def funds(
    data: str | Path | pd.DataFrame,
    *,
    unit: str,
    benchmark: str,
    window: int = 12,
    benchmark_unit: str | None = None,
    risk_free: str | None = None,
    excess: bool = False,
    lags: int = 0,
    unsmooth: bool = False,
    skip: int = 1,
    survivors: bool = False,
    without: Sequence[str] = (),
    deadline: int | None = None,
    flags: bool = True,
    factors: str | Path | None = None,
    base: float = 100.0,
) -> FundsResult:
    """Make an index of funds, split returns into alpha and beta, weigh funds by Return Structure; nothing is written.

    data       a CSV or parquet file, or a DataFrame: a column of months and a column a fund, or a row a fund and month
    unit       percent, fraction or nav, of `data`; benchmark_unit of monthly returns in other files, as unit where None
    benchmark, risk_free  a column of `data`, a file, or FILE:COLUMN
    window     months of a regression, lags months of the market's past in it; excess: of returns above risk_free
    unsmooth   estimate from unsmoothed returns; skip: first months of a fund that do not count
    survivors  only funds that reported the last month; without: columns to leave out
    deadline   days after a month's end within which a return counts; flags: whether flags of the file decide
    factors    a file of monthly returns of factors, for the alpha share;  base: level of the index at its beginning

    Raises InputError (DataError) for what the user can mend.
    """
    if isinstance(without, str):
        raise InputError(Problem("not a list of names", path="without", found=repr(without), allowed=f"[{without!r}]"))
    path = None if factors is None else Path(factors)
    source = Source(unit, benchmark, benchmark_unit, risk_free, tuple(without), deadline, path, flags=flags)
    terms = Terms(window, base, excess=excess, lags=lags, unsmooth=unsmooth, skip=skip, survivors=survivors)
    if isinstance(data, str | Path):
        return FundsResult(find(Path(data), source, terms, file=str(data)))
    if not is_table(data):
        allowed = "a CSV or parquet file's path, or a DataFrame"
        raise InputError(Problem("no funds", path="data", found=type(data).__name__, allowed=allowed))
    from engine.api.frames import arrow

    return FundsResult(find(arrow(data), source, terms, file=IN_MEMORY))
