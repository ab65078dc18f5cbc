# SPDX-License-Identifier: Apache-2.0
"""What is held: opening snapshot plus fills, a fold of the journal that no order of arrival changes."""

from __future__ import annotations

import sqlite3

from engine.paper.instructions import Fill
from engine.paper.journal.store import Store


class Ledger:
    """Positions and fills of one journal. A fill whose ref is '' was made by somebody else in the same account."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def positions(self) -> dict[str, float]:
        """Signed shares by symbol, without those that are flat."""
        rows = self.store.read(
            "SELECT symbol, sum(quantity) AS held FROM "
            "(SELECT symbol, quantity FROM openings UNION ALL SELECT symbol, quantity FROM fills) "
            "GROUP BY symbol ORDER BY symbol"
        )
        return {row["symbol"]: row["held"] for row in rows if row["held"]}

    def held_at(self, symbol: str, seen: int, at: int) -> float:
        """Signed shares of a symbol by the fills up to number `seen`, and what was accepted until `at`, ns UTC."""
        row = self.store.read(
            "SELECT (SELECT coalesce(sum(quantity), 0.0) FROM openings WHERE symbol = ?1 AND at <= ?3) + "
            "(SELECT coalesce(sum(quantity), 0.0) FROM fills WHERE symbol = ?1 AND seq <= ?2) AS held",
            symbol, seen, at,
        )[0]  # fmt: skip
        return float(row["held"])

    def changed(self, symbol: str, since: int, until: int | None = None) -> float:
        """Signed shares of a symbol that came or went from `since` on and before `until`, ns UTC; None: up to now."""
        row = self.store.read(
            "SELECT coalesce(sum(quantity), 0.0) AS changed FROM "
            "(SELECT symbol, quantity, at AS time FROM openings UNION ALL SELECT symbol, quantity, time FROM fills) "
            "WHERE symbol = ?1 AND time >= ?2 AND (?3 IS NULL OR time < ?3)",
            symbol, since, until,
        )[0]  # fmt: skip
        return float(row["changed"])

    def paid_since(self, seq: int) -> tuple[float, bool]:
        """Signed dollars of cash by fills since `seq`, less commissions; and whether one was of what is no share."""
        row = self.store.read(
            "SELECT coalesce(sum(-f.quantity * f.price - coalesce(f.commission, 0.0)), 0.0) AS paid, "
            "coalesce(max(instr(f.symbol, ' ')), 0) AS others FROM fills f "
            "WHERE (SELECT min(e.seq) FROM executions e WHERE e.base = f.base) > ?",
            seq,
        )[0]
        return float(row["paid"]), bool(row["others"])

    def traded_since(self, seq: int) -> dict[str, float]:
        """Signed shares by symbol of fills that were first heard of since `seq`."""
        rows = self.store.read(
            "SELECT symbol, sum(quantity) AS shares FROM fills f "
            "WHERE (SELECT min(e.seq) FROM executions e WHERE e.base = f.base) > ? GROUP BY symbol ORDER BY symbol",
            seq,
        )
        return {row["symbol"]: row["shares"] for row in rows}

    def last_heard(self) -> int | None:
        """When the newest fill was heard of, ns UTC; None before any."""
        last = self.store.read("SELECT max(at) AS last FROM executions")[0]["last"]
        return None if last is None else int(last)

    def filled(self, ref: str) -> float:
        """Signed shares executed under a reference."""
        row = self.store.read("SELECT coalesce(sum(quantity), 0.0) AS filled FROM fills WHERE ref = ?", ref)[0]
        return float(row["filled"])

    def fills_since(self, seq: int) -> tuple[tuple[int, Fill], ...]:
        """Fills that are new or revised since `seq`, each with its number: go on from the last one's.

        A correction comes with the base of the fill that it replaces. A commission does not make a fill new.
        """
        rows = self.store.read("SELECT * FROM fills WHERE seq > ? ORDER BY seq", seq)
        return tuple((row["seq"], as_fill(row)) for row in rows)

    def fills(self, ref: str) -> tuple[Fill, ...]:
        """Every fill of an order, in the order of arrival."""
        return tuple(as_fill(row) for row in self.store.read("SELECT * FROM fills WHERE ref = ? ORDER BY seq", ref))

    def filled_since(self, ref: str, seq: int) -> bool:
        """Whether an order has filled, or a fill of it was corrected, since `seq`."""
        return bool(self.store.read("SELECT 1 FROM fills WHERE ref = ? AND seq > ? LIMIT 1", ref, seq))

    def last_seq(self) -> int:
        """The number of the newest fill, 0 before any."""
        return int(self.store.read("SELECT coalesce(max(seq), 0) AS last FROM executions")[0]["last"])


def as_fill(row: sqlite3.Row) -> Fill:
    """A row of the view `fills`."""
    return Fill(
        base=row["base"],
        revision=row["revision"],
        ref=row["ref"],
        symbol=row["symbol"],
        quantity=row["quantity"],
        price=row["price"],
        time=row["time"],
        commission=row["commission"],
    )
