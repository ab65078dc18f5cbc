# SPDX-License-Identifier: Apache-2.0
"""A sandbox over bars that a test writes: no file, no strategy that runs, no cost where none is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from engine.config.loader import config_from_dict
from engine.market.panel import Market
from engine.records import bar_dtype
from engine.sandbox.exchange.exchange import PAPER, Exchange
from engine.sandbox.exchange.replay import Replay, from_market
from engine.sandbox.tickets import Contract, Execution, OrderKey, OrderView, Ticket

FREE = {
    "commission": "none",
    "regulatory": "no_fees",
    "borrow": "no_borrow",
    "interest": "no_interest",
    "slippage": {"half_spread": 0, "impact": 0},
    "benchmark": 0.0,
}
FIRST_SESSION = 19_724  # 2024-01-02, a Tuesday
DAY = 86_400_000_000_000
CLOSE = 75_600_000_000_000  # 21:00 UTC, 16:00 in New York in winter
FLAT = (100.0, 100.0, 100.0, 100.0)


def replay(bars: Mapping[str, Sequence[Sequence[float]]], settings: Mapping[str, Any] | None = None) -> Replay:
    """A bar is open, high, low, close, or these and dividend and split; the symbols have one length."""
    names = tuple(bars)
    table = np.zeros(len(bars[names[0]]), bar_dtype(names))
    sessions = FIRST_SESSION + np.array([row + 2 * ((row + 1) // 5) for row in range(len(table))])  # no weekends
    table["session"], table["ts"] = sessions, sessions * DAY + CLOSE
    table["days"], table["last"] = np.diff(sessions, prepend=sessions[0] - 1), 1
    for name, rows in bars.items():
        for row, values in enumerate(rows):
            dividend, split = (*values[4:], 0.0, 1.0) if len(values) == 4 else values[4:]
            table[name][row] = (*values[:4], 1e6, dividend, split, 1.0)
        table[name]["factor"] = np.cumprod(table[name]["split"])
    symbols = list(names)
    config = config_from_dict({
        "name": "stage", "strategy": "spread_trade", "data": {"source": "sample"},
        "roles": {"large": symbols[0], "small": symbols[-1] if len(symbols) > 1 else "OTHER"},
        "costs": FREE, "account": {"cash": 100_000}, "fills": {"participation": None}, **(settings or {}),
    }).config  # fmt: skip
    market = Market(table, {name: name for name in names})
    return from_market(config, market, 0, len(market))


class Stage:
    """An exchange with everything that it tells in a list, and a client that says little.

    opened are the exchanges of a test; each is closed when the test ends.
    """

    opened: ClassVar[list[Exchange]] = []

    def __init__(
        self, bars: Mapping[str, Sequence[Sequence[float]]] | Sequence[Sequence[float]], *, settings=None, **rest
    ):
        if not isinstance(bars, Replay):
            bars = replay(bars if isinstance(bars, Mapping) else {"X": bars}, settings)
        self.replay = bars
        self.exchange = Exchange(self.replay, **rest)
        self.opened.append(self.exchange)
        self.heard: list[Any] = []
        self.exchange.listen(self.heard.append)

    def contract(self, symbol: str = "X") -> Contract:
        return self.exchange.contracts(Contract(0, symbol))[0].contract

    def place(self, order: int, action: str, quantity: float, kind: str = "MKT", *, client: int = 1, symbol: str = "X",
              account: str = PAPER, **rest: Any) -> OrderKey:  # fmt: skip
        key = OrderKey(client, order)
        self.exchange.place(key, Ticket(account, self.contract(symbol), action, quantity, kind, **rest))
        return key

    def told(self, kind: type) -> list[Any]:
        """What was told of one kind, in order."""
        return [one for one in self.heard if isinstance(one, kind)]

    def statuses(self, key: OrderKey) -> list[str]:
        return [one.status for one in self.told(OrderView) if one.key == key]

    def fills(self) -> list[tuple[float, float]]:
        """Signed quantity and price of each execution."""
        return [(one.quantity if one.side == "BOT" else -one.quantity, one.price) for one in self.told(Execution)]

    def value(self, key: str, account: str = PAPER) -> float:
        return float(next(one.value for one in self.exchange.account_values(account) if one.key == key))
