# SPDX-License-Identifier: Apache-2.0
"""Result: what one run leaves in memory, before anything is written or drawn; every number comes from the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.config.model import RunConfig
from engine.market.panel import Market
from engine.types import MARK


@dataclass(frozen=True)
class Result:
    """One finished run of T bars.

    ledger    records of `engine.types.ENTRY`, in the order they were posted
    points    (T,) records of `engine.types.POINT`: the account at each close
    orders    records of `engine.types.ORDER`, by id; status says how each ended
    features  (T,) records, one f8 a feature
    params    the parameters as on_bar saw them
    reasons   code -> (name, words); negative codes are the engine's own (margin call, expiry ...)
    notices   sentences a reader must see: margin calls, refused orders, what the run did without
    options   option slot -> role of its underlying; in ledger and orders, slot i is role `number of roles + i`
    marks     records of `engine.types.MARK`: the modelled price of each open option at each close
    state     what the strategy remembered after the last bar
    """

    config: RunConfig
    market: Market
    ledger: NDArray[Any] = field(repr=False)
    points: NDArray[Any] = field(repr=False)
    orders: NDArray[Any] = field(repr=False)
    features: NDArray[Any] = field(repr=False)
    params: dict[str, int | float]
    reasons: dict[int, tuple[str, str]]
    engine: str
    mode: str
    fill_convention: str
    notices: tuple[str, ...] = ()
    options: dict[str, str] = field(default_factory=dict)
    marks: NDArray[Any] = field(default_factory=lambda: np.zeros(0, MARK), repr=False)
    state: dict[str, int | float] = field(default_factory=dict)
