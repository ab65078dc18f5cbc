# SPDX-License-Identifier: Apache-2.0
"""A paper account in the note: what docs/schemas/paper-status.json says, as far as a morning needs it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from engine.report.kit.words import shares


def paper_part(standing: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The paper account as plain data; None where none was ever run.

    needs_a_person: it is halted, its positions are not those of the broker, its kill file exists, or its journal cannot
    be read.
    """
    if standing is None:
        return None
    unreadable = str(standing.get("unreadable", ""))
    if unreadable:
        standing = {"decided": None, "compared": None, "day_equity": None, "positions": [], "halts": [], "orders": []}
    apart = [
        {"symbol": one["symbol"], "journal": one["journal"], "broker": one["broker"]}
        for one in standing["positions"]
        if not one["agree"]
    ]
    waiting = [one for one in standing["orders"] if one["why"] and one["state"] not in {"filled", "dead"}]
    kill_file = standing.get("kill_file")
    return {
        "decided": standing["decided"] and standing["decided"]["session"],
        "compared": standing["compared"],
        "day_equity": standing["day_equity"],
        "positions": [{"symbol": one["symbol"], "held": one["journal"]} for one in standing["positions"]],
        "differences": apart,
        "halts": [{"symbol": one["symbol"], "text": one["text"]} for one in standing["halts"]],
        "kill_file": kill_file,
        "waiting": [
            {"symbol": one["symbol"], "quantity": one["quantity"], "state": one["state"], "why": one["why"]}
            for one in waiting
        ],
        "unreadable": unreadable,
        "needs_a_person": bool(apart or standing["halts"] or kill_file or unreadable),
    }


def paper_alarms(paper: Mapping[str, Any] | None) -> Iterator[str]:
    """What stops the paper account, in sentences."""
    if paper is None:
        return
    for one in paper["halts"]:
        yield f"paper account halted, {one['symbol'] or 'everything'}: {one['text']}"
    for one in paper["differences"]:
        yield (
            f"paper account: {shares(one['journal'])} {one['symbol']} in the journal, "
            f"{shares(one['broker'])} at the broker"
        )
    if paper["unreadable"]:
        yield f"paper account: its journal cannot be read: {paper['unreadable']}"
    if paper["kill_file"]:
        yield f"paper account: the kill file {paper['kill_file']} exists, nothing is sent"
