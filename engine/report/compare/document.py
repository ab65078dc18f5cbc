# SPDX-License-Identifier: Apache-2.0
"""A comparison as one JSON document; docs/schemas/compare.json describes it. Fractions, points, sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.analytics.pair.afterwards import DELAY, HORIZONS, After
from engine.analytics.pair.convexity import Response
from engine.analytics.pair.episodes import Episodes
from engine.analytics.pair.hedge import Hedge
from engine.analytics.pair.lead_lag import LEAST, leaders
from engine.analytics.pair.levels import SPANS, YEARS, Standing, Window
from engine.analytics.pair.relation import Estimate
from engine.analytics.pair.sides import Pair, Side
from engine.report.compare.verdicts import lead_verdict
from engine.runs.compare import Comparison
from engine.runs.compare.carry import Carry


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
        "convexity": [_response(one) for one in found.responses],
        "episodes": [_episodes(found, one) for one in found.episodes],
        "lead_lag": _lead_lag(found),
        "hedge": None if found.hedge is None else _hedge(found.hedge),
        "carry": None if found.carry is None else _carry(found.carry),
        "notices": [one.as_dict() for one in found.notices],
    }


def _standing(found: Comparison, side: Side, one: Standing) -> dict[str, Any]:
    aligned, down = found.aligned, one.drawdown
    sessions = found.pair.sessions
    return {
        "last": one.last,
        "session": str(sessions[-1]),
        "newest": aligned.lasts[side.symbol].isoformat(),
        "age_sessions": aligned.ages[side.symbol],
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
        "correlation_levels": _estimate(one.levels),
        "correlation_changes": _estimate(one.changes),
        "bootstrap_block": one.block,
        "beta": {
            pair.first.symbol: {"on": pair.second.symbol, **_estimate(one.first_on_second)},
            pair.second.symbol: {"on": pair.first.symbol, **_estimate(one.second_on_first)},
        },
    }


def _estimate(one: Estimate) -> dict[str, float]:
    return {"value": one.value, "low": one.low, "high": one.high}


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


def after(one: After) -> dict[str, Any]:
    """What followed the days of a kind, in one line over one horizon."""
    return {
        "symbol": one.symbol,
        "sessions": one.sessions,
        "delay": DELAY,
        "days": one.days,
        "apart": one.apart,
        "mean": one.mean,
        "all_days": one.baseline,
        "difference": {"value": one.mean - one.baseline, "low": one.low, "high": one.high},
        "share_above_0": one.positive,
        "differs": one.differs,
    }


def _response(one: Response) -> dict[str, Any]:
    slopes = ("up", "down", "asymmetry", "small", "large", "excess", "curvature")
    return {
        "of": one.of,
        "to": one.to,
        "sessions": one.sessions,
        "moves": one.count,
        "lags": one.lags,
        "edge": one.edge,
        **{name: _estimate(getattr(one, name)) for name in slopes},
    }


def _episodes(found: Comparison, one: Episodes) -> dict[str, Any]:
    return {
        "name": one.name,
        "words": one.words,
        "rule": one.rule,
        "afterwards": [after(each) for each in found.following[one.name]],
        "level": one.level,
        "afterwards_of_level": [after(each) for each in found.following[one.level]],
        "found": [
            {
                "first": str(found.pair.sessions[each.first]),
                "last": str(found.pair.sessions[each.last]),
                "days": each.days,
                "index": each.level,
                "moved": each.moved,
                "after": {
                    side.symbol: {str(horizon): float(side.later(horizon, DELAY)[each.first]) for horizon in HORIZONS}
                    for side in found.pair.sides
                },
            }
            for each in one.found
        ],
    }


def _lead_lag(found: Comparison) -> dict[str, Any]:
    return {
        "leaders": list(leaders(found.pair, found.lead_lag)),
        "verdict": lead_verdict(found),
        "least": LEAST,
        "regimes": [
            {
                "regime": one.regime,
                "days": one.days,
                "lags": [
                    {"sessions": lag.sessions, "value": lag.value, "band": lag.band, "count": lag.count}
                    for lag in one.lags
                ],
            }
            for one in found.lead_lag
        ],
    }


def _hedge(one: Hedge) -> dict[str, Any]:
    return {
        "of": one.of,
        "by": one.by,
        "beta": one.beta,
        "earned": one.earned,
        "held": one.held,
        "correlation": one.correlation,
        "regimes": [
            {
                "regime": each.regime,
                "days": each.days,
                "effectiveness": _estimate(each.effectiveness),
                "tail": each.tail,
                "tail_hedged": each.tail_hedged,
            }
            for each in one.effects
        ],
    }


def _carry(one: Carry) -> dict[str, Any]:
    return {
        "symbol": one.symbol,
        "first": one.first,
        "last": one.last,
        "sessions": one.sessions,
        "held": one.held,
        "index_held": one.index_held,
        "correlation": one.correlation,
        "beta": _estimate(one.beta),
        "hedge": _hedge(one.hedge),
    }
