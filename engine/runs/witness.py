# SPDX-License-Identifier: Apache-2.0
"""What a question of many runs is read from: whether it is still what it was, and what tells it from another.

A sweep reads its bars, tables and strategies again for each value of an axis, and for the runs that it shows whole.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config.loader import LoadedConfig
from engine.errors import RunError
from engine.market.build import stamp
from engine.runs.backtest import bar_files, placed
from engine.strategy.source.identity import source_files
from engine.strategy.source.session import file_of


class InputsChanged(RunError):
    """A file changed while runs were made from it: those before and those after are not of the same inputs."""


@dataclass(frozen=True)
class _Seen:
    """A file by what tells quickly that it is the same, and by what it holds."""

    stamp: list[Any]
    digest: str


class Witness:
    """The files that configurations are read from, but for the YAML, which is read once."""

    def __init__(self) -> None:
        self._seen: dict[Path, _Seen] = {}
        self._sources: dict[type, set[Path]] = {}

    def see(self, ready: LoadedConfig) -> None:
        """Remember the files of a configuration as they are now. Raises DataError for bars that are missing."""
        with placed(ready):
            files = {*bar_files(ready), *_tables(ready)}
        for one in ready.strategies.values():
            if one not in self._sources:  # a file that changes gives another class
                self._sources[one] = _sources(one)
            files |= self._sources[one]
        for file in files - self._seen.keys():
            self._seen[file] = _look(file)

    def check(self) -> None:
        """Raise InputsChanged where a file no longer holds what it did when it was first seen."""
        changed = []
        for file, was in self._seen.items():
            if not file.is_file():
                changed.append(str(file))
            elif stamp(file) != was.stamp:  # touched or linked, which changes nothing, or written
                self._seen[file] = now = _look(file)
                changed += [str(file)] if now.digest != was.digest else []
        if changed:
            raise InputsChanged(
                f"{', '.join(sorted(changed))} changed while runs were made from it: figures from before and after "
                "would stand side by side, so nothing came of it; run it again"
            )

    def contents(self) -> list[tuple[str, str]]:
        """Name and digest of every file: what they hold, wherever they lie."""
        return sorted((file.name, one.digest) for file, one in self._seen.items())


def _look(file: Path) -> _Seen:
    return _Seen(stamp(file), hashlib.sha256(file.read_bytes()).hexdigest())


def _tables(ready: LoadedConfig) -> set[Path]:
    """The files that rows of the configuration stand in."""
    own = ready.path.resolve() if ready.path else None
    named = {place.file for place in ready.places.values()}
    files = [Path(name).resolve() for name in named if name.endswith((".yaml", ".yml"))]
    return {file for file in files if file.is_file() and file != own}


def _sources(strategy: type) -> set[Path]:
    """The files of a strategy and of what it imports; none of one that was written in a session."""
    return set() if file_of(strategy) is None else {file for file in source_files(strategy) if file.is_file()}
