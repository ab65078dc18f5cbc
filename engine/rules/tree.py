# SPDX-License-Identifier: Apache-2.0
"""What an expression of a rule is made of, as it was written; and a mistake at a place in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias


class Mistake(Exception):
    """What is wrong at `at`, the place of a character in the expression from 0; the rest is as in Problem."""

    def __init__(self, at: int, message: str, *, found: str = "", allowed: str = "", nearest: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.message = message
        self.found = found
        self.allowed = allowed
        self.nearest = nearest


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it was written: whole without a point or an exponent."""

    at: int
    value: int | float


@dataclass(frozen=True, slots=True)
class Name:
    """A word: a feature, a parameter, a series, a role, a word of the calendar. With dots: a field, an indicator."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with what it is given: by position, then by name."""

    at: int
    name: str
    given: tuple[Node, ...]
    named: tuple[tuple[str, Node], ...]


@dataclass(frozen=True, slots=True)
class Sign:
    """Minus in front of a number."""

    at: int
    of: Node


@dataclass(frozen=True, slots=True)
class Sum:
    """Two numbers with + - * or / between; `at` is the place of the sign."""

    at: int
    sign: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison:
    """`a < b <= c`: one sign more than there are operands less two; `places` are those of the signs."""

    at: int
    operands: tuple[Node, ...]
    signs: tuple[str, ...]
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite of a condition."""

    at: int
    of: Node


@dataclass(frozen=True, slots=True)
class Both:
    """Conditions with `and` or with `or` between, `at` that of the first such word."""

    at: int
    word: str
    parts: tuple[Node, ...]


Node: TypeAlias = Number | Name | Call | Sign | Sum | Comparison | Not | Both


def start(node: Node) -> int:
    """The place of the first character of a node."""
    if isinstance(node, Sum):
        return start(node.left)
    if isinstance(node, Comparison):
        return start(node.operands[0])
    if isinstance(node, Both):
        return start(node.parts[0])
    return node.at


def below(node: Node) -> Iterator[Node]:
    """The parts of a node, in the order in which they are written."""
    if isinstance(node, Call):
        yield from node.given
        yield from (value for _, value in node.named)
    elif isinstance(node, Sign | Not):
        yield node.of
    elif isinstance(node, Sum):
        yield from (node.left, node.right)
    elif isinstance(node, Comparison):
        yield from node.operands
    elif isinstance(node, Both):
        yield from node.parts


def size(node: Node) -> int:
    """How many nodes there are, this one included."""
    return 1 + sum(size(part) for part in below(node))
