# SPDX-License-Identifier: Apache-2.0
"""The folder of bars and the files of series: where a path in the configuration leads, and what to say where nowhere.

A series whose bars come from a folder may lie in that folder too: `data.path` alone then moves the bars, the indices
and the rates of a run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.config.describe import plain
from engine.config.draft import Draft
from engine.config.runners import symbols
from engine.config.yaml_reader import KeyPath, shown
from engine.errors import Problem
from engine.model.file_names import long_name
from engine.model.run import FolderData, RunConfig, SeriesSource

VARIABLE = "TANDEM_DATA"
"""Names the folder of real bars in the environment; `$TANDEM_DATA` at the head of a path stands for it."""

DATA: KeyPath = ("data", "path")

WRITTEN: tuple[KeyPath, ...] = (("results",), ("paper", "folder"), ("paper", "limits", "kill_file"))
"""Folders and files that a run makes or looks for itself."""


def file_problems(draft: Draft, base_dir: Path) -> Iterator[Problem]:
    """The folder of bars and each file of a series that are not there; of a lost folder no series is lost once more.

    And what no file can be called, of those that a run would write when it ends too.
    """
    yield from _long_names(draft)
    own = draft.get(DATA) if draft.get(("data", "source")) in ("csv", "parquet") else None
    starts = [base_dir, Path.cwd()]
    if isinstance(own, str) and own:
        folder = _locate(own, starts)
        if folder is None or not folder.is_dir():
            yield _no_folder(draft, own, folder, starts)
            return
        starts.append(folder)
    for name, text in _series(draft).items():
        found = _locate(text, starts)
        if found is None or found.is_dir():
            path = ("series", name, "path")
            message = "this is no file" if found else "no such file"
            allowed = f"an existing file; relative ones start in {_either(starts)}"
            yield draft.place(path).problem(message, path=shown(path), found=plain(text), allowed=allowed)


def _long_names(draft: Draft) -> Iterator[Problem]:
    files = draft.get(("data", "files"))
    of_bars = [("data", "files", symbol) for symbol in files] if isinstance(files, dict) else []
    for path in (*WRITTEN, *of_bars):
        text = draft.get(path)
        problem = long_name(Path(text).expanduser()) if isinstance(text, str) else None
        if problem:
            place = draft.place(path)
            yield place.problem(problem.message, path=shown(path), found=plain(text), allowed=problem.allowed)


def at_home(config: RunConfig, base_dir: Path) -> dict[str, Any]:
    """`data` and `series` with absolute paths, of a configuration whose files are there."""
    starts = [base_dir, Path.cwd()]
    data = _absolute(config.data, starts)
    if isinstance(data, FolderData):
        starts.append(Path(data.path))
    return {"data": data, "series": {name: _absolute(one, starts) for name, one in config.series.items()}}


def _absolute(source: Any, starts: list[Path]) -> Any:
    if isinstance(source, FolderData | SeriesSource) and source.path is not None:
        return source.model_copy(update={"path": str(_locate(source.path, starts))})
    return source


def _locate(text: str, starts: list[Path]) -> Path | None:
    """The file or folder that a path means, from the first start where there is one."""
    meant = _meant(text)
    if meant is None or long_name(meant):
        return None
    return next((found.resolve() for start in starts if (found := start / meant).exists()), None)


def _meant(text: str) -> Path | None:
    """The path with the user's folder and $TANDEM_DATA put in; None where that is not set."""
    head, *rest = Path(text).parts or (".",)
    if head != f"${VARIABLE}":
        return Path(text).expanduser()
    named = os.environ.get(VARIABLE)
    return Path(named, *rest).expanduser() if named else None


def _series(draft: Draft) -> dict[str, str]:
    """Series -> its file, of those that have one."""
    given = draft.get(("series",))
    paths = {name: draft.get(("series", name, "path")) for name in given} if isinstance(given, dict) else {}
    return {name: path for name, path in paths.items() if isinstance(path, str) and path}


def _no_folder(draft: Draft, own: str, found: Path | None, starts: list[Path]) -> Problem:
    """One mistake that says what the folder holds, how it is named, and where its bars come from."""
    meant = _meant(own)
    text = plain(own) if meant is None or str(meant) == own else f"{plain(own)}, which is {meant}"
    message = "this is no folder" if found else "no such folder"
    if meant is None:
        message = f"the run reads its data from a folder, and {VARIABLE} does not name one"
    bars = [f"{symbol}.{draft.get(('data', 'source'))}" for symbol in symbols(draft)]
    files = [path for path in dict.fromkeys(_series(draft).values()) if not Path(path).expanduser().is_absolute()]
    holds = ", ".join([*bars, *files])
    relative = meant is not None and not meant.is_absolute()
    where = f"; relative ones start in {_either(starts)}" if relative else ""
    named = f"{VARIABLE}=FOLDER in the environment or " if own.startswith(f"${VARIABLE}") else ""
    allowed = (
        f"an existing folder{where}; it holds {holds} (bars also one folder below) and is named by {named}"
        f"--set data.path=FOLDER; `tandem data pull` fetches bars, docs/config.md says where the rest comes from"
    )
    return draft.place(DATA).problem(message, path=shown(DATA), found=text, allowed=allowed)


def _either(starts: list[Path]) -> str:
    return " or ".join(dict.fromkeys(str(folder.resolve()) for folder in starts))
