# SPDX-License-Identifier: Apache-2.0
"""A day's decision as one JSON document: what the terminal shows, and more of it.

docs/schemas/signals.json describes that of a single run, signals-portfolio.json that of several sleeves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.analytics.attribution.account_words import account_notices
from engine.analytics.attribution.agents import agent_paths
from engine.inputs.option_inputs import modelled_with
from engine.kernel.codes import OrderKind, OrderStatus, TimeInForce
from engine.model.sleeves import told_strategy
from engine.notice import Notice, loud, loud_first
from engine.report.kit.words import changed_words, counted, plain_name
from engine.report.signals.account import account_document
from engine.report.signals.levels import decision_levels
from engine.strategy.params import declared_state

if TYPE_CHECKING:
    from engine.engines.run_record import RunRecord
    from engine.market.panel import Market
    from engine.runs.signals.decision import Decision, OptionTarget
    from engine.runs.signals.run import Signals

PRICES = {"limit": "limit", "stop": "stop", "trail": "trail"}
"""Price fields of an order by the word they are printed with; NaN where the kind has none."""

ENDS_WITH = "to be taken back together with the order that closes or turns its position"
"""What is said of an order to cancel that the backtest ends with its position, at the next open."""


def document(decision: Signals, age: int) -> dict[str, Any]:
    """The whole decision as plain data; `age` is in completed sessions since the data's last one.

    What a sleeve decided stands under its name; what the one sleeve of a single run did stands beside the account.
    """
    result, market, sleeves = decision.result, decision.result.market, decision.sleeves
    other = [loud(words)] if (words := decision.other or stale_words(decision, age)) else []
    told = [*account_notices(result), *result.notices]
    modelled = [one for own in sleeves.values() for one in _modelled(own)]
    own = [
        replace(one, text=f"{name}: {one.text}" if name else one.text)
        for name, of in sleeves.items()
        for one in of.notices
    ]
    return {
        "name": result.config.name,
        "strategy": told_strategy(result.config),
        "asof": decision.asof.isoformat(),
        "asked": decision.asked and decision.asked.isoformat(),
        "data": {
            "label": market.label,
            "synthetic": market.synthetic,
            "age_sessions": age,
            "stale": age > 0,
            "series": _series(market),
        },
        "fill_convention": result.fill_convention,
        "equity": _equity(result),
        **(_decided(decision.lone) if decision.lone else _by_sleeve(decision)),
        **({"account": account_document(decision.account)} if decision.account else {}),
        "notices": [one.as_dict() for one in (*other, *loud_first((*own, *modelled, *told)))],
    }


def stale_words(decision: Signals, age: int) -> str:
    """That sessions have closed since the decision; empty where none has."""
    since = f"closed since {decision.asof}" if age == 1 else f"have closed since {decision.asof}"
    return f"{counted(age, 'session')} {since}: this is not today's decision" if age else ""


def _by_sleeve(decision: Signals) -> dict[str, Any]:
    """Each sleeve's decision, then what they come to at the broker."""
    result, equity = decision.result, _equity(decision.result)
    return {
        "sleeves": {
            name: {
                "weight": result.config.sleeves[name].weight,
                "strategy": own.result.config.strategy,
                "equity": _equity(own.result),
                **_decided(own),
            }
            for name, own in decision.sleeves.items()
        },
        "net": [
            {
                "symbol": one.symbol,
                "close": one.close,
                "held": one.held,
                "buy": one.buy,
                "sell": one.sell,
                "target": one.target,
                "weight": one.target * one.close / equity if equity > 0 else None,
            }
            for one in decision.net
        ],
    }


def _decided(decision: Decision) -> dict[str, Any]:
    """What one sleeve decided, on its own part of the account."""
    return {
        "regime": _regime(decision),
        "state": _state(decision),
        "alarms": list(alarms(decision)),
        "watched": [
            {"feature": name, "value": value, "thresholds": thresholds} for name, value, thresholds in decision.watched
        ],
        "conditions": [asdict(one) for one in decision.conditions],
        "remembers": list(remembered(decision)),
        "levels": decision_levels(decision),
        "agents": _agents(decision),
        "positions": _positions(decision),
        "send": [_order(decision, order) for order in decision.sent],
        "working": [_order(decision, order) for order in decision.working],
        "cancel": [_order(decision, order) for order in decision.ended],
    }


def _equity(result: RunRecord) -> float:
    return float(result.points["equity"][-1])


def _series(market: Market) -> list[dict[str, Any]]:
    """Each untradable input with its last value within the run, and how many sessions ago a bar last had one.

    Bars carry a value for a few sessions after its own date, which they do not keep.
    """
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


def _regime(decision: Decision) -> dict[str, Any] | None:
    """The regime at this close, and since when; null where none is declared, its name null where none holds."""
    path, sessions = decision.result.interpretation.regimes, decision.result.market.sessions
    if path is None:
        return None
    code, first, last = path.spans()[-1]
    held = len(np.unique(sessions[first : last + 1]))
    return {"name": path.names.get(code), "since": str(sessions[first]), "sessions": held}


def _agents(decision: Decision) -> list[dict[str, Any]]:
    """What each agent holds, as a multiple of equity, and has earned since the run began."""
    result = decision.result
    if not result.interpretation.agents:
        return []
    paths = agent_paths(result, result.interpretation.agents)
    return [
        {
            "name": one.name,
            "exposure": None if np.isnan(one.exposure[-1]) else float(one.exposure[-1]),
            "pnl": float(one.pnl[-1]),
        }
        for one in paths
    ]


def _positions(decision: Decision) -> list[dict[str, Any]]:
    """Roles that have a price, then option contracts."""
    market, equity = decision.result.market, _equity(decision.result)
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
        if not np.isnan(close)
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


def _modelled(decision: Decision) -> list[Notice]:
    """That option prices are modelled, where there are any."""
    result = decision.result
    return [loud(modelled_with(result.config, result.market, result.options))] if result.options else []


def _order(decision: Decision, order: Any) -> dict[str, Any]:
    result = decision.result
    reason = result.reasons[int(order["reason"])]
    return {
        "id": int(order["id"]),
        "symbol": result.symbol(int(order["role"]), int(order["id"])),
        "quantity": decision.sizes[int(order["id"])],
        "type": OrderKind(int(order["kind"])).name.lower(),
        "prices": _prices(order),
        "tif": TimeInForce(int(order["tif"])).name.lower(),
        "status": OrderStatus(int(order["status"])).name.lower(),
        "parent": int(order["parent"]),
        "group": int(order["group"]),
        "reduce_only": int(order["parent"]) != 0,
        "ends_with": decision.outlived.get(int(order["id"])),
        "reason": reason.name,
        "why": reason.words,
    }


def _prices(order: Any) -> dict[str, float]:
    """Prices by their words; an option order has none, its contract is in its symbol."""
    return {word: float(order[field]) for field, word in PRICES.items() if not np.isnan(order[field])}


def _state(decision: Decision) -> dict[str, Any]:
    """State fields as their author would write them: names of enums, true and false; of slots a list of these."""
    kinds = {name: kind for name, (kind, _) in declared_state(decision.strategy.State).items()}
    return {name: _as(kinds[name], value) for name, value in decision.result.state.items()}


def alarms(decision: Decision) -> Iterator[str]:
    """What the strategy declares that a person should look at after this close."""
    row = decision.result.features[-1]
    yield from (words for name, words in decision.strategy.alarms.items() if row[name] == 1.0)


def remembered(decision: Decision) -> Iterator[str]:
    """What the strategy remembers, in the words that it has for it; all of it where it has none.

    A field that stands as it began says nothing.
    """
    state, market = _state(decision), decision.result.market
    if not decision.strategy.remembers:
        for name, value in state.items():
            yield f"{plain_name(name)} {changed_words(value, _as_first(decision, name)) or _short(value)}"
        return
    for name, told in decision.strategy.remembers.items():
        words, role = told if isinstance(told, tuple) else (told, "")
        if (value := state[name]) == _as_first(decision, name):
            continue
        if role:
            value = value / float(market.bars[role]["factor"][-1])
        yield words.format(plain_name(value) if isinstance(value, str) else value)


def _as_first(decision: Decision, name: str) -> Any:
    kind, first = declared_state(decision.strategy.State)[name]
    return _as(kind, first)


def _short(value: Any) -> str:
    return f"{value + 0.0:.6g}" if isinstance(value, float) else str(value).lower()


def _as(kind: type, value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_as(kind, one) for one in value]
    if issubclass(kind, IntEnum):
        return kind(int(value)).name.lower()
    if kind is bool:
        return bool(value)
    return int(value) if kind is int else float(value)
