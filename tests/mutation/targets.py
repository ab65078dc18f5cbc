# SPDX-License-Identifier: Apache-2.0
"""What is mutated: every function that on_bar of a shipped strategy reaches, by the calls the border follows."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from engine.strategy.border import pure_helpers
from engine.strategy.language.source import read_source
from engine.strategy.source.discover import find_strategy, list_strategies, split_spec

ROOT = Path(__file__).resolve().parents[2]
HOUSE = ROOT / "strategies"
TESTS = ROOT / "tests" / "strategies"


@dataclass
class Target:
    """One file of strategies/: where its deciding functions stand, and the tests that judge them, quickest first."""

    file: str  # from the root of the tree
    functions: dict[str, range] = field(default_factory=dict)  # name -> its lines, from 1
    tests: list[str] = field(default_factory=list)
    strategies: list[str] = field(default_factory=list)  # files of strategies/ that reach it, without .py

    def function_at(self, line: int) -> str | None:
        """The function that holds a line."""
        return next((name for name, lines in self.functions.items() if line in lines), None)


def strategies() -> list[str]:
    """Files of strategies/ with a strategy, without .py."""
    return sorted({split_spec(spec)[0] for spec in list_strategies()})


def targets(chosen: Collection[str]) -> list[Target]:
    """What the chosen strategies decide with, by file. A file that several reach is judged by the tests of all."""
    found: dict[str, Target] = {}
    for spec in list_strategies():
        module = split_spec(spec)[0]
        if module not in chosen:
            continue
        strategy, tests = find_strategy(spec, ROOT), judges_of(module)
        for function in (strategy.on_bar, *pure_helpers(strategy)):
            source = read_source(function)
            if not Path(source.file).is_relative_to(HOUSE):
                continue  # the engine has tests of its own
            name = Path(source.file).relative_to(ROOT).as_posix()
            target = found.setdefault(name, Target(name))
            target.functions[source.name] = range(source.tree.lineno, (source.tree.end_lineno or 0) + 1)
            target.tests += [test for test in tests if test not in target.tests]
            target.strategies += [module] if module not in target.strategies else []
    for target in found.values():
        target.tests.sort(key=_rows_first)
    return [found[name] for name in sorted(found)]


def judges_of(module: str) -> list[str]:
    """The strategy's tests, hand-made rows (`_rules`) before whole runs. Raises LookupError where it has none."""
    longer = tuple(f"test_{name}" for name in strategies() if name.startswith(f"{module}_"))
    files = [file for file in TESTS.glob(f"test_{module}*.py") if not (longer and file.stem.startswith(longer))]
    if not files:
        raise LookupError(f"no tests/strategies/test_{module}*.py judges strategies/{module}.py")
    return sorted((file.relative_to(ROOT).as_posix() for file in files), key=_rows_first)


def _rows_first(test: str) -> tuple[bool, str]:
    return not test.endswith("_rules.py"), test
