# SPDX-License-Identifier: Apache-2.0
"""A run as one JSON document, which `tandem backtest --json` prints; docs/schemas/backtest.json describes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.analytics.attribution.sleeves import crossing
from engine.engines.run_record import RunRecord
from engine.kernel.flows import PROFIT
from engine.model.sleeves import told_strategy
from engine.report.run.notices import notices

if TYPE_CHECKING:
    from engine.analytics.analysis import Analysis
    from engine.report.folder.run_folder import Published


def document(result: RunRecord, published: Published) -> dict[str, Any]:
    """What ran, where its folder is, every metric and every notice."""
    analysis, market = published.analysis, result.market
    return {
        "name": result.config.name,
        "run": published.folder.name,
        "folder": str(published.folder),
        "report": str(published.report),
        "strategy": told_strategy(result.config),
        "engine": result.engine,
        "mode": result.mode,
        "roles": dict(market.symbols),
        "data": {"label": market.label, "synthetic": market.synthetic, "fingerprint": market.fingerprint},
        "first": str(market.sessions[0]),
        "last": str(market.sessions[-1]),
        "bars": len(market),
        "fill_convention": result.fill_convention,
        "initial_equity": float(analysis.sessions.nav[0]),
        "final_equity": float(result.points["equity"][-1]),
        "profit": dict(zip(("strategy", "interest"), analysis.profit, strict=True)),
        "metrics": analysis.metrics.as_dict(),
        **({"sleeves": _sleeves(result, analysis)} if result.sleeves else {}),
        "notices": [one.as_dict() for one in notices(result, analysis)],
    }


def _sleeves(result: RunRecord, analysis: Analysis) -> dict[str, Any]:
    """Each sleeve's profit by its parts, and what the sleeves traded against each other."""
    met = crossing(result)
    return {
        "rebalance": result.config.rebalance,
        "sleeves": {
            one.name: {
                "weight": one.weight,
                **one.last(*(flow.name for flow in PROFIT), "pnl", "transfers", "equity"),
                "contribution": one.contribution(analysis.sessions),
            }
            for one in analysis.sleeves
        },
        "crossed": {"value": met.value, "costs": met.costs},
    }
