# SPDX-License-Identifier: Apache-2.0
"""A journal is read where nothing can be written: beside a session, on a full disk, after a kill."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from engine.errors import InputError, RunError
from engine.paper.journal import reading
from engine.paper.journal.journal import Journal
from engine.paper.journal.reading import has_begun, to_read
from engine.paper.journal.store import Unwritable
from tests.paper.words import Clock


@pytest.fixture
def path(tmp_path):
    return tmp_path / "journal #1.sqlite"


def noted(path, value):
    journal = Journal(path, Clock())
    journal.note_about("note", value)
    return journal


def read(path):
    with to_read(path) as db:
        return Journal(path, Clock(), db=db).about("note")


def full(monkeypatch, code=sqlite3.SQLITE_CANTOPEN):
    """The system refuses SQLite its file beside the journal, as a full or read-only disk does."""
    connected = reading._connected

    def refusing(path, how):
        if how == "?mode=ro" and path.name == "journal #1.sqlite":
            error = sqlite3.OperationalError("unable to open database file")
            error.sqlite_errorcode = code
            raise error
        return connected(path, how)

    monkeypatch.setattr(reading, "_connected", refusing)


def test_it_is_read_beside_the_session_that_writes_it(path):
    journal = noted(path, "first")
    assert read(path) == "first"
    journal.note_about("note", "second")
    assert read(path) == "second"
    journal.close()
    assert read(path) == "second"


def test_what_is_opened_to_read_cannot_be_written(path):
    noted(path, "first").close()
    with to_read(path) as db, pytest.raises(Unwritable):
        Journal(path, Clock(), db=db).note_about("note", "second")
    assert read(path) == "first"


@pytest.mark.parametrize("code", sorted(reading.NO_ROOM))
def test_on_a_full_disk_it_is_read_as_it_lies(path, monkeypatch, code):
    noted(path, "first").close()
    before = sorted(path.parent.iterdir())
    full(monkeypatch, code)
    assert read(path) == "first"
    assert sorted(path.parent.iterdir()) == before


def test_after_a_kill_on_a_full_disk_the_last_commits_are_read_too(path, tmp_path, monkeypatch):
    """They stand in the file beside it, which a journal that is read as it lies would leave out."""
    journal = noted(path, "first")
    journal.note_about("note", "second")
    killed = tmp_path / "killed"
    killed.mkdir()
    for one in (path, path.with_name(path.name + "-wal")):
        shutil.copy(one, killed)
    journal.close()
    full(monkeypatch)
    assert read(killed / path.name) == "second"
    assert sorted(one.name for one in killed.iterdir()) == [path.name, path.name + "-wal"]


def test_what_cannot_be_copied_either_is_said(path, monkeypatch):
    journal = noted(path, "first")
    full(monkeypatch)

    def refused(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(reading.shutil, "copyfile", refused)
    with pytest.raises(RunError, match=r"cannot be copied to read it: .*No space left on device"):
        read(path)
    journal.close()


def test_a_file_that_is_no_journal_and_one_that_is_held_are_told_apart(path, monkeypatch):
    path.write_bytes(b"these are no pages of a database " * 200)
    with pytest.raises(InputError, match="this is no journal"):
        read(path)
    path.unlink()
    noted(path, "first").close()
    full(monkeypatch, sqlite3.SQLITE_BUSY)
    with pytest.raises(RunError, match="the journal cannot be read: unable to open"):
        read(path)


def test_an_empty_file_is_a_journal_that_has_not_begun(path):
    """A kill, or a full disk, while the file is made: with nothing in it, or with the first page of a database."""
    assert not has_begun(path)
    path.touch()
    assert not has_begun(path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
    assert path.stat().st_size > 0
    assert not has_begun(path)
    noted(path, "first").close()
    assert has_begun(path)
    assert read(path) == "first"


def damaged(path, how):
    """A journal with pages that do not belong together."""
    journal = noted(path, "first")
    for number in range(200):
        journal.note_about(f"note {number}", "x" * 200)
    journal.close()
    kept = bytearray(path.read_bytes())
    if how == "cut":
        kept = kept[: len(kept) // 2]
    elif how == "contents":
        kept[100:4096] = bytes(one ^ 0xFF for one in kept[100:4096])
    elif how == "bytes":
        for at in range(100, len(kept), 97):
            kept[at] ^= 0xFF
    else:
        kept[-8192:-4096] = bytes(4096)
    path.write_bytes(kept)


@pytest.mark.parametrize("how", ["cut", "contents", "bytes", "page"])
def test_a_damaged_journal_is_refused_with_what_to_do(path, how):
    damaged(path, how)
    for opened in (read, has_begun, lambda path: Journal(path, Clock())):
        with pytest.raises(InputError, match=r"this is no journal: (?s:.*)move it away: the new journal begins with"):
            opened(path)
