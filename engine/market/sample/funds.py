# SPDX-License-Identifier: Apache-2.0
"""The unleveraged funds: what each one is made of, and its daily total returns.

The loadings, residual volatilities and residual correlations were measured by regressing each fund's daily returns on
SPY's and on IWM's beyond its beta, 2000 to 2024 (KRE from 2006).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.arrays import FloatArray
from engine.market.sample import factors as fa
from engine.market.sample.episodes import FIRST_SESSION, LAST_SESSION
from engine.market.sample.script import Script, write_script
from engine.market.sample.streams import reverting, sessions, stream, student

OVERNIGHT = 0.33
"""Share of the close-to-close variance that falls between close and open. Measured: 0.28 (QQQ) to 0.38 (XLY)."""


@dataclass(frozen=True, slots=True)
class Fund:
    """What one fund is made of.

    market, size    loadings on the two factors; market is multiplied with the varying beta where `small`
    residual        sigma of its own a session, at the median VIX
    growth          lowest and highest total return a year; each seed draws one. For `relative` funds: on top of SPY's
    payout          dividends, fraction of the price a year; ex_lag: sessions after the quarter's third Friday
    price           at the first close; dollars: median traded a session
    """

    symbol: str
    market: float
    size: float
    residual: float
    growth: tuple[float, float]
    payout: float
    ex_lag: int
    price: float
    dollars: float
    relative: bool = True
    small: bool = False


FUNDS: tuple[Fund, ...] = (
    Fund("SPY", 1.0, 0.0, 0.0, (0.065, 0.09), 0.018, 0, 140.0, 20e9, relative=False),
    Fund("IWM", 1.0, 1.0, 0.0, (-0.015, 0.01), 0.013, 3, 48.0, 4.5e9, small=True),
    Fund("QQQ", 1.165, 0.074, 0.0074, (0.0, 0.03), 0.0066, 1, 90.0, 6e9),
    Fund("KRE", 1.256, 1.085, 0.0098, (-0.04, -0.01), 0.024, 1, 26.0, 3.5e8),
    Fund("XLE", 1.034, 0.284, 0.0116, (-0.02, 0.015), 0.026, 1, 28.0, 1.1e9),
    Fund("XLY", 1.017, 0.192, 0.0058, (0.0, 0.025), 0.012, 1, 26.0, 4.5e8),
)

RESIDUAL_CORRELATION = np.array(
    [
        [1.00, -0.36, -0.38, 0.02],
        [-0.36, 1.00, 0.05, -0.07],
        [-0.38, 0.05, 1.00, -0.20],
        [0.02, -0.07, -0.20, 1.00],
    ]
)
"""Of QQQ, KRE, XLE and XLY."""


@dataclass(frozen=True)
class FundPath:
    """One fund's sessions, each (T,): log total return, the part of it before the open, expected sigma, payout.

    payout is the dividend as a fraction of the close before. The first session has no return and no sigma.
    """

    total: FloatArray
    overnight: FloatArray
    sigma: FloatArray
    payout: FloatArray


def fund_paths(seed: int) -> tuple[dict[str, FundPath], fa.Factors]:
    """The daily path of every unleveraged fund, and the factors behind them."""
    script = write_script(seed)
    payouts = {fund.symbol: payout(seed, fund) for fund in FUNDS}
    factors = fa.simulate(seed, script, payouts["IWM"])
    market, size = _with_growth(seed, script, factors)
    gaps = stream(seed, "overnight")
    market_gap = _overnight(gaps, market, factors.market_sigma)
    size_gap = _overnight(gaps, size, factors.size_sigma)
    residuals = _residuals(seed, factors)
    paths = {}
    for fund in FUNDS:
        beta = factors.beta if fund.small else np.full(len(market), fund.market)
        total, gap = beta * market + fund.size * size, beta * market_gap + fund.size * size_gap
        variance = (beta * factors.market_sigma) ** 2 + (fund.size * factors.size_sigma) ** 2
        if fund.symbol in residuals:
            own, sigma = residuals[fund.symbol]
            own = own + _missing(total + own, np.ones(len(total), np.bool_), _yearly(seed, fund))
            total, variance = total + own, variance + sigma**2
            gap = gap + _overnight(stream(seed, f"overnight {fund.symbol}"), own, sigma)
        paths[fund.symbol] = FundPath(total, gap, np.sqrt(variance), payouts[fund.symbol])
    return paths, factors


def payout(seed: int, fund: Fund) -> FloatArray:
    """(T,) quarterly dividends as a fraction of the close before, on the ex-date; 0 on other sessions."""
    rows = ex_rows(fund.ex_lag)
    column = np.zeros(len(sessions()))
    wander = 1.0 + 0.08 * stream(seed, f"payout {fund.symbol}").standard_normal(len(rows))
    column[rows] = fund.payout / 4.0 * np.maximum(wander, 0.5)
    return column


def ex_rows(lag: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Rows of the ex-dates: the third Friday of March, June, September and December, and `lag` sessions on."""
    months = np.arange(np.datetime64(FIRST_SESSION, "M"), np.datetime64(LAST_SESSION, "M") + 1)
    quarters = months[months.astype(np.int64) % 3 == 2]
    fridays = np.busday_offset(quarters.astype("M8[D]"), 2, roll="forward", weekmask="Fri").astype(np.int64)
    rows = np.searchsorted(sessions(), fridays, side="right") - 1 + lag
    return np.asarray(rows[rows < len(sessions())], dtype=np.int64)


def _residuals(seed: int, factors: fa.Factors) -> dict[str, tuple[FloatArray, FloatArray]]:
    """What each fund does beyond the two factors, and the sigma expected of it, each (T,); correlated across funds."""
    own = [fund for fund in FUNDS if fund.residual]
    count = len(factors.market)
    level = np.exp(0.8 * (np.concatenate([factors.log_vix[:1], factors.log_vix[:-1]]) - fa.VIX_MEDIAN))
    shocks = np.stack([student(stream(seed, f"residual {fund.symbol}"), 6.0, count) for fund in own])
    waves = np.stack([reverting(stream(seed, f"wave {fund.symbol}"), 120.0, count) for fund in own])
    sigmas = np.array([[fund.residual] for fund in own]) * level * np.exp(0.35 * waves)
    mixed = sigmas * (np.linalg.cholesky(RESIDUAL_CORRELATION) @ shocks)
    mixed[:, 0] = 0.0
    return {fund.symbol: (mixed[row], sigmas[row]) for row, fund in enumerate(own)}


def _overnight(rng: np.random.Generator, total: FloatArray, sigma: FloatArray) -> FloatArray:
    """The part of each return before the open: OVERNIGHT of its variance, uncorrelated with the rest of the day."""
    noise = np.sqrt(OVERNIGHT * (1.0 - OVERNIGHT)) * sigma * rng.standard_normal(len(total))
    gap = OVERNIGHT * total + noise
    gap[0] = 0.0
    return np.asarray(gap, dtype=np.float64)


def _with_growth(seed: int, script: Script, factors: fa.Factors) -> tuple[FloatArray, FloatArray]:
    """The factors, shifted on free sessions so that SPY and IWM grow at the yearly rates this seed draws."""
    large, small = FUNDS[0], FUNDS[1]
    market = factors.market + _missing(factors.market, script.free, _yearly(seed, large))
    iwm = factors.beta * market + factors.size
    return market, factors.size + _missing(iwm, script.free, _yearly(seed, small))


def _missing(total: FloatArray, where: np.ndarray[tuple[int], np.dtype[np.bool_]], yearly: float) -> FloatArray:
    """What must be added on the sessions `where` so that log returns add up to a growth of `yearly` a year."""
    wanted = np.log1p(yearly) * len(total) / 252.0
    where = where.copy()
    where[0] = False
    return np.where(where, (wanted - total.sum()) / where.sum(), 0.0)


def _yearly(seed: int, fund: Fund) -> float:
    base = 0.0 if not fund.relative else _yearly(seed, FUNDS[0])
    return base + float(stream(seed, f"growth {fund.symbol}").uniform(*fund.growth))
