# SPDX-License-Identifier: Apache-2.0
"""`tandem compare`: two symbols or series side by side."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.backtest_commands import JSON

if TYPE_CHECKING:
    from engine.runs.compare import Comparison, Question
    from engine.runs.compare.where import Where

FIRST = Annotated[
    str, typer.Argument(metavar="FIRST", help="A symbol, or a role or series of --config.", show_default=False)
]
SECOND = Annotated[str, typer.Argument(metavar="SECOND", help="The other one.", show_default=False)]
DATA = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="With one CSV or parquet file a symbol; default: the sample market."),
]
CONFIG = Annotated[
    Path | None, typer.Option(metavar="FILE", help="YAML whose data, roles and series are used instead.")
]
PRICES = Annotated[
    str | None, typer.Option(help="Of --data: split_adjusted (the default), raw or total_return.", show_default=False)
]
WINDOW = Annotated[int, typer.Option(metavar="N", help="Sessions of statistics and of the rolling correlation.")]
ASOF = Annotated[
    str | None, typer.Option(metavar="DATE", help="Last session to look at; default: all there is, seen from today.")
]
VOLATILITY = Annotated[
    list[str] | None,
    typer.Option(metavar="SYMBOL", help="Which of the two is a volatility index, beside Cboe's known ones."),
]
BANDS = Annotated[
    tuple[float, float] | None,
    typer.Option(metavar="LOW HIGH", help="Edges of the correlation's bands; default: -0.8 -0.5, or -0.5 0.5."),
]
CARRY = Annotated[
    str | None, typer.Option(metavar="SYMBOL", help="What can be bought in place of the volatility index, VXX say.")
]
SCENARIO = Annotated[
    list[str] | None,
    typer.Option(
        metavar="WORDS",
        help='What history has of a move, such as "VIX +10 points"; with --config what its book would do.',
    ),
]
REPORT = Annotated[Path | None, typer.Option(metavar="FILE", help="Write the page, self-contained HTML.")]
WATCH = Annotated[
    bool, typer.Option("--watch", help="Go on: show it again whenever new bars come; an open page reloads itself.")
]
EVERY = Annotated[int, typer.Option(metavar="SECONDS", min=1, help="How often --watch looks for new bars.")]


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("compare")(compare)


def compare(
    first: FIRST,
    second: SECOND,
    data: DATA = None,
    config: CONFIG = None,
    prices: PRICES = None,
    window: WINDOW = 90,
    asof: ASOF = None,
    volatility: VOLATILITY = None,
    bands: BANDS = None,
    carry: CARRY = None,
    scenario: SCENARIO = None,
    report: REPORT = None,
    watch: WATCH = False,
    every: EVERY = 30,
    json_: JSON = False,
) -> None:
    """Show two symbols or series side by side: where each stands, how they move together, and what followed."""
    from engine.cli.signals_command import as_date
    from engine.config.loader import load_config
    from engine.errors import InputError
    from engine.model.file_names import check_name
    from engine.runs.compare import Question, where

    if report:
        check_name(report, "--report")
    if watch and json_:
        raise InputError("--watch is for a screen and a page; --json is one document")
    scenarios = tuple(scenario or ())
    asked = Question(first, second, window, as_date(asof), tuple(volatility or ()), bands, carry, scenarios)
    place = where(load_config(config) if config else None, data, prices)
    if not watch:
        _show(_answer(asked, place), report, None, json_=json_)
        return
    if place.source.synthetic:
        raise InputError("--watch waits for new bars, and the sample market never gets any: give --data or --config")
    _go_on(asked, place, report, every)


def _answer(asked: "Question", place: "Where") -> "Comparison":
    from engine.cli.progress import watched
    from engine.runs.compare import compare as put_side_by_side

    with watched() as watch:
        return put_side_by_side(asked, place, watch)


def _show(found: "Comparison", report: Path | None, reload: int | None, *, json_: bool = False) -> None:
    from engine.report.compare import document, page, terminal
    from engine.report.folder.run_folder import write_page
    from engine.report.kit.encoding import to_json
    from engine.report.kit.terminal import console, say_page

    written = write_page(page.render(found, reload), report) if report else None
    if json_:
        typer.echo(to_json({**document.document(found), **({"page": str(written)} if written else {})}))
        return
    screen = console()
    terminal.show(found, screen)
    if written:
        say_page(written, screen)


def _go_on(asked: "Question", place: "Where", report: Path | None, every: int) -> None:
    """Show it whenever a file has changed. Bars that cannot be read, half a file say, are told and waited out."""
    from time import sleep

    from engine.errors import DataError
    from engine.report.kit.problems import error_console, show_error
    from engine.report.kit.terminal import console

    seen: object = None
    while True:
        try:
            stamp = place.stamp(asked.names)
            if stamp != seen or not stamp:  # a source without files is asked every time
                _show(_answer(asked, place), report, every)
                console().print(f"\nWatching, every {every} s; Ctrl-C ends it.", style="dim")
            seen = stamp
        except DataError as error:
            if seen is None:
                raise
            show_error(error, error_console())
        sleep(every)
