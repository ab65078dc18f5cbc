# SPDX-License-Identifier: Apache-2.0
"""`tandem backtest`: one configuration in, one run folder out."""

from pathlib import Path
from typing import Annotated

import typer

CONFIG = Annotated[Path, typer.Argument(metavar="CONFIG", help="YAML file of the run.", show_default=False)]
SET = Annotated[
    list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Override one key; repeat for more.")
]
JSON = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("backtest")(backtest)


def backtest(
    config: CONFIG,
    set_: SET = None,
    engine: Annotated[str | None, typer.Option(help="native or backtrader; default: the config's.")] = None,
    mode: Annotated[str | None, typer.Option(help="auto, interpreted or compiled; default: the config's.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for run folders; default: the config's `results`.")] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 where features look ahead or the data are loudly doubted.")
    ] = False,
    json_: JSON = False,
) -> None:
    """Run one backtest and write its report.

    The run folder is results/NAME/RUN; results/NAME/latest points at the one written last. Exit code 1 with --strict
    where features, data or the file gave a loud notice; what the file chooses (a synthetic market, no margin rules,
    fills in the same bar) and what became of the run (margin calls, ruin) do not count.
    """
    from time import perf_counter

    from engine.cli.progress import watched
    from engine.config.canonical import config_hash, resolved_yaml
    from engine.config.loader import load_config
    from engine.report.folder.run_folder import check_root, publish
    from engine.report.kit.encoding import to_json
    from engine.report.run import terminal
    from engine.report.run.document import document
    from engine.report.run.trials_words import trials_document, trials_notice
    from engine.runs.backtest import backtest as run
    from engine.runs.trials.standing import count_run
    from engine.strategy.source.identity import source_hash

    overrides = list(set_ or ())
    overrides += [f"engine={engine}"] if engine else []
    overrides += [f"mode={mode}"] if mode else []
    started = perf_counter()
    with watched() as watch:
        ready = load_config(config, overrides)
        loaded = perf_counter()
        root = out or Path(ready.config.results)
        check_root(root / ready.config.name)
        result = run(ready, watch=watch)
        simulated = perf_counter()
        watch("drawing the report")
        published = publish(
            result,
            config_text=resolved_yaml(ready.config),
            config_hash=config_hash(ready.config),
            source_hash=source_hash(*ready.strategies.values()),
            root=root,
            timings={"load_config": loaded - started, "load_market_and_run": simulated - loaded},
        )
    trials = count_run(result, published.analysis, source_hash(*ready.strategies.values()))
    if json_:
        typer.echo(to_json({**document(result, published), "trials": trials_document(trials)}))
    else:
        terminal.show(result, published, trials_notice(trials), seconds=perf_counter() - started)
    if strict and any(one.level == "loud" for one in result.notices):
        raise typer.Exit(1)
