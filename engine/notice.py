# SPDX-License-Identifier: Apache-2.0
"""Notice: one sentence that stands beside the figures of a run, from whatever floor it comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Level = Literal["loud", "note"]


@dataclass(frozen=True, slots=True)
class Notice:
    """What a reader would otherwise not see.

    loud: it can change a figure. The text names what it is about (symbol, date) and what to do; shown behind "!".
    note: it cannot hurt; shown behind "-".
    """

    level: Level
    text: str

    def as_dict(self) -> dict[str, str]:
        """Level and text, as every JSON document has them."""
        return asdict(self)


def loud(text: str) -> Notice:
    """A notice without which the figures cannot be read."""
    return Notice("loud", text)


def note(text: str) -> Notice:
    """A notice that is good to know."""
    return Notice("note", text)


def loud_first(notices: Iterable[Notice]) -> list[Notice]:
    """Each notice once, the loud ones before the others, else in their order."""
    return sorted(dict.fromkeys(notices), key=lambda one: one.level != "loud")
