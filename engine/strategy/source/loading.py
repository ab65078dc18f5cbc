# SPDX-License-Identifier: Apache-2.0
"""An author's file as a module of its own, whatever folders are importable.

What it imports is looked up beside it first, then in Tandem, then wherever Python looks. Its neighbours are modules of
their own too: a folder `strategies/` or `engine/` of the author's neither hides Tandem's nor is hidden by them.
"""

from __future__ import annotations

import builtins
import hashlib
import importlib
import importlib.util
import re
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import FileFinder, ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from engine.distribution import PACKAGE, shipped
from engine.errors import Problem, StrategyError, nearest_name
from engine.strategy.source.authors import is_authors

TANDEM = __name__.partition(".")[0]
"""`engine` in the repository, `tandem_engine` where it is installed."""

SHIPPED = "strategies" if shipped("strategies").parent != PACKAGE else f"{TANDEM}.strategies"
"""The package of the strategies that come with Tandem."""

BESIDE = "strategy_beside_"
"""How the package of an author's folder is called; a hash follows."""

_NO_NAME = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")

_executing: set[str] = set()
"""Files that are executed once more: one that runs a backtest by itself is not executed within that."""

_loaded: dict[tuple[Path, Path], list[ModuleType]] = {}

_brought: dict[str, tuple[str, ...]] = {}


def load_file(file: Path, folder: Path) -> ModuleType:
    """The module in `file`; another one as soon as the file or a neighbour that it imported has been edited.

    folder  where its neighbours may begin: `strategies.rules` is strategies/rules.py in it. Both absolute.
    Raises StrategyError where the file cannot be read or its import fails, with the author's line.
    """
    if not file.is_relative_to(folder) and file.parent.name == "strategies":
        folder = file.parent.parent  # the YAML lies beside that folder, in configs/ for one
    inside = file.parent.relative_to(folder).parts if file.is_relative_to(folder) else ("",)
    if not all(part.isidentifier() for part in inside):
        folder, inside = file.parent, ()
    try:
        source = file.read_bytes()
    except OSError as error:
        raise StrategyError(Problem(f"the strategy cannot be read: {error.strerror}", file=str(file))) from error
    earlier = _loaded.setdefault((file, folder), [])
    for module in earlier:
        if not _edited(module):
            return module
    top = _free_name(f"{BESIDE}{hashlib.sha256(bytes(file) + source).hexdigest()[:16]}")
    try:
        module = _load(file, folder, top, inside)
    except (Exception, SystemExit) as error:
        failed = import_failed(error, str(file))
        for name in list(_modules_of(top)):
            del sys.modules[name]
        raise failed from error
    earlier.append(module)
    _brought[top] = tuple(_modules_of(top))
    return module


def brought_with(module: str) -> tuple[str, ...]:
    """The neighbours that were there once an author's file had been imported, however it asked for them."""
    return _brought.get(module.partition(".")[0], ())


def anew(thing: type) -> type | None:
    """The class of an author's file out of another execution of that file, which remembers nothing of any call.

    None for a class that no file of an author defines at its top: a notebook's, a script's, one that comes with Tandem.
    What other modules keep stays as it is.
    """
    spec = getattr(sys.modules.get(thing.__module__), "__spec__", None)
    if spec is None or not isinstance(spec.loader, _Loader) or spec.loader.path in _executing:
        return None
    module = importlib.util.module_from_spec(spec)
    _executing.add(spec.loader.path)
    try:
        _Loader(spec.name, spec.loader.path).exec_module(module)
    except Exception:  # noqa: BLE001  the file may have been edited since it was loaded
        return None
    finally:
        _executing.discard(spec.loader.path)
    found = getattr(module, thing.__qualname__, None)
    return found if isinstance(found, type) else None


def real_name(name: str, package: str) -> str:
    """What an author's file in `package` means by the absolute name of a module, as Python knows it."""
    first, *rest = parts = name.split(".")
    if not package.startswith(BESIDE) or first in sys.stdlib_module_names:
        return name
    if first in {"engine", "tandem_engine"} and _is_in(PACKAGE, rest):
        return ".".join([TANDEM, *rest])
    while package:
        if any(_is_in(Path(folder), parts) for folder in sys.modules[package].__path__):
            return f"{package}.{name}"
        package = package.rpartition(".")[0]
    return ".".join([SHIPPED, *rest]) if first == "strategies" else name


def is_shipped_importable() -> bool:
    """Whether the name of the shipped strategies leads to them: a user's folder strategies/ may have taken it."""
    found = importlib.util.find_spec(SHIPPED)
    folders = found.submodule_search_locations if found else None
    return any(Path(folder).resolve() == shipped("strategies") for folder in folders or ())


def import_failed(error: BaseException, source: str) -> StrategyError:
    """Where in the author's source the import stopped: the last line of the traceback that is no library's."""
    said = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    if isinstance(error, SyntaxError):
        where = (error.filename or source, error.lineno or 0, error.offset or 0)
        return StrategyError(Problem(f"the strategy cannot be imported: {error.msg}", *where))
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if is_authors(frame.filename, source)]
    if not frames:
        return StrategyError(Problem(f"the strategy cannot be imported: {said}", found=source))
    last = frames[-1]
    where = (last.filename, last.lineno or 0, (last.colno or 0) + 1)
    unknown = _NO_NAME.match(str(error)) if isinstance(error, ImportError) else None
    if unknown is None:
        return StrategyError(Problem(f"the strategy cannot be imported: {said}", *where))
    name, module = unknown.groups()
    shown = module.partition(".")[2] if module.startswith(BESIDE) else module
    names = [one for one in dir(sys.modules.get(module)) if not one.startswith("_")]
    nearest = nearest_name(name, names)
    message = f"the strategy cannot be imported: {shown} has no {name}"
    return StrategyError(Problem(message, *where, nearest=nearest, allowed="" if nearest else _said_of(shown, names)))


def _said_of(module: str, names: Sequence[str]) -> str:
    """Where to look for a name that a module does not have."""
    if module == f"{TANDEM}.indicators":
        return "a name of docs/indicators.md; some functions of rules in YAML are no indicators"
    return ", ".join(names)


def _load(file: Path, folder: Path, top: str, inside: Sequence[str]) -> ModuleType:
    root = ModuleType(top)
    root.__path__ = [str(folder)]
    sys.modules[top] = root
    package = ".".join([top, *inside])
    importlib.import_module(package)
    stem = re.sub(r"\W", "_", file.stem)
    name = f"{package}.{stem}"
    spec = importlib.util.spec_from_file_location(name, file, loader=_Loader(name, str(file)))
    assert spec is not None  # a loader is given
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return module


class _Loader(SourceFileLoader):
    """Compiles the file as it is: bytecode caches take an edit within a second for none, and lie beside the YAML."""

    digest = ""

    def get_code(self, fullname: str) -> CodeType:
        source = self.get_data(self.path)
        self.digest = hashlib.sha256(source).hexdigest()
        return compile(source, self.path, "exec", dont_inherit=True)

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__builtins__"] = {**vars(builtins), "__import__": _import}
        super().exec_module(module)


class _Finder(MetaPathFinder):
    """Finds the neighbours of author's files, in their packages alone."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(BESIDE) or path is None:
            return None
        for folder in path:
            found = FileFinder(folder, (_Loader, [".py"])).find_spec(fullname)
            if found is not None:
                return found
        return None


sys.meta_path.insert(0, _Finder())


def _import(
    name: str,
    globals: Mapping[str, Any] | None = None,  # noqa: A002 - the names of __import__
    locals: Mapping[str, Any] | None = None,  # noqa: A002
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    """`__import__` of author's files."""
    real = real_name(name, (globals or {}).get("__package__") or "") if level == 0 else name
    if real == name or fromlist:
        return builtins.__import__(real, globals, locals, fromlist or (), level)
    importlib.import_module(real)
    return sys.modules[real.rsplit(".", name.count("."))[0]]  # `import a.b` binds a


def _is_in(folder: Path, parts: Sequence[str]) -> bool:
    """Whether the module `a.b` of parts (a, b) lies in a folder: as a file, or as a folder with files of Python."""
    at = folder.joinpath(*parts)
    return at.with_suffix(".py").is_file() or any(at.glob("*.py"))


def _modules_of(top: str) -> Iterator[str]:
    return (name for name in sys.modules if name == top or name.startswith(f"{top}."))


def _edited(module: ModuleType) -> bool:
    """Whether the module's file or that of a neighbour is not what was loaded."""
    for name in _modules_of(module.__name__.partition(".")[0]):
        loader = getattr(sys.modules[name], "__loader__", None)
        if isinstance(loader, _Loader):
            try:
                same = hashlib.sha256(loader.get_data(loader.path)).hexdigest() == loader.digest
            except OSError:
                same = False
            if not same:
                return True
    return False


def _free_name(name: str) -> str:
    number = sum(one == name or one.startswith(f"{name}_") for one in sys.modules if "." not in one)
    return f"{name}_{number}" if number else name
