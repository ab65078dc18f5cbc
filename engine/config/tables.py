# SPDX-License-Identifier: Apache-2.0
"""Cost tables by name: NAME.yaml beside the user's file, else in configs/costs; their rows go into the draft."""

from __future__ import annotations

import codecs
import os
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from engine.config.draft import Draft
from engine.config.runners import symbols
from engine.config.yaml_reader import Document, KeyPath, read_yaml, shown
from engine.distribution import shipped
from engine.errors import ConfigError, Problem, nearest_name
from engine.model.file_names import long_name
from engine.model.run import Costs, Margin
from engine.model.spelling import known_as, looks_like
from engine.notice import loud, note

FOLDER = shipped("configs") / "costs"
"""The tables that come with Tandem."""

MULTIPLES: KeyPath = ("account", "margin", "multiples")
FOLLOWS: KeyPath = ("costs", "slippage", "follows")
LISTS: dict[KeyPath, str] = {MULTIPLES: "leveraged_funds", FOLLOWS: "underlyings"}
"""Entries by symbol that come with Tandem: where they go, and the name of their list."""

NO_INTEREST = (
    "costs.interest no_interest: cash pays and earns nothing; benchmark_interest is the table that pays and earns "
    "costs.benchmark"
)
"""Said where the two differ: the names are near each other."""

_HOLDERS: dict[KeyPath, FieldInfo] = {
    ("costs", "commission"): Costs.model_fields["commission"],
    ("costs", "regulatory"): Costs.model_fields["regulatory"],
    ("costs", "borrow"): Costs.model_fields["borrow"],
    ("costs", "interest"): Costs.model_fields["interest"],
    ("account", "margin", "table"): Margin.model_fields["table"],
}
SLOTS: dict[KeyPath, str] = {path: str(field.default) for path, field in _HOLDERS.items()}
"""Where a table stands, and the name of the one that stands there by default."""


def fill_tables(draft: Draft, base_dir: Path) -> None:
    """Put rows where a name stands or nothing, and what is listed of the bound symbols under the user's own."""
    for slot in SLOTS:
        fill_table(draft, slot, base_dir)
    for path in LISTS:
        _fill_list(draft, path, base_dir)
    _say_spellings(draft, base_dir)


def fill_table(draft: Draft, slot: KeyPath, base_dir: Path) -> None:
    """Put the rows of one cost table where its name stands or nothing; a name that leads nowhere becomes a Problem."""
    name = draft.get(slot)
    if not _reachable(draft, slot) or (name is None and slot in draft.places):
        return  # something stands above that is no mapping, or a null: the model says so
    name = SLOTS[slot] if name is None else name
    if not isinstance(name, str):
        return
    document = _read(name, base_dir)
    if document is None:
        known = _names_for(slot, base_dir)
        draft.problems.append(
            draft.place(slot).problem(
                "no cost table of this name, beside the file or in configs/costs",
                path=shown(slot),
                found=name,
                allowed=f"{', '.join(known)}, or rows",
                nearest=nearest_name(name, known),
            )
        )
    elif isinstance(document.data, str):
        place = document.places[()]
        draft.problems.append(place.problem("a table holds rows, not a name", path=shown(slot), found=name))
    else:
        draft.put(slot, document)
        own, other = base_dir / f"{name}.yaml", FOLDER / f"{name}.yaml"
        if name == "no_interest" and not own.is_file() and draft.get(("costs", "benchmark")) not in (0, 0.0):
            draft.notices.append(note(NO_INTEREST))
        if own.is_file() and other.is_file() and not own.samefile(other):
            words = f"{shown(slot)} is {_label(own)}, not the table of this name that comes with Tandem"
            draft.notices.append(note(words))


def slot_above(path: KeyPath) -> KeyPath | None:
    """The table that `path` reaches into, None where it reaches into none."""
    return next((slot for slot in SLOTS if path[: len(slot)] == slot and len(path) > len(slot)), None)


def _reachable(draft: Draft, path: KeyPath) -> bool:
    return all(isinstance(draft.get(path[:depth]), dict | None) for depth in range(len(path)))


def _fill_list(draft: Draft, path: KeyPath, base_dir: Path) -> None:
    own = draft.get(path)
    if not _reachable(draft, path) or not isinstance(own, dict | None):
        return
    document = _listed(LISTS[path], base_dir)
    bound = symbols(draft)
    for symbol in bound:
        name, given = known_as(symbol, document.data), known_as(symbol, own or {})
        if given is None and name is not None:
            value = document.data[name]
            value = next((one for one in bound if known_as(one, [value])), value) if path == FOLLOWS else abs(value)
            draft.put((*path, symbol), Document(value, {(): document.places[name,]}))


def fund_factors(base_dir: Path) -> dict[str, float]:
    """The multiple of its index's daily return that each listed fund makes: -2 for an inverse one of twice."""
    return dict(_listed(LISTS[MULTIPLES], base_dir).data)


def _listed(name: str, base_dir: Path) -> Document:
    document = _read(name, base_dir)
    if document is None or not isinstance(document.data, dict):
        raise ConfigError(Problem("this list is missing or no mapping", file=str(FOLDER / f"{name}.yaml")))
    return document


def _say_spellings(draft: Draft, base_dir: Path) -> None:
    """Say which listed symbol a role's is taken for, and loudly which leveraged fund it may be and is not taken for."""
    multiples = draft.get(MULTIPLES)
    borrow = draft.get(("costs", "borrow"))
    fees = {name for name in borrow if name != "default"} if isinstance(borrow, dict) else set()
    listed = _listed(LISTS[MULTIPLES], base_dir).data
    for symbol in symbols(draft):
        name = known_as(symbol, [*listed, *fees])
        like = looks_like(symbol, listed) if name is None else None
        if name is not None and name != symbol:
            words = f"{symbol} is taken for {name}, with what the tables of margin multiples and borrow fees say of it"
            draft.notices.append(note(words))
        elif like and abs(listed[like]) != 1 and symbol not in (multiples if isinstance(multiples, dict) else {}):
            times = f"{abs(listed[like]):g} times its index"
            words = f"{symbol} looks like {like}, a fund of {times}, and is margined as one of 1"
            remedy = f"bind {like} (data.files names its file), or account.margin.multiples: {{{symbol}: 1}}"
            draft.notices.append(loud(f"{words}: {remedy}"))


def _read(name: str, base_dir: Path) -> Document | None:
    if Path(name).name != name or long_name(f"{name}.yaml"):
        return None
    for folder in (base_dir, FOLDER):
        file = folder / f"{name}.yaml"
        if file.is_file():
            return read_file(file)
    return None


def read_file(file: Path) -> Document:
    """The YAML document in a file: UTF-8, or UTF-16 that begins with its mark, as PowerShell's `>` writes it.

    Raises ConfigError where it cannot be read.
    """
    label = _label(file)
    encoding = "UTF-8"
    try:
        with file.open("rb") as content:
            encoding = "UTF-16" if content.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "UTF-8"
        text = file.read_text(encoding="utf-16" if encoding == "UTF-16" else "utf-8-sig")
        document = _document(text, label)
        return replace(document, data=_own(document.data))
    except UnicodeDecodeError as error:
        allowed = "text in UTF-8: save the file in that encoding"
        said = f"byte {error.start + 1} is not {encoding} text"
        raise ConfigError(Problem(said, file=label, allowed=allowed)) from error
    except OSError as error:
        raise ConfigError(Problem(f"cannot be read: {error.strerror}", file=label)) from error


@lru_cache(maxsize=32)
def _document(text: str, label: str) -> Document:
    """The document in a text that is most often the same one: every configuration is filled from eight tables."""
    return read_yaml(text, label)


def _own(data: Any) -> Any:
    """Data that may be changed."""
    if isinstance(data, dict):
        return {key: _own(value) for key, value in data.items()}
    return [_own(value) for value in data] if isinstance(data, list) else data


def _label(file: Path) -> str:
    """The shorter of the path as it is and as seen from the working directory."""
    try:
        seen = os.path.relpath(file)
    except ValueError:  # another drive
        return str(file)
    return min(str(file), seen, key=len)


def _names_for(slot: KeyPath, base_dir: Path) -> list[str]:
    """Names of the tables that fit this place."""
    fits = TypeAdapter(get_args(_HOLDERS[slot].annotation)[1])
    names = set()
    for file in sorted({*FOLDER.glob("*.yaml"), *base_dir.glob("*.yaml")}):
        try:
            fits.validate_python(read_file(file).data, by_alias=True, by_name=False)
        except (ValidationError, ConfigError):
            continue
        names.add(file.stem)
    return sorted(names)
