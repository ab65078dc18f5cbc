# SPDX-License-Identifier: Apache-2.0
"""`tandem compare`: two symbols or series side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from engine.cli.backtest_commands import JSON

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
    json_: JSON = False,
) -> None:
    """Show two symbols or series side by side: where each stands, how they move together, and what followed."""
    from engine.cli.progress import watched
    from engine.cli.signals_command import as_date
    from engine.config.loader import load_config
    from engine.report.compare import document, terminal
    from engine.report.kit.encoding import to_json
    from engine.runs.compare import Question, where
    from engine.runs.compare import compare as put_side_by_side

    with watched() as watch:
        asked = Question(first, second, window, as_date(asof), tuple(volatility or ()), bands, carry)
        place = where(load_config(config) if config else None, data, prices)
        found = put_side_by_side(asked, place, watch)
    if json_:
        typer.echo(to_json(document.document(found)))
    else:
        from engine.report.kit.terminal import console

        terminal.show(found, console())
