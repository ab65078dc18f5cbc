# SPDX-License-Identifier: Apache-2.0
"""The morning note: what several configurations decided at the last close, and what changed since the close before."""

from engine.runs.note.changes import Book, Change, Crossing, Fill
from engine.runs.note.gather import Broken, Entry, Note, configurations, note

__all__ = ["Book", "Broken", "Change", "Crossing", "Entry", "Fill", "Note", "configurations", "note"]
