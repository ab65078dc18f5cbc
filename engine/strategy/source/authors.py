# SPDX-License-Identifier: Apache-2.0
"""Whose source a file is: an author's, who writes strategies, or a library's; who installed it has noted that."""

from __future__ import annotations

import os
import sys
import sysconfig
from functools import cache
from pathlib import Path

from engine.distribution import PACKAGE, shipped


@cache
def is_authors(file: str, beside: str) -> bool:
    """Whether `file` belongs to the author of the file `beside`, rather than to Python, a library or the engine.

    A library's is what the record of an installed distribution lists, unless it is the distribution that brings
    `beside` too: strategies may be installed like anything else. The strategies that come with Tandem are an author's.
    """
    if file.startswith("<"):
        return not file.startswith("<frozen ")  # what was typed in is the author's
    path = os.path.realpath(file)
    if _is_under(path, str(shipped("strategies"))):
        return True
    if _is_under(path, str(PACKAGE)):
        return False
    owner = _owner(path)
    if owner:
        return owner == _owner(os.path.realpath(beside))
    return not _is_under(path, sysconfig.get_path("stdlib"))


def _is_under(path: str, folder: str) -> bool:
    return path.startswith(f"{os.path.realpath(folder)}{os.sep}")


@cache
def _owner(path: str) -> str:
    """The record of the distribution that lists the file at `path`; empty where none does."""
    folder = max((entry for entry in sys.path if entry and _is_under(path, entry)), key=len, default="")
    if not folder:
        return ""
    inside = Path(path).relative_to(os.path.realpath(folder)).as_posix()
    top = _normal(inside.partition("/")[0].removesuffix(".py"))
    records = [*Path(folder).glob("*.dist-info"), *Path(folder).glob("*.egg-info")]
    for record in sorted(records, key=lambda one: _normal(one.name.partition("-")[0]) != top):
        if _lists(record, inside, top):
            return str(record)
    return ""


def _lists(record: Path, inside: str, top: str) -> bool:
    """Whether a record lists the file `inside`; one without a list of files, as Linux distributions write, its name."""
    try:
        return f"\n{inside}," in "\n" + (record / "RECORD").read_text(encoding="utf-8")
    except OSError:
        return _normal(record.name.partition("-")[0].removesuffix(".egg-info")) == top


def _normal(name: str) -> str:
    return name.lower().replace("-", "_").replace(".", "_")
