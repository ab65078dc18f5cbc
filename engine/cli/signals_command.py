# SPDX-License-Identifier: Apache-2.0
"""`tandem signals`: what a strategy decided at the last close, or at any close before."""

import datetime as dt
import re
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.backtest_commands import CONFIG, JSON, SET

EQUITY = Annotated[
    str | None, typer.Option(metavar="E", help="What an account of yours is worth; with --positions or --flat.")
]
POSITIONS = Annotated[
    Path | None, typer.Option(metavar="FILE", help="What it holds: a CSV with symbol,shares, or a YAML. - sells short.")
]
FLAT = Annotated[bool, typer.Option("--flat", help="It holds nothing.")]


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("signals")(signals)


def signals(
    config: CONFIG,
    asof: Annotated[str | None, typer.Option(metavar="DATE", help="Session to decide on; default: the last.")] = None,
    set_: SET = None,
    equity: EQUITY = None,
    positions: POSITIONS = None,
    flat: FLAT = False,
    json_: JSON = False,
) -> None:
    """Show the decision of a day: regime, indicators, levels, positions, orders to send and why.

    Exit code 1 where it is not the decision that was asked for: a session has closed since the bars end, or they have
    none of that day and the decision is the one before.
    With --equity and --positions, or --flat, also what it comes to for an account of yours.
    """
    from engine.cli.progress import watched
    from engine.config.loader import load_config
    from engine.report.kit.encoding import to_json
    from engine.report.kit.terminal import console
    from engine.report.signals.document import document
    from engine.report.signals.terminal import show
    from engine.runs.signals.account_decision import holdings_of
    from engine.runs.signals.run import sessions_since
    from engine.runs.signals.run import signals as decide

    holdings = holdings_of(as_dollars(equity), positions, flat)
    asked = as_date(asof)
    with watched():
        decision = decide(load_config(config, set_ or ()), asked, holdings)
    age = sessions_since(decision.result.market, asked)
    if json_:
        typer.echo(to_json(document(decision, age)))
    else:
        show(decision, age, console(), past=asof is not None)
    if decision.other or age:
        raise typer.Exit(1)


def as_dollars(text: str | None) -> float | None:
    """The money that `--equity` names. Raises InputError where it is none, or may be 25 dollars or 25,000."""
    from engine.config.written_number import written_number
    from engine.errors import InputError, Problem

    if text is None:
        return None
    try:
        # Nobody writes an account to the tenth of a cent: behind a comma three digits are thousands.
        found = written_number(text, "." if re.fullmatch(r"\d{1,3},\d{3}", text.strip()) else None)
    except ValueError as either:
        message = "this may be either of two amounts"
        raise InputError(Problem(message, path="--equity", found=text, allowed=str(either))) from None
    if found is None:
        raise InputError(Problem("not an amount of dollars", path="--equity", found=text, allowed="such as 25000"))
    return found


def as_date(text: str | None) -> dt.date | None:
    """The date that `--asof` names. Raises InputError where it is none."""
    from engine.errors import InputError, Problem

    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(Problem("not a date", path="--asof", found=text, allowed="YYYY-MM-DD")) from None
