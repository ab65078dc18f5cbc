# SPDX-License-Identifier: Apache-2.0
"""TA-Lib's extension module, loaded without pandas.

`import talib` takes 0.19 to 0.5 s, and nearly all of that is pandas: talib's __init__ imports pandas and polars
to accept their series, and the extension itself imports both for its "abstract" interface. On plain arrays neither
is used. Loaded alone the extension takes 0.02 s, which is what keeps the start of a warm backtest short.

So where pandas is not in the process yet, the extension is loaded under its own name with pandas and polars
looking absent to this one thread. A later `import talib` finds it, adds its wrappers and accepts pandas series as
always. One thing is lost in such a process: talib.abstract called with whole DataFrames; import talib before the
engine for that. Where pandas is loaded already, this is a plain import.
"""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import sys
import threading
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from engine.errors import RunError

EXTENSION = "talib._ta_lib"
_LOADING = threading.Lock()


def native() -> Any:
    """The module of TA-Lib's functions on arrays. Raises RunError when TA-Lib is not installed."""
    with _LOADING:
        if EXTENSION in sys.modules or "pandas" in sys.modules:
            return _imported()
        return _let_go(_loaded_alone())


def _imported() -> ModuleType:
    loaded = sys.modules.get(EXTENSION)
    if loaded is not None and "talib" not in sys.modules:
        return loaded
    try:
        return importlib.import_module(EXTENSION)
    except ModuleNotFoundError as error:
        raise RunError(f"TA-Lib is not installed ({error}): pip install ta-lib") from error


def _loaded_alone() -> ModuleType:
    package = importlib.util.find_spec("talib")
    spec = package and importlib.machinery.PathFinder.find_spec(EXTENSION, package.submodule_search_locations)
    if spec is None or spec.loader is None:
        raise RunError("TA-Lib is not installed: pip install ta-lib")
    absent = _AbsentHere(threading.get_ident())
    sys.meta_path.insert(0, absent)
    try:
        module = importlib.util.module_from_spec(spec)
        sys.modules[EXTENSION] = module
        spec.loader.exec_module(module)
    except BaseException:
        sys.modules.pop(EXTENSION, None)
        raise
    finally:
        sys.meta_path.remove(absent)
    initialise: Any = module
    initialise._ta_initialize()  # noqa: SLF001  (talib's own __init__ does the same; it may be done twice)
    return module


def _let_go(module: ModuleType) -> ModuleType:
    """The module, without the frames of who loaded it.

    It keeps the error of each library that it did not find, and an error keeps all who called: the features and the
    market of the first run would stay in memory as long as the process.
    """
    for value in vars(module).values():
        if isinstance(value, ImportError):
            value.__traceback__ = None
    return module


class _AbsentHere:
    """Makes pandas and polars look uninstalled to one thread."""

    def __init__(self, thread: int) -> None:
        self.thread = thread

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname in ("pandas", "polars") and threading.get_ident() == self.thread:
            raise ModuleNotFoundError(f"{fullname} is not needed here", name=fullname)
        return None
