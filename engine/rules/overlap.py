# SPDX-License-Identifier: Apache-2.0
"""An exit that holds where the entry does: the position would be opened and closed at once, again and again.

Only what one comparison of each says of the same expression is looked at, against numbers and parameters. Of written
numbers it is a mistake; of parameters it is what they must not be, so that no other value of theirs can be asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from engine.model.parameter import Parameter
from engine.model.rules import Rules
from engine.rules.check import number_of
from engine.rules.plan import Path, Plan
from engine.rules.tree import Both, Comparison, Mistake, Name, Node, Sign, start

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True)
class Limit:
    """`of` compared by `sign` with a number, or with `times` the parameter `name`; at is where that is written."""

    of: Any
    sign: str
    at: int
    number: float = 0.0
    name: str = ""
    times: int = 1


def overlaps(rules: Rules, plan: Plan) -> Iterator[tuple[Path, Mistake]]:
    """Exits in which entries lie; parameters get the bounds that keep them apart."""
    for book in plan.books:
        path: Path = ("exit", book.key) if book.key else ("exit",)
        given = rules.exit[book.key] if book.key and isinstance(rules.exit, Mapping) else rules.exit
        for side, left in book.exit.items():
            where = (*path, side) if isinstance(given, Mapping) else path
            entry = list(_limits(book.enter[side], "and", plan)) if side in book.enter else []
            for out in _limits(left, "or", plan):
                for into in _that_keep_out(entry, out):
                    yield from _apart(plan, where, out.at, *_ordered(into, out))


def _that_keep_out(entry: list[Limit], out: Limit) -> list[Limit]:
    """Of an entry's limits those that have to keep it out of an exit: none where one of its numbers does so already."""
    facing = [into for into in entry if into.of == out.of and into.sign[0] != out.sign[0]]
    named, numbers = [one for one in facing if one.name], [one for one in facing if not one.name]
    if not numbers:
        return named
    tightest = (max if out.sign[0] == "<" else min)(numbers, key=lambda one: one.number)
    if out.name:
        return [tightest, *named]
    lower, upper = _ordered(tightest, out)
    return [] if lower.number <= upper.number else named or [tightest]


def _ordered(into: Limit, out: Limit) -> tuple[Limit, Limit]:
    """The limit that must not be above the other one, and that."""
    return (out, into) if into.sign[0] == ">" else (into, out)


def _limits(tree: Node, word: str, plan: Plan) -> Iterator[Limit]:
    """The comparisons of which all must hold (`and`), or of which each is enough (`or`)."""
    parts = tree.parts if isinstance(tree, Both) and tree.word == word else (tree,)
    for part in parts:
        if isinstance(part, Comparison) and len(part.operands) == 2 and part.signs[0] in MIRRORED:
            (left, right), sign = part.operands, part.signs[0]
            if (found := _limit(left, sign, right, plan)) or (found := _limit(right, MIRRORED[sign], left, plan)):
                yield found


def _limit(of: Node, sign: str, by: Node, plan: Plan) -> Limit | None:
    number = number_of(by)
    if number is not None:
        return Limit(_plain(of), sign, start(by), number)
    inner = by.of if isinstance(by, Sign) else by
    if isinstance(inner, Name) and inner.name in plan.scope.params:
        return Limit(_plain(of), sign, start(by), name=inner.name, times=-1 if isinstance(by, Sign) else 1)
    return None


def _plain(node: Any) -> Any:
    """A tree without the places where it stands."""
    if isinstance(node, tuple):
        return tuple(map(_plain, node))
    if not isinstance(node, Node.__args__):
        return node
    own = [_plain(getattr(node, one.name)) for one in fields(node) if one.name not in ("at", "places")]
    return (type(node).__name__, *own)


def _apart(plan: Plan, where: Path, at: int, lower: Limit, upper: Limit) -> Iterator[tuple[Path, Mistake]]:
    """What `lower` is must not be above what `upper` is."""
    params = plan.scope.params
    if not lower.name and not upper.name:
        if lower.number > upper.number:
            message = "the entry lies inside this exit: it would be closed as soon as it is opened"
            low, high = f"{lower.number:g}", f"{upper.number:g}"
            yield (
                where,
                Mistake(
                    at, message, found=f"{low} and {high}", allowed=f"an exit beyond {high}, or an entry beyond {low}"
                ),
            )
        return
    if lower.name and upper.name:
        if lower.name != upper.name and lower.times == upper.times:
            high, low = (upper.name, lower.name) if upper.times == 1 else (lower.name, upper.name)
            params[high] = replace(params[high], not_below=params[high].not_below or low)
            yield from _default(params[high], params[high].default >= params[low].default, f"at least {low}")
        return
    one, number = (upper, lower.number) if upper.name else (lower, upper.number)
    floor = (one is upper) == (one.times == 1)
    bound, old = one.times * number, params[one.name]
    if floor:
        params[one.name] = replace(old, low=bound if old.low is None else max(old.low, bound))
    else:
        params[one.name] = replace(old, high=bound if old.high is None else min(old.high, bound))
    fits = old.default >= bound if floor else old.default <= bound
    yield from _default(
        old, fits, f"{'at least' if floor else 'at most'} {bound:g}, for the entry not to lie inside its exit"
    )


def _default(one: Parameter, fits: bool, allowed: str) -> Iterator[tuple[Path, Mistake]]:
    if not fits:
        message = "with this default the entry lies inside the exit"
        yield ("params", one.name), Mistake(-1, message, found=f"{one.default:g}", allowed=allowed)
