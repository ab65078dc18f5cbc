# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Writes the decision that docs/signals.md shows into the page.

    python docs/signals_figures.py

A test compares the page with a fresh one.
"""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path

from rich.console import Console

from engine.report.signals.terminal import show
from engine.runs.signals import signals

HERE = Path(__file__).resolve().parent
PAGE = HERE / "signals.md"
CONFIG = HERE.parent / "configs" / "double_agent_sample.yaml"
DAY = dt.date(2017, 6, 27)


def printed() -> str:
    """What the terminal of 80 columns shows, without trailing blanks."""
    console = Console(width=80, file=io.StringIO(), highlight=False, color_system=None)
    show(signals(CONFIG, DAY), 0, console, past=True)
    return "\n".join(line.rstrip() for line in console.file.getvalue().rstrip().splitlines())  # type: ignore[attr-defined]


def written(text: str) -> str:
    """The page's text with the decision in place."""
    block = f"<!-- printed: signals -->\n```text\n{printed()}\n```\n<!-- end -->"
    return re.sub(r"<!-- printed: signals -->\n.*?<!-- end -->", lambda _: block, text, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
