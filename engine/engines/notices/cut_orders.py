# SPDX-License-Identifier: Apache-2.0
"""What was asked for and came to no order, because it is less than the least that can be traded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.inputs.prepared import Prepared
from engine.notice import Notice, loud, note


def cut_notices(prepared: Prepared, book: Any, orders: int) -> list[Notice]:
    """What the last close wanted so; of a run in which no order was sent also what earlier ones wanted last."""
    rows: list[int] = book["cut_at"].tolist()  # a few numbers, which Python looks through at once
    last = len(prepared.market) - 1
    told = []
    for role in [role for role, row in enumerate(rows) if (row == last if orders else row >= 0)]:
        row = rows[role]
        words = cut_words(prepared, role, float(book["cut"][role]), row, float(book["equity"]))
        told.append(note(f"{words}, wanted at the close of {prepared.market.sessions[row]}: no order was sent for it"))
    return told if orders else [loud(one.text) for one in told]


def cut_words(prepared: Prepared, role: int, quantity: float, row: int, equity: float) -> str:
    """`SPY: 0.0066 shares (5.00) of equity 10.00 are less than a whole share, which is 758.51`.

    role counts option slots behind the roles; quantity is signed, equity in money.
    """
    market = prepared.market
    names: Sequence[str] = list(market.symbols.values())
    if role >= len(names):
        slot, underlying = list(prepared.slots.items())[role - len(names)]
        head = f"{slot}, options on {market.symbols[underlying]}"
        return f"{head}: {quantity:,.6g} contracts are less than a whole one, with an equity of {equity:,.2f}"
    close = float(market.bars[market.roles[role]]["close"][row])
    step = prepared.config.fills.quantity_step
    least = "a whole share" if step == 1.0 else f"the step of {step:.10g} shares"
    return (
        f"{names[role]}: {quantity:,.6g} shares ({abs(quantity) * close:,.2f} of an equity of {equity:,.2f}) are less "
        f"than {least}, which costs {step * close:,.2f}"
    )
