# SPDX-License-Identifier: Apache-2.0
"""The sentence on slippage that eats a result."""

from __future__ import annotations

import numpy as np

from engine.analytics.ledger_paths import of_kind
from engine.engines.run_record import RunRecord
from engine.inputs.terms import by_symbol
from engine.kernel.codes import EntryKind

DEAR = 0.001
"""Slippage above this part of the turnover is said loudly."""

LEAST = 1e-9
"""Of money: a fill at no price at all has no basis points."""


def dear_slippage(result: RunRecord) -> list[str]:
    """What share of turnover went into slippage, where it is more than DEAR, with the symbol and its dearest fill.

    The larger part of that symbol's, half the spread or impact, decides what it says to do.
    Options pay a spread of their own and do not count.
    """
    fills = result.ledger[of_kind(result.ledger, EntryKind.FILL, EntryKind.LIQUIDATION)]
    # At the prices before slippage: a sale at the floor of zero has traded something too.
    traded = np.abs(fills["qty"]) * fills["price"] - np.sign(fills["qty"]) * fills["slippage"]
    paid, turnover = float(fills["slippage"].sum()), float(traded.sum())
    if not paid > DEAR * turnover > 0:
        return []
    symbols = list(result.market.symbols.values())
    by_role = np.bincount(fills["role"], fills["slippage"], minlength=len(symbols))
    most = int(np.argmax(by_role))
    part = np.where(fills["role"] == most, fills["slippage"] / np.maximum(traded, LEAST), -1.0)
    dearest = fills[int(np.argmax(part))]
    shares, points = abs(float(dearest["qty"])), float(part.max()) * 1e4
    share, bill, day = by_role[most] / paid, paid / turnover * 1e4, result.market.sessions[dearest["t"]]
    half = by_symbol(result.config.costs.slippage.half_spread, symbols[most], "costs.slippage.half_spread")
    spread = np.where(fills["role"] == most, np.minimum(fills["slippage"], half * traded), 0.0).sum() / by_role[most]
    return [
        (
            f"Slippage took {bill:.1f} basis points of what was traded, {share:.0%} of it in {symbols[most]}; its "
            f"dearest fill was {shares:,.0f} shares on {day}, at {points:.0f} basis points. "
            + (_of_spread(spread, half) if spread > 0.5 else _of_impact(result, 1.0 - spread, symbols[most]))
        )
    ]


def _of_spread(part: float, half: float) -> str:
    return (
        f"{part:.0%} of its slippage is costs.slippage.half_spread, {half:g}: {half * 1e4:g} basis points of every "
        "fill, whatever its size (0.0001 is 1). Lower it where its spread is narrower."
    )


def _of_impact(result: RunRecord, part: float, symbol: str) -> str:
    coefficient = by_symbol(result.config.costs.slippage.impact, symbol, "costs.slippage.impact")
    return (
        f"{part:.0%} of its slippage is market impact: its orders are large for its volume. Trade less of it, write "
        f"its volume in shares where it is in thousands or millions, or lower costs.slippage.impact, {coefficient:g}."
    )
