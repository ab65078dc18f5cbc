# SPDX-License-Identifier: Apache-2.0
"""Names: what a name or a dotted name in on_bar stands for, in its locals, in its file, or in Python."""

from __future__ import annotations

import ast
import builtins
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from typing import Any

import numpy as np

from engine.strategy.language.source import Report, Source
from engine.strategy.language.tables import table_kind
from engine.strategy.language.values import (
    BOOL,
    FLOAT,
    INT,
    MEMBER,
    ORDERS,
    UNKNOWN,
    Number,
    Record,
    Value,
    describe,
    with_sure,
)
from engine.strategy.language.vocabulary import DATES, NUMPY_INSTEAD, ORDER_METHODS


class Nothing:
    """Stands for a name that could not be resolved and has been reported."""


NOT_FOUND = Nothing()


@dataclass
class Inspection:
    """What one check knows beyond the function at hand: roles, option slots, problems, functions it came through.

    check   walks a function that on_bar calls, given its source, this inspection and the values of its arguments
    """

    check: Callable[[Source, Inspection, dict[str, Value]], Value]
    roles: tuple[str, ...]
    options: tuple[str, ...] = ()
    report: Report = field(default_factory=Report)
    active: list[types.FunctionType] = field(default_factory=list)
    results: dict[tuple[types.FunctionType, tuple[Value, ...]], Value] = field(default_factory=dict)
    helpers: dict[types.FunctionType, None] = field(default_factory=dict)  # callees before their callers
    interpreted: bool = False  # nothing is compiled: print and breakpoint are allowed
    debugs: bool = False  # whether there are any
    dates: set[str] = field(default_factory=set)  # what was read of the calendar
    constants: dict[str, str] = field(default_factory=dict)  # what was read from outside, and its value


def bound_names(tree: ast.AST) -> set[str]:
    """Every name that `tree` gives a value to, by whatever syntax."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).partition(".")[0])
    return names


class Names:
    """Resolves names of one function. `scope` maps locals to values; None after a return, where nothing runs."""

    def __init__(self, source: Source, inspection: Inspection, scope: dict[str, Value]) -> None:
        self.source = source
        self.inspection = inspection
        self.scope: dict[str, Value] | None = dict(scope)
        self.locals = set(scope)
        for statement in source.tree.body:
            self.locals |= bound_names(statement)

    def say(self, node: ast.AST, message: str, **more: Any) -> Value:
        """Report a problem at `node`; the value is unknown from here on."""
        self.inspection.report.add(self.source, node, message, **more)
        return UNKNOWN

    def local(self, node: ast.Name) -> Value:
        """The value of a local name; a name without a value on some path is garbage in compiled code."""
        assert self.scope is not None
        value = self.scope.get(node.id)
        if value is None or not value.sure:
            often = "on every path" if value is not None else "yet"
            self.scope[node.id] = UNKNOWN
            return self.say(
                node,
                f"{node.id!r} has no value here {often}, and compiled code would read whatever is there; "
                f"give it one first, such as `{node.id} = 0.0`",
            )
        return value

    def is_static(self, node: ast.expr) -> bool:
        """Whether `node` is a dotted name that starts outside the function."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id not in self.locals

    def static(self, node: ast.expr) -> Any:
        """The Python object that a dotted name from outside stands for; NOT_FOUND once reported."""
        if isinstance(node, ast.Name):
            return self._outside(node)
        assert isinstance(node, ast.Attribute)
        owner = self.static(node.value)
        if owner is NOT_FOUND:
            return NOT_FOUND
        if isinstance(owner, types.ModuleType):
            return self._of_module(node, owner)
        if isinstance(owner, type) and issubclass(owner, IntEnum):
            if node.attr in owner.__members__:
                return owner[node.attr]
            self.say(
                node,
                f"{owner.__name__} has no member {node.attr}",
                found=ast.unparse(node),
                allowed=list(owner.__members__),
                wanted=node.attr,
            )
        elif isinstance(owner, IntEnum) and node.attr == "value":
            return int(owner)
        elif isinstance(owner, IntEnum):
            self.say(node, "of an IntEnum member only `.value` can be read", found=ast.unparse(node))
        elif isinstance(owner, type) and issubclass(owner, Enum):
            self.say(node, f"only IntEnum members compile; make {owner.__name__} an IntEnum", found=ast.unparse(node))
        elif isinstance(owner, type) and inspect.isroutine(getattr(owner, node.attr, None)):
            dated = "; the date is in bar.year, bar.month, bar.weekday, the time in bar.minute"
            self.say(
                node,
                "a method of a class cannot be called in compiled code"
                + (dated if owner.__module__ == "datetime" else ""),
                found=ast.unparse(node),
            )
        elif isinstance(owner, type):
            self.say(
                node,
                "attributes of a class cannot be read in compiled code; move it to the top level of the file",
                found=ast.unparse(node),
            )
        else:
            self.say(node, f"fields of a {type(owner).__name__} cannot be read here", found=ast.unparse(node))
        return NOT_FOUND

    def _of_module(self, node: ast.Attribute, owner: types.ModuleType) -> Any:
        if hasattr(owner, node.attr):
            return getattr(owner, node.attr)
        self.say(
            node,
            f"module {owner.__name__} has no {node.attr}",
            found=ast.unparse(node),
            allowed="" if len(vars(owner)) > 99 else [name for name in vars(owner) if not name.startswith("_")],
            wanted=node.attr,
        )
        return NOT_FOUND

    def _outside(self, node: ast.Name) -> Any:
        function = self.source.function
        if node.id in function.__code__.co_freevars:
            self.say(
                node,
                f"{node.id!r} belongs to the function around this one; move it to the top level of the file",
            )
            return NOT_FOUND
        for space in (function.__globals__, vars(builtins)):
            if node.id in space:
                return space[node.id]
        inside = [
            thing.__name__
            for thing in function.__globals__.values()
            if isinstance(thing, type) and thing.__module__ == function.__module__ and node.id in vars(thing)
        ]
        if inside:
            self.say(
                node,
                f"{node.id} is in the body of class {inside[0]}, which its functions cannot see; "
                "move it to the top level of the file",
            )
        else:
            known = [*sorted(self.locals), *(name for name in function.__globals__ if not name.startswith("__"))]
            self.say(node, "no such name in this file", found=node.id, allowed=known, wanted=node.id)
        return NOT_FOUND

    def constant(self, node: ast.expr, thing: Any) -> Value:
        """The value of something found outside the function: numbers only, as they are when the run starts."""
        if thing is NOT_FOUND:
            return UNKNOWN
        for kind, value in ((bool, BOOL), (int, INT), (float, FLOAT)):
            if type(thing) is kind:
                self.inspection.constants[f"{self.source.name}: {ast.unparse(node)}"] = repr(thing)
                fits = kind is not int or -(2**63) <= thing < 2**63
                return value if fits else self.say(node, "does not fit in 64 bits", found=ast.unparse(node))
        if isinstance(thing, IntEnum):
            self.inspection.constants[f"{self.source.name}: {ast.unparse(node)}"] = repr(int(thing))
            return MEMBER
        words = ast.unparse(node)
        if isinstance(thing, Enum):
            return self.say(node, "only IntEnum members compile; make its class an IntEnum", found=words)
        if isinstance(thing, np.generic):
            return self.say(node, f"a numpy number; write `{words} = float(...)` where it is made", found=words)
        if isinstance(thing, tuple) and table_kind(thing):
            return self.say(node, f"a table is no number; index it: `{words}[i]`", found=words)
        if isinstance(thing, list | dict | set | tuple | np.ndarray | str | bytes):
            return self.say(
                node,
                f"a {type(thing).__name__} from the file cannot be used in on_bar; "
                "use numbers, Params, State, or compute it in features()",
                found=words,
            )
        if isinstance(thing, types.ModuleType):
            return self.say(node, "a module is no value", found=words)
        if thing is None:
            return self.say(node, "None is no number; use math.nan", found=words)
        if callable(thing):
            return self.say(node, f"a function or class is no value; call it: {words}(...)", found=words)
        return self.say(node, f"a {type(thing).__name__} cannot be used in on_bar: only numbers can", found=words)

    def attribute(self, node: ast.Attribute, owner: Value) -> Value:
        """The field `node.attr` of a local record."""
        if owner == UNKNOWN:
            return UNKNOWN
        words = ast.unparse(node)
        if isinstance(owner, Record):
            if owner.fields is None:
                return FLOAT
            if node.attr in owner.fields:
                if owner.shape == "bar" and node.attr in DATES:
                    self.inspection.dates.add(node.attr)
                return with_sure(owner.fields[node.attr], sure=True)
            return self.say(
                node,
                f"{owner.shape} has no {owner.noun} {node.attr!r}",
                found=words,
                allowed=list(owner.fields) or f"nothing: no {owner.noun} is declared",
                wanted=node.attr,
            )
        if owner == ORDERS:
            if node.attr in ORDER_METHODS:
                return self.say(node, f"`{words}` must be called: {words}(...)")
            return self.say(
                node, f"orders has no method {node.attr!r}", found=words, allowed=list(ORDER_METHODS), wanted=node.attr
            )
        if isinstance(owner, Number):
            instead = NUMPY_INSTEAD.get(node.attr, "")
            return self.say(node, "a number has no fields" + (f"; write {instead}" if instead else ""), found=words)
        return self.say(node, f"{describe(owner)} has no fields", found=words)
