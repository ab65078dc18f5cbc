# SPDX-License-Identifier: Apache-2.0
"""The sample market's engine: one market factor, one small-cap factor and the VIX, session by session.

The VIX of yesterday sets today's volatility; today's return moves the VIX. From that loop come clustering, fat tails,
the leverage effect and mean reversion. The coefficients were measured on SPY and the VIX, 2000 to 2024:

- r / (VIX of yesterday / sqrt(252)) has a standard deviation of 0.68 in the calmest fifth of days (VIX below 13) and of
  0.94 in the wildest (VIX above 25), an excess kurtosis of 1.4 and a skewness of -0.5;
- d log VIX = -0.054 z + 0.006 (z^2 - 1) + noise of 0.045, where z is that return in standard deviations;
- log VIX has a standard deviation of 0.36 and an autocorrelation of 0.98, 0.80, 0.62 and 0.29 after 1, 21, 63 and 252
  sessions: a fast part and a slow one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.market.sample.episodes import SUPPORT_START
from engine.market.sample.script import Script
from engine.market.sample.streams import FloatArray, reverting, stream, student

DRIFT = 0.0003  # of the market, log, a session; the funds' own drifts are set later
VIX_MEDIAN = math.log(17.3)
VIX_FLOOR = math.log(8.8)
VIX_KNEE = math.log(60.0)  # above it the VIX is compressed, so that no seed goes past 100
COMPRESSION = 0.5
SLOW_SD, SLOW_HALF_LIFE = 0.29, 150.0
FAST_REVERSION = 0.065  # a session
ANSWER, CONVEXITY, VIX_NOISE = 0.054, 0.006, 0.045
MARKET_SIGMA = 0.79 / 100 / math.sqrt(252)  # of a session, per point of VIX at a VIX of 19
SIGMA_POWER = 1.30  # realised volatility moves more than the VIX, which keeps a premium in calm times
SIZE_SIGMA = 0.0056  # of a session at the median VIX
BETA, BETA_SD = 1.15, 0.12
MARKET_SHARE = 0.4  # of the pull towards the support line; the rest is the small caps' own


@dataclass(frozen=True)
class Factors:
    """Each (T,). Returns are log total returns, 0 on the first session; sigmas are what was expected of them before.

    market is SPY's return, size what IWM does beyond beta * market.
    """

    market: FloatArray
    size: FloatArray
    beta: FloatArray
    log_vix: FloatArray
    market_sigma: FloatArray
    size_sigma: FloatArray


@dataclass(frozen=True)
class _Draws:
    """Every random number the loop needs, as Python floats: the loop reads them one by one."""

    market: list[float]
    size: list[float]
    vix: list[float]
    slow: list[float]
    size_wave: list[float]
    beta: list[float]
    coupling: list[float]


def simulate(seed: int, script: Script, small_payout: FloatArray) -> Factors:
    """Run the loop. `small_payout` (T,) is the dividend of IWM as a fraction of the close before: the line is in prices."""
    count = len(script.large)
    draws = _draw(seed, count)
    table = np.zeros((6, count))
    table[2], table[3, 0] = draws.beta, VIX_MEDIAN + draws.slow[0]
    fast, distance = 0.0, SUPPORT_START
    for t in range(1, count):
        excess = table[3, t - 1] - math.log(19.0)
        sigma = MARKET_SIGMA * 19.0 * math.exp(SIGMA_POWER * excess)
        size_sigma = SIZE_SIGMA * math.exp(0.55 * (table[3, t - 1] - VIX_MEDIAN) + draws.size_wave[t])
        market, size = _returns(script, draws, t, sigma, size_sigma)
        if script.side[t]:
            market, size, distance = _hold_line(script, t, (market, size, draws.beta[t]), distance, small_payout[t])
        fast = _next_fast(script, draws, t, fast, (market - DRIFT) / sigma)
        log_vix, fast = _bounded(VIX_MEDIAN + draws.slow[t] + fast, fast)
        table[:, t] = market, size, draws.beta[t], log_vix, sigma, size_sigma
    return Factors(*table)


def _draw(seed: int, count: int) -> _Draws:
    rng = stream(seed, "factors")
    t8 = student(rng, 8.0, count)
    market = (t8 - 0.07 * (t8 * t8 - 1.0)) / math.sqrt(1.0 + 2 * 0.07**2)  # crashes are larger than rallies
    slow = np.exp(0.45 * reverting(rng, SLOW_HALF_LIFE, count))  # high VIX levels are rarer and further off than low ones
    slow = SLOW_SD * (slow - slow.mean()) / slow.std()
    coupling = 1.05 - 0.75 * np.maximum(reverting(rng, 40.0, count) - 1.5, 0.0)
    columns = (
        market,
        student(rng, 6.0, count),
        student(rng, 6.0, count),
        slow,
        0.30 * reverting(rng, 60.0, count),
        BETA + BETA_SD * reverting(rng, 180.0, count),
        np.maximum(coupling, 0.1),
    )
    return _Draws(*(column.tolist() for column in columns))


def _returns(script: Script, draws: _Draws, t: int, sigma: float, size_sigma: float) -> tuple[float, float]:
    if math.isnan(script.large[t]):
        return DRIFT + sigma * draws.market[t], size_sigma * draws.size[t]
    market = float(script.large[t])
    return market, float(script.small[t]) - draws.beta[t] * market


def _hold_line(
    script: Script, t: int, returns: tuple[float, float, float], distance: float, payout: float
) -> tuple[float, float, float]:
    """Bend the day so that IWM bridges to its next distance from the line and stays on its side of it.

    A Brownian bridge: each day closes one part in `anchor_left` of what is missing. A close on the wrong side is mirrored.
    """
    market, size, beta = returns
    free = distance + math.log(math.exp(beta * market + size) - payout)
    bent = free + (script.anchor[t] - free) / script.anchor_left[t]
    if script.side[t] == 1:
        bent = abs(bent)
    elif script.anchor[t] < -0.1:  # after the fall: rallies end below the line
        bent = -0.02 - abs(bent + 0.02)
    shift = bent - free
    return market + MARKET_SHARE * shift / beta, size + (1.0 - MARKET_SHARE) * shift, bent


def _next_fast(script: Script, draws: _Draws, t: int, fast: float, shock: float) -> float:
    """The VIX's fast part after a market return of `shock` standard deviations."""
    coupling = draws.coupling[t] if math.isnan(script.coupling[t]) else float(script.coupling[t])
    z = min(max(shock, -5.0), 5.0)
    own = VIX_NOISE * math.sqrt(max(0.2, 1.0 + (1.0 - coupling**2) * (ANSWER / VIX_NOISE) ** 2))
    following = (1.0 - FAST_REVERSION) * fast + coupling * (CONVEXITY * (z * z - 1.0) - ANSWER * z) + own * draws.vix[t]
    left = int(script.vix_left[t])
    if left:
        goal = _uncompressed(float(script.vix_goal[t])) - VIX_MEDIAN - draws.slow[t]
        following += (goal - following) / left
    return following


def _bounded(log_vix: float, fast: float) -> tuple[float, float]:
    """Mirror the VIX at its floor, compress it above its knee; returns log VIX and the fast part that goes with it."""
    bounded = VIX_FLOOR + abs(log_vix - VIX_FLOOR)
    if bounded > VIX_KNEE:
        return VIX_KNEE + COMPRESSION * (bounded - VIX_KNEE), fast
    return bounded, fast + bounded - log_vix


def _uncompressed(log_vix: float) -> float:
    return log_vix if log_vix <= VIX_KNEE else VIX_KNEE + (log_vix - VIX_KNEE) / COMPRESSION
