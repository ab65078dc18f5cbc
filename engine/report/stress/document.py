# SPDX-License-Identifier: Apache-2.0
"""A stress test as one JSON document; docs/schemas/stress.json describes it. Fractions, money, times equity."""

from __future__ import annotations

from typing import Any

from engine.model.sleeves import told_strategy
from engine.report.stress.parts import book_part, by_role, ladder_part, spirals_part
from engine.report.stress.window_document import window_part
from engine.report.stress.words import own_shock_words, shock_words
from engine.runs.stress.findings import OwnShock, Stress
from engine.runs.stress.spiral import Spiral
from engine.runs.stress.under import REFERENCE


def document(found: Stress) -> dict[str, Any]:
    """Everything that was found."""
    result, market = found.result, found.result.market
    return {
        "name": result.config.name,
        "strategy": told_strategy(result.config),
        "data": {"label": market.label, "synthetic": market.synthetic, "fingerprint": market.fingerprint},
        "first": str(market.sessions[0]),
        "last": str(market.sessions[-1]),
        "asof": found.asof.isoformat(),
        "roles": dict(market.symbols),
        "margin": result.config.account.margin.kind,
        "portfolio_margin": {symbol: one.model_dump() for symbol, one in found.scan.items()},
        "leverage": {"own": found.own, "from": found.own_words, "ladder": list(found.leverages)},
        "book": book_part(found, found.book),
        "volatility": _volatility(found),
        "windows": [window_part(found, one) for one in found.windows],
        "shocks": [_shock(found, number) for number in range(len(found.shocks))],
        "own_shocks": [_own_shock(found, one) for one in found.own_shocks],
        "spiral": _spiral_part(found),
        "notices": [one.as_dict() for one in found.notices],
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


def _shock(found: Stress, number: int) -> dict[str, Any]:
    one = found.shocks[number]
    return {
        "words": shock_words(found, one.shock),
        "kind": "squeeze" if one.shock.squeeze else "pair",
        "size": one.shock.small,
        "large": one.shock.large,
        "sessions": one.shock.sessions,
        "moves": by_role(found, one.moves),
        "held": ladder_part(one.ladder),
        "path_dies_at": one.path_dies_at,
        "spiral": None if one.spiral is None else spirals_part(found, one.spiral),
    }


def _own_shock(found: Stress, one: OwnShock) -> dict[str, Any]:
    return {
        "words": own_shock_words(one.shock),
        "sessions": one.shock.sessions,
        "moves": by_role(found, one.moves),
        "held": ladder_part(one.ladder),
        "path_dies_at": one.path_dies_at,
        "spiral": None if one.spiral is None else spirals_part(found, one.spiral),
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
        "sigma_daily": by_role(found, found.liquidity.sigma.tolist()),
        "shares_a_day": by_role(found, found.liquidity.volume.tolist()),
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
            "moves": by_role(found, step.moves),
        }
        for step in spiral.steps
    ]
