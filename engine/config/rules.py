# SPDX-License-Identifier: Apache-2.0
"""A section `rules` of a draft as a strategy, and its mistakes at the line and the column where they were written."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from engine.config.draft import Draft
from engine.config.yaml_reader import KeyPath, Place, shown
from engine.errors import Problem
from engine.model.rules import RULES, Rules

_NAME = re.compile(r"[a-z][a-z0-9_]*")
SIDES = ("long", "short")

if TYPE_CHECKING:
    from engine.model.run import RunConfig
    from engine.model.sleeve import Sleeve
    from engine.rules.tree import Mistake
    from engine.strategy.base import Strategy


def rules_strategy(draft: Draft, at: KeyPath) -> type[Strategy] | None:
    """The class that the rules at `at` stand for; None, and problems in the draft, where they are wrong."""
    from engine.rules.loading import load_source, source_of

    try:
        rules = Rules.model_validate(draft.get((*at, RULES)), by_alias=True, by_name=False)
    except ValidationError:
        return None  # the model says so, at the same place
    roles, series = (_names(draft, path) for path in ((*at, "roles"), ("series",)))
    if roles is None or series is None:
        return None
    source, mistakes = source_of(rules, roles, series)
    draft.problems += [_problem(draft, (*at, RULES, *keys), mistake) for keys, mistake in mistakes]
    return load_source(source) if source else None


def written(config: RunConfig) -> dict[str, str]:
    """Sleeve -> the Python that its rules stand for; of a single run "" -> it. Empty where there are none."""
    from engine.rules.loading import source_of

    found: dict[str, str] = {}
    every: dict[str, RunConfig | Sleeve] = {"": config, **config.sleeves}
    for name, runs in every.items():
        if runs.rules is not None:
            label = f"{config.name}_{name}" if name else config.name
            says = config.description if config.description and not name else f"The rules of {label}."
            found[name], _ = source_of(runs.rules, tuple(runs.roles), tuple(config.series), class_name(label), says)
    return found


def class_name(label: str) -> str:
    """The name of a configuration as one of a class: `rsi_two` is RsiTwo."""
    words = [word for word in re.split(r"[^A-Za-z0-9]+", label) if word]
    return "".join(f"{word[:1].upper()}{word[1:]}" for word in words)


def misplaced(draft: Draft, at: KeyPath) -> list[Problem]:
    """Rules that nothing reads, and the word `rules` without rules."""
    given, spec = draft.get((*at, RULES)), draft.get((*at, "strategy"))
    if given is None or spec == RULES:
        return []
    path = (*at, RULES)
    found = f"strategy: {spec}" if isinstance(spec, str) and spec else "no strategy"
    return [
        draft.place(path).problem(
            "nothing reads these rules", at_key=True, path=shown(path), found=found, allowed="strategy: rules"
        )
    ]


def _names(draft: Draft, path: KeyPath) -> Sequence[str] | None:
    """The names of a section, which stand in the source; None where one of them is none, as the model or this says."""
    section = draft.get(path)
    names = tuple(section) if isinstance(section, dict) else ()
    for name in names:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            return None
        if keyword.iskeyword(name) or name in SIDES:
            message = "this is a word of the language of rules: choose another name"
            draft.problems.append(draft.place((*path, name)).problem(message, at_key=True, path=shown((*path, name))))
            return None
    return names


def _problem(draft: Draft, path: KeyPath, mistake: Mistake) -> Problem:
    """A mistake at its character; at the key where it is none of a text."""
    place = draft.place(path)
    value = draft.get(path)
    said = Problem(
        mistake.message,
        place.file,
        *((place.key_line, place.key_column) if mistake.at < 0 and place.key_line else (place.line, place.column)),
        path=shown(path),
        found=mistake.found,
        allowed=mistake.allowed,
        nearest=mistake.nearest,
    )
    if mistake.at < 0 or not isinstance(value, str):
        return said
    line, column = _where(place, value, mistake.at)
    if line:
        return replace(said, line=line, column=column)
    return replace(said, message=f"{mistake.message}, at character {mistake.at + 1}")


def _where(place: Place, value: str, at: int) -> tuple[int, int]:
    """Line and column of a character of a text, from 1; (0, 0) where the file does not have it as the text has it.

    White space does not count, for YAML folds lines; a text with signs that YAML rewrites is in no such place.
    """
    try:
        lines = Path(place.file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return 0, 0
    if not 0 < place.line <= len(lines):
        return 0, 0
    here, raw = place.column - 1, "\n".join(lines[place.line - 1 :])
    if raw[here : here + 1] in {"'", '"'}:
        here += 1
    elif raw[here : here + 1] in {"|", ">"}:  # the text begins in the next line
        here = raw.find("\n", here) + 1
    for sign in "".join(value[:at].split()):
        here = _after_space(raw, here)
        if raw[here : here + 1] != sign:
            return 0, 0
        here += 1
    if at < len(value):
        here = _after_space(raw, here)
    return place.line + raw.count("\n", 0, here), here - raw.rfind("\n", 0, here)


def _after_space(text: str, at: int) -> int:
    return len(text) - len(text[at:].lstrip())
