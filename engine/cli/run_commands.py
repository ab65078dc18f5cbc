# SPDX-License-Identifier: Apache-2.0
"""`tandem runs list|compare` and `tandem report`: what to do with finished runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from engine.errors import InputError
    from engine.report.folder.rebuilt import Rebuilt
    from engine.runs.chance.findings import Asked

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
    null_markets: Annotated[
        int | None,
        typer.Option("--null-markets", metavar="N", help="With --significance: the strategy on N redrawn markets."),
    ] = None,
    null_block: Annotated[
        float | None, typer.Option("--null-block", metavar="BARS", help="Mean length of a block of null markets.")
    ] = None,
    random_entries: Annotated[
        int | None,
        typer.Option("--random-entries", metavar="N", help="With --significance: its trades on N draws of other days."),
    ] = None,
    trip_orders: Annotated[
        int | None,
        typer.Option("--trip-orders", metavar="N", help="With --significance: drawdowns of N orders of its trades."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Rebuild report.html of a run from the files of its folder, with --factors also from those of a file."""
    from engine.cli.progress import watched
    from engine.report.folder import run_index
    from engine.report.folder.rebuilt import Factors, rebuild_report
    from engine.runs.chance.findings import Asked

    folder = run_index.find_run(run, results)
    given = None if factors is None else Factors(factors, factor_unit)
    asked = Asked(null_markets, null_block, random_entries, trip_orders)
    if asked.anything and not significance:
        raise _alone(asked)
    with watched() as watch:
        made = rebuild_report(folder, out, given, asked if significance else None, watch)
    if as_json:
        _print(folder, made)
    else:
        _show(made)


def _print(folder: Path, made: "Rebuilt") -> None:
    """One JSON document."""
    from engine.report.kit.encoding import to_json
    from engine.report.run.factor_section import factor_document
    from engine.report.run.significance_section import significance_document
    from engine.report.run.trials_words import trials_document

    told = {} if made.factors is None else {"factors": factor_document(made.factors)}
    if made.judged:
        worth = significance_document(made.judged.significance, made.judged.chance)
        told["significance"] = {**worth, "trials": trials_document(made.judged.trials)}
    said = [{"level": one.level, "text": one.text} for one in made.loud]
    typer.echo(to_json({"run": str(folder), "report": str(made.page), "notices": said, **told}))


def _show(made: "Rebuilt") -> None:
    """What was added, and where the page is."""
    if made.factors or made.judged:
        from engine.report.kit.terminal import console, say_notices
        from engine.report.run.factor_section import show_factors
        from engine.report.run.significance_section import show_significance
        from engine.report.run.trials_words import trials_notice

        screen, judged = console(), made.judged
        say_notices(made.loud, screen)
        if judged:
            show_significance(judged.significance, trials_notice(judged.trials), judged.chance, screen)
        if made.factors:
            show_factors(made.factors, screen)
    typer.echo(f"report  {made.page}")


def _alone(asked: "Asked") -> "InputError":
    """The mistake of an option that only --significance reads."""
    from engine.errors import InputError, Problem

    name = next(f"--{name.replace('_', '-')}" for name, value in vars(asked).items() if value is not None)
    return InputError(Problem("a part of --significance", path=name, allowed=f"--significance {name} beside it"))
