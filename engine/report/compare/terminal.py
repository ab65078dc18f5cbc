# SPDX-License-Identifier: Apache-2.0
"""A comparison on a terminal of 80 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.report.compare import part_rows, rows, scenario_rows
from engine.report.compare.verdicts import NO_INDEX, NOTHING_FOLLOWED, hedge_verdicts, lead_verdict, response_verdicts
from engine.report.compare.words import episode_kinds, title, units
from engine.report.kit import terminal
from engine.report.kit.grid import Grid
from engine.report.kit.terminal import DIM, LOUD, say_notices
from engine.report.kit.words import counted, decimal, synthetic_warning
from engine.runs.compare import Comparison
from engine.runs.compare.outcome import Outcome

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 80
SHOWN = 6
"""Episodes of a kind on the terminal, the newest."""


def show(found: Comparison, screen: Console) -> None:
    """Each part of the comparison, one below the other."""
    terminal.heading(title(found), f"side by side, to {found.pair.sessions[-1]}", screen)
    _say(found.label, screen)
    if found.synthetic:
        _say(synthetic_warning(found.label), screen, LOUD, "! ")
    say_notices(found.notices, screen, WIDTH)
    for sentence in (*found.aligned.sentences, *units(found.pair)):
        _say(sentence, screen, head="- ")
    screen.print()
    _grid(rows.standing_grid(found), screen)
    screen.print()
    _grid(rows.window_grid(found), screen)
    screen.print()
    _grid(rows.together_grid(found), screen)
    _correlation(found, screen)
    _lead(found, screen)
    _convexity(found, screen)
    _episodes(found, screen)
    _hedge(found, screen)
    for one in found.outcomes:
        _scenario(found, one, screen)


def _correlation(found: Comparison, screen: Console) -> None:
    now = f"{decimal(found.rolling[-1], 2)} now" if found.band else "not defined now: one of the two does not move"
    screen.print(f"\n[bold]Rolling correlation[/]  of changes over {found.window} sessions: {now}")
    _grid(rows.bands_grid(found), screen)
    followed = rows.after_grid(found, "band", {one.name: found.following[one.name] for one in found.bands})
    screen.print("\n[bold]What followed[/]  mean move after a day in the band")
    if followed.rows:
        _grid(followed, screen)
    else:
        _say(NOTHING_FOLLOWED, screen)


def _lead(found: Comparison, screen: Console) -> None:
    screen.print("\n[bold]Who moves first[/]  correlation of changes on different days")
    _say(lead_verdict(found), screen, "bold")
    _grid(part_rows.lead_grid(found), screen)


def _convexity(found: Comparison, screen: Console) -> None:
    if not found.responses:
        return
    screen.print("\n[bold]Convexity[/]  change of the one for a change of 1 of the other")
    _grid(part_rows.sign_grid(found), screen)
    screen.print()
    _grid(part_rows.size_grid(found), screen)
    for sentence in response_verdicts(found):
        _say(sentence, screen, head="- ")


def _episodes(found: Comparison, screen: Console) -> None:
    if found.pair.index is None:
        screen.print("\n[bold]Episodes[/]")
        _say(NO_INDEX, screen)
    for one in found.episodes:
        screen.print(f"\n[bold]{one.name.capitalize()}[/]  {counted(len(one.found), 'episode')}")
        _say(f"{one.words}.", screen)
        _say(f"{one.rule}.", screen)
        if one.found:
            _grid(part_rows.episode_grid(found, one, SHOWN), screen)
            _say(f"The last {SHOWN} of {len(one.found)}; the page has them all.", screen) if len(
                one.found
            ) > SHOWN else None
            _grid(rows.after_grid(found, "from", episode_kinds(found, one)), screen)


def _hedge(found: Comparison, screen: Console) -> None:
    first, second = found.pair.by_kind
    words = "with the beta known the day before"
    terminal.heading(f"{first.symbol} hedged by {second.symbol}", words, screen, above="\n")
    if found.hedge is not None:
        _grid(part_rows.hedge_grid(found, found.hedge), screen)
    if found.carry is not None:
        terminal.heading(f"{first.symbol} hedged by {found.carry.symbol}", "", screen, above="\n")
        _grid(part_rows.hedge_grid(found, found.carry.hedge), screen)
    for sentence in hedge_verdicts(found):
        _say(sentence, screen, head="- ")


def _scenario(found: Comparison, one: Outcome, screen: Console) -> None:
    screen.print("\n[bold]Scenario[/] ", end=" ")
    screen.print(one.scenario.text, markup=False)
    _say(scenario_rows.scenario_words(one), screen)
    _grid(scenario_rows.moves_grid(found, one), screen)
    _grid(rows.after_grid(found, "from", scenario_rows.scenario_kinds(found, one)), screen)
    if one.book is not None:
        for sentence in scenario_rows.book_words(one.book):
            _say(sentence, screen, "", "- ")


def _grid(grid: Grid, screen: Console) -> None:
    terminal.print_table(grid.on_terminal(tight=True), screen)


def _say(words: str, screen: Console, style: str = DIM, head: str = "") -> None:
    terminal.say(words, screen, style, head, WIDTH)
