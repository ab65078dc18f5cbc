# SPDX-License-Identifier: Apache-2.0
"""What can be traded: one share contract for each symbol of the replayed market, with the numbers that clients know."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

from engine.sandbox.exchange.tickets import Contract

FIRST_ID, IDS = 1_000_000, 900_000_000
"""Contract ids are made of the symbol alone, so that they are the same in every session."""

SMART = "SMART"
"""Any exchange."""


def listing(symbols: Sequence[str]) -> tuple[Contract, ...]:
    """The contracts of the symbols, in their order."""
    made: dict[int, Contract] = {}
    for symbol in symbols:
        con_id = FIRST_ID + zlib.crc32(symbol.encode()) % IDS
        while con_id in made:
            con_id += 1
        made[con_id] = Contract(con_id=con_id, symbol=symbol, primary="ARCA", local_symbol=symbol, trading_class=symbol)
    return tuple(made.values())


def matching(contracts: Sequence[Contract], wanted: Contract) -> list[int]:
    """Places of the contracts that fit: by id where one is given, else by every field that is neither blank nor 0."""
    if wanted.con_id:
        return [place for place, one in enumerate(contracts) if one.con_id == wanted.con_id]
    return [place for place, one in enumerate(contracts) if _fits(one, wanted)]


def _fits(one: Contract, wanted: Contract) -> bool:
    texts = [
        (wanted.symbol, one.symbol),
        (wanted.local_symbol, one.local_symbol),
        (wanted.trading_class, one.trading_class),
        (wanted.kind, one.kind),
        (wanted.currency, one.currency),
        (wanted.primary, one.primary),
        (wanted.expiry, one.expiry),
        (wanted.right, one.right),
        (wanted.multiplier, one.multiplier),
    ]
    here = wanted.exchange in {"", SMART, one.primary}
    return here and not wanted.strike and all(asked in {"", found} for asked, found in texts)
