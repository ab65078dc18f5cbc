# SPDX-License-Identifier: Apache-2.0
"""The identity of a strategy's source: every file that its decisions are made from."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import inspect
import linecache
import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from pathlib import Path
from typing import NamedTuple

from engine.strategy.source.authors import is_authors
from engine.strategy.source.constants import Reading
from engine.strategy.source.decided_source import decided_source, place_of
from engine.strategy.source.loading import BESIDE, brought_with, real_name
from engine.strategy.source.session import file_of

_INSTALLED = re.compile(rb"\btandem_engine\.strategies\b"), re.compile(rb"\btandem_engine\b")
"""The names of the packages where Tandem is installed; in the repository they are `strategies` and `engine`."""


class Counted(NamedTuple):
    """What of a file counts: of its content, and of the line on which a function of it begins."""

    content: Callable[[bytes], bytes] = bytes
    line: Callable[[str, int], int] = lambda _, line: line


ALL = Counted()


def decided_hash(*strategies: type) -> str:
    """As `source_hash`, of what decides alone: comments, docstrings and how lines are broken are no part of it."""
    return source_hash(*strategies, counted=Counted(decided_source, place_of))


def source_hash(*strategies: type, counted: Counted = ALL) -> str:
    """sha256 of the file the strategy stands in, of the author's files it imports by their names, and of constants.

    Another source is another run, and so is another number that the same source took from elsewhere:
    `engine.strategy.source.constants` says which count. Of several, of all of theirs in this order, for a portfolio
    decides in the order of its sleeves. Neither where the files lie nor under which of its two names they import Tandem
    is part of it. counted: what of a file counts, all of it by default.
    """
    hashes = [_source_hash(one, counted) for one in strategies]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _source_hash(strategy: type, counted: Counted) -> str:
    if file_of(strategy) is None:
        return _session_hash(strategy, counted)
    own = inspect.getsourcefile(strategy) or ""
    sources = _sources(own, strategy.__module__)
    modules = [sys.modules[module] for module in sources.values() if module in sys.modules]
    read = Reading(strategy, own, partial(_name, own), modules, counted.line)
    others = {file: module for file, module in sources.items() if file != own}
    return _hash_of(_content(own), own, others, read, counted)


def _session_hash(strategy: type, counted: Counted) -> str:
    """Of a strategy that stands in no file: its cells, and the files that its functions were imported from."""
    read = Reading(strategy, "", lambda _, module: module, line_of=counted.line)
    others: dict[str, str] = {}
    for file, module in read.files.items():
        if module != strategy.__module__ and Path(file).is_file():
            others |= _sources(file, module)
    cells = {"".join(linecache.getlines(file)) for file, module in read.files.items() if module == strategy.__module__}
    return _hash_of("\n".join(sorted(cells)).encode(), "", others, read, counted)


def _hash_of(text: bytes, own: str, others: dict[str, str], read: Reading, counted: Counted) -> str:
    """Of a text, of other files by their names, and of the values that were read."""
    digest = hashlib.sha256(counted.content(text))
    contents = ((_name(own, file, module), counted.content(_content(file))) for file, module in others.items())
    for name, content in sorted(pair for pair in contents if pair[1]):  # an empty `__init__.py` may as well be missing
        digest.update(f"{name} {len(content)}\n".encode() + content)
    for constant in read.constants:
        digest.update(f"{constant}\n".encode())
    return digest.hexdigest()


def _name(own: str, file: str, module: str) -> str:
    """What a file is called as seen from the strategy's own; one that lies elsewhere than beside it, by its module."""
    if file == own:
        return ""
    if own and Path(file).is_relative_to(Path(own).parent):
        return Path(file).relative_to(Path(own).parent).as_posix()
    first, _, rest = module.partition(".")
    name = rest if first.startswith(BESIDE) else module
    return name.removeprefix("tandem_engine.")


def source_files(strategy: type) -> set[Path]:
    """The file that a strategy stands in and the author's files that it imports, directly or through one another."""
    own = inspect.getsourcefile(strategy) or ""
    return {Path(file).resolve() for file in _sources(own, strategy.__module__)}


def _content(file: str) -> bytes:
    content = Path(file).read_bytes()
    for name, short in zip(_INSTALLED, (b"strategies", b"engine"), strict=True):
        content = name.sub(short, content)
    return content


def _sources(own: str, module: str) -> dict[str, str]:
    """By file, the modules of `own` and of the author's files that it imports, directly or through one another."""
    found: dict[str, str] = {}
    waiting = [(own, module)]
    for name in brought_with(module):
        file = getattr(sys.modules.get(name), "__file__", None)
        waiting += [(file, name)] if file else []
    while waiting:
        file, name = waiting.pop()
        if file in found:
            continue
        found[file] = name
        package = getattr(sys.modules.get(name), "__package__", "") or ""
        for imported in (module for part in (name, *_imports(file, package)) for module in _with_packages(part)):
            source = _file_of_module(imported, own)
            if source.endswith(".py") and is_authors(source, own):
                waiting.append((source, imported))
    return found


def _file_of_module(name: str, own: str) -> str:
    """Where a module lies that has been imported, or that a function will import when it is called; "" for others."""
    if name in sys.modules:
        return getattr(sys.modules[name], "__file__", None) or ""
    try:
        top = name.partition(".")[0]
        for part in (name,) if top in sys.modules else (top, name):  # to look into a package imports it
            found = importlib.util.find_spec(part)
            if found is None or not (found.origin and is_authors(found.origin, own)):
                return ""
        importlib.import_module(name)
    except (Exception, SystemExit):  # noqa: BLE001  no module, but what one has; or what the author's function will meet
        return ""
    return getattr(sys.modules.get(name), "__file__", None) or ""


def _with_packages(module: str) -> Iterator[str]:
    """A module and the packages that it lies in: Python runs the `__init__.py` of each before it."""
    parts = module.split(".")
    return (".".join(parts[:count]) for count in range(len(parts), 0, -1))


def _imports(file: str, package: str) -> Iterator[str]:
    """Full names of the modules that a file imports, and of what might be modules."""
    for node in _import_statements(Path(file).read_bytes()):
        if isinstance(node, ast.Import):
            yield from (real_name(alias.name, package) for alias in node.names)
        else:
            written = "." * node.level + (node.module or "")
            base = importlib.util.resolve_name(written, package) if node.level else real_name(written, package)
            yield base
            everything = getattr(sys.modules.get(base), "__all__", ())
            yield from (
                f"{base}.{name}" for alias in node.names for name in (everything if alias.name == "*" else [alias.name])
            )


@lru_cache(maxsize=128)
def _import_statements(content: bytes) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Of a source, wherever they stand in it; a file is looked into once for each strategy that imports it."""
    return tuple(node for node in ast.walk(ast.parse(content)) if isinstance(node, ast.Import | ast.ImportFrom))
