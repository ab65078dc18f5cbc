# SPDX-License-Identifier: Apache-2.0
"""What a session looked at last, and what its strategy remembers, in words."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from engine.paper.memory import read_memory
from engine.paper.session import Session
from engine.report.kit.words import changed_words
from engine.strategy.params import declared_state


def last_bar(session: Session) -> str:
    """The session of the last bar that was looked at."""
    return "none yet" if session.last is None else str(session.last.prepared.market.sessions[session.last.row])


def remembered(session: Session) -> dict[str, str]:
    """What the strategy remembers after the last decision, by name; a regime is among it where it has one."""
    decision = session.bridge.journal.last_decision()
    if decision is None or session.last is None:
        return {}
    kept = read_memory(decision.memory).state
    return {
        sleeve.part.named(name): state_word(kind, kept[sleeve.part.name][name], first)
        for sleeve in session.last.prepared.sleeves
        for name, (kind, first) in declared_state(sleeve.strategy.State).items()
    }


def state_word(kind: type, value: Any, first: Any) -> str:
    """A field of the state as its author would write it, in few digits; of several numbers how many have changed."""
    if changed := changed_words(value, first):
        return changed
    if issubclass(kind, IntEnum):
        return kind(int(value)).name.lower().replace("_", " ")
    return str(bool(value)).lower() if kind is bool else f"{value:.6g}"
