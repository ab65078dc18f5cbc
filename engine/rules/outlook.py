# SPDX-License-Identifier: Apache-2.0
"""What rules would do at a later close, for signals: each comparison of a condition with how far it is from holding."""

from __future__ import annotations

from collections.abc import Iterator

from engine.rules.ahead import Ahead
from engine.rules.book import BookWriter
from engine.rules.python import Source, words
from engine.rules.tree import Name, Node, Sign, Sum
from engine.strategy.conditions import CLOSES

AWAY = "away"
"""What stands behind a distance whose unit nobody has said."""

TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def outlook(books: list[BookWriter]) -> list[str]:
    """The lines of `conditions()`: entries while out of a position or on the other side, exits and `hold` in one."""
    lines: list[str] = []
    for one in books:
        one.source.bars = one.bars
        for word, trees in (("enter", one.book.enter), ("exit", one.book.exit)):
            for side, tree in trees.items():
                if word == "exit" and side not in one.book.enter:
                    continue
                told = list(_told(one, word, side, tree))
                if told:
                    out, inside = ("<=", ">") if side == "long" else (">=", "<")
                    lines.append(f"if {one.side} {out if word == 'enter' else inside} 0:")
                    lines += [f"    yield {line}" for line in told]
        if one.plan.hold is not None:
            does, limit = f"exits {one.book.key}".rstrip(), one.source.number(one.plan.hold)
            lines.append(f"if {one.side} != 0:")
            held = f"held for {words(one.plan.hold)} bars"
            lines.append(f'    yield Condition("{does}", "{held}", True, {limit}, "{CLOSES}", {one.bars})')
    return lines


def _told(one: BookWriter, word: str, side: str, tree: Node) -> Iterator[str]:
    one.source.compared.clear()
    if one.source.condition(tree) is False:
        return
    compared = list(dict.fromkeys(one.source.compared))
    key = f" {one.book.key}" if one.book.key else ""
    does = f"{word}s {side}{key}"
    when = [f"all of it: {words(tree)}"] if len(compared) > 1 and not isinstance(tree, Name) else []
    when += [f"all of it: {one.source.told(tree)}"] if len(compared) > 1 and isinstance(tree, Name) else []
    when += [f"looked at when {words(one.plan.when)}"] if one.plan.when is not None else []
    for left, sign, right in compared:
        yield from _condition(one.source, does, (left, sign, right), "; ".join(when))


def _condition(source: Source, does: str, compared: tuple[Node, str, Node], when: str) -> Iterator[str]:
    """One comparison: what moves is on the left; a price of a role, or the ratio of two, is told as a price."""
    left, sign, right = compared
    if _priced(right) and not _priced(left):
        left, sign, right = right, TURNED.get(sign, sign), left
    now, at = source.number(left), source.number(right)
    if not (_priced(left) or now.startswith("f.")) and at.startswith("f."):
        left, sign, right, now, at = right, TURNED.get(sign, sign), left, at, now
    if sign not in TURNED or "bar." in now + at:  # a calendar is no distance
        return
    of, above = _priced(left), str(sign in (">", ">="))
    ahead, known = Ahead(source.scope), []
    if ahead.lagged(right):
        level = ahead.next(right)
        if level is None:  # the next bar has a say in it: what it is now is a level of no close
            return
        at, known = source.number(level), [f"{words(right)} at the next close"]
    value = ahead.next(left) if ahead.lagged(left) else None
    if value is not None:
        now, known = source.number(value), [*known, f"{words(left)} at the next close"]
    if of:
        still = [f"{words(right)} as it stands"] if at.startswith("f.") and not known else []
        note = "; ".join(part for part in (*still, *known, when) if part)
        yield f'Condition("{does}", "{of}", {above}, {at}, when="{note}")'
        return
    note = "; ".join(part for part in (*known, when) if part)
    named = right.of if isinstance(right, Sign) else right
    param = named.name if isinstance(named, Name) else ""
    unit = source.scope.params[param].unit if param in source.scope.params else ""
    yield f'Condition("{does}", "{words(left)}", {above}, {at}, "{_plain(unit) or AWAY}", {now}, "{note}")'


def _priced(node: Node) -> str:
    """The role whose close a number is, `a/b` of the ratio of two; empty of anything else."""
    if isinstance(node, Name):
        role, _, column = node.name.partition(".")
        return role if column == "close" else ""
    if isinstance(node, Sum) and node.sign == "/":
        above, below = _priced(node.left), _priced(node.right)
        if above and below and "/" not in above + below:
            return f"{above}/{below}"
    return ""


def _plain(unit: str) -> str:
    """A unit without what could end a text of Python."""
    return "".join(sign for sign in unit if sign.isascii() and (sign.isalnum() or sign in " %/-."))
