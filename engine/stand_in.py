# SPDX-License-Identifier: Apache-2.0
"""A package under a second name: the very same modules, so that a class is one class whatever it was imported by."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any, cast


def stand_in(name: str, real: str) -> None:
    """From here on `import name.x` is `import real.x`, for every x, and `import name` is `import real`."""
    sys.modules[name] = importlib.import_module(real)
    sys.meta_path.insert(0, _StandIn(name, real))


class _StandIn:
    """Finder and loader in one. Not by the classes of importlib.abc: their import takes a fifth of `tandem --help`."""

    def __init__(self, name: str, real: str) -> None:
        self.name, self.real = name, real
        self.specs: dict[str, ModuleSpec | None] = {}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith(f"{self.name}."):
            return None
        try:
            importlib.import_module(self._meant(fullname))
        except ModuleNotFoundError as error:
            if error.name == self._meant(fullname):
                return None
            raise
        return ModuleSpec(fullname, cast("Any", self))

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = sys.modules[self._meant(spec.name)]
        self.specs[spec.name] = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Give the module its own spec back: the import system wrote the one of the second name over it."""
        assert module.__spec__ is not None
        module.__spec__ = self.specs.pop(module.__spec__.name)

    def _meant(self, fullname: str) -> str:
        return self.real + fullname.removeprefix(self.name)
