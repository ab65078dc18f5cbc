# SPDX-License-Identifier: Apache-2.0
"""The book of a configuration under moves of its roles that are given, not found: those of a scenario."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from engine.arrays import FloatArray
from engine.config.loader import LoadedConfig
from engine.engines.run_record import RunRecord
from engine.inputs.spans import refuse_spans
from engine.progress import Watch, unwatched
from engine.runs.backtest import backtest, placed
from engine.runs.stress.asked import Asked, own_leverage, row_of
from engine.runs.stress.book import Book
from engine.runs.stress.findings import Ladder
from engine.runs.stress.impact import COEFFICIENT
from engine.runs.stress.liquidity import liquidity
from engine.runs.stress.shocks import shocked


@dataclass(frozen=True)
class StandingBook:
    """What a configuration's run held at a close, and what would become of it.

    own    its own leverage, gross over equity
    under  ((N,) moves of the roles, fractions; sessions in a straight line) -> the frozen book at its own leverage
    """

    result: RunRecord = field(repr=False)
    book: Book
    own: float
    under: Callable[[FloatArray, int], Ladder] = field(repr=False)


def standing_book(ready: LoadedConfig, asof: dt.date, watch: Watch = unwatched) -> StandingBook | None:
    """The book behind the session `asof`, or the last one before; None where nothing was ever held by then.

    Raises what `backtest` raises, ConfigError for several sleeves, DataError for an `asof` before the first bar.
    """
    _ = ready.strategy  # several sleeves are refused before anything runs
    with placed(ready):
        refuse_spans(ready.config, "a book under a scenario")
    result = backtest(ready, watch=watch, glance=False)
    row = row_of(result, asof)
    own, _ = own_leverage(ready, result)
    asked = Asked(ready, result, (own,), COEFFICIENT, None)
    book = asked.book(row)
    if book is None:
        return None
    market = asked.market.head(row + 1)
    known = liquidity(market)

    def under(moves: FloatArray, sessions: int) -> Ladder:
        path = shocked(market, moves, sessions, known)
        costs = np.repeat(asked.cost_inputs[row : row + 1], len(path))
        return asked.ladder(book, path, costs, asked.options.shocked(row, path) if asked.options else None)

    return StandingBook(result, book, own, under)
