# SPDX-License-Identifier: Apache-2.0
"""A plan of faults: a list under `faults:` in a YAML file, or one fault as a program says it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args

from engine.config.tables import read_file
from engine.config.yaml_reader import Document, KeyPath, shown
from engine.errors import ConfigError, Problem, nearest_name
from engine.sandbox.faults import COMMON, FAULTS, Fault, Moment
from engine.sandbox.wire.answers import ANSWERS
from engine.sandbox.wire.requests import NAMES as REQUESTS

MOMENTS: tuple[str, ...] = get_args(Moment)
LARGEST = 1 << 62
"""Numbers below it are numbers here."""

_KINDS: dict[str, tuple[type, ...]] = {"str": (str,), "int": (int,), "int | None": (int,), "float": (int, float)}
_WORDS = {"str": "text", "int": "a whole number", "int | None": "a whole number", "float": "a number"}
_TYPES = {field.name: str(field.type) for field in fields(Fault)}
_LEAST = {"nth": 1, "steps": 1, "ids": 1, "after_bytes": 0, "seconds": 0, "code": 1, "client": 0}


def read_plan(path: Path) -> list[Fault]:
    """The faults of a file, in order. Raises ConfigError with every mistake in it, each at its line."""
    document = read_file(path)
    problems = list(document.problems)
    data = document.data
    if not isinstance(data, dict) or set(data) != {"faults"} or not isinstance(data["faults"], list):
        problems.append(_problem(document, (), "a plan is a list under the one key `faults`", allowed="faults: [...]"))
        raise ConfigError(problems)
    for number, one in enumerate(data["faults"]):
        problems += [_problem(document, ("faults", number, *path), **rest) for path, rest in _mistakes(one)]
    if problems:
        raise ConfigError(problems)
    return [Fault(**_arguments(one)) for one in data["faults"]]


def fault_of(said: Mapping[str, Any]) -> Fault:
    """One fault from plain data. Raises ConfigError."""
    problems = [Problem(rest.pop("message"), path=shown(path), **rest) for path, rest in _mistakes(dict(said))]
    if problems:
        raise ConfigError(problems)
    return Fault(**_arguments(said))


def _arguments(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: float(value) if _TYPES[name] == "float" else value for name, value in said.items()}


def _problem(document: Document, path: KeyPath, message: str, **parts: Any) -> Problem:
    while path and path not in document.places:
        path = path[:-1]
    return document.places[path].problem(message, path=shown(path), **parts)


def _mistakes(said: Any) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """(path, message and its parts) of each mistake in one fault."""
    name = said.get("fault") if isinstance(said, dict) else None
    if not isinstance(name, str) or name not in FAULTS:
        known = ", ".join(FAULTS)
        nearest = nearest_name(str(name), FAULTS)
        yield ("fault",), {"message": "no such fault", "found": repr(name), "allowed": known, "nearest": nearest}
        return
    occasion, own = FAULTS[name]
    allowed = ("fault", *COMMON, *own)
    for key, value in said.items():
        if key not in allowed:
            nearest = nearest_name(str(key), allowed)
            yield (key,), {"message": f"not a key of {name}", "allowed": ", ".join(allowed), "nearest": nearest}
        elif key != "fault":
            yield from _bad_value(key, value)
    if occasion == "frame":
        yield from _bad_frame(name, said.get("on"), said.get("moment"))
    if name in {"answer", "notice"} and "code" not in said:
        yield ("code",), {"message": f"{name} needs the broker's code", "allowed": "code: 162"}


def _bad_frame(name: str, on: Any, moment: Any) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """A fault strikes the frame of one message, what clients say when it is handled, what they hear when it is written.

    Before a frame is read nobody knows whose it is.
    """
    if on is None and moment != "read":
        yield ("on",), {"message": f"{name} needs the message whose frame it strikes", "allowed": "on: placeOrder"}
    elif on is not None and moment == "read":
        yield ("on",), {"message": "before a frame is read its message is not known", "allowed": "handle, or no `on`"}
    elif moment == "handle" and str(on) in ANSWERS:
        yield ("moment",), {"message": f"{on} is said by the broker", "found": "handle", "allowed": "write"}
    elif moment == "write" and str(on) in REQUESTS:
        yield ("moment",), {"message": f"{on} is said by clients", "found": "write", "allowed": "handle"}


def _bad_value(key: str, value: Any) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    kind = _TYPES[key]
    known: Any = value
    endless = isinstance(value, float) and not math.isfinite(value)
    if isinstance(value, bool) or not isinstance(value, _KINDS[kind]) or endless:
        yield (key,), {"message": f"not {_WORDS[kind]}", "found": repr(value)}
    elif not isinstance(value, str) and abs(known) >= LARGEST:
        yield (key,), {"message": "too much", "allowed": f"less than {LARGEST}"}
    elif key in _LEAST and known < _LEAST[key]:
        yield (key,), {"message": "too little", "found": repr(value), "allowed": f"{_LEAST[key]} or more"}
    elif key == "part" and not 0.0 < known < 1.0:
        yield (key,), {"message": "a part of a fill", "found": repr(value), "allowed": "above 0 and below 1"}
    elif key == "moment" and known not in MOMENTS:
        yield (key,), {"message": "no such moment", "found": repr(value), "allowed": ", ".join(MOMENTS)}
    elif key == "on" and known not in {*REQUESTS, *ANSWERS}:
        nearest = nearest_name(known, [*REQUESTS, *ANSWERS])
        allowed = "placeOrder, orderStatus, execDetails or another message of the protocol"
        yield (key,), {"message": "no such message", "found": repr(value), "allowed": allowed, "nearest": nearest}
