# SPDX-License-Identifier: Apache-2.0
"""A walk-forward on a terminal of 80 columns."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from engine.model.sleeves import told_strategy
from engine.report.kit import terminal
from engine.report.kit.terminal import DIM, heading, say_notices
from engine.report.kit.words import counted, decimal, leg_names, percent
from engine.report.walkforward.document import above_cash, notices, told
from engine.report.walkforward.rows import folds_grid, named_runs, runs_grid
from engine.report.walkforward.words import plan_words
from engine.runs.trials.standing import ratio_of
from engine.runs.walkforward.findings import WalkForwardFound

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80


def show(found: WalkForwardFound, console: Console) -> None:
    """The account beside the others, then choice by choice."""
    result, after = found.stitched, found.after
    market = result.market
    legs = ", ".join(leg_names(market.symbols))
    heading(result.config.name, f"walk-forward of {told_strategy(result.config)} on {legs}", console)
    _say(f"{market.sessions[0]} to {market.sessions[-1]}; {market.label}", console)
    _say(f"{counted(len(found.folds), 'choice')} among {len(after.numbers):,}, {plan_words(found.plan)}", console)
    say_notices(notices(found), console, WIDTH)
    console.print("\n[bold]The account that made every choice[/]  beside what it did not know")
    console.print(runs_grid(found).on_terminal())
    for name, words, _ in named_runs(found):
        terminal.say(words, console, DIM, head=f"{name} ", width=WIDTH)
    console.print(f"\n[bold]Choice by choice[/]  {after.objective.words}")
    console.print(folds_grid(found).on_terminal(breaks=("choice",)))
    _say(summary(found), console)


def summary(found: WalkForwardFound) -> str:
    """What the choices were worth, in a few sentences."""
    words = "No choice has a figure both where it was made and where it was used. "
    if found.judged:
        words = (
            f"On average the choices had {told(found, found.promised)} where they were made and "
            f"{told(found, found.kept)} where they were used; the median combination had {told(found, found.blind)} "
            "there. "
        )
    if math.isfinite(found.rank):
        words += f"{percent(found.rank, 0)} of the others did worse (blind: 50 %). "
    sure = above_cash(found)
    if math.isfinite(sure):
        words += f"Probability that the account is better than cash: {percent(sure, 0)}. "
    if len(found.paths):
        low, high = (decimal(float(one), 2) for one in (found.paths[0], found.paths[-1]))
        words += (
            f"Chosen by what lies around each test, {len(found.paths)} paths through the same sessions have ratios "
            f"from {low} to {high}, median {decimal(float(np.median(found.paths)), 2)}; the account has "
            f"{decimal(ratio_of(found.analysis), 2)}."
        )
    return words.strip()


def _say(words: str, console: Console) -> None:
    terminal.say(words, console, DIM, width=WIDTH)
