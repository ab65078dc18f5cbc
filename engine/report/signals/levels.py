# SPDX-License-Identifier: Apache-2.0
"""The prices a decision stands between: known levels, levels the rules go by, orders that wait. Nearest first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.report.kit.words import decimal, percent
from engine.report.run.attribution_document import known_level
from engine.strategy.conditions import CLOSES

if TYPE_CHECKING:
    from engine.runs.signals.decision import Decision

UNSAID = {"first": None, "last": None, "touches": 0, "strength": None, "note": "", "order_id": None, "quantity": None}
"""What a level says of itself where nothing is known of it."""


def decision_levels(decision: Decision) -> list[dict[str, Any]]:
    """Every level as plain data: by role, and within it the nearest to the close first. Prices are as traded.

    kind is `known` (with its touches), `rule` (a feature that the strategy declares as a level, as it was for this
    decision) or `order` (with the order's id and the shares it still asks for).
    """
    return (
        _placed(decision, [*_known(decision), *_rules(decision), *_orders(decision)]) if decision.tells_levels else []
    )


def waiting_levels(decision: Decision) -> list[dict[str, Any]]:
    """The same of the orders that wait at a price alone, whether or not the strategy declares levels."""
    return _placed(decision, list(_orders(decision)))


def _placed(decision: Decision, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    market = decision.result.market
    found = [one for one in found if not math.isnan(market.bars[one["role"]]["close"][-1])]
    for one in found:
        one["symbol"] = market.symbols[one["role"]]
        one["distance"] = one["price"] / float(market.bars[one["role"]]["close"][-1]) - 1.0
    return sorted(found, key=lambda one: (market.roles.index(one["role"]), abs(one["distance"]), one["name"]))


def _known(decision: Decision) -> Iterator[dict[str, Any]]:
    for one in decision.result.interpretation.known:
        yield {**UNSAID, "kind": "known", **known_level(one)}


def _rules(decision: Decision) -> Iterator[dict[str, Any]]:
    result = decision.result
    for name, level in decision.strategy.levels.items():
        price = float(result.features[name][-1])
        if math.isfinite(price) and price > 0.0:
            traded = price / float(result.market.bars[level.role]["factor"][-1])
            yield {**UNSAID, "kind": "rule", "role": level.role, "name": name, "price": traded}


def _orders(decision: Decision) -> Iterator[dict[str, Any]]:
    result = decision.result
    for order in np.concatenate([decision.working, decision.sent]):
        limited = order["triggered"] == 1 or math.isnan(order["stop"])
        price = float(order["limit"] if limited else order["stop"])
        if order["ended"] >= 0 or math.isnan(price):
            continue
        told = decision.sizes[int(order["id"])]
        yield {
            **UNSAID,
            "kind": "order",
            "role": result.market.roles[int(order["role"])],
            "name": result.reasons[int(order["reason"])][0],
            "price": price,
            "first": str(result.market.sessions[int(order["born"])]),
            "order_id": int(order["id"]),
            "quantity": math.copysign(min(abs(order["qty"]), abs(told)), order["asked"]),
        }


def condition_words(one: dict[str, Any]) -> str:
    """A condition in a sentence: `closes the spread if SPY/IWM closes below 3.412, now 3.447, 1.0 %`.

    A price that lies on the side of the condition already is told as met: the rest of what it asks for is missing.
    """
    if one["unit"] == CLOSES:
        left = math.ceil(one["distance"])
        return f"{one['does']} {'at the next close' if left <= 1 else f'in {left:,} closes'}: {one['of']}"
    side = "above" if one["above"] else "below"
    digits = 2 if one["unit"] or one["now"] >= 20.0 else 4
    verb = "is" if one["unit"] else "closes"
    at, now = decimal(one["at"], digits), decimal(one["now"], digits)
    away = f"{decimal(abs(one['distance']), 2)} {one['unit']}" if one["unit"] else percent(abs(one["distance"]), 1)
    if (one["distance"] > 0.0) != one["above"]:
        away = "which holds now"
    words = f"{one['does']} if {one['of']} {verb} {side} {at}, now {now}, {away}"
    return f"{words}; {one['when']}" if one["when"] else words
