# SPDX-License-Identifier: Apache-2.0
"""Drawdowns: how far under its peak an account went, and for how long. Every bar counts, not only session closes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analytics.metrics.performance import cagr
from engine.analytics.metrics.registry import Undefined, metric
from engine.analytics.sessions import Dates
from engine.arrays import FloatArray


def drawdown_path(bar_nav: FloatArray) -> FloatArray:
    """Fraction of the running peak lost, (T,), from (T + 1,) values that begin with the opening deposit.

    0 at a peak, 0.25 a quarter below it, 1 or more when everything is gone.
    """
    return (1 - bar_nav / np.maximum.accumulate(bar_nav))[1:]


@dataclass(frozen=True, slots=True)
class Spell:
    """The deepest drawdown. `peak`, `trough` and `recovery` are session numbers; recovery is -1 while under water."""

    depth: float
    peak: int
    trough: int
    recovery: int
    longest: int  # most sessions from any peak to its recovery, or to the end of the run


def spell(bar_nav: FloatArray, session_index: NDArray[np.int64]) -> Spell:
    """The deepest drawdown of a run of T bars, whose sessions are `session_index`, (T,). Undefined if there are none.

    The opening deposit counts as a peak on the first session.
    """
    if len(session_index) == 0:
        raise Undefined("the run has no session")
    session = np.append(session_index[0], session_index)
    peaks = np.maximum.accumulate(bar_nav)
    depth = 1 - bar_nav / peaks
    trough = int(np.argmax(depth))
    peak = int(np.flatnonzero(bar_nav[: trough + 1] >= peaks[trough])[-1])
    back = np.flatnonzero(bar_nav[trough:] >= peaks[trough])
    recovery = trough + int(back[0]) if len(back) else -1
    return Spell(
        depth=float(depth[trough]),
        peak=int(session[peak]),
        trough=int(session[trough]),
        recovery=int(session[recovery]) if recovery >= 0 else -1,
        longest=_longest(bar_nav, peaks, session),
    )


def _longest(bar_nav: FloatArray, peaks: FloatArray, session: NDArray[np.int64]) -> int:
    at_peak = np.flatnonzero(bar_nav >= peaks)
    ends = np.append(at_peak[1:], len(bar_nav) - 1)
    under = ends > at_peak + 1
    under[-1] = ends[-1] > at_peak[-1]
    return int(np.max((session[ends] - session[at_peak])[under], initial=0))


def _deepest(bar_nav: FloatArray, session_index: NDArray[np.int64]) -> Spell:
    found = spell(bar_nav, session_index)
    if found.depth <= 0:
        raise Undefined("equity never fell below its peak")
    return found


@metric(
    "max_drawdown",
    "Max drawdown",
    group="drawdown",
    unit="fraction",
    better="low",
    formula="largest fraction of its running peak that equity lost, over every bar's close; 0.25 is a quarter lost",
)
def max_drawdown(bar_nav: FloatArray, session_index: NDArray[np.int64]) -> float:
    """Depth of the deepest drawdown, >= 0."""
    return spell(bar_nav, session_index).depth


@metric(
    "calmar",
    "Calmar ratio",
    group="return",
    unit="ratio",
    better="high",
    formula="CAGR / max drawdown",
    annualised="by CAGR",
)
def calmar(nav: FloatArray, years: float, bar_nav: FloatArray, session_index: NDArray[np.int64]) -> float:
    """CAGR over max drawdown of the whole run."""
    return cagr(nav, years) / _deepest(bar_nav, session_index).depth


@metric(
    "max_drawdown_sessions",
    "Length of max drawdown",
    group="drawdown",
    unit="sessions",
    better="low",
    formula="sessions from the peak before the deepest drawdown to its recovery, or to the end of the run",
)
def max_drawdown_sessions(bar_nav: FloatArray, session_index: NDArray[np.int64]) -> int:
    """Length of the deepest drawdown, peak to recovery."""
    found = _deepest(bar_nav, session_index)
    end = found.recovery if found.recovery >= 0 else int(session_index[-1])
    return end - found.peak


@metric(
    "longest_drawdown_sessions",
    "Longest drawdown",
    group="drawdown",
    unit="sessions",
    better="low",
    formula="most sessions from any peak to its recovery, or to the end of the run",
)
def longest_drawdown_sessions(bar_nav: FloatArray, session_index: NDArray[np.int64]) -> int:
    """Longest time under water; 0 when equity never fell below its peak."""
    return spell(bar_nav, session_index).longest


def _date(dates: Dates, session: int) -> dt.date:
    return dates[session].astype(dt.date)  # type: ignore[no-any-return]


@metric(
    "max_drawdown_peak",
    "Peak before max drawdown",
    group="drawdown",
    unit="date",
    formula="session of the last peak before the trough; the first session where that is the opening deposit",
)
def max_drawdown_peak(bar_nav: FloatArray, session_index: NDArray[np.int64], dates: Dates) -> dt.date:
    """Session of the peak."""
    return _date(dates, _deepest(bar_nav, session_index).peak)


@metric(
    "max_drawdown_trough",
    "Trough of max drawdown",
    group="drawdown",
    unit="date",
    formula="session of the deepest point",
)
def max_drawdown_trough(bar_nav: FloatArray, session_index: NDArray[np.int64], dates: Dates) -> dt.date:
    """Session of the trough."""
    return _date(dates, _deepest(bar_nav, session_index).trough)


@metric(
    "max_drawdown_recovery",
    "Recovery of max drawdown",
    group="drawdown",
    unit="date",
    formula="first session at or above the peak again",
)
def max_drawdown_recovery(bar_nav: FloatArray, session_index: NDArray[np.int64], dates: Dates) -> dt.date:
    """Session of the recovery; Undefined while under water."""
    found = _deepest(bar_nav, session_index)
    if found.recovery < 0:
        raise Undefined("not recovered by the end of the run")
    return _date(dates, found.recovery)
