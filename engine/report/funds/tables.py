# SPDX-License-Identifier: Apache-2.0
"""Tables of a study of funds that page and terminal share. Per cent in columns without a sign."""

from __future__ import annotations

import numpy as np

from engine.arrays import FloatArray
from engine.hedgefunds.allocators import ALPHA, INDEPENDENCE, STRUCTURE, WORDS
from engine.hedgefunds.bands import INDEX, MARKET, Band
from engine.hedgefunds.panel import STILL
from engine.report.kit.grid import Field, Grid
from engine.report.kit.words import count, decimal, percent
from engine.runs.funds import Funds

YEAR = 12


def year_grid(found: Funds) -> Grid:
    """The last months of the index: members, who came and went, returns, alpha and beta returns, level."""
    panel, study = found.panel, found.study
    fields = (
        Field("month", "month"), Field("members", "funds"), Field("in", "in"), Field("out", "out"),
        Field("index", "index"), Field(panel.benchmark_name, "market"), Field("alpha return", "alpha"),
        Field("beta return", "beta"), Field("level", "level"),
    )  # fmt: skip
    rows = []
    for row in range(max(0, len(panel.months) - YEAR), len(panel.months)):
        entered, left = study.index.changes(row)
        rows.append([
            str(panel.months[row]), count(float(study.index.live[row].sum())), count(len(entered)), count(len(left)),
            *(_percent(one[row]) for one in (study.index.returns, panel.benchmark, study.alpha, study.beta)),
            decimal(float(study.index.level[row]), 2),
        ])  # fmt: skip
    return Grid(fields, rows)


def funds_grid(found: Funds) -> Grid:
    """Each fund with what it is rated by, and the weights that follow, the largest first."""
    panel, study = found.panel, found.study
    row = decided_row(found)
    rating = study.rating
    fields = (
        Field("fund", "fund"), Field("RS", "RS"), Field("weight by RS", "weight"), Field("alpha", "alpha"),
        Field("beta return", "beta ret."), Field("alpha, year", "year"), Field("beta"),
        Field("by alpha", "by alpha"), Field("by independence", "by indep."), Field("why not", text=True),
        Field("months"), Field("last"),
    )  # fmt: skip
    weights = {name: one.weights[row + 1] for name, one in study.portfolios.items()}
    none = np.zeros(len(panel.names))
    own = [weights.get(name, none) for name in (STRUCTURE, ALPHA, INDEPENDENCE)]
    order = sorted(range(len(panel.names)), key=lambda place: (-own[0][place], -_or_low(rating.rs[row, place])))
    rows = []
    for place in order:
        known = np.flatnonzero(panel.known[:, place])
        parts = (percent(float(one[place]), 1, sign=False) if one[place] > 0.0 else "" for one in own)
        by_rs, by_alpha, by_independence = parts
        rows.append([
            panel.names[place], decimal(float(rating.rs[row, place]), 3), by_rs,
            *(_percent(one[row, place]) for one in (rating.alpha, rating.beta_return, rating.year_alpha)),
            decimal(float(study.split.beta[row, place]), 2), by_alpha, by_independence, why_not(found, row, place),
            count(len(known)), str(panel.months[known[-1]]),
        ])  # fmt: skip
    return Grid(fields, rows)


def why_not(found: Funds, row: int, place: int) -> str:
    """Why no portfolio may hold a fund after a month; empty where one may."""
    panel, rating = found.panel, found.study.rating
    if rating.admitted[row, place]:
        return ""
    if not panel.known[row, place]:
        return "nothing reported" if row <= np.flatnonzero(panel.known[:, place])[-1] else "stopped"
    if not found.study.index.live[row, place]:
        return "not in the index"
    if not np.isfinite(rating.alpha[row, place]) or not np.isfinite(rating.year_alpha[row, place]):
        return "too few months"
    if rating.alpha[row, place] <= STILL:
        return "average alpha not positive"
    return "year's alpha not positive"


def decided_row(found: Funds) -> int:
    """The row after which the last decision was made; the last one where there is none."""
    return len(found.panel.months) - 1 if found.study.decided is None else found.study.decided[1]


def side_name(found: Funds, name: str) -> str:
    """A portfolio, the index or the market as a reader knows it."""
    return {INDEX: "equal-weight index", MARKET: found.panel.benchmark_name, **WORDS}[name]


def sides_grid(found: Funds) -> Grid:
    """The portfolios, the index and the market, each with its band, on a page in one cell."""
    fields = (
        Field("a year", "a year"), Field("mean"), Field("", "mean"), Field("", "5 % to 95 %"),
        Field("volatility", "vol"), Field("Sharpe"), Field("", "Sharpe"), Field("over the index"), Field("", "over"),
        Field("", "5 % to 95 %"), Field(f"over {found.panel.benchmark_name}"), Field("deepest fall", "fall"),
    )  # fmt: skip
    rows = []
    for one in found.sides.sides if found.sides else ():
        index = _pair(one.over_index) if one.name != INDEX else ("", "")
        market = _pair(one.over_market) if one.name != MARKET else ("", "")
        sharpe = decimal(one.sharpe.value, 2)
        band = f"{decimal(one.sharpe.low, 2)} to {decimal(one.sharpe.high, 2)}"
        rows.append([
            side_name(found, one.name), _together(*_pair(one.mean)), *_pair(one.mean), _percent(one.volatility.value),
            f"{sharpe} ({band})", sharpe, _together(*index), *index, _together(*market),
            percent(one.fall, 1, sign=False),
        ])  # fmt: skip
    return Grid(fields, rows)


def shares_grid(found: Funds) -> Grid:
    """How much of the index's return is alpha, by what it is explained with."""
    fields = (
        Field("explained by", "by"), Field("of the", "of the", text=True), Field("from", text=True),
        Field("to", text=True), Field("months", "months"), Field("mean a year", "mean"), Field("alpha a year", "alpha"),
        Field("share", "share"), Field("2.5 % to 97.5 %", "2.5 % to 97.5 %"),
    )  # fmt: skip
    months = found.panel.months
    rows = [
        [
            ", ".join(one.factors), one.of, str(months[one.first]), str(months[one.last]), count(one.months),
            _percent(one.mean), _percent(one.alpha), percent(one.share, 0, sign=False),
            f"{percent(one.low, 0, sign=False)} to {percent(one.high, 0, sign=False)}",
        ]
        for one in found.shares
    ]  # fmt: skip
    return Grid(fields, rows)


def effects_grid(found: Funds) -> Grid:
    """One choice changed at a time: the index over all its months, the portfolio by Return Structure."""
    fields = (
        Field("choice", "choice"), Field("index: mean", "mean"), Field("volatility", "vol"), Field("beta", "beta"),
        Field("alpha", "alpha"), Field("t", "t"), Field("alpha share", "share"), Field("autocorrelation", "memory"),
        Field("portfolio: mean", "RS mean"), Field("its volatility", "RS vol"), Field("exchanged"),
    )  # fmt: skip
    rows = [
        [
            one.name, _percent(one.index.mean), _percent(one.index.volatility), decimal(one.index.beta, 2),
            _percent(one.index.alpha), decimal(one.index.t, 1), percent(one.index.share, 0, sign=False),
            decimal(one.index.memory, 2), _percent(one.portfolio.mean), _percent(one.portfolio.volatility),
            percent(one.turnover, 0, sign=False),
        ]
        for one in found.effects
    ]  # fmt: skip
    return Grid(fields, rows)


def frictions_grid(found: Funds) -> Grid:
    """Notice periods and lock-ups."""
    fields = (
        Field("months of notice", "notice"), Field("months locked", "locked"), Field("mean a year", "mean"),
        Field("volatility", "vol"), Field("exchanged a year", "exchanged"),
    )  # fmt: skip
    rows = [
        [
            count(one.notice), count(one.lock), _percent(one.mean), _percent(one.volatility),
            percent(one.turnover, 0, sign=False),
        ]
        for one in found.frictions
    ]  # fmt: skip
    return Grid(fields, rows)


def changes_grid(found: Funds) -> Grid:
    """Months in which funds entered or left, the last first."""
    panel, index = found.panel, found.study.index
    rows = []
    for row in range(len(panel.months) - 1, -1, -1):
        entered, left = index.changes(row)
        if len(entered) or len(left):
            names = (", ".join(panel.names[place] for place in places.tolist()) for places in (entered, left))
            rows.append([str(panel.months[row]), count(float(index.live[row].sum())), *names])
    return Grid((Field("month"), Field("members"), Field("entered", text=True), Field("out", text=True)), rows)


def _pair(band: Band) -> tuple[str, str]:
    return _percent(band.value), f"{_percent(band.low)} to {_percent(band.high)}"


def _together(value: str, span: str) -> str:
    return f"{value} ({span})" if value else ""


def _percent(value: float | FloatArray) -> str:
    return percent(float(value), 2, sign=False)


def _or_low(value: float) -> float:
    return value if np.isfinite(value) else -1.0
