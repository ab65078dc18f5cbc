# SPDX-License-Identifier: Apache-2.0
"""How a wheel is laid out: everything in one package, `tandem_engine`, so that no folder of a user's meets it.

In the repository engine/, strategies/ and configs/ lie side by side. In a wheel they are `tandem_engine`,
`tandem_engine.strategies` and tandem_engine/configs, with their imports written accordingly, and `engine` stands in for
`tandem_engine`. An editable install leaves them where they are; there `tandem_engine` stands in for `engine`.
"""

from __future__ import annotations

import ast
import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAMES = {"engine": "tandem_engine", "strategies": "tandem_engine.strategies"}
"""Package of the repository -> what it is called in a wheel."""

SHORT = '''\
# SPDX-License-Identifier: Apache-2.0
"""The short name of tandem_engine."""

from tandem_engine.stand_in import stand_in

stand_in("engine", "tandem_engine")
'''
LONG = '''\
# SPDX-License-Identifier: Apache-2.0
"""The name of engine in a wheel; a folder engine/ where Python was started does not come before it."""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec

ROOT = {root!r}

if "engine" not in sys.modules:
    spec = PathFinder.find_spec("engine", [ROOT])
    sys.modules["engine"] = module_from_spec(spec)
    spec.loader.exec_module(sys.modules["engine"])
if not sys.modules["engine"].__file__.startswith(ROOT):
    raise ImportError(f"another package engine was imported before: {{sys.modules['engine'].__file__}}")

from engine.stand_in import stand_in

stand_in("tandem_engine", "engine")
'''


class OnePackage(BuildHookInterface):  # type: ignore[misc]
    """The hook that hatchling calls before and after it packs a wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Lay the files out in a temporary folder and name them for the wheel."""
        root = Path(self.root)
        self.temporary = tempfile.TemporaryDirectory()  # goes with the process too, where the hook does not end well
        self.folder = Path(self.temporary.name)
        if version == "editable":
            (self.folder / "tandem_engine.py").write_text(LONG.format(root=self.root), encoding="utf-8")
        else:
            (self.folder / "engine.py").write_text(SHORT, encoding="utf-8")
            package, ignored = self.folder / "tandem_engine", shutil.ignore_patterns("__pycache__")
            for folder in ("engine", "strategies", "configs"):
                inside = package if folder == "engine" else package / folder
                shutil.copytree(root / folder, inside, ignore=ignored)
            for file in package.rglob("*.py"):
                file.write_text(renamed(file.read_text(encoding="utf-8")), encoding="utf-8")
        build_data["force_include"] |= {str(each): each.name for each in self.folder.iterdir()}

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder."""
        self.temporary.cleanup()


def renamed(source: str) -> str:
    """`source` with its absolute imports of engine and strategies under their names in a wheel; lines stay lines.

    Raises ValueError for `import engine.x` without `as`: it binds a name that is not there then.
    """
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [(each.name, each.asname) for each in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [(node.module or "", "from")]
        else:
            continue
        for name, bound in names:
            top, dot, rest = name.partition(".")
            if top in NAMES:
                if bound is None:
                    raise ValueError(f"line {node.lineno}: write `import {name} as ...`")
                line = lines[node.lineno - 1]
                lines[node.lineno - 1] = line.replace(f" {name} ", f" {NAMES[top]}{dot}{rest} ", 1)
    return "".join(lines)
