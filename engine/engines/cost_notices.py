# SPDX-License-Identifier: Apache-2.0
"""What a reader must know of the slippage that a run paid, or did not pay."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.inputs.prepared import Prepared
from engine.inputs.terms import by_symbol
from engine.kernel.codes import EntryKind, OrderKind
from engine.notice import Notice, loud, note

DEAR = 0.001
"""Slippage above this part of the turnover is said loudly."""

LEAST = 1e-9
"""Of money: a fill at no price at all has no basis points."""

FEW = 0.05
"""Fills without impact are good to know up to this part of all fills, and change the figures beyond it."""


def cost_notices(prepared: Prepared, ledger: NDArray[Any], orders: NDArray[Any]) -> tuple[Notice, ...]:
    """Loud where slippage eats the result, or where market impact is not known for more than a few fills.

    ledger and orders are those of the run, orders by id from 1. Options pay a spread of their own and do not count.
    """
    fills = ledger[np.isin(ledger["kind"], (EntryKind.FILL, EntryKind.LIQUIDATION))]
    return (*_dear(prepared, fills), *_unmeasured(prepared, fills, orders)) if len(fills) else ()


def _dear(prepared: Prepared, fills: NDArray[Any]) -> list[Notice]:
    # At the prices before slippage: a sale at the floor of zero has traded something too.
    traded = np.abs(fills["qty"]) * fills["price"] - np.sign(fills["qty"]) * fills["slippage"]
    paid, turnover = float(fills["slippage"].sum()), float(traded.sum())
    if not paid > DEAR * turnover > 0:
        return []
    symbols = list(prepared.market.symbols.values())
    by_role = np.bincount(fills["role"], fills["slippage"], minlength=len(symbols))
    most = int(np.argmax(by_role))
    part = np.where(fills["role"] == most, fills["slippage"] / np.maximum(traded, LEAST), -1.0)
    dearest = fills[int(np.argmax(part))]
    shares, points = abs(float(dearest["qty"])), float(part.max()) * 1e4
    return [
        loud(
            f"Slippage took {paid / turnover * 1e4:.1f} basis points of what was traded, {by_role[most] / paid:.0%} of "
            f"it in {symbols[most]}; its dearest fill was {shares:,.0f} shares on "
            f"{prepared.market.sessions[dearest['t']]}, at {points:.0f} basis points. Such orders are large for the "
            "symbol: trade less of it, or say in costs.slippage why they would be cheaper."
        )
    ]


def _unmeasured(prepared: Prepared, fills: NDArray[Any], orders: NDArray[Any]) -> list[Notice]:
    """Fills that slipped without an impact because no session before has a volume."""
    symbols = list(prepared.market.symbols.values())
    impact = prepared.config.costs.slippage.impact
    wanted = np.array([by_symbol(impact, symbol, "costs.slippage.impact") > 0.0 for symbol in symbols])
    slips = orders["kind"][fills["order"] - 1] != OrderKind.LIMIT
    without = wanted[fills["role"]] & slips & (prepared.cost_inputs["impact"][fills["t"], fills["role"]] == 0.0)
    if not without.any():
        return []
    first = fills[without][0]
    text = (
        f"{int(without.sum()):,} of {len(fills):,} fills paid no market impact, the first in "
        f"{symbols[first['role']]} on {prepared.market.sessions[first['t']]}: no session before it has a volume to "
        "measure it by. Begin the data earlier, or the period later."
    )
    return [loud(text) if without.mean() > FEW else note(text)]
