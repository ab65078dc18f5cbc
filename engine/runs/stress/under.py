# SPDX-License-Identifier: Apache-2.0
"""The book at a close under hypothetical shocks: the grid, and those of the configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.arrays import FloatArray
from engine.config.loader import LoadedConfig
from engine.errors import ConfigError, Problem, nearest_name
from engine.model.sleeves import bound_roles
from engine.model.stress import StressShock
from engine.runs.stress.asked import Asked
from engine.runs.stress.book import Book
from engine.runs.stress.crowded import Crowded
from engine.runs.stress.findings import Ladder, OwnShock, Sensitivity, ShockFinding, SpiralLadder, Stress
from engine.runs.stress.shocks import GRID, Exposure, Shock, apart, exposure, shocked

REFERENCE = Shock(0.15, 0.0, 1)
"""The shock whose spiral is drawn and whose sensitivity is shown."""


def check_symbols(ready: LoadedConfig) -> None:
    """Refuse shocks of symbols that the run does not bind: ConfigError, each at its place in the YAML."""
    bound = list(dict.fromkeys(bound_roles(ready.config).values()))
    problems = [
        ready.located(
            Problem(
                "a shock of a symbol that is not in the book",
                path=f"stress.shocks[{number}].moves.{symbol}",
                found=symbol,
                allowed=", ".join(bound),
                nearest=nearest_name(symbol, bound),
            )
        )
        for number, one in enumerate(ready.config.stress.shocks)
        for symbol in one.moves
        if symbol not in bound
    ]
    if problems:
        raise ConfigError(problems)


def with_shocks(found: Stress, asked: Asked, book: Book, row: int) -> Stress:
    """The test with all that follows behind the close of `row`, at which the run held `book`."""
    market, known = asked.market.head(row + 1), found.liquidity
    meets = exposure(market, book.exposures)
    crowded = asked.crowded(book, row, known) if known.known else None
    own = asked.config.stress.shocks
    _check_held(asked, book, own)
    return replace(
        found,
        exposure=meets,
        crowd=crowded.crowd if crowded else 0.0,
        crowd_days=crowded.days if crowded else 0.0,
        shocks=tuple(
            ShockFinding(shock, *_under(found, asked, book, meets.moves(shock), crowded, row, shock.sessions))
            for shock in apart(GRID, meets)
        ),
        own_shocks=tuple(
            OwnShock(one, *_under(found, asked, book, _moves(asked, one), crowded, row, one.sessions)) for one in own
        ),
        sensitivity=_sensitivity(crowded, meets),
    )


def _under(
    found: Stress, asked: Asked, book: Book, moves: FloatArray, crowded: Crowded | None, row: int, sessions: int
) -> tuple[tuple[float, ...], Ladder, float | None, SpiralLadder | None]:
    path = shocked(asked.market.head(row + 1), moves, sessions, found.liquidity)
    costs = np.repeat(asked.cost_inputs[row : row + 1], len(path))  # liquidity is that before the shock
    options = asked.options.shocked(row, path) if asked.options else None
    ladder, alone = asked.ladder(book, path, costs, options), asked.path_dies_at(book, path, costs, options)
    spiral = crowded.ladder(asked.leverages, moves) if crowded is not None and sessions == 1 else None
    return tuple(moves.tolist()), ladder, alone, spiral


def _moves(asked: Asked, shock: StressShock) -> FloatArray:
    """(N,) move of each role, a fraction; 0 for symbols that the shock does not name."""
    return np.array([shock.moves.get(symbol, 0.0) for symbol in asked.market.symbols.values()])


def _check_held(asked: Asked, book: Book, shocks: Sequence[StressShock]) -> None:
    """Refuse a shock of which the book holds nothing: its losses of 0 would look like a book that stands it."""
    symbols = list(asked.market.symbols.values())
    exposed = {symbol for symbol, share in zip(symbols, book.exposures.tolist(), strict=True) if share != 0.0}
    exposed |= {symbols[leg.role] for leg in book.legs}
    problems = [
        asked.ready.located(
            Problem(
                f"the book of {book.session} holds nothing that this shock moves",
                path=f"stress.shocks[{number}]",
                found=", ".join(one.moves),
                allowed=f"a shock of {', '.join(dict.fromkeys(name for name in symbols if name in exposed))}",
            )
        )
        for number, one in enumerate(shocks)
        if not exposed & one.moves.keys()
    ]
    if problems:
        raise ConfigError(problems)


def _sensitivity(crowded: Crowded | None, meets: Exposure) -> Sensitivity | None:
    return crowded.sensitivity(REFERENCE, meets.moves(REFERENCE)) if crowded is not None else None
