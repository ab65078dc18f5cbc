# SPDX-License-Identifier: Apache-2.0
"""`tandem sandbox record` and `compare`: the sandbox held to what a real Gateway says."""

from pathlib import Path
from typing import Annotated

import typer

TRACE = typer.Argument(help="A trace that `record` wrote.", show_default=False)


def register(app: typer.Typer) -> None:
    """Add the commands to `tandem sandbox`."""
    app.command("record")(record)
    app.command("compare")(compare)


def record(
    out: Annotated[Path, typer.Option(metavar="FILE", help="New file for the trace.", show_default=False)],
    gateway_port: Annotated[int, typer.Option(min=1, max=65535, help="Where TWS or the Gateway listens.")] = 4002,
    gateway_host: Annotated[str, typer.Option(metavar="HOST", help="The machine that it runs on.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Where to connect the client; 0 takes a free one.")
    ] = 7499,
) -> None:
    """Write down what a client and your own paper Gateway say to each other, without accounts and names."""
    from engine.sandbox.trace.recorder import Gateway
    from engine.sandbox.trace.to_file import record_to_file

    count = record_to_file(Gateway(gateway_host, gateway_port), port, out, _say)
    typer.echo(f"{count} messages in {out}." if count else "Nothing was said, and no file is kept.")


def compare(ours: Annotated[Path, TRACE], theirs: Annotated[Path, TRACE]) -> None:
    """Tell what a Gateway's trace (second) says that the sandbox's (first) does not, and the other way round."""
    from engine.sandbox.trace.compare import differences, read_trace, summary

    found = differences(summary(read_trace(ours)), summary(read_trace(theirs)))
    typer.echo("\n".join(found) or "Both say the same messages, with the same fields and the same lives of orders.")


def _say(line: str) -> None:
    typer.echo(line, err=True)
