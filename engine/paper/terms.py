# SPDX-License-Identifier: Apache-2.0
"""What a run of the bridge was told: whose account, which symbols, how much, and how long to wait for an answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.model.paper import PaperLimits
from engine.paper.gates.facts import Timing

NEW_YORK = ZoneInfo("America/New_York")
Sessions = Callable[[int, int], tuple[tuple[int, int], ...]]
"""The exchange's regular sessions that touch a span of time: (open, close) in ns UTC."""


@dataclass(frozen=True)
class Terms:
    """Constant for as long as the bridge lives. Waits are seconds.

    account     the account's id, or '' for the only one behind the login
    live        accounts that are no paper accounts are meant
    send        without it nothing is sent: a dry run
    client      the client id under which orders are placed; never 0, never shared
    symbols     what the run trades
    netted      several strategies share the account, and a position is the sum of theirs
    adopts      a journal that is new takes over what is held without a person's word: a copy that nothing is sent from
    kill_file   while it exists nothing is sent
    settle      how long the broker gets to come to rest before it is asked again
    answer      how long a new order may stay without a word of the broker
    """

    account: str
    live: bool
    send: bool
    client: int
    symbols: frozenset[str]
    limits: PaperLimits
    timing: Timing
    sessions: Sessions
    kill_file: Path
    netted: bool = False
    adopts: bool = False
    settle: float = 5.0
    answer: float = 10.0


def broker_day(moment: int) -> int:
    """The broker's day of a moment in ns UTC, days since 1970-01-01: its lists begin anew at midnight in New York."""
    return dt.datetime.fromtimestamp(moment / 1e9, NEW_YORK).date().toordinal() - dt.date(1970, 1, 1).toordinal()


def broker_midnight(moment: int) -> int:
    """When the broker's day of a moment began, ns UTC."""
    return _midnight(dt.datetime.fromtimestamp(moment / 1e9, NEW_YORK).date())


def midnight_of(session: str) -> int:
    """When the broker's day of a session (YYYY-MM-DD) began, ns UTC."""
    return _midnight(dt.date.fromisoformat(session))


def _midnight(day: dt.date) -> int:
    return int(dt.datetime.combine(day, dt.time(), NEW_YORK).timestamp()) * 1_000_000_000
