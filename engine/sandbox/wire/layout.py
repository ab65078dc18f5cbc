# SPDX-License-Identifier: Apache-2.0
"""Layouts: a message is a table of rows, and one table both reads and writes it at every version.

Reading is strict. A field too few, a field too many, a text that is not of its kind: each is a WireError that names
message and field. Writing is as strict: a value without a row is a KeyError; so is a row without a value or a blank.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.sandbox.wire.fields import INT, Kind, WireError

Values = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One field. It is there from version `since` on and before version `before`.

    blank is the text that stands where writing was given no value; None where a value is due.
    """

    name: str
    kind: Kind
    since: int = 0
    before: int = sys.maxsize
    blank: str | None = None

    def here(self, version: int) -> bool:
        """Whether messages of the version have this field."""
        return self.since <= version < self.before


@dataclass(frozen=True)
class Fixed:
    """A field with one text, such as the version of a single message."""

    text: str
    since: int = 0
    before: int = sys.maxsize

    def here(self, version: int) -> bool:
        """Whether messages of the version have this field."""
        return self.since <= version < self.before


@dataclass(frozen=True)
class When:
    """Rows that follow where what came before them says so."""

    test: Callable[[Mapping[str, Any]], bool]
    rows: Rows
    since: int = 0


@dataclass(frozen=True)
class Many:
    """A count, then as many groups of rows. Written from a list of dictionaries, of none where there is no value."""

    name: str
    rows: Rows


Part = Row | Fixed | When | Many
Rows = tuple[Part, ...]


@dataclass(frozen=True)
class Layout:
    """One message: its number and name in the protocol, and the rows behind the number."""

    number: int
    name: str
    rows: Rows

    def read(self, fields: list[str], version: int) -> Values:
        """Values by name, of all fields behind the number."""
        reading = _Reading(self.name, fields)
        values: Values = {}
        reading.rows(self.rows, version, values)
        reading.end()
        return values

    def write(self, values: Mapping[str, Any], version: int) -> list[str]:
        """Fields, the number among them. Every value must have a row at some version."""
        fields = [str(self.number)]
        _write(self.rows, values, version, fields, self.name)
        unknown = values.keys() - self.names
        if unknown:
            raise KeyError(f"{self.name} has no field {', '.join(sorted(unknown))}")
        return fields

    @cached_property
    def names(self) -> frozenset[str]:
        """Names of all values at any version."""
        return frozenset(_names(self.rows))


class _Reading:
    """A message on its way from fields to values."""

    def __init__(self, message: str, fields: list[str]) -> None:
        self._message = message
        self._fields = fields
        self._at = 0

    def rows(self, rows: Rows, version: int, values: Values) -> None:
        """Read rows into values."""
        for row in rows:
            if isinstance(row, Many):
                values[row.name] = self._groups(row, version)
            elif isinstance(row, When):
                if version >= row.since and row.test(values):
                    self.rows(row.rows, version, values)
            elif row.here(version):
                self._one(row, values)

    def end(self) -> None:
        """Check that nothing is left."""
        left = self._fields[self._at :]
        if left:
            shown = ", ".join(repr(text[:30]) for text in left[:5])
            raise WireError(f"{self._message}: {len(left)} fields are left over behind the last one: {shown}")

    def _one(self, row: Row | Fixed, values: Values) -> None:
        if isinstance(row, Fixed):
            text = self._next("its version")
            if text != row.text:
                raise self._wrong("its version", text, row.text)
            return
        text = self._next(row.name)
        try:
            values[row.name] = row.kind.read(text)
        except ValueError as error:
            raise self._wrong(row.name, text, str(error)) from None

    def _groups(self, row: Many, version: int) -> list[Values]:
        text = self._next(f"the count of {row.name}")
        try:
            count = INT.read(text)
        except ValueError as error:
            raise self._wrong(f"the count of {row.name}", text, str(error)) from None
        if not 0 <= count <= len(self._fields) - self._at:
            raise self._wrong(f"the count of {row.name}", text, "a count of what follows")
        groups: list[Values] = []
        for _ in range(count):
            values: Values = {}
            self.rows(row.rows, version, values)
            groups.append(values)
        return groups

    def _next(self, name: str) -> str:
        if self._at >= len(self._fields):
            raise WireError(f"{self._message}: ends after {self._at} fields, where {name} is due")
        self._at += 1
        return self._fields[self._at - 1]

    def _wrong(self, name: str, text: str, wanted: str) -> WireError:
        return WireError(f"{self._message}: field {self._at}, {name}, is {text[:60]!r}; it should be {wanted}")


def _write(rows: Rows, values: Mapping[str, Any], version: int, fields: list[str], message: str) -> None:
    for row in rows:
        if isinstance(row, Row):
            if row.here(version):
                fields.append(_written(row, values, message))
        elif isinstance(row, Many):
            groups = values.get(row.name, ())
            fields.append(str(len(groups)))
            for group in groups:
                _write(row.rows, group, version, fields, message)
        elif isinstance(row, When):
            if version >= row.since and row.test(values):
                _write(row.rows, values, version, fields, message)
        elif row.here(version):
            fields.append(row.text)


def _written(row: Row, values: Mapping[str, Any], message: str) -> str:
    if row.name in values:
        try:
            return row.kind.write(values[row.name])
        except (TypeError, ValueError) as error:
            raise ValueError(f"{message}: {row.name}: {error}") from error
    if row.blank is None:
        raise KeyError(f"{message} lacks {row.name}")
    return row.blank


def _names(rows: Rows) -> Iterator[str]:
    for row in rows:
        if isinstance(row, Row | Many):
            yield row.name
        elif isinstance(row, When):
            yield from _names(row.rows)
