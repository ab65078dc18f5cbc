# SPDX-License-Identifier: Apache-2.0
"""YAML text to plain data with the place of every key and value, and without YAML 1.1's traps.

PyYAML reads the syntax; what a plain word means is decided here, and is less than YAML 1.1 allows:

    true, false          booleans; yes, no, on, off, True and y are words (ON, NO and Y are also symbols)
    null, ~, nothing     null
    12, 1_000_000, -3    whole numbers
    0.5, .5, 1e-3, 1e6   numbers
    2008-01-31           a date
    anything else        text: 12:30:00 is no number in base sixty; .nan and .inf are no numbers either

Refused with a sentence: 0777, 0o17, 0x1F and 0b1 (quote them), keys that are not text, keys given twice, tags,
merge keys, tabs, several documents, and anchors that unfold to more than NODES values.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import yaml

from engine.errors import ConfigError, Problem

KeyPath: TypeAlias = tuple[str | int, ...]
"""Where a value stands in the data: ("costs", "commission", 0, "minimum")."""

BYTES = 1_000_000
DEPTH = 32
NODES = 20_000
DIGITS = 24

_PLAIN, _QUOTED = "plain", "quoted"
_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*(_[0-9]+)*)")
_NUMBER = re.compile(r"[-+]?((0|[1-9][0-9]*(_[0-9]+)*)?\.[0-9]+|(0|[1-9][0-9]*(_[0-9]+)*)\.?)([eE][-+]?[0-9]+)?")
_OTHER_BASE = re.compile(r"[-+]?(0[0-9_]+|0[oO][0-7_]+|0[xX][0-9a-fA-F_]+|0[bB][01_]+)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HALF = re.compile("[\ud800-\udfff]")
_NUMERIC = frozenset("+-.0123456789")
"""How a date or a number begins; most words do not."""

_SENTENCES = (  # part of what the parser says, and the same for a person
    (
        "mapping values are not allowed",
        "no key can stand here: a space after a `:` is missing, or a line is indented wrongly",
    ),
    ("found a tab character", "a tab: YAML is indented with spaces"),
    ("cannot start any token", "text that begins with this sign needs quotes"),
    ("',' or ']'", "this list does not end: a `]` or a comma is missing"),
    ("',' or '}'", "this mapping does not end: a `}` or a comma is missing"),
    ("expected node content", "a value is missing here"),
    ("unexpected end of stream", "this quote does not end"),
    ("undefined alias", "no anchor of this name stands above"),
    ("duplicate anchor", "an anchor of this name stands above already"),
    ("but found another document", "a second document: a file holds one, without `---` in the middle"),
    ("expected key", "this line does not line up with the lines above it"),
    ("'-' indicator", "this line does not line up with the lines above it"),
    ("<block end>", "this line does not line up with the lines above it"),
)


class Place(NamedTuple):
    """Where a value and its key were written; lines and columns count from 1, 0 where there is none."""

    file: str
    line: int = 0
    column: int = 0
    key_line: int = 0
    key_column: int = 0

    def problem(self, message: str, *, at_key: bool = False, **parts: str) -> Problem:
        """A Problem at the value, or at its key."""
        line, column = (self.key_line, self.key_column) if at_key and self.key_line else (self.line, self.column)
        return Problem(message, file=self.file, line=line, column=column, **parts)


@dataclass(frozen=True)
class Document:
    """What one file says: data, the place of each path in it, and the values that could not be read (they are null)."""

    data: Any
    places: dict[KeyPath, Place] = field(repr=False)
    problems: tuple[Problem, ...] = ()


def shown(path: KeyPath) -> str:
    """The path as a person writes it: `costs.commission[0].minimum`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_yaml(text: str, file: str) -> Document:
    """The one document in `text`. Raises ConfigError where it is not YAML; other mistakes are kept in `problems`."""
    _refuse_tabs(text, file)
    root = _compose(text, file)
    if root is None:
        return Document(None, {(): Place(file, 1, 1)})
    reading = _Reading(file)
    data = reading.value(root, (), Place(file))
    return Document(data, reading.places, tuple(reading.problems))


def resolve_plain(text: str) -> Any:
    """What an unquoted word means. Raises ValueError, with a sentence, for what readers of YAML disagree on."""
    if text in {"", "~", "null"}:
        return None
    if text in {"true", "false"}:
        return text == "true"
    if text[0] not in _NUMERIC:
        return text
    if _DATE.fullmatch(text):
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise ValueError("no such day in the calendar") from None
    if _OTHER_BASE.fullmatch(text):
        raise ValueError("readers of YAML disagree on what this number is; quote it if it is text")
    if _WHOLE.fullmatch(text):
        if len(text) > DIGITS:
            raise ValueError("this number is too large")
        return int(text.replace("_", ""))
    if _NUMBER.fullmatch(text):
        number = float(text.replace("_", ""))
        if math.isinf(number):
            raise ValueError("this number is too large")
        return number
    return text


class _Loader(getattr(yaml, "CBaseLoader", yaml.BaseLoader)):  # type: ignore[misc]
    """The parser in C where PyYAML has it; says of a scalar only whether it was quoted."""

    def resolve(self, kind: type, value: Any, implicit: Any) -> Any:
        if kind is yaml.ScalarNode:
            return _PLAIN if implicit[0] else _QUOTED
        return super().resolve(kind, value, implicit)


def _refuse_tabs(text: str, file: str) -> None:
    for number, line in enumerate(text.splitlines(), 1):
        column = line.find("\t") + 1
        if column:
            raise ConfigError(Problem("a tab: YAML is indented with spaces", file, number, column))


def _compose(text: str, file: str) -> yaml.Node | None:
    if len(text) > BYTES:
        raise ConfigError(Problem(f"{len(text):,} characters are no configuration", file, allowed=f"at most {BYTES:,}"))
    try:
        depth = 0
        for event in yaml.parse(text, _Loader):  # the parser's own recursion has no limit that holds
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEPTH:
                line = event.start_mark.line + 1 if event.start_mark else 0
                raise ConfigError(Problem(f"nested deeper than {DEPTH} levels", file, line))
        node: yaml.Node | None = yaml.compose(text, _Loader)
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        where = (before.count("\n") + 1, len(before) - before.rfind("\n"))
        raise ConfigError(Problem("a character that YAML does not allow", file, *where)) from error
    except yaml.MarkedYAMLError as error:
        raise ConfigError(_syntax_problem(error, text, file)) from error
    return node


def _syntax_problem(error: yaml.MarkedYAMLError, text: str, file: str) -> Problem:
    said = f"{error.context or ''} {error.problem or ''}"
    mark = error.problem_mark
    message = next((ours for theirs, ours in _SENTENCES if theirs in said), error.problem or "not YAML")
    if "does not end" in message and error.context_mark:
        mark = error.context_mark  # where it began says more than where the file ended
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    lines = text.splitlines()
    line = min(line, len(lines))
    return Problem(message, file, line, column, found=_clipped(lines[line - 1]) if line else "")


def _clipped(line: str) -> str:
    line = line.strip()
    return f"`{line[:57]}...`" if len(line) > 60 else f"`{line}`"


class _Reading:
    """Nodes to data; remembers places and problems on the way."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.places: dict[KeyPath, Place] = {}
        self.problems: list[Problem] = []
        self._nodes = 0

    def value(self, node: yaml.Node, path: KeyPath, key: Place) -> Any:
        mark = node.start_mark
        place = Place(self.file, mark.line + 1, mark.column + 1, key.line, key.column)
        self.places[path] = place
        self._nodes += 1
        if self._nodes > NODES or len(path) > DEPTH:
            raise ConfigError(place.problem("anchors that unfold to too much", allowed=f"at most {NODES:,} values"))
        if isinstance(node, yaml.MappingNode):
            self._refuse_tag(node, place, path, "tag:yaml.org,2002:map")
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            self._refuse_tag(node, place, path, "tag:yaml.org,2002:seq")
            return [self.value(item, (*path, i), Place(self.file)) for i, item in enumerate(node.value)]
        return self._scalar(node, place, path)

    def _refuse_tag(self, node: yaml.Node, place: Place, path: KeyPath, *expected: str) -> None:
        if node.tag not in expected:
            tag = str(node.tag).replace("tag:yaml.org,2002:", "!!")
            self.problems.append(place.problem("tags are not read", path=shown(path), found=tag))

    def _scalar(self, node: yaml.Node, place: Place, path: KeyPath) -> Any:
        self._refuse_tag(node, place, path, _PLAIN, _QUOTED)
        text: str = node.value
        if _HALF.search(text):
            self.problems.append(place.problem("half a character: not text that can be written", path=shown(path)))
            return None
        if node.tag != _PLAIN:
            return text
        try:
            return resolve_plain(text)
        except ValueError as error:
            self.problems.append(place.problem(str(error), path=shown(path), found=text))
            return None

    def _mapping(self, node: yaml.MappingNode, path: KeyPath) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            mark = key_node.start_mark
            place = Place(self.file, mark.line + 1, mark.column + 1)
            key = self._key(key_node, place, path)
            if key is None:
                continue
            if key in data:
                first = self.places[*path, key]
                message = f"given twice: first in line {first.key_line}, column {first.key_column}"
                self.problems.append(place.problem(message, path=shown((*path, key))))
                continue
            data[key] = self.value(value_node, (*path, key), place)
        return data

    def _key(self, node: yaml.Node, place: Place, path: KeyPath) -> str | None:
        if not isinstance(node, yaml.ScalarNode):
            self.problems.append(place.problem("a key must be text", path=shown(path), found="a list or a mapping"))
            return None
        if node.tag == _PLAIN and node.value == "<<":
            self.problems.append(place.problem("merge keys are not read: write the keys out", path=shown(path)))
            return None
        before = len(self.problems)
        key = self._scalar(node, place, path)
        if isinstance(key, str):
            return key
        if len(self.problems) == before:
            text = str(node.value)
            allowed = f'"{text}", in quotes'
            self.problems.append(place.problem("a key must be text", path=shown(path), found=text, allowed=allowed))
        return None
