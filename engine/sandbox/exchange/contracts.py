# SPDX-License-Identifier: Apache-2.0
"""What there is: a share contract for each symbol of the replayed market, and options on it that a client names.

Shares are traded. Of an option there are its particulars, because strategies know it by them, and no price.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import replace

from engine.sandbox.tickets import Contract

FIRST_ID, IDS = 1_000_000, 900_000_000
"""Contract ids are made of the symbol alone, so that they are the same in every session."""

FIRST_OPTION, OPTIONS = 1_000_000_000, 1_100_000_000
RIGHTS = {"C": "C", "CALL": "C", "P": "P", "PUT": "P"}
_EXPIRY = re.compile(r"\d{8}")

SMART = "SMART"
"""Any exchange."""

MOST_STRIKE = 100_000.0
"""Dollars: what the eight digits of an option's name hold."""


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
    """Places of the contracts that fit: by id where one is given, else by every field that is neither blank nor 0.

    An id with the symbol of another contract fits none.
    """
    if wanted.con_id:
        return [place for place, one in enumerate(contracts) if has_id(one, wanted)]
    return [place for place, one in enumerate(contracts) if _fits(one, wanted)]


def has_id(one: Contract, wanted: Contract) -> bool:
    """Whether it is the contract of the id that is wanted, and of the symbol where one is said."""
    return one.con_id == wanted.con_id and wanted.symbol in {"", one.symbol}


def option_of(wanted: Contract, share: Contract, multiplier: int) -> Contract | None:
    """The option on a share that the description names in full: expiry as YYYYMMDD, strike and right; else None."""
    right = RIGHTS.get(wanted.right.upper())
    if not right or not _EXPIRY.fullmatch(wanted.expiry) or not 0.0 < wanted.strike < MOST_STRIKE:
        return None
    name = f"{share.symbol:<6}{wanted.expiry[2:]}{right}{round(wanted.strike * 1000):08d}"
    made = replace(
        share, con_id=FIRST_OPTION + zlib.crc32(name.encode()) % OPTIONS, kind="OPT", primary="", local_symbol=name,
        expiry=wanted.expiry, strike=wanted.strike, right=right, multiplier=str(multiplier),
    )  # fmt: skip
    plain = replace(wanted, right=right, local_symbol=wanted.local_symbol or name, strike=0.0)
    return made if _fits(made, plain) else None


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
