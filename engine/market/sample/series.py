# SPDX-License-Identifier: Apache-2.0
"""The untradable series: VIX, RVX, short interest of small caps, T-bill."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.market.sample import episodes as ep
from engine.market.sample.bars import Columns, extremes
from engine.market.sample.script import ramp, year_fraction
from engine.market.sample.streams import reverting, rows_of, sessions, stream

PUBLICATION_LAG = 7
"""Sessions between the settlement date short interest is counted on and its publication (FINRA rule 4560)."""

RATE_KNOTS = (
    (2000.0, 5.4),
    (2002.0, 1.9),
    (2004.3, 1.0),
    (2007.0, 4.4),
    (2010.6, 2.4),
    (2010.9, 0.15),
    (2016.5, 0.2),
    (2019.0, 2.1),
    (2020.8, 1.7),
    (2021.2, 0.1),
    (2022.2, 0.3),
    (2023.5, 4.9),
    (2025.0, 4.2),
)
"""Decimal year and T-bill in per cent a year: two cycles, near zero after the crash."""


def vix_columns(seed: int, log_vix: FloatArray, sigma: float = 0.068, name: str = "VIX") -> Columns:
    """VIX or RVX bars, per cent a year: nearly half of the variance comes before the open, as in the real index."""
    rng = stream(seed, f"bars {name}")
    before = np.concatenate([log_vix[:1], log_vix[:-1]])
    change = log_vix - before
    gap = 0.46 * change + np.sqrt(0.46 * 0.54) * sigma * rng.standard_normal(len(change))
    gap[0] = 0.0
    day = change - gap
    up, down = extremes(rng, day, np.full(len(day), 0.86 * sigma))
    opening = before + gap
    logs = {"open": opening, "high": opening + up, "low": opening + down, "close": log_vix}
    return {column: np.round(np.exp(values), 2) for column, values in logs.items()}


def log_rvx(seed: int, log_vix: FloatArray) -> FloatArray:
    """RVX: the VIX times a slowly moving ratio with a mean of 1.22.

    Thirty published closes, the first of each month from 2012-02 to 2013-04 and 2018-05 to 2019-07, have a mean ratio
    of 1.23, a standard deviation of 0.09 and lie between 1.03 and 1.44.
    """
    rng = stream(seed, "rvx")
    spread = 0.20 + 0.070 * reverting(rng, 45.0, len(log_vix)) + 0.012 * rng.standard_normal(len(log_vix))
    return np.asarray(log_vix + spread, dtype=np.float64)


def tbill(seed: int) -> FloatArray:
    """(T,) 3-month bill, per cent a year, two decimals, at least 0.01."""
    years = np.array([year_fraction(day) for day in sessions()])
    knots = np.array(RATE_KNOTS)
    path = np.interp(years, knots[:, 0], knots[:, 1])
    rng = stream(seed, "tbill")
    noise = 0.06 * reverting(rng, 90.0, len(years))
    wiggle = np.sqrt(path) * 0.02 * rng.standard_normal(len(years))
    return np.asarray(np.round(np.maximum(path * np.exp(noise) + wiggle, 0.01), 2), dtype=np.float64)


def short_interest(seed: int, relative: FloatArray) -> tuple[NDArray[np.int64], FloatArray]:
    """Rows of publication and per cent of float, both (N,), about 24 a year: what was known, when it was known.

    relative is the log price of IWM over SPY, (T,): shorts build while small caps lag, and before the squeeze and the
    deleveraging, whose first days force them out.
    """
    counted = _settlements()
    published = counted + PUBLICATION_LAG
    counted, published = counted[published < len(relative)], published[published < len(relative)]
    lag = np.concatenate([np.zeros(126), relative[126:] - relative[:-126]])
    crowd = 0.55 * ramp(ep.SMALL_CAP_SQUEEZE, 160, 30) + 0.30 * ramp(ep.QUANT_DELEVERAGING, 160, 30)
    wander = 0.13 * reverting(stream(seed, "short interest"), 150.0, len(relative))
    return published, np.round(4.6 * np.exp(wander - 0.8 * np.clip(lag, -0.3, 0.3) + crowd), 2)[counted]


def _settlements() -> NDArray[np.int64]:
    """Rows of the settlement dates: the last session on or before the 15th, and the last of each month."""
    days = sessions().astype("M8[D]")
    months = np.unique(days.astype("M8[M]"))
    mid = months.astype("M8[D]") + np.timedelta64(14, "D")
    end = (months + 1).astype("M8[D]") - np.timedelta64(1, "D")
    wanted = np.sort(np.concatenate([mid, end])).astype(np.int64)
    return np.searchsorted(sessions(), wanted, side="right") - 1


def support_level(iwm_close: FloatArray) -> float:
    """Price of the line of SUPPORT_LINE, from IWM's close on the session before it begins."""
    return float(iwm_close[rows_of(ep.SUPPORT_LINE).start - 1] * np.exp(-ep.SUPPORT_START))
