# SPDX-License-Identifier: Apache-2.0
"""Calls: orders, the author's own functions, and the few of Python's that give the same number in both modes."""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import types
from enum import IntEnum
from typing import Any

from engine.errors import StrategyError
from engine.strategy.language.expressions import Expressions
from engine.strategy.language.names import NOT_FOUND
from engine.strategy.language.source import read_source
from engine.strategy.language.values import (
    BOOL,
    FLOAT,
    INT,
    ORDERS,
    UNKNOWN,
    Kind,
    Number,
    Numbers,
    Record,
    Several,
    Value,
    describe,
)
from engine.strategy.language.vocabulary import (
    BUILTINS,
    BUILTINS_REFUSED,
    KINDS,
    MATH,
    MATH_BOOL,
    MATH_INT,
    MATH_REFUSED,
    MATH_TWO,
    NUMPY_INSTEAD,
    ORDER_METHODS,
)
from engine.strategy.source.authors import is_authors


class Calls(Expressions):
    """Checks what is called, with what, and what it gives back."""

    def _value_call(self, node: ast.Call) -> Value:
        if not self.is_static(node.func):
            return self._of_local(node)
        thing = self.static(node.func)
        if thing is NOT_FOUND:
            self._arguments(node)
            return UNKNOWN
        if isinstance(thing, types.FunctionType) and not self._of_library(thing):
            return self._own(node, thing)
        if thing is len and len(node.args) == 1 and not node.keywords and self._has_length(node.args[0]):
            return INT
        if (name := _name_in(builtins, thing)) in BUILTINS:
            return self._builtin(node, name)
        if (name := _name_in(math, thing)) in MATH:
            return self._math(node, name)
        self._arguments(node)
        return self.say(node, _why_not(thing, node), found=f"{ast.unparse(node.func)}(...)")

    def _of_local(self, node: ast.Call) -> Value:
        """A call of something local: `orders.method(...)`, or nothing that can be called."""
        if not isinstance(node.func, ast.Attribute):
            self._arguments(node)
            if self.value(node.func) == UNKNOWN:
                return UNKNOWN
            return self.say(node, "this cannot be called", found=ast.unparse(node.func))
        owner = self.value(node.func.value)
        name = node.func.attr
        if name == "at" and isinstance(owner, Record):
            return self._at(node, owner)
        if owner != ORDERS or name not in ORDER_METHODS:
            self._arguments(node)
            if owner != ORDERS and isinstance(self.attribute(node.func, owner), Number):
                self.say(node, f"`{ast.unparse(node.func)}` is a number, not a function", found=ast.unparse(node))
            elif owner == ORDERS:
                self.attribute(node.func, owner)
            return UNKNOWN
        method = ORDER_METHODS[name]
        said = method.replace(return_annotation=inspect.Signature.empty)
        bound = self._bind(node, method, f"orders.{name}{said}")
        for label, argument in bound.items():
            if method.parameters[label].annotation is int:
                self.whole(argument, label)
            else:
                self.fraction(argument, label)
            if label == "role":
                self._place(argument, "role", self.inspection.roles)
            elif label == "slot":
                self._place(argument, "option slot", self.inspection.options)
        return KINDS[method.return_annotation]

    def _has_length(self, node: ast.expr) -> bool:
        """Whether it is the bar of a list of roles, or a State field of several numbers."""
        value = UNKNOWN if self.is_static(node) else self.value(node)
        counted = isinstance(value, Record) and value.shape == "bar" and value.each is not None
        return counted or isinstance(value, Several)

    def _at(self, node: ast.Call, owner: Record) -> Value:
        """`bar.at(i)` and its like: what a record has of the role with this number."""
        words = ast.unparse(node)
        if owner.each is None:
            self._arguments(node)
            message = "roles have numbers where they are a list; these have names"
            return self.say(node, message, found=words, allowed='bar.small, or `roles = Roles("etf", least=2)`')
        if len(node.args) != 1 or node.keywords:
            self._arguments(node)
            return self.say(node, "at() takes one whole number, the position of a role", found=words)
        self.whole(node.args[0], "the position of a role")
        self._place(node.args[0], "role", self.inspection.roles)
        if isinstance(owner.each, Record) and owner.each.fields is not None and not owner.each.fields:
            message = "features() gives nothing for each role"
            return self.say(node, message, found=words, allowed='{"score": {role: array for role in market.roles}}')
        return owner.each

    def _place(self, node: ast.expr, noun: str, names: tuple[str, ...]) -> None:
        """A role or slot given by a constant must exist, and a constant named after one must be its position."""
        if isinstance(node, ast.Constant) and type(node.value) is int:
            position = node.value
        elif self.is_static(node) and isinstance(thing := self.static(node), int):
            position = int(thing)
            name = ast.unparse(node).rpartition(".")[2].lower()
            if name in names and names.index(name) != position:
                self.say(
                    node,
                    f"{ast.unparse(node)} is {position}, but {noun} {name!r} is at position {names.index(name)}",
                    allowed=", ".join(f"{each.upper()} = {index}" for index, each in enumerate(names)),
                )
                return
        else:
            return
        if not 0 <= position < len(names):
            self.say(
                node,
                f"there is no {noun} {position}",
                found=ast.unparse(node),
                allowed=", ".join(f"{index} ({each})" for index, each in enumerate(names))
                or f"nothing: no {noun} is declared",
            )

    def _of_library(self, function: types.FunctionType) -> bool:
        """Whether Python, the engine or an installed library brings the function, rather than on_bar's author."""
        on_bar = self.inspection.active[0]
        return not is_authors(function.__code__.co_filename, on_bar.__code__.co_filename)

    def _own(self, node: ast.Call, function: types.FunctionType) -> Value:
        """A function of the author's: checked with the values it is given here, by the same rules."""
        try:
            signature = inspect.signature(function)
            source = read_source(function)
        except StrategyError as error:
            self._arguments(node)
            return self.say(node, error.problems[0].message, found=ast.unparse(node.func))
        if function in self.inspection.active:
            self._arguments(node)
            return self.say(node, f"{function.__name__} calls itself; write a `for` loop", found=ast.unparse(node.func))
        if bad := _unusual(signature):
            self._arguments(node)
            return self.say(node, f"{function.__name__}: {bad}", found=f"{function.__name__}{signature}")
        given = self._bind(node, signature, f"{function.__name__}{signature}")
        values: dict[str, Value] = {}
        for name, parameter in signature.parameters.items():
            if name in given:
                values[name] = self.value(given[name])
            elif parameter.default is not inspect.Parameter.empty:
                values[name] = self.constant(node, parameter.default)
            else:
                values[name] = UNKNOWN
        for name, value in values.items():
            if isinstance(value, Numbers | Several):
                how = "give s, and index it there" if isinstance(value, Several) else "give the numbers one by one"
                values[name] = self.say(node, f"{function.__name__}: {how}", found=ast.unparse(node))
        return self.inspection.check(source, self.inspection, values)

    def _builtin(self, node: ast.Call, name: str) -> Value:
        fewest, most = BUILTINS[name]
        kinds = self._arguments(node)
        if name == "round" and len(node.args) == 2:
            return self.say(
                node,
                "round(x, digits) differs between compiled and interpreted; write `round(x * 100.0) / 100.0`",
                found=ast.unparse(node),
            )
        if node.keywords or not fewest <= len(node.args) <= most:
            many = "two or more numbers" if most > 1 else "one number"
            return self.say(node, f"{name}() takes {many}", found=ast.unparse(node))
        if Kind.ENUM in kinds:
            return self.say(
                node, f"numba has no {name}() of an IntEnum member; write `.value` after it", found=ast.unparse(node)
            )
        if name in {"int", "round"}:
            return INT
        if name == "bool":
            self.no_bare_feature(node.args[0])
        if name in {"float", "bool"}:
            return FLOAT if name == "float" else BOOL
        return FLOAT if Kind.FLOAT in kinds else INT if set(kinds) <= {Kind.INT, Kind.BOOL} else UNKNOWN

    def _math(self, node: ast.Call, name: str) -> Value:
        kinds = self._arguments(node)
        count = 2 if name in MATH_TWO else 1
        if node.keywords or len(node.args) != count:
            instead = "; write `math.log(x) / math.log(base)`" if name == "log" else ""
            return self.say(
                node,
                f"math.{name}() takes {'two numbers' if count == 2 else 'one number'}{instead}",
                found=ast.unparse(node),
            )
        if Kind.ENUM in kinds:
            return self.say(
                node,
                f"numba has no math.{name}() of an IntEnum member; write `.value` after it",
                found=ast.unparse(node),
            )
        return INT if name in MATH_INT else BOOL if name in MATH_BOOL else FLOAT

    def _arguments(self, node: ast.Call) -> list[Kind | None]:
        """Look at every argument of a call, for the problems inside it; several numbers are no argument."""
        items = (*node.args, *(keyword.value for keyword in node.keywords))
        values = [self.value(item) for item in items]
        for item, value in zip(items, values, strict=True):
            if isinstance(value, Several):
                self.say(item, f"a number is needed here, not {describe(value)}", found=ast.unparse(item))
        return [value.kind if isinstance(value, Number) else None for value in values]

    def _bind(self, node: ast.Call, signature: inspect.Signature, usage: str) -> dict[str, ast.expr]:
        """The arguments by parameter name; on a mismatch a problem, and nothing."""
        keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        starred = any(isinstance(item, ast.Starred) for item in node.args) or len(keywords) < len(node.keywords)
        if starred:  # `*args` is refused as syntax; `**options` has no node of its own
            if len(keywords) < len(node.keywords):
                self.say(node, "no `**`: write every argument", found=ast.unparse(node))
            return {}
        try:
            return dict(signature.bind(*node.args, **keywords).arguments)
        except TypeError as error:
            self._arguments(node)
            self.say(node, f"wrong arguments: {error}", found=ast.unparse(node), allowed=usage)
            return {}


def _name_in(module: types.ModuleType, thing: Any) -> str:
    """The name under which `module` has this very function; empty otherwise."""
    name = getattr(thing, "__name__", "")
    return name if isinstance(name, str) and getattr(module, name, None) is thing else ""


def _unusual(signature: inspect.Signature) -> str:
    for parameter in signature.parameters.values():
        if parameter.kind is not inspect.Parameter.POSITIONAL_OR_KEYWORD:
            return "a function called from on_bar has plain parameters, without `*`, `**` or `/`"
    return ""


def _why_not(thing: Any, node: ast.Call) -> str:
    """Why `thing` cannot be called from on_bar, and what to write instead."""
    name = str(getattr(thing, "__name__", type(thing).__name__))
    module = str(getattr(thing, "__module__", "") or type(thing).__module__).partition(".")[0]
    written = ast.unparse(node.func)
    if _name_in(builtins, thing) in BUILTINS_REFUSED:
        return f"no {name}(): {BUILTINS_REFUSED[name]}"
    if _name_in(math, thing):
        return f"no math.{name}(): {MATH_REFUSED.get(name, 'it is not tested to give the same bits in both modes')}"
    if module == "numpy":
        instead = NUMPY_INSTEAD.get(name)
        return "no numpy in on_bar, where one number is one number; " + (
            f"write `{instead}`" if instead else "compute it in features()"
        )
    if isinstance(thing, type) and issubclass(thing, IntEnum):
        return f"numba cannot make a {name} from a number; compare the number with the members: `x == {name}.MEMBER`"
    if hasattr(thing, "py_func"):
        return f"{written} is compiled already, and interpreted runs could not stop in it; leave its decorator off"
    return f"{written} cannot be called from on_bar: only orders, math, {', '.join(BUILTINS)} and functions of your own"
