# SPDX-License-Identifier: Apache-2.0
"""What `tandem verify` found, on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.report.kit.terminal import hanging
from engine.report.verify.words import checks, compared

if TYPE_CHECKING:
    from rich.console import Console

    from engine.runs.verify.run import Verdict, Verification

MARKS = {True: "[green]holds[/]", False: "[red]FAILS[/]", None: "[dim]  -  [/]"}
"""Before a check: whether it holds, or could not be made."""


def show(verification: Verification, console: Console) -> None:
    """Each sleeve's checks; of a portfolio, what no second engine was asked about."""
    for verdict in verification.sleeves.values():
        _verdict(verdict, console)
        if not verification.lone:
            console.print()
    if not verification.lone:
        hanging("", "Each sleeve was run alone: netting and transfers between sleeves have no second engine.", console)


def _verdict(verdict: Verdict, console: Console) -> None:
    said = "; ".join(filter(None, (f"{verdict.bars:,} bars", compared(verdict))))
    hanging(f"[bold]{verdict.name}[/]  ", said, console)
    console.print()
    for check in checks(verdict):
        hanging(f"{MARKS[check.holds]} [bold]{check.name}[/]  ", check.found, console)
        for line in check.lines:
            hanging("    ", line, console)
        if check.name == "Engines":
            _left_out(verdict, console)


def _left_out(verdict: Verdict, console: Console) -> None:
    if verdict.engines is not None:
        console.print("\n[bold]Left out of the comparison[/], because backtrader cannot express it")
        for words in verdict.engines.left_out:
            hanging("  - ", words, console)
    console.print()
