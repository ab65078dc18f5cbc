# SPDX-License-Identifier: Apache-2.0
"""One window of history: what the strategy did, and what the book that entered it would have met unmanaged."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from engine.analytics.sessions import session_rows
from engine.model.stress import StressWindow
from engine.runs.stress.asked import Asked, closes_of, reverse
from engine.runs.stress.book import Book, standing
from engine.runs.stress.findings import FrozenFinding, SpiralLadder, WindowFinding
from engine.runs.stress.hold import ACCOUNT, open_at
from engine.runs.stress.liquidity import LEAST_SESSIONS, liquidity
from engine.runs.stress.passage import passage
from engine.runs.stress.trading import trading


def through(asked: Asked, window: StressWindow, own: float) -> WindowFinding:
    """One window of a run; own is the leverage of the configuration, a multiple of equity."""
    result, market = asked.result, asked.market
    sessions = market.sessions
    first = int(np.searchsorted(sessions, np.datetime64(window.first)))
    last = int(np.searchsorted(sessions, np.datetime64(window.last), side="right")) - 1
    if first > last:
        return WindowFinding(window)
    before = max(0, first - 1)
    book = asked.book(before)
    did = passage(result, asked.analysis, first, last)
    return WindowFinding(
        window,
        first=sessions[first].item(),
        last=sessions[last].item(),
        whole=bool(first > 0 and sessions[-1] >= np.datetime64(window.last)),
        passage=did,
        trading=trading(result, did.path, before, last, asked.leverages, own),
        book=book,
        standing=None if book is None else standing(result, asked.analysis.paths.positions, book, last),
        frozen=None if book is None or before == last else _frozen(asked, book, before, last),
    )


def _frozen(asked: Asked, book: Book, before: int, last: int) -> FrozenFinding:
    quoted = asked.options.through(before, last) if asked.options else None
    stretch, costs = open_at(asked.market.slice(before, last + 1)), asked.cost_inputs[before : last + 1]
    found = FrozenFinding(
        ladder=asked.ladder(book, stretch, costs, quoted),
        uncalled=asked.uncalled(book, stretch, costs, quoted),
        portfolio=None,
        reverse=None,
        reverse_ends=None,
        spiral=_worst_moment(asked, book, before, last),
    )
    if book.legs:
        return found
    turned = reverse(book)
    return replace(
        found,
        portfolio=asked.ends(book, stretch, costs, asked.portfolio_margin),
        reverse=asked.uncalled(turned, stretch, costs, None),
        reverse_ends=asked.ends(turned, stretch, costs, ACCOUNT),
    )


def _worst_moment(asked: Asked, book: Book, before: int, last: int) -> SpiralLadder | None:
    """The spiral behind the moves up to the close at which the book at 1x had lost most, all at once.

    None where it never lost, or where volatility and volume before the window are not known.
    """
    market = asked.market
    closes = closes_of(market, before, last)
    moves = closes / closes[0] - 1
    gained = moves @ book.weights
    if asked.options and book.legs:
        gained = gained + asked.options.gained(book, before, closes)
    worst = int(np.argmin(gained))
    if gained[worst] >= 0 or len(session_rows(market.bars["session"][: before + 1])) <= LEAST_SESSIONS:
        return None
    known = liquidity(market.head(before + 1))
    if not known.known:
        return None
    crowded = asked.crowded(book, before, known)
    if asked.options and book.legs:
        crowded = replace(crowded, after=asked.options.option_inputs["volatility"][before + worst])
    return crowded.ladder(asked.leverages, moves[worst])
