# SPDX-License-Identifier: Apache-2.0
"""Every key of a configuration file: what it may hold, in which unit, with which default, and what it means."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from engine.config.describe import UNIONS, choices, fields, one_of, plain, short, unit_of, unwrapped, words
from engine.errors import InputError, Problem, nearest_name
from engine.model.meanings import meanings
from engine.model.parameter import Parameter
from engine.model.run import RunConfig, Section

_ROW = re.compile(r"\[[0-9]*\]")


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the YAML. `only` names the data source that has it, empty where all do."""

    path: str
    allowed: str
    unit: str
    default: str
    meaning: str
    only: str = ""


@cache
def model_keys() -> tuple[Key, ...]:
    """Every key of the model, in its order; a part of a path that the user names is in capitals."""
    return tuple(_keys(RunConfig, "", ""))


def param_keys(specs: Mapping[str, Parameter]) -> list[Key]:
    """A strategy's parameters, as keys of `params`."""
    return [
        Key(f"params.{name}", _allowed(spec), spec.unit, plain(spec.show(spec.default)), spec.doc)
        for name, spec in specs.items()
    ]


def _allowed(spec: Parameter) -> str:
    return f"{spec.allowed}, not below {spec.not_below}" if spec.not_below else spec.allowed


def explained(asked: str, own: Sequence[Key] = ()) -> list[Key]:
    """The key asked for and all below it; `own` are a strategy's parameters. "" asks for all.

    Rows count as one (`costs.commission[0].minimum` is `costs.commission[].minimum`), so do the names a user gives
    (`series.vix.unit`), and the last part alone will do (`minimum`). Raises InputError with the nearest name.
    """
    known = _with_own(own)
    asked = _ROW.sub("", asked.strip())
    found = [key for key in known if not asked or _is_at_or_below(asked, key.path)]
    found = found or [key for key in known if key.path.rpartition(".")[2] == asked]
    if not found and asked.startswith(("roles.", "params.")) and not (own and asked.startswith("params.")):
        found = [key for key in known if key.path == asked.partition(".")[0]]
    if found:
        return found
    paths = [key.path for key in known]
    leaves = {path.rpartition(".")[2]: path for path in reversed(paths)}
    near = nearest_name(asked, paths) or leaves.get(nearest_name(asked.rpartition(".")[2], leaves), "")
    top = [key.path for key in known if "." not in key.path]
    raise InputError(
        Problem("no such key", found=asked, allowed=f"{', '.join(top)} and what is below them", nearest=near)
    )


def _with_own(own: Sequence[Key]) -> list[Key]:
    known = list(model_keys())
    after = next(index for index, key in enumerate(known) if key.path == "params") + 1
    return [*known[:after], *own, *known[after:]]


def _is_at_or_below(asked: str, path: str) -> bool:
    """Whether `path` is what was asked for or under it; a part in capitals stands for any name."""
    wanted, parts = asked.split("."), path.replace("[]", "").split(".")
    return len(parts) >= len(wanted) and all(
        want == part or part.isupper() for want, part in zip(wanted, parts, strict=False)
    )


def _keys(section: type[Section], prefix: str, only: str) -> Iterator[Key]:
    for name, field in fields(section).items():
        path = f"{prefix}.{name}" if prefix else name
        meaning = " ".join(meanings(section).get(name, "").split())
        allowed = words(field.annotation, field.metadata)
        yield Key(path, allowed, unit_of(field), _default(field, path), meaning, only)
        for below, inner in _inside(field.annotation, path):
            source = inner.model_fields.get("source")
            yield from _keys(inner, below, one_of(choices(source.annotation)) if source else only)


def _inside(kind: Any, path: str) -> Iterator[tuple[str, type[Section]]]:
    """The sections that a value of this type may hold, with the path to them."""
    kind, _ = unwrapped(kind)
    if isinstance(kind, type) and issubclass(kind, Section):
        yield path, kind
    elif get_origin(kind) in UNIONS:
        for branch in get_args(kind):
            yield from _inside(branch, path)
    elif get_origin(kind) is list:
        yield from _inside(get_args(kind)[0], f"{path}[]")
    elif get_origin(kind) is dict:
        yield from _inside(get_args(kind)[1], f"{path}.{short(get_args(kind)[0]).upper()}")


def _default(field: FieldInfo, path: str) -> str:
    if field.default is PydanticUndefined:
        return "required"
    if path in ("strategy", "roles"):
        return "required, unless there are sleeves"
    return "" if isinstance(field.default, Section) else plain(field.default)
