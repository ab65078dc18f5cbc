# SPDX-License-Identifier: Apache-2.0
"""`tandem`: the command line. Commands import what they need when they run, so `--help` stays quick."""

from __future__ import annotations

import sys

import typer

from engine.cli import backtest_commands, config_commands, data_commands, run_commands
from engine.errors import InputError, TandemError

app = typer.Typer(
    name="tandem",
    help="Honest backtests and signals for two-sided small-cap/large-cap trades.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
backtest_commands.register(app)
run_commands.register(app)
app.add_typer(data_commands.app, name="data")
app.add_typer(config_commands.app, name="config")


def main() -> None:
    """Entry point: one clear message and an exit code in place of every traceback we can foresee.

    0 fine, 1 the run failed or a check did not hold, 2 the user's input is wrong, 130 interrupted.
    """
    try:
        app()
    except TandemError as error:
        _say(error)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted; nothing half-written was left behind.\n")
        sys.exit(130)


def _say(error: TandemError) -> None:
    from rich.console import Console

    if isinstance(error, InputError):
        from engine.cli.problem_view import show_problems

        show_problems(error, Console(stderr=True, highlight=False))
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print("[bold red]error[/]", end=" ")
    console.print(str(error), markup=False)
