# SPDX-License-Identifier: Apache-2.0
"""The words of a decision for an account of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.config.positions import read_positions
from engine.errors import InputError, Problem
from engine.kernel.codes import OrderKind
from engine.notice import Notice


@dataclass(frozen=True)
class Holdings:
    """An account as its owner knows it: equity in the account's currency, signed shares by symbol."""

    equity: float
    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class AccountPosition:
    """One symbol: signed shares that the account holds, and that it is to hold once the orders have filled.

    weight  what the target is of the account's equity, at the close; model  what it is of the backtest's
    """

    symbol: str
    close: float
    held: float
    target: float
    weight: float
    model: float


@dataclass(frozen=True)
class AccountOrder:
    """One order for the account: signed shares, its prices (NaN where the kind has none), what it is about to cost.

    dollars     unsigned shares times the limit, else the trigger, else the close
    commission, fees, slippage   estimates at that price, >= 0
    order       the backtest's number of it, 0 where no order of this decision stands behind it
    parent      the backtest's order that must fill first, -1: it may only reduce the position, 0: none
    group       one-cancels-other group, 0: none
    """

    symbol: str
    kind: OrderKind
    quantity: float
    limit: float
    stop: float
    trail: float
    day: bool
    dollars: float
    commission: float
    fees: float
    slippage: float
    order: int
    parent: int
    group: int
    reason: str
    why: str

    @property
    def cost(self) -> float:
        """Commission, fees and slippage together, in money of the account."""
        return self.commission + self.fees + self.slippage


@dataclass(frozen=True)
class MarginUse:
    """What margin asks of the account at the closes, money >= 0: as it stands, and at its targets."""

    initial_before: float
    initial_after: float
    maintenance_before: float
    maintenance_after: float


@dataclass(frozen=True)
class AccountDecision:
    """What a close decided for an account.

    scale    its equity over the backtest's
    cash     equity less what its positions are worth
    orders   go out now;  waiting   wait at a price, or for another order
    take_back  guard a position that ends with an order at the next open: nothing of them may stay at the broker
    margin   None under margin rules that know no requirement (a cash account, none)
    """

    equity: float
    scale: float
    cash: float
    positions: tuple[AccountPosition, ...]
    orders: tuple[AccountOrder, ...]
    waiting: tuple[AccountOrder, ...]
    take_back: tuple[AccountOrder, ...]
    margin: MarginUse | None
    notices: tuple[Notice, ...]

    @property
    def cost(self) -> float:
        """Estimated cost of the orders that go out now, in money of the account."""
        return sum(one.cost for one in self.orders)


def holdings_of(
    equity: float | None, positions: Path | Mapping[str, float] | None = None, flat: bool = False
) -> Holdings | None:
    """The account that a person describes, None where nobody does; positions are a file, or signed shares by symbol.

    Raises InputError where half of it is said, and for a file that is none.
    """
    if equity is None and positions is None and not flat:
        return None
    if flat and positions is not None:
        raise InputError(Problem("an account holds something or nothing", path="--flat", found="--positions as well"))
    if equity is None:
        allowed = "--equity E beside it, cash and positions together"
        raise InputError(
            Problem("what is the account worth?", path="--flat" if flat else "--positions", allowed=allowed)
        )
    if positions is None and not flat:
        allowed = "--positions FILE beside it, or --flat where it holds nothing"
        raise InputError(Problem("what does the account hold?", path="--equity", allowed=allowed))
    if not math.isfinite(equity) or equity <= 0.0:
        raise InputError(Problem("nothing to decide on", path="--equity", found=f"{equity:g}", allowed="above 0"))
    return Holdings(equity, read_positions(positions) if isinstance(positions, Path) else dict(positions or {}))
