# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Writes the note that docs/note.md shows into the page: `python docs/note_example.py`."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

from page import CONFIGS, Page

from engine.report.note.document import document
from engine.report.note.terminal import text
from engine.runs.note import note as gather

DAY = dt.date(2024, 1, 24)
MADE = dt.datetime(2024, 1, 25, 11, 30, tzinfo=dt.UTC)
NAMES = ("spread_sample", "vix_hedge_sample")


def note(_: object) -> str:
    """What a mail has: two configurations of the sample market, and a third one that is broken."""
    broken = Path("runs/twin.yaml")
    found = gather([CONFIGS / f"{name}.yaml" for name in NAMES], DAY)
    lost = gather([broken], DAY).broken
    return text(document(replace(found, made=MADE, broken=lost))).rstrip()


PAGE = Page[object]("note.md", (note,))

if __name__ == "__main__":
    PAGE.main()
