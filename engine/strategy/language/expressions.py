# SPDX-License-Identifier: Apache-2.0
"""Expressions: which kind of number each one gives, and the mixtures that compile to something else or not at all."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from engine.strategy.language.names import NOT_FOUND, Names
from engine.strategy.language.tables import NO_INDEXING, why_no_table
from engine.strategy.language.values import (
    BOOL,
    FEATURE_ROWS,
    FLOAT,
    INT,
    UNKNOWN,
    Kind,
    Number,
    Numbers,
    Record,
    Several,
    Value,
    describe,
    join,
)

_MEMBER_BESIDE_FRACTION = (
    "numba cannot mix an IntEnum member with a fraction or a condition; write `.value` after the member"
)


class Expressions(Names):
    """Gives every expression a value. Refused syntax was reported before; here it is unknown and silent."""

    def value(self, node: ast.expr) -> Value:
        """What `node` is."""
        rule: Callable[[ast.expr], Value] | None = getattr(self, f"_value_{type(node).__name__.lower()}", None)
        return rule(node) if rule else UNKNOWN

    def kind(self, node: ast.expr) -> Kind | None:
        """The kind of a number; None where it is unknown or was reported as no number."""
        value = self.value(node)
        if isinstance(value, Number):
            return value.kind
        if value != UNKNOWN:
            self.say(node, f"a number is needed here, not {describe(value)}", found=ast.unparse(node))
        return None

    def truth(self, node: ast.expr) -> Kind | None:
        """A number used as a condition."""
        kind = self.kind(node)
        self.no_bare_feature(node)
        if kind is Kind.ENUM:
            self.say(
                node, "numba cannot take an IntEnum member as a condition; compare it: `!= 0`", found=ast.unparse(node)
            )
        return kind

    def no_bare_feature(self, node: ast.expr) -> None:
        """Report a feature that stands for whether something holds: `f.x`, and `f.at(i).x` of a list of roles."""
        if not isinstance(node, ast.Attribute) or self.is_static(node):
            return
        owner, words = self.value(node.value), ast.unparse(node)
        if isinstance(owner, Record) and owner.shape in FEATURE_ROWS:
            self.say(
                node,
                "a feature is NaN while there is not enough history, and NaN counts as true; compare it: "
                f"`{words} > 0.0`, or `{words} == {words}` for whether there is one",
                found=words,
            )

    def whole(self, node: ast.expr, use: str) -> None:
        """A whole number is needed: a role, a reason, a count."""
        if self.kind(node) is Kind.FLOAT:
            self.say(node, f"{use} is a whole number; write int(...)", found=ast.unparse(node))

    def fraction(self, node: ast.expr, use: str) -> None:
        """A number that compiled code keeps as a float: anything but an IntEnum member."""
        if self.kind(node) is Kind.ENUM:
            self.say(node, f"{use}: {_MEMBER_BESIDE_FRACTION}", found=ast.unparse(node))

    def _value_constant(self, node: ast.Constant) -> Value:
        kinds: dict[type, Value] = {bool: BOOL, int: INT, float: FLOAT}
        return kinds.get(type(node.value), UNKNOWN)

    def _value_name(self, node: ast.Name) -> Value:
        if node.id in self.locals:
            return self.local(node)
        return self.constant(node, self.static(node))

    def _value_attribute(self, node: ast.Attribute) -> Value:
        if self.is_static(node):
            return self.constant(node, self.static(node))
        return self.attribute(node, self.value(node.value))

    def several(self, node: ast.Subscript) -> Value | None:
        """The State field of several numbers that `node` takes one of, its index looked at; None for what is none.

        Unknown where the field or the index has been reported.
        """
        if not isinstance(node.value, ast.Attribute) or self.is_static(node.value):
            return None
        field = self.value(node.value)
        if not isinstance(field, Several):
            return UNKNOWN if field == UNKNOWN else None
        kind, words = self.kind(node.slice), ast.unparse(node)
        if isinstance(node.slice, ast.Slice) or kind not in (Kind.INT, None):
            return self.say(node, "a State field is indexed by one whole number; write int(...)", found=words)
        if isinstance(node.slice, ast.Constant) and not 0 <= int(node.slice.value) < field.length:  # type: ignore[arg-type]
            return self.say(node, f"there is no such number, they count from 0 to {field.length - 1}", found=words)
        return field

    def _value_subscript(self, node: ast.Subscript) -> Value:
        field = self.several(node)
        if field is not None:
            return Number(field.kind) if isinstance(field, Several) else UNKNOWN
        table = self._table(node)
        if table is None:
            return UNKNOWN
        if isinstance(table, tuple):
            return self.say(node, "a row of a table is no number; index it once more", found=ast.unparse(node))
        return INT if type(table) is int else FLOAT

    def _table(self, node: ast.expr) -> Any:
        """A constant of the file, or a number or row of it that stands for all of its; None once reported."""
        if isinstance(node, ast.Subscript):
            table = self._table(node.value)
            if table is None:
                self.value(node.slice)
                return None
            kind = self.kind(node.slice)
            if not isinstance(table, tuple):
                self.say(node, "this is a number already", found=ast.unparse(node))
                return None
            if isinstance(node.slice, ast.Slice) or kind not in (Kind.INT, None):
                self.say(node, "a table is indexed by one whole number; write int(...)", found=ast.unparse(node))
                return None
            return table[0]
        if not self.is_static(node):
            self.say(node, NO_INDEXING, found=ast.unparse(node))
            return None
        thing = self.static(node)
        if thing is NOT_FOUND:
            return None
        if why := why_no_table(thing):
            self.say(node, why, found=ast.unparse(node))
            return None
        self.inspection.constants[f"{self.source.name}: {ast.unparse(node)}"] = repr(thing)
        return thing

    def _value_tuple(self, node: ast.Tuple) -> Value:
        items = [self.kind(item) for item in node.elts]
        return Numbers(tuple(UNKNOWN if kind is None else Number(kind) for kind in items))

    def _value_namedexpr(self, node: ast.NamedExpr) -> Value:
        """Refused, but its name is known from here on."""
        assert self.scope is not None
        self.scope[node.target.id] = value = self.value(node.value)
        return value

    def _value_ifexp(self, node: ast.IfExp) -> Value:
        self.truth(node.test)
        return self.meet(node, self.value(node.body), self.value(node.orelse))

    def _value_boolop(self, node: ast.BoolOp) -> Value:
        kinds = [self.truth(item) for item in node.values]
        result: Value = UNKNOWN if None in kinds else BOOL
        for position, kind in enumerate(kinds):
            if kind is not None and result != UNKNOWN:
                result = Number(kind) if position == 0 else self.meet(node, result, Number(kind))
        return result

    def _value_unaryop(self, node: ast.UnaryOp) -> Value:
        if isinstance(node.op, ast.Not):
            self.truth(node.operand)
            return BOOL
        kind = self.kind(node.operand)
        if kind is None or isinstance(node.op, ast.Invert):
            return UNKNOWN
        return FLOAT if kind is Kind.FLOAT else INT

    def _value_binop(self, node: ast.BinOp) -> Value:
        left, right = self.kind(node.left), self.kind(node.right)
        if left is None or right is None or isinstance(node.op, ast.Pow | ast.MatMult | ast.LShift | ast.RShift):
            return UNKNOWN
        if isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor):
            return self._bits(node, left, right)
        if not self._compatible(node, left, right):
            return UNKNOWN
        return FLOAT if isinstance(node.op, ast.Div) or Kind.FLOAT in (left, right) else INT

    def _bits(self, node: ast.BinOp, left: Kind, right: Kind) -> Value:
        if left is right is Kind.BOOL:
            return BOOL
        if {left, right} <= {Kind.BOOL, Kind.INT}:
            return INT
        word = {ast.BitAnd: "and", ast.BitOr: "or"}.get(type(node.op), "!=")
        return self.say(
            node,
            f"`&`, `|` and `^` work on conditions and whole numbers, and bind tighter than comparisons; write `{word}`",
            found=ast.unparse(node),
        )

    def _value_compare(self, node: ast.Compare) -> Value:
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.In | ast.NotIn):
                self._membership(left, right)
            elif not isinstance(operator, ast.Is | ast.IsNot):
                one, two = self.kind(left), self.kind(right)
                if one is not None and two is not None:
                    self._compatible(node, one, two)
            left = right
        return BOOL

    def _membership(self, left: ast.expr, right: ast.expr) -> None:
        if not isinstance(right, ast.Tuple) or not right.elts:
            self.say(
                right, "after `in` stands a list of whole numbers in brackets: `in (1, 2)`", found=ast.unparse(right)
            )
            return
        for item in (left, *right.elts):
            self.whole(item, "what is compared by `in`")

    def _compatible(self, node: ast.expr, left: Kind, right: Kind) -> bool:
        if {left, right} == {Kind.ENUM, Kind.FLOAT}:
            self.say(node, _MEMBER_BESIDE_FRACTION, found=ast.unparse(node))
            return False
        return True

    def meet(self, node: ast.AST, first: Value, second: Value, name: str = "it") -> Value:
        """The value where two paths meet."""
        both = join(first, second)
        if both is not None:
            return both
        if isinstance(first, Number) and isinstance(second, Number):
            return self.say(node, f"{name}: {_MEMBER_BESIDE_FRACTION}")
        return self.say(
            node, f"{name} is {describe(first)} on one path and {describe(second)} on another; use two names"
        )
