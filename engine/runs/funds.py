# SPDX-License-Identifier: Apache-2.0
"""A file of funds, from reading to findings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InputError, Problem
from engine.hedgefunds.against import Against, against
from engine.hedgefunds.allocators import WORDS
from engine.hedgefunds.bands import Sides, side_by_side
from engine.hedgefunds.claim import Share, shares_of_alpha
from engine.hedgefunds.effects import Effect, Friction, effects, frictions
from engine.hedgefunds.gather import Source, read_factors, read_panel
from engine.hedgefunds.panel import Panel
from engine.hedgefunds.portfolio import Portfolio
from engine.hedgefunds.structure import AVERAGED, AVERAGED_FEWEST, YEAR
from engine.hedgefunds.study import Study, Terms, least, study
from engine.notice import Notice, loud
from engine.progress import Watch, unwatched


@dataclass(frozen=True)
class Funds:
    """What is known of a file of funds.

    title   what the funds are called
    sides   portfolios, index and market with bands; None where they have too few months in common
    shares  the alpha share of the index, by market and by factors
    effects, frictions  what each choice does, what notice and lock-up do
    rules   how the figures were made, a sentence each
    """

    title: str
    source: Source
    study: Study
    against: Against | None
    sides: Sides | None
    shares: tuple[Share, ...]
    effects: tuple[Effect, ...]
    frictions: tuple[Friction, ...]
    rules: tuple[str, ...]
    notices: tuple[Notice, ...]

    @property
    def panel(self) -> Panel:
        return self.study.panel


def funds(origin: Path | Any, source: Source, terms: Terms, *, file: str = "", watch: Watch = unwatched) -> Funds:
    """Read funds, a CSV or parquet file or an Arrow table, and study them.

    Raises InputError (DataError) for what the user can mend.
    """
    name = file or str(origin)
    if isinstance(origin, Path) and not origin.is_file():
        raise InputError(Problem("no such file", path="FILE", found=name, allowed="a CSV or parquet file"))
    watch("reading the funds")
    panel = read_panel(origin, name, source)
    return findings(panel, Path(name).stem, source, terms, watch=watch)


def findings(panel: Panel, title: str, source: Source, terms: Terms, *, watch: Watch = unwatched) -> Funds:
    """Study a panel, and what chance, choices and frictions do to what is found."""
    watch("alpha and beta of each fund")
    found = study(panel, terms)
    factors = None
    if source.factors is not None:
        factors = read_factors(source.factors, str(source.benchmark_unit or source.unit), found.panel)
    watch("each choice by itself")
    tried, delayed = effects(found), frictions(found)
    watch("drawing months again")
    sides, shares = side_by_side(found), shares_of_alpha(found, factors)
    notices = (*panel.notices, *_chosen(found), *_unrated(found), *_silent(found))
    return Funds(
        title, source, found, against(found), sides, shares, tuple(tried), tuple(delayed), rules(found), notices
    )  # fmt: skip


def rules(found: Study) -> tuple[str, ...]:
    """How the figures were made: what is fixed, and what was chosen."""
    terms, market = found.terms, found.panel.benchmark_name
    first = "first reported return" if terms.skip == 1 else f"first {terms.skip} reported returns"
    lagged = f" and its {terms.lags} months before" if terms.lags else ""
    above = f" above {found.panel.bill_name}" if terms.excess else ""
    smoothed = ", unsmoothed," if terms.unsmooth else ""
    cash = f"cash, which earns {found.panel.bill_name}" if found.panel.has_bill else "cash, which earns nothing"
    index = (
        f"Index: the arithmetic mean of the returns of its members; a fund enters the month after its {first}, and is "
        "out in a month that it does not report or reports late."
    )
    parts = (
        f"Alpha return: the intercept of least squares of a fund's returns{above}{smoothed} on those of {market}"
        f"{lagged}, {terms.window} calendar months, at least {least(terms)} of them reported. Beta return: beta times "
        "the market's mean in these months. The two sum to the fund's mean return."
    )
    rated = (
        f"Both are averaged over {AVERAGED} months, at least {AVERAGED_FEWEST}; then "
        "RS = alpha / (alpha + |beta return|); no RS where alpha is negative."
    )
    admitted = (
        f"Admitted: members with a positive alpha over the last {YEAR} months (at least {least(terms)}) and a positive "
        f"average. Weight: own RS over the sum. Where none is admitted all is in {cash}."
    )
    known = (
        "The weights of a month come from the months before it; the last one's returns are taken as known when it "
        "begins."
    )
    return index, parts, rated, admitted, known


def _chosen(found: Study) -> list[Notice]:
    if not found.terms.survivors:
        return []
    words = (
        f"Only the {len(found.panel.names)} funds that reported the last month: no figure could have been had in time."
    )
    return [loud(words)]


def _unrated(found: Study) -> list[Notice]:
    if found.decided is not None:
        return []
    need = least(found.terms) + AVERAGED_FEWEST - 1
    return [loud(f"No fund could be rated: that takes {need} months of a fund beside {found.panel.benchmark_name}.")]


def _silent(found: Study) -> list[Notice]:
    """Funds that were held in a month of which they reported nothing."""
    return [loud(_silent_words(found.panel, one)) for one in found.portfolios.values() if one.silent]


def _silent_words(panel: Panel, one: Portfolio, most: int = 3) -> str:
    worst = sorted(one.silent, key=lambda each: -each[2])[:most]
    listed = "; ".join(f"{panel.names[fund]} {panel.months[row]}, {100 * weight:.0f} %" for row, fund, weight in worst)
    more = f" and {len(one.silent) - most} more" if len(one.silent) > most else ""
    return (
        f"{WORDS[one.name]}: held in a month of which nothing was reported, counted as a return of zero: {listed}"
        f"{more}. What became of it is not in the file."
    )
