# SPDX-License-Identifier: Apache-2.0
"""What each key of a section means: the text below it in the source, read when somebody asks and not at every start."""

import ast
import inspect
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import pairwise
from types import MappingProxyType

from pydantic import BaseModel


@cache
def meanings(section: type[BaseModel]) -> Mapping[str, str]:
    """By key, as a YAML file spells it; a key with nothing below it is left out. A subclass says its own keys anew."""
    written: dict[str, str] = {}
    for owner in reversed(section.__mro__):
        if issubclass(owner, BaseModel) and owner is not BaseModel:
            written |= _below_names(_classes(owner.__module__).get(owner.__qualname__, ()))
    found = {field.alias or name: written.get(name, "") for name, field in section.model_fields.items()}
    return MappingProxyType({key: meaning for key, meaning in found.items() if meaning})


@cache
def _classes(module: str) -> Mapping[str, Sequence[ast.stmt]]:
    """The bodies of a module's classes by name."""
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {one.name: one.body for one in tree.body if isinstance(one, ast.ClassDef)}


def _below_names(body: Sequence[ast.stmt]) -> dict[str, str]:
    """The text right below each annotated name, empty where there is none."""
    written = {}
    for one, below in pairwise((*body, ast.Pass())):
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            text = below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else ""
            written[one.target.id] = inspect.cleandoc(text) if isinstance(text, str) else ""
    return written
