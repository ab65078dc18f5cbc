# SPDX-License-Identifier: Apache-2.0
"""What was held at each close, and how far that was exposed: the ledger's quantities at the market's closes.

The kernel knows both while it runs and keeps neither: sixteen bytes a bar that the ledger has already said. The order
of sums is the kernel's (`mark`, `net_gross` and `add_options`), so that its figures are these to the bit.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.inputs.rules import steps_of
from engine.kernel.steps import WHOLE_ANYWAY
from engine.market.panel import Market
from engine.model.run import RunConfig

DUST = 1e-9
"""How far a sum of quantities may be from whole steps by its rounding, as a part of it, or of a share below one."""


class Holding(Protocol):
    """What says what a run held, of a `RunRecord`: there is what each of these is."""

    @property
    def config(self) -> RunConfig: ...
    @property
    def market(self) -> Market: ...
    @property
    def ledger(self) -> NDArray[Any]: ...
    @property
    def options(self) -> dict[str, str]: ...
    @property
    def marks(self) -> NDArray[Any]: ...
    @property
    def sleeves(self) -> tuple[str, ...]: ...


def held(result: Holding, leg: int) -> FloatArray:
    """(T,) signed shares of a role at each close, contracts of an option slot; `leg` counts as `RunRecord.legs` does.

    Sums are those of whole steps, as the kernel cuts them. What a strategy of backtrader trades in no steps stays.
    """
    ledger = result.ledger
    places = np.flatnonzero((ledger["role"] == leg) & (ledger["qty"] != 0.0))
    sums = in_whole_steps(np.cumsum(ledger["qty"][places]), *steps_of(result.config.fills.quantity_step))
    rows = ledger["t"][places]
    bars = np.diff(rows, prepend=0, append=len(result.market))
    return np.repeat(np.append(0.0, sums), bars)


def in_whole_steps(quantities: FloatArray, step: float, a_share: float) -> FloatArray:
    """The multiples of step / a_share that sums of such are, (N,) shares; what is none of them by more than dust stays.

    See `engine.kernel.steps.in_steps`, which does so after every trade.
    """
    steps = np.abs(quantities) * a_share / step
    nearest = np.copysign(np.floor(steps + 0.5) * step / a_share, quantities)
    near = np.abs(nearest - quantities) <= DUST * np.maximum(1.0, np.abs(quantities))
    return np.where(near & (steps < WHOLE_ANYWAY), nearest, quantities) + 0.0  # + 0.0: no negative zero


def role_closes(result: Holding) -> FloatArray:
    """Marks of the roles alone, (T, N): their unscaled closes; 0 where a role has no price, and nothing is held."""
    bars = result.market.bars
    closes = np.column_stack([bars[role]["close"] for role in result.market.roles])
    return np.nan_to_num(closes, copy=False) if result.market.partial_roles else closes


def exposures(result: Holding) -> tuple[FloatArray, FloatArray]:
    """(gross, net) in money at each close, (T,) each: sum of |value|, >= 0, and sum of value, of all that is held.

    Gross is that of the symbols: what sleeves hold against each other is not exposed. An option counts as the shares
    that it moves like: contracts * multiplier * delta * spot.
    """
    closes = role_closes(result)
    symbols = list(result.market.symbols.values())
    twins: dict[str, FloatArray] = {}
    gross, net = np.zeros(len(closes)), np.zeros(len(closes))
    for role, symbol in enumerate(symbols):
        shares = held(result, role)
        value = shares * closes[:, role]
        net += value
        if len(result.sleeves) > 1:
            twins[symbol] = twins.get(symbol, 0.0) + shares
        else:
            gross += np.abs(value)
    for symbol, shares in twins.items():
        together = in_whole_steps(shares, *steps_of(result.config.fills.quantity_step))
        gross += np.abs(together * closes[:, symbols.index(symbol)])
    of_options = _option_exposures(result, closes)
    return gross + of_options[0], net + of_options[1]


def _option_exposures(result: Holding, closes: FloatArray) -> tuple[FloatArray, FloatArray]:
    """(gross, net), (T,) each, of the options alone; closes are the roles', (T, N)."""
    gross, net = np.zeros(len(closes)), np.zeros(len(closes))
    roles, multiplier = result.market.roles, float(result.config.options.multiplier)
    for slot, underlying in enumerate(result.options.values()):
        marks = result.marks[result.marks["slot"] == slot]
        rows = marks["t"]
        contracts = held(result, len(roles) + slot)[rows]
        moves = contracts * multiplier * marks["delta"] * closes[rows, roles.index(underlying)]
        net[rows] += moves
        gross[rows] += np.abs(moves)
    return gross, net
