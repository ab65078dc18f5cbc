# SPDX-License-Identifier: Apache-2.0
"""What can be traded: one share contract for each symbol of the replayed market, with the numbers that clients know."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from engine.sandbox.exchange.tickets import Contract

FIRST_ID, IDS = 1_000_000, 900_000_000
"""Contract ids are made of the symbol alone, so that they are the same in every session."""


def listing(symbols: Sequence[str]) -> tuple[Contract, ...]:
    """The contracts of the symbols, in their order."""
    made: dict[int, Contract] = {}
    for symbol in symbols:
        con_id = FIRST_ID + zlib.crc32(symbol.encode()) % IDS
        while con_id in made:
            con_id += 1
        made[con_id] = Contract(con_id=con_id, symbol=symbol, primary="ARCA", local_symbol=symbol, trading_class=symbol)
    return tuple(made.values())


def matching(contracts: Sequence[Contract], query: Contract) -> list[int]:
    """Places of the contracts that a client's description fits: by its id, or by symbol, kind and currency."""
    if query.con_id:
        return [place for place, one in enumerate(contracts) if one.con_id == query.con_id]
    return [
        place
        for place, one in enumerate(contracts)
        if query.kind in {"", one.kind}
        and (query.symbol or query.local_symbol).upper() == one.symbol.upper()
        and query.currency in {"", one.currency}
        and query.exchange in {"", "SMART", one.primary}
        and query.primary in {"", one.primary}
    ]
