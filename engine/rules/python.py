# SPDX-License-Identifier: Apache-2.0
"""Checked expressions as Python: what is known beforehand goes into features(), the rest stands in on_bar.

A comparison with a missing value is not fulfilled, and neither is its opposite: `not` is carried down to the
comparisons, which turn round, and IEEE's comparisons with NaN are false. `!=` alone is true of NaN in Python; it
becomes `<` or `>`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from engine.rules import functions
from engine.rules.check import Checker, Stage, number_of
from engine.rules.scope import BARS, CALENDAR, COLUMNS, FLAGS, OF_SOURCE, PRICES, RESERVED, Scope
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

_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_STRENGTH = {"+": 1, "-": 1, "*": 2, "/": 2}
SIGN = 3

MOST_PARTS = 200
"""Most comparisons of a condition once the conditions that it names are written out."""

Condition = str | bool
"""The source of a condition, or what it always is."""


@dataclass
class Source:
    """Expressions of one scope as Python. `features` are those that on_bar reads or that have a name of the author's.

    compared  the comparisons of the conditions written so far
    watched  feature -> the parameters that it is compared with;  bars  where a book counts its bars, if it `counts`
    """

    checker: Checker
    features: dict[str, str] = field(default_factory=dict)
    watched: dict[str, dict[str, None]] = field(default_factory=dict)
    bars: str = "s.bars"
    counts: bool = False
    compared: list[tuple[Node, str, Node]] = field(default_factory=list)
    _parts: int = 0

    @property
    def scope(self) -> Scope:
        return self.checker.scope

    def name_features(self) -> None:
        """Write the author's features, each behind those that it needs."""
        for name in self.checker.order:
            node = self.scope.features[name]
            assert node is not None
            self.features[name] = self.series(node)

    def series(self, node: Node) -> str:
        """The source of a number inside features()."""
        return self._series(node, 0)

    def _series(self, node: Node, around: int) -> str:
        if isinstance(node, Number):
            return repr(node.value)
        if isinstance(node, Name):
            return self._series_name(node.name)
        if isinstance(node, Sign):
            return f"-{self._series(node.of, SIGN)}"
        if isinstance(node, Sum):
            return self._series_sum(node, around)
        assert isinstance(node, Call)
        return self._called(node)

    def _series_name(self, name: str) -> str:
        if "." in name or name in self.scope.series or name in CALENDAR:
            return f"market.{name}"
        return f"p.{name}" if name in self.scope.params else name

    def _series_sum(self, node: Sum, around: int) -> str:
        if node.sign == "/" and not _never_zero(node.right):
            return f"elementwise.divide({self._series(node.left, 0)}, {self._series(node.right, 0)})"
        own = _STRENGTH[node.sign]
        text = f"{self._series(node.left, own)} {node.sign} {self._series(node.right, own + 1)}"
        return f"({text})" if own < around else text

    def _called(self, call: Call) -> str:
        of = functions.function(call)
        first = call.given[0] if call.given else None
        by_role = isinstance(first, Name) and first.name in self.scope.roles
        given = functions.bound(call, of, by_role=by_role)
        if by_role:
            assert isinstance(first, Name)
            parts = [f"market.{first.name}.{column}" for column in of.columns]
        else:
            parts = [self._series(given[name], 0) for name in of.series]
        for setting in of.settings:
            if setting.name in given:
                parts.append(f"{setting.name}={self.setting(given[setting.name])}")
        return f"{of.python}({', '.join(parts)})"

    def setting(self, node: Node) -> str:
        """The source of what is one number for the whole run, inside features()."""
        if isinstance(node, Name):
            if node.name in self.scope.params:
                return f"p.{node.name}"
            return {"true": "True", "false": "False"}.get(node.name) or f'"{node.name}"'
        return repr(number_of(node))

    def number(self, node: Node) -> str:
        """The source of a number inside on_bar."""
        return self._number(node, 0)

    def _number(self, node: Node, around: int) -> str:
        if isinstance(node, Name) and node.name in CALENDAR:
            return f"bar.{node.name}"
        if self.checker.number(node) == Stage.MARKET:
            return f"f.{self.feature(node)}"
        if isinstance(node, Number):
            return repr(node.value)
        if isinstance(node, Sign):
            return f"-{self._number(node.of, SIGN)}"
        if isinstance(node, Sum):
            own = _STRENGTH[node.sign]
            text = f"{self._number(node.left, own)} {node.sign} {self._number(node.right, own + 1)}"
            return f"({text})" if own < around else text
        assert isinstance(node, Name)
        if node.name == BARS:
            self.counts = True
            return self.bars
        return f"p.{node.name}"

    def feature(self, node: Node, wanted: str = "") -> str:
        """The name of the feature that a number is; where it has none one is made."""
        if isinstance(node, Name) and node.name in self.scope.features:
            return node.name
        return self.put(wanted or words(node), self.series(node))

    def told(self, node: Node) -> str:
        """A condition in its own words, behind its name where it has one."""
        named = self.scope.features.get(node.name) if isinstance(node, Name) else None
        return words(node) if named is None else f"{words(node)}: {words(named)}"

    def put(self, wanted: str, source: str) -> str:
        """The name of the feature with this source: one that there is, or a new one after what is `wanted`."""
        for name, known in self.features.items():
            if known == source:
                return name
        stem = re.sub(r"[^a-z0-9]+", "_", wanted.lower()).strip("_")[:40].rstrip("_")
        stem = stem if stem[:1].isalpha() else f"x_{stem}"
        taken = {*self.features, *self.scope.features, *self.scope.params, *self.scope.roles, *RESERVED, *OF_SOURCE}
        free = (f"{stem}_{number}" if number else stem for number in range(len(taken) + 1))
        name = next(one for one in free if one not in taken)
        self.features[name] = source
        return name

    def condition(self, node: Node) -> Condition:
        """The source of a condition inside on_bar. Raises Mistake where it is too long with what it names."""
        self._parts = 0
        return self._condition(node, yes=True)

    def _condition(self, node: Node, *, yes: bool) -> Condition:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise Mistake(
                start(node), "too long with the conditions that it names", allowed=f"{MOST_PARTS} comparisons"
            )
        if isinstance(node, Not):
            return self._condition(node.of, yes=not yes)
        if isinstance(node, Both):
            word = node.word if yes else {"and": "or", "or": "and"}[node.word]
            return joined(word, [self._condition(part, yes=yes) for part in node.parts])
        if isinstance(node, Name):
            if node.name in FLAGS:
                return f"bar.{node.name} == {int(yes)}"
            named = self.scope.features.get(node.name)
            return (node.name == "true") == yes if named is None else self._condition(named, yes=yes)
        assert isinstance(node, Comparison)
        pairs = zip(node.operands, node.signs, node.operands[1:], strict=False)
        return joined("and" if yes else "or", [self._compared(*pair, yes=yes) for pair in pairs])

    def _compared(self, left: Node, sign: str, right: Node, *, yes: bool) -> str:
        sign = sign if yes else _OPPOSITE[sign]
        self.compared.append((left, sign, right))
        one, other = self.number(left), self.number(right)
        self._watch(one, other)
        self._watch(other, one)
        if sign == "!=":
            return f"({one} < {other} or {one} > {other})"
        return f"{one} {sign} {other}"

    def _watch(self, one: str, other: str) -> None:
        """`tandem signals` shows a feature beside the parameters that it is compared with."""
        threshold = other.removeprefix("-")
        if one.startswith("f.") and threshold.startswith("p.") and threshold[2:].isidentifier():
            self.watched.setdefault(one[2:], {})[threshold[2:]] = None


def joined(word: str, parts: list[Condition]) -> Condition:
    """Conditions with `and` or `or` between; what always is or never is goes out."""
    stops = word == "or"  # the value that decides all
    if stops in [part for part in parts if isinstance(part, bool)]:
        return stops
    left = list(dict.fromkeys(part for part in parts if isinstance(part, str)))
    if not left:
        return not stops
    return left[0] if len(left) == 1 else f"({f' {word} '.join(left)})"


def words(node: Node) -> str:
    """An expression as a person writes it."""
    return _words(node, 0)


def _words(node: Node, around: int) -> str:
    if isinstance(node, Number):
        return repr(node.value)
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Sign):
        return f"-{_words(node.of, 6)}"
    if isinstance(node, Not):
        return f"not {_words(node.of, 3)}"
    if isinstance(node, Call):
        given = [_words(one, 0) for one in node.given]
        return f"{node.name}({', '.join([*given, *(f'{key}={_words(one, 0)}' for key, one in node.named)])})"
    if isinstance(node, Sum):
        own = _STRENGTH[node.sign] + 3
        text = f"{_words(node.left, own)} {node.sign} {_words(node.right, own + 1)}"
    elif isinstance(node, Comparison):
        own, texts = 3, [_words(one, 4) for one in node.operands]
        text = texts[0] + "".join(f" {sign} {one}" for sign, one in zip(node.signs, texts[1:], strict=True))
    else:
        assert isinstance(node, Both)
        own = 1 if node.word == "or" else 2
        text = f" {node.word} ".join(_words(part, own + 1) for part in node.parts)
    return f"({text})" if own < around else text


def _never_zero(node: Node) -> bool:
    """Whether a divisor can be seen not to be 0: a number, a price."""
    role, _, column = node.name.partition(".") if isinstance(node, Name) else ("", "", "")
    return (
        column in PRICES and column in COLUMNS and bool(role)
        if isinstance(node, Name)
        else number_of(node) not in (None, 0)
    )
