# SPDX-License-Identifier: Apache-2.0
"""What a person asks for: `enter=0.5:2:0.25` from, to and step, `impact=0.01:1:x10` from, to and factor, or a list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from engine.config.draft import parse_override
from engine.config.loader import load_config, read_config
from engine.config.yaml_reader import shown
from engine.errors import ConfigError, InputError, Problem
from engine.model.sweep import Sweep
from engine.runs.sweep.grid import Axis, Grid, axis
from engine.runs.sweep.stands import Configure

MOST_VALUES = 100_000
"""Of one axis: more is a slip of the step."""

MOST = 2_000_000
"""Combinations of one sweep."""

_RANGE = re.compile(r"\s*([^:,\s]+)\s*:\s*([^:,\s]+)\s*:\s*([^:,\s]+)\s*")
FORM = "NAME=FROM:TO:STEP, NAME=FROM:TO:xFACTOR or NAME=VALUE,VALUE"


def grid_asked(over: Sequence[str], written: Sweep) -> Grid:
    """The axes of the command line, else those of the file.

    Raises InputError where neither has any, and for more combinations than one sweep runs: 10^9 are a slip, or a wish
    for random ones.
    """
    if not over and not written.over:
        allowed = "--over NAME=VALUES, such as --over enter=0.5:2:0.25, or a section `sweep` with `over` in the file"
        raise ConfigError(Problem("nothing to try", allowed=allowed))
    axes = axes_of(over)
    if not over:
        places = {name: f"sweep.over.{name}" for name in written.over}
        axes = tuple(axis(name, values_of(values, places[name]), places[name]) for name, values in written.over.items())
    grid = Grid(axes)
    check_size(grid, written.tries, "--tries 10000")
    return grid


def check_size(grid: Grid, tries: int | None, remedy: str) -> None:
    """Raise InputError for more combinations than one sweep runs; remedy: what asks for some of them at random."""
    wanted = min(tries or grid.size, grid.size)
    if wanted > MOST:
        sizes = " x ".join(str(len(one.values)) for one in grid.axes)
        allowed = f"{MOST:,} or fewer: fewer values, or {remedy} for so many drawn at random"
        raise InputError(Problem("too many combinations", found=f"{wanted:,} ({sizes})", allowed=allowed))


def configured(config: Path, settings: Sequence[str]) -> Configure:
    """The configuration of a file, read once, with `settings`, and the values of axes on top of them."""
    written = read_config(config)
    return lambda put: load_config(written, [*settings, *put])


def axes_of(asked: Sequence[str]) -> tuple[Axis, ...]:
    """The axes that a person asks for, in their order. Raises InputError with every mistake."""
    found: list[Axis] = []
    problems: list[Problem] = []
    for text in asked:
        try:
            found.append(_axis(text))
        except InputError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return tuple(found)


def values_of(written: Any, place: str) -> list[Any]:
    """The values that a list, a text such as `FROM:TO:STEP` or `FROM:TO:xFACTOR`, or one value stands for.

    Raises ConfigError, told at `place`.
    """
    if isinstance(written, list | tuple):
        return list(written)
    if isinstance(written, str) and (found := _RANGE.fullmatch(written)):
        return _steps(place, *found.groups())
    if isinstance(written, str) and "," in written:
        return [_value(part, place) for part in _parts(written)]
    return [written]


def _parts(text: str) -> list[str]:
    """What commas divide, but for those within brackets: `rsi(stock, 2),rsi(stock, 3)` are two expressions."""
    found, depth = [""], 0
    for sign in text:
        depth += (sign in "([{") - (sign in ")]}")
        if sign == "," and depth <= 0:
            found.append("")
        else:
            found[-1] += sign
    return found


def _axis(text: str) -> Axis:
    place = f"--over {text}"
    name, equals, written = text.partition("=")
    if not equals or not name.strip() or not written.strip():
        raise ConfigError(Problem("not an axis", file=place, allowed=FORM))
    bracketed = written.strip().startswith(("[", "{", '"', "'"))
    values = values_of(_value(written, place) if bracketed else written.strip(), place)
    if values == [written.strip()]:  # one value alone is read as a list of one is
        values = [_value(written, place)]
    return axis(name.strip(), values, place)


def _value(text: str, place: str) -> Any:
    """A value as YAML has it."""
    if not text.strip():
        raise ConfigError(Problem("a value is missing", file=place, allowed=FORM))
    try:
        return parse_override(f"value={text.strip()}")[1].data
    except ConfigError as error:
        raise ConfigError([Problem(one.message, file=place, found=text.strip()) for one in error.problems]) from error


def _steps(place: str, *written: str) -> list[int] | list[float]:
    """FROM, the next, ... up to TO, which is one of them or lies within the last step. In decimals: 0.1 is 0.1.

    The next is FROM + STEP, or with a third part `x2` twice as much.
    """
    grows = written[2].startswith("x")
    try:
        first, last, step = (Decimal(text) for text in (*written[:2], written[2].removeprefix("x")))
    except InvalidOperation as error:
        raise ConfigError(Problem("not three numbers", file=place, found=":".join(written), allowed=FORM)) from error
    if not all(number.is_finite() for number in (first, last, step)):
        raise ConfigError(Problem("not three numbers", file=place, found=":".join(written), allowed=FORM))
    numbers = _factors(place, first, last, step) if grows else _evenly(place, first, last, step)
    whole = all(text.lstrip("+-").isdigit() for text in (written[:2] if grows else written))
    if whole and all(number == int(number) for number in numbers):
        return [int(number) for number in numbers]
    return [float(number) for number in numbers]


def _evenly(place: str, first: Decimal, last: Decimal, step: Decimal) -> list[Decimal]:
    if step == 0 or (last - first) / step < 0:
        allowed = "a step that leads from the first to the last value"
        raise ConfigError(Problem("no values lie there", file=place, found=f"{first}:{last}:{step}", allowed=allowed))
    count = int((last - first) / step) + 1
    _few(place, count)
    return [first + at * step for at in range(count)]


def _factors(place: str, first: Decimal, last: Decimal, factor: Decimal) -> list[Decimal]:
    found = f"{first}:{last}:x{factor}"
    if first * last <= 0:
        allowed = "both ends above 0 or both below: no factor leads from, to or through 0; a step does"
        raise ConfigError(Problem("a factor never meets 0", file=place, found=found, allowed=allowed))
    away = abs(last) > abs(first)
    if factor <= 0 or factor == 1 or (first != last and away != (factor > 1)):
        allowed = "a factor that leads from the first to the last value: x2 away from 0, x0.5 towards it"
        raise ConfigError(Problem("no values lie there", file=place, found=found, allowed=allowed))
    _few(place, int((last / first).ln() / factor.ln()) + 1)
    numbers = [first]
    while abs(numbers[-1] * factor) <= abs(last) if factor > 1 else abs(numbers[-1] * factor) >= abs(last):
        numbers.append(numbers[-1] * factor)
    return numbers


def _few(place: str, count: int) -> None:
    if count > MOST_VALUES:
        raise ConfigError(
            Problem("too many values on one axis", file=place, found=f"{count:,}", allowed=f"{MOST_VALUES:,} or fewer")
        )


def told(axes: Sequence[Axis]) -> dict[str, list[Any]]:
    """The axes as plain data, which says what a sweep tried."""
    return {shown(one.path): list(one.values) for one in axes}
