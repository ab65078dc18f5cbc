# SPDX-License-Identifier: Apache-2.0
"""What a number will be at the next close, where the bars up to now say it: `lag(x, 1)` is then what x is now."""

from __future__ import annotations

from engine.rules.check import number_of
from engine.rules.scope import Scope
from engine.rules.tree import Call, Name, Node, Number, Sign, Sum, below

LAG = "lag"


class Ahead:
    """Expressions of one scope a bar ahead."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._known: dict[str, Node | None] = {}
        self._lagged: dict[str, bool] = {}

    def lagged(self, node: Node) -> bool:
        """Whether a lag is in it, or in a feature that it names."""
        if isinstance(node, Name):
            if node.name not in self._lagged:
                of = self._scope.features.get(node.name)
                self._lagged[node.name] = of is not None and self.lagged(of)
            return self._lagged[node.name]
        return (isinstance(node, Call) and node.name == LAG) or any(self.lagged(part) for part in below(node))

    def next(self, node: Node) -> Node | None:
        """The expression whose value now is that of `node` at the next close; None where the next bar has a say."""
        if isinstance(node, Number):
            return node
        if isinstance(node, Name):
            return self._named(node)
        if isinstance(node, Sign):
            of = self.next(node.of)
            return None if of is None else Sign(node.at, of)
        if isinstance(node, Sum):
            left, right = self.next(node.left), self.next(node.right)
            return None if left is None or right is None else Sum(node.at, node.sign, left, right)
        return self._called(node) if isinstance(node, Call) else None

    def _named(self, node: Name) -> Node | None:
        if node.name in self._scope.params:
            return node
        if node.name not in self._known:
            of = self._scope.features.get(node.name)
            self._known[node.name] = None if of is None else self.next(of)
        return self._known[node.name]

    def _called(self, node: Call) -> Node | None:
        if node.name != LAG:
            given = [self.next(one) for one in node.given]
            named = [(key, self.next(one)) for key, one in node.named]
            parts = tuple(one for one in given if one is not None)
            by_name = tuple((key, one) for key, one in named if one is not None)
            whole = len(parts) == len(given) and len(by_name) == len(named)
            return Call(node.at, node.name, parts, by_name) if whole else None
        if len(node.given) != 2:
            return None
        of, bars = node.given[0], number_of(node.given[1])
        if not isinstance(bars, int) or bars < 1:  # a parameter: no expression says one bar less
            return None
        return of if bars == 1 else Call(node.at, LAG, (of, Number(node.given[1].at, bars - 1)), ())
