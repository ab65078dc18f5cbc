# SPDX-License-Identifier: Apache-2.0
"""The journal's file: SQLite in WAL mode with synchronous FULL, so that what is committed outlives a power failure.

One process carries orders and holds the lock; others may read, and may halt.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.errors import InputError, Problem, RunError
from engine.paper.journal.reading import check_whole, no_journal
from engine.paper.journal.schema import SCHEMA, VERSION

Boundary = Callable[[str], None]
"""Called with a name before and after each commit and each write to the socket; a test's program may end there."""


LEAST_ROOM = 64 * 1024
"""Bytes: with less the system refuses pages and files by many names."""


class Unwritable(RunError):
    """The journal cannot be written now, its disk is full for one: nothing may be done that is not in it."""

    def __init__(self, path: Path, failed: sqlite3.Error) -> None:
        code = failed.sqlite_errorcode & 0xFF
        if code == sqlite3.SQLITE_FULL or shutil.disk_usage(path.parent).free < LEAST_ROOM:
            why = "no space left on its disk; make room"
        elif code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            why = "another program holds it"
        else:
            why = str(failed)
        super().__init__(f"{path}: the journal cannot be written, and nothing is sent without it: {why}")


def no_boundary(name: str) -> None:
    """Nothing happens at a boundary but in a test."""


class Store:
    """The open file. `write` is the one way to change it."""

    def __init__(self, path: Path, boundary: Boundary = no_boundary, db: sqlite3.Connection | None = None) -> None:
        """Open or create the journal at `path`; db is one that `to_read` has opened, to read and no more.

        Raises InputError where the file is no journal, or one of another version; Unwritable as `write`.
        """
        self.path = path
        self.boundary = boundary
        self._lock: sqlite3.Connection | None = None
        if db is not None:
            self.db = db
            self.db.row_factory = sqlite3.Row
            self._check_version()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.db = sqlite3.connect(path, isolation_level=None, timeout=10.0)
        except sqlite3.OperationalError as failed:
            raise Unwritable(path, failed) from failed
        self.db.row_factory = sqlite3.Row
        try:
            self._prepare()
        except sqlite3.OperationalError as failed:
            self.db.close()
            raise Unwritable(path, failed) from failed
        except sqlite3.DatabaseError as broken:
            self.db.close()
            raise no_journal(path, broken) from broken

    def _prepare(self) -> None:
        check_whole(self.db)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = FULL")
        self.db.execute("PRAGMA foreign_keys = ON")
        self.db.execute("BEGIN IMMEDIATE")
        if self._version() == (0, 0):
            for statement in SCHEMA.split(";\n"):
                self.db.execute(statement)
            self.db.execute(f"PRAGMA user_version = {VERSION}")
        self.db.execute("COMMIT")
        self._check_version()

    def _version(self) -> tuple[int, int]:
        """Which version wrote the file, and how many tables and indices it has; both 0 of an empty one."""
        version = self.db.execute("PRAGMA user_version").fetchone()[0]
        return version, self.db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]

    def _check_version(self) -> None:
        version, _ = self._version()
        if version != VERSION:
            self.db.close()
            raise InputError(
                Problem(
                    "this journal was written by another version of Tandem",
                    file=str(self.path),
                    found=f"version {version}",
                    allowed=f"version {VERSION}; begin a new journal in another folder, with the broker's positions",
                )
            )

    @contextmanager
    def write(self, name: str) -> Iterator[sqlite3.Connection]:
        """One transaction: everything in it is on the disk when the block is left, or nothing of it.

        name is what the boundary before and after its commit is called.

        Raises Unwritable where the system refuses it; then nothing of it is there.
        """
        try:
            self.db.execute("BEGIN IMMEDIATE")
            yield self.db
            self.boundary(f"before commit {name}")
            self.db.execute("COMMIT")
        except BaseException as failed:
            if self.db.in_transaction:
                self.db.execute("ROLLBACK")
            if isinstance(failed, sqlite3.OperationalError):
                raise Unwritable(self.path, failed) from failed
            raise
        self.boundary(f"after commit {name}")

    def read(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """Rows of a question."""
        return self.db.execute(sql, values).fetchall()

    def lock(self) -> None:
        """Take the right to carry orders; the operating system gives it back when the process ends, however it ends.

        Raises InputError where another process has it, Unwritable as `write`.
        """
        if self._lock is not None:
            return
        path = self.path.with_name(self.path.name + ".lock")
        lock = None
        try:
            lock = sqlite3.connect(path, isolation_level=None, timeout=0.0)
            lock.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as taken:
            if lock is not None:
                lock.close()
            if taken.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise Unwritable(path, taken) from taken
            raise InputError(
                Problem(
                    "another process carries orders with this journal",
                    file=str(self.path),
                    allowed="one at a time: end the other one first",
                )
            ) from taken
        self._lock = lock

    def close(self) -> None:
        """Close the file and give the lock back."""
        self.db.close()
        if self._lock is not None:
            self._lock.close()
            self._lock = None
