# SPDX-License-Identifier: Apache-2.0
"""Rules that can be read and still do not mean what they say.

A condition that never holds, a long side that sells, an exit that ends each entry at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.model.parameter import Parameter
from engine.model.rules import Rules
from engine.rules.check import number_of
from engine.rules.overlap import overlaps
from engine.rules.plan import Path, Plan
from engine.rules.python import Source
from engine.rules.tree import Mistake, Name, Node, start


def mistaken(rules: Rules, plan: Plan) -> list[tuple[Path, Mistake]]:
    """What is wrong in a plan without other mistakes; a parameter that is a size gets the bounds of one."""
    return [*_never(rules, plan), *_below_zero(rules, plan), *overlaps(rules, plan)]


def _never(rules: Rules, plan: Plan) -> Iterator[tuple[Path, Mistake]]:
    """An entry, and what entries wait for, that can never hold."""
    conditions: list[tuple[Path, Node]] = [] if plan.when is None else [(("when",), plan.when)]
    for book in plan.books:
        path: Path = ("enter", book.key) if book.key else ("enter",)
        given = rules.enter[book.key] if book.key and isinstance(rules.enter, Mapping) else rules.enter
        for side, tree in book.enter.items():
            conditions.append(((*path, side) if isinstance(given, Mapping) else path, tree))
    for path, tree in conditions:
        try:
            if Source(plan.checker).condition(tree) is False:
                allowed = "a condition that can hold" + (", or no `when`" if path == ("when",) else "")
                yield path, Mistake(start(tree), "this never holds, so nothing would be traded", allowed=allowed)
        except Mistake as mistake:
            yield path, mistake


def _below_zero(rules: Rules, plan: Plan) -> Iterator[tuple[Path, Mistake]]:
    """The size of a role alone, whose side is said by `enter`: a sign would turn it round."""
    name = "shares" if plan.shares else "weight"
    given = rules.size.shares if plan.shares else rules.size.weight
    sizes: dict[Path, Node | None] = {("size", "volatility"): plan.volatility, ("size", "most"): plan.most}
    for book in plan.books:
        if len(book.legs) == 1:
            ((role, tree),) = book.legs.items()
            sizes[("size", name, role) if isinstance(given, dict) else ("size", name)] = tree
    for path, tree in sizes.items():
        number = None if tree is None else number_of(tree)
        if tree is not None and number is not None and number <= 0:
            allowed = "a number above 0; enter: {short: ...} is the other side"
            yield (
                path,
                Mistake(start(tree), "a size is above 0 where a role is alone", found=f"{number:g}", allowed=allowed),
            )
        elif isinstance(tree, Name) and tree.name in plan.scope.params:
            try:
                plan.checker.setting(tree, Parameter(path[1], float, None, 0.0), "size")
            except Mistake as mistake:
                yield path, mistake
