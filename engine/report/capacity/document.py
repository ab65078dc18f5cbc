# SPDX-License-Identifier: Apache-2.0
"""A capacity test as one JSON document; docs/schemas/capacity.json describes it. Fractions, money."""

from __future__ import annotations

from typing import Any

from engine.model.sleeves import told_strategy
from engine.report.capacity.words import LARGEST_PRICED, answer, bound, priced
from engine.runs.capacity.findings import LEVELS, STATISTICS, Capacity, Crossing, Edge, Size


def document(found: Capacity) -> dict[str, Any]:
    """Everything that was found."""
    config, market = found.config, found.market
    limit = bound(found)
    return {
        "name": config.name,
        "strategy": told_strategy(config),
        "data": {"label": market.label, "synthetic": market.synthetic, "fingerprint": market.fingerprint},
        "first": str(market.sessions[0]),
        "last": str(market.sessions[-1]),
        "roles": dict(market.symbols),
        "answer": answer(found),
        "coefficient": config.costs.slippage.impact,
        "priced_to": {"participation": LARGEST_PRICED, "capital": limit.capital if limit else None},
        "edges": [_edge(one) for one in found.edges],
        "passing": [
            {"statistic": statistic, "level": level, **_crossing(found.passing[statistic, level])}
            for statistic in STATISTICS
            for level in LEVELS
            if found.passing
        ],
        "sensitivity": [
            {"factor": one.factor, "half": _crossing(one.half), "gone": _crossing(one.gone)}
            for one in found.sensitivity
        ],
        "own": _size(found.own),
        "sizes": [_size(one) for one in found.sizes],
        "at_limits": found.at_limits,
        "notices": [one.as_dict() for one in found.notices],
    }


def _edge(edge: Edge) -> dict[str, Any]:
    return {
        "over": edge.over,
        "without_impact": edge.free,
        "own": edge.own,
        "t": edge.t,
        "half": _crossing(edge.half),
        "gone": _crossing(edge.gone),
        "half_again_at": list(edge.again),
    }


def _crossing(one: Crossing) -> dict[str, Any]:
    size = one.at
    if size is None:
        return {"capital": None, "why": one.why, "priced": None, "largest_order": None, "symbol": None}
    symbol, most = size.busiest("maximum")
    return {"capital": size.capital, "why": "", "priced": priced(size), "largest_order": most, "symbol": symbol}


def _size(size: Size) -> dict[str, Any]:
    return {
        "capital": size.capital,
        "annual_return": size.annual,
        "over": dict(size.edges),
        "mean_equity": size.mean_equity,
        "slippage_a_year": size.slippage,
        "mean_gross": size.gross,
        "refused_orders": size.refused,
        "carried_orders": size.carried,
        "forced_fills": size.forced,
        "unmeasured_orders": size.unmeasured,
        "participation": {
            symbol: {
                "orders": one.orders,
                "median": one.median,
                "p95": one.p95,
                "maximum": one.maximum,
                "maximum_on": one.maximum_on,
            }
            for symbol, one in size.participation.items()
        },
        "stopped": size.stopped,
    }
