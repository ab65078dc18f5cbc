# SPDX-License-Identifier: Apache-2.0
"""What windows and shocks of a stress test have in common as JSON: a book, a ladder, a spiral."""

from __future__ import annotations

from typing import Any

from engine.runs.stress.book import Book
from engine.runs.stress.findings import Ladder, SpiralLadder, Stress


def book_part(found: Stress, book: Book | None) -> dict[str, Any] | None:
    """The weights of a book with its options; None where there is none."""
    if book is None:
        return None
    return {
        "session": book.session.isoformat(),
        "asked": book.asked.isoformat(),
        "leverage": book.leverage,
        "equity": book.equity,
        "weights": by_role(found, book.weights.tolist()),
        "options": [
            {
                "slot": tuple(found.result.options)[leg.slot],
                "role": found.result.market.roles[leg.role],
                "right": "call" if leg.right > 0 else "put",
                "strike_over_price": leg.moneyness,
                "days": leg.days,
                "weight": leg.weight,
                "delta": leg.delta,
            }
            for leg in book.legs
        ],
    }


def ladder_part(one: Ladder) -> dict[str, Any]:
    """What became of a frozen book at each leverage, and where the first call and death come."""
    return {
        "by_leverage": [
            {
                "leverage": held.leverage,
                "fate": held.fate,
                "loss": held.loss,
                "worst_loss": held.worst,
                "margin_calls": held.calls,
            }
            for held in one.held
        ],
        "called_at": one.called_at,
        "dies_at": one.dies_at,
    }


def spirals_part(found: Stress, one: SpiralLadder) -> dict[str, Any]:
    """The spiral behind a sudden move at each leverage."""
    return {
        "moves": by_role(found, one.moves),
        "by_leverage": [
            {"leverage": leverage, "ending": spiral.ending, "loss": loss, "rounds": len(spiral.steps) - 1}
            for leverage, spiral, loss in zip(one.leverages, one.spirals, one.losses, strict=True)
        ],
        "called_at": one.called_at,
        "dies_at": one.dies_at,
        "dies_without_impact_at": one.dies_alone_at,
    }


def by_role(found: Stress, values: Any) -> dict[str, float]:
    """(N,) values by the name of their role."""
    return dict(zip(found.result.market.roles, values, strict=True))
