# SPDX-License-Identifier: Apache-2.0
"""Which orders halts are about: kept beside their words, which are for people and may be others tomorrow."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from engine.paper.journal.halts import HaltKind
from engine.paper.journal.journal import Journal
from engine.paper.journal.writes import keep_about

NAMED = "orders of halts"
"""Key in the journal: {kind: {"now": {symbol: refs that its halt names}, "told": refs that one was ever said of}}."""


def keep_named(
    db: sqlite3.Connection, journal: Journal, kind: HaltKind, symbol: str, refs: Iterable[str], told: Iterable[str] = ()
) -> None:
    """Keep which orders the halt of a symbol names from now on; `told` are those that it is said of."""
    every = _every(journal)
    own = every.setdefault(kind, {"now": {}, "told": []})
    own["now"][symbol] = list(refs)
    own["told"] = list(dict.fromkeys([*own["told"], *told]))
    keep_about(db, NAMED, json.dumps(every))


def named(journal: Journal, kind: HaltKind) -> list[str]:
    """Refs of the orders that the standing halts of a kind name."""
    now = _every(journal).get(kind, {}).get("now", {})
    symbols = (one.symbol for one in journal.halts.standing() if one.kind is kind)
    return list(dict.fromkeys(ref for symbol in symbols for ref in now.get(symbol, ())))


def told(journal: Journal, kind: HaltKind) -> frozenset[str]:
    """Refs of the orders that a halt of a kind was ever said of: it is said once, so that a person can go on."""
    return frozenset(_every(journal).get(kind, {}).get("told", ()))


def _every(journal: Journal) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = json.loads(journal.about(NAMED) or "{}")
    return kept
