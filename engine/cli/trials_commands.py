# SPDX-License-Identifier: Apache-2.0
"""`tandem trials list|show|forget`: how often each strategy was tried on its symbols, by this user."""

from typing import Annotated

import typer

from engine.cli.backtest_commands import JSON

app = typer.Typer(help="How often each strategy was tried: the count behind every figure.", no_args_is_help=True)

FAMILY = Annotated[str, typer.Argument(metavar="ID", help="Of `tandem trials list`, or its first digits.")]


@app.command("list")
def list_command(json_: JSON = False) -> None:
    """List strategies with their symbols and how many trials there were of each.

    Backtests and the combinations of sweeps count, each once, with whatever parameters, costs and dates.
    """
    from engine.report.kit.encoding import to_json
    from engine.report.kit.terminal import console
    from engine.report.trials import families_document, show_families
    from engine.runs.trials.asked import all_records

    found = all_records()
    if json_:
        typer.echo(to_json(families_document(found)))
    else:
        show_families(found, console())


@app.command("show")
def show_command(family: FAMILY, json_: JSON = False) -> None:
    """Show every trial of one strategy, and what was forgotten of it, when and why."""
    from engine.report.kit.encoding import to_json
    from engine.report.kit.terminal import console
    from engine.report.trials import record_document, show_record
    from engine.runs.trials.asked import record_named

    found = record_named(family)
    if json_:
        typer.echo(to_json(record_document(found)))
    else:
        show_record(found, console())


@app.command("forget")
def forget_command(
    family: FAMILY,
    reason: Annotated[str, typer.Option("--reason", help="Why these trials do not count; it is kept and shown.")],
) -> None:
    """Delete the trials of one strategy. How many there were, when they were forgotten and why stays on record."""
    from engine.report.kit.words import counted
    from engine.runs.trials.asked import forgotten

    gone = forgotten(family, reason)
    typer.echo(f"{counted(gone.tried, 'trial')} forgotten: {gone.reason}")
