# SPDX-License-Identifier: Apache-2.0
"""A section `rules` with every expression read and checked: what is opened and closed when, and how much of it."""

from __future__ import annotations

import keyword
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.errors import nearest_name
from engine.indicators.parameter import LONGEST
from engine.model.parameter import Parameter
from engine.model.rules import Amounts, Conditions, Expression, RuleParam, Rules, Stop, Target
from engine.rules.check import Checker, Stage, is_condition, number_of
from engine.rules.parser import parse
from engine.rules.scope import OF_SOURCE, RESERVED, Scope
from engine.rules.tree import Mistake, Name, Node

Path = tuple[str, ...]
SIDES = ("long", "short")

MOST_HELD = 1_000_000
"""Most bars that a position may be held: more than any window, which it is not."""


@dataclass(frozen=True)
class Distance:
    """How far from the fill: `by` is atr or fraction, `window` that of the average true range."""

    by: str
    amount: Node
    window: Node | None
    trailing: bool = False


@dataclass(frozen=True)
class Book:
    """Roles that are opened and closed together.

    key     "" where the rules have one book of all roles, else the role that stands alone
    legs    role -> its weight or shares on the long side; None where the volatility says it
    enter, exit  side -> condition; a side that is not there is never taken, or never left by a condition
    """

    key: str
    legs: Mapping[str, Node | None]
    enter: Mapping[str, Node]
    exit: Mapping[str, Node]


@dataclass(frozen=True)
class Plan:
    """Everything that the source is written from."""

    scope: Scope
    checker: Checker
    books: tuple[Book, ...]
    shares: bool
    volatility: Node | None
    window: Node | None
    most: Node | None
    rebalance: Node | None
    band: Node | None
    stop: Distance | None
    target: Distance | None
    hold: Node | None
    when: Node | None


def read(rules: Rules, roles: Sequence[str], series: Sequence[str]) -> tuple[Plan | None, list[tuple[Path, Mistake]]]:
    """The plan of a section, None where there are mistakes; each with the keys of where it is."""
    reading = _Reading(rules, tuple(roles), tuple(series))
    plan = reading.plan()
    return (None if reading.mistakes else plan), reading.mistakes


class _Reading:
    def __init__(self, rules: Rules, roles: tuple[str, ...], series: tuple[str, ...]) -> None:
        self.rules = rules
        self.mistakes: list[tuple[Path, Mistake]] = []
        params = {name: _param(name, given) for name, given in rules.params.items()}
        trees = {name: self.tree(("features", name), text) for name, text in rules.features.items()}
        self.scope = Scope(roles, series, params, trees)
        self.checker = Checker(self.scope)

    def plan(self) -> Plan:
        for name, one in self.scope.params.items():
            self._name("params", name)
            if one.parse(one.default) is None:
                self.wrong(
                    ("params", name), "the default is out of bounds", found=f"{one.default:g}", allowed=one.allowed
                )
        for name in self.scope.features:
            self._name("features", name)
        for name, tree in self.scope.features.items():
            self._feature(name, tree)
        books = self._books()
        size = self.rules.size
        volatile = size.volatility is not None
        return Plan(
            scope=self.scope,
            checker=self.checker,
            books=books,
            shares=size.shares is not None,
            volatility=self.number(("size", "volatility"), size.volatility),
            window=self._bars(("size", "window"), size.window, 2) if volatile else None,
            most=self.number(("size", "most"), size.most) if volatile else None,
            rebalance=self.condition(("size", "rebalance"), size.rebalance),
            band=self.number(("size", "band"), size.band),
            stop=self._distance("stop", self.rules.stop, books),
            target=self._distance("target", self.rules.target, books),
            hold=self._bars(("hold",), self.rules.hold, 1, MOST_HELD),
            when=self.condition(("when",), self.rules.when),
        )

    def wrong(self, path: Path, message: str, **parts: str) -> None:
        self.mistakes.append((path, Mistake(-1, message, **parts)))

    def tree(self, path: Path, text: Expression) -> Node | None:
        """The tree of a value; None, and a mistake more, where it cannot be read."""
        try:
            return parse(str(text).lower() if isinstance(text, bool) else str(text))
        except Mistake as mistake:
            self.mistakes.append((path, mistake))
            return None

    def condition(self, path: Path, text: Expression | None) -> Node | None:
        """The tree of a condition; None where there is none, or a wrong one."""
        tree = None if text is None else self.tree(path, text)
        try:
            if tree is not None:
                self.checker.condition(tree)
        except Mistake as mistake:
            self.mistakes.append((path, mistake))
        return tree

    def number(self, path: Path, text: Expression | None) -> Node | None:
        """The tree of a number; None where there is none, or a wrong one."""
        tree = None if text is None else self.tree(path, text)
        try:
            if tree is not None:
                self.checker.beforehand(tree)
        except Mistake as mistake:
            self.mistakes.append((path, mistake))
        return tree

    def _bars(self, path: Path, text: Expression | None, low: int, high: int = LONGEST) -> Node | None:
        """A number of bars: written, or a parameter."""
        return None if text is None else self._setting(path, text, Parameter(path[-1], int, None, low, high))

    def _setting(self, path: Path, text: Expression, setting: Parameter) -> Node | None:
        tree = self.tree(path, text)
        try:
            if tree is not None:
                self.checker.setting(tree, setting, ".".join(path[:-1]))
        except Mistake as mistake:
            self.mistakes.append((path, mistake))
        return tree

    def _name(self, section: str, name: str) -> None:
        path = (section, name)
        taken = {"role": self.scope.roles, "series": self.scope.series}
        kind = next((kind for kind, names in taken.items() if name in names), "")
        if section == "features" and name in self.rules.params:
            kind = "parameter"
        if kind:
            self.wrong(path, f"{name} is the name of a {kind} already", found=name, allowed="another name")
        elif name in RESERVED or name in OF_SOURCE or keyword.iskeyword(name):
            self.wrong(path, f"{name} is a word of the language", found=name, allowed="another name")

    def _feature(self, name: str, tree: Node | None) -> None:
        if tree is None:
            return
        path = ("features", name)
        try:
            self.checker.feature(Name(0, name))
            if is_condition(tree, self.checker):
                self.checker.condition(tree)
            elif self.checker.beforehand(tree) < Stage.MARKET:
                self.wrong(path, "nothing here changes from bar to bar", allowed=f"rules.params: {{{name}: ...}}")
        except Mistake as mistake:
            self.mistakes.append((path, mistake))

    def _books(self) -> tuple[Book, ...]:
        enter, exit_ = self.rules.enter, self.rules.exit
        keys = set(enter) if isinstance(enter, dict) else set()
        by_role = bool(keys & set(self.scope.roles)) and not keys & set(SIDES)
        if not by_role:
            entries = self._sides(("enter",), enter, self.scope.roles)
            exits = self._sides(("exit",), exit_, self.scope.roles, both=True) if exit_ is not None else {}
            return (Book("", self._legs(self.scope.roles), entries, exits),)
        assert isinstance(enter, dict)
        books = []
        exits_by_role = exit_ if isinstance(exit_, dict) else {}
        if exit_ is not None and not isinstance(exit_, dict):
            self.wrong(("exit",), "enter is by role, so exit is too", allowed=", ".join(self.scope.roles))
        for role in enter:
            if role not in self.scope.roles:
                self._no_role(("enter", role), role)
                continue
            exits = self._sides(("exit", role), exits_by_role[role], (), both=True) if role in exits_by_role else {}
            books.append(Book(role, self._legs((role,)), self._sides(("enter", role), enter[role], ()), exits))
        for role in exits_by_role:
            if role not in self.scope.roles:
                self._no_role(("exit", role), role)
            elif role not in enter:
                self.wrong(("exit", role), f"{role} is never entered", allowed=", ".join(enter))
        return tuple(books)

    def _no_role(self, path: Path, role: str) -> None:
        roles = self.scope.roles
        self.wrong(path, "no such role", found=role, allowed=", ".join(roles), nearest=nearest_name(role, roles))

    def _sides(
        self, path: Path, given: Conditions | Mapping[str, Expression], roles: Sequence[str], *, both: bool = False
    ) -> dict[str, Node]:
        """Side -> condition. A condition without a side is for the long one, an exit for both."""
        if not isinstance(given, Mapping):
            tree = self.condition(path, given)
            return {} if tree is None else dict.fromkeys(SIDES if both else SIDES[:1], tree)
        found: dict[str, Node] = {}
        if not given:
            self.wrong(path, "empty", allowed="long and short" + (f", or by role: {', '.join(roles)}" if roles else ""))
        for side, text in given.items():
            if side not in SIDES or isinstance(text, dict):
                allowed = "long, short" + (f", or each of {', '.join(roles)}" if roles else "")
                known = (*SIDES, *roles)
                self.wrong((*path, side), "no side", found=side, allowed=allowed, nearest=nearest_name(side, known))
                continue
            tree = self.condition((*path, side), text)
            if tree is not None:
                found[side] = tree
        return found

    def _legs(self, roles: Sequence[str]) -> dict[str, Node | None]:
        """Role -> weight or shares."""
        size = self.rules.size
        name = "shares" if size.shares is not None else "weight"
        given: Amounts | None = size.shares if size.shares is not None else size.weight
        if size.volatility is not None:
            if len(roles) > 1:
                allowed = "weight by role, or enter by role"
                self.wrong(("size", "volatility"), "the volatility of several roles is not one number", allowed=allowed)
            return dict.fromkeys(roles)
        if isinstance(given, dict):
            for role in given:
                if role not in self.scope.roles:
                    self._no_role(("size", name, role), role)
            missing = [role for role in roles if role not in given]
            if missing and len(roles) == 1:
                self.wrong(("size", name), f"nothing for {missing[0]}", allowed=f"{missing[0]}: {name}")
            return {role: self._amount(("size", name, role), given[role]) for role in roles if role in given}
        if len(roles) > 1:
            allowed = "; ".join(f"{role}: {'-0.5' if at else '0.5'}" for at, role in enumerate(roles[:2]))
            path = ("size", name) if given is not None else ("enter",)
            self.wrong(path, f"several roles: how much of each? size: {{{name}: {{ROLE: ...}}}}", allowed=allowed)
            return {}
        return {role: self._amount(("size", name), 1.0 if given is None else given) for role in roles}

    def _amount(self, path: Path, text: Expression) -> Node | None:
        tree = self.number(path, text)
        if tree is not None and number_of(tree) == 0:
            self.wrong(path, "nothing would be held", found="0", allowed="a weight above 0, below 0 for a short leg")
        return tree

    def _distance(self, key: str, given: Stop | Target | None, books: Sequence[Book]) -> Distance | None:
        if given is None:
            return None
        if any(len(book.legs) > 1 for book in books):
            message = f"a {key} is a price of one role, and several are held together"
            self.wrong((key,), message, allowed="a condition of exit, or enter by role")
        if self.rules.size.rebalance is not None:
            message = f"a {key} is measured from one fill, and rebalance adds others"
            self.wrong((key,), message, allowed="one of the two, or a condition of exit")
        by = "atr" if given.atr is not None else "fraction"
        text = given.atr if given.atr is not None else given.fraction
        bounds = (0.001, 1000.0) if by == "atr" else (0.00001, 0.99)
        assert text is not None  # the model has one of both
        tree = self._setting((key, by), text, Parameter(by, float, None, *bounds))
        window = self._bars((key, "window"), given.window, 1) if by == "atr" else None
        if tree is None:
            return None
        return Distance(by, tree, window, isinstance(given, Stop) and given.trailing)


def _param(name: str, given: float | RuleParam) -> Parameter:
    """A parameter as declared: a fraction until it is used where only a whole number will do."""
    if not isinstance(given, RuleParam):
        return Parameter(name, float, given)
    return Parameter(name, float, given.default, given.low, given.high, unit=given.unit, doc=given.doc)
