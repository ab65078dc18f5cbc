# SPDX-License-Identifier: Apache-2.0
"""What is doubted in bars that a run may still start on: a sentence, and the sessions that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine.notice import Notice, loud, note

REACH = 3 * 366
"""Calendar days before the first session of a run that its features are taken to look back on."""


@dataclass(frozen=True, slots=True)
class Doubt:
    """What may be wrong, on sessions first..last (days since 1970-01-01), and what to do about it.

    series, absent  of a series that lacks values: its name, and the sessions on which an earlier one stands
    unclosed  of the newest session, which lacks its last bars: while it still trades there is nothing to doubt
    symbol  whose table is meant, of what only several together show
    """

    text: str
    first: int
    last: int
    series: str = ""
    absent: tuple[int, ...] = ()
    unclosed: bool = False
    symbol: str = ""


def said(doubts: Iterable[Doubt], first: int, last: int) -> list[Notice]:
    """The notices for a run over sessions first..last: loud where it can see what is doubted, nothing of what is later.

    What lies more than three years before the run is a note: few features look back that far.
    """
    return [loud(one.text) if one.last >= first - REACH else note(one.text) for one in doubts if one.first <= last]
