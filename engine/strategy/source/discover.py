# SPDX-License-Identifier: Apache-2.0
"""From the word in the YAML to the Strategy class: beside the YAML, among those that come with Tandem, or installed."""

from __future__ import annotations

import ast
import importlib
import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from engine.distribution import shipped
from engine.errors import Problem, StrategyError, nearest_name
from engine.model.file_names import long_name
from engine.strategy.base import Strategy
from engine.strategy.foreign import is_backtrader
from engine.strategy.source.loading import BESIDE, SHIPPED, import_failed, is_shipped_importable, load_file

HOUSE = "strategies"
"""Folder of strategies, one file each: the one that comes with Tandem, and what an author may call his own."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+")
_FILE = re.compile(r"(?P<where>.+\.py)(:(?P<class>[^:/\\]*))?")
FORMS = "NAME, NAME:Class, package.module:Class, file.py or file.py:Class"
PLACES = "beside the configuration, among the strategies of Tandem or in the working directory"


def find_strategy(spec: str, base_dir: Path) -> type[Strategy]:
    """The Strategy class that `spec` names.

    A name or a dotted module is looked up in base_dir and its folder strategies/, among the strategies that come with
    Tandem, in the working directory likewise, and at last, if it has a dot, among what is installed. A file is looked
    up in base_dir, then in the working directory. Importing runs the author's module. Raises StrategyError where
    nothing, several classes, or something that is no Strategy is found, and where the author's module cannot be
    imported; the Problem names its file and line.
    """
    return as_strategy(find_class(spec, base_dir))


def as_strategy(found: type) -> type[Strategy]:
    """`found`, known to be a Strategy; raises StrategyError when it is none."""
    if not issubclass(found, Strategy):
        raise StrategyError(
            Problem(f"{found.__qualname__} is no subclass of engine.Strategy", found=found.__qualname__)
        )
    return found


def find_class(spec: str, base_dir: Path) -> type:
    """The class that `spec` names, of any kind: a second engine has strategies of its own.

    Looked up and refused as by find_strategy. A spec that names no class means the one Strategy of its module; where it
    has none, its one bt.Strategy.
    """
    where, class_name = split_spec(spec)
    if class_name and not _NAME.fullmatch(class_name):
        raise StrategyError(Problem("not a class name", found=class_name, allowed=FORMS))
    problem = long_name(where if where.endswith(".py") else f"{where.replace('.', '/')}.py")
    if problem:
        raise StrategyError(replace(problem, found=repr(spec)))
    if where.endswith(".py"):
        module = _from_file(where, base_dir)
    elif _NAME.fullmatch(where) or _DOTTED.fullmatch(where):
        module = _from_name(where, base_dir)
    else:
        raise StrategyError(Problem("not a strategy", found=repr(spec), allowed=FORMS))
    return _named(module, class_name) if class_name else _only(module, where)


def split_spec(spec: str) -> tuple[str, str]:
    """(where, class name or ""): `rules/mine.py:Fast` is ("rules/mine.py", "Fast")."""
    file = _FILE.fullmatch(spec)
    if file:
        return file["where"], file["class"] or ""
    where, _, class_name = spec.partition(":")
    return where, class_name


def resolved_spec(spec: str, strategy: type) -> str:
    """`spec` as it leads to the same class from anywhere: of an author's file, its path and the class."""
    where, class_name = split_spec(spec)
    if not where.endswith(".py") and (not strategy.__module__.startswith(BESIDE) or _is_shipped(strategy)):
        return spec
    return f"{Path(inspect.getfile(strategy)).resolve()}:{class_name or strategy.__name__}"


def taken_notice(spec: str, strategy: type, base_dir: Path) -> str:
    """What a reader should know where both an author and Tandem have a strategy of this name: which was taken."""
    where, _ = split_spec(spec)
    own = [file for folder in (base_dir, Path.cwd()) if (file := _beside(where, folder))]
    if where.endswith(".py") or not own or _shipped_name(where) not in _house_files():
        return ""
    if not _is_shipped(strategy):
        return f"strategy {where} is {own[0]}, not the one of this name that comes with Tandem"
    return f"strategy {where} is the one that comes with Tandem; {own[0]} is not beside the configuration"


def list_strategies() -> tuple[str, ...]:
    """What the YAML may say for those that come with Tandem, sorted: `module`, or `module:Class` where a file has more.

    Files are read, not imported: a class counts by the name of its base, Strategy or another strategy of the house. A
    file without one holds rules of others and is left out; one that cannot be parsed stays, and importing it will tell.
    """
    found, files = [], _house_files()
    for name in files:
        try:
            classes = _classes_in(name, files)
        except (SyntaxError, ValueError):
            found.append(name)
            continue
        found += [f"{name}:{one}" for one in classes] if len(classes) > 1 else [name] * len(classes)
    return tuple(sorted(found))


def _house_files() -> dict[str, Path]:
    """Module name -> file of every module that comes with Tandem."""
    return {file.stem: file for file in shipped(HOUSE).glob("*.py") if not file.stem.startswith("_")}


def _classes_in(name: str, files: Mapping[str, Path]) -> list[str]:
    """The strategies that a file of the house seems to define. Raises SyntaxError, ValueError as ast.parse does."""
    own, known = [], {Strategy.__name__}
    for node in ast.parse(files[name].read_bytes()).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{SHIPPED}."):
            other = (node.module or "").removeprefix(f"{SHIPPED}.")
            brought = _classes_in(other, files) if other in files else []
            known |= {alias.asname or alias.name for alias in node.names if alias.name in brought}
        elif isinstance(node, ast.ClassDef):
            bases = {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases}
            if bases & known:
                known.add(node.name)
                own.append(node.name)
    return own


def _from_name(name: str, base_dir: Path) -> ModuleType:
    house, files = _shipped_name(name), _house_files()
    if file := _beside(name, base_dir):
        return load_file(file, base_dir.resolve())
    if house in files and (name != house or _holds_strategy(house, files)):
        return _from_house(house)
    if file := _beside(name, Path.cwd()):
        return load_file(file, Path.cwd().resolve())
    if "." in name:
        return _installed(name)
    if name == "__main__":
        allowed = "engine.backtest(strategy=THE_CLASS), and engine.significance(result); or the class in a file"
        raise StrategyError(Problem("the strategy of the run stands in no file", found=name, allowed=allowed))
    known = sorted(one for one in files if _holds_strategy(one, files))
    own = {one.stem for folder in _folders(base_dir) for one in folder.glob("*.py") if not one.stem.startswith("_")}
    raise StrategyError(
        Problem(
            f"no such strategy {PLACES}",
            found=name,
            allowed=f"{', '.join(known) or 'nothing in strategies/ yet'}; or file.py, or package.module:Class",
            nearest=nearest_name(name, [*known, *sorted(own)]),
        )
    )


def _holds_strategy(name: str, files: Mapping[str, Path]) -> bool:
    try:
        return bool(_classes_in(name, files))
    except (SyntaxError, ValueError):
        return True


def _is_shipped(strategy: type) -> bool:
    return Path(inspect.getfile(strategy)).resolve().is_relative_to(shipped(HOUSE))


def _shipped_name(name: str) -> str:
    """The file of the house that a name may mean: `spread_trade` and `strategies.spread_trade` mean the same."""
    return name.removeprefix(f"{SHIPPED}.").removeprefix(f"{HOUSE}.")


def _folders(base_dir: Path) -> tuple[Path, ...]:
    return base_dir, base_dir / HOUSE


def _beside(name: str, base_dir: Path) -> Path | None:
    """The author's file of a name in base_dir or its strategies/; one of the house is none of an author's."""
    for folder in _folders(base_dir):
        file = folder.joinpath(*name.split(".")).with_suffix(".py")
        if file.is_file() and not file.resolve().is_relative_to(shipped(HOUSE)):
            return file.resolve()
    return None


def _from_house(name: str) -> ModuleType:
    if is_shipped_importable():
        return _installed(f"{SHIPPED}.{name}")
    folder = shipped(HOUSE)
    return load_file(folder / f"{name}.py", folder.parent)


def _installed(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            message = f"no module named {error.name}, {PLACES}, and none is installed"
            raise StrategyError(Problem(message, found=name, allowed=FORMS)) from error
        raise import_failed(error, name) from error
    except (Exception, SystemExit) as error:
        raise import_failed(error, name) from error


def _from_file(name: str, base_dir: Path) -> ModuleType:
    folders = list(dict.fromkeys(folder.resolve() for folder in (base_dir, Path.cwd())))
    for folder in folders:
        if (folder / name).is_file():
            return load_file((folder / name).resolve(), folder)
    beside = [file.name for folder in folders if folder.is_dir() for file in sorted(folder.glob("*.py"))]
    places = " or ".join(dict.fromkeys(str((folder / name).parent.resolve()) for folder in folders))
    raise StrategyError(Problem(f"no such file in {places}", found=name, nearest=nearest_name(name, beside)))


def _strategies_in(module: ModuleType) -> list[type]:
    """The strategies that a module defines; those written for backtrader where it has no other."""
    own = [value for value in vars(module).values() if isinstance(value, type) and value.__module__ == module.__name__]
    return [one for one in own if issubclass(one, Strategy)] or [one for one in own if is_backtrader(one)]


def _only(module: ModuleType, where: str) -> type:
    found = _strategies_in(module)
    file = getattr(module, "__file__", "") or ""
    if not found:
        raise StrategyError(Problem("no subclass of engine.Strategy is defined here", file=file, found=where))
    if len(found) > 1:
        names = [value.__name__ for value in found]
        allowed = ", ".join(f"{where}:{name}" for name in names)
        raise StrategyError(
            Problem("several strategies are defined here: name one", file=file, found=", ".join(names), allowed=allowed)
        )
    return found[0]


def _named(module: ModuleType, name: str) -> type:
    found = getattr(module, name, None)
    if isinstance(found, type):
        return found
    known: Sequence[str] = [value.__name__ for value in _strategies_in(module)]
    raise StrategyError(
        Problem(
            "no such class" if found is None else "not a class",
            file=getattr(module, "__file__", "") or "",
            found=name,
            allowed=", ".join(known) or "this module defines no strategy",
            nearest=nearest_name(name, known),
        )
    )
