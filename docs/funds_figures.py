# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Writes the tables of docs/funds.md: `python docs/funds_figures.py data.path=FOLDER`, the folder of real data.

The example by hand is docs/funds_example.csv; the tables from `edhec` on are measured on EDHEC's hedge-fund indices.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
from page import DOCS, Page, Table, run

from engine.hedgefunds.allocators import STRUCTURE
from engine.hedgefunds.claim import Factors, shares_of_alpha
from engine.hedgefunds.gather import Source, read_factors
from engine.hedgefunds.study import Study, Terms, study
from engine.report.funds import tables
from engine.report.funds.run_folders import of_records
from engine.report.funds.words import commentary
from engine.report.kit.grid import Grid
from engine.runs.funds import Funds, funds

EXAMPLE = DOCS / "funds_example.csv"


@cache
def example() -> Study:
    """The example, reports due 45 days after the month."""
    return funds(EXAMPLE, Source("percent", "Market", deadline=45), Terms(), file=EXAMPLE.name).study


def example_returns(_: Path) -> Table:
    """What the file says, and the index that is made of it."""
    found = example()
    panel, index = found.panel, found.index
    rows = [["month", "Market", *panel.names, "members", "index", "level"]]
    for row, month in enumerate(panel.months):
        own = [
            _percent(value, 1) if row and live else f"({_percent(value, 1)})" if np.isfinite(value) else ""
            for value, live in zip(panel.returns[row], index.live[row], strict=True)
        ]
        made = index.returns[row]
        members = str(int(index.live[row].sum()))
        rows.append([
            str(month), _percent(panel.benchmark[row], 1), *own, members, _percent(made, 4),
            _plain(index.level[row], 4),
        ])  # fmt: skip
    return rows


def example_windows(_: Path) -> Table:
    """Every regression: means, sums of products about the means, and what follows."""
    found = example()
    panel = found.panel
    titles = ["fund", "month", "n", "mean fund", "mean Market", "S(xy)", "S(xx)", "beta", "alpha", "beta return"]
    rows = [titles]
    for place, name in enumerate(panel.names):
        last = int(np.flatnonzero(panel.known[:, place])[-1])
        for row in np.flatnonzero(np.isfinite(found.split.alpha[: last + 1, place])).tolist():
            first = max(0, row - found.terms.window + 1)
            known = np.flatnonzero(panel.known[first : row + 1, place]) + first
            y, x = 100 * panel.returns[known, place], 100 * panel.benchmark[known]
            rows.append([
                name, str(panel.months[row]), str(len(known)), _plain(y.mean(), 4), _plain(x.mean(), 4),
                _plain(((x - x.mean()) * (y - y.mean())).sum(), 4), _plain(((x - x.mean()) ** 2).sum(), 4),
                _plain(found.split.beta[row, place], 4), _percent(found.split.alpha[row, place], 4),
                _percent(found.split.beta_return[row, place], 4),
            ])  # fmt: skip
    return rows


def example_ratings(_: Path) -> Table:
    """What is rated: averages of the table above, RS, admission; and the weight in the month that follows."""
    found = example()
    panel, rating = found.panel, found.rating
    weights = found.portfolios[STRUCTURE].weights
    titles = ["averaged", "alpha", "beta return", "RS", "alpha of the year", "admitted", "weight next month"]
    rows = [["month", "fund", *titles]]
    for row in range(len(panel.months)):
        for place in np.flatnonzero(np.isfinite(rating.alpha[row])).tolist():
            averaged = int(np.isfinite(found.split.alpha[max(0, row - 5) : row + 1, place]).sum())
            rows.append([
                str(panel.months[row]), panel.names[place], str(averaged), _percent(rating.alpha[row, place], 4),
                _percent(rating.beta_return[row, place], 4), _plain(rating.rs[row, place], 6),
                _percent(rating.year_alpha[row, place], 4), "yes" if rating.admitted[row, place] else "no",
                _plain(weights[row + 1, place], 6) if weights[row + 1, place] else "",
            ])  # fmt: skip
    return rows


def example_portfolio(_: Path) -> Table:
    """The portfolio month by month: what was exchanged, what it returned."""
    found = example()
    one = found.portfolios[STRUCTURE]
    rows = [["month", *found.panel.names, "exchanged", "return"]]
    for row in range(one.start, one.end):
        held = [_plain(weight, 6) if weight else "" for weight in one.weights[row]]
        rows.append([str(found.panel.months[row]), *held, _plain(one.turnover[row], 4), _percent(one.returns[row], 4)])
    return rows


@cache
def edhec(folder: Path) -> Funds:
    """EDHEC's style indices without the funds of funds, against SPY, bills and factors of Fama and French."""
    factors = folder / "factors" / "ff3_monthly.csv"
    source = Source(
        "percent",
        str(folder / "daily" / "SPY.csv"),
        risk_free=f"{factors}:rf",
        without=("Funds Of Funds",),
        factors=factors,
    )
    path = folder / "hedge_funds" / "edhec_monthly_pct.csv"
    return funds(path, source, Terms(), file=path.name)


def edhec_commentary(folder: Path) -> str:
    """The sentences of the last month."""
    return "\n".join(commentary(edhec(folder)))


def edhec_claim(folder: Path) -> Table:
    """The alpha share with its intervals."""
    return _shown(tables.shares_grid(edhec(folder)))


def edhec_periods(folder: Path) -> Table:
    """The same share of the return, by the three factors, in parts of the time."""
    found = edhec(folder)
    factors = read_factors(folder / "factors" / "ff3_monthly.csv", "percent", found.panel)
    rows = [["from", "to", "months", "mean a year", "alpha a year", "share", "2.5 % to 97.5 %"]]
    for first, last in (("1997-01", "2007-12"), ("2008-01", "2018-11"), ("2011-01", "2018-11")):
        inside = (found.panel.months >= np.datetime64(first)) & (found.panel.months <= np.datetime64(last))
        part = replace(
            found.panel, months=found.panel.months[inside], returns=found.panel.returns[inside],
            eligible=found.panel.eligible[inside], benchmark=found.panel.benchmark[inside],
            bill=found.panel.bill[inside],
        )  # fmt: skip
        shares = shares_of_alpha(study(part, Terms()), Factors(factors.names, factors.returns[inside]))
        one = next(one for one in shares if one.factors == factors.names and one.of == "return")
        interval = f"{100 * one.low:.0f} to {100 * one.high:.0f}" if np.isfinite(one.low) else "none"
        share = f"{100 * one.share:.0f}" if np.isfinite(one.share) else "none"
        rows.append([
            str(part.months[one.first]), str(part.months[one.last]), str(one.months), f"{100 * one.mean:.2f}",
            f"{100 * one.alpha:.2f}", share, interval,
        ])  # fmt: skip
    return rows


def edhec_portfolios(folder: Path) -> Table:
    """Three portfolios, index and market, with bands."""
    return _shown(tables.sides_grid(edhec(folder)))


def edhec_choices(folder: Path) -> Table:
    """One choice at a time."""
    return _shown(tables.effects_grid(edhec(folder)))


def edhec_frictions(folder: Path) -> Table:
    """Notice and lock-up."""
    return _shown(tables.frictions_grid(edhec(folder)))


RUNS = ("spread_real", "vix_hedge_real", "double_agent_real")


def runs_portfolios(folder: Path) -> Table:
    """Three runs as funds: the portfolios by Return Structure and of equal parts, index and market, with bands."""
    records = ((name, run(name, (f"data.path={folder}",))) for name in RUNS)
    return _shown(tables.sides_grid(of_records(records, Source("nav", "SPY"), Terms())))


def _shown(grid: Grid) -> Table:
    """A grid as its page has it."""
    kept = [place for place, field in enumerate(grid.fields) if field.page]
    rows = [[row[place] for place in kept] for row in grid.rows]
    return [[grid.fields[place].page for place in kept], *rows]


def _plain(value: float, digits: int) -> str:
    return f"{round(float(value), digits) + 0.0:.{digits}f}" if np.isfinite(value) else ""


def _percent(value: float, digits: int) -> str:
    """A fraction in per cent, the sign left to the column."""
    return _plain(100 * value, digits)


def _folder(given: Sequence[str]) -> Path:
    """The folder of real data, from `data.path=FOLDER`."""
    return Path(given[0].partition("=")[2])


PAGE = Page[Path](
    "funds.md",
    (
        edhec_commentary, edhec_claim, edhec_periods, edhec_portfolios, edhec_choices, edhec_frictions, runs_portfolios,
        example_returns,
        example_windows, example_ratings, example_portfolio,
    ),
    read=_folder,
)  # fmt: skip

if __name__ == "__main__":
    PAGE.main()
