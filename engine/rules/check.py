# SPDX-License-Identifier: Apache-2.0
"""Whether an expression means something: its names, what its functions are given, numbers against conditions."""

from __future__ import annotations

from dataclasses import replace
from enum import IntEnum

from engine.errors import nearest_name
from engine.indicators.parameter import LONGEST
from engine.model.parameter import Parameter
from engine.rules import functions
from engine.rules.scope import BARS, CALENDAR, COLUMNS, CONSTANTS, FLAGS, Scope
from engine.rules.tree import (
    Both,
    Call,
    Comparison,
    Mistake,
    Name,
    Node,
    Not,
    Number,
    Sign,
    Sum,
    start,
)

PLAIN = 250
"""Longest window that is written as a number; a longer one has a name, so that checks of a live session know of it."""

CIRCLE = "features that need one another have no value"

DEEPEST = 16
"""Most features that stand on one another."""


DEEP = f"more than {DEEPEST} features stand on one another here"


class Stage(IntEnum):
    """When a number is known."""

    WRITTEN = 0
    """A number as it stands."""
    PARAM = 1
    """Before the run: parameters are in it."""
    MARKET = 2
    """For every bar beforehand: prices and series are in it."""
    BAR = 3
    """At the decision: how long a position has been held."""


class Checker:
    """Checks the expressions of one scope; says which of its features are conditions and which parameters are whole."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.order: dict[str, None] = {}
        self._within: list[str] = []

    def number(self, node: Node) -> Stage:
        """When the number is known. Raises Mistake where the expression is none."""
        if isinstance(node, Number):
            return Stage.WRITTEN
        if isinstance(node, Name):
            return self._named_number(node)
        if isinstance(node, Sign):
            return self.number(node.of)
        if isinstance(node, Sum):
            stages = self.number(node.left), self.number(node.right)
            if node.sign == "/":
                _divides(node, max(stages))
            return max(stages)
        if isinstance(node, Call):
            return self._call(node)
        raise Mistake(node.at, "a condition, where a number is meant")

    def beforehand(self, node: Node) -> Stage:
        """`number` of what features() can compute. Raises Mistake for what is known at the decision alone."""
        stage = self.number(node)
        if stage == Stage.BAR:
            raise Mistake(start(node), "known at the decision alone: for enter, exit and when")
        return stage

    def condition(self, node: Node) -> None:
        """Raises Mistake where the expression is no condition."""
        if isinstance(node, Comparison):
            stages = [self.number(one) for one in node.operands]
            if max(stages) == Stage.WRITTEN:
                raise Mistake(start(node), "numbers alone: this never changes")
        elif isinstance(node, Not):
            self.condition(node.of)
        elif isinstance(node, Both):
            for part in node.parts:
                self.condition(part)
        elif not (isinstance(node, Name) and (node.name in (*CONSTANTS, *FLAGS) or self.feature(node) is True)):
            self.number(node)
            what = node.name if isinstance(node, Name) else "this"
            raise Mistake(start(node), "a number, where a condition is meant", allowed=f"a comparison: {what} > 0")

    def feature(self, name: Name) -> bool | None:
        """Whether the feature of this name is a condition, after a check of it; None where it is no feature."""
        features = self.scope.features
        if name.name not in features:
            return None
        if name.name in self._within:
            circle = " -> ".join([*self._within[self._within.index(name.name) :], name.name])
            raise Mistake(name.at, CIRCLE, found=circle)
        if name.name not in self.scope.conditions:
            self.scope.conditions[name.name] = self._feature(name)
        return self.scope.conditions[name.name]

    def _feature(self, name: Name) -> bool:
        """Whether the feature is a condition. What is wrong inside is told where that feature is written."""
        node = self.scope.features[name.name]
        if node is None:
            return False
        if len(self._within) >= DEEPEST:
            raise Mistake(name.at, DEEP)
        self._within.append(name.name)
        condition = False
        try:
            condition = is_condition(node, self)
            (self.condition if condition else self.number)(node)
        except Mistake as mistake:
            if mistake.message in (CIRCLE, DEEP):  # also wrong with whoever needs it
                raise Mistake(name.at, mistake.message, found=mistake.found) from mistake
        finally:
            self._within.pop()
        if not condition:
            self.order[name.name] = None
        return condition

    def _named_number(self, node: Name) -> Stage:
        name = node.name
        if "." in name:
            self.scope.column(node)
            return Stage.MARKET
        condition = self.feature(node)
        if condition is not None:
            if condition:
                raise Mistake(node.at, f"{name} is a condition, where a number is meant", found=name)
            return Stage.MARKET
        if name in self.scope.params:
            return Stage.PARAM
        if name in self.scope.series:
            self.scope.used_series[name] = None
            return Stage.MARKET
        if name in CALENDAR:
            return Stage.MARKET
        if name == BARS:
            return Stage.BAR
        if name in self.scope.roles:
            columns = ", ".join(f"{name}.{one}" for one in COLUMNS)
            raise Mistake(node.at, f"{name} is a role: which of its columns?", found=name, allowed=columns)
        if name in (*CONSTANTS, *FLAGS):
            raise Mistake(node.at, f"{name} is a condition, where a number is meant", found=name)
        raise self.scope.unknown(node)

    def _call(self, call: Call) -> Stage:
        of = functions.function(call)
        first = call.given[0] if call.given else None
        by_role = isinstance(first, Name) and first.name in self.scope.roles
        if by_role and not of.columns:
            assert isinstance(first, Name)
            raise Mistake(
                first.at, f"{of.name} takes series, and {first.name} is a role", allowed=f"{first.name}.close"
            )
        given = functions.bound(call, of, by_role=by_role)
        stages = [self._series(given[name], of, name) for name in of.series if name in given]
        if not by_role and max(stages) < Stage.MARKET:
            raise Mistake(start(call.given[0]) if call.given else call.at, "nothing here changes from bar to bar")
        for setting in of.settings:
            if setting.name in given:
                self.setting(given[setting.name], setting, of.name)
        return Stage.MARKET

    def _series(self, node: Node, of: functions.Function, name: str) -> Stage:
        stage = self.number(node)
        if stage == Stage.BAR:
            raise Mistake(start(node), f"{of.name} takes what is known beforehand, and this is known at the decision")
        if stage < Stage.MARKET and name not in of.levels:
            raise Mistake(
                start(node), f"{of.name} takes a series as {name}", allowed=f"such as {self.scope.roles[0]}.close"
            )
        return stage

    def setting(self, node: Node, setting: Parameter, owner: str) -> None:
        """Check one number for the whole run: a written one, or a parameter, which gets the bounds of what it sets."""
        what = f"{owner}: {setting.name}" if owner else setting.name
        if setting.choices or setting.kind is bool:
            value = node.name if isinstance(node, Name) else None
            given = {"true": True, "false": False}.get(str(value)) if setting.kind is bool else value
            if setting.parse(given) is None:
                raise Mistake(
                    start(node), f"{what} is not one of these", found=str(value or ""), allowed=setting.allowed
                )
            return
        if isinstance(node, Name) and node.name in self.scope.params:
            self._by_param(node, setting, what)
            return
        value_ = number_of(node)
        if isinstance(node, Name) and node.name not in self.scope.names():
            known = tuple(self.scope.params)
            raise Mistake(
                node.at,
                "no such parameter",
                found=node.name[:40],
                allowed=f"a number{', or '.join(['', *known])}",
                nearest=nearest_name(node.name, known),
            )
        if value_ is None:
            raise Mistake(
                start(node),
                f"{what} is one number for the whole run",
                allowed="a number or a parameter" + (f": {', '.join(self.scope.params)}" if self.scope.params else ""),
            )
        if setting.parse(value_) is None:
            raise Mistake(start(node), f"{what} is out of bounds", found=f"{value_:g}", allowed=setting.allowed)
        if is_window(setting) and value_ > PLAIN:
            raise Mistake(
                start(node),
                f"a window of more than {PLAIN} bars needs a name, which tells checks how far features look back",
                found=f"{value_:g}",
                allowed=f"params: {{{setting.name}: {value_:g}}}",
            )

    def _by_param(self, node: Name, setting: Parameter, what: str) -> None:
        """The parameter gets the bounds of what it sets."""
        own = self.scope.params[node.name]
        if setting.kind is int and not isinstance(own.default, int):
            raise Mistake(node.at, f"{what} is a whole number, and {node.name} is not", found=f"{own.default:g}")
        if setting.parse(own.default) is None:
            raise Mistake(
                node.at, f"{what} is out of bounds", found=f"{node.name} = {own.default:g}", allowed=setting.allowed
            )
        low = max((one for one in (own.low, setting.low) if one is not None), default=None)
        high = min((one for one in (own.high, setting.high) if one is not None), default=None)
        self.scope.params[node.name] = replace(
            own,
            kind=int if setting.kind is int else own.kind,
            low=low,
            high=high,
            lookback=1 if is_window(setting) else own.lookback,
        )


def is_window(setting: Parameter) -> bool:
    """Whether a setting counts bars that are looked back by."""
    return setting.kind is int and setting.high == LONGEST


def is_condition(node: Node | None, checker: Checker) -> bool:
    """Whether an expression is a condition by its form."""
    if isinstance(node, Name):
        return node.name in (*CONSTANTS, *FLAGS) or (
            node.name in checker.scope.features and bool(checker.feature(node))
        )
    return isinstance(node, Comparison | Not | Both)


def number_of(node: Node) -> int | float | None:
    """The value of a number with or without a sign; None where something else is written."""
    if isinstance(node, Sign):
        inner = number_of(node.of)
        return None if inner is None else -inner
    return node.value if isinstance(node, Number) else None


def _divides(node: Sum, stage: Stage) -> None:
    """On_bar divides by numbers alone: features know what to do with nothing."""
    by = number_of(node.right)
    if by == 0:
        raise Mistake(start(node.right), "a division by zero", found="0")
    if by is None and stage in (Stage.PARAM, Stage.BAR):
        raise Mistake(
            start(node.right),
            "only a number divides here",
            allowed="a number; what prices are in may be divided by anything",
        )
