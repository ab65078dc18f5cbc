# SPDX-License-Identifier: Apache-2.0
"""Factor attribution in words: a section of the page, tables of the terminal, a part of the document."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

from engine.analytics.factors.findings import LEVEL, FactorAttribution, FactorFit
from engine.report.kit.grid import Field, Grid
from engine.report.kit.markup import notice_list, paragraph, section
from engine.report.kit.terminal import DIM, say, say_notices
from engine.report.kit.words import counted, decimal, percent

if TYPE_CHECKING:
    from rich.console import Console


def factor_section(found: FactorAttribution) -> str:
    """The section of the page."""
    parts = [notice_list(found.notices), fits_grid(found).html()]
    for fit in found.fits:
        title = "" if len(found.fits) == 1 else f"<h3>{escape(fit.name)}</h3>"
        parts += [title, loadings_grid(fit).html()]
    return section("factors", "Returns on factors", *parts, paragraph(method_words(found)), lead=answer(found))


def show_factors(found: FactorAttribution, screen: Console) -> None:
    """The same on a terminal."""
    screen.print(f"\n[bold]Returns on factors[/]  {found.period}, {found.first} to {found.last}", highlight=False)
    say(answer(found), screen)
    say_notices(found.notices, screen)
    screen.print(fits_grid(found).on_terminal())
    for fit in found.fits:
        screen.print(f"\n{fit.name}", highlight=False, markup=False)
        screen.print(loadings_grid(fit).on_terminal())
    say(method_words(found), screen, DIM)


def answer(found: FactorAttribution) -> str:
    """Alpha with its interval, and how much the factors explain, of the whole run."""
    fit = found.fits[0]
    low, high = fit.interval
    sure = "which leaves zero out" if low > 0 or high < 0 else "which has zero in it"
    return (
        f"Alpha to {', '.join(one.name for one in fit.loadings)} is {percent(fit.alpha, plus=True)} a year, with "
        f"{LEVEL:.0%} confidence between {percent(low, plus=True)} and {percent(high, plus=True)}, {sure}. The "
        f"factors explain {percent(fit.r2, 0)} of the variance."
    )


def method_words(found: FactorAttribution) -> str:
    """How the figures come about."""
    period = "session" if found.period == "daily" else "month"
    return (
        f"Ordinary least squares of the {period}s' returns less {found.rate} on the factors of the same {period}s of "
        f"{found.file}, {found.first} to {found.last}; Newey-West errors with {counted(found.lags, 'lag')}, "
        "floor(4 (n / 100)^(2/9)), and n / (n - k). Alpha a year is the constant times "
        f"{'252' if found.period == 'daily' else '12'}. A share of the variance is the loading times the covariance "
        "with the return, over its variance; it may be negative. Factors are published later than their dates: this "
        "describes the past and could not have been traded."
    )


def fits_grid(found: FactorAttribution) -> Grid:
    """One line a regression."""
    fields = (
        Field("returns of", "returns of"),
        Field("alpha a year", "alpha"),
        Field("t", "t"),
        Field("from", "from", f"{LEVEL:.0%} interval"),
        Field("to", "to"),
        Field("R²", "R²"),
        Field("left unexplained", "", "of the variance"),
        Field(f"{'sessions' if found.period == 'daily' else 'months'}", "n"),
    )
    rows = [
        [
            fit.name,
            percent(fit.alpha, plus=True),
            decimal(fit.alpha_t, 1),
            percent(fit.interval[0], plus=True),
            percent(fit.interval[1], plus=True),
            decimal(fit.r2, 3),
            percent(1 - fit.r2, 1),
            f"{fit.periods:,}",
        ]
        for fit in found.fits
    ]
    return Grid(fields, rows)


def loadings_grid(fit: FactorFit) -> Grid:
    """One line a factor."""
    fields = (
        Field("factor", "factor"),
        Field("loading", "loading"),
        Field("standard error", "error"),
        Field("t", "t"),
        Field("share of variance", "of variance"),
    )
    rows = [
        [one.name, decimal(one.loading, 3), decimal(one.error, 3), decimal(one.t, 1), percent(one.share, 1)]
        for one in fit.loadings
    ]
    return Grid(fields, rows)


def factor_document(found: FactorAttribution) -> dict[str, Any]:
    """Everything as plain data."""
    return {
        "file": found.file,
        "period": found.period,
        "first": found.first,
        "last": found.last,
        "rate": found.rate,
        "lags": found.lags,
        "fits": [
            {
                "name": fit.name,
                "periods": fit.periods,
                "alpha": fit.alpha,
                "alpha_error": fit.alpha_error,
                "alpha_t": fit.alpha_t,
                "interval": list(fit.interval),
                "r2": fit.r2,
                "unexplained": 1 - fit.r2,
                "loadings": {
                    one.name: {"loading": one.loading, "error": one.error, "t": one.t, "share": one.share}
                    for one in fit.loadings
                },
            }
            for fit in found.fits
        ],
        "notices": [one.as_dict() for one in found.notices],
    }
