# SPDX-License-Identifier: Apache-2.0
"""`tandem verify`: a second engine, the look-ahead test, the live-window test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.backtest_commands import CONFIG, JSON, SET

if TYPE_CHECKING:
    from rich.console import Console

    from engine.runs.live_window import Window, WindowCheck
    from engine.runs.verify import Agreement, Verdict, Verification

WINDOW = Annotated[
    str | None,
    typer.Option(
        metavar="BARS|all",
        help="Bars that a live session knows, `all` where it loads every older one; default: by the parameters.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("verify")(verify)


def verify(config: CONFIG, set_: SET = None, window: WINDOW = None, json_: JSON = False) -> None:
    """Run backtrader on the same decisions and compare fill by fill; test that no feature looks ahead.

    Exit code 1 when the engines differ, a feature looks ahead, or the last bars alone decide otherwise; 2 when nothing
    failed and the second engine could not run because backtrader is not installed. A strategy that trades options has
    no second engine: the other two are tested. Of a portfolio each sleeve is verified alone.
    """
    from rich.console import Console

    from engine.cli.progress import watched
    from engine.config.loader import load_config
    from engine.report.kit.encoding import to_json
    from engine.runs.verify import verify as check

    ready = load_config(config, list(set_ or ()))
    with watched() as watch:
        verification = check(ready, _bars(window), watch=watch)
    if json_:
        typer.echo(to_json(verification.document()))
    else:
        show(verification, Console(highlight=False))
    if not verification.passed:
        raise typer.Exit(1)
    if verification.missing:
        raise typer.Exit(2)


def _bars(window: str | None) -> Window | None:
    """What `--window` asks for. Raises InputError where it is neither a number of 2 or more nor `all`."""
    from engine.errors import InputError, Problem

    if window is None:
        return None
    if window == "all":
        return "all"
    if not window.isdecimal() or int(window) < 2:
        raise InputError(Problem("not a number of bars", path="--window", found=window, allowed="2 or more, or all"))
    return int(window)


def show(verification: Verification, console: Console) -> None:
    """Print what was found, in words."""
    for verdict in verification.sleeves.values():
        _verdict(verdict, console)
        if not verification.lone:
            console.print()
    if not verification.lone:
        _hanging(console, "", "Each sleeve was run alone: netting and transfers between sleeves have no second engine.")


def _verdict(verdict: Verdict, console: Console) -> None:
    first = f"{verdict.bars:,} bars"
    if verdict.engines is not None:
        first += f"; {_compared(verdict.engines)}"
    _hanging(console, f"[bold]{verdict.name}[/]  ", first)
    console.print()
    if verdict.engines is None:
        _item(console, UNTRIED, "Engines", f"not compared: {verdict.not_compared}")
        console.print()
    else:
        _engines(verdict.engines, console)
    found = verdict.look_ahead
    _item(console, _mark(good=found.passed), "Look-ahead", found.words)
    for words in filter(None, (str(found.rounded or ""), found.failed)):
        _hanging(console, "    ", words)
    _window(verdict.window, console)


def _compared(engines: Agreement) -> str:
    """What was compared: the run, or what both engines can express of it."""
    without = ", ".join(engines.taken_out)
    if not engines.your_run:
        return f"not your run: {engines.fills:,} fills compared without {without}"
    bound = f"; {without}, which backtrader does not have, changed none of them" if without else ""
    return f"your run: {engines.fills:,} fills compared{bound}"


def _engines(engines: Agreement, console: Console) -> None:
    ours, theirs = engines.equity
    difference = engines.difference
    found = f"{engines.fills:,} fills agree one by one in time, symbol, quantity and price"
    if difference is not None:
        found = f"fill {difference.index + 1} is the first that differs"
    _item(console, _mark(good=difference is None), "Engines", found)
    if difference is not None:
        console.print(f"    native      {difference.first or 'no such fill'}", markup=False)
        console.print(f"    backtrader  {difference.second or 'no such fill'}", markup=False)
        if difference.why:
            console.print(f"    {difference.why}", markup=False)
    of_run = "" if engines.your_run else f"; your run {engines.own_equity:,.2f}"
    console.print(f"    equity at the end: native {ours:,.2f}, backtrader {theirs:,.2f}{of_run}")
    console.print("\n[bold]Left out of the comparison[/], because backtrader cannot express it")
    for words in engines.left_out:
        _hanging(console, "  - ", words)
    console.print()


def _window(window: WindowCheck, console: Console) -> None:
    name = "the bars up to each decision" if window.window == "all" else f"the last {window.window:,} bars"
    if not window.rows:
        _item(console, UNTRIED, "Live window", f"not tried: no bar of the run has {window.window:,} bars behind it")
        return
    if window.passed:
        _item(console, _mark(good=True), "Live window", f"{name} decide as all bars do, on {window.rows} bars tried")
    else:
        _item(console, _mark(good=False), "Live window", f"{name} decide otherwise on {window.session}")
        console.print(f"    all bars     {', '.join(window.with_all) or 'no order'}", markup=False)
        console.print(f"    the window   {', '.join(window.with_window) or 'no order'}", markup=False)
        for words in _cause(window):
            _hanging(console, "    ", words)
    if window.shortened:
        _hanging(
            console, "    ", f"{window.wanted:,} were wanted, three times the longest look-back; there are too few bars"
        )


def _cause(window: WindowCheck) -> Iterator[str]:
    """Which bars make the difference and through which features."""
    for name, (full, part) in list(window.changed.items())[:3]:
        yield f"{name} is {full:.6g} with all bars, {part:.6g} with the window"
    if window.cause == "later bars":
        yield "Later bars change this decision: it looks ahead, and no live session can make it."
    else:
        yield (
            "Older bars change this decision, later ones do not: the features remember more than the window. A live "
            "session must load all of the past; `--window all` tests that."
        )


def _item(console: Console, mark: str, name: str, words: str) -> None:
    """One check: its mark, its name, what was found, with the lines below under the first word."""
    _hanging(console, f"{mark} [bold]{name}[/]  ", words)


def _hanging(console: Console, first: str, words: str) -> None:
    """Print `words` behind `first`, which is in markup; later lines begin where the words do."""
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid()
    grid.add_column(no_wrap=True)
    grid.add_column()
    grid.add_row(Text.from_markup(first), Text(words))
    console.print(grid)


UNTRIED = "[dim]  -  [/]"
"""In place of a mark, where a check cannot be made."""


def _mark(*, good: bool) -> str:
    return "[green]holds[/]" if good else "[red]FAILS[/]"
