# SPDX-License-Identifier: Apache-2.0
"""Turns the episodes into instructions for each session, which the factor simulation follows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.market.sample import episodes as ep
from engine.market.sample.streams import row_of, rows_of, sessions, stream

CALM = 60
"""Sessions in which the VIX is led to its level before an episode."""

VIX_LEVELS = (
    (ep.DECOUPLING, 14.5, 21.0),
    (ep.QUANT_DELEVERAGING, 13.7, 14.3),
    (ep.QUANT_REBOUND, 0.0, 13.8),
    (ep.CRASH, 16.0, 80.0),
    (ep.CRASH_REBOUND, 0.0, 27.0),
    (ep.SMALL_CAP_SQUEEZE, 14.0, 15.0),
)
"""The VIX on the session before an episode (0: wherever it is) and on its last."""


@dataclass(frozen=True)
class Script:
    """Instructions, each (T,); NaN or 0 where a session is free.

    large, small   log total return of SPY and of IWM, NaN where free
    coupling       how strongly the VIX answers the index, NaN where free; 1 is the usual strength
    vix_goal       log VIX to be reached in `vix_left` sessions (1 is this one)
    anchor         log distance of IWM's close from the support line to be reached in `anchor_left` sessions
    side           1 where closes stay above the line, -1 where they stay below, 0 where there is no line
    """

    large: FloatArray
    small: FloatArray
    coupling: FloatArray
    vix_goal: FloatArray
    vix_left: NDArray[np.int64]
    anchor: FloatArray
    anchor_left: NDArray[np.int64]
    side: NDArray[np.int64]

    @property
    def free(self) -> NDArray[np.bool_]:
        """(T,) sessions whose returns nothing prescribes."""
        return np.asarray(np.isnan(self.large) & (self.side == 0), dtype=np.bool_)


def write_script(seed: int) -> Script:
    """The instructions under one seed: totals, dates and levels are the same for all, the daily noise is not."""
    script = _blank(len(sessions()))
    rng = stream(seed, "script")
    fall = np.array([0.2, 0.3, 0.5, 1.0, 1.2, 2.0, 2.4, 1.6, 0.6, 0.2])
    _returns(script, rng, ep.DECOUPLING, (0.04, 0.05), (0.0075, 0.004), np.ones(_length(ep.DECOUPLING)))
    _returns(script, rng, ep.QUANT_DELEVERAGING, (-0.035, -0.107), (0.0020, 0.0025), fall)
    _returns(script, rng, ep.QUANT_REBOUND, (0.012, 0.052), (0.0020, 0.0025), np.array([2.4, 1.2, 0.6, 0.5, 0.3]))
    faster, slower = np.linspace(0.4, 1.6, _length(ep.CRASH)), np.linspace(1.8, 0.2, _length(ep.CRASH_REBOUND))
    _returns(script, rng, ep.CRASH, (-0.41, -0.53), (0.030, 0.012), faster)
    _returns(script, rng, ep.CRASH_REBOUND, (0.19, 0.27), (0.018, 0.008), slower)
    _returns(script, rng, ep.SMALL_CAP_SQUEEZE, (0.008, 0.118), (0.0030, 0.0040), np.array([0.6, 1.6, 1.4, 0.9, 0.5]))
    script.coupling[rows_of(ep.DECOUPLING)] = 0.08
    script.coupling[rows_of(ep.QUANT_DELEVERAGING)] = 0.15
    for episode, before, level in VIX_LEVELS:
        rows = rows_of(episode)
        if before:
            _lead_vix(script, slice(rows.start - CALM, rows.start), before)
        _lead_vix(script, rows, level)
    _line(script)
    return script


def _blank(count: int) -> Script:
    large, small, coupling, vix_goal, anchor = np.full((5, count), np.nan)
    vix_left, anchor_left, side = np.zeros((3, count), np.int64)
    return Script(large, small, coupling, vix_goal, vix_left, anchor, anchor_left, side)


def _length(episode: ep.Episode) -> int:
    rows = rows_of(episode)
    return int(rows.stop - rows.start)


def _returns(
    script: Script,
    rng: np.random.Generator,
    episode: ep.Episode,
    totals: tuple[float, float],
    noise: tuple[float, float],
    shape: FloatArray,
) -> None:
    """Spread each leg's total over the episode: `shape` says when, noise that sums to zero makes it a market.

    The first noise is common to both legs, the second is the small caps' own.
    """
    rows, weight = rows_of(episode), shape / shape.sum()
    shared, own = (_centred(rng, len(shape)) * size for size in noise)
    script.large[rows] = totals[0] * weight + shared
    script.small[rows] = totals[1] * weight + 1.1 * shared + own


def _centred(rng: np.random.Generator, count: int) -> FloatArray:
    draws = rng.standard_normal(count)
    return np.asarray(draws - draws.mean(), dtype=np.float64)


def _lead_vix(script: Script, rows: slice, level: float) -> None:
    """Lead the VIX to `level` at the last of the rows."""
    script.vix_goal[rows] = np.log(level)
    script.vix_left[rows] = np.arange(rows.stop - rows.start, 0, -1)


def _line(script: Script) -> None:
    start = rows_of(ep.SUPPORT_LINE).start
    for date, distance in ep.SUPPORT_ANCHORS:
        stop = row_of(date) + 1
        script.anchor[start:stop] = distance
        script.anchor_left[start:stop] = np.arange(stop - start, 0, -1)
        start = stop
    script.side[rows_of(ep.SUPPORT_LINE)] = 1
    script.side[rows_of(ep.SUPPORT_BREAK)] = -1


def ramp(episode: ep.Episode, before: int, after: int) -> FloatArray:
    """(T,) rises from 0 to 1 over the sessions before an episode and falls back to 0 over those from its first on."""
    count, start = len(sessions()), rows_of(episode).start
    points = [0, start - before, start, start + after, count]
    return np.asarray(np.interp(np.arange(count), points, [0.0, 0.0, 1.0, 0.0, 0.0]), dtype=np.float64)


def year_fraction(day: int) -> float:
    """A session, days since 1970, in years: 2020.5 is the middle of 2020."""
    date = dt.date(1970, 1, 1) + dt.timedelta(days=int(day))
    return date.year + (date.timetuple().tm_yday - 1) / 365.25
