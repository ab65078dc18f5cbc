# SPDX-License-Identifier: Apache-2.0
"""One symbol as vendors write it: TNA, tna, TNA.US (EODHD), tna_us_d (a file of Stooq's)."""

import re
from collections.abc import Iterable

_VENDOR = re.compile(r"[._-]US([._-]D)?$")
_CUT = re.compile(r"[^A-Z0-9]+")


def bare(symbol: str) -> str:
    """The symbol in capitals, without the ending that says that it trades in the United States."""
    return _VENDOR.sub("", symbol.strip().upper())


def known_as(symbol: str, names: Iterable[str]) -> str | None:
    """The name among `names` that is this symbol: itself, else one that is spelled otherwise; None where none is."""
    listed = list(names)
    if symbol in listed:
        return symbol
    return next((name for name in listed if bare(name) == bare(symbol)), None)


def looks_like(symbol: str, names: Iterable[str]) -> str | None:
    """The name that begins `symbol`, or stands behind its exchange, which may be meant: IWM_5m, ARCX:TNA."""
    first, _, behind = symbol.strip().upper().partition(":")
    begins = _CUT.split(behind or first)[0]
    return begins if begins in set(names) else None
