# SPDX-License-Identifier: Apache-2.0
"""Tables of a walk-forward that page and terminal share: the account beside the others, and choice by choice."""

from __future__ import annotations

from engine.analytics.analysis import Analysis
from engine.report.kit.grid import Field, Grid
from engine.report.kit.words import percent
from engine.report.sweep.rows import RUN_FIELDS, run_row
from engine.report.sweep.words import settings_words
from engine.report.walkforward.document import told
from engine.runs.walkforward.findings import Fold, WalkForwardFound


def runs_grid(found: WalkForwardFound) -> Grid:
    """The walk-forward's account, the configuration as it is, and what hindsight would have chosen."""
    return Grid(RUN_FIELDS, [run_row(name, words, one) for name, words, one in named_runs(found)])


def named_runs(found: WalkForwardFound) -> list[tuple[str, str, Analysis]]:
    """The runs over all tests, each by a short name and what it decided with."""
    after = found.after
    return [
        ("walk", "each choice in its turn", found.analysis),
        ("own", "as configured", after.own.analysis),
        ("hindsight", settings_words(after.best.values), after.best.analysis),
    ]


def folds_grid(found: WalkForwardFound) -> Grid:
    """Choice by choice: what it was made from, where it was used, and what it was worth in both."""
    words = found.after.objective.words
    fields = (
        Field("Used from", "used from"),
        Field("To", ""),
        Field("Where chosen", "chosen", hint=f"{words} of the choice over what it was made from"),
        Field("Where used", "used", hint=f"{words} of the same in the test, as a run of its own"),
        Field("Others below", "rank", hint="part of the other combinations that did worse in the test; blind: 50 %"),
        Field("Account", "account", hint="total return of the walk-forward's account over the test"),
        Field("Choice", "choice", text=True),
        Field("Made from", "", text=True),
    )
    return Grid(fields, [_fold(found, one) for one in found.folds])


def _fold(found: WalkForwardFound, fold: Fold) -> list[str]:
    window = fold.window
    return [
        str(window.test.first),
        str(window.test.last),
        told(found, fold.promised),
        told(found, fold.kept),
        percent(fold.rank, 0),
        percent(fold.account, 1),
        settings_words(fold.values),
        f"{window.train.first} to {window.train.last}",
    ]
