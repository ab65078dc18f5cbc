# SPDX-License-Identifier: Apache-2.0
"""Features that know the past alone, though they learn from all of it, draw lots or round; {name: function}."""

import bisect

import numpy as np
import pandas as pd
import talib
from scipy.signal import lfilter, oaconvolve
from ta.momentum import RSIIndicator

from engine.indicators import ema, rolling_beta, sma, zscore


def _returns(values):
    return np.diff(np.log(values), prepend=np.log(values[:1]))


def _frame(market):
    return pd.Series(market.small.close, index=pd.DatetimeIndex(market.sessions))


def _lagged(moves, lags=3):
    """(T, lags): column j is the move j + 1 bars before."""
    return np.column_stack([np.concatenate((np.zeros(lag), moves))[: len(moves)] for lag in range(1, lags + 1)])


def expanding_scaling(market):
    move = pd.Series(_returns(market.small.close))
    return {"z": (move - move.expanding().mean()) / move.expanding().std()}


def expanding_rank(market):
    return {"rank": pd.Series(market.vix).expanding().rank(pct=True)}


def expanding_quantile(market):
    move = pd.Series(_returns(market.small.close))
    return {"rare": (move < move.expanding(100).quantile(0.05)).astype(float)}


def expanding_regression(market):
    moves = _returns(market.small.close)
    known = _lagged(moves)
    forecast = np.full(len(moves), np.nan)
    for row in range(252, len(moves), 21):
        weights = np.linalg.lstsq(known[: row - 1], moves[1:row], rcond=None)[0]
        forecast[row : row + 21] = known[row : row + 21] @ weights
    return {"forecast": forecast}


def walk_forward_logistic(market):
    """A classifier fitted anew each half year on the year before."""
    moves = _returns(market.small.close)
    known = np.column_stack([np.ones(len(moves)), 50.0 * _lagged(moves)])
    chance = np.full(len(moves), np.nan)
    for row in range(300, len(moves), 126):
        inputs, up = known[row - 252 : row - 1], moves[row - 251 : row] > 0
        weights = np.zeros(4)
        for _ in range(30):
            weights += 0.02 * inputs.T @ (up - 1.0 / (1.0 + np.exp(-inputs @ weights)))
        chance[row : row + 126] = 1.0 / (1.0 + np.exp(-known[row : row + 126] @ weights))
    return {"chance": chance}


def walk_forward_stump(market):
    """The best threshold of the VIX on all of the past, chosen each quarter."""
    moves, vix = _returns(market.small.close), market.vix
    limit = np.full(len(moves), np.nan)
    for row in range(300, len(moves), 63):
        levels = np.quantile(vix[:row], np.linspace(0.1, 0.9, 9))
        gains = [moves[1:row][vix[: row - 1] > level].sum() for level in levels]
        limit[row : row + 63] = levels[int(np.argmax(gains))]
    return {"limit": limit}


def seeded_noise(market):
    return {"noise": np.random.default_rng(42).standard_normal(len(market))}


def seeded_bootstrap(market):
    """Each row's own generator, seeded by its session."""
    moves = _returns(market.small.close)
    error = np.full(len(moves), np.nan)
    for row in range(60, len(moves), 10):
        drawn = np.random.default_rng(int(market.sessions[row].astype(int))).choice(moves[:row], 200)
        error[row : row + 10] = drawn.std()
    return {"error": error}


def old_global_seed(market):
    np.random.seed(7)  # noqa: NPY002  as many still write it
    return {"noise": np.random.rand(len(market))}  # noqa: NPY002


def fourier_over_windows(market):
    moves = _returns(market.small.close)
    share = np.full(len(moves), np.nan)
    if len(moves) >= 64:
        power = np.abs(np.fft.rfft(np.lib.stride_tricks.sliding_window_view(moves, 64), axis=1)) ** 2
        share[63:] = power[:, 1:8].sum(axis=1) / power.sum(axis=1)
    return {"slow": share}


def mean_by_fourier(market):
    """A moving mean by a convolution whose blocks, and so whose last bits, depend on the length."""
    close = market.small.close
    return {"mean": oaconvolve(close, np.ones(50) / 50)[: len(close)] if len(close) else close}


def variance_by_fourier(market):
    """Cancellation: the variance is a small difference of large numbers, and keeps few of their digits."""
    close = market.small.close
    if len(close) < 40:
        return {"variance": np.full(len(close), np.nan)}
    mean, square = (oaconvolve(values, np.ones(40) / 40)[: len(close)] for values in (close, close**2))
    return {"variance": np.where(np.arange(len(close)) < 40, np.nan, square - mean**2)}


def matrix_product(market):
    windows = np.full((len(market), 250), np.nan)
    close = market.small.close
    if len(close) >= 250:
        windows[249:] = np.lib.stride_tricks.sliding_window_view(close, 250)
    return {"weighted": windows @ np.linspace(0.0, 2.0 / 250, 250)}


def network_with_fixed_weights(market):
    drawn = np.random.default_rng(3)
    moves = _lagged(_returns(market.small.close), 16) * 100.0
    return {"out": np.tanh(moves @ drawn.normal(size=(16, 32))) @ drawn.normal(size=32)}


def exponential_means(market):
    close = pd.Series(market.small.close)
    return {"fast": close.ewm(span=12).mean(), "slow": close.ewm(halflife=30).mean(), "own": ema(close.to_numpy(), 26)}


def kalman_beta(market):
    small, large = np.log(market.small.close), np.log(market.large.close)
    state, spread = np.zeros(2), np.eye(2)
    beta = np.empty(len(small))
    for row in range(len(small)):
        seen = np.array([1.0, large[row]])
        spread = spread + 1e-5 * np.eye(2)
        gain = spread @ seen / (seen @ spread @ seen + 1e-3)
        state = state + gain * (small[row] - seen @ state)
        spread = spread - np.outer(gain, seen) @ spread
        beta[row] = state[1]
    return {"beta": beta}


def one_way_filter(market):
    return {"smooth": lfilter([0.2], [1.0, -0.8], market.small.close)}


def week_before(market):
    """The closed week, known from its last session on."""
    close = _frame(market)
    week = close.resample("W-FRI").last().pct_change()
    return {"flag": (week.shift(1) > 0).astype(float).reindex(close.index, method="bfill")}


def month_before(market):
    close = _frame(market)
    month = close.groupby(close.index.to_period("M")).last().pct_change().shift(1)
    return {"mood": np.sign(month).reindex(close.index.to_period("M")).to_numpy()}


def month_to_date(market):
    close = _frame(market)
    return {"off": close / close.groupby(close.index.to_period("M")).cummax() - 1.0}


def backward_merge(market):
    close = _frame(market)
    days = pd.DataFrame({"day": close.index})
    tenth = pd.DataFrame({"day": close.index[9::10], "value": close.to_numpy()[9::10]})
    if not len(tenth):
        return {"before": np.full(len(days), np.nan)}
    return {"before": pd.merge_asof(days, tenth, on="day").value}


def filled_forwards(market):
    vix = pd.Series(market.vix)
    vix[np.arange(len(vix)) % 5 != 0] = np.nan
    return {"vix": vix.ffill()}


def high_water_mark(market):
    close = market.small.close
    return {"depth": close / np.maximum.accumulate(close) - 1.0}


def days_since_high(market):
    close = market.small.close
    days = [row - (row - 19 + int(np.argmax(close[row - 19 : row + 1]))) for row in range(19, len(close))]
    return {"days": np.append(np.full(min(19, len(close)), np.nan), days)}


def technical_libraries(market):
    small = market.small
    return {
        "rsi": talib.RSI(small.close, 14),
        "adx": talib.ADX(small.high, small.low, small.close, 14),
        "ta_rsi": RSIIndicator(pd.Series(small.close), 14).rsi(),
        "beta": rolling_beta(_returns(small.close), _returns(market.large.close), 60),
    }


def needs_a_year(market):
    """Refuses to compute on less than a year, as many a model does."""
    if len(market) < 252:
        raise ValueError("a year of bars is needed")
    return {"z": zscore(np.log(market.small.close), 120)}


def lagged_a_quarter(market):
    close = market.small.close
    return {"ago": np.append(np.full(min(63, len(close)), np.nan), close[: max(0, len(close) - 63)])}


def sorted_within_windows(market):
    moves = _returns(market.small.close)
    worst = np.full(len(moves), np.nan)
    if len(moves) >= 100:
        worst[99:] = np.sort(np.lib.stride_tricks.sliding_window_view(moves, 100), axis=1)[:, 4]
    return {"fifth": worst, "mean": sma(market.small.close, 200)}


def calendar_alone(market):
    days = pd.DatetimeIndex(market.sessions)
    return {"month": days.month.to_numpy(float), "weekday": days.day_of_week.to_numpy(float)}


def backward_gradient(market):
    return {"slope": np.diff(market.small.close, prepend=market.small.close[:1])}


_seen = {}


def remembered_by_its_bars(market):
    """What is kept is found again by the bars themselves, to the last one."""
    close = market.small.close
    return {"mean": _seen.setdefault(close.tobytes(), pd.Series(close).expanding().mean().to_numpy())}


def sorted_past(market):
    """How many closes of all before lie below: the place in a sorted list that grows."""
    place, known = np.zeros(len(market)), []
    for row, close in enumerate(market.small.close):
        place[row] = bisect.bisect_left(known, close) / max(1, row)
        known.insert(int(place[row] * max(1, row) + 0.5), close)
    return {"place": place}


def view_of_its_own_bars(market):
    """Windows over the memory of the bars that it was given, and no further."""
    close = market.small.close
    if len(close) < 30:
        return {"range": np.full(len(close), np.nan)}
    windows = np.lib.stride_tricks.sliding_window_view(close, 30)
    return {"range": np.append(np.full(29, np.nan), windows.max(axis=1) / windows.min(axis=1) - 1.0)}


def month_rank_so_far(market):
    """The rank of a day among those of its month up to it."""
    close = _frame(market)
    return {"rank": close.groupby(close.index.to_period("M")).expanding().rank(pct=True).to_numpy()}


HONEST = {name: made for name, made in list(globals().items()) if getattr(made, "__module__", "") == __name__}
HONEST = {name: made for name, made in HONEST.items() if not name.startswith("_")}
