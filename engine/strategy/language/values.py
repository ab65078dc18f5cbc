# SPDX-License-Identifier: Apache-2.0
"""What an expression of on_bar can be: a number of some kind, a record with named fields, or nothing at all.

The checker runs on_bar over these instead of over prices. Kinds matter where the two modes would part: a float
written to a whole-number field is cut in compiled code only, and numba cannot put an IntEnum member beside a float.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum


class Kind(Enum):
    """Kinds of numbers, with the words that messages use."""

    BOOL = "true or false"
    INT = "a whole number"
    ENUM = "an IntEnum member"
    FLOAT = "a number with a fraction"


@dataclass(frozen=True, slots=True)
class Number:
    """A number; `sure` is False when some path leaves the name without a value."""

    kind: Kind
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """Something with fields: `bar`, `bar.small`, `account`, `s` ...

    shape     records of one shape can stand for one another (bar.large and bar.small)
    noun      what one field is called in messages
    fields    None when they are not known yet and everything is let through
    read_only why its fields cannot be written; empty when they can
    each      what `at(i)` gives, where it has something of each role of a list
    """

    shape: str
    noun: str
    fields: Mapping[str, Value] | None = field(compare=False, repr=False)
    read_only: str = ""
    sure: bool = True
    each: Value | None = field(default=None, compare=False, repr=False)


FEATURE_ROWS = ("f", "f.at(...)")
"""Shapes of the records whose fields are features: those of the bar, those of each role of a list."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """A tuple of numbers on its way from `return a, b` or `a, b = ...` into names."""

    items: tuple[Value, ...]
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Several:
    """A State field of `slots`: `length` numbers of one kind, read and written one by one."""

    kind: Kind
    length: int
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Marker:
    """A value that is no number and no record; compared by identity of its word."""

    word: str
    sure: bool = True


Value = Number | Record | Numbers | Several | Marker

BOOL, INT, FLOAT, MEMBER = Number(Kind.BOOL), Number(Kind.INT), Number(Kind.FLOAT), Number(Kind.ENUM)
ORDERS = Marker("orders")
NOTHING = Marker("nothing")
"""What a function gives back that ends without a value."""
UNKNOWN = Marker("unknown")
"""The value of something already reported: it silences everything that follows from it."""


def with_sure(value: Value, *, sure: bool) -> Value:
    """`value` as it is when present on every path (sure), or only on some."""
    match value:
        case Number(kind):
            return Number(kind, sure)
        case Record():
            return replace(value, sure=sure)
        case Numbers(items):
            return Numbers(items, sure)
        case Several(kind, length):
            return Several(kind, length, sure)
        case Marker(word):
            return Marker(word, sure)


def join(first: Value, second: Value) -> Value | None:
    """What a name holds where two paths meet; None when no compiled name can hold both."""
    sure = first.sure and second.sure
    match with_sure(first, sure=True), with_sure(second, sure=True):
        case (Marker("unknown"), _) | (_, Marker("unknown")):
            return with_sure(UNKNOWN, sure=sure)
        case Number(one), Number(two):
            kind = join_kinds(one, two)
            return None if kind is None else Number(kind, sure)
        case Numbers(ones), Numbers(twos) if len(ones) == len(twos):
            both = [join(one, two) for one, two in zip(ones, twos, strict=True)]
            items = tuple(item for item in both if item is not None)
            return Numbers(items, sure) if len(items) == len(both) else None
        case one_value, two_value if one_value == two_value:
            return with_sure(first, sure=sure)
    return None


def join_kinds(one: Kind, two: Kind) -> Kind | None:
    """The kind that holds both; None for an IntEnum member beside a fraction or a condition, which numba cannot cast.

    A member beside a whole number stays a member: numba drops a path whose condition is constant, and may see it alone.
    """
    if one is two:
        return one
    if Kind.ENUM in (one, two):
        return Kind.ENUM if Kind.INT in (one, two) else None
    return Kind.FLOAT if Kind.FLOAT in (one, two) else Kind.INT


def describe(value: Value) -> str:
    """The value in words, for messages."""
    match value:
        case Number(kind):
            return kind.value
        case Record(shape):
            return shape
        case Numbers(items):
            return f"{len(items)} values"
        case Several(_, length):
            return f"a State field of {length} numbers"
        case Marker(word):
            return word
