# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Writes the decisions that docs/signals.md shows into the page: `python docs/signals_figures.py`."""

from __future__ import annotations

import datetime as dt
import io

from page import CONFIGS, Page
from rich.console import Console

from engine.report.signals.account import account_document, say_account
from engine.report.signals.terminal import show
from engine.runs.signals.account_decision import AccountDecision, Holdings
from engine.runs.signals.run import signals as decide

DAY = dt.date(2017, 6, 27)


def signals(_: object) -> str:
    """What the terminal of 80 columns shows, without trailing blanks."""
    console = Console(width=80, file=io.StringIO(), highlight=False, color_system=None)
    show(decide(CONFIGS / "double_agent_sample.yaml", DAY), 0, console, past=True)
    return "\n".join(line.rstrip() for line in console.file.getvalue().rstrip().splitlines())  # type: ignore[attr-defined]


def account(_: object) -> str:
    """The part of an account of one's own."""
    console = Console(width=80, file=io.StringIO(), highlight=False, color_system=None)
    decided = decide(CONFIGS / "double_agent_sample.yaml", DAY, Holdings(25_000.0)).account
    assert isinstance(decided, AccountDecision)
    say_account(account_document(decided), console, sleeves=False)
    return "\n".join(line.rstrip() for line in console.file.getvalue().strip().splitlines())  # type: ignore[attr-defined]


PAGE = Page[object]("signals.md", (signals, account))

if __name__ == "__main__":
    PAGE.main()
