# SPDX-License-Identifier: Apache-2.0
"""A study of funds as one JSON document; docs/schemas/funds.json describes it. Fractions a month; months YYYY-MM.

What is undefined in a month is not there.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.hedgefunds.allocators import STRUCTURE
from engine.hedgefunds.claim import Share
from engine.hedgefunds.effects import Effect
from engine.hedgefunds.index import Index
from engine.hedgefunds.panel import Panel
from engine.hedgefunds.portfolio import Portfolio
from engine.report.funds.words import commentary
from engine.runs.funds import Funds


def document(found: Funds) -> dict[str, Any]:
    """Everything that was found."""
    panel, study = found.panel, found.study
    return {
        "name": found.title,
        "first": str(panel.months[0]),
        "last": str(panel.months[-1]),
        "unit": found.source.unit,
        "window": study.terms.window,
        "terms": asdict(study.terms),
        "rules": list(found.rules),
        "index": {
            **_index(study.index, panel),
            "alpha": monthly(panel, study.alpha),
            "beta_return": monthly(panel, study.beta),
            "alpha_level": monthly(panel, study.alpha_level),
            "beta_level": monthly(panel, study.beta_level),
        },
        "benchmark": {"name": panel.benchmark_name, "returns": monthly(panel, panel.benchmark)},
        "bill": {"name": panel.bill_name, "returns": monthly(panel, panel.bill)} if panel.has_bill else None,
        "against": _against(found),
        "commentary": commentary(found),
        "sides": _sides(found),
        "alpha_share": [_share(found, one) for one in found.shares],
        "effects": [_effect(one) for one in found.effects],
        "frictions": [asdict(one) for one in found.frictions],
        "funds": {name: _fund(found, place) for place, name in enumerate(panel.names)},
        "portfolio": _portfolio(found, STRUCTURE),
        "portfolios": {name: _portfolio(found, name) for name in study.portfolios if name != STRUCTURE},
        "notices": [one.as_dict() for one in found.notices],
    }


def monthly(panel: Panel, values: FloatArray) -> dict[str, float]:
    """Month -> value, of what is known of (T,) values."""
    return {str(panel.months[row]): float(values[row]) for row in np.flatnonzero(np.isfinite(values)).tolist()}


def _index(index: Index, panel: Panel) -> dict[str, Any]:
    names, months = panel.names, [str(month) for month in panel.months]
    changes = [index.changes(row) for row in range(len(months))]
    return {
        "base": index.base,
        "returns": monthly(panel, index.returns),
        "level": monthly(panel, index.level),
        "members": {
            month: [names[place] for place in np.flatnonzero(index.live[row]).tolist()]
            for row, month in enumerate(months)
        },
        "entries": {
            month: [names[place] for place in entered.tolist()]
            for month, (entered, _) in zip(months, changes, strict=True) if len(entered)
        },
        "exits": {
            month: [names[place] for place in left.tolist()]
            for month, (_, left) in zip(months, changes, strict=True) if len(left)
        },
    }  # fmt: skip


def _fund(found: Funds, place: int) -> dict[str, Any]:
    panel, study = found.panel, found.study
    rating, split = study.rating, study.split
    known = np.flatnonzero(panel.known[:, place])
    own = slice(0, int(known[-1]) + 1)
    return {
        "first": str(panel.months[known[0]]),
        "last": str(panel.months[known[-1]]),
        "returns": monthly(panel, panel.returns[:, place]),
        "alpha": monthly(panel, rating.alpha[:, place]),
        "beta_return": monthly(panel, rating.beta_return[:, place]),
        "rs": monthly(panel, rating.rs[:, place]),
        "year_alpha": monthly(panel, rating.year_alpha[:, place]),
        "admitted": [str(panel.months[row]) for row in np.flatnonzero(rating.admitted[:, place]).tolist()],
        "window": {
            "alpha": monthly(panel, split.alpha[own, place]),
            "beta": monthly(panel, split.beta[own, place]),
            "beta_return": monthly(panel, split.beta_return[own, place]),
        },
    }


def _portfolio(found: Funds, name: str) -> dict[str, Any]:
    """Weights by month; a month without any is one in cash."""
    panel, one = found.panel, found.study.portfolios.get(name)
    if one is None:
        return {"weights": {}, "next": None, "returns": {}, "turnover": {}}
    after = str(panel.months[-1] + 1)
    decided = found.study.decided
    has_next = decided is not None and decided[1] == len(panel.months) - 1
    return {
        "weights": {str(panel.months[row]): _weights(panel, one, row) for row in range(one.start, one.end)},
        "next": {"month": after, "weights": _weights(panel, one, len(panel.months))} if has_next else None,
        "returns": monthly(panel, one.returns),
        "turnover": monthly(panel, one.turnover),
    }


def _weights(panel: Panel, one: Portfolio, row: int) -> dict[str, float]:
    own = one.weights[row]
    return {panel.names[place]: float(own[place]) for place in np.flatnonzero(own > 0.0).tolist()}


def _sides(found: Funds) -> dict[str, Any] | None:
    """The portfolios, the index and the market with their bands, a year."""
    one = found.sides
    if one is None:
        return None
    told = asdict(one)
    months = found.panel.months
    series = {side.pop("name"): side for side in told.pop("sides")}
    return {**told, "first": str(months[one.first]), "last": str(months[one.last]), "series": series}


def _share(found: Funds, one: Share) -> dict[str, Any]:
    months = found.panel.months
    told = asdict(one)
    return {**told, "first": str(months[one.first]), "last": str(months[one.last]), "claim": one.verdict}


def _effect(one: Effect) -> dict[str, Any]:
    told = asdict(one)
    return {"choice": told.pop("name"), **told}


def _against(found: Funds) -> dict[str, Any] | None:
    """The figures behind the commentary."""
    one = found.against
    if one is None:
        return None
    told = asdict(one)
    del told["row"]
    for name in ("month", "year_to_date", "average"):
        index, market = told.pop(name)
        told[name] = {"index": index, "benchmark": market}
    return {"of": str(found.panel.months[one.row]), **told}
