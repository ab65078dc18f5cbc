# SPDX-License-Identifier: Apache-2.0
"""The sentence on commissions that eat a result, as one in the wrong unit does."""

from __future__ import annotations

import numpy as np

from engine.analytics.ledger_paths import of_kind
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind

DEAR = 0.005
"""Commissions above this part of the turnover are said loudly."""


def dear_commission(result: RunRecord) -> list[str]:
    """What share of turnover went into commissions, where it is more than DEAR, with the order that paid the most.

    Options have commissions by the contract and do not count.
    """
    ledger, symbols = result.ledger, list(result.market.symbols.values())
    fills = ledger[of_kind(ledger, EntryKind.FILL, EntryKind.LIQUIDATION)]
    charges = ledger[of_kind(ledger, EntryKind.COMMISSION) & (ledger["role"] < len(symbols))]
    turnover = float(np.sum(np.abs(fills["qty"]) * fills["price"]))
    paid = -float(charges["amount"].sum())
    if not paid > DEAR * turnover > 0:
        return []
    by_order = np.bincount(charges["order"], -charges["amount"])
    order = int(np.argmax(by_order))
    own = fills[fills["order"] == order]
    shares, first = float(np.abs(own["qty"]).sum()), own[0]
    return [
        (
            f"Commissions took {paid / turnover * 1e4:,.1f} basis points of what was traded; the order that paid most, "
            f"{by_order[order]:,.2f}, traded {shares:,.10g} shares of {symbols[first['role']]} from "
            f"{result.market.sessions[first['t']]} on. costs.commission is money a share (per_share), a part of the "
            "value (notional: 0.001 is 0.1 %) and money an order (minimum): say there what the broker takes. Where the "
            "minimum is what costs, larger orders pay less of it."
        )
    ]
