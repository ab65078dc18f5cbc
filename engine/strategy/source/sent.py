# SPDX-License-Identifier: Apache-2.0
"""A strategy on its way to another process or machine: its sources, or the name of one that comes with Tandem.

Sources travel, not paths: what arrives is what was sent, wherever it is run, and its hash is compared before it is.
"""

from __future__ import annotations

import inspect
import sys
from dataclasses import dataclass
from pathlib import Path

from engine.distribution import shipped
from engine.errors import Problem, StrategyError
from engine.strategy.base import Strategy
from engine.strategy.source.discover import as_strategy, find_class
from engine.strategy.source.identity import source_files, source_hash
from engine.strategy.source.loading import BESIDE, SHIPPED, load_file
from engine.strategy.source.own_files import folder_with
from engine.strategy.source.session import file_of


@dataclass(frozen=True)
class SentStrategy:
    """A class without its roles.

    name    of the class
    file    its file below `folder`; of one that comes with Tandem, its module
    files   below the same folder, the author's sources that it needs; none of one that comes with Tandem
    digest  `source_hash` of the class
    """

    name: str
    file: str
    files: tuple[tuple[str, bytes], ...]
    digest: str


def send(strategy: type[Strategy]) -> SentStrategy:
    """The strategy to be sent. Raises StrategyError for one that stands in no file, or leans on files elsewhere."""
    own, digest = file_of(strategy), source_hash(strategy)
    if own is None:
        message = f"{strategy.__name__} was written in a session and stands in no file: it cannot be sent to workers"
        raise StrategyError(Problem(message, allowed="the class in a file, or a sweep in this process"))
    house = shipped("strategies")
    if own.is_relative_to(house):
        return SentStrategy(strategy.__name__, f"{SHIPPED}.{own.stem}", (), digest)
    top = strategy.__module__.partition(".")[0]
    depth = strategy.__module__.count(".") if not top.startswith(BESIDE) else 0
    folder = Path(sys.modules[top].__path__[0]) if top.startswith(BESIDE) else own.parents[depth]
    needed = [path for path in sorted(source_files(strategy)) if not path.is_relative_to(house)]
    outside = [str(path) for path in needed if not path.is_relative_to(folder)]
    if outside:
        message = f"{strategy.__name__} imports a file of yours outside {folder}: it cannot be sent to workers"
        raise StrategyError(Problem(message, file=str(own), found=", ".join(outside), allowed="files beside it"))
    packages = {above / "__init__.py" for path in needed for above in path.parents if above.is_relative_to(folder)}
    needed = sorted({*needed, *(path for path in packages if path.is_file() and path.parent != folder)})
    files = tuple((path.relative_to(folder).as_posix(), path.read_bytes()) for path in needed)
    return SentStrategy(strategy.__name__, own.relative_to(folder).as_posix(), files, digest)


def receive(sent: SentStrategy) -> type[Strategy]:
    """The class that was sent. Raises StrategyError where it is not the same here.

    Its files are kept below `sent` under their digest: what is compiled from them is found again.
    """
    if sent.files:
        folder = folder_with(f"sent/{sent.digest[:16]}", dict(sent.files))
        found = vars(load_file(folder / sent.file, folder)).get(sent.name)
    else:
        found = find_class(f"{sent.file}:{sent.name}", shipped("strategies").parent)
    if not inspect.isclass(found) or source_hash(found) != sent.digest:
        message = f"the source of {sent.name} is not the same here: {sent.file}"
        raise StrategyError(Problem(message, allowed="the same Tandem, and no files of the same names beside it"))
    return as_strategy(found)
