# SPDX-License-Identifier: Apache-2.0
"""A stress test as one JSON document; docs/schemas/stress.json describes it. Fractions, money, times equity."""

from __future__ import annotations

from typing import Any

from engine.report.stress.words import shock_words
from engine.runs.stress.book import Book
from engine.runs.stress.findings import Ladder, SpiralLadder, Stress, WindowFinding
from engine.runs.stress.passage import Passage
from engine.runs.stress.run import REFERENCE
from engine.runs.stress.spiral import Spiral


def document(found: Stress) -> dict[str, Any]:
    """Everything that was found."""
    result, market = found.result, found.result.market
    return {
        "name": result.config.name,
        "strategy": result.config.strategy,
        "data": {"label": market.label, "synthetic": market.synthetic, "fingerprint": market.fingerprint},
        "first": str(market.sessions[0]),
        "last": str(market.sessions[-1]),
        "asof": found.asof.isoformat(),
        "roles": dict(market.symbols),
        "margin": result.config.account.margin.kind,
        "leverage": {"own": found.own, "from": found.own_words, "ladder": list(found.leverages)},
        "book": _book(found, found.book),
        "volatility": _volatility(found),
        "windows": [_window(found, one) for one in found.windows],
        "shocks": [_shock(found, number) for number in range(len(found.shocks))],
        "spiral": _spiral_part(found),
        "notices": [one.as_dict() for one in found.notices],
    }


def _book(found: Stress, book: Book | None) -> dict[str, Any] | None:
    if book is None:
        return None
    return {
        "session": book.session.isoformat(),
        "asked": book.asked.isoformat(),
        "leverage": book.leverage,
        "equity": book.equity,
        "weights": _by_role(found, book.weights.tolist()),
        "options": [
            {
                "slot": tuple(found.result.options)[leg.slot],
                "role": found.result.market.roles[leg.role],
                "right": "call" if leg.right > 0 else "put",
                "strike_over_price": leg.moneyness,
                "days": leg.days,
                "weight": leg.weight,
                "delta": leg.delta,
            }
            for leg in book.legs
        ],
    }


def _volatility(found: Stress) -> dict[str, Any] | None:
    rule = found.volatility
    if rule is None:
        return None
    roles = found.result.market.roles
    return {
        roles[role]: {
            "now": rule.start[role],
            "beta": rule.beta[role],
            "low": rule.low[role],
            "high": rule.high[role],
        }
        for role in dict.fromkeys(roles.index(name) for name in found.result.options.values())
    }


def _window(found: Stress, one: WindowFinding) -> dict[str, Any]:
    window = one.window
    return {
        "name": window.name,
        "title": window.title,
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        "words": window.words,
        "data": "none" if one.passage is None else "whole" if one.whole else "part",
        "strategy": None if one.passage is None else _passage(found, one.passage),
        "book": _book(found, one.book),
        "held": None if one.ladder is None else _ladder(one.ladder),
        "spiral": None if one.spiral is None else _spirals(found, one.spiral),
    }


def _passage(found: Stress, one: Passage) -> dict[str, Any]:
    sessions = found.result.market.sessions
    return {
        "first": str(sessions[one.first]),
        "last": str(sessions[one.last]),
        "return": one.total,
        "worst_day": one.worst_day,
        "max_drawdown": one.drawdown,
        "worst_15_sessions": one.worst_15,
        "gross_before": one.gross,
        "margin_use": one.margin_use,
        "margin_calls": one.calls,
        "cuts": dict(one.cuts),
        "trading_costs": one.trading_costs,
        "borrow": one.borrow,
        "dividends_and_interest": one.carry,
        "path": {
            "session": [str(day) for day in sessions[one.before : one.last + 1]],
            "equity": one.path.tolist(),
        },
    }


def _ladder(one: Ladder) -> dict[str, Any]:
    return {
        "by_leverage": [
            {
                "leverage": held.leverage,
                "fate": held.fate,
                "loss": held.loss,
                "worst_loss": held.worst,
                "margin_calls": held.calls,
            }
            for held in one.held
        ],
        "called_at": one.called_at,
        "dies_at": one.dies_at,
    }


def _spirals(found: Stress, one: SpiralLadder) -> dict[str, Any]:
    return {
        "moves": _by_role(found, one.moves),
        "by_leverage": [
            {"leverage": leverage, "ending": spiral.ending, "loss": loss, "rounds": len(spiral.steps) - 1}
            for leverage, spiral, loss in zip(one.leverages, one.spirals, one.losses, strict=True)
        ],
        "called_at": one.called_at,
        "dies_at": one.dies_at,
        "dies_without_impact_at": one.dies_alone_at,
    }


def _shock(found: Stress, number: int) -> dict[str, Any]:
    one = found.shocks[number]
    return {
        "words": shock_words(found, one.shock),
        "size": one.shock.small,
        "large": one.shock.large,
        "sessions": one.shock.sessions,
        "moves": _by_role(found, one.moves),
        "held": _ladder(one.ladder),
        "spiral": None if one.spiral is None else _spirals(found, one.spiral),
    }


def _spiral_part(found: Stress) -> dict[str, Any] | None:
    """The law, the crowd, the drawn path and the sensitivity; None where there is no law."""
    sensitivity = found.sensitivity
    if sensitivity is None:
        return None
    drawn = next(one.spiral for one in found.shocks if one.shock == REFERENCE and one.spiral is not None)
    return {
        "coefficient": found.coefficient,
        "crowd": found.crowd,
        "crowd_days": found.crowd_days,
        "sigma_daily": _by_role(found, found.liquidity.sigma.tolist()),
        "shares_a_day": _by_role(found, found.liquidity.volume.tolist()),
        "reference": shock_words(found, REFERENCE),
        "paths": [
            {"leverage": leverage, "ending": spiral.ending, "rounds": _rounds(found, spiral)}
            for leverage, spiral in zip(drawn.leverages, drawn.spirals, strict=True)
        ],
        "sensitivity": {
            "coefficients": list(sensitivity.coefficients),
            "crowds": list(sensitivity.crowds),
            "dies_at": [list(row) for row in sensitivity.dies_at],
        },
    }


def _rounds(found: Stress, spiral: Spiral) -> list[dict[str, Any]]:
    return [
        {
            "covered": step.covered,
            "equity": step.equity,
            "maintenance": step.maintenance,
            "moves": _by_role(found, step.moves),
        }
        for step in spiral.steps
    ]


def _by_role(found: Stress, values: Any) -> dict[str, float]:
    return dict(zip(found.result.market.roles, values, strict=True))
