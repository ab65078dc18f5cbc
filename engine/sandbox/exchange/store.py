# SPDX-License-Identifier: Apache-2.0
"""The sandbox's books on disk: accounts, orders, executions and the clock, in one SQLite file.

What happened is committed before anybody is told of it, so whatever a client has heard survives a kill -9 of the
sandbox. A write survives the death of the process, not that of the machine: no flush of the disk is waited for.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InputError, Problem
from engine.sandbox.exchange.orders import Standing
from engine.sandbox.tickets import Commission, Contract, Event, Execution, OrderKey, Ticket

TABLES = """
CREATE TABLE IF NOT EXISTS state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, book BLOB NOT NULL, rest TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS orders (perm_id INTEGER PRIMARY KEY, client INTEGER NOT NULL, number INTEGER NOT NULL,
    account TEXT NOT NULL, ref TEXT NOT NULL, status TEXT NOT NULL, day INTEGER NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS orders_of_a_day ON orders (day);
CREATE TABLE IF NOT EXISTS executions (base TEXT PRIMARY KEY, exec_id TEXT NOT NULL, perm_id INTEGER NOT NULL,
    account TEXT NOT NULL, ref TEXT NOT NULL, symbol TEXT NOT NULL, quantity REAL NOT NULL, price REAL NOT NULL,
    commission REAL, day INTEGER NOT NULL, data TEXT NOT NULL, cost TEXT);
CREATE INDEX IF NOT EXISTS executions_of_a_day ON executions (day);
"""


@dataclass(frozen=True)
class KeptAccount:
    """An account as it was: its book's bytes, and what stands beside the book."""

    book: bytes
    rest: dict[str, Any]


class Store:
    """One file. Every method that writes is one transaction.

    Raises InputError where the file is no book, is another sandbox's now, or was kept under another market.
    """

    def __init__(self, path: Path, market: Mapping[str, Any]) -> None:
        self._path = path
        self._written: dict[str, str] = {}
        with ExitStack() as opened:
            try:
                lock = opened.enter_context(closing(self._connected(f"{path}-lock")))
                lock.execute("BEGIN EXCLUSIVE")
                self._base = opened.enter_context(closing(self._connected(path)))
                self._base.execute("PRAGMA journal_mode=WAL")
                self._base.execute("PRAGMA synchronous=NORMAL")
                self._base.executescript(TABLES)
            except sqlite3.OperationalError as error:
                message = "another sandbox has this book open, or it cannot be written"
                raise self._refused(message, str(error)) from error
            except sqlite3.DatabaseError as error:
                raise self._refused("this file is no book of a sandbox", str(error)) from error
            self._look_at(market)
            self._opened = opened.pop_all()

    @staticmethod
    def _connected(path: Path | str) -> sqlite3.Connection:
        return sqlite3.connect(path, isolation_level=None, timeout=0.0)

    def _look_at(self, market: Mapping[str, Any]) -> None:
        """A book goes on with the market under which it was begun, and with no other."""
        kept = self.state("market")
        asked = json.loads(json.dumps(market))
        if kept is None:
            self._base.execute("INSERT INTO state VALUES ('market', ?)", (json.dumps(market),))
        elif kept != asked:
            name = next(name for name in asked if kept.get(name) != asked[name])
            raise self._refused(
                f"this book was kept under another {name}: take the same configuration, or another file",
                str(asked[name]), str(kept.get(name)),
            )  # fmt: skip

    def _refused(self, message: str, found: str, allowed: str = "") -> InputError:
        return InputError(Problem(message, file=str(self._path), path="--book", found=found, allowed=allowed))

    def close(self) -> None:
        """Let go of the file."""
        self._opened.close()

    def state(self, name: str) -> Any:
        """What was kept under a name; None where nothing was."""
        row = self._base.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def accounts(self) -> dict[str, KeptAccount]:
        """The accounts by name."""
        rows = self._base.execute("SELECT name, book, rest FROM accounts")
        return {name: KeptAccount(book, json.loads(rest)) for name, book, rest in rows}

    def orders(self, day: int) -> Iterator[Standing]:
        """Orders that live, and those that ended on that day of the broker, by perm id."""
        sql = "SELECT data FROM orders WHERE day = ? OR day = -1 ORDER BY perm_id"
        for (data,) in self._base.execute(sql, (day,)):
            yield _standing(json.loads(data))

    def executions(self, day: int) -> Iterator[tuple[Execution, Commission | None]]:
        """Executions of that day, in order."""
        sql = "SELECT data, cost FROM executions WHERE day = ? ORDER BY base"
        for data, cost in self._base.execute(sql, (day,)):
            yield _execution(json.loads(data)), Commission(**json.loads(cost)) if cost else None

    def write(
        self, state: Mapping[str, Any], accounts: Mapping[str, KeptAccount], orders: Iterable[Standing],
        events: Iterable[Event], day: int,
    ) -> None:  # fmt: skip
        """Keep what has changed, all of it or nothing."""
        base = self._base
        base.execute("BEGIN IMMEDIATE")
        try:
            fresh = [(name, text) for name, text in zip(state, map(_text, state.values()), strict=True)]
            changed = [row for row in fresh if self._written.get(row[0]) != row[1]]
            base.executemany("INSERT OR REPLACE INTO state VALUES (?, ?)", changed)
            self._written.update(changed)
            base.executemany(
                "INSERT OR REPLACE INTO accounts VALUES (?, ?, ?)",
                [(name, one.book, _text(one.rest)) for name, one in accounts.items()],
            )
            base.executemany(
                "INSERT OR REPLACE INTO orders VALUES (?,?,?,?,?,?,?,?)", [_order(one, day) for one in orders]
            )
            for event in events:
                self._keep(event, day)
            base.execute("COMMIT")
        except BaseException:
            base.execute("ROLLBACK")
            raise

    def _keep(self, event: Event, day: int) -> None:
        if isinstance(event, Execution):
            quantity = event.quantity if event.side == "BOT" else -event.quantity
            self._base.execute(
                "INSERT INTO executions VALUES (?,?,?,?,?,?,?,?,NULL,?,?,NULL) ON CONFLICT (base) DO UPDATE SET "
                "exec_id = excluded.exec_id, quantity = excluded.quantity, price = excluded.price, "
                "data = excluded.data",
                (event.exec_id.rpartition(".")[0], event.exec_id, event.perm_id, event.account, event.ref,
                 event.contract.symbol, quantity, event.price, day, _text(event)),
            )  # fmt: skip
        elif isinstance(event, Commission):
            self._base.execute(
                "UPDATE executions SET commission = ?, cost = ? WHERE base = ?",
                (event.amount, _text(event), event.exec_id.rpartition(".")[0]),
            )

    def dump(self) -> dict[str, Any]:
        """Every order and every execution since the book was begun: what a test may judge by."""
        orders = self._base.execute("SELECT perm_id, client, number, account, ref, status FROM orders ORDER BY perm_id")
        fills = self._base.execute(
            "SELECT exec_id, perm_id, account, ref, symbol, quantity, price, commission FROM executions ORDER BY base"
        )
        return {"orders": _named(orders), "executions": _named(fills)}


def _text(value: Any) -> str:
    """JSON that reads back to the bit; records are their fields."""
    return json.dumps(value, default=vars)


def _named(rows: sqlite3.Cursor) -> list[dict[str, Any]]:
    names = [column[0] for column in rows.description]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _order(standing: Standing, day: int) -> tuple[Any, ...]:
    """A row; day -1 while the order lives."""
    return (
        standing.perm_id, standing.key.client, standing.key.order, standing.ticket.account, standing.ticket.ref,
        standing.status, day if standing.done else -1, _text(standing),
    )  # fmt: skip


def _standing(data: dict[str, Any]) -> Standing:
    ticket = data.pop("ticket")
    contract = Contract(**ticket.pop("contract"))
    return Standing(key=OrderKey(*data.pop("key")), ticket=Ticket(contract=contract, **ticket), **data)


def _execution(data: dict[str, Any]) -> Execution:
    return Execution(key=OrderKey(*data.pop("key")), contract=Contract(**data.pop("contract")), **data)
