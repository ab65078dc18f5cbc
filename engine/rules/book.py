# SPDX-License-Identifier: Apache-2.0
"""One book of a plan as the lines of on_bar: what is remembered, what is decided, where stops are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from engine.rules.check import Stage
from engine.rules.plan import Book, Distance, Plan
from engine.rules.python import Condition, Source, joined, words
from engine.rules.remains import Remains

OfReason = Callable[[str, str, str], str]


@dataclass
class BookWriter:
    """Writes one book. `state` is what it remembers: field -> type and first value."""

    plan: Plan
    book: Book
    source: Source
    reason: OfReason
    state: dict[str, str] = field(default_factory=dict)
    remains: Remains = field(init=False)

    def lines(self) -> list[str]:
        """The lines of on_bar for this book, without indentation."""
        self.source.bars, self.source.counts = self.bars, self.plan.hold is not None
        self._field("side")
        self.remains = self._remains()
        before = f"before{self._suffix}"
        conditions = {
            (word, side): self.source.condition(tree)
            for word, trees in (("enter", self.book.enter), ("exit", self.book.exit))
            for side, tree in trees.items()
        }
        amounts = {role: self._amount(role) for role in self.book.legs}
        known = self._sized(amounts)
        known = joined("and", [known, *(self._known(one) for one in (self.plan.stop, self.plan.target))])
        decides: list[str] = []
        when = True if self.plan.when is None else self.source.condition(self.plan.when)
        if isinstance(when, str):
            due = f"due{self._suffix}"
            decides = [f"{due} = {_outer(when)}"]
            when = due
        chain = [*self._entries(conditions, joined("and", [when, known]), before, amounts)]
        chain += [*self._exits(conditions, when, before), *self._held(before)]
        chain += [*self._rebalanced(when, known, before, amounts)]
        chain = [*self.remains.sent_again(self._holds, self._because), *chain]
        lines = [*self._counting(), f"{before} = {self.side}", *decides]
        word = "if"
        for condition, then in chain:
            lines += [f"{word} {_outer(condition)}:", *(f"    {line}" for line in then)]
            word = "elif"
        return lines

    @property
    def bars(self) -> str:
        """Where the bars of the position are counted."""
        return f"s.bars{self._suffix}"

    @property
    def side(self) -> str:
        """Where the side is: 1 long, -1 short, 0 neither."""
        return f"s.side{self._suffix}"

    @property
    def _suffix(self) -> str:
        return f"_{self.book.key}" if self.book.key else ""

    @property
    def _holds(self) -> str:
        return f"held{self._suffix}"

    def _remains(self) -> Remains:
        guards = [
            f"{name}{self._suffix}"
            for name, distance in (("stop", self.plan.stop), ("target", self.plan.target))
            if distance is not None
        ]
        legs = list(self.book.legs)
        entries = [self._entry(role) for role in legs]
        closes = self.plan.hold is not None or bool(self.book.exit)
        return Remains(self._suffix, legs, entries, len(self.book.enter) == 2, guards, closes, self.state)

    def _because(self, key: str, told: str, kind: str) -> str:
        return self.reason(self._key(key), told, kind)

    def _field(self, name: str) -> str:
        """A field of State for this book, declared by it."""
        self.state.setdefault(f"{name}{self._suffix}", "int = 0")
        return f"{name}{self._suffix}"

    def _amount(self, role: str) -> str:
        """Weight or shares of a role on the long side: a number, a parameter or a feature."""
        plan = self.plan
        if plan.volatility is None:
            tree = self.book.legs[role]
            assert tree is not None
            if self.plan.checker.number(tree) == Stage.MARKET:
                name = "shares" if plan.shares else "weight"
                return f"f.{self.source.feature(tree, name if len(plan.scope.roles) == 1 else f'{name}_{role}')}"
            return self.source.number(tree)
        assert plan.window is not None
        assert plan.most is not None
        measured = f"indicators.realised_vol(market.{role}.close, n={self.source.setting(plan.window)})"
        weight = f"elementwise.divide({self.source.series(plan.volatility)}, {measured})"
        text = f"elementwise.smaller({self.source.series(plan.most)}, {weight})"
        return f"f.{self.source.put(f'weight_{role}' if self.book.key else 'weight', text)}"

    def _sized(self, amounts: dict[str, str]) -> Condition:
        """Whether the sizes are known; that of a role alone has no sign, for `enter` says the side."""
        if len(amounts) == 1:
            (amount,) = amounts.values()
            return f"{amount} >= 0.0" if "f." in amount or "p." in amount else True
        return joined("and", [f"{amount} == {amount}" for amount in amounts.values() if amount.startswith("f.")])

    def _known(self, distance: Distance | None) -> Condition:
        """Whether the range that a stop or target is measured by is known."""
        return True if distance is None or distance.by != "atr" else f"{self._range(distance)} > 0.0"

    def _range(self, distance: Distance) -> str:
        (role,) = self.book.legs
        assert distance.window is not None
        columns = ", ".join(f"market.{role}.{column}" for column in ("high", "low", "close"))
        text = f"indicators.atr({columns}, n={self.source.setting(distance.window)})"
        return f"f.{self.source.put(f'atr_{role}', text)}"

    def _counting(self) -> Iterator[str]:
        """Count the bars of a position; forget one that something else has closed."""
        legs = list(self.book.legs)
        held = " or ".join(f"account.{role}.qty != 0.0" for role in legs)
        waits = " or ".join(f"orders.working(s.{self._entry(role)})" for role in legs)
        waits = f"({waits})" if len(legs) > 1 else waits
        yield f"{self._holds} = {held}"
        yield f"if {self.side} != 0 and not {self._holds} and not {waits}:"
        yield f"    {self.side} = 0  # closed by a stop, a target or the broker, or never filled"
        yield from self.remains.noticed(self.side, self._holds)
        if self.source.counts:
            self._field("bars")
            yield f"if {self.side} == 0:"
            yield f"    {self.source.bars} = 0"
            yield f"elif {self._holds}:"
            yield f"    {self.source.bars} += 1"

    def _entry(self, role: str) -> str:
        """The field that remembers the order which opened a role."""
        name = "entry" if len(self.book.legs) == 1 and not self.book.key else f"entry_{role}"
        self.state.setdefault(name, "int = 0")
        return name

    def _entries(
        self, conditions: dict[tuple[str, str], Condition], ready: Condition, before: str, amounts: dict[str, str]
    ) -> Iterator[tuple[str, list[str]]]:
        for side, sign, free in (("long", 1, "<="), ("short", -1, ">=")):
            tree = self.book.enter.get(side)
            flat = [f"{before} {free} 0", self.remains.free]
            whole = joined("and", [*flat, ready, conditions.get(("enter", side), False)])
            if tree is None or whole is False:
                continue
            reason = self.reason(self._key(f"enter_{side}"), self.source.told(tree), "ENTRY")
            then = [f"{self.side} = {sign}", *([f"{self.source.bars} = 0"] if self.source.counts else [])]
            then += self.remains.opened()
            for role, amount in amounts.items():
                then += [f"orders.cancel_all({role.upper()})"] if self._guards else []
                noted, signed = self.remains.wanted(role, amount if sign > 0 else _negative(amount))
                then += [*noted, f"s.{self._entry(role)} = {self._send(role, signed, reason)}"]
            yield str(whole), [*then, *self._children(sign)]

    def _send(self, role: str, amount: str, reason: str) -> str:
        method = "target_quantity" if self.plan.shares else "target"
        return f"orders.{method}({role.upper()}, {amount}, {reason})"

    def _exits(
        self, conditions: dict[tuple[str, str], Condition], when: Condition, before: str
    ) -> Iterator[tuple[str, list[str]]]:
        for side, sign in (("long", ">"), ("short", "<")):
            tree = self.book.exit.get(side)
            whole = joined("and", [f"{before} {sign} 0", when, conditions.get(("exit", side), False)])
            if tree is not None and whole is not False and side in self.book.enter:
                reason = self.reason(self._key(f"exit_{side}"), self.source.told(tree), "EXIT")
                yield str(whole), self._closed(reason)

    def _held(self, before: str) -> Iterator[tuple[str, list[str]]]:
        if self.plan.hold is not None:
            limit = self.source.number(self.plan.hold)
            told = f"held for {words(self.plan.hold)} bars"
            reason = self.reason(self._key("held"), told, "EXIT")
            yield f"{before} != 0 and {self.source.bars} >= {limit}", self._closed(reason)

    def _closed(self, reason: str) -> list[str]:
        return [*self.remains.closed(reason), f"{self.side} = 0"]

    def _rebalanced(
        self, when: Condition, known: Condition, before: str, amounts: dict[str, str]
    ) -> Iterator[tuple[str, list[str]]]:
        plan = self.plan
        if plan.rebalance is None:
            return
        whole = joined("and", [f"{before} != 0", when, known, self.source.condition(plan.rebalance)])
        if whole is False:
            return
        told = f"back to its size: {self.source.told(plan.rebalance)}"
        reason = self.reason(self._key("rebalance"), told, "REBALANCE")
        then = []
        for role, amount in amounts.items():
            assert plan.band is not None
            band, wanted = self.source.number(plan.band), f"{before} * {_factor(amount)}"
            off = f"abs({wanted} - account.{role}.value / account.equity) > {band}"
            then += [f"if account.equity > 0.0 and {off}:"]
            noted, wanted = self.remains.wanted(role, wanted)
            then += [f"    {line}" for line in (*noted, f"s.{self._entry(role)} = {self._send(role, wanted, reason)}")]
        yield str(whole), then

    @property
    def _guards(self) -> bool:
        return self.plan.stop is not None or self.plan.target is not None

    def _children(self, sign: int) -> Iterator[str]:
        """Stop and target of an entry: the engine measures them from its fill, in the bar of the fill."""
        if not self._guards:
            return
        (role,) = self.book.legs
        sent = []
        for name, distance in (("stop", self.plan.stop), ("target", self.plan.target)):
            if distance is not None:
                sent.append(f"s.{name}{self._suffix}")
                self._field(name)
                yield from self._child(name, distance, sign, role)
        if len(sent) == 2:
            yield f"if {sent[0]} > 0 and {sent[1]} > 0:"
            yield f"    orders.oco({sent[0]}, {sent[1]})"

    def _child(self, name: str, distance: Distance, sign: int, role: str) -> Iterator[str]:
        """A stop and a target on either side of what was paid; a distance that leaves no price sends none."""
        kept, entry = f"s.{name}{self._suffix}", f"s.{self._entry(role)}"
        method = "trailing_stop" if distance.trailing else {"stop": "stop_loss", "target": "take_profit"}[name]
        told = f"{_unit(distance)}, a {'loss' if name == 'stop' else 'profit'}"
        reason = self.reason(self._key(name), told, "STOP" if name == "stop" else "EXIT")
        if distance.by == "fraction":
            yield f"{kept} = orders.{method}_percent({entry}, {self.source.number(distance.amount)}, {reason})"
        elif (name == "stop") == (sign > 0):
            far = f"{name}_far{self._suffix}"
            yield f"{far} = {self._far(distance)} / bar.{role}.factor"
            yield f"{kept} = 0"
            yield f"if {far} < bar.{role}.close:"
            yield f"    {kept} = orders.{method}({entry}, {far}, {reason})"
        else:
            yield f"{kept} = orders.{method}({entry}, {self._far(distance)} / bar.{role}.factor, {reason})"
        yield f"orders.reduce_only({kept})"

    def _far(self, distance: Distance) -> str:
        """Multiples of the range, in prices continuous over splits."""
        return f"{_factor(self.source.number(distance.amount))} * {self._range(distance)}"

    def _key(self, name: str) -> str:
        return f"{self.book.key}_{name}".upper().lstrip("_")


def _outer(condition: str) -> str:
    """A condition without the parentheses around all of it."""
    if condition.startswith("(") and condition.endswith(")"):
        depth = 0
        for at, sign in enumerate(condition):
            depth += (sign == "(") - (sign == ")")
            if depth == 0 and at < len(condition) - 1:
                return condition
        return condition[1:-1]
    return condition


def _factor(text: str) -> str:
    """A number as one factor of a product."""
    return text if text.replace(".", "").replace("_", "").isalnum() else f"({text})"


def _negative(text: str) -> str:
    """The number with the other sign."""
    if text[:1] == "-" and _factor(text[1:]) == text[1:]:
        return text[1:]
    return f"-{_factor(text)}"


def _unit(distance: Distance) -> str:
    """How far a price is from what, in words."""
    if distance.trailing:
        return f"{words(distance.amount)} {'ATR from' if distance.by == 'atr' else 'of'} the best price since the fill"
    return f"{words(distance.amount)} {'ATR' if distance.by == 'atr' else 'of the price'} from the fill"
