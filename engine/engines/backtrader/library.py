# SPDX-License-Identifier: Apache-2.0
"""backtrader itself, or in one sentence how to get it: the only import of it there is."""

from __future__ import annotations

try:
    import backtrader as bt
except ImportError as missing:
    from engine.distribution import install_extra
    from engine.errors import MissingExtra

    raise MissingExtra(
        "backtrader is not installed: it is the optional extra of the second engine; "
        f"install it with `{install_extra('backtrader')}`"
    ) from missing

__all__ = ["bt"]
