# SPDX-License-Identifier: Apache-2.0
"""One execution, as a foreign broker reports it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Execution:
    """One execution of row t: qty signed, price as paid, slippage what it has cost, money >= 0; moment a Moment."""

    t: int
    ref: int
    role: int
    qty: float
    price: float
    slippage: float
    commission: float
    fees: float
    moment: int
