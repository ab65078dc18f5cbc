# SPDX-License-Identifier: Apache-2.0
"""The sample market's sessions, its random numbers, and the two processes that everything in it is made of."""

from __future__ import annotations

import datetime as dt
from functools import cache
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.market.calendar import day_of, exchange
from engine.market.sample.episodes import FIRST_SESSION, LAST_SESSION, Episode

DayArray = NDArray[np.int64]

LARGEST = 7.0
"""Cut of the fat tails, in standard deviations: one draw of Student's t may otherwise make a fund's whole kurtosis."""


@cache
def sessions() -> DayArray:
    """NYSE sessions of the sample market, (T,) days since 1970-01-01."""
    days = exchange("XNYS").between(day_of(FIRST_SESSION), day_of(LAST_SESSION)).astype(np.int64)
    days.flags.writeable = False
    return days


def row_of(date: dt.date) -> int:
    """The row of the last session on or before `date`."""
    return int(np.searchsorted(sessions(), day_of(date), side="right")) - 1


def rows_of(episode: Episode) -> slice:
    """The rows of an episode, both ends included."""
    return slice(int(np.searchsorted(sessions(), day_of(episode.first))), row_of(episode.last) + 1)


def stream(seed: int, name: str) -> np.random.Generator:
    """The random numbers of one part of the market: a part that is added or changed moves no other."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, crc32(name.encode())])))


def student(rng: np.random.Generator, freedom: float, count: int) -> FloatArray:
    """Student's t with unit variance, (count,); beyond LARGEST standard deviations it is cut."""
    draws = rng.standard_t(freedom, count) * np.sqrt((freedom - 2.0) / freedom)
    return np.asarray(np.clip(draws, -LARGEST, LARGEST), dtype=np.float64)


def reverting(rng: np.random.Generator, half_life: float, count: int) -> FloatArray:
    """A stationary first-order autoregression, (count,), scaled to mean 0 and standard deviation 1 over the whole path.

    Fixing both moments over the path keeps the long-run statistics of the market alike under every seed.
    """
    keep = 0.5 ** (1.0 / half_life)
    shocks = rng.standard_normal(count) * np.sqrt(1.0 - keep * keep)
    value = float(rng.standard_normal())
    path = np.empty(count)
    for row, shock in enumerate(shocks.tolist()):
        value = keep * value + shock
        path[row] = value
    return np.asarray((path - path.mean()) / path.std(), dtype=np.float64)
