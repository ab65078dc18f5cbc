# SPDX-License-Identifier: Apache-2.0
"""A decision as one JSON document (docs/schemas/signals.json): what the terminal shows, and more of it."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.analytics.agents import agent_paths
from engine.inputs.option_inputs import modelled_with
from engine.kernel.codes import OrderKind, OrderStatus, TimeInForce
from engine.report.signals.levels import decision_levels
from engine.strategy.params import declared_state

if TYPE_CHECKING:
    from engine.runs.signals import OptionTarget, Signals

PRICES = {"limit": "limit", "stop": "stop", "trail": "trail"}
"""Price fields of an order by the word they are printed with; NaN where the kind has none."""


def document(decision: Signals, age: int) -> dict[str, Any]:
    """The whole decision as plain data; `age` is in completed sessions since the data's last one."""
    result, market = decision.result, decision.result.market
    equity = float(result.points["equity"][-1])
    return {
        "name": result.config.name,
        "strategy": result.config.strategy,
        "asof": decision.asof.isoformat(),
        "data": {
            "label": market.label,
            "synthetic": market.synthetic,
            "age_sessions": age,
            "stale": age > 0,
            "series": _series(decision),
        },
        "fill_convention": result.fill_convention,
        "equity": equity,
        "regime": _regime(decision),
        "state": _state(decision),
        "watched": [
            {"feature": name, "value": value, "thresholds": thresholds} for name, value, thresholds in decision.watched
        ],
        "levels": decision_levels(decision),
        "agents": _agents(decision),
        "positions": _positions(decision, equity),
        "send": [_order(decision, order) for order in decision.sent],
        "working": [_order(decision, order) for order in decision.working],
        "cancel": [_order(decision, order) for order in decision.ended],
        "notices": [*_modelled(decision), *result.notices],
    }


def _series(decision: Signals) -> list[dict[str, Any]]:
    """Each untradable input with its last value within the run, and how many sessions ago a bar last had one.

    Bars carry a value for a few sessions after its own date, which they do not keep.
    """
    market = decision.result.market
    found: list[dict[str, Any]] = []
    for name, symbol in market.series.items():
        known = np.flatnonzero(np.isfinite(market.bars[name]))
        if not len(known):
            found.append({"series": name, "symbol": symbol, "value": None, "last": None, "age_sessions": None})
            continue
        row = int(known[-1])
        since = int(np.count_nonzero(market.bars["last"][row:] == 1)) - int(market.bars["last"][row] == 1)
        value, last = float(market.bars[name][row]), str(market.sessions[row])
        found.append({"series": name, "symbol": symbol, "value": value, "last": last, "age_sessions": since})
    return found


def _regime(decision: Signals) -> dict[str, Any] | None:
    """The regime at this close, and since when; null where none is declared, its name null where none holds."""
    path, sessions = decision.result.reading.regimes, decision.result.market.sessions
    if path is None:
        return None
    code, first, last = path.spans()[-1]
    held = len(np.unique(sessions[first : last + 1]))
    return {"name": path.names.get(code), "since": str(sessions[first]), "sessions": held}


def _agents(decision: Signals) -> list[dict[str, Any]]:
    """What each agent holds, as a multiple of equity, and has earned since the run began."""
    result = decision.result
    if not result.reading.agents:
        return []
    paths = agent_paths(result, result.reading.agents)
    return [
        {
            "name": one.name,
            "exposure": None if np.isnan(one.exposure[-1]) else float(one.exposure[-1]),
            "pnl": float(one.pnl[-1]),
        }
        for one in paths
    ]


def _positions(decision: Signals, equity: float) -> list[dict[str, Any]]:
    """Roles, then option contracts."""
    market = decision.result.market
    closes = [float(market.bars[role]["close"][-1]) for role in market.roles]
    roles = [
        {
            "role": role,
            "symbol": market.symbols[role],
            "close": close,
            "held": held,
            "target": target,
            "weight": target * close / equity if equity > 0 else None,
        }
        for role, close, held, target in zip(market.roles, closes, decision.held, decision.targets, strict=True)
    ]
    return roles + [_contract(one, equity, decision.result.config.options.multiplier) for one in decision.contracts]


def _contract(one: OptionTarget, equity: float, multiplier: int) -> dict[str, Any]:
    known = equity > 0 and not np.isnan(one.price)
    return {
        "role": one.slot,
        "symbol": one.contract,
        "close": None if np.isnan(one.price) else one.price,
        "held": one.held,
        "target": one.target,
        "weight": one.target * multiplier * one.price / equity if known else None,
    }


def _modelled(decision: Signals) -> list[str]:
    """That option prices are modelled, where there are any."""
    result = decision.result
    return [modelled_with(result.config, result.market, result.options)] if result.options else []


def _order(decision: Signals, order: Any) -> dict[str, Any]:
    result = decision.result
    reason = result.reasons[int(order["reason"])]
    return {
        "id": int(order["id"]),
        "symbol": result.symbol(int(order["role"]), int(order["id"])),
        "quantity": float(order["asked"]),
        "type": OrderKind(int(order["kind"])).name.lower(),
        "prices": _prices(order),
        "tif": TimeInForce(int(order["tif"])).name.lower(),
        "status": OrderStatus(int(order["status"])).name.lower(),
        "parent": int(order["parent"]),
        "group": int(order["group"]),
        "reason": reason.name,
        "why": reason.words,
    }


def _prices(order: Any) -> dict[str, float]:
    """Prices by their words; an option order has none, its contract is in its symbol."""
    return {word: float(order[field]) for field, word in PRICES.items() if not np.isnan(order[field])}


def _state(decision: Signals) -> dict[str, Any]:
    """State fields as their author would write them: names of enums, true and false."""
    kinds = {name: kind for name, (kind, _) in declared_state(decision.strategy.State).items()}
    return {name: _as(kinds[name], value) for name, value in decision.result.state.items()}


def _as(kind: type, value: float) -> Any:
    if issubclass(kind, IntEnum):
        return kind(int(value)).name.lower()
    if kind is bool:
        return bool(value)
    return int(value) if kind is int else float(value)
