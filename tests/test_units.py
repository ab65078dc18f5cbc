# SPDX-License-Identifier: Apache-2.0
"""Every public function of numbers says in which unit they are.

A number without a unit is read in the wrong one sooner or later. Held are functions and methods of engine/ whose names
begin without an underscore and whose signature has a float or an array of floats; a whole number counts something, and
its name says what.
"""

import ast
import re

import pytest

from tests.strategies.shipped import ROOT

FOLDERS = ("config", "indicators", "inputs", "market", "runs", "strategy")
"""Of engine/; the others follow."""

UNITS = r"""
    fractions? | per\ cent | ratios? | multiples? | times\ (equity|the) | shares?\ of | probabilit(y|ies)
    | sigmas? | standard\ (deviations?|errors?) | correlations? | betas? | deltas? | weights? | no\ unit
    | in\ (its|their)\ own\ units? | (in|of)\ (the|that)\ (same\ )?unit | the\ price's\ unit
    | money | dollars? | cents? | (a|per)\ share | prices? | strikes? | shares | contracts
    | n\ bars | in\ bars | bars\ (since|until|ago|after|before|between) | sessions | days | months | years | a\ year
    | ns | minutes | seconds? | ms | number\ of | how\ many | pixels? | 1\ (where|while|when|for|of)\b | 0\ or\ 1
    | (log|simple|daily|total|yearly)\ returns?
"""
NAMED = re.compile(rf"(?<!\w)({UNITS})(?!\w)", re.VERBOSE | re.IGNORECASE)
NUMERIC = re.compile(r"\bfloat\b|\bFloatArray\b|np\.float64")


def functions(tree):
    """(name, node) of the public functions of a module and of the methods of its public classes."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node
        elif isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from ((f"{node.name}.{one.name}", one) for one in node.body if isinstance(one, ast.FunctionDef))


def numeric(node):
    given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    annotations = [one.annotation for one in given] + [node.returns]
    return any(one is not None and NUMERIC.search(ast.unparse(one)) for one in annotations)


def without_unit(source):
    """The names of public functions of numbers whose docstring names no unit."""
    return [
        name
        for name, node in functions(ast.parse(source))
        if not name.rpartition(".")[2].startswith("_")
        and numeric(node)
        and not NAMED.search(ast.get_docstring(node) or "")
    ]


MODULES = [path for folder in FOLDERS for path in sorted((ROOT / "engine" / folder).rglob("*.py"))]


@pytest.mark.parametrize("path", [pytest.param(path, id=str(path.relative_to(ROOT))) for path in MODULES])
def test_every_public_number_has_a_unit(path):
    assert without_unit(path.read_text(encoding="utf-8")) == []


SAMPLE = """
def told(x: float) -> float:
    'The fall from the high, a fraction of it.'

def untold(x: FloatArray, /) -> int:
    'Where the fall of the fund begins.'

def silent(x: float | None = None): ...

def counted(n: int) -> int:
    'The next one.'

def _private(x: float): ...

class Kept:
    def told(self) -> float:
        'Signed shares.'

    def untold(self, *, x: float) -> None:
        'The priceless daytime of sharesmen.'

class _Hidden:
    def untold(self, x: float): ...
"""


def test_what_the_rule_finds():
    assert without_unit(SAMPLE) == ["untold", "silent", "Kept.untold"]
