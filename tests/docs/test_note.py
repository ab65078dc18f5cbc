# SPDX-License-Identifier: Apache-2.0
"""docs/note.md: the note it prints is the one of that day, and its exit codes and commands are those of the command."""

import re

from engine.cli.note_command import UNDELIVERED
from engine.report.note.document import BROKEN, FINE, LATE
from tests.docs.conftest import ROOT, script, tables_with

PAGE = "note.md"
TEXT = (ROOT / "docs" / PAGE).read_text(encoding="utf-8")


def test_the_note_is_that_of_the_day():
    printed = script("note_example")
    assert printed.PAGE.written(None) == TEXT, "python docs/note_example.py writes it"


def test_every_exit_code_is_in_the_table():
    (rows,) = tables_with(PAGE, "exit code", "says")
    assert [int(row["exit code"]) for row in rows] == [FINE, LATE, BROKEN, UNDELIVERED]


def test_every_option_is_one_of_the_command():
    from typer.main import get_command

    from engine.cli.application import app

    known = {name for option in get_command(app).commands["note"].params for name in option.opts}
    used = set(re.findall(r"tandem note [^\n|`]*", TEXT))
    assert {name for line in used for name in re.findall(r"--[a-z]+", line)} <= known
