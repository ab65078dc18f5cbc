# SPDX-License-Identifier: Apache-2.0
"""Dividends that a file gives twice, or gives in its adjusted close alone.

A vendor's adjusted close falls behind the close by the factor 1 - dividend / (close before) at each ex-date; so it
tells the dividend, as exactly as it is rounded. The same holds for every vendor that adjusts as CRSP and Yahoo do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

HALF_CENT = 0.005
MAD_TO_DEVIATION = 1.4826
"""Median absolute deviation to standard deviation of a normal distribution."""
LEAST_DIVIDEND = 0.002
"""Dollars a share; less cannot be told from the rounding of an adjusted close."""
MORE_DIGITS = 7
NEVER_ADJUSTED = 0.4
"""Prices as traded fall on ex-dates by the dividend: over twenty years, by 0.46 to 1.1 of it at the open."""
FEWEST = 4
"""Ex-dates that a verdict on their sum needs."""
LONG_WEEKEND = 4
AGAIN, PAID_BY = 3, 45
"""Bars within which nobody pays the same twice, and within which what went ex is paid."""
REGULAR = 8
"""Gaps from one dividend to the next that are alike where they are paid by rule."""
FAT, THIN = 0.14, 1e-4
"""Parts of the price above which a dividend moves it beyond a doubt, and below which none of a fund's lies."""
LEAST_SPLIT = float(np.log(1.45))
"""A split, as a log, by which dividends do not change from one to the next."""


@dataclass(frozen=True, eq=False)
class Implied:
    """(T,) dividend a share that adj_close implies, and how far it may be off for the rounding of adj_close."""

    dividend: Floats = field(repr=False)
    unsure: Floats = field(repr=False)
    step: Floats = field(repr=False)
    """What each row adds to the log of adj_close over close."""
    noise: float
    """How far the sum of all steps may be off for the rounding of adj_close."""

    @property
    def paid(self) -> Rows:
        """Rows with a dividend, beyond what rounding makes."""
        return np.flatnonzero(self.dividend > np.maximum(LEAST_DIVIDEND, 3 * self.unsure))

    @property
    def taken_back(self) -> Rows:
        """Rows on which adj_close gains on close: there it is no record of dividends."""
        return np.flatnonzero(self.dividend < -np.maximum(LEAST_DIVIDEND, 3 * self.unsure))


def implied(frame: pd.DataFrame, *, splits: bool) -> Implied | None:
    """What adj_close says of dividends; None where there is none, or it lacks a value."""
    if "adj_close" not in frame.columns:
        return None
    adjusted, close = (np.asarray(frame[name], np.float64) for name in ("adj_close", "close"))
    if len(close) < 2 or not (adjusted > 0).all():
        return None
    split = np.asarray(frame["split"], np.float64) if splits else np.ones(len(close))
    before = close[:-1] / split[1:]
    grown = adjusted * np.cumprod(split) if _holds_no_splits(adjusted, split) else adjusted
    dividend, unsure = np.zeros(len(close)), np.zeros(len(close))
    dividend[1:] = before - close[1:] * grown[:-1] / grown[1:]
    off = 0.5 * 10.0 ** -digits(adjusted)
    unsure[1:] = before * (off / adjusted[:-1] + off / adjusted[1:]) + 1e-6 * before
    step = np.zeros(len(close))
    step[1:] = -np.log1p(-dividend[1:] / before)
    return Implied(dividend, unsure, step, off / float(adjusted[0]) + off / float(adjusted[-1]) + 1e-5)


def _holds_no_splits(adjusted: Floats, split: Floats) -> bool:
    """Whether adj_close jumps with the splits on record as the close does."""
    rows = np.flatnonzero(split[1:] != 1.0) + 1
    if not len(rows):
        return False
    moved = np.log(adjusted[rows - 1] / adjusted[rows])
    return bool((np.abs(moved - np.log(split[rows])) < np.abs(moved)).all())


def digits(values: Floats) -> int:
    """Decimals that the values are written with, at most 7."""
    for count in range(2, MORE_DIGITS):
        scaled = values * 10.0**count
        if (np.abs(scaled - np.round(scaled)) < 1e-4 + 1e-9 * scaled).all():
            return count
    return MORE_DIGITS


def in_cents(prices: Floats) -> NDArray[np.bool_]:
    """Whether each price stands on half a cent, as traded ones and those split two for one do."""
    steps = prices / HALF_CENT
    return np.abs(steps - np.round(steps)) < 1e-6 * steps + 1e-3


def counted_twice(frame: pd.DataFrame) -> str:
    """Why the prices hold the dividends that stand beside them, "" where nothing says so.

    Two witnesses. On ex-dates prices as traded open lower by the dividend, adjusted ones do not. And prices as traded
    are in cents, adjusted ones only after the last dividend.
    """
    open_, close, dividend = (np.asarray(frame[name], np.float64) for name in ("open", "close", "dividend"))
    split = np.asarray(frame["split"], np.float64)
    ex = np.flatnonzero((dividend > 0) & (np.arange(len(close)) > 0))
    ex = np.setdiff1d(ex[split[ex] == 1.0], odd_dividends(frame))
    if not len(ex):
        return ""
    nights = ex[~_long_bars(frame)[ex]]  # within a week's bar it is not the open that falls
    share, spread = _fall_on_ex_dates(open_, close, dividend, nights) if len(nights) else (0.0, np.inf)
    tail, body = in_cents(close[ex[-1] :]), in_cents(close[max(0, ex[-1] - 250) : ex[-1]])
    cents = len(tail) >= 5 and len(body) >= 5 and tail.mean() > 0.95 and body.mean() < 0.5
    if cents and share > -0.5:
        return "closes are in cents after the last dividend and in fractions of one before it"
    if len(nights) >= FEWEST and share - 3 * spread > -NEVER_ADJUSTED:
        return f"on {len(nights)} ex-dates the price opens lower by {max(0.0, -share):.0%} of the dividend"
    return ""


def unfallen(frame: pd.DataFrame) -> Rows:
    """Ex-dates of dividends above FAT of the price before, which neither open nor close follows half the way down."""
    open_, close, dividend = (np.asarray(frame[name], np.float64) for name in ("open", "close", "dividend"))
    split = np.asarray(frame["split"], np.float64)
    ex = np.flatnonzero((dividend > 0) & (split == 1.0) & (np.arange(len(close)) > 0))
    paid, before = dividend[ex] / close[ex - 1], close[ex - 1]
    higher = np.minimum(open_[ex], close[ex]) / before - 1.0
    return np.asarray(ex[(paid > FAT) & (higher > -0.5 * paid)])


def paid_a_year(frame: pd.DataFrame) -> float:
    """What the dividends come to a year, as a fraction of the price before each."""
    close, dividend = (np.asarray(frame[name], np.float64) for name in ("close", "dividend"))
    years = max(float((frame.index[-1] - frame.index[0]).days) / 365.25, 0.25)
    return float((dividend[1:] / close[:-1]).sum()) / years


def as_yields(frame: pd.DataFrame) -> bool:
    """Whether the dividends look like a yield: four or more, and each below THIN of the price."""
    close, dividend = (np.asarray(frame[name], np.float64) for name in ("close", "dividend"))
    paid = (dividend[1:] / close[:-1])[dividend[1:] > 0]
    return len(paid) >= FEWEST and bool((paid < THIN).all())


def off_splits(frame: pd.DataFrame, *, raw: bool) -> list[tuple[int, float]]:
    """Splits on record at which regular dividends change base: row, and those before over those after, by the price.

    Beside raw prices split-adjusted dividends are 1/split of what they were; beside split-adjusted prices those as paid
    are `split` times. Three dividends on either side have to agree.
    """
    close, dividend, split = (np.asarray(frame[name], np.float64) for name in ("close", "dividend", "split"))
    ex = np.flatnonzero((dividend > 0) & (np.arange(len(close)) > 0))
    rate = np.log(dividend[ex] / close[ex - 1])
    found = []
    for row in np.flatnonzero(np.abs(np.log(split)) > LEAST_SPLIT):
        at = int(np.searchsorted(ex, row))
        before, after = rate[max(0, at - 4) : at], rate[at : at + 4]
        if len(before) < 3 or len(after) < 3:
            continue
        off = -np.log(split[row]) if raw else np.log(split[row])
        step = float(np.median(before) - np.median(after))
        spread = max(float(np.std(before)), float(np.std(after)))
        if abs(step - off) < 0.35 * abs(off) and spread < 0.5 * abs(off):
            found.append((int(row), float(np.exp(step))))
    return found


def within_long_bars(frame: pd.DataFrame) -> Floats:
    """(T,) how far a dividend that adj_close implies may be off where it fell within a bar of a week or longer.

    It was taken off the close of the day before, and not off that of the bar before.
    """
    close, dividend = (np.asarray(frame[name], np.float64) for name in ("close", "dividend"))
    off = np.zeros(len(close))
    moved = np.abs(np.log(close[1:] / close[:-1])) + 0.1
    off[1:] = np.where(_long_bars(frame)[1:], moved * dividend[1:], 0.0)
    return off


def _long_bars(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """(T,) whether more than a long weekend lies between a bar and the one before."""
    days = np.diff(frame.index.to_numpy()).astype("m8[D]").astype(np.int64)
    return np.concatenate([[False], days > LONG_WEEKEND])


def times_adjusted(told: Implied, dividend: Floats) -> float:
    """What the dividends on record are times those of adj_close, of the same dates; 1 where they have other dates."""
    ex = np.flatnonzero(dividend > 0)
    both = np.intersect1d(ex, told.paid)
    if len(both) < FEWEST or len(both) < 0.8 * max(len(ex), len(told.paid)):
        return 1.0
    return float(np.median(dividend[both] / told.dividend[both]))


def _fall_on_ex_dates(open_: Floats, close: Floats, dividend: Floats, ex: Rows) -> tuple[float, float]:
    """Part of the dividend by which the price moves at the open, -1 where it falls by all of it; and its deviation.

    Nights are weighed by the inverse of their usual variance.
    """
    night = open_[1:] / close[:-1] - 1.0
    least = 0.25 * MAD_TO_DEVIATION * float(np.median(np.abs(night)))
    paid, moved = dividend[ex] / close[ex - 1], night[ex - 1]
    weight = paid / np.maximum(_usual_night(night, ex), max(least, 1e-6)) ** 2
    whole = float((weight * paid).sum())
    return float((weight * moved).sum()) / whole, 1.0 / np.sqrt(whole)


def _usual_night(night: Floats, ex: Rows) -> Floats:
    """Deviation of the 41 nights around each ex-date, from the median of their sizes."""
    padded = np.concatenate([np.full(20, np.nan), np.abs(night), np.full(20, np.nan)])
    around = np.lib.stride_tricks.sliding_window_view(padded, 41)[ex - 1]
    return np.asarray(MAD_TO_DEVIATION * np.nanmedian(around, axis=1))


def odd_dividends(frame: pd.DataFrame) -> Rows:
    """Dividends over five times each of the two before and after, that the open does not follow half the way down."""
    open_, close, dividend = (np.asarray(frame[name], np.float64) for name in ("open", "close", "dividend"))
    ex = np.flatnonzero((dividend > 0) & (np.arange(len(close)) > 0))
    if len(ex) < 3:
        return np.empty(0, np.int64)
    moved, paid = open_[ex] / close[ex - 1] - 1.0, dividend[ex] / close[ex - 1]
    padded = np.concatenate([np.zeros(2), paid, np.zeros(2)])
    beside = np.max([padded[at : at + len(paid)] for at in (0, 1, 3, 4)], axis=0)
    return np.asarray(ex[(paid > 5 * beside) & (beside > 0) & (moved > -0.5 * paid)])


def skipped(frame: pd.DataFrame) -> Rows:
    """Ex-dates before which one of a regular row of dividends is lacking: four alike on either side, twice the gap."""
    close, dividend = (np.asarray(frame[name], np.float64) for name in ("close", "dividend"))
    ex = np.flatnonzero((dividend > 0) & (np.arange(len(close)) > 0))
    found = []
    apart, paid = np.diff(ex), dividend[ex] / close[ex - 1] if len(ex) else np.empty(0)
    for at in range(4, len(apart) - 4):
        near = np.concatenate([apart[at - 4 : at], apart[at + 1 : at + 5]])
        usual, rate = np.median(near), np.median(paid[at - 4 : at + 6])
        regular = (np.abs(near / usual - 1.0) < 0.3).all() and (paid[at - 4 : at + 6] > 0.4 * rate).all()
        if regular and 1.7 < apart[at] / usual < 2.3:
            found.append(int(ex[at + 1]))
    return np.array(found, np.int64)


def repeated(frame: pd.DataFrame) -> list[tuple[int, int]]:
    """Pairs of rows with the same dividend: within three bars, or all of them in pairs, as of ex-dates and pay dates.

    Who pays twice a year pays an amount twice as well, a hundred sessions apart and more.
    """
    dividend = np.asarray(frame["dividend"], np.float64)
    ex = np.flatnonzero(dividend > 0)
    same = dividend[ex[1:]] == dividend[ex[:-1]]
    near = np.flatnonzero(same & (np.diff(ex) <= AGAIN))
    paired = len(ex) >= 2 * FEWEST and len(ex) % 2 == 0 and same[::2].all() and not same[1::2].any()
    if paired and (np.diff(ex)[::2] <= PAID_BY).all():
        near = np.arange(0, len(ex), 2)
    return [(int(ex[at]), int(ex[at + 1])) for at in near]


def ended(frame: pd.DataFrame) -> int | None:
    """The last of a regular row of dividends where two and a half of its gaps follow without one; None elsewhere."""
    dividend = np.asarray(frame["dividend"], np.float64)
    ex = np.flatnonzero(dividend > 0)
    if len(ex) <= REGULAR:
        return None
    gaps = np.diff(ex[-REGULAR - 1 :])
    usual = float(np.median(gaps))
    regular = (np.abs(gaps / usual - 1.0) < 0.3).all()
    return int(ex[-1]) if regular and len(dividend) - 1 - ex[-1] > 2.5 * usual else None


def exact(told: Implied) -> bool:
    """Whether adj_close tells every dividend to the cent, and nothing else."""
    left = float(told.step.sum() - told.step[told.paid].sum())
    sure = bool((told.unsure[told.paid] < HALF_CENT).all())
    return sure and not len(told.taken_back) and abs(left) < 4 * told.noise


def falls_behind(told: Implied) -> bool:
    """Whether adj_close says that anything was paid at all."""
    return abs(float(told.step.sum())) > 4 * told.noise or bool(len(told.paid))
