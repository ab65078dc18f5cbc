# SPDX-License-Identifier: Apache-2.0
"""`tandem data`: what the market data holds, whether it can be trusted, and getting more of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from engine.market.export import Written

app = typer.Typer(no_args_is_help=True, help="Market data: check it, list it, download it, build the sample.")

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the sample market.")]


@app.command("check")
def check_command(
    target: Annotated[
        str,
        typer.Argument(
            metavar="TARGET",
            help="A folder, a .csv or .parquet file, or a run's YAML; the sample market by default.",
            show_default=False,
        ),
    ] = "",
    symbol: Annotated[list[str] | None, typer.Option(help="Only this symbol; may be repeated.")] = None,
    timezone: Annotated[str, typer.Option(help="Of intraday stamps without an offset, where files are checked.")] = "",
    stamp: Annotated[str, typer.Option(help="Whether these are the open or the close of a bar.")] = "",
    dates: Annotated[str, typer.Option(help="What 03/04/2024 begins with: month_first or day_first.")] = "",
    as_json: AsJson = False,
) -> None:
    """Report gaps, impossible bars, suspect prices, splits and dividends. Exit 1 if no run could start on the data."""
    from engine.cli.progress import collected
    from engine.errors import CheckFailed
    from engine.market.judging.checkup import together
    from engine.report.data import document, terminal
    from engine.report.kit.encoding import to_json
    from engine.runs.data_check import checks_of

    checks = checks_of(target, symbol or [], timezone, stamp, dates)
    checked = together(collected((check() for check in checks), "checking", len(checks)))
    if as_json:
        typer.echo(to_json(document.check_document(checked)))
    else:
        terminal.show_checks(checked)
    refused = [one.symbol for one in checked if one.refused]
    if refused:
        raise CheckFailed(f"{len(refused)} of {len(checked)} tables would be refused: {', '.join(refused)}")


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List the sources, the symbols of the sample market, and the panels in the cache."""
    from engine.report.data import document, terminal
    from engine.report.kit.encoding import to_json

    if as_json:
        typer.echo(to_json(document.list_document()))
    else:
        terminal.show_list()


@app.command("pull")
def pull_command(
    symbols: Annotated[
        list[str], typer.Argument(metavar="SYMBOL", help="Symbols as the source calls them: SPY, ^VIX.")
    ],
    out: Annotated[Path, typer.Option(help="Folder for one SYMBOL.csv each; files there are replaced.")],
    source: Annotated[str, typer.Option(help="Where from: yahoo.")] = "yahoo",
    as_json: AsJson = False,
) -> None:
    """Download daily bars to CSV: unadjusted for dividends, with dividends, splits and adj_close in columns."""
    from engine.cli.progress import collected
    from engine.market.export import download

    _show(collected(download(symbols, source, out), "downloading", len(symbols)), out, as_json=as_json)


@app.command("build-sample")
def build_sample_command(
    out: Annotated[Path, typer.Option(help="Folder for one SYMBOL.csv each; files there are replaced.")],
    seed: Seed = 7,
    as_json: AsJson = False,
) -> None:
    """Write the synthetic sample market to CSV, one file a symbol."""
    from engine.cli.progress import collected
    from engine.market.export import build_sample
    from engine.market.sample import sample_symbols

    _show(collected(build_sample(seed, out), "writing", len(sample_symbols())), out, as_json=as_json)


def _show(written: "Sequence[Written]", out: Path, *, as_json: bool) -> None:
    from engine.report.data import document, terminal
    from engine.report.kit.encoding import to_json

    if as_json:
        typer.echo(to_json(document.written_document(written, out)))
    else:
        terminal.show_written(written, out)
