# SPDX-License-Identifier: Apache-2.0
"""Tables of a study of funds that page and terminal share."""

from __future__ import annotations

import numpy as np

from engine.hedgefunds.allocators import ALPHA, INDEPENDENCE, STRUCTURE
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
            percent(float(study.index.returns[row]), sign=False), percent(float(panel.benchmark[row]), sign=False),
            percent(float(study.alpha[row]), sign=False), percent(float(study.beta[row]), sign=False),
            decimal(float(study.index.level[row]), 2),
        ])  # fmt: skip
    return Grid(fields, rows)


def funds_grid(found: Funds) -> Grid:
    """Each fund with what it is rated by, and the weights that follow, the largest first."""
    panel, study = found.panel, found.study
    row = len(panel.months) - 1 if study.decided is None else study.decided[1]
    rating = study.rating
    fields = (
        Field("fund", "fund"), Field("first"), Field("last"), Field("months"), Field("year's alpha", "year"),
        Field("alpha", "alpha"), Field("beta return", "beta ret."), Field("beta"), Field("RS", "RS"),
        Field("weight by RS", "weight"), Field("by alpha", "by alpha"), Field("by independence", "by indep."),
    )  # fmt: skip
    weights = {name: one.weights[row + 1] for name, one in study.portfolios.items()}
    none = np.zeros(len(panel.names))
    own = [weights.get(name, none) for name in (STRUCTURE, ALPHA, INDEPENDENCE)]
    order = sorted(range(len(panel.names)), key=lambda place: (-own[0][place], -_or_low(rating.rs[row, place])))
    rated, rows = (rating.year_alpha, rating.alpha, rating.beta_return), []
    for place in order:
        known = np.flatnonzero(panel.known[:, place])
        rows.append([
            panel.names[place], str(panel.months[known[0]]), str(panel.months[known[-1]]), count(len(known)),
            *(percent(float(one[row, place]), sign=False) for one in rated),
            decimal(float(study.split.beta[row, place]), 2), decimal(float(rating.rs[row, place]), 3),
            *(percent(float(one[place]), 1, sign=False) if one[place] > 0.0 else "" for one in own),
        ])  # fmt: skip
    return Grid(fields, rows)


def _or_low(value: float) -> float:
    return value if np.isfinite(value) else -1.0
