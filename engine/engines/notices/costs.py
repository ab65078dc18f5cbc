# SPDX-License-Identifier: Apache-2.0
"""What a reader must know of the market impact that a run could not measure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.inputs.prepared import Prepared
from engine.inputs.terms import by_symbol
from engine.kernel.codes import EntryKind, OrderKind
from engine.notice import Notice, loud, note

FEW = 0.05
"""Fills without impact are good to know up to this part of all fills, and change the figures beyond it."""


def cost_notices(prepared: Prepared, ledger: NDArray[Any], orders: NDArray[Any]) -> tuple[Notice, ...]:
    """Fills of shares that slipped without an impact because no session before has a volume; loud where they are many.

    ledger and orders are those of the run, orders by id from 1.
    """
    symbols = list(prepared.market.symbols.values())
    impact = prepared.config.costs.slippage.impact
    asked = [by_symbol(impact, symbol, "costs.slippage.impact") > 0.0 for symbol in symbols]
    if not any(asked):
        return ()
    wanted = np.array(asked)
    kinds = ledger["kind"]
    fills = ledger[(kinds == EntryKind.FILL) | (kinds == EntryKind.LIQUIDATION)]
    slips = orders["kind"][fills["order"] - 1] != OrderKind.LIMIT
    without = wanted[fills["role"]] & slips & (prepared.cost_inputs["impact"][fills["t"], fills["role"]] == 0.0)
    if not without.any():
        return ()
    first = fills[without][0]
    text = (
        f"{int(without.sum()):,} of {len(fills):,} fills paid no market impact, the first in "
        f"{symbols[first['role']]} on {prepared.market.sessions[first['t']]}: no session before it has a volume to "
        "measure it by. Begin the data earlier, or the period later."
    )
    return (loud(text) if without.mean() > FEW else note(text),)
