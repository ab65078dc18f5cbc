# SPDX-License-Identifier: Apache-2.0
"""The comparison of two symbols or series: read, put on common sessions, described. Nothing is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.analytics.pair import bands as banded
from engine.analytics.pair.afterwards import After, afterwards
from engine.analytics.pair.bands import Band
from engine.analytics.pair.levels import Standing, Window, standing, window_of
from engine.analytics.pair.relation import Ratio, Together, ratio, rolling_correlation, together
from engine.analytics.pair.sides import Pair, flat
from engine.arrays import FloatArray
from engine.clock import now
from engine.config.loader import LoadedConfig
from engine.errors import InputError, Problem
from engine.market.calendar import date_of, day_of
from engine.market.doubts import said
from engine.market.lines import Line
from engine.notice import Notice, loud_first, note
from engine.progress import Watch, unwatched
from engine.runs.compare.alignment import Aligned, aligned
from engine.runs.compare.where import Where, is_volatility, where

WINDOW, SHORTEST, LONGEST = 90, 20, 1260
"""Sessions of the window: by default, at least, at most."""


@dataclass(frozen=True)
class Comparison:
    """Everything that was found of two lines.

    rolling    (T,) correlation of changes over the window, by session
    following  band -> what came after its days
    """

    aligned: Aligned
    label: str
    synthetic: bool
    window: int
    standings: tuple[Standing, Standing]
    windows: tuple[Window, Window]
    together: Together
    ratio: Ratio | None
    rolling: FloatArray = field(repr=False)
    bands: tuple[Band, ...]
    following: Mapping[str, tuple[After, ...]]
    notices: tuple[Notice, ...]

    @property
    def pair(self) -> Pair:
        return self.aligned.pair

    @property
    def band(self) -> Band | None:
        """The band of the last session; None where the window did not move."""
        return next((one for one in self.bands if one.inside[-1]), None)


def compare(
    first: str,
    second: str,
    *,
    config: LoadedConfig | None = None,
    data: str | Path | Mapping[str, Any] | None = None,
    prices: str | None = None,
    window: int = WINDOW,
    asof: dt.date | None = None,
    volatility: Sequence[str] = (),
    edges: tuple[float, float] | None = None,
    watch: Watch = unwatched,
) -> Comparison:
    """Compare two lines; each is a role or a series of `config`, or a symbol of the data.

    data        a folder with one file a symbol, or tables by symbol; with neither it nor `config` the sample market
    prices      of `data`: split_adjusted, raw, total_return
    window      sessions of window statistics and rolling correlation, 20 to 1260
    asof        last session to look at, and the day from which ages are counted; None: all there is, and today
    volatility  of the two, those that are indexes of implied volatility beside the known ones
    edges       of the correlation's bands, ascending within (-1, 1); None: `bands.VOLATILITY` or `bands.OTHERS`

    Raises InputError for a question that makes no sense, DataError for data that cannot answer it.
    """
    _check(first, second, window, volatility, edges)
    place = where(config, data, prices)
    watch("reading")
    kinds = [is_volatility(name, place.roles, volatility) for name in (first, second)]
    lines = place.lines((first, second), volatility)
    if lines[0].symbol == lines[1].symbol:
        raise InputError(Problem("the two are one symbol", found=lines[0].symbol, allowed="two different ones"))
    newest = date_of(max(int(one.sessions[-1]) for one in lines))
    today = asof or (newest if place.source.synthetic else now().date())
    found = aligned(lines[0], lines[1], kinds, window, asof, today)
    watch("describing the two")
    return _described(found, place, lines, window, edges)


def _described(
    found: Aligned, place: Where, lines: Sequence[Line], window: int, edges: tuple[float, float] | None
) -> Comparison:
    pair = found.pair
    rolling = rolling_correlation(pair, window)
    default = banded.OTHERS if pair.index is None else banded.VOLATILITY
    parts = banded.bands(pair, rolling, edges or default)
    return Comparison(
        aligned=found,
        label=place.source.label,
        synthetic=place.source.synthetic,
        window=window,
        standings=(standing(pair.first, window, pair.per_year), standing(pair.second, window, pair.per_year)),
        windows=(window_of(pair.first, window), window_of(pair.second, window)),
        together=together(pair, window),
        ratio=ratio(pair, window),
        rolling=rolling,
        bands=parts,
        following=afterwards(pair, {one.name: one.inside for one in parts}),
        notices=tuple(loud_first([*found.notices, *_of_the_lines(pair, lines), *_still(pair, window)])),
    )


def _of_the_lines(pair: Pair, lines: Sequence[Line]) -> list[Notice]:
    first, last = (day_of(day) for day in pair.sessions[[0, -1]].astype(object))
    return [notice for one in lines for notice in (*one.notices, *said(one.doubts, first, last))]


def _still(pair: Pair, window: int) -> list[Notice]:
    words = f"does not move in the last {window} sessions: correlation, beta and z-score of them are not defined"
    return [note(f"{side.symbol} {words}") for side in pair.sides if flat(side.changes[-window:])]


def _check(first: str, second: str, window: int, volatility: Sequence[str], edges: tuple[float, float] | None) -> None:
    problems = []
    if first == second:
        problems.append(Problem("the two are one symbol", found=first, allowed="two different ones"))
    if not SHORTEST <= window <= LONGEST:
        allowed = f"{SHORTEST} to {LONGEST} sessions"
        problems.append(Problem("out of range", path="--window", found=str(window), allowed=allowed))
    problems += [
        Problem("this is neither of the two", path="--volatility", found=one, allowed=f"{first}, {second}")
        for one in volatility
        if one not in {first, second}
    ]
    if edges is not None and not -1 < edges[0] < edges[1] < 1:
        found = " ".join(f"{edge:g}" for edge in edges)
        problems.append(
            Problem("no edges of bands", path="--bands", found=found, allowed="two, ascending, within -1 and 1")
        )
    if problems:
        raise InputError(problems)
