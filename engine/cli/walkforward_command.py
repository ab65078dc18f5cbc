# SPDX-License-Identifier: Apache-2.0
"""`tandem walkforward`: parameters chosen anew as time goes on, each choice judged on what it was not made from."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.backtest_commands import CONFIG, JSON, SET
from engine.cli.sweep_command import OBJECTIVE, OVER, TRIES

LENGTH = "3y is three years, 6m six months, 250 so many sessions"


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("walkforward")(walkforward)


def walkforward(
    config: CONFIG,
    over: OVER = None,
    set_: SET = None,
    train: Annotated[str | None, typer.Option(metavar="LENGTH", help=f"What a choice is made from: {LENGTH}.")] = None,
    test: Annotated[str | None, typer.Option(metavar="LENGTH", help="How long a choice is kept.")] = None,
    anchored: Annotated[
        bool | None, typer.Option("--anchored/--rolling", help="Choose from the first session on, or the last ones.")
    ] = None,
    purge: Annotated[int | None, typer.Option(min=0, metavar="N", help="Sessions left out before each test.")] = None,
    pick: Annotated[
        str | None, typer.Option(help="best, or neighbours: the best mean with those one step away.")
    ] = None,
    seams: Annotated[str | None, typer.Option(help="carried or closed: what is held where a choice ends.")] = None,
    tries: TRIES = None,
    objective: OBJECTIVE = None,
    threads: Annotated[int, typer.Option(min=0, metavar="N", help="Threads; 0: one a core.")] = 0,
    out: Annotated[Path | None, typer.Option(help="Folder for results; default: the config's `results`.")] = None,
    json_: JSON = False,
) -> None:
    """Choose parameters on the past, use them on what follows, choose again; show what the choices were worth.

    The page is results/NAME/walkforward-RUN/walkforward.html; ledger, orders and equity of the account that made every
    choice are beside it. What is left out here is read from the file's sections `walkforward` and `sweep`.
    """
    from engine.cli.progress import watched
    from engine.report.folder.run_folder import check_root
    from engine.report.kit.encoding import to_json
    from engine.report.run.trials_words import trials_document, trials_notice
    from engine.report.walkforward import folder, terminal
    from engine.report.walkforward.document import document
    from engine.runs.sweep.asked import configured, grid_asked
    from engine.runs.walkforward.run import walk_forward

    plan = {"train": train, "test": test, "anchored": anchored, "purge": purge, "pick": pick, "seams": seams}
    put = {f"walkforward.{name}": value for name, value in plan.items()}
    put |= {"sweep.tries": tries, "sweep.objective": objective}
    settings = [*(set_ or ()), *(f"{name}={_plain(value)}" for name, value in put.items() if value is not None)]
    with watched() as watch:
        configure = configured(config, settings)
        ready = configure(())
        root = (out or Path(ready.config.results)) / ready.config.name
        check_root(root)
        grid = grid_asked(over or (), ready.config.sweep)
        found = walk_forward(ready, grid, configure, watch, threads)
        watch("drawing the page")
        page = folder.write(found, ready, root)
        trials = folder.count_trials(found, ready)
    if json_:
        typer.echo(to_json({**document(found), "trials": trials_document(trials), "page": str(page)}))
    else:
        from engine.report.kit.terminal import console, say_notices, say_page

        screen = console()
        terminal.show(found, screen)
        say_notices([trials_notice(trials)], screen, terminal.WIDTH)
        say_page(page, screen)


def _plain(value: object) -> object:
    """A value as YAML has it."""
    return str(value).lower() if isinstance(value, bool) else value
