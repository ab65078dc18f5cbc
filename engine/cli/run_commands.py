# SPDX-License-Identifier: Apache-2.0
"""`tandem runs list|compare` and `tandem report`: what to do with finished runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

runs = typer.Typer(help="Finished runs: list them, compare them.", no_args_is_help=True)

Results = Annotated[Path, typer.Option("--results", help="Folder that holds the run folders.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def register(app: typer.Typer) -> None:
    """Add `runs` and `report` to the command line."""
    app.add_typer(runs, name="runs")
    app.command("report")(report)


@runs.command("list")
def list_command(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Only the runs of this name.", show_default=False)] = "",
    results: Results = Path("results"),
    as_json: AsJson = False,
) -> None:
    """List finished runs with their headline metrics, and run folders that cannot be read with the reason."""
    from engine.report.folder import run_index, terminal
    from engine.report.kit.encoding import to_json

    found = run_index.list_runs(results, name)
    if as_json:
        typer.echo(to_json({"results": str(results), **found.as_dict()}))
    else:
        terminal.show_runs(found, results)


@runs.command("compare")
def compare_command(
    run: Annotated[
        list[str],
        typer.Argument(metavar="RUN", help="Two or more runs: a folder, NAME/RUN, or NAME for its latest."),
    ],
    results: Results = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Compare runs: metrics side by side, and the settings in which they differ."""
    from engine.errors import InputError
    from engine.report.folder import run_compare, run_index, terminal
    from engine.report.kit.encoding import to_json

    if len(run) < 2:
        raise InputError(f"a comparison needs two runs or more, found {len(run)}: tandem runs compare RUN RUN...")
    comparison = run_compare.compare([run_index.find_run(text, results) for text in run])
    if as_json:
        typer.echo(to_json(comparison.as_dict()))
    else:
        terminal.show_comparison(comparison)


def report(
    run: Annotated[str, typer.Argument(metavar="RUN", help="A run folder, NAME/RUN, or NAME for its latest.")],
    out: Annotated[
        Path | None, typer.Option("--out", help="Where to write; default: in the run folder.", show_default=False)
    ] = None,
    results: Results = Path("results"),
    factors: Annotated[
        Path | None,
        typer.Option("--factors", metavar="FILE", help="Factor returns, daily or monthly: adds a section on them."),
    ] = None,
    factor_unit: Annotated[
        str | None, typer.Option("--factor-unit", help="What the factors are in: percent or fraction.")
    ] = None,
    significance: Annotated[
        bool, typer.Option("--significance", help="Add what the figures are worth: sureness, intervals.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Rebuild report.html of a run from the files of its folder, with --factors also from those of a file."""
    from engine.report.folder import run_index
    from engine.report.folder.rebuilt import Factors, rebuild_report
    from engine.report.kit.encoding import to_json
    from engine.report.run.factor_section import factor_document, show_factors
    from engine.report.run.significance_section import show_significance, significance_document
    from engine.report.run.trials_words import trials_document, trials_notice

    folder = run_index.find_run(run, results)
    given = None if factors is None else Factors(factors, factor_unit)
    made = rebuild_report(folder, out, given, significance=significance)
    if as_json:
        told = {} if made.factors is None else {"factors": factor_document(made.factors)}
        if made.significance and made.trials:
            judged = significance_document(made.significance)
            told["significance"] = {**judged, "trials": trials_document(made.trials)}
        typer.echo(to_json({"run": str(folder), "report": str(made.page), **told}))
        return
    if made.factors or made.significance:
        from engine.report.kit.terminal import console

        screen = console()
        if made.significance and made.trials:
            show_significance(made.significance, trials_notice(made.trials), screen)
        if made.factors:
            show_factors(made.factors, screen)
    typer.echo(f"report  {made.page}")
