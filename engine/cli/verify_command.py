# SPDX-License-Identifier: Apache-2.0
"""`tandem verify`: a second engine, the look-ahead test, the live-window test."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.backtest_commands import CONFIG, JSON, SET

if TYPE_CHECKING:
    from rich.console import Console

    from engine.backends.verify import Verdict

WINDOW = Annotated[
    int | None, typer.Option(min=2, help="Bars that a live session knows; default: by the strategy's parameters.")
]


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("verify")(verify)


def verify(config: CONFIG, set_: SET = None, window: WINDOW = None, json_: JSON = False) -> None:
    """Run backtrader on the same decisions and compare fill by fill; test that no feature looks ahead.

    Exit code 1 when the engines differ, a feature looks ahead, or the last bars alone decide otherwise.
    """
    from rich.console import Console

    from engine.backends.verify import verify as check
    from engine.cli.progress import watched
    from engine.config.loader import load_config
    from engine.report.terminal import to_json

    with watched() as watch:
        verdict = check(load_config(config, list(set_ or ())), window, watch=watch)
    if json_:
        typer.echo(to_json(verdict.document()))
    else:
        show(verdict, Console(highlight=False))
    if not verdict.passed:
        raise typer.Exit(1)


def show(verdict: Verdict, console: Console) -> None:
    """Print what was found, in words."""
    console.print(f"[bold]{verdict.name}[/]  {verdict.bars:,} bars\n")
    _engines(verdict, console)
    console.print("\n[bold]Left out of the comparison[/], because backtrader cannot express it")
    for words in verdict.left_out:
        console.print(f"  - {words}", markup=False)
    mark = _mark(good=verdict.leak is None)
    console.print(f"\n{mark} [bold]Look-ahead[/]", end="  ")
    console.print(
        verdict.leak or f"no feature changes when later bars become known ({verdict.cuts} cuts)", markup=False
    )
    _window(verdict, console)


def _engines(verdict: Verdict, console: Console) -> None:
    ours, theirs = verdict.equity
    difference = verdict.difference
    console.print(f"{_mark(good=difference is None)} [bold]Engines[/]", end="  ")
    if difference is None:
        console.print(f"{verdict.fills:,} fills agree one by one in time, symbol, quantity and price")
    else:
        console.print(f"fill {difference.index + 1} is the first that differs")
        console.print(f"    native      {difference.first or 'no such fill'}", markup=False)
        console.print(f"    backtrader  {difference.second or 'no such fill'}", markup=False)
        if difference.why:
            console.print(f"    {difference.why}", markup=False)
    console.print(f"    equity at the end: native {ours:,.2f}, backtrader {theirs:,.2f}")


def _window(verdict: Verdict, console: Console) -> None:
    window = verdict.window
    console.print(f"{_mark(good=window.passed)} [bold]Live window[/]", end="  ")
    if not window.rows:
        console.print(f"not tried: the run has no bar with {window.window:,} bars behind it")
    elif window.passed:
        console.print(f"the last {window.window:,} bars decide as all bars do, on {window.rows} bars tried")
    else:
        console.print(f"the last {window.window:,} bars decide otherwise on {window.session}")
        console.print(f"    all bars     {', '.join(window.with_all) or 'no order'}", markup=False)
        console.print(f"    the window   {', '.join(window.with_window) or 'no order'}", markup=False)


def _mark(*, good: bool) -> str:
    return "[green]holds[/]" if good else "[red]FAILS[/]"
