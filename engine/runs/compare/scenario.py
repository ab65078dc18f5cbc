# SPDX-License-Identifier: Apache-2.0
"""A move that somebody asks about, read from words: `VIX +10 points`, `small -7 % against large in 15 days`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from engine.analytics.pair.sides import Pair
from engine.arrays import FloatArray
from engine.errors import InputError, Problem, nearest_name

FORM = "VIX +10 points, IWM -7 % against SPY in 15 days"

_WORDS = re.compile(
    r"\s*(?P<name>\S+?)(?:\s+caps?)?\s+(?P<size>[-+−]?\s*\d+(?:\.\d+)?)\s*(?P<unit>%|points?|pts?)"
    r"(?:\s+(?:against|versus|vs\.?)\s+(?P<against>\S+?)(?:\s+caps?)?)?"
    r"(?:\s+(?:in|over)\s+(?P<sessions>\d+)\s+(?:days?|sessions?))?\s*",
    re.IGNORECASE,
)

LONGEST = 252
"""Sessions."""


@dataclass(frozen=True)
class Scenario:
    """symbol moves by `size` over `sessions`: a fraction, or points; `against` the other line where that is asked."""

    text: str
    symbol: str
    against: str | None
    size: float
    points: bool
    sessions: int

    def moved(self, pair: Pair) -> FloatArray:
        """(T,) the move of that kind over the `sessions` up to each close; NaN on the first of them."""
        own = _moves(pair, self.symbol, self.sessions, points=self.points)
        if self.against is None:
            return own
        return own - _moves(pair, self.against, self.sessions, points=False)


def scenario(text: str, pair: Pair, names: Mapping[str, str]) -> Scenario:
    """What the words ask of the pair; `names` are what its lines are called besides their symbols: role -> symbol.

    Raises InputError with what is allowed.
    """
    found = _WORDS.fullmatch(text)
    if found is None:
        raise InputError(Problem("no such scenario", path="--scenario", found=text, allowed=FORM))
    known = {name.casefold(): symbol for name, symbol in names.items() if symbol in pair.at}
    known |= {symbol.casefold(): symbol for symbol in pair.at}
    symbol = _symbol(found["name"], known)
    against = None if found["against"] is None else _symbol(found["against"], known)
    points = found["unit"] != "%"
    size = float(found["size"].replace("−", "-").replace(" ", ""))
    sessions = int(found["sessions"] or 1)
    side = pair.at[symbol]
    problems = []
    if against == symbol:
        problems.append(("a line does not move against itself", text, "the other of the two"))
    if points and not side.points:
        problems.append((f"{symbol} moves in per cent", text, f"{symbol} {size:+g} %"))
    if not points and not side.logs:
        problems.append((f"{symbol} is at times 0 or below: it moves in points", text, f"{symbol} {size:+g} points"))
    if against is not None and (points or not pair.at[against].logs):
        problems.append(("one line moves against another in per cent", text, f"{symbol} -7 % against {against}"))
    if not 1 <= sessions <= LONGEST:
        problems.append(("no such length", text, f"in 1 to {LONGEST} days"))
    if not points and against is None and size <= -100:
        problems.append((f"{symbol} cannot lose more than it is worth", text, f"{symbol} above -100 %"))
    if size == 0 or not math.isfinite(size):
        problems.append(("no move", text, FORM))
    if problems:
        raise InputError([Problem(one, path="--scenario", found=it, allowed=allowed) for one, it, allowed in problems])
    return Scenario(text, symbol, against, size if points else size / 100, points, sessions)


def _symbol(name: str, known: Mapping[str, str]) -> str:
    symbol = known.get(name.casefold())
    if symbol is None:
        allowed = ", ".join(dict.fromkeys([*known.values(), *known]))
        nearest = nearest_name(name, known)
        raise InputError(
            Problem("neither of the two is called so", path="--scenario", found=name, allowed=allowed, nearest=nearest)
        )
    return symbol


def _moves(pair: Pair, symbol: str, sessions: int, *, points: bool) -> FloatArray:
    side = pair.at[symbol]
    if points or not side.volatility:
        return side.moves(sessions)
    moved = side.moves(sessions)  # of a volatility index they are points
    moved[sessions:] /= side.growth[:-sessions]
    return moved
