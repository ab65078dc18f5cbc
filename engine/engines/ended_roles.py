# SPDX-License-Identifier: Apache-2.0
"""What a run says of positions that it closed because their role had no more bars."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.kernel.codes import EngineReason
from engine.kernel.flows import FILL_KINDS
from engine.market.panel import Market
from engine.notice import Notice, loud


def ended_positions(market: Market, ledger: NDArray[Any]) -> tuple[Notice, ...]:
    """A loud notice for each: its price is a guess, and nothing in the bars says better."""
    closed = (ledger["reason"] == EngineReason.ROLE_ENDED) & np.isin(ledger["kind"], FILL_KINDS)
    symbols = list(market.symbols.values())
    return tuple(
        loud(
            f"{symbols[fill['role']]}: its bars end {market.sessions[fill['t'] - 1]}, and {-fill['qty']:,.9g} shares "
            f"held then were closed at that close, {fill['price']:,.6g}. What a holder got is not in the bars: after a "
            "delisting often far less, in a take-over the offer. Where it still trades, bring its later bars."
        )
        for fill in ledger[closed]
    )
