# SPDX-License-Identifier: Apache-2.0
"""What a strategy takes from one decision to the next, as JSON that reads back to the bit.

That is its state, and its book: positions, working orders, counters. Floats are written by their shortest digits;
those that JSON has no word for are the texts "nan", "inf" and "-inf".
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from engine.errors import InputError, Problem

FORMAT = 2

NOT_KEPT = ("rules", "order", "contract", "twin", "owner", "error", "error_role", "error_number", "deciding", "entries",
            "closed", "ended", "marks", "terms", "pays", "weighed", "noted", "cut",
            "cut_at")  # fmt: skip
"""Fields of the book that the configuration gives anew, or that are empty between two bars."""

_WORDS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class Sent(NamedTuple):
    """An order that the broker was given: under which ref, and how many times it was sent before.

    guards   signed shares that an order which may only reduce has filled once it is done; 0 of every other order
    measured price of an exit that is measured from what its entry pays, or will pay; 0 of every other order
    """

    ref: str
    attempt: int
    guards: float = 0.0
    measured: float = 0.0


@dataclass(frozen=True)
class Memory:
    """One strategy's, or one account of sleeves', after a decision.

    identity  what it is the memory of: the strategy's source and the configuration
    decided   stamp of the bar that was decided, ns UTC
    closes    close of each symbol at that bar: data that tell another one later have been changed
    seen      number of the last fill that is in the book
    book      fields of the kernel's book; orders are those that live, assets and sleeves by position
    state     sleeve -> field -> value
    sent      number of a living order -> what the broker was given
    fills     base of the last fills -> (order, signed shares): a correction takes the difference
    """

    identity: str
    decided: int
    closes: dict[str, float]
    seen: int
    book: dict[str, Any]
    state: dict[str, dict[str, Any]]
    sent: dict[int, Sent] = field(default_factory=dict)
    fills: dict[str, tuple[int, float]] = field(default_factory=dict)


def write_memory(memory: Memory) -> str:
    """The memory as JSON text."""
    body = {"format": FORMAT, **{name: getattr(memory, name) for name in Memory.__dataclass_fields__}}
    return json.dumps(_worded(body), allow_nan=False, separators=(",", ":"))


def read_memory(text: str) -> Memory:
    """The memory of `write_memory`. Raises InputError for text of another format."""
    body = json.loads(text)
    if body.pop("format", None) != FORMAT:
        raise InputError(
            Problem(
                "the journal's memory was written by another version of Tandem",
                allowed="a new journal, which begins with the positions that the broker has",
            )
        )
    body = _numbered(body)
    body["sent"] = {int(number): Sent(*one) for number, one in body["sent"].items()}
    body["fills"] = {base: tuple(one) for base, one in body["fills"].items()}
    return Memory(**body)


def refs_of(text: str) -> frozenset[str]:
    """Refs of the orders that a memory believes to live, from its text."""
    return frozenset(one[0] for one in json.loads(text).get("sent", {}).values())


def check_identity(kept: Memory, identity: str, file: str = "", former: str = "", works: Sequence[str] = ()) -> None:
    """A memory belongs to one strategy and one configuration. Raises InputError for another `identity`.

    former  the identity as older journals have it, where there is one
    works   what the journal has at the broker, in words: it goes on working, whatever begins beside it
    """
    if kept.identity not in {identity, former or identity}:
        old = former and "-decides-" not in kept.identity
        source = " (it counts comments too: with the source as it was then it is this run)" if old else ""
        still = f"; what works of it at the broker goes on, so cancel it in TWS first: {'; '.join(works)}"
        raise InputError(
            Problem(
                "the strategy or its configuration is another one than at the decision before",
                file=file,
                found=identity,
                allowed=f"{kept.identity}, as the journal has it{source}; or another `name`, for a journal of its own"
                + (still if works else ""),
            )
        )


def fields_of(row: Any, skipped: Collection[str] = NOT_KEPT) -> dict[str, Any]:
    """A row of the kernel as plain data, by the names of its fields; nested rows are lists of the same.

    skipped  fields that are left out; none of a State, whose names are the author's
    """
    found: dict[str, Any] = {}
    for name, nested, length in type(row)._plan:  # noqa: SLF001 - generated by kernel.rows
        if name in skipped:
            continue
        value = getattr(row, name)
        found[name] = [fields_of(one, skipped) for one in value] if nested and length else value
    return found


def set_fields(row: Any, values: dict[str, Any], skipped: Collection[str] = NOT_KEPT) -> None:
    """Give a row of the kernel the values of `fields_of`. Raises InputError where it has other fields."""
    plan = [one for one in type(row)._plan if one[0] not in skipped]  # noqa: SLF001
    if {name for name, _, _ in plan} != set(values):
        raise InputError(
            Problem(
                "the journal's memory is of an engine with another book",
                found=", ".join(sorted(set(values) ^ {name for name, _, _ in plan})),
                allowed="the version of Tandem that wrote it, or a new journal",
            )
        )
    for name, nested, length in plan:
        if nested and length:
            for one, kept in zip(getattr(row, name), values[name], strict=True):
                set_fields(one, kept, skipped)
        else:
            setattr(row, name, values[name])


def _worded(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return "nan" if math.isnan(value) else "inf" if value > 0.0 else "-inf"
    if isinstance(value, dict):
        return {str(key): _worded(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_worded(one) for one in value]
    return value


def _numbered(value: Any) -> Any:
    if isinstance(value, str):
        return _WORDS.get(value, value)
    if isinstance(value, dict):
        return {key: _numbered(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_numbered(one) for one in value]
    return value
