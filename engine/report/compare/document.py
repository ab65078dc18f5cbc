# SPDX-License-Identifier: Apache-2.0
"""A comparison as one JSON document; docs/schemas/compare.json describes it. Fractions, points, sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.analytics.pair.levels import SPANS, YEARS, Standing, Window
from engine.analytics.pair.sides import Pair, Side
from engine.report.compare.part_document import (
    after,
    carry_part,
    episodes_part,
    estimate,
    hedge_part,
    lead_lag_part,
    response_part,
    scenario_part,
)
from engine.runs.compare import Comparison


def document(found: Comparison) -> dict[str, Any]:
    """Everything that was found."""
    pair, aligned = found.pair, found.aligned
    return {
        "first": pair.first.symbol,
        "second": pair.second.symbol,
        "volatility_index": pair.index.symbol if pair.index else None,
        "data": {"label": found.label, "synthetic": found.synthetic},
        "asof": aligned.asof.isoformat(),
        "window": found.window,
        "sessions": {
            "first": str(pair.sessions[0]),
            "last": str(pair.sessions[-1]),
            "count": len(pair.sessions),
            "a_year": pair.per_year,
        },
        "alignment": {
            "alone": {symbol: [day.isoformat() for day in days] for symbol, days in aligned.alone.items()},
            "sentences": list(aligned.sentences),
        },
        "standing": {
            side.symbol: _standing(found, side, one) for side, one in zip(pair.sides, found.standings, strict=True)
        },
        "statistics": {side.symbol: _window(pair, one) for side, one in zip(pair.sides, found.windows, strict=True)},
        "together": _together(found),
        "ratio": _ratio(found),
        "correlation": _correlation(found),
        "convexity": [response_part(one) for one in found.responses],
        "episodes": [episodes_part(found, one) for one in found.episodes],
        "lead_lag": lead_lag_part(found),
        "hedge": None if found.hedge is None else hedge_part(found.hedge),
        "carry": None if found.carry is None else carry_part(found.carry),
        "scenarios": [scenario_part(found, one) for one in found.outcomes],
        "notices": [one.as_dict() for one in found.notices],
    }


def _standing(found: Comparison, side: Side, one: Standing) -> dict[str, Any]:
    aligned, down = found.aligned, one.drawdown
    sessions = found.pair.sessions
    return {
        "last": one.last,
        "session": str(sessions[-1]),
        "newest": aligned.lasts[side.symbol].isoformat(),
        "age_sessions": aligned.age,
        "unit_of_moves": unit(side),
        "unit_of_changes": "log" if side.logs else "points",
        "moves": dict(zip(map(str, SPANS), one.moves, strict=True)),
        "moves_fraction": dict(zip(map(str, SPANS), one.percent, strict=True)),
        "percentile": _by_years(one.ranks),
        "volatility": one.volatility,
        "drawdown": None
        if down is None
        else {
            "now": down.now,
            "worst": down.worst,
            "peak": str(sessions[down.peak]),
            "trough": str(sessions[down.trough]),
        },
    }


def unit(side: Side) -> str:
    """The unit of a side's moves over some sessions."""
    return "points" if side.points else "fraction"


def _by_years(ranks: Sequence[float]) -> dict[str, float]:
    return {"all" if years is None else str(years): rank for years, rank in zip(YEARS, ranks, strict=True)}


def _window(pair: Pair, one: Window) -> dict[str, Any]:
    return {
        "mean": one.mean,
        "deviation": one.deviation,
        "lowest": {"value": one.lowest, "session": str(pair.sessions[one.lowest_row])},
        "highest": {"value": one.highest, "session": str(pair.sessions[one.highest_row])},
        "skew": one.skew,
    }


def _together(found: Comparison) -> dict[str, Any]:
    one, pair = found.together, found.pair
    return {
        "correlation_levels": estimate(one.levels),
        "correlation_changes": estimate(one.changes),
        "bootstrap_block": one.block,
        "beta": {
            pair.first.symbol: {"on": pair.second.symbol, **estimate(one.first_on_second)},
            pair.second.symbol: {"on": pair.first.symbol, **estimate(one.second_on_first)},
        },
    }


def _ratio(found: Comparison) -> dict[str, Any] | None:
    one = found.ratio
    return None if one is None else {"last": one.last, "z": one.z, "percentile": _by_years(one.ranks)}


def _correlation(found: Comparison) -> dict[str, Any]:
    known = sum(int(one.inside.sum()) for one in found.bands)
    return {
        "now": float(found.rolling[-1]),
        "band": found.band.name if found.band else None,
        "bands": [
            {
                "name": one.name,
                "words": one.words,
                "low": one.low,
                "high": one.high,
                "days": int(one.inside.sum()),
                "share": float(one.inside.sum() / known) if known else float("nan"),
                "afterwards": [after(each) for each in found.following[one.name]],
            }
            for one in found.bands
        ],
    }
