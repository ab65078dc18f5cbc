# SPDX-License-Identifier: Apache-2.0
"""`tandem sweep`: many settings of one configuration, and what the best of them is worth."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.backtest_commands import CONFIG, JSON, SET

OVER = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=VALUES",
        help="Values to try: enter=0.5:2:0.25 from, to and step, impact=0.01:1:x10 from, to and factor, or "
        "fills.at=next_open,next_close; once a setting. A name without a dot is a parameter. In "
        "place of the file's sweep.over.",
    ),
]
TRIES = Annotated[
    int | None, typer.Option(min=1, metavar="N", help="Only so many combinations, drawn at random by the seed.")
]
SEARCH = Annotated[
    str | None,
    typer.Option(
        metavar="HOW",
        help="How --tries are chosen: random, or tpe: where those before them did well, by Optuna (extra `search`).",
    ),
]
OBJECTIVE = Annotated[
    str | None,
    typer.Option(help="reward_to_variability, total_return or max_drawdown; default: the config's sweep.objective."),
]

OBJECTIVES = Annotated[
    list[str] | None,
    typer.Option(
        help="reward_to_variability, total_return or max_drawdown; repeat for more: then the combinations that no "
        "other beats are shown. Default: the config's sweep.objective.",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("sweep")(sweep)


def sweep(
    config: CONFIG,
    over: OVER = None,
    set_: SET = None,
    tries: TRIES = None,
    search: SEARCH = None,
    objective: OBJECTIVES = None,
    workers: Annotated[
        int, typer.Option(min=0, metavar="N", help="Processes of this machine, a local Dask cluster; 0: threads.")
    ] = 0,
    cluster: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Scheduler of a Dask cluster, such as tcp://10.0.0.5:8786.")
    ] = None,
    threads: Annotated[int, typer.Option(min=0, metavar="N", help="Threads of this process; 0: one a core.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for results; default: the config's `results`.")] = None,
    json_: JSON = False,
) -> None:
    """Run every combination of settings, or some of them; show the best beside the median, and how much is luck.

    The page is results/NAME/sweep-RUN/sweep.html, the figures of all combinations are beside it in sweep.parquet. A
    sweep that was stopped goes on where it was when the same command is given again, be it with other workers.
    """
    import json

    from engine.cli.progress import watched
    from engine.report.folder.run_folder import check_root
    from engine.report.kit.encoding import to_json
    from engine.report.run.trials_words import trials_document, trials_notice
    from engine.report.sweep import terminal
    from engine.report.sweep.document import document
    from engine.report.sweep.sweeping import sweep_to_folder
    from engine.runs.sweep.asked import configured, grid_asked
    from engine.runs.sweep.bench import Bench
    from engine.runs.sweep.executing import executing

    settings = [*(set_ or ())]
    settings += [f"sweep.tries={tries}"] if tries else []
    settings += [f"sweep.search={search}"] if search else []
    settings += [f"sweep.objective={objective[0]}"] if objective and len(objective) == 1 else []
    settings += [f"sweep.objective={json.dumps(objective)}"] if objective and len(objective) > 1 else []
    with watched() as watch:
        configure = configured(config, settings)
        ready = configure(())
        bench = Bench(grid_asked(over or (), ready.config.sweep), configure, threads)
        root = (out or Path(ready.config.results)) / ready.config.name
        check_root(root)
        with executing(workers, cluster, threads, watch) as executor:
            swept = sweep_to_folder(ready, bench, root, watch, _stopped, executor)
    if json_:
        told = {**document(swept.found), "trials": trials_document(swept.trials), "page": str(swept.page)}
        typer.echo(to_json(told))
    else:
        from engine.report.kit.terminal import console, say_notices, say_page

        screen = console()
        terminal.show(swept.found, screen, swept.seconds, swept.kept)
        screen.print()
        say_notices([trials_notice(swept.trials)], screen, terminal.WIDTH)
        say_page(swept.page, screen)


def _stopped(done: int, wanted: int) -> None:
    from sys import stderr

    stderr.write(f"{done:,} of {wanted:,} combinations are kept; the same command goes on from there.\n")
