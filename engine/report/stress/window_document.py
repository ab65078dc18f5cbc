# SPDX-License-Identifier: Apache-2.0
"""One window of a stress test as JSON: the strategy, the book that entered it, and what became of that."""

from __future__ import annotations

from typing import Any

from engine.report.stress.parts import book_part, ladder_part, spirals_part
from engine.runs.stress.findings import Ends, FrozenFinding, Stress, WindowFinding
from engine.runs.stress.frozen import Fall, Moment, Uncalled
from engine.runs.stress.passage import Passage


def window_part(found: Stress, one: WindowFinding) -> dict[str, Any]:
    """Everything about one window."""
    window, frozen = one.window, one.frozen
    return {
        "name": window.name,
        "title": window.title,
        "first": window.first.isoformat(),
        "last": window.last.isoformat(),
        "words": window.words,
        "data": "none" if one.passage is None else "whole" if one.whole else "part",
        "strategy": None if one.passage is None else _passage(found, one.passage),
        "trading": _trading(found, one),
        "book": book_part(found, one.book),
        "standing": _standing(one),
        "uncalled": None if frozen is None else _uncalled(found, frozen.uncalled),
        "held": None if frozen is None else ladder_part(frozen.ladder),
        "portfolio_margin": None if frozen is None else _ends(frozen.portfolio),
        "turned": None if frozen is None else _turned(found, frozen),
        "spiral": None if frozen is None or frozen.spiral is None else spirals_part(found, frozen.spiral),
    }


def _passage(found: Stress, one: Passage) -> dict[str, Any]:
    sessions = found.result.market.sessions
    return {
        "first": str(sessions[one.first]),
        "last": str(sessions[one.last]),
        "return": one.total,
        "worst_day": one.worst_day,
        "max_drawdown": one.drawdown,
        "worst_15_sessions": one.worst_15,
        "gross_before": one.gross,
        "margin_use": one.margin_use,
        "margin_calls": one.calls,
        "cuts": dict(one.cuts),
        "trading_costs": one.trading_costs,
        "borrow": one.borrow,
        "dividends_and_interest": one.carry,
        "path": {
            "session": [str(day) for day in sessions[one.before : one.last + 1]],
            "equity": one.path.tolist(),
        },
    }


def _trading(found: Stress, one: WindowFinding) -> dict[str, Any] | None:
    did = one.trading
    if did is None:
        return None
    return {
        "by_leverage": _falls(found, did.falls),
        "worst_day": _moment(did.day),
        "called_at": did.called_at,
    }


def _standing(one: WindowFinding) -> dict[str, Any] | None:
    if one.standing is None or one.book is None:
        return None
    return {
        "since": one.standing.since.isoformat(),
        "left": None if one.standing.left is None else one.standing.left.isoformat(),
        "leftover": one.book.was_flat,
    }


def _uncalled(found: Stress, one: Uncalled) -> dict[str, Any]:
    return {
        "by_leverage": _falls(found, one.falls),
        "dies_at": one.dies_at,
        "worst_day": _moment(one.day),
        "worst_start": _moment(one.start),
    }


def _turned(found: Stress, one: FrozenFinding) -> dict[str, Any] | None:
    return None if one.reverse is None else {**_uncalled(found, one.reverse), "account": _ends(one.reverse_ends)}


def _falls(found: Stress, falls: tuple[Fall, ...]) -> list[dict[str, Any]]:
    return [
        {"leverage": leverage, "fall": one.size, "from": one.start.isoformat(), "to": one.end.isoformat()}
        for leverage, one in zip(found.leverages, falls, strict=True)
    ]


def _moment(one: Moment | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {"session": one.session.isoformat(), "to": one.end.isoformat(), "loss": one.lost, "dies_at": one.dies_at}


def _ends(ends: Ends | None) -> dict[str, Any] | None:
    return None if ends is None else {"called_at": ends.called_at, "dies_at": ends.dies_at}
