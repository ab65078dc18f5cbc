# SPDX-License-Identifier: Apache-2.0
"""`tandem verify`: a second engine, the look-ahead test, the live-window test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.backtest_commands import CONFIG, JSON, SET

if TYPE_CHECKING:
    from rich.console import Console

    from engine.runs.live_window import Window
    from engine.runs.verify import Verdict, Verification

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
    from engine.report.verify.words import checks, compared

    said = "; ".join(filter(None, (f"{verdict.bars:,} bars", compared(verdict))))
    _hanging(console, f"[bold]{verdict.name}[/]  ", said)
    console.print()
    for check in checks(verdict):
        _item(console, MARKS[check.holds], check.name, check.found)
        for line in check.lines:
            _hanging(console, "    ", line)
        if check.name == "Engines":
            _left_out(verdict, console)


def _left_out(verdict: Verdict, console: Console) -> None:
    if verdict.engines is not None:
        console.print("\n[bold]Left out of the comparison[/], because backtrader cannot express it")
        for words in verdict.engines.left_out:
            _hanging(console, "  - ", words)
    console.print()


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


MARKS = {True: "[green]holds[/]", False: "[red]FAILS[/]", None: "[dim]  -  [/]"}
"""Before a check: whether it holds, or could not be made."""
