# SPDX-License-Identifier: Apache-2.0
"""The commands of `tandem`. Each imports what it needs when it runs, so `--help` stays quick."""

from typing import Annotated

import typer

from engine.cli import (
    backtest_commands,
    capacity_command,
    compare_command,
    config_commands,
    data_commands,
    funds_command,
    note_command,
    paper_commands,
    run_commands,
    sandbox_command,
    signals_command,
    stress_command,
    sweep_command,
    trials_commands,
    verify_command,
    walkforward_command,
)

app = typer.Typer(
    name="tandem",
    help="Honest backtests and signals for two-sided small-cap/large-cap trades.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
backtest_commands.register(app)
verify_command.register(app)
signals_command.register(app)
note_command.register(app)
stress_command.register(app)
capacity_command.register(app)
compare_command.register(app)
funds_command.register(app)
sweep_command.register(app)
walkforward_command.register(app)
run_commands.register(app)
app.add_typer(trials_commands.app, name="trials")
app.add_typer(data_commands.app, name="data")
app.add_typer(config_commands.app, name="config")
app.add_typer(paper_commands.app, name="paper")
app.add_typer(sandbox_command.app, name="sandbox")


def _show_version(wanted: bool) -> None:
    if wanted:
        from engine.distribution import VERSION

        typer.echo(f"tandem {VERSION}")
        raise typer.Exit


@app.callback()
def tandem(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    """Honest backtests and signals for two-sided small-cap/large-cap trades."""
