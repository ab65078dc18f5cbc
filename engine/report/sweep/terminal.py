# SPDX-License-Identifier: Apache-2.0
"""A sweep on a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.model.sleeves import told_strategy
from engine.report.kit import terminal
from engine.report.kit.terminal import DIM, heading, say_notices
from engine.report.kit.words import counted, decimal, leg_names, percent
from engine.report.sweep.document import notices
from engine.report.sweep.front import front_grid, front_words
from engine.report.sweep.rows import named_runs, profile_grid, runs_grid
from engine.report.sweep.words import score_words, short
from engine.runs.sweep.findings import Sweep

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80


def show(found: Sweep, console: Console, seconds: float, kept: int) -> None:
    """What was tried, the best beside the median, and each axis. seconds and combinations kept of an earlier start."""
    result = found.best.result
    market = result.market
    legs = ", ".join(leg_names(market.symbols))
    heading(result.config.name, f"sweep of {told_strategy(result.config)} on {legs}", console)
    _say(f"{market.sessions[0]} to {market.sessions[-1]}; {market.label}", console)
    _say(_pace(found, seconds, kept), console)
    say_notices(notices(found), console, WIDTH)
    several = len(found.objectives) > 1
    if several and len(found.front):
        console.print("\n[bold]The Pareto front[/]")
        _say(front_words(found), console)
        console.print(front_grid(found).on_terminal(breaks=("settings",)))
    console.print(f"\n[bold]The {'front' if several else 'best'} beside the median[/]  by {found.objective.words}")
    console.print(runs_grid(found).on_terminal())
    for name, words, _ in named_runs(found)[:-1]:
        terminal.say(words, console, DIM, head=f"{name} ", width=WIDTH)
    _say(_scores(found), console)
    for one in found.profiles:
        heading(short(one.axis.name), f"{found.objective.words}, all values of the others", console, above="\n")
        console.print(profile_grid(found, one).on_terminal())


def _pace(found: Sweep, seconds: float, kept: int) -> str:
    fresh = len(found.numbers) - kept
    words = counted(len(found.numbers), "combination")
    words += f", {kept:,} of them kept from before" if kept else ""
    rate = fresh / seconds if seconds > 0.0 else 0.0
    return f"{words}; {rate:,.0f} a second" if rate >= 1.0 else f"{words}; {seconds:,.0f} s"


def _scores(found: Sweep) -> str:
    best, middle = (score_words(found, float(found.score[one.place])) for one in (found.best, found.middle))
    words = f"{found.objective.words}: best {best}, median {middle}"
    near = score_words(found, float(found.around[found.best.place]))
    words += f", neighbours of the best {near}" if found.complete else ""
    if found.luck is not None:
        luck = found.luck
        words += f"; best of {luck.tries:,} without merit {decimal(luck.expected, 2)}"
        words += f", better than luck {percent(luck.deflated, 0)}"
    return f"{words}."


def _say(words: str, console: Console) -> None:
    terminal.say(words, console, DIM, width=WIDTH)
