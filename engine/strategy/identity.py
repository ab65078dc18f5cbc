# SPDX-License-Identifier: Apache-2.0
"""The identity of a strategy's source: every file that its decisions are made from."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from engine.strategy.authors import is_authors
from engine.strategy.loading import real_name
from engine.strategy.session import file_of, session_sources

_INSTALLED = re.compile(rb"\btandem_engine\.strategies\b"), re.compile(rb"\btandem_engine\b")
"""The names of the packages where Tandem is installed; in the repository they are `strategies` and `engine`."""


def source_hash(*strategies: type) -> str:
    """sha256 of the file the strategy stands in and of the author's files it imports: another source is another run.

    Of several, of all of theirs in this order, for a portfolio decides in the order of its sleeves. Neither where the
    files lie nor under which of its two names they import Tandem is part of it.
    """
    hashes = [_source_hash(one) for one in strategies]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _source_hash(strategy: type) -> str:
    if file_of(strategy) is None:
        return hashlib.sha256("\n".join(session_sources(strategy)).encode()).hexdigest()
    own = inspect.getsourcefile(strategy) or ""
    digest = hashlib.sha256(_content(own))
    for content in sorted(map(_content, _sources(own, strategy.__module__) - {own})):
        digest.update(content)
    return digest.hexdigest()


def source_files(strategy: type) -> set[Path]:
    """The file that a strategy stands in and the author's files that it imports, directly or through one another."""
    own = inspect.getsourcefile(strategy) or ""
    return {Path(file).resolve() for file in _sources(own, strategy.__module__)}


def _content(file: str) -> bytes:
    content = Path(file).read_bytes()
    for name, short in zip(_INSTALLED, (b"strategies", b"engine"), strict=True):
        content = name.sub(short, content)
    return content


def _sources(own: str, module: str) -> set[str]:
    """The file `own` of a module and the author's files that it imports, directly or through one another."""
    found, waiting = set(), [(own, module)]
    while waiting:
        file, name = waiting.pop()
        if file in found:
            continue
        found.add(file)
        for imported in _imports(file, getattr(sys.modules.get(name), "__package__", "") or ""):
            source = getattr(sys.modules.get(imported), "__file__", None) or ""
            if source.endswith(".py") and is_authors(source, own):
                waiting.append((source, imported))
    return found


def _imports(file: str, package: str) -> Iterator[str]:
    """Full names of the modules that a file imports, and of what might be modules."""
    for node in ast.walk(ast.parse(Path(file).read_bytes())):
        if isinstance(node, ast.Import):
            yield from (real_name(alias.name, package) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            written = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(written, package) if node.level else real_name(written, package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)
