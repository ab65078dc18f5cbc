# SPDX-License-Identifier: Apache-2.0
"""Sources that are loaded as an author's file is and are none: kept in the cache, else for this process alone."""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import platformdirs

from engine.model.file_names import beside

_OWN: dict[int, Path] = {}
"""Number of a process -> its folder, made when it is first wanted."""


def folder_with(below: str, files: Mapping[str, bytes]) -> Path:
    """A folder that holds these files, by their path in it: BELOW in $TANDEM_CACHE_DIR, else in the user's cache.

    What is there as it should be is not written again: several processes may do so at once. Where the cache cannot be
    written it is a folder of this process, which goes when the process ends.
    """
    kept = Path(os.environ.get("TANDEM_CACHE_DIR") or platformdirs.user_cache_dir("tandem")).resolve() / below
    try:
        return _filled(kept, files)
    except OSError:
        return _filled(_of_this_process() / below, files)


def temporary_folder(what: str) -> tuple[Path, Callable[[], object]]:
    """A new folder and what removes it; where nobody calls that, it goes with this process.

    It goes behind the children of this process, which are ended and waited for before what has a priority below 0: one
    that was just starting would put its files down again.
    """
    from multiprocessing.util import Finalize  # of workers too, which end without what atexit calls

    folder = Path(tempfile.gettempdir()).resolve() / f"tandem-{what}-{secrets.token_hex(8)}"
    forget = Finalize(None, shutil.rmtree, (folder,), {"ignore_errors": True}, exitpriority=-1)
    folder.mkdir(0o700)  # the last step: whoever is stopped before it has made nothing, and after it what goes
    return folder, forget


def _filled(folder: Path, files: Mapping[str, bytes]) -> Path:
    for name, content in files.items():
        _put(folder / name, content)
    return folder


def _of_this_process() -> Path:
    """What a process has that forks is not the other's: each has its own."""
    process = os.getpid()
    if process not in _OWN:
        _OWN[process], _ = temporary_folder("sources")
    return _OWN[process]


def _put(file: Path, content: bytes) -> None:
    """Write a file whole, unless it holds the content: what somebody has changed in a cache is not run."""
    try:
        if file.read_bytes() == content:
            return
    except OSError:
        pass
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(beside(file.name))
    try:
        temporary.write_bytes(content)
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
