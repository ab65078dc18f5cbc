# SPDX-License-Identifier: Apache-2.0
"""Two traces held against each other: what one broker says and the other never does.

Neither need be the same trades. Compared is what the sandbox claims of the protocol: which messages there are, whether
they read, which of their fields are ever filled, and through which statuses orders go.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.errors import InputError, Problem

BLANK: tuple[Any, ...] = (None, "", 0, 0.0, False, [])
"""A field that is always one of these is one that a broker never fills."""

ORDER_MESSAGES = ("openOrder", "orderStatus", "execDetails")


@dataclass
class Summary:
    """What a trace shows of a broker: its messages with how often they came, its fields, lives of orders."""

    counts: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    filled: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    problems: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    lives: set[tuple[str, ...]] = field(default_factory=set)
    codes: set[int] = field(default_factory=set)


def read_trace(path: Path) -> Iterator[dict[str, Any]]:
    """Entries of a trace file. Raises InputError with the line that is none."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise InputError(Problem(f"cannot be read: {error.strerror}", file=str(path))) from error
    for number, line in enumerate(lines, 1):
        try:
            entry = json.loads(line)
            entry["from"], entry["connection"], entry["message"]
        except (ValueError, KeyError, TypeError):
            raise InputError(
                Problem(
                    "no entry of a trace", file=str(path), line=number, found=line[:60], allowed="JSON of the recorder"
                )
            ) from None
        yield entry


def summary(entries: Iterable[dict[str, Any]]) -> Summary:
    """What the broker of a trace said."""
    seen = Summary()
    orders: dict[tuple[int, int], list[str]] = defaultdict(list)
    for entry in entries:
        if entry["from"] != "broker":
            continue
        name = entry["message"] or "unknown"
        seen.counts[name] += 1
        if "problem" in entry:
            seen.problems[entry["problem"]] += 1
            continue
        values = entry["values"]
        seen.filled[name].update(key for key, value in values.items() if value not in BLANK)
        if name == "error":
            seen.codes.add(values["code"])
        if name in ORDER_MESSAGES and values.get("orderId"):
            step = f"{name} {values['status']}" if "status" in values else name
            life = orders[entry["connection"], values["orderId"]]
            if life[-1:] != [step]:
                life.append(step)
    seen.lives = {tuple(life) for life in orders.values()}
    return seen


def differences(ours: Summary, theirs: Summary) -> list[str]:
    """Sentences on what one of them says and the other does not, theirs first; empty where they agree."""
    said = [
        f"not read by the sandbox's tables, {count} times: {problem}"
        for problem, count in sorted(theirs.problems.items())
    ]
    said += [
        f"{name}: the Gateway sends it ({theirs.counts[name]} times), the sandbox did not"
        for name in sorted(theirs.counts.keys() - ours.counts.keys())
    ]
    said += [
        f"{name}: the sandbox sends it ({ours.counts[name]} times), the Gateway did not"
        for name in sorted(ours.counts.keys() - theirs.counts.keys())
    ]
    for name in sorted(ours.filled.keys() & theirs.filled.keys()):
        said += _fields(name, "the Gateway fills", theirs.filled[name] - ours.filled[name], "blank in the sandbox")
        said += _fields(name, "the sandbox fills", ours.filled[name] - theirs.filled[name], "blank at the Gateway")
    said += [f"error {code}: said by the Gateway alone" for code in sorted(theirs.codes - ours.codes)]
    said += [f"error {code}: said by the sandbox alone" for code in sorted(ours.codes - theirs.codes)]
    said += [f"an order's life at the Gateway alone: {' > '.join(life)}" for life in sorted(theirs.lives - ours.lives)]
    said += [f"an order's life in the sandbox alone: {' > '.join(life)}" for life in sorted(ours.lives - theirs.lives)]
    return said


def _fields(name: str, who: str, fields: set[str], otherwise: str) -> list[str]:
    return [f"{name}: {who} {', '.join(sorted(fields))}; {otherwise}"] if fields else []
