# SPDX-License-Identifier: Apache-2.0
"""`tandem sandbox`: a broker on this machine, for clients of the TWS API to trade on a replayed market."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli import sandbox_trace
from engine.cli.backtest_commands import SET

if TYPE_CHECKING:
    from engine.notice import Notice
    from engine.sandbox.exchange.exchange import Exchange
    from engine.sandbox.sandbox import Sandbox

app = typer.Typer(invoke_without_command=True, no_args_is_help=True, subcommand_metavar="[COMMAND]")
sandbox_trace.register(app)


@app.callback()
def sandbox(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(metavar="CONFIG", help="YAML file whose market is replayed.", show_default=False)
    ] = None,
    set_: SET = None,
    speed: Annotated[str, typer.Option(help="Such as 1d/s or 30min/s; step: by the control channel alone.")] = "1d/s",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where clients connect; 0: a free one.")] = 7497,
    control_port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Where the control channel listens; 0: a free one.")
    ] = None,
    host: Annotated[str, typer.Option(help="This machine alone.")] = "127.0.0.1",
    faults: Annotated[Path | None, typer.Option(metavar="FILE", help="YAML plan of what goes wrong.")] = None,
    book: Annotated[Path | None, typer.Option(metavar="FILE", help="Keep the books here, and go on from them.")] = None,
    account: Annotated[list[str] | None, typer.Option(metavar="ID", help="An account; repeat for more.")] = None,
    seed: Annotated[int, typer.Option(help="Throws of the way inside each bar, at a speed.")] = 0,
    check_margin: Annotated[
        bool, typer.Option("--check-margin", help="Refuse beyond the margin when placed, too.")
    ] = False,
) -> None:
    """A broker on this machine for clients of the TWS API; it replays a market."""
    if context.invoked_subcommand:
        return
    if config is None:
        raise typer.BadParameter("the YAML file whose market is replayed is missing", param_hint="--config")
    import asyncio
    from contextlib import suppress

    from engine.config.loader import load_config
    from engine.model.file_names import MOST_BYTES, check_name
    from engine.sandbox.exchange.exchange import PAPER, Exchange
    from engine.sandbox.exchange.replay import replay_of
    from engine.sandbox.faults import Faults
    from engine.sandbox.pace import bars_a_second
    from engine.sandbox.plan import read_plan
    from engine.sandbox.sandbox import Sandbox
    from engine.sandbox.server import check_loopback

    check_loopback(host)
    if book:
        check_name(book, "--book", MOST_BYTES - len("-journal"))  # what SQLite adds for its own files
    plan = Faults(read_plan(faults) if faults else ())
    ready = load_config(config, set_ or ())
    replay = replay_of(ready)
    bars = bars_a_second(speed, replay.market)
    walk = None if bars is None else seed
    exchange = Exchange(
        replay, _checked(account or [PAPER]), seed=walk, margin_at_once=check_margin, faults=plan, book=book
    )
    box = Sandbox(exchange, host=host, port=port, control_port=control_port, bars_a_second=bars)
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(box, host, speed, (*ready.notices, *replay.market.notices)))
    typer.echo("The sandbox has ended." + (f" Its books are in {book}." if book else ""))


def _checked(accounts: list[str]) -> list[str]:
    """Ids as a broker gives them, each once. Raises InputError."""
    from engine.errors import InputError, Problem
    from engine.sandbox.exchange.exchange import PAPER

    for account in accounts:
        if not (account.isascii() and account.isalnum()):
            raise InputError(Problem("no account id", path="--account", found=account, allowed=f"such as {PAPER}"))
        if accounts.count(account) > 1:
            raise InputError(Problem("the same account twice", path="--account", found=account))
    return accounts


async def _serve(box: "Sandbox", host: str, speed: str, notices: "tuple[Notice, ...]") -> None:
    """Serve until somebody interrupts; say once where it is, and once when the market is over."""
    import asyncio

    from engine.errors import InputError, Problem

    try:
        await box.__aenter__()
    except OSError as error:
        wanted = "--port or --control-port"
        raise InputError(
            Problem(
                "the port is taken: is TWS, a Gateway or another sandbox running?", path=wanted,
                found=error.strerror or str(error), allowed="another port, or 0 for one that is free",
            )
        ) from error  # fmt: skip
    try:
        _say_where(box, host, speed, notices)
        await box.timer.ended.wait()
        typer.echo("The market is over; orders stay where they are. Ctrl-C ends the sandbox.")
        await asyncio.Event().wait()
    finally:
        await box.__aexit__(None, None, None)


def _say_where(box: "Sandbox", host: str, speed: str, notices: "tuple[Notice, ...]") -> None:
    from rich.console import Console

    from engine.market.calendar import date_of
    from engine.notice import loud
    from engine.report.kit.terminal import say_notices
    from engine.report.kit.words import synthetic_warning
    from engine.sandbox.pace import IN_STEP
    from engine.sandbox.wire.versions import NEWEST, OLDEST

    exchange: Exchange = box.exchange
    market = exchange.market
    first, last = date_of(market.clock.session), date_of(int(market.replay.market.bars["session"][-1]))
    pace = "it moves by the control channel alone" if speed == IN_STEP else f"at {speed}"
    here = f"[{host}]" if ":" in host else host
    typer.echo(f"A broker on this machine, {here}:{box.server.port}, clients of versions {OLDEST} to {NEWEST}")
    typer.echo(f"Account    {', '.join(exchange.accounts)}")
    typer.echo(f"Market     {', '.join(market.replay.symbols)}, bars of {market.bar}, {pace}")
    typer.echo(f"           {first} has closed; the last session is {last}")
    if box.control:
        typer.echo(f"Control    {here}:{box.control.port}, a JSON object a line")
    data = market.replay.market
    synthetic = (loud(synthetic_warning(data.label)),) if data.synthetic else ()
    say_notices((*synthetic, *notices), Console(highlight=False))
    typer.echo(
        f"""
from ib_async import IB, MarketOrder, Stock
ib = IB()
ib.connect("{host}", {box.server.port}, clientId=1)
share = ib.qualifyContracts(Stock("{market.replay.symbols[0]}", "SMART", "USD"))[0]
trade = ib.placeOrder(share, MarketOrder("BUY", 10, tif="GTC"))

Ctrl-C ends it."""
    )
