# SPDX-License-Identifier: Apache-2.0
"""`tandem data`: what the market data holds, whether it can be trusted, and getting more of it."""

from __future__ import annotations

import typer

app = typer.Typer(no_args_is_help=True, help="Check, list, download and build market data.")


@app.command("list")
def list_data() -> None:
    """Show the data sources."""
    typer.echo("sample\ncsv\nparquet\nyahoo")
