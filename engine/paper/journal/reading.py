# SPDX-License-Identifier: Apache-2.0
"""A journal's file to read alone: beside a session that writes it, on a full disk, and where nothing can be written."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from engine.errors import InputError, Problem, RunError

REMEDY = (
    "move it away: the new journal begins with what the account holds, once `tandem paper accept-positions CONFIG` has "
    "taken that over"
)

NO_ROOM = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR})
"""What SQLite says where it cannot make the file that it reads a journal by."""


@contextmanager
def to_read(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that sees every commit and can change nothing.

    What was committed last stands in a file beside the journal, and to read both SQLite needs a third one, which it
    cannot make on a full or read-only disk. A session that runs has made it, so that without it nobody writes: then the
    journal is read as it lies where the file beside it is empty, and a copy of both where it is not.

    Raises InputError for a file that is no journal, RunError where it cannot be read.
    """
    with ExitStack() as kept:
        try:
            db = _opened(path, kept)
        except sqlite3.OperationalError as failed:
            raise RunError(f"{path}: the journal cannot be read: {failed}") from failed
        except OSError as failed:
            raise RunError(f"{path}: the journal cannot be copied to read it: {failed}") from failed
        except sqlite3.DatabaseError as broken:
            raise no_journal(path, broken) from broken
        yield kept.enter_context(closing(db))


def has_begun(path: Path) -> bool:
    """Whether there is a journal with something in it: a program that ends as it makes one leaves an empty file.

    Raises as `to_read`.
    """
    if not path.is_file():
        return False
    with to_read(path) as db:
        return bool(db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def check_whole(db: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError where pages of the file do not belong together: figures of it would be made up."""
    try:
        said = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    except UnicodeDecodeError as broken:
        raise sqlite3.DatabaseError("its table of contents is damaged") from broken
    if said != "ok":
        raise sqlite3.DatabaseError(said.splitlines()[-1])


def no_journal(path: Path, why: sqlite3.DatabaseError) -> InputError:
    """A file that is none, or none any more, with what to do."""
    return InputError(Problem(f"this is no journal: {why}", file=str(path), allowed=REMEDY))


def _opened(path: Path, kept: ExitStack) -> sqlite3.Connection:
    try:
        return _connected(path, "?mode=ro")
    except sqlite3.OperationalError as failed:
        if failed.sqlite_errorcode & 0xFF not in NO_ROOM:
            raise
    beside = path.with_name(path.name + "-wal")
    if not beside.exists() or not beside.stat().st_size:
        return _connected(path, "?mode=ro&immutable=1")
    folder = Path(kept.enter_context(tempfile.TemporaryDirectory(prefix="tandem-paper-")))
    for one in (path, beside):
        shutil.copyfile(one, folder / one.name)
    return _connected(folder / path.name, "")


def _connected(path: Path, how: str) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.resolve().as_uri()}{how}", uri=True, isolation_level=None, timeout=10.0)
    try:
        check_whole(db)
    except sqlite3.DatabaseError:
        db.close()
        raise
    return db
