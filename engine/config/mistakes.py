# SPDX-License-Identifier: Apache-2.0
"""Pydantic's errors as Problems: one a mistake, at its line and column, in the words of the model."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from pydantic import ValidationError

from engine.config.describe import at, choices, names, one_of, plain, section_at, sources, unit_in, words
from engine.config.yaml_reader import KeyPath, Place, shown
from engine.errors import Problem, nearest_name
from engine.model.rules import RULES

Places = Mapping[KeyPath, Place]

_WRONG_TYPE = re.compile(r".*_type$")
_OTHER_BRANCH = re.compile(r".*_type$|literal_error")
_UNIT_SLIPS = re.compile(r"([-+]?[0-9.]+) ?%")
_THOUSANDS = re.compile(r"[-+]?[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?")
_BOOLEANS = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def place_of(path: KeyPath, places: Places) -> Place:
    """Where `path` was written, or the nearest thing around it that was."""
    while path and path not in places:
        path = path[:-1]
    return places.get(path, Place(""))


def problems_of(error: ValidationError, data: Any, places: Places) -> list[Problem]:
    """One Problem for each mistake in `data`, the same place never twice."""
    return [_problem(path, kind, said, data, places) for path, (kind, said) in _by_path(error, data).items()]


def unknown_key(path: KeyPath, allowed: Sequence[str], places: Places, what: str = "no such key") -> Problem:
    """A key that nothing reads, shown at the key itself."""
    name = str(path[-1])
    return place_of(path, places).problem(
        what, at_key=True, path=shown(path), allowed=", ".join(allowed) or "none", nearest=nearest_name(name, allowed)
    )


def value_at(path: KeyPath, data: Any) -> Any:
    """The value at `path`, None where there is none."""
    for part in path:
        if not _holds(data, part):
            return None
        data = data[part]
    return data


def _holds(data: Any, part: int | str) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, Mapping) and part in data


def _by_path(error: ValidationError, data: Any) -> dict[KeyPath, tuple[str, str]]:
    """The error to tell at each path. A union fails once a branch: what is wrong inside says more than `no text`."""
    found: dict[KeyPath, tuple[str, str]] = {}
    for line in error.errors(include_url=False, include_input=False):
        kind = line["type"]
        path = _clean(line["loc"], data, kind)
        before = found.get(path)
        if before is None or (_WRONG_TYPE.fullmatch(before[0]) and not _WRONG_TYPE.fullmatch(kind)):
            found[path] = (kind, line["msg"].removeprefix("Value error, "))
    deeper = {path[:depth] for path in found for depth in range(len(path))}
    return {path: said for path, said in found.items() if path not in deeper or not _OTHER_BRANCH.fullmatch(said[0])}


def _clean(location: tuple[int | str, ...], data: Any, kind: str) -> KeyPath:
    """The location without the labels that pydantic puts in for the branches of a union."""
    path: list[int | str] = []
    for position, part in enumerate(location):
        if _holds(data, part):
            data = data[part]
            path.append(part)
        elif kind == "missing" and position == len(location) - 1:
            path.append(part)
    if kind in {"union_tag_invalid", "union_tag_not_found"}:
        path.append("source")
    if location and location[-1] == "[key]":
        path.append("[key]")
    return tuple(path)


def _problem(path: KeyPath, kind: str, said: str, data: Any, places: Places) -> Problem:
    if path and path[-1] == "[key]":
        return _bad_key(path[:-1], data, places)
    if kind == "extra_forbidden":
        section = section_at(path[:-1], data)
        return unknown_key(path, names(section) if section else (), places)
    value = value_at(path, data)
    type_, marks = at(path, data)
    options = sources() if kind.startswith("union_tag") else choices(type_)
    allowed = one_of(options) if kind.startswith("union_tag") else words(type_, marks)
    if kind in {"missing", "union_tag_not_found"}:
        return place_of(path[:-1], places).problem("missing", at_key=True, path=shown(path), allowed=allowed)
    if kind == "value_error" and isinstance(value, dict | list):  # its sentence says it all
        return place_of(path, places).problem(said, path=shown(path))
    per_cent, fraction = _as_fraction(kind, value, unit_in(type_, marks))
    return place_of(path, places).problem(
        said if kind == "value_error" else f"{_message(kind, value)}{per_cent}",
        path=shown(path),
        found=plain(value),
        allowed=allowed,
        nearest=fraction or meant(value, options),
    )


def _as_fraction(kind: str, value: Any, unit: str) -> tuple[str, str]:
    """A number out of range where a fraction belongs: what it says as it stands, and what was probably meant.

    3 a year is 300 % a year, and 3 % a year is 0.03.
    """
    _, fraction, of_what = unit.partition("fraction ")
    if not fraction or not kind.startswith(("less_than", "greater_than")) or not isinstance(value, int | float):
        return "", ""
    likely = f"{value / 100:.10g}" if value > 0 else ""
    return f": {value:g} is {value * 100:,.10g} % {of_what}", likely


def _bad_key(path: KeyPath, data: Any, places: Places) -> Problem:
    type_, _ = at(path[:-1], data)
    key = next(iter(get_args(type_)), str)
    name = str(path[-1])
    if RULES in path and ")" in name:  # `{long: sma(x, 20) > y}` is two keys to YAML
        return place_of(path, places).problem(
            "within { } a comma ends an expression: put the whole expression in quotes",
            at_key=True,
            path=shown(path),
            found=plain(name),
            allowed='such as {long: "x.close > sma(x, 20)"}',
        )
    near = name.lower() if path[0] in {"roles", "series"} else ""
    return place_of(path, places).problem(
        "not a name that can be used here",
        at_key=True,
        path=shown(path),
        found=plain(name),
        allowed=words(key),
        nearest=near,
    )


def _message(kind: str, value: Any) -> str:
    if kind == "string_too_long":
        return f"too long for the name of a file: {len(str(value).encode())} bytes"
    if kind in {"greater_than", "greater_than_equal", "less_than", "less_than_equal", "finite_number"}:
        return "out of range"
    if kind in {"too_short", "string_too_short"}:
        return "empty"
    if kind == "too_long":
        return "too many rows"
    return "not allowed"


def meant(value: Any, options: Sequence[str]) -> str:
    """What was probably meant: the closest choice, a number without its per cent sign, a boolean by its YAML name."""
    if isinstance(value, bool) or value is None or isinstance(value, list | dict):
        return ""
    text = str(value)
    if options:
        folded = text.casefold()
        if "true" in options and folded in _BOOLEANS:
            return _BOOLEANS[folded]
        return nearest_name(text, options)
    percent = _UNIT_SLIPS.fullmatch(text)
    if percent and percent[1].replace(".", "", 1).lstrip("+-").isdigit():
        return f"{float(percent[1]) / 100:.10g}"
    if _THOUSANDS.fullmatch(text):
        return text.replace(",", "")
    return ""
