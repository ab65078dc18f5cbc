# SPDX-License-Identifier: Apache-2.0
"""Returns of a run, and of its sleeves, on the factors of a file: ordinary least squares with Newey-West errors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.analytics.analysis import Analysis
from engine.analytics.factors.findings import LEVEL, FactorAttribution, FactorFit, Loading
from engine.analytics.factors.reading import FactorFile
from engine.analytics.metrics.performance import STILL
from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.errors import DataError, Problem
from engine.market.calendar import exchange
from engine.notice import Notice, loud, note

FEWEST = {"daily": 60, "monthly": 24}
"""Periods in common from which loadings say anything."""

PER_YEAR = {"daily": 252, "monthly": 12}

GAPS = 0.02
"""Part of the periods without factors from which that is loud."""

LARGEST_CONDITION = 1e8
"""Of the design, its columns scaled to one length: above it they are combinations of one another."""


def newey_west_lags(periods: int) -> int:
    """floor( 4 (n / 100)^(2/9) ): Newey and West, Automatic Lag Selection in Covariance Matrix Estimation, 1994."""
    return math.floor(4.0 * math.pow(periods / 100, 2 / 9))


def attribute(result: RunRecord, analysis: Analysis, given: FactorFile) -> FactorAttribution:
    """Regress a run's returns, less the risk-free ones, on the factors of the same periods.

    A month counts where the run has every session of it. Raises DataError where too few periods are in common, the
    factors say the same in other words, the run's bars are longer than the file's days, or its account was ruined.
    """
    sessions, spacing = analysis.sessions, result.market.spacing
    if given.period == "daily" and spacing.name != "daily":
        raise _problem(
            given, f"the run has {spacing.name} bars, the factors are daily", spacing.name, "monthly factors"
        )
    if math.isnan(spacing.per_year):
        raise _problem(given, "the run's sessions are unevenly spaced", spacing.uneven, "bars of every session")
    returns = {result.config.name: sessions.returns}
    returns |= {sleeve.name: sleeve.returns(sessions) for sleeve in analysis.sleeves}
    rates = sessions.rates / spacing.per_year
    dates, rows = sessions.dates, np.arange(len(sessions))
    if given.period == "monthly":
        dates, starts, rows = _months(sessions.dates)
        returns = {name: _compound(one, starts)[rows] for name, one in returns.items()}
        rates = _compound(rates, starts)[rows]
        dates = dates[rows]
    place = np.searchsorted(given.dates, dates)
    place = np.minimum(place, len(given.dates) - 1)
    matched = given.dates[place] == dates
    known = matched & np.isfinite(given.values[place]).all(axis=1)
    if given.rate is not None:
        known &= np.isfinite(given.rate[place])
    _enough(given, dates, known)
    design, lags = given.values[place[known]], newey_west_lags(int(known.sum()))
    _independent(given, design)
    less = rates[known] if given.rate is None else given.rate[place[known]]
    fits, said = [], _gaps(given, dates, known)
    for name, one in returns.items():
        own = one[known] - less
        if not np.isfinite(own).all() or np.std(own) < STILL:
            why = "was ruined" if not np.isfinite(own).all() else "does not move"
            if name == result.config.name:
                raise _problem(given, "no returns to regress", f"the account {why}", "a run that traded and lived")
            said.append(note(f"{name}: it {why}, so it has no loadings."))
            continue
        fits.append(_fit(name, own, design, given, lags))
    used = dates[known]
    rate = "the benchmark rate of the run" if given.rate is None else "rf of the file"
    return FactorAttribution(
        given.file, given.period, str(used[0]), str(used[-1]), rate, lags, tuple(fits), tuple(said)
    )


def _fit(name: str, own: FloatArray, design: FloatArray, given: FactorFile, lags: int) -> FactorFit:
    import statsmodels.api as sm

    fitted = sm.OLS(own, sm.add_constant(design, has_constant="add")).fit(
        cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True
    )
    a_year = PER_YEAR[given.period]
    low, high = fitted.conf_int(1 - LEVEL)[0] * a_year
    moved = own - own.mean()
    shares = fitted.params[1:] * (design - design.mean(axis=0)).T.dot(moved) / moved.dot(moved)
    loadings = zip(given.names, fitted.params[1:], fitted.bse[1:], fitted.tvalues[1:], shares, strict=True)
    return FactorFit(
        name=name,
        periods=len(own),
        alpha=float(fitted.params[0]) * a_year,
        alpha_error=float(fitted.bse[0]) * a_year,
        alpha_t=float(fitted.tvalues[0]),
        interval=(float(low), float(high)),
        loadings=tuple(Loading(factor, *map(float, numbers)) for factor, *numbers in loadings),
        r2=float(fitted.rsquared),
    )


def _months(
    days: NDArray[np.datetime64],
) -> tuple[NDArray[np.datetime64], NDArray[np.int64], NDArray[np.int64]]:
    """(months, first row of each, places of those of which the run has every session of the exchange)."""
    months, starts = np.unique(days.astype("M8[M]"), return_index=True)
    counts = np.diff(np.append(starts, len(days)))
    firsts, nexts = (one.astype("M8[D]").astype(np.int64) for one in (months, months + 1))
    whole = [
        len(exchange().between(int(first), int(after) - 1)) == count
        for first, after, count in zip(firsts, nexts, counts, strict=True)
    ]
    return months.astype("M8[D]"), starts, np.flatnonzero(whole)


def _compound(returns: FloatArray, starts: NDArray[np.int64]) -> FloatArray:
    return np.asarray(np.multiply.reduceat(1 + returns, starts) - 1)


def _enough(given: FactorFile, dates: NDArray[np.datetime64], known: NDArray[np.bool_]) -> None:
    count, least = int(known.sum()), FEWEST[given.period]
    if count >= least:
        return
    unit = "sessions" if given.period == "daily" else "whole months"
    span = f"{dates[0]} to {dates[-1]}" if len(dates) else "no whole month"
    found = f"{count} in common: the run has {span}, the file {given.dates[0]} to {given.dates[-1]}"
    raise _problem(given, f"too few {unit} with factors", found, f"at least {least}")


def _independent(given: FactorFile, design: FloatArray) -> None:
    """Refuse a factor that does not move in these periods, and one that the constant and the others add up to."""
    still = [name for name, column in zip(given.names, design.T, strict=True) if np.ptp(column) == 0.0]
    if still:
        raise _problem(given, "a factor that does not move in the run's periods", ", ".join(still), "one that does")
    scaled = (design - design.mean(axis=0)) / design.std(axis=0)
    for count in range(2, scaled.shape[1] + 1):
        if np.linalg.cond(scaled[:, :count]) > LARGEST_CONDITION:
            before = ", ".join(given.names[: count - 1])
            found = f"{given.names[count - 1]} is a combination of {before}"
            raise _problem(given, "factors that say the same: no loading is their own", found, "take one of them out")


def _gaps(given: FactorFile, dates: NDArray[np.datetime64], known: NDArray[np.bool_]) -> list[Notice]:
    used = dates[known]
    inside = (dates >= used[0]) & (dates <= used[-1])
    holes, before_after = int((inside & ~known).sum()), int((~inside).sum())
    unit = "sessions" if given.period == "daily" else "months"
    said = []
    if holes:
        first = dates[inside & ~known][0]
        span = f"between {used[0]} and {used[-1]}"
        text = f"{holes:,} {unit} of the run {span} have no factors, the first {first}: left out."
        said.append((loud if holes > GAPS * inside.sum() else note)(text))
    if before_after:
        text = f"{before_after:,} of {len(dates):,} {unit} of the run lie outside of the factors' dates: left out."
        said.append((loud if before_after > len(dates) / 2 else note)(text))
    return said


def _problem(given: FactorFile, message: str, found: str, allowed: str) -> DataError:
    return DataError(Problem(message, given.file, found=found, allowed=allowed))
