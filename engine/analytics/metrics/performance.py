# SPDX-License-Identifier: Apache-2.0
"""Metrics of return, risk and the market, on daily returns taken at session closes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from engine.analytics.metrics.registry import Undefined, metric
from engine.analytics.sessions import Dates
from engine.arrays import FloatArray
from engine.market.spacing import SESSIONS_A_YEAR

STILL = 1e-12
"""A daily deviation below this is rounding, not movement."""

SHOCK_SESSIONS = 15
ROOT_YEAR = "x sqrt(252); of weekly bars sqrt(52), of monthly ones sqrt(12)"


def alive(nav: FloatArray) -> FloatArray:
    """`nav` of an account that never lost everything; Undefined otherwise, or without a single session."""
    if len(nav) < 2:
        raise Undefined("the run has no session")
    if not np.all(nav > 0):
        raise Undefined("equity was not positive at some session's close: the account was ruined")
    return nav


def enough(returns: FloatArray, least: int, what: str = "sessions") -> FloatArray:
    """`returns` if there are at least `least` and none is missing; Undefined otherwise."""
    if len(returns) < least:
        raise Undefined(f"needs at least {least} {what}, the run has {len(returns)}")
    if np.any(np.isnan(returns)):
        raise Undefined("equity was not positive at some session's close: the account was ruined")
    return returns


def a_year(per_year: float) -> float:
    """Sessions with a bar in a year; Undefined where they are unevenly spaced, and no figure a year can be made."""
    if math.isnan(per_year):
        raise Undefined("the bars are unevenly spaced: their returns are over times of different length")
    return per_year


def judged(returns: FloatArray, fills: int) -> FloatArray:
    """`returns` of a run that traded; Undefined without a fill: interest on idle cash is no skill."""
    if fills == 0:
        raise Undefined("no order filled: there is nothing to judge")
    return returns


def excess_returns(returns: FloatArray, rates: FloatArray, per_year: float) -> FloatArray:
    """Daily returns less the benchmark's rate / 252, (S,); of weekly bars weekly ones less its 52nd part."""
    return enough(returns, 2) - rates / a_year(per_year)


def deviation(returns: FloatArray) -> float:
    """Sample standard deviation (n - 1); Undefined where the returns do not move."""
    spread = float(np.std(returns, ddof=1))
    if spread < STILL:
        raise Undefined("the returns do not vary")
    return spread


def session_ratio(excess: FloatArray) -> float:
    """Mean / standard deviation (n - 1) of (S,) excess returns: the Sharpe ratio of one session."""
    return float(np.mean(excess) / deviation(excess))


def calendar_returns(returns: FloatArray, dates: Dates, unit: str) -> tuple[NDArray[np.datetime64], FloatArray]:
    """Compound returns by calendar month (`M`) or year (`Y`): (periods, returns). Part periods count as they are."""
    periods, starts = np.unique(dates.astype(f"datetime64[{unit}]"), return_index=True)
    return periods, np.multiply.reduceat(1 + returns, starts) - 1 if len(returns) else np.empty(0)


@metric(
    "total_return",
    "Total return",
    group="return",
    unit="fraction",
    better="high",
    formula="last equity / opening deposit - 1; money added later buys units and is no gain",
)
def total_return(nav: FloatArray) -> float:
    """Gain over the whole run; defined for a ruined account too (-1 or below)."""
    if len(nav) < 2:
        raise Undefined("the run has no session")
    return float(nav[-1] / nav[0] - 1)


@metric(
    "cagr",
    "CAGR",
    group="return",
    unit="fraction a year",
    better="high",
    formula="(1 + total return) ^ (1 / years) - 1",
    annualised="compound; years are sessions of the exchange / 252, with a bar or without",
)
def cagr(nav: FloatArray, years: float) -> float:
    """Compound annual growth rate."""
    sessions = round(years * SESSIONS_A_YEAR)
    return float((alive(nav)[-1] / nav[0]) ** (SESSIONS_A_YEAR / sessions) - 1)


@metric(
    "volatility",
    "Volatility",
    group="risk",
    unit="fraction a year",
    better="low",
    formula="standard deviation (n - 1) of daily returns",
    annualised=ROOT_YEAR,
)
def volatility(returns: FloatArray, per_year: float) -> float:
    """Annualised volatility; 0 for an account that never moved."""
    return float(np.std(enough(returns, 2), ddof=1) * np.sqrt(a_year(per_year)))


@metric(
    "sharpe",
    "Sharpe ratio",
    group="return",
    unit="ratio",
    better="high",
    formula="mean / standard deviation (n - 1) of daily returns in excess of costs.benchmark / 252 (weekly / 52)",
    annualised=ROOT_YEAR,
)
def sharpe(returns: FloatArray, rates: FloatArray, per_year: float, fills: int) -> float:
    """Sharpe ratio over the benchmark rate: the bound series, else the constant."""
    excess = excess_returns(judged(returns, fills), rates, per_year)
    return session_ratio(excess) * math.sqrt(per_year)


@metric(
    "sortino",
    "Sortino ratio",
    group="return",
    unit="ratio",
    better="high",
    formula="mean daily excess return / root of the mean over all sessions of squared negative excess returns",
    annualised=ROOT_YEAR,
)
def sortino(returns: FloatArray, rates: FloatArray, per_year: float, fills: int) -> float:
    """Sortino ratio over the same benchmark rate as the Sharpe ratio."""
    excess = excess_returns(judged(returns, fills), rates, per_year)
    downside = float(np.sqrt(np.mean(np.minimum(excess, 0.0) ** 2)))
    if downside < STILL:
        raise Undefined("no session lost against the benchmark")
    return float(np.mean(excess) / downside * np.sqrt(per_year))


@metric("best_day", "Best day", group="return", unit="fraction", better="high", formula="largest daily return")
def best_day(returns: FloatArray) -> float:
    """Largest daily return."""
    return float(np.max(enough(returns, 1)))


@metric("worst_day", "Worst day", group="risk", unit="fraction", better="high", formula="smallest daily return")
def worst_day(returns: FloatArray) -> float:
    """Smallest daily return."""
    return float(np.min(enough(returns, 1)))


@metric(
    "worst_month",
    "Worst month",
    group="risk",
    unit="fraction",
    better="high",
    formula="smallest compound return of a calendar month; part months count as they are",
)
def worst_month(returns: FloatArray, dates: Dates) -> float:
    """Smallest calendar-month return."""
    return float(np.min(calendar_returns(enough(returns, 1), dates, "M")[1]))


@metric(
    "worst_15_sessions",
    "Worst 15 sessions",
    group="risk",
    unit="fraction",
    better="high",
    formula="smallest compound return over 15 sessions in a row: the 15-day shock of the account",
)
def worst_15_sessions(nav: FloatArray) -> float:
    """The 15-day shock: smallest change of equity over 15 sessions."""
    if len(alive(nav)) <= SHOCK_SESSIONS:
        raise Undefined(f"needs at least {SHOCK_SESSIONS} sessions, the run has {len(nav) - 1}")
    return float(np.min(nav[SHOCK_SESSIONS:] / nav[:-SHOCK_SESSIONS]) - 1)


@metric(
    "shock_sigmas",
    "Worst 15 sessions, sigmas",
    group="risk",
    unit="ratio",
    better="high",
    formula="worst 15 sessions / (standard deviation of daily returns x sqrt(15))",
)
def shock_sigmas(nav: FloatArray, returns: FloatArray) -> float:
    """The 15-day shock in standard deviations of 15 sessions of the whole run."""
    return worst_15_sessions(nav) / (deviation(enough(returns, 2)) * float(np.sqrt(SHOCK_SESSIONS)))


@metric(
    "skew",
    "Skew",
    group="risk",
    unit="ratio",
    better="high",
    formula="third central moment of daily returns / (second ^ 1.5), population moments",
)
def skew(returns: FloatArray) -> float:
    """Skewness (g1, not corrected for bias)."""
    return _standard_moment(returns, 3)


@metric(
    "kurtosis",
    "Excess kurtosis",
    group="risk",
    unit="ratio",
    better="low",
    formula="fourth central moment of daily returns / (second ^ 2) - 3, population moments; 0 if normal",
)
def kurtosis(returns: FloatArray) -> float:
    """Excess kurtosis (g2, not corrected for bias)."""
    return _standard_moment(returns, 4) - 3


def _standard_moment(returns: FloatArray, power: int) -> float:
    deviation(enough(returns, 3))
    centred = returns - np.mean(returns)
    return float(np.mean(centred**power) / np.mean(centred**2) ** (power / 2))
