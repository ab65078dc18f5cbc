# SPDX-License-Identifier: Apache-2.0
"""A configuration on its way: what was read, where each value came from, what is wrong so far; and `--set` on top."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from engine.config.yaml_reader import Document, KeyPath, Place, read_yaml, resolve_plain, shown
from engine.errors import ConfigError, Problem
from engine.notice import Notice

_PART = re.compile(r"""\.?(?:"(?P<quoted>[^"]+)"|(?P<name>[^.\[\]"=\s]+))|\[(?P<index>[0-9]+)\]""")


@dataclass
class Draft:
    """Plain data that is still being put together. Changing it keeps `places` true."""

    data: Any
    places: dict[KeyPath, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def get(self, path: KeyPath) -> Any:
        """The value at `path`, None where there is none."""
        data = self.data
        for part in path:
            if isinstance(data, dict) and isinstance(part, str):
                data = data.get(part)
            elif isinstance(data, list) and isinstance(part, int) and part < len(data):
                data = data[part]
            else:
                return None
        return data

    def place(self, path: KeyPath) -> Place:
        """Where `path` was written, or the nearest thing around it that was."""
        while path and path not in self.places:
            path = path[:-1]
        return self.places.get(path, Place(""))

    def put(self, path: KeyPath, document: Document) -> None:
        """Let the document stand at `path`, with its places and problems; mappings around it are made where missing."""
        holder = self.data
        for depth, part in enumerate(path[:-1], 1):
            if isinstance(holder, dict) and holder.get(str(part)) is None:
                holder[str(part)] = {}
                self.places.setdefault(path[:depth], document.places[()])
            holder = holder[part]
        holder[path[-1]] = document.data
        for known in [known for known in self.places if known[: len(path)] == path]:
            del self.places[known]
        self.places |= {(*path, *below): place for below, place in document.places.items()}
        self.problems += document.problems


def in_python(data: Any) -> Document:
    """Data from Python as a document that stands in no file: mappings, sequences, paths, model sections, numpy numbers.

    It is a copy, and what YAML would have given; a class stays what it is.
    """
    return Document(_plain(data), {(): Place("")})


def merge(draft: Draft, given: Mapping[str, Any], at: KeyPath = ()) -> None:
    """Put values from Python into the draft; a mapping goes into the one that stands in its place."""
    for key, value in given.items():
        path = (*at, key)
        if isinstance(value, Mapping) and isinstance(draft.get(path), dict):
            merge(draft, value, path)
        else:
            draft.put(path, in_python(value))


def _plain(data: Any) -> Any:
    if isinstance(data, BaseModel):
        data = data.model_dump(by_alias=True, exclude_unset=True)
    if isinstance(data, Mapping):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [_plain(value) for value in data]
    if isinstance(data, np.generic):
        return data.item()
    if isinstance(data, dt.datetime) and data.time() == dt.time():
        return data.date()  # a pandas Timestamp of a day
    return str(data) if isinstance(data, Path) else data


def parse_path(text: str) -> KeyPath:
    """`costs.commission[0].minimum` as a KeyPath; a part with a dot in it is quoted: `margin.multiples."BRK.B"`.

    Raises ValueError where the text is no path.
    """
    parts: list[str | int] = []
    position = 0
    while position < len(text):
        found = _PART.match(text, position)
        starts_well = found is not None and (text[position] in ".[" or position == 0)
        if found is None or not starts_well or (position == 0 and text[0] in ".["):
            raise ValueError(f"not a path: {text}")
        parts.append(int(found["index"]) if found["index"] else found["quoted"] or found["name"])
        position = found.end()
    if not parts:
        raise ValueError("an empty path")
    return tuple(parts)


def parse_override(text: str) -> tuple[KeyPath, Document]:
    """`path=value` of a `--set`: the path, and the value with `--set path` for its place. Raises ConfigError."""
    written, equals, value = text.partition("=")
    if written.count('"') % 2:  # an = inside a quoted part
        rest, quote, value = value.partition('"')
        more, equals, value = value.partition("=")
        written = f"{written}={rest}{quote}{more}"
    try:
        path = parse_path(written.strip())
    except ValueError:
        equals, path = "", ()
    if not equals:
        raise ConfigError(
            Problem("not a setting", file=f"--set {text}", allowed="path=value, such as params.enter=1.5")
        )
    file = f"--set {shown(path)}"
    return path, _value(value.strip(), file)


def apply_override(draft: Draft, path: KeyPath, document: Document) -> None:
    """Put one setting into the draft; what it cannot be put into becomes a Problem of the draft."""
    for depth in range(1, len(path)):
        above, part = path[:depth], path[depth]
        holder = draft.get(above)
        place = document.places[()]
        if isinstance(holder, list):
            if not isinstance(part, int) or part >= len(holder):
                rows = f"{shown(above)}[0]" if len(holder) == 1 else f"{shown(above)}[0] to [{len(holder) - 1}]"
                draft.problems.append(place.problem("no such row", path=shown(path[: depth + 1]), allowed=rows))
                return
        elif holder is not None and not isinstance(holder, dict):
            draft.problems.append(place.problem(f"{shown(above)} holds one value, nothing below it", path=shown(path)))
            return
        elif isinstance(part, int):
            draft.problems.append(place.problem(f"{shown(above)} has no numbered rows", path=shown(path)))
            return
    draft.put(path, document)


def _value(text: str, file: str) -> Document:
    nowhere = Place(file)
    if text[:1] in {"[", "{", '"', "'"}:
        try:
            document = read_yaml(text, file)
        except ConfigError as error:
            raise ConfigError(
                [Problem(problem.message, file=file, found=text) for problem in error.problems]
            ) from error
        return Document(
            document.data,
            dict.fromkeys(document.places, nowhere),
            tuple(Problem(problem.message, file=file, found=text) for problem in document.problems),
        )
    try:
        return Document(resolve_plain(text), {(): nowhere})
    except ValueError as error:
        raise ConfigError(Problem(str(error), file=file, found=text)) from error
