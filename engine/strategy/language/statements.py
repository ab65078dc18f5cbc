# SPDX-License-Identifier: Apache-2.0
"""Statements: which names have a value where, what may be written, and what a function gives back."""

from __future__ import annotations

import ast
from collections.abc import Callable

from engine.strategy.language.calls import Calls
from engine.strategy.language.names import Inspection, bound_names
from engine.strategy.language.refused import looks_in, refused
from engine.strategy.language.source import Source
from engine.strategy.language.values import (
    FLOAT,
    INT,
    NOTHING,
    UNKNOWN,
    Kind,
    Marker,
    Number,
    Numbers,
    Record,
    Several,
    Value,
    describe,
    with_sure,
)

Scope = dict[str, Value] | None


def walk(source: Source, inspection: Inspection, arguments: dict[str, Value], fixed: tuple[str, ...] = ()) -> Value:
    """Check one function called with `arguments` and return what it gives back.

    fixed names the parameters that cannot be given another value. Problems go to the inspection's report; the
    function is added to its helpers when it is not the one that the check began with.
    """
    key = (source.function, tuple(arguments.values()))
    if key in inspection.results:
        return inspection.results[key]
    for node, sentence in refused(source.tree.body):
        inspection.report.add(source, node, sentence)
    inspection.active.append(source.function)
    walker = Statements(source, inspection, arguments, fixed)
    walker.block(source.tree.body)
    inspection.active.pop()
    inspection.results[key] = result = walker.given_back()
    if inspection.active:
        inspection.helpers.setdefault(source.function)
    return result


class Statements(Calls):
    """Walks a function's statements, joining what its names hold where paths meet."""

    def __init__(self, source: Source, inspection: Inspection, scope: dict[str, Value], fixed: tuple[str, ...]) -> None:
        super().__init__(source, inspection, scope)
        self.fixed = fixed
        self.returns: list[tuple[ast.AST, Value]] = []
        self.loops: list[tuple[list[Scope], list[Scope]]] = []  # scopes at each continue and each break

    def block(self, body: list[ast.stmt]) -> None:
        """Statements one after the other; what follows a return is never run and not looked at."""
        for statement in body:
            if self.scope is None:
                return
            rule: Callable[[ast.stmt], None] | None = getattr(self, f"_do_{type(statement).__name__.lower()}", None)
            if rule:
                rule(statement)
            else:
                self._forget(statement)

    def given_back(self) -> Value:
        """What the function gives back: one number (or tuple of numbers) on every path, or nothing on every path."""
        results = list(self.returns)
        if self.scope is not None:
            results.append((self.source.tree, NOTHING))
        if not results:
            return NOTHING
        node, value = results[0]
        for other, result in results[1:]:
            if (value == NOTHING) != (result == NOTHING) and UNKNOWN not in (value, result):
                place = node if value == NOTHING else other
                return self.say(
                    place,
                    f"{self.source.function.__name__} gives a number back on some paths and nothing on others; "
                    "end every path with `return <number>`",
                )
            value = self.meet(other, value, result, "what is returned")
        return value

    def _forget(self, statement: ast.stmt) -> None:
        """After a refused statement, whatever it may have set is unknown rather than missing."""
        assert self.scope is not None
        self.scope.update(dict.fromkeys(bound_names(statement), UNKNOWN))

    def _do_pass(self, statement: ast.Pass) -> None:
        """Nothing to look at."""

    def _do_expr(self, statement: ast.Expr) -> None:
        if self.inspection.interpreted and looks_in(statement):
            self.inspection.debugs = True
            return
        self.value(statement.value)

    def _do_return(self, statement: ast.Return) -> None:
        value = NOTHING if statement.value is None else self.value(statement.value)
        if isinstance(value, Record | Several):
            value = self.say(
                statement, "only numbers can be given back; return its fields", found=ast.unparse(statement)
            )
        elif value == NOTHING and statement.value is not None:
            value = UNKNOWN
        if value != NOTHING and len(self.inspection.active) == 1:
            self.say(statement, "on_bar gives nothing back: it speaks through orders and State; write `return`")
            value = NOTHING
        self.returns.append((statement, value))
        self.scope = None

    def _do_assign(self, statement: ast.Assign) -> None:
        value = self.value(statement.value)
        for target in statement.targets:
            self._store(target, value)

    def _do_annassign(self, statement: ast.AnnAssign) -> None:
        if statement.value is not None:
            self._store(statement.target, self.value(statement.value))

    def _do_augassign(self, statement: ast.AugAssign) -> None:
        both = ast.copy_location(ast.BinOp(statement.target, statement.op, statement.value), statement)
        self._store(statement.target, self.value(both))

    def _store(self, target: ast.expr, value: Value) -> None:
        """Write `value` to a name, to a State field, or part by part to a tuple of these."""
        if value == NOTHING:
            value = self.say(target, "what is called here gives nothing back", found=ast.unparse(target))
        if isinstance(target, ast.Tuple):
            self._store_parts(target, value)
        elif isinstance(target, ast.Name):
            self._store_name(target, value)
        elif isinstance(target, ast.Attribute):
            self._store_field(target, value)
        elif isinstance(target, ast.Subscript):
            self._store_one_of(target, value)

    def _store_one_of(self, target: ast.Subscript, value: Value) -> None:
        """Write one number of a State field that has several."""
        field = self.several(target)
        if isinstance(field, Several) and isinstance(target.value, ast.Attribute):
            member = isinstance(value, Number) and value.kind is Kind.ENUM
            if member:
                self.say(target, "numba cannot put an IntEnum member there; write `.value` after it")
            else:
                self._store_kind(target, target.value.attr, Number(field.kind), value)
        elif field is None:
            self.say(target, "a table of the file does not change; what changes belongs in State (s.name = ...)")

    def _store_parts(self, target: ast.Tuple, value: Value) -> None:
        if any(isinstance(part, ast.Starred) for part in target.elts):
            self._forget(ast.Expr(target))
            return
        parts = value.items if isinstance(value, Numbers) else ()
        if value != UNKNOWN and len(parts) != len(target.elts):
            self.say(target, f"{len(target.elts)} names for {describe(value)}", found=ast.unparse(target))
        for index, part in enumerate(target.elts):
            self._store(part, parts[index] if len(parts) == len(target.elts) else UNKNOWN)

    def _store_name(self, target: ast.Name, value: Value) -> None:
        assert self.scope is not None
        if target.id in self.fixed:
            self.say(target, f"{target.id!r} is what on_bar is given; use another name", found=ast.unparse(target))
            return
        if isinstance(value, Several):
            value = self.say(target, "a name holds one number; read them where they are, such as `s.ids[i]`")
        if isinstance(value, Numbers):
            value = self.say(target, f"a name holds one number, and this is {describe(value)}; write `a, b = ...`")
        before = self.scope.get(target.id)
        known = before is not None and UNKNOWN not in (value, with_sure(before, sure=True))
        if before is not None and known and isinstance(before, Number) != isinstance(value, Number):
            value = self.say(target, f"{target.id!r} was {describe(before)}; use another name for {describe(value)}")
        self.scope[target.id] = value

    def _store_field(self, target: ast.Attribute, value: Value) -> None:
        words = ast.unparse(target)
        if self.is_static(target):
            self.say(
                target, "module values cannot be written; what changes belongs in State (s.name = ...)", found=words
            )
            return
        owner = self.value(target.value)
        if isinstance(owner, Record) and owner.read_only:
            self.say(target, owner.read_only, found=f"{words} = ...")
            return
        field = self.attribute(target, owner)
        if isinstance(field, Several):
            self.say(target, f"{words} holds {field.length} numbers; write them one by one: `{words}[i] = ...`")
        elif isinstance(field, Number):
            self._store_kind(target, target.attr, field, value)

    def _store_kind(self, target: ast.expr, name: str, field: Number, value: Value) -> None:
        """A value written to a number of State, the field's own or one of several."""
        words = ast.unparse(target)
        if value == UNKNOWN:
            return
        if not isinstance(value, Number):
            self.say(target, f"a State field holds a number, not {describe(value)}", found=f"{words} = ...")
        elif field == INT and value.kind is Kind.FLOAT:
            self.say(
                target,
                f"{words} is declared as a whole number, and compiled code would cut the fraction off; "
                f"declare `{name}: float` in State, or write int(...)",
            )
        elif field == FLOAT and value.kind is Kind.ENUM:
            self.say(target, f"{words} is declared as float; declare `{name}: int` to hold an IntEnum member")

    def _do_if(self, statement: ast.If) -> None:
        self.truth(statement.test)
        before = self._copy()
        self.block(statement.body)
        after, self.scope = self.scope, before
        self.block(statement.orelse)
        self.scope = self._merge(statement, after, self.scope)

    def _do_for(self, statement: ast.For) -> None:
        self._loop(statement, self._counted(statement))

    def _do_while(self, statement: ast.While) -> None:
        """Refused, but looked through, so that all its problems are named at once."""
        self.truth(statement.test)
        self._loop(statement, None)

    def _loop(self, statement: ast.For | ast.While, item: Value | None) -> None:
        entry = self._copy()
        while True:  # kinds only widen, so this settles
            if item is not None and isinstance(statement, ast.For):
                self._store(statement.target, item)
            self.loops.append(([], []))
            self.block(statement.body)
            continues, breaks = self.loops.pop()
            around = entry
            for scope in (self.scope, *continues):
                around = self._merge(statement, around, scope)
            if around == entry:
                break
            self.scope, entry = dict(around) if around else around, around
        self.scope = dict(entry) if entry is not None else None
        self.block(statement.orelse)
        for scope in breaks:
            self.scope = self._merge(statement, self.scope, scope)

    def _counted(self, statement: ast.For) -> Value:
        """What a loop counts through: range(...), or whole numbers in brackets."""
        over = statement.iter
        if isinstance(over, ast.Call) and self.is_static(over.func) and self.static(over.func) is range:
            if over.keywords or not 1 <= len(over.args) <= 3:
                self.say(over, "range() takes one to three whole numbers", found=ast.unparse(over))
            for argument in over.args:
                self.whole(argument, "a bound of range()")
            return INT
        if isinstance(over, ast.Tuple) and over.elts:
            for element in over.elts:
                self.whole(element, "what a loop runs through")
            return INT
        self.value(over)
        return self.say(
            over,
            "a loop counts: write `for i in range(...)`, or `for role in (0, 1)`",
            found=f"for ... in {ast.unparse(over)}",
        )

    def _do_break(self, statement: ast.Break) -> None:
        self.loops[-1][1].append(self._copy())
        self.scope = None

    def _do_continue(self, statement: ast.Continue) -> None:
        self.loops[-1][0].append(self._copy())
        self.scope = None

    def _copy(self) -> Scope:
        return None if self.scope is None else dict(self.scope)

    def _merge(self, node: ast.AST, first: Scope, second: Scope) -> Scope:
        """What the names hold after two paths; a name set on only one of them is unsure."""
        if first is None or second is None:
            return second if first is None else first
        merged: dict[str, Value] = {}
        for name in sorted({*first, *second}):
            one, two = first.get(name), second.get(name)
            if one is None or two is None:
                only: Value = one or two or Marker("unknown")
                merged[name] = with_sure(only, sure=False)
            else:
                merged[name] = self.meet(node, one, two, name)
        return merged
