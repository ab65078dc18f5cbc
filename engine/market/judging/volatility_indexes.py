# SPDX-License-Identifier: Apache-2.0
"""Indexes of implied volatility that are known by their symbols: nobody can buy them, and they are final late."""

from __future__ import annotations

FINAL = "16:15"
"""New York. Cboe computes them while options on the S&P 500 trade: 15 minutes longer than funds do.

Source: Cboe, Volatility Index Methodology, "regular trading hours", 9:30 to 16:15 ET.
"""

KNOWN = frozenset({"VIX", "VIX1D", "VIX9D", "VIX3M", "VIX6M", "VIX1Y", "VXO", "VXN", "RVX", "VXD", "VVIX"})
"""Cboe's indexes on United States equity, as every vendor spells them once its prefix is gone."""


def known_volatility(symbol: str) -> bool:
    """Whether the symbol is one of Cboe's: VIX, ^VIX, $VIX, .VIX, VIX.I, FRED's VIXCLS; never a guess by its values."""
    bare = symbol.upper().lstrip("^$._").removesuffix(".I").removesuffix("CLS")
    return bare in KNOWN
