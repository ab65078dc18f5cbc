# SPDX-License-Identifier: Apache-2.0
"""`tandem data`: what the market data holds, whether it can be trusted, and getting more of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
    as_json: AsJson = False,
) -> None:
    """Report gaps, impossible bars, suspect prices, splits and dividends. Exit 1 if no run could start on the data."""
    from engine.cli import data_views
    from engine.errors import CheckFailed

    checks = data_views.checks_of(target, symbol or [], timezone, stamp)
    checked = data_views.run_checks(checks, quiet=as_json)
    if as_json:
        data_views.print_json(data_views.check_document(checked))
    else:
        data_views.show_checks(checked)
    refused = [one.symbol for one in checked if one.refused]
    if refused:
        raise CheckFailed(f"{len(refused)} of {len(checked)} tables would be refused: {', '.join(refused)}")


@app.command("list")
def list_command(as_json: AsJson = False) -> None:
    """List the sources, the symbols of the sample market, and the panels in the cache."""
    from engine.cli import data_views

    if as_json:
        data_views.print_json(data_views.list_document())
    else:
        data_views.show_list()


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
    from engine.cli import data_views
    from engine.market.export import download

    written = data_views.with_progress(download(symbols, source, out), "downloading", len(symbols), quiet=as_json)
    data_views.show_written(written, out, as_json=as_json)


@app.command("build-sample")
def build_sample_command(
    out: Annotated[Path, typer.Option(help="Folder for one SYMBOL.csv each; files there are replaced.")],
    seed: Seed = 7,
    as_json: AsJson = False,
) -> None:
    """Write the synthetic sample market to CSV, one file a symbol."""
    from engine.cli import data_views
    from engine.market.export import build_sample
    from engine.market.sample import sample_symbols

    written = data_views.with_progress(build_sample(seed, out), "writing", len(sample_symbols()), quiet=as_json)
    data_views.show_written(written, out, as_json=as_json)
