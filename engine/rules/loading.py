# SPDX-License-Identifier: Apache-2.0
"""From a section `rules` to a Strategy class: its source in a file, loaded as any author's file is."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import platformdirs

from engine.model.rules import Rules
from engine.rules.meaning import mistaken
from engine.rules.plan import Path as Keys
from engine.rules.plan import read
from engine.rules.tree import Mistake
from engine.rules.writer import write
from engine.strategy.base import Strategy
from engine.strategy.loading import load_file

CLASS = "Rules"
"""What the class is called where nobody gives it a name: labels are no part of a source."""

SAYS = "The rules of a configuration."


def source_of(
    rules: Rules, roles: Sequence[str], series: Sequence[str], name: str = CLASS, says: str = SAYS
) -> tuple[str, list[tuple[Keys, Mistake]]]:
    """(Python source, mistakes): the source is empty where there are any, each with the keys below `rules`."""
    try:
        plan, mistakes = read(rules, roles, series)
        if plan is not None:
            mistakes = mistaken(rules, plan)
        return ("", mistakes) if plan is None or mistakes else (write(plan, name, says), [])
    except Mistake as mistake:  # what only shows once named conditions are written out
        return "", [(("enter",), mistake)]
    except RecursionError:
        deep = Mistake(-1, "these features stand on one another in too many steps", allowed="fewer, or shorter ones")
        return "", [(("features",), deep)]


def load_source(source: str) -> type[Strategy]:
    """The class of a source that `source_of` wrote. The same source is the same class."""
    digest = hashlib.sha256(source.encode()).hexdigest()[:16]
    file = _folder() / f"rules_{digest}.py"
    if not _holds(file, source):
        try:
            _put(file, source)
        except OSError:  # the cache cannot be written: a folder of this process will do
            file = _own_folder() / file.name
            _put(file, source)
    found: type[Strategy] = vars(load_file(file, file.parent))[CLASS]
    return found


def _folder() -> Path:
    return Path(os.environ.get("TANDEM_CACHE_DIR") or platformdirs.user_cache_dir("tandem")).resolve() / "rules"


@cache
def _own_folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="tandem-rules-")).resolve()


def _holds(file: Path, source: str) -> bool:
    """Whether the file is there as it was written: what somebody has changed in a cache is not run."""
    try:
        return file.read_text(encoding="utf-8") == source
    except (OSError, UnicodeDecodeError):
        return False


def _put(file: Path, source: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_name(f"{file.name}.{os.getpid()}")
    temporary.write_text(source, encoding="utf-8")
    temporary.replace(file)
