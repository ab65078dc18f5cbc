# SPDX-License-Identifier: Apache-2.0
"""The contracts of a frozen book, valued and margined by the kernel's own functions at any prices and volatilities."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.inputs.rules import build_rules
from engine.kernel.option_margin import options_margin
from engine.kernel.option_marks import mark_options
from engine.kernel.rows import rows_of
from engine.model.run import RunConfig
from engine.records import book_dtype
from engine.runs.stress.book import Book


class OptionDesk:
    """A book's contracts at a gross of `leverage` times equity, at one close; a fraction of a contract counts.

    prices  (N,) at which the book stands;  rate: benchmark of that close, a year
    """

    def __init__(self, book: Book, prices: FloatArray, leverage: float, config: RunConfig, rate: float) -> None:
        account = np.zeros(1, book_dtype(len(prices)))
        account["multiplier"] = config.options.multiplier
        account["rules"] = build_rules(config, recording=False, options=True)
        self._account: Any = rows_of(account)[0]
        self._account.option_rate = rate
        for leg in book.legs:
            contract = self._account.contract[leg.slot]
            contract.role, contract.right = leg.role, leg.right
            contract.qty = leg.contracts(leverage * book.equity, prices, config.options.multiplier)
            contract.strike, contract.expiry = leg.strike(prices), leg.days

    def worth(self, prices: FloatArray, volatility: FloatArray) -> tuple[float, float]:
        """(market value, signed; margin requirement) at these (N,) prices and volatilities; no time passes."""
        for holding, price, implied in zip(self._account.asset, prices.tolist(), volatility.tolist(), strict=True):
            holding.close, holding.volatility = price, implied
        value, _, _ = mark_options(self._account)
        return value, options_margin(self._account, -1, 0.0)
