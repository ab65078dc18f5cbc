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

from engine.arrays import FloatArray
from engine.market.sample.episodes import SUPPORT_START
from engine.market.sample.script import Script
from engine.market.sample.streams import reverting, stream, student

DRIFT = 0.0003  # of the market, log, a session; the funds' own drifts are set later
VIX_MEDIAN = math.log(17.6)
VIX_FLOOR = math.log(9.1)
VIX_KNEE = math.log(55.0)  # above it the VIX is compressed, so that no seed goes past 100
COMPRESSION = 0.4
SLOW_SD, SLOW_HALF_LIFE = 0.33, 250.0
FAST_REVERSION = 0.06  # a session
ANSWER, CONVEXITY, VIX_NOISE = 0.054, 0.008, 0.031
SCRIPTED_NOISE = 0.6  # of the VIX's own noise where a script leads it
MARKET_SIGMA = 0.85 / 100 / math.sqrt(252)  # of a session, per point of VIX at a VIX of 19
SIGMA_POWER = 1.30  # realised volatility moves more than the VIX, which keeps a premium in calm times
POWER_LIMIT = math.log(40.0 / 19.0)
SIZE_SIGMA = 0.0057  # of a session at the median VIX
BETA, BETA_SD = 1.17, 0.16
PULL_SHARE, MIRROR_SHARE = 0.4, 0.9  # of what bends IWM along the support line, that the whole market moves with
BELOW, BELOW_FIRST = -0.02, -0.1  # log distance a broken line keeps; the anchors for which it does
LINE_CALM = math.log(26.0) - VIX_MEDIAN  # a line holds in calm years: the VIX soon falls back below 26


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
    """Run the loop. `small_payout` (T,) is IWM's dividend as a fraction of the close before: the line is in prices."""
    count = len(script.large)
    draws = _draw(seed, count)
    table = np.zeros((6, count))
    table[2], table[3, 0] = draws.beta, VIX_MEDIAN + draws.slow[0]
    fast, distance = 0.0, SUPPORT_START
    for t in range(1, count):
        excess = table[3, t - 1] - math.log(19.0)
        sigma = MARKET_SIGMA * 19.0 * math.exp(excess + (SIGMA_POWER - 1.0) * min(excess, POWER_LIMIT))
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
    market = (t8 - 0.03 * (t8 * t8 - 1.0)) / math.sqrt(1.0 + 3.5 * 0.03**2)  # crashes are larger than rallies
    slow = np.exp(0.45 * reverting(rng, SLOW_HALF_LIFE, count))  # high levels are rarer and further off than low ones
    slow = SLOW_SD * (slow - slow.mean()) / slow.std()
    coupling = 1.05 - 0.75 * np.maximum(reverting(rng, 40.0, count) - 1.6, 0.0)
    columns = (
        market,
        student(rng, 6.0, count),
        student(rng, 4.0, count),
        slow,
        0.30 * reverting(rng, 60.0, count),
        BETA + BETA_SD * reverting(rng, 180.0, count),
        np.maximum(coupling, 0.3),
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

    A Brownian bridge: each day closes one part in `anchor_left` of what is missing. A close on the wrong
    side is mirrored.
    """
    market, size, beta = returns
    free = distance + math.log(math.exp(beta * market + size) - payout)
    pulled = free + (script.anchor[t] - free) / script.anchor_left[t]
    kept = pulled
    if script.side[t] == 1:
        kept = abs(pulled)
    elif script.anchor[t] < BELOW_FIRST:  # after the fall: rallies end below the line
        kept = BELOW - abs(pulled - BELOW)
    whole = PULL_SHARE * (pulled - free) + MIRROR_SHARE * (kept - pulled)
    return market + whole / beta, size + kept - free - whole, kept


def _next_fast(script: Script, draws: _Draws, t: int, fast: float, shock: float) -> float:
    """The VIX's fast part after a market return of `shock` standard deviations."""
    scripted, left = float(script.coupling[t]), int(script.vix_left[t])
    coupling = draws.coupling[t] if math.isnan(scripted) else scripted
    z = min(max(shock, -5.0), 5.0)
    own = VIX_NOISE * math.exp(-0.35 * (draws.slow[t] + fast))  # when the VIX is high, little but the index moves it
    news, kept = draws.vix[t], (1.0 - FAST_REVERSION) * fast
    if left:  # a bridge to the goal, whatever the slow part does
        own, news, kept = SCRIPTED_NOISE * own, min(max(news, -2.0), 2.0), fast + draws.slow[t - 1] - draws.slow[t]
    elif coupling < 1.0:  # what the index does not explain, something else does
        own *= math.sqrt(1.0 + (1.0 - coupling**2) * (ANSWER / VIX_NOISE) ** 2)
    following = kept + coupling * (CONVEXITY * (z * z - 1.0) - ANSWER * z) + own * news
    if left:
        goal = _uncompressed(float(script.vix_goal[t])) - VIX_MEDIAN - draws.slow[t]
        following += (goal - following) / left
    elif script.side[t]:
        following -= 0.2 * max(following + draws.slow[t] - LINE_CALM, 0.0)
    return following


def _bounded(log_vix: float, fast: float) -> tuple[float, float]:
    """Mirror the VIX at its floor, compress it above its knee; returns log VIX and the fast part that goes with it."""
    bounded = VIX_FLOOR + abs(log_vix - VIX_FLOOR)
    if bounded > VIX_KNEE:
        return VIX_KNEE + COMPRESSION * (bounded - VIX_KNEE), fast
    return bounded, fast + bounded - log_vix


def _uncompressed(log_vix: float) -> float:
    return log_vix if log_vix <= VIX_KNEE else VIX_KNEE + (log_vix - VIX_KNEE) / COMPRESSION
