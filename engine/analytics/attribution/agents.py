# SPDX-License-Identifier: Apache-2.0
"""Several agents in one account: the ledger folded by who sent the order, told by the first word of its reason.

A reason `bear_stop` belongs to the agent `bear`. What bears no agent's name is REST: the broker's forced orders,
reasons without an agent, and flows that no order causes. Agents may hold opposite shares of one symbol: the account
nets them. Options are told apart the same way, slot by slot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.analytics.ledger_paths import leg_closes, unit_sizes
from engine.arrays import FloatArray
from engine.engines.exposure import role_closes
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.kernel.flows import DEPOSITS, HELD_KINDS, TRANSFERS, kinds_of

REST = "rest"
CAPITAL = kinds_of((DEPOSITS, TRANSFERS))


@dataclass(frozen=True)
class AgentPath:
    """One agent from the first bar on.

    positions  (T, N) signed shares of each role, then contracts of each option slot, at each close: N as RunRecord.legs
    exposure   (T,)   their value over the account's equity, signed; NaN where equity is not positive. An option counts
                      as the shares it moves like: contracts * multiplier * delta * spot
    pnl        (T,)   cumulative net profit in the account's currency
    """

    name: str
    positions: FloatArray
    exposure: FloatArray
    pnl: FloatArray


def agent_paths(result: RunRecord, agents: Sequence[str]) -> tuple[AgentPath, ...]:
    """The path of each agent and, last, of REST: their positions add up to the account's, their profits to its profit.

    What a position pays or receives, and an option's expiry, falls on the agents by their part of that position, so
    opposite shares pay each other; a split converts all. Where a fill of REST leaves a role or slot flat, agents that
    still hold hand over at its price. Interest on cash belongs to REST. Deposits and transfers are no profit.
    """
    marks = leg_closes(result)
    rows, legs = marks.shape
    names = (*agents, REST)
    owner = [_owner(result, code, names) for code in result.reasons]
    of_code = dict(zip(result.reasons, owner, strict=True))
    units = unit_sizes(result, np.arange(legs))
    held, cash = np.zeros((len(names), legs)), np.zeros(len(names))
    positions, money = np.zeros((len(names), rows, legs)), np.zeros((len(names), rows))
    done = 0
    for entry in result.ledger:
        row = int(entry["t"])
        positions[:, done:row], money[:, done:row] = held[:, None, :], cash[:, None]
        done = row
        _post(held, cash, entry, of_code.get(int(entry["reason"]), len(names) - 1), units)
    positions[:, done:], money[:, done:] = held[:, None, :], cash[:, None]
    equity = np.where(result.points["equity"] > 0.0, result.points["equity"], np.nan)
    values = np.einsum("atn,tn->at", positions, marks)
    exposures = np.einsum("atn,tn->at", positions, _moved(result)) / equity
    return tuple(AgentPath(name, positions[k], exposures[k], values[k] + money[k]) for k, name in enumerate(names))


def _moved(result: RunRecord) -> FloatArray:
    """(T, N) what one share or contract is worth in shares of its underlying: its close, of an option times delta."""
    closes, marks = role_closes(result), result.marks
    moved = np.zeros((len(closes), len(result.legs)))
    roles = closes.shape[1]
    moved[:, :roles] = closes
    underlying = np.array([result.market.roles.index(role) for role in result.options.values()], np.int64)
    shares = marks["delta"] * result.config.options.multiplier
    moved[marks["t"], roles + marks["slot"]] = shares * closes[marks["t"], underlying[marks["slot"]]]
    return moved


def _owner(result: RunRecord, code: int, names: Sequence[str]) -> int:
    first = result.reasons[code][0].partition("_")[0]
    return names.index(first) if first in names else len(names) - 1


def _post(held: FloatArray, cash: FloatArray, entry: np.void, agent: int, units: FloatArray) -> None:
    """One entry of the ledger on the shares or contracts (A, N) and the cash (A,) of the agents.

    units  (N,) shares that one of them stands for
    """
    kind, role, amount = int(entry["kind"]), int(entry["role"]), float(entry["amount"])
    if kind in CAPITAL:
        return
    rest = len(cash) - 1
    if role < 0:
        cash[rest] += amount
    elif kind in HELD_KINDS:
        cash += amount * _shares_of(held[:, role])
    elif kind == EntryKind.SPLIT:
        total = held[:, role].sum()
        cash += amount * _shares_of(held[:, role])
        held[:, role] *= 1.0 + entry["qty"] / total if total != 0.0 else 1.0
    elif kind in (EntryKind.OPTION_EXPIRY, EntryKind.DELISTING):
        cash += held[:, role] * entry["price"] * units[role]
        held[:, role] = 0.0
    else:
        cash[agent] += amount
        held[agent, role] += entry["qty"]
        if agent == rest and entry["qty"] != 0.0 and abs(held[:, role].sum()) < 1e-9:
            cash += held[:, role] * entry["price"] * units[role]  # what they sum to is nothing
            held[:, role] = 0.0


def _shares_of(held: FloatArray) -> FloatArray:
    """Each agent's part of a flow that the account's net position caused; REST's where nothing is held."""
    total = float(held.sum())
    parts: FloatArray = np.eye(len(held))[-1] if total == 0.0 else held / total
    return parts
