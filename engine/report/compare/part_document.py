# SPDX-License-Identifier: Apache-2.0
"""The parts of a comparison's document behind its bands: slopes, episodes, leads, hedges, scenarios."""

from __future__ import annotations

from typing import Any

from engine.analytics.pair.afterwards import DELAY, HORIZONS, After
from engine.analytics.pair.convexity import Response
from engine.analytics.pair.episodes import Episodes
from engine.analytics.pair.hedge import Hedge
from engine.analytics.pair.lead_lag import LEAST, leaders
from engine.analytics.pair.relation import Estimate
from engine.report.compare.verdicts import lead_verdict
from engine.runs.compare import Comparison
from engine.runs.compare.carry import Carry
from engine.runs.compare.outcome import BookUnder, Outcome
from engine.runs.stress.findings import Ladder


def estimate(one: Estimate) -> dict[str, float]:
    """A figure with its interval."""
    return {"value": one.value, "low": one.low, "high": one.high}


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


def response_part(one: Response) -> dict[str, Any]:
    """The slopes of one line on the other."""
    slopes = ("up", "down", "asymmetry", "small", "large", "excess", "curvature")
    return {
        "of": one.of,
        "to": one.to,
        "sessions": one.sessions,
        "moves": one.count,
        "lags": one.lags,
        "edge": one.edge,
        **{name: estimate(getattr(one, name)) for name in slopes},
    }


def episodes_part(found: Comparison, one: Episodes) -> dict[str, Any]:
    """One kind of episodes, each with what came after."""
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


def lead_lag_part(found: Comparison) -> dict[str, Any]:
    """Who leads, and the correlations that say so."""
    return {
        "leaders": list(leaders(found.pair, found.lead_lag)),
        "verdict": lead_verdict(found),
        "least": LEAST,
        "regimes": [
            {
                "regime": one.regime,
                "days": one.days,
                "lags": [
                    {
                        "sessions": lag.sessions,
                        "value": lag.value,
                        "band": lag.band,
                        "beyond": lag.beyond,
                        "count": lag.count,
                    }
                    for lag in one.lags
                ],
            }
            for one in found.lead_lag
        ],
    }


def hedge_part(one: Hedge) -> dict[str, Any]:
    """What one line takes away of the other's variance."""
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
                "effectiveness": estimate(each.effectiveness),
                "tail": each.tail,
                "tail_hedged": each.tail_hedged,
            }
            for each in one.effects
        ],
    }


def carry_part(one: Carry) -> dict[str, Any]:
    """What was bought in place of the index."""
    return {
        "symbol": one.symbol,
        "first": one.first,
        "last": one.last,
        "sessions": one.sessions,
        "held": one.held,
        "index_held": one.index_held,
        "correlation": one.correlation,
        "beta": estimate(one.beta),
        "hedge": hedge_part(one.hedge),
    }


def scenario_part(found: Comparison, one: Outcome) -> dict[str, Any]:
    """The closest days to a scenario, and the book under it."""
    asked, pair = one.scenario, found.pair
    moves = {side.symbol: side.moves(asked.sessions) for side in pair.sides}
    return {
        "words": asked.text,
        "symbol": asked.symbol,
        "against": asked.against,
        "size": asked.size,
        "unit": "points" if asked.points else "fraction",
        "sessions": asked.sessions,
        "beyond_history": one.beyond,
        "largest": one.most,
        "days": [
            {
                "first": str(pair.sessions[row - asked.sessions]),
                "last": str(pair.sessions[row]),
                "moved": move,
                "moves": {symbol: float(values[row]) for symbol, values in moves.items()},
            }
            for row, move in zip(one.rows.tolist(), one.moved.tolist(), strict=True)
        ],
        "afterwards": [after(each) for each in found.following[asked.text]],
        "book": None if one.book is None else _book(one.book),
    }


def _book(one: BookUnder) -> dict[str, Any]:
    return {
        "session": one.book.session.isoformat(),
        "leverage": one.own,
        "days": one.days,
        "moves": one.moves,
        "typical": _ladder(one.typical),
        "worst_day": one.worst_day.isoformat(),
        "worst_moves": one.worst,
        "worst": _ladder(one.worst_ladder),
    }


def _ladder(one: Ladder) -> dict[str, Any]:
    (held,) = one.held
    return {
        "fate": held.fate,
        "loss": held.loss,
        "worst_loss": held.worst,
        "margin_calls": held.calls,
        "called_at": one.called_at,
        "dies_at": one.dies_at,
    }
