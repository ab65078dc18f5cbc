# SPDX-License-Identifier: Apache-2.0
"""`tandem paper`: the strategy on a broker's paper account or on the embedded sandbox, and what a person says to it."""

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from engine.cli.backtest_commands import CONFIG, JSON, SET

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from engine.cli.paper_start import Wanted

SYMBOL = Annotated[
    str, typer.Argument(metavar="[SYMBOL]", help="One symbol; left out: everything.", show_default=False)
]
WHY = Annotated[str, typer.Option("--why", metavar="TEXT", help="Kept in the journal.")]
YES = Annotated[bool, typer.Option("--yes", help="Do not ask.")]
LIVE = Annotated[str, typer.Option(metavar="ACCOUNT", help="Id of an account that is NOT a paper account.")]


class RunByDefault(TyperGroup):
    """`tandem paper CONFIG` runs; `tandem paper status CONFIG` and its like are commands of their own."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """What is no command is the configuration of `run`."""
        first = next((one for one in args if not one.startswith("-")), None)
        if first is not None and first not in self.commands:
            args = ["run", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    name="paper",
    cls=RunByDefault,
    help="The strategy on a broker's paper account: `tandem paper CONFIG`. Dry run unless --send.",
    no_args_is_help=True,
)


@app.command("run")
def run(
    config: CONFIG,
    set_: SET = None,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="On the embedded broker, over the last bars.")] = False,
    send: Annotated[bool, typer.Option("--send", help="Send orders; without it nothing is sent or kept.")] = False,
    once: Annotated[bool, typer.Option("--once", help="One decision, then end.")] = False,
    live: LIVE = "",
    days: Annotated[int, typer.Option(metavar="N", min=2, help="Bars that --sandbox replays.")] = 250,
) -> None:
    """Decide at each close and, with --send, send what the gates let through.

    A dry run shows the orders of the newest close with the gates' verdicts, exactly what --send sends, and ends.
    """
    import asyncio

    from engine.cli.paper_run import at_broker, in_sandbox
    from engine.cli.paper_start import Wanted
    from engine.config.loader import load_config
    from engine.errors import InputError, Problem
    from engine.paper.carried import check_carried

    ready = load_config(config, set_ or ())
    check_carried(ready)
    if sandbox and live:
        raise InputError(Problem("a sandbox has paper accounts alone", path="--live", found="--sandbox beside it"))
    wanted = Wanted(ready, send, live)
    asyncio.run(in_sandbox(wanted, days, once=once) if sandbox else at_broker(wanted, once=once))


@app.command("status")
def status(config: CONFIG, set_: SET = None, json_: JSON = False) -> None:
    """Show what the bridge believes, what the broker last said, the difference, and what is halted."""
    from engine.paper.views.terminal import say_standing

    _show(config, set_, json_, lambda shown: shown, say_standing)


@app.command("positions")
def positions(config: CONFIG, set_: SET = None, json_: JSON = False) -> None:
    """Show positions: the journal's, the broker's, the difference."""
    from engine.paper.views.terminal import positions_table

    _show(
        config,
        set_,
        json_,
        lambda shown: shown["positions"],
        lambda shown, console: console.print(positions_table(shown)),
    )


@app.command("orders")
def orders(config: CONFIG, set_: SET = None, json_: JSON = False) -> None:
    """Show orders that live, and those of the last decision with what became of them."""
    from engine.paper.views.terminal import orders_table

    _show(config, set_, json_, lambda shown: shown["orders"], lambda shown, console: console.print(orders_table(shown)))


def _show(config: Any, set_: list[str] | None, json_: bool, part: Any, say: Any) -> None:
    from engine.cli.paper_start import kill_file_of, reading
    from engine.config.loader import load_config
    from engine.paper.views.standing import standing
    from engine.report.kit.encoding import to_json
    from engine.report.kit.terminal import console

    ready = load_config(config, set_ or ())
    with reading(ready) as journal:
        shown = part(standing(journal, kill_file_of(ready)))
    if json_:
        typer.echo(to_json(shown))
    else:
        say(shown, console())


@app.command("halt")
def halt(config: CONFIG, symbol: SYMBOL = "", why: WHY = "a person halted it", set_: SET = None) -> None:
    """Stop a symbol, or everything: nothing new is sent until `resume`. What works at the broker stays there."""
    from engine.cli.paper_start import check_symbol, writing
    from engine.config.loader import load_config
    from engine.paper.comparison.person import halt as stop

    ready = load_config(config, set_ or ())
    with writing(ready) as journal:
        check_symbol(symbol, ready)
        stop(journal, symbol, why)
    words = f"{config} {symbol}".rstrip()
    _tell(f"{symbol or 'everything'} is halted; `tandem paper resume {words}` ends it")


@app.command("resume")
def resume(config: CONFIG, symbol: SYMBOL = "", why: WHY = "a person resumed it", set_: SET = None) -> None:
    """End the halts of a symbol, or those of everything at once, that need no look at positions."""
    from engine.cli.paper_start import check_symbol, writing
    from engine.config.loader import load_config
    from engine.paper.comparison.person import resume as go_on

    ready = load_config(config, set_ or ())
    with writing(ready) as journal:
        check_symbol(symbol, ready, halted=[one.symbol for one in journal.halts.standing()])
        ended = go_on(journal, symbol, why)
        left = [one for one in journal.halts.standing() if symbol in {"", one.symbol}]
    _tell(f"ended: {', '.join(one.value for one in ended) or 'nothing'}")
    for one in left:
        _tell(f"still halted ({one.kind.value}) {one.symbol or 'everything'}: {one.text}")


@app.command("retry")
def retry(
    config: CONFIG,
    symbol: Annotated[str, typer.Argument(metavar="SYMBOL", help="Its missed orders.")],
    live: LIVE = "",
    set_: SET = None,
) -> None:
    """Send again what a halt calls missed, by the same gates, at once or at the next open; never more than is held."""
    import asyncio

    from engine.cli.paper_run import retry as send
    from engine.cli.paper_start import Wanted, check_symbol
    from engine.config.loader import load_config

    ready = load_config(config, set_ or ())
    check_symbol(symbol, ready)
    asyncio.run(send(Wanted(ready, True, live), symbol))


@app.command("accept-prices")
def accept_prices(
    config: CONFIG,
    yes: YES = False,
    set_: SET = None,
) -> None:
    """Let the last decision stand though closes of its bar were corrected since, after a look. Nothing is sent."""
    from engine.cli.paper_start import check_same_run, journal_of, market_clock, writing
    from engine.config.loader import load_config
    from engine.paper.decision.bars import SourceBars
    from engine.paper.decision.revised import accept_closes, revised

    ready = load_config(config, set_ or ())
    check_same_run(journal_of(ready), ready)
    with writing(ready) as journal:
        found = revised(journal, SourceBars(ready).latest(market_clock()))
        for one in found:
            _tell(f"{one.words}: {one.now!r} in place of {one.then!r}")
        if not found:
            _tell("the closes of the last decision are what they were: there is nothing to accept")
        elif yes or typer.confirm("Accept?"):
            accept_closes(journal, found)
            _tell("accepted: what was decided stands, and the next close is decided on the data as they are")


@app.command("accept-cash")
def accept_cash(
    config: CONFIG,
    why: WHY = "a person called it paid in or out",
    yes: YES = False,
    live: LIVE = "",
    set_: SET = None,
) -> None:
    """Take cash that came or went today without a fill for a deposit or a withdrawal: it is no gain, and no loss."""
    from engine.cli.paper_accept import cash

    _by_word(cash, config, set_, live, why, yes=yes)


@app.command("accept-positions")
def accept_positions(
    config: CONFIG,
    why: WHY = "a person accepted what the broker holds",
    yes: YES = False,
    live: LIVE = "",
    set_: SET = None,
) -> None:
    """Take what the broker holds as the truth, after a look at the difference. Nothing is sent."""
    from engine.cli.paper_accept import positions

    _by_word(positions, config, set_, live, why, yes=yes)


def _by_word(
    accept: "Callable[[Wanted, str, Callable[[], bool]], Coroutine[Any, Any, None]]",
    config: "Path", set_: list[str] | None, live: str, why: str, *, yes: bool,
) -> None:  # fmt: skip
    """What a person accepts at the broker, asked unless `yes`."""
    import asyncio

    from engine.cli.paper_start import Wanted
    from engine.config.loader import load_config

    wanted = Wanted(load_config(config, set_ or ()), False, live)
    asyncio.run(accept(wanted, why, lambda: yes or typer.confirm("Accept?")))


def _tell(words: str) -> None:
    """A paragraph within the screen's width."""
    from engine.report.kit.terminal import console, say

    say(words, console())
