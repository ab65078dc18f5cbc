# SPDX-License-Identifier: Apache-2.0
"""The count of trials on disk: one SQLite file of this user, which only an explicit command with a reason forgets.

Many processes may write at once; a killed one leaves the file whole. Nothing here may stop a run: whatever is wrong
with the file is raised as Uncounted, with its reason, and the run says so.
"""

from __future__ import annotations

import math
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engine.clock import now
from engine.runs.trials.family import Family

VARIABLE = "TANDEM_TRIALS"
VERSION = 1
WAIT = 5.0
"""Seconds for another process to end its writing."""

SCHEMA = (
    "CREATE TABLE family (id TEXT PRIMARY KEY, strategy TEXT, legs TEXT, source TEXT, since TEXT) STRICT",
    """CREATE TABLE trial (family TEXT REFERENCES family, key TEXT, kind TEXT, name TEXT, at TEXT, tried INTEGER,
       ratios INTEGER, mean REAL, spread REAL, best REAL, PRIMARY KEY (family, key)) STRICT""",
    "CREATE TABLE forgotten (family TEXT REFERENCES family, at TEXT, tried INTEGER, reason TEXT) STRICT",
)


class Uncounted(Exception):
    """The file cannot be read or written; the message is where and why, and what a person can do."""


@dataclass(frozen=True)
class Trial:
    """A backtest, or the combinations of a sweep or a search; the same key is the same trial however often it is run.

    ratios  of the combinations tried, those that have a Sharpe ratio, of a search those of its draw; mean of these, a
            year, and
    spread  the sum of their squared distances from the mean; best  the highest of all; NaN where none has one
    """

    key: str
    kind: str
    name: str
    tried: int
    ratios: int
    mean: float
    spread: float
    best: float
    at: str = ""


@dataclass(frozen=True)
class Forgotten:
    """Trials that a person deleted, when and why."""

    at: str
    tried: int
    reason: str


@dataclass(frozen=True)
class Record:
    """Everything that is kept of a family, the oldest first; since  when its first trial was counted, UTC."""

    family: Family
    since: str
    trials: tuple[Trial, ...]
    forgotten: tuple[Forgotten, ...]


def trial_of(key: str, kind: str, name: str, ratios: Sequence[float], free: int | None = None) -> Trial:
    """The trial of these Sharpe ratios a year, NaN where there is none.

    free  so many first ones were chosen before any was known; None: all. The others lie where ratios are high and
          alike, so mean and spread are of these alone
    """
    known = [one for one in ratios[:free] if math.isfinite(one)]
    mean = math.fsum(known) / len(known) if known else math.nan
    spread = math.fsum((one - mean) ** 2 for one in known)
    best = max((one for one in ratios if math.isfinite(one)), default=math.nan)
    return Trial(key, kind, name, len(ratios), len(known), mean, spread, best)


def place() -> Path:
    """The file: $TANDEM_TRIALS, else `trials.sqlite` in the user's data folder."""
    own = os.environ.get(VARIABLE)
    if own:
        return Path(own)
    from platformdirs import user_data_path

    return user_data_path("tandem") / "trials.sqlite"


def add(family: Family, trial: Trial) -> Record:
    """Count a trial, once by its key, and return what is kept of its family. Raises Uncounted."""
    with _opened(place()) as db:
        moment = now().strftime("%Y-%m-%dT%H:%M:%SZ")
        db.execute("BEGIN IMMEDIATE")
        told = (family.id, family.strategy, family.legs, family.source, moment)
        db.execute("INSERT OR IGNORE INTO family VALUES (?, ?, ?, ?, ?)", told)
        row = (family.id, trial.key, trial.kind, trial.name, moment, trial.tried, trial.ratios)
        figures = tuple(None if math.isnan(one) else one for one in (trial.mean, trial.spread, trial.best))
        db.execute("INSERT OR IGNORE INTO trial VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*row, *figures))
        db.execute("COMMIT")
        return _record(db, family)


def read(family: Family) -> Record:
    """What is kept of a family, which may be nothing. Raises Uncounted."""
    if not place().exists():
        return Record(family, "", (), ())
    with _opened(place(), "ro") as db:
        return _record(db, family) if _begun(db) else Record(family, "", (), ())


def families() -> list[Record]:
    """Every family, the oldest first. Raises Uncounted."""
    if not place().exists():
        return []
    with _opened(place(), "ro") as db:
        if not _begun(db):
            return []
        rows = db.execute("SELECT strategy, legs, source FROM family ORDER BY since, id").fetchall()
        return [_record(db, Family(*row)) for row in rows]


def forget(family: Family, reason: str) -> Forgotten:
    """Delete the trials of a family; how many, when and why stays. Raises Uncounted."""
    with _opened(place()) as db:
        db.execute("BEGIN IMMEDIATE")
        tried = db.execute("SELECT coalesce(sum(tried), 0) FROM trial WHERE family = ?", (family.id,)).fetchone()[0]
        one = Forgotten(now().strftime("%Y-%m-%dT%H:%M:%SZ"), int(tried), reason)
        db.execute("DELETE FROM trial WHERE family = ?", (family.id,))
        db.execute("INSERT INTO forgotten VALUES (?, ?, ?, ?)", (family.id, one.at, one.tried, one.reason))
        db.execute("COMMIT")
    return one


@contextmanager
def _opened(path: Path, mode: str = "rwc") -> Iterator[sqlite3.Connection]:
    try:
        if mode == "rwc":
            path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", timeout=WAIT, isolation_level=None, uri=True)
        try:
            if mode != "ro" or _begun(db):
                _prepare(db)
            yield db
        finally:
            db.close()
    except (OSError, sqlite3.Error) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Uncounted(f"{path}: {why.lower()}; {VARIABLE} names another file") from error


def _begun(db: sqlite3.Connection) -> bool:
    """Whether anything is in the file: another process may have made it a moment ago, or a person by `touch`."""
    return bool(db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])


def _prepare(db: sqlite3.Connection) -> None:
    """Raise sqlite3.DatabaseError where the file is another program's, or of a later version."""
    db.execute("PRAGMA synchronous = FULL")
    if db.execute("PRAGMA user_version").fetchone()[0] == VERSION:
        return
    db.execute("BEGIN IMMEDIATE")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version == 0 and db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
        for statement in SCHEMA:
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")
    elif version != VERSION:
        raise sqlite3.DatabaseError(f"this is no count of trials of version {VERSION}")
    db.execute("COMMIT")


def _record(db: sqlite3.Connection, family: Family) -> Record:
    since = db.execute("SELECT since FROM family WHERE id = ?", (family.id,)).fetchone()
    columns = "key, kind, name, tried, ratios, mean, spread, best, at"
    rows = db.execute(f"SELECT {columns} FROM trial WHERE family = ? ORDER BY at, key", (family.id,))  # noqa: S608
    trials = []
    for key, kind, name, tried, ratios, mean, spread, best, at in rows:
        middle, away, top = (math.nan if one is None else float(one) for one in (mean, spread, best))
        trials.append(Trial(key, kind, name, tried, ratios, middle, away, top, at))
    gone = db.execute("SELECT at, tried, reason FROM forgotten WHERE family = ? ORDER BY at", (family.id,))
    return Record(family, since[0] if since else "", tuple(trials), tuple(Forgotten(*row) for row in gone))
