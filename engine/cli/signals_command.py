# SPDX-License-Identifier: Apache-2.0
"""`tandem signals`: what a strategy decided at the last close, or at any close before."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.backtest_commands import CONFIG, JSON, SET

if TYPE_CHECKING:
    from engine.config.loader import LoadedConfig
    from engine.market.panel import Market


def register(app: typer.Typer) -> None:
    """Add the command to `tandem`."""
    app.command("signals")(signals)


def signals(
    config: CONFIG,
    asof: Annotated[str | None, typer.Option(metavar="DATE", help="Session to decide on; default: the last.")] = None,
    set_: SET = None,
    json_: JSON = False,
) -> None:
    """Show the decision of a day: regime, indicators, levels, positions, orders to send and why."""
    from rich.console import Console

    from engine.config.loader import load_config
    from engine.report.kit.encoding import to_json
    from engine.report.signals import document as signals_document
    from engine.report.signals import terminal as signals_view
    from engine.runs.signals import signals as decide

    ready = load_config(config, set_ or ())
    if ready.config.sleeves:
        _of_sleeves(ready, asof, json_=json_)
        return
    decision = decide(ready, as_date(asof))
    age = 0 if asof else completed_sessions_since(decision.result.market)
    if json_:
        typer.echo(to_json(signals_document.document(decision, age)))
    else:
        signals_view.show(decision, age, Console(highlight=False), past=asof is not None)


def _of_sleeves(ready: LoadedConfig, asof: str | None, *, json_: bool) -> None:
    """The same for a portfolio: the decision of each sleeve, and their sum at the broker."""
    from rich.console import Console

    from engine.report.kit.encoding import to_json
    from engine.report.signals import portfolio_terminal as portfolio_signals_view
    from engine.runs.portfolio_signals import portfolio_signals

    decision = portfolio_signals(ready, as_date(asof))
    age = 0 if asof else completed_sessions_since(decision.result.market)
    if json_:
        typer.echo(to_json(portfolio_signals_view.document(decision, age)))
    else:
        portfolio_signals_view.show(decision, age, Console(highlight=False), past=asof is not None)


def completed_sessions_since(market: Market) -> int:
    """Sessions that have closed by now and are not in the data; 0 for synthetic data, which has no present."""
    if market.synthetic:
        return 0
    from engine.clock import now
    from engine.market.calendar import day_of, exchange

    calendar, instant = exchange(market.calendar), now()
    later = calendar.between(int(market.bars["session"][-1]) + 1, day_of(instant.date()))
    return int((calendar.close_of(later) <= int(instant.timestamp()) * 1_000_000_000).sum())


def as_date(text: str | None) -> dt.date | None:
    """The date that `--asof` names. Raises InputError where it is none."""
    from engine.errors import InputError, Problem

    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise InputError(Problem("not a date", path="--asof", found=text, allowed="YYYY-MM-DD")) from None
