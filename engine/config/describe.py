# SPDX-License-Identifier: Apache-2.0
"""The model in words: what a value may be, in which unit, and which names a section has."""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic.fields import FieldInfo

from engine.config.yaml_reader import KeyPath, resolve_plain
from engine.model.fields import Kind, Role, Section, Symbol, Symbols, Unit
from engine.model.run import RunConfig

UNIONS = (typing.Union, types.UnionType)


def words(kind: Any, marks: Sequence[Any] = ()) -> str:
    """What a value of this type may be: `a number from 0 to 1, or null`."""
    kind, marks = unwrapped(kind, marks)
    said = [mark.words for mark in marks if isinstance(mark, Kind)]
    if said:
        return said[-1]
    if get_origin(kind) in UNIONS:
        branches = [words(branch) for branch in get_args(kind) if branch is not type(None)]
        return ", or ".join([*branches, *(["null"] if type(None) in get_args(kind) else [])])
    if get_origin(kind) is Literal:
        return one_of(get_args(kind))
    if get_origin(kind) is list:
        return f"a list of {_plural(get_args(kind)[0])}"
    if get_origin(kind) is dict:
        key, value = get_args(kind)
        return f"a mapping of {short(key)} to {short(value)}"
    if isinstance(kind, type) and issubclass(kind, Section):
        return f"a mapping with {', '.join(names(kind))}"
    if kind in (int, float):
        return _number(kind, marks)
    plain = {bool: "true or false", str: "text", dt.date: "a day such as 2008-01-31"}
    return plain.get(kind, "any value")


def choices(kind: Any) -> tuple[str, ...]:
    """The words a value may be chosen from: of a Literal, a boolean, or a union with one."""
    kind, _ = unwrapped(kind)
    if get_origin(kind) is Literal:
        return tuple(str(choice) for choice in get_args(kind))
    if kind is bool:
        return ("true", "false")
    if get_origin(kind) in UNIONS:
        return tuple(choice for branch in get_args(kind) for choice in choices(branch))
    return ()


def sources() -> tuple[str, ...]:
    """The data sources, by the word that `data.source` takes."""
    branches = get_args(RunConfig.model_fields["data"].annotation)
    return tuple(name for branch in branches for name in choices(branch.model_fields["source"].annotation))


def one_of(values: Sequence[Any]) -> str:
    """`a, b or c`."""
    shown = [str(value) for value in values]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def names(section: type[Section]) -> tuple[str, ...]:
    """The keys of a section as a YAML file spells them."""
    return tuple(field.alias or name for name, field in section.model_fields.items())


def fields(section: type[Section]) -> dict[str, FieldInfo]:
    """What each key of a section holds, by the key as a YAML file spells it."""
    return {field.alias or name: field for name, field in section.model_fields.items()}


def at(path: KeyPath, data: Any) -> tuple[Any, Sequence[Any]]:
    """Type and marks of what stands at `path`; `data` tells which form of a union is meant. (Any, ()) where unknown."""
    kind: Any = RunConfig
    marks: Sequence[Any] = ()
    for part in path:
        kind, marks = _below(kind, part, data)
        data = data.get(part) if isinstance(data, Mapping) else _item(data, part)
    return kind, marks


def section_at(path: KeyPath, data: Any) -> type[Section] | None:
    """The section that stands at `path`, None where something else does."""
    kind, _ = at(path, data)
    for part in path:
        data = data.get(part) if isinstance(data, Mapping) else _item(data, part)
    return _section(kind, data)


def unit_of(field: FieldInfo) -> str:
    """The unit of a number, empty where it has none."""
    return unit_in(field.annotation, field.metadata)


def unit_in(kind: Any, marks: Sequence[Any] = ()) -> str:
    """The unit of a number of this type, or of the number that a union allows; empty where there is none."""
    kind, marks = unwrapped(kind, marks)
    own = [mark.words for mark in marks if isinstance(mark, Unit)]
    if not own and get_origin(kind) in UNIONS:
        own = [unit for branch in get_args(kind) if (unit := unit_in(branch))]
    return next(iter(own), "")


def plain(value: Any) -> str:
    """A value as a person writes it in YAML, long ones cut."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, Mapping):
        return "a mapping" if value else "{}"
    if isinstance(value, (list, tuple)):
        return "a list" if value else "[]"
    if isinstance(value, str):
        return _quoted(value)
    return str(value)


def _quoted(text: str) -> str:
    try:
        bare = resolve_plain(text) == text and text.isprintable()
    except ValueError:
        bare = False
    text = f"{text[:37]}..." if len(text) > 40 else text
    return text if bare else repr(text)


def unwrapped(kind: Any, marks: Sequence[Any] = ()) -> tuple[Any, list[Any]]:
    """The type without Annotated, and all marks on it, FieldInfo's own included; the outer ones come last."""
    found = list(marks)
    while get_origin(kind) is Annotated:
        kind, *inner = get_args(kind)
        found = [*inner, *found]
    flat = [part for mark in found for part in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
    return kind, flat


def _number(kind: type, marks: Sequence[Any]) -> str:
    word = "a whole number" if kind is int else "a number"
    low = next((f"from {mark.ge:g}" for mark in marks if isinstance(mark, Ge)), "")
    low = next((f"above {mark.gt:g}" for mark in marks if isinstance(mark, Gt)), low)
    high = next((f"to {mark.le:g}" for mark in marks if isinstance(mark, Le)), "")
    high = next((f"below {mark.lt:g}" for mark in marks if isinstance(mark, Lt)), high)
    if low.startswith("from") and not high:
        low = low.replace("from", "of at least")
    if low.startswith("above"):
        high = high.replace("to", "up to")
    return " ".join(part for part in (word, low, high) if part)


def _plural(kind: Any) -> str:
    kind, _ = unwrapped(kind)
    if isinstance(kind, type) and issubclass(kind, Section):
        return f"rows with {', '.join(names(kind))}"
    return short(kind)


def short(kind: Any) -> str:
    """A type in as few words as will do: `symbol`, `rows`."""
    for known, word in ((Symbol, "symbol"), (Symbols, "symbols"), (Role, "name")):
        if kind is known:
            return word
    kind, marks = unwrapped(kind)
    if isinstance(kind, type) and issubclass(kind, Section):
        return "a mapping"
    if get_origin(kind) is list:
        return "rows"
    if get_origin(kind) in UNIONS:
        return " or ".join(short(branch) for branch in get_args(kind))
    return words(kind, marks) if kind is not Any else "value"


def _below(kind: Any, part: str | int, data: Any) -> tuple[Any, Sequence[Any]]:
    kind, _ = unwrapped(kind)
    section = _section(kind, data)
    if section is not None and isinstance(part, str):
        field = fields(section).get(part)
        return (field.annotation, field.metadata) if field else (Any, ())
    if get_origin(kind) in UNIONS:
        for branch in get_args(kind):
            found, marks = _below(branch, part, data)
            if found is not Any:
                return found, marks
    if get_origin(kind) is list and isinstance(part, int):
        return unwrapped(get_args(kind)[0])
    if get_origin(kind) is dict and isinstance(part, str):
        return unwrapped(get_args(kind)[1])
    return Any, ()


def _section(kind: Any, data: Any) -> type[Section] | None:
    """The section meant: of a union the one whose `source` the data names, else the only one."""
    kind, _ = unwrapped(kind)
    if isinstance(kind, type) and issubclass(kind, Section):
        return kind
    if get_origin(kind) not in UNIONS:
        return None
    branches = [branch for branch in get_args(kind) if isinstance(branch, type) and issubclass(branch, Section)]
    source = data.get("source") if isinstance(data, Mapping) else None
    for branch in branches:
        field = branch.model_fields.get("source")
        if field and source in choices(field.annotation):
            return branch
    return branches[0] if len(branches) == 1 else None


def _item(data: Any, part: str | int) -> Any:
    return data[part] if isinstance(data, list) and isinstance(part, int) and part < len(data) else None
