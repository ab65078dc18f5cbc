# SPDX-License-Identifier: Apache-2.0
"""Reading every configuration of a note, one after the other: what cannot be decided never hides the others."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config.loader import LoadedConfig, load_config
from engine.errors import InputError, Problem, TandemError
from engine.model.file_names import no_text, readable
from engine.progress import Watch, unwatched
from engine.runs.note.changes import Book, Change, Fill, book, change, fills
from engine.runs.signals.run import Signals, sessions_since, signals

Paper = Callable[[LoadedConfig], Mapping[str, Any] | None]
"""How the paper account of a configuration stands, as plain data; None where none was ever run."""


@dataclass(frozen=True)
class Entry:
    """One configuration that was decided.

    file     as it was named
    age      sessions of the exchange after its last bar
    changes  by sleeve; of a single run under ""
    paper    how its paper account stands, None where there is none
    """

    file: Path
    decided: Signals
    age: int
    book: Book
    fills: tuple[Fill, ...]
    changes: Mapping[str, Change]
    paper: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Broken:
    """A configuration that could not be decided, and why in words."""

    file: Path
    why: str


@dataclass(frozen=True)
class Note:
    """All configurations: the broken ones, then the decided ones, each in the order in which they were named.

    made   when it was made, UTC
    asked  the session that was asked for; None: the last one
    """

    made: dt.datetime
    asked: dt.date | None
    broken: tuple[Broken, ...]
    entries: tuple[Entry, ...]


def configurations(given: Sequence[Path]) -> list[Path]:
    """The YAML files that are named, those of a folder in the order of their names, each once.

    What is not there, and a folder without one, stay among them: to be told as broken beside the others.
    """
    found: dict[Path, None] = {}
    for one in given:
        inside = sorted(one.iterdir()) if one.is_dir() else []
        found |= dict.fromkeys(
            [file for file in inside if file.suffix in (".yaml", ".yml") and file.is_file()] or [one]
        )
    return list(found)


def note(
    files: Sequence[Path],
    asked: dt.date | None = None,
    overrides: Sequence[str] = (),
    paper: Paper | None = None,
    watch: Watch = unwatched,
) -> Note:
    """Decide each configuration at the close of `asked`, or at the last there is.

    overrides  as --set has them, for every configuration
    paper      asked about each configuration that was decided
    Whatever a configuration, its bars or its strategy's code runs into is written down and the next one is taken.
    """
    from engine.clock import now

    broken, entries = [], []
    for file in files:
        watch(f"deciding {readable(file.name)}")
        unnamed = no_text(file)
        if unnamed is not None:  # whatever is said of it could not be sent to anybody
            broken.append(Broken(Path(readable(file)), str(InputError(unnamed))))
            continue
        try:
            entries.append(_entry(file, asked, overrides, paper))
        except TandemError as error:
            broken.append(Broken(file, str(error)))
        except (Exception, SystemExit) as error:  # noqa: BLE001  (a strategy's own code may raise anything)
            broken.append(Broken(file, f"the strategy or its data ended with {type(error).__name__}: {error}"))
    return Note(now(), asked, tuple(broken), tuple(entries))


def _entry(file: Path, asked: dt.date | None, overrides: Sequence[str], paper: Paper | None) -> Entry:
    if file.is_dir():
        allowed = "a folder with a .yaml of each run, or the files"
        raise InputError(Problem("the folder has no configuration", file=str(file), allowed=allowed))
    ready = load_config(file, overrides)
    decided = signals(ready, asked)
    return Entry(
        file=file,
        decided=decided,
        age=sessions_since(decided.result.market, asked),
        book=book(decided.result),
        fills=tuple(fills(decided.result)),
        changes={name: change(own) for name, own in decided.sleeves.items()},
        paper=None if paper is None else paper(ready),
    )
