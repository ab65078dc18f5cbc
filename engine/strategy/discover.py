# SPDX-License-Identifier: Apache-2.0
"""From the word in the YAML to the Strategy class: in strategies/, in an importable module, or in a file beside it."""

from __future__ import annotations

import ast
import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType

from engine.errors import Problem, StrategyError, nearest_name
from engine.strategy.base import Strategy

HOUSE = "strategies"
"""The package where named strategies live, one file each."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DOTTED = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+")
_FILE = re.compile(r"(?P<where>.+\.py)(:(?P<class>[^:/\\]*))?")
FORMS = "NAME, NAME:Class, package.module:Class, file.py or file.py:Class"


def find_strategy(spec: str, base_dir: Path) -> type[Strategy]:
    """The Strategy class that `spec` names. Files are looked up in base_dir, then in the working directory.

    Importing runs the author's module. Raises StrategyError where nothing, several classes, or something that is
    no Strategy is found, and where the author's module cannot be imported; the Problem names its file and line.
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

    Looked up and refused as by find_strategy. A spec that names no class means the one Strategy of its module.
    """
    where, class_name = split_spec(spec)
    if class_name and not _NAME.fullmatch(class_name):
        raise StrategyError(Problem("not a class name", found=class_name, allowed=FORMS))
    if where.endswith(".py"):
        module = _from_file(where, base_dir)
    elif _NAME.fullmatch(where):
        module = _from_house(where)
    elif _DOTTED.fullmatch(where):
        module = _imported(where)
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


def source_hash(*strategies: type) -> str:
    """sha256 of the file the strategy stands in and of the author's files it imports: another source is another run.

    Of several, of all of theirs in this order, for a portfolio decides in the order of its sleeves.
    """
    hashes = [_source_hash(one) for one in strategies]
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def _source_hash(strategy: type) -> str:
    own = Path(inspect.getsourcefile(strategy) or "")
    digest = hashlib.sha256(own.read_bytes())
    for file in sorted(_sources(own, sys.modules[strategy.__module__].__package__ or "") - {own}):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def list_strategies() -> tuple[str, ...]:
    """What the YAML may say for those in strategies/, sorted: `module`, or `module:Class` where a file holds several.

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


def _sources(file: Path, package: str) -> set[Path]:
    """`file` and the author's files that it imports, directly or through one another."""
    found, waiting = set(), [(file, package)]
    while waiting:
        one, inside = waiting.pop()
        if one in found:
            continue
        found.add(one)
        for name in _imports(one, inside):
            module = sys.modules.get(name)
            source = getattr(module, "__file__", None) or ""
            if source.endswith(".py") and _is_authors(source):
                waiting.append((Path(source), module.__package__ or "" if module else ""))
    return found


def _imports(file: Path, package: str) -> Iterator[str]:
    """Full names of the modules that a file imports, and of what might be modules."""
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def _house_files() -> dict[str, Path]:
    """Module name -> file of every module in strategies/."""
    package = importlib.import_module(HOUSE)
    files = (file for folder in package.__path__ for file in Path(folder).glob("*.py"))
    return {file.stem: file for file in files if not file.stem.startswith("_")}


def _classes_in(name: str, files: Mapping[str, Path]) -> list[str]:
    """The strategies that a file of the house seems to define. Raises SyntaxError, ValueError as ast.parse does."""
    own, known = [], {Strategy.__name__}
    for node in ast.parse(files[name].read_bytes()).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{HOUSE}."):
            other = (node.module or "").removeprefix(f"{HOUSE}.")
            brought = _classes_in(other, files) if other in files else []
            known |= {alias.asname or alias.name for alias in node.names if alias.name in brought}
        elif isinstance(node, ast.ClassDef):
            bases = {base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases}
            if bases & known:
                known.add(node.name)
                own.append(node.name)
    return own


def _from_house(name: str) -> ModuleType:
    known = sorted({one.partition(":")[0] for one in list_strategies()})
    if name not in known:
        raise StrategyError(
            Problem(
                "no such strategy",
                found=name,
                allowed=f"{', '.join(known) or 'nothing in strategies/ yet'}; or file.py, or package.module:Class",
                nearest=nearest_name(name, known),
            )
        )
    return _imported(f"{HOUSE}.{name}")


def _imported(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name and (name == error.name or name.startswith(f"{error.name}.")):
            raise StrategyError(Problem(f"no module named {error.name}", found=name, allowed=FORMS)) from error
        raise _import_failed(error, name) from error
    except (Exception, SystemExit) as error:
        raise _import_failed(error, name) from error


def _from_file(name: str, base_dir: Path) -> ModuleType:
    """A file as a module whose name holds its content: in a long session an edited file is a new module."""
    file = _located(name, base_dir)
    try:
        source = file.read_bytes()
    except OSError as error:
        raise StrategyError(Problem(f"the strategy cannot be read: {error.strerror}", file=str(file))) from error
    key = f"strategy_file_{file.stem}_{hashlib.sha256(bytes(file) + source).hexdigest()[:16]}"
    loaded = sys.modules.get(key)
    if loaded is not None:
        return loaded
    module = ModuleType(key)
    module.__file__ = str(file)
    sys.modules[key] = module  # annotations of its classes are looked up there
    try:
        # Not through importlib: its bytecode cache takes an edit within a second for none, and writes beside the YAML.
        exec(compile(source, str(file), "exec", dont_inherit=True), vars(module))  # noqa: S102
    except (Exception, SystemExit) as error:
        del sys.modules[key]
        raise _import_failed(error, str(file)) from error
    return module


def _located(name: str, base_dir: Path) -> Path:
    tried = [base_dir / name, Path.cwd() / name]
    for file in tried:
        if file.is_file():
            return file.resolve()
    beside = [file.name for folder in (base_dir, Path.cwd()) if folder.is_dir() for file in sorted(folder.glob("*.py"))]
    folders = " or ".join(dict.fromkeys(str(file.parent.resolve()) for file in tried))
    raise StrategyError(Problem(f"no such file in {folders}", found=name, nearest=nearest_name(name, beside)))


def _import_failed(error: BaseException, source: str) -> StrategyError:
    """Where in the author's source the import stopped: the last line of the traceback that is no library's."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, SyntaxError):
        where = (error.filename or source, error.lineno or 0, error.offset or 0)
        return StrategyError(Problem(f"the strategy cannot be imported: {error.msg}", *where))
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_authors(frame.filename)]
    if not frames:
        return StrategyError(Problem(f"the strategy cannot be imported: {said}", found=source))
    last = frames[-1]
    where = (last.filename, last.lineno or 0, (last.colno or 0) + 1)
    return StrategyError(Problem(f"the strategy cannot be imported: {said}", *where))


def _is_authors(file: str) -> bool:
    engine, library = Path(__file__).resolve().parent.parent, Path(importlib.__file__).parent.parent
    return "site-packages" not in file and not file.startswith(("<", str(engine), str(library)))


def _strategies_in(module: ModuleType) -> list[type[Strategy]]:
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Strategy) and value.__module__ == module.__name__
    ]


def _only(module: ModuleType, where: str) -> type[Strategy]:
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
