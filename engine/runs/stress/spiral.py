# SPDX-License-Identifier: Apache-2.0
"""The deleveraging spiral: a shock, a margin call, covering that moves the price, a further call, to a fixed point.

A book of equity E and maintenance M is called where E < M, after the shock and before anything is covered. Called, it
and a crowd that holds the same cover until E = M x (1 + cushion) at the prices that their covering makes. Step by step:

    covered'  = 1 - (1 - covered) x E(covered) / ( M(covered) x (1 + cushion) )       never less than covered
    E(covered) = E(0) - sum over roles of value x ( paid(covered) + (1 - covered) x |move(covered)| )

The parts covered only grow and end at 1, so the steps end: SETTLED where the next would cover less than SETTLED_AT of
the book, WIPED OUT where equity is gone and the rest is closed at what the market gives. What is covered is a
fraction of a share where need be; commission and spread are left out. Contracts are closed in step with the shares,
each part at what the model makes of it at the prices of that moment: with gain(c) of all of them since the shock,

    E(covered) also has + integral of gain from 0 to covered + (1 - covered) x gain(covered)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from engine.arrays import FloatArray
from engine.kernel.margin import maintenance
from engine.model.run import Margin
from engine.runs.stress.impact import Covering

Ending = Literal["not called", "settled", "wiped out"]

SETTLED_AT = 1e-6
"""Part of the book: a call for less is met."""

Options = Callable[[FloatArray], tuple[float, float]]
"""(N,) prices to (value of all contracts, signed; what they require), money."""

NODES, WEIGHTS = np.polynomial.legendre.leggauss(5)
"""Of Gauss and Legendre on -1 to 1, over the root of what is covered: prices move with it."""


@dataclass(frozen=True)
class Shocked:
    """A book right after a shock, nothing covered.

    quantities (N,) signed shares; prices (N,); equity in money; terms: the broker's, one row as the kernel reads it
    options: what the contracts are worth at other prices; None without any
    """

    quantities: FloatArray
    prices: FloatArray
    equity: float
    margin: Margin
    terms: Any
    options: Options | None = None

    def requirement(self, prices: FloatArray) -> float:
        """Maintenance of the whole book at these prices, money; 0 in an account without margin calls."""
        if self.margin.kind != "reg_t":
            return 0.0
        pairs = enumerate(zip(self.quantities.tolist(), prices.tolist(), strict=True))
        shares = float(sum(maintenance(self.terms, role, quantity, price) for role, (quantity, price) in pairs))
        return shares if self.options is None else shares + self.options(prices)[1]

    def option_gain(self, covering: Covering, covered: float) -> float:
        """What the contracts have gained since the shock, money, with the part `covered` of them closed on the way."""
        worth = self.options
        if worth is None or covered == 0.0 or not covering.full.any():
            return 0.0
        before = worth(self.prices)[0]

        def gain(part: float) -> float:
            return float(worth(self.prices * (1.0 + covering.move(part)))[0] - before)

        roots = (NODES + 1.0) / 2.0
        closed: float = sum(
            weight * root * gain(covered * root**2)
            for weight, root in zip(WEIGHTS.tolist(), roots.tolist(), strict=True)
        )
        return covered * closed + (1.0 - covered) * gain(covered)

    @property
    def keeps(self) -> float:
        """1 / (1 + cushion), the fraction of equity that a call leaves bound as maintenance; 0 where it closes all."""
        return 0.0 if self.margin.liquidation == "flat" else 1.0 / (1.0 + self.margin.cushion)


@dataclass(frozen=True)
class Step:
    """After one round of covering: covered 0 to 1, (N,) move of each price by impact alone, equity and maintenance."""

    covered: float
    moves: tuple[float, ...]
    equity: float
    maintenance: float


@dataclass(frozen=True)
class Spiral:
    """The rounds, the first of them the state before any covering."""

    steps: tuple[Step, ...]
    ending: Ending

    @property
    def equity(self) -> float:
        """Equity when it is over, money; not positive where the book is wiped out."""
        return self.steps[-1].equity


def run_spiral(start: Shocked, covering: Covering) -> Spiral:
    """Cover until it settles or the book is wiped out.

    With a book that a shock hurts, equity at the end never rises with the shock, the leverage, the crowd or the
    coefficient.
    """
    steps = [_state(start, covering, 0.0)]
    if steps[0].equity <= 0.0:
        return Spiral((*steps, _state(start, covering, 1.0)), "wiped out")
    if steps[0].equity >= steps[0].maintenance:
        return Spiral(tuple(steps), "not called")
    while True:
        now = steps[-1]
        if now.equity <= 0.0:
            return Spiral((*steps, _state(start, covering, 1.0)), "wiped out")
        wanted = 1.0 - start.keeps * (1.0 - now.covered) * now.equity / now.maintenance if now.maintenance else 1.0
        if wanted - now.covered < SETTLED_AT:
            return Spiral(tuple(steps), "settled")
        steps.append(_state(start, covering, wanted))


def _state(start: Shocked, covering: Covering, covered: float) -> Step:
    move = covering.move(covered)
    value = np.abs(start.quantities) * start.prices
    lost = float(value @ (covering.paid(covered) + (1.0 - covered) * np.abs(move)))
    lost -= start.option_gain(covering, covered)
    required = (1.0 - covered) * start.requirement(start.prices * (1.0 + move))
    return Step(covered, tuple(move.tolist()), start.equity - lost, required)


def crowd_of_a_day(quantities: FloatArray, volume: Sequence[float] | FloatArray) -> float:
    """The crowd, in times the book, with which a book of these shares has one day's volume in its largest leg.

    0 where the book alone has more.
    """
    days = float(np.max(np.abs(quantities) / np.asarray(volume)))
    return max(0.0, 1.0 / days - 1.0) if days > 0 else 0.0
