# SPDX-License-Identifier: Apache-2.0
"""What a broker leaves of a position that rules have left, turned or guarded, as lines of on_bar.

An order may be refused (a margin call, no shares to lend, a cash account), and a margin call takes stops back. What is
then held is no position of the rules any more: it is closed, by as many orders as it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

LEFT = "left", "left over: an order of these rules was refused or taken back"
"""Key and words of the reason of the order that closes it."""


@dataclass
class Remains:
    """The fields and lines of one book.

    suffix  "" or "_ROLE" of a role that stands alone;  legs  its roles
    entries, closings  field of State of each leg: the order that opened it, the order that closes it
    turned   whether an entry may turn a position;  guards  fields of State that hold the ids of stop and target
    closes   whether the rules have an exit
    state    what is declared is put there
    """

    suffix: str
    legs: Sequence[str]
    entries: Sequence[str]
    turned: bool
    guards: Sequence[str]
    closes: bool
    state: dict[str, str] = field(default_factory=dict)

    @property
    def any(self) -> bool:
        """Whether anything of a position can be left: without a way out, another side and a stop nothing can."""
        return self.turned or self.closes or bool(self.guards)

    @property
    def leaving(self) -> str:
        """Where it is remembered that what is held is to go."""
        return self._field(f"leaving{self.suffix}")

    def opened(self) -> list[str]:
        """The line of an entry: what it asks for is held on purpose."""
        return [f"{self.leaving} = 0"] if self.any else []

    @property
    def free(self) -> str | bool:
        """When an entry may be sent: the stop of one would guard nothing of what an exit has still to sell."""
        return f"{self.leaving} == 0" if self.guards else True

    def wanted(self, role: str, amount: str) -> tuple[list[str], str]:
        """Lines before an entry for a leg, and the amount that it sends: of several, what was wanted is remembered."""
        if not self.turned or len(self.legs) == 1:
            return [], amount
        kept = self._field(f"wanted_{role}", "float = 0.0")
        return [f"{kept} = {amount}"], kept

    def closed(self, reason: str) -> list[str]:
        """The lines that close every leg, and remember that it is to go."""
        return [*self._sent(reason), f"{self.leaving} = 1"]

    def noticed(self, side: str, held: str) -> Iterator[str]:
        """Forget a side that is not held any more as the rules have it."""
        if not self.any:
            return
        yield f"if not {held}:"
        yield f"    {self.leaving} = 0"
        if self.turned:
            yield f"elif {self._on_the_other_side(side)}:"
            yield f"    {side} = 0  # the order that was to turn it was refused"
            yield f"    {self.leaving} = 1"
        lost = [f"(s.{one} != 0 and not orders.working(s.{one}))" for one in self.guards]
        if lost:
            both = lost[0][1:-1] if len(lost) == 1 else f"({' or '.join(lost)})"
            yield f"elif {side} != 0 and {both}:"
            yield f"    {side} = 0  # a margin call took back what guarded it"
            yield f"    {self.leaving} = 1"

    def sent_again(self, held: str, reason: Callable[[str, str, str], str]) -> Iterator[tuple[str, list[str]]]:
        """Close what no order is closing; while a margin call is at work every order would be refused."""
        if self.any:
            idle = " or ".join(f"orders.working({self._closing(role)})" for role in self.legs)
            idle = f"({idle})" if len(self.legs) > 1 else idle
            when = f"{self.leaving} == 1 and {held} and not {idle} and account.frozen == 0"
            yield when, self._sent(reason(*LEFT, "EXIT"))

    def _on_the_other_side(self, side: str) -> str:
        if len(self.legs) == 1:
            return f"{side} * account.{self.legs[0]}.qty < 0.0 and not orders.working(s.{self.entries[0]})"
        opposite = [
            f"({self._field(f'wanted_{role}', 'float = 0.0')} * account.{role}.qty < 0.0"
            f" and not orders.working(s.{entry}))"
            for role, entry in zip(self.legs, self.entries, strict=True)
        ]
        return f"{side} != 0 and ({' or '.join(opposite)})"

    def _sent(self, reason: str) -> list[str]:
        return [f"{self._closing(role)} = orders.close({role.upper()}, {reason})" for role in self.legs]

    def _closing(self, role: str) -> str:
        return self._field(f"closing{self.suffix}" if len(self.legs) == 1 else f"closing_{role}")

    def _field(self, name: str, kind: str = "int = 0") -> str:
        self.state.setdefault(name, kind)
        return f"s.{name}"
