# SPDX-License-Identifier: Apache-2.0
"""`tandem capacity`: the size at which costs eat the edge."""

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.backtest_commands import CONFIG, JSON, SET


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("capacity")(capacity)


def capacity(
    config: CONFIG,
    set_: SET = None,
    out: Annotated[Path | None, typer.Option(help="Folder for results; default: the config's `results`.")] = None,
    json_: JSON = False,
) -> None:
    """Run the strategy at other sizes; show where market impact has eaten its edge, and what its orders ask of a day.

    The page is results/NAME/capacity-RUN/capacity.html.
    """
    from engine.cli.progress import watched
    from engine.config.canonical import config_hash, resolved_yaml
    from engine.config.loader import load_config
    from engine.report.capacity import document as capacity_document
    from engine.report.capacity import folder as capacity_folder
    from engine.report.capacity import terminal as capacity_terminal
    from engine.report.folder.run_folder import check_root
    from engine.report.kit.encoding import to_json
    from engine.runs.capacity import capacity as test
    from engine.strategy.source.identity import source_hash

    with watched() as watch:
        ready = load_config(config, set_ or ())
        root = out or Path(ready.config.results)
        check_root(root / ready.config.name)
        found = test(ready, watch=watch)
        watch("drawing the page")
        written = capacity_folder.write(
            found,
            config_text=resolved_yaml(ready.config),
            config_hash=config_hash(ready.config),
            source_hash=source_hash(*ready.strategies.values()),
            root=root,
        )
    if json_:
        typer.echo(to_json({**capacity_document.document(found), "page": str(written)}))
    else:
        from engine.report.kit.terminal import console, say_page

        screen = console()
        capacity_terminal.show(found, screen)
        say_page(written, screen)
