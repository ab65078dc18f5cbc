# SPDX-License-Identifier: Apache-2.0
"""`tandem stress`: the strategy and its book through history, shocks and a deleveraging spiral."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.backtest_commands import CONFIG, JSON, SET

ASOF = Annotated[
    str | None,
    typer.Option(metavar="DATE", help="Session behind which the hypothetical shocks come; default: the last."),
]
LEVERAGE = Annotated[
    list[float] | None,
    typer.Option(
        metavar="X", help="Gross over equity to show, beside the config's own; repeat for more; default: 1 to 6."
    ),
]
CROWD = Annotated[
    float | None,
    typer.Option(metavar="K", help="Others with the same book, in times its size; default: a day's volume at 1x."),
]
IMPACT = Annotated[float, typer.Option(metavar="Y", help="Coefficient of the square-root law of impact.")]


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("stress")(stress)


def stress(
    config: CONFIG,
    set_: SET = None,
    asof: ASOF = None,
    leverage: LEVERAGE = None,
    crowd: CROWD = None,
    impact: IMPACT = 1.0,
    out: Annotated[Path | None, typer.Option(help="Folder for results; default: the config's `results`.")] = None,
    json_: JSON = False,
) -> None:
    """Put the strategy and its book through history, shocks and a deleveraging spiral; show the leverage that dies.

    The page is results/NAME/stress-RUN/stress.html. Exit code 1 where the day of --asof has no bars and the shocks come
    after the session before it.
    """
    from engine.cli.progress import watched
    from engine.cli.signals_command import as_date
    from engine.config.canonical import config_hash, resolved_yaml
    from engine.config.loader import load_config
    from engine.report.folder.run_folder import check_root
    from engine.report.kit.encoding import to_json
    from engine.report.stress import document as stress_document
    from engine.report.stress import folder as stress_folder
    from engine.report.stress import terminal as stress_terminal
    from engine.runs.stress import LEVERAGES
    from engine.runs.stress import stress as test
    from engine.strategy.source.identity import source_hash

    with watched() as watch:
        ready = load_config(config, set_ or ())
        root = out or Path(ready.config.results)
        check_root(root / ready.config.name)
        ladder = leverage or LEVERAGES
        asked = as_date(asof)
        found = test(ready, asof=asked, leverages=ladder, crowd=crowd, coefficient=impact, watch=watch)
        watch("drawing the page")
        written = stress_folder.write(
            found,
            config_text=resolved_yaml(ready.config),
            config_hash=config_hash(ready.config),
            source_hash=source_hash(*ready.strategies.values()),
            root=root,
        )
    if json_:
        typer.echo(to_json({**stress_document.document(found), "page": str(written)}))
    else:
        from engine.report.kit.terminal import console, say_page

        screen = console()
        stress_terminal.show(found, screen)
        say_page(written, screen)
    if asked not in (None, found.asof):
        raise typer.Exit(1)
