# SPDX-License-Identifier: Apache-2.0
"""`tandem verify`: a second engine, the look-ahead test, the live-window test."""

from typing import Annotated

import typer

from engine.cli.backtest_commands import CONFIG, JSON, SET

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
    from engine.cli.progress import watched
    from engine.config.loader import load_config
    from engine.report.kit.encoding import to_json
    from engine.report.kit.terminal import console
    from engine.report.verify.terminal import show
    from engine.runs.verify.live_window import as_window
    from engine.runs.verify.run import verify as check

    ready = load_config(config, list(set_ or ()))
    with watched() as watch:
        verification = check(ready, as_window(window, "--window"), watch=watch)
    if json_:
        typer.echo(to_json(verification.document()))
    else:
        show(verification, console())
    if not verification.passed:
        raise typer.Exit(1)
    if verification.missing:
        raise typer.Exit(2)
