# SPDX-License-Identifier: Apache-2.0
"""Orders in the account that this journal did not send: by hand, of another program, or of another run."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.paper.journal.store import Store
from engine.paper.refs import OF_A_RUN
from engine.paper.states import SHELVED


@dataclass(frozen=True)
class Others:
    """One order of somebody else that has not ended. left and filled are signed shares; shelved: it may never work."""

    key: str
    named: str
    client: int
    symbol: str
    left: float
    filled: float
    shelved: bool

    def is_a_runs(self, client: int) -> bool:
        """Whether a run of Tandem sent it, by its reference or by the client id."""
        return self.client == client or OF_A_RUN.fullmatch(self.named) is not None

    def __str__(self) -> str:
        """`sell 100 SPY (client 77)`."""
        side = "buy" if self.left > 0.0 else "sell"
        return f"{side} {abs(self.left):g} {self.symbol} ({self.named or f'client {self.client}'})"


def others_living(store: Store) -> tuple[Others, ...]:
    """Every order of somebody else that has not ended, of any symbol, and has shares left to trade."""
    rows = store.read(
        "SELECT * FROM orders WHERE ref = '' AND ended = 0 AND quantity IS NOT NULL AND abs(quantity) > told "
        "ORDER BY first, key"
    )
    found = []
    for row in rows:
        side = 1.0 if row["quantity"] > 0.0 else -1.0
        filled = side * row["told"]
        left, shelved = row["quantity"] - filled, row["status"] == SHELVED
        found.append(Others(row["key"], row["named"], row["client"], row["symbol"], left, filled, shelved))
    return tuple(found)


def taken_by_others(others: Iterable[Others], symbol: str, held: float) -> float:
    """Shares, unsigned, that orders of others can take from a position of `held` signed shares of `symbol`."""
    mine = (one.left for one in others if one.symbol == symbol and not one.shelved)
    return sum(abs(left) for left in mine if left * held < 0.0)
