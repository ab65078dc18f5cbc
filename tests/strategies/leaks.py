# SPDX-License-Identifier: Apache-2.0
"""Features that know too much, each in a way that people really write them; {name: function of a market}.

Every one gives the sign of something or a level, as a rule would read it. `market` has roles `large` and `small` and
the series `vix`.
"""

import numpy as np
import pandas as pd
import talib
from scipy.signal import filtfilt, savgol_filter

from engine.indicators import ema, sma


def _frame(market):
    days = pd.DatetimeIndex(market.sessions)
    bars = market.small
    return pd.DataFrame(
        {"close": bars.close, "high": bars.high, "low": bars.low, "volume": bars.volume, "large": market.large.close},
        index=days,
    )


def _returns(values):
    return np.diff(np.log(values), prepend=np.log(values[:1]))


def weekly_back_filled(market):
    close = _frame(market).close
    week = close.resample("W").last().pct_change()
    return {"flag": (week > 0).astype(float).reindex(close.index, method="bfill")}


def monthly_back_filled_flag(market):
    close = _frame(market).close
    month = close.resample("ME").last()
    return {"flag": (month > month.rolling(3).mean()).astype(float).reindex(close.index, method="bfill")}


def monthly_left_label(market):
    close = _frame(market).close
    month = close.resample("MS").last().pct_change()
    return {"mood": np.sign(month).reindex(close.index, method="ffill")}


def weekly_left_label_of_a_flag(market):
    frame = _frame(market)
    week = frame.resample("W-MON", label="left", closed="left").agg({"close": "last", "high": "max"})
    return {"strong": (week.close > 0.99 * week.high).astype(float).reindex(frame.index, method="ffill")}


def nearest_date(market):
    close = _frame(market).close
    weekly = close.resample("W-FRI").last().rename("weekly").reset_index()
    weekly.columns = ["day", "weekly"]
    days = pd.DataFrame({"day": close.index})
    weekly["day"] = weekly["day"].astype(days["day"].dtype)
    merged = pd.merge_asof(days, weekly, on="day", direction="nearest")
    return {"above": (merged.weekly.to_numpy() > sma(market.small.close, 20)).astype(float)}


def forward_merge(market):
    close = _frame(market).close
    ends = pd.DataFrame({"day": close.index[9::10], "value": close.to_numpy()[9::10]})
    days = pd.DataFrame({"day": close.index})
    if not len(ends):
        return {"next": np.full(len(days), np.nan)}
    return {"next": pd.merge_asof(days, ends, on="day", direction="forward").value}


def centred_mean(market):
    return {"smooth": pd.Series(market.small.close).rolling(5, center=True).mean()}


def centred_convolution(market):
    close = market.small.close
    return {"smooth": np.convolve(close, np.ones(7) / 7, mode="same") if len(close) >= 7 else close}


def savitzky_golay(market):
    close = market.small.close
    smooth = savgol_filter(close, 21, 2) if len(close) >= 21 else close
    return {"slope": np.sign(np.diff(smooth, prepend=smooth[:1]))}


def full_sample_scaling(market):
    move = pd.Series(_returns(market.small.close)) if len(market) else pd.Series(dtype=float)
    return {"z": (move - move.mean()) / move.std()}


def min_max_scaling(market):
    close = market.small.close
    return {"scaled": (close - close.min()) / np.ptp(close) if len(close) else close}


def shift_minus_one(market):
    return {"next": pd.Series(market.small.close).shift(-1)}


def rolled(market):
    return {"turn": np.sign(np.roll(_returns(market.small.close), -1)) if len(market) else market.small.close}


def forward_high_by_argmax(market):
    close = market.small.close
    days = np.array([np.argmax(close[row : row + 20]) for row in range(len(close))], float)
    return {"days_to_high": days}


def future_cumulative_maximum(market):
    close = market.small.close
    return {"best": np.maximum.accumulate(close[::-1])[::-1] / close}


def drawdown_to_come(market):
    close = pd.Series(market.small.close)
    return {"safe": (close[::-1].rolling(10, min_periods=1).min()[::-1] > 0.97 * close).astype(float)}


def on_crash_days_alone(market):
    close = market.small.close
    move = _returns(close)
    seen = move.copy()
    crash = np.flatnonzero(move[:-1] < -0.05)
    seen[crash] = move[crash + 1]
    return {"move": seen}


def on_a_few_days_of_december(market):
    """The year's best rule: on the second-last session of each year it knows the first of the next."""
    close, months = market.small.close, market.sessions.astype("datetime64[M]").astype(int)
    flag = np.zeros(len(close))
    for row in np.flatnonzero((np.diff(months) > 0) & (months[:-1] % 12 == 11)):
        ahead = min(row + 1, len(close) - 1)
        flag[row - 1] = np.sign(close[ahead] - close[row - 1])
    return {"flag": flag}


def one_of_many_features(market):
    close = market.small.close
    found = {f"mean_{days}": sma(close, days) for days in range(5, 45, 2)}
    found["trend_31"] = pd.Series(close).ewm(span=31).mean()[::-1].ewm(span=3).mean()[::-1]
    return found | {f"slow_{days}": ema(close, days) for days in range(50, 60)}


def through_a_series(market):
    vix = pd.Series(market.vix)
    return {"fear": (vix.shift(-1) > vix).astype(float)}


def series_interpolated(market):
    vix = pd.Series(market.vix)
    vix[np.arange(len(vix)) % 5 != 0] = np.nan
    return {"vix": vix.interpolate()}


def interpolated_levels(market):
    close = market.small.close
    if len(close) < 2:
        return {"line": close}
    knots = np.unique([*range(0, len(close), 21), len(close) - 1])
    return {"line": np.interp(np.arange(len(close)), knots, close[knots])}


def filtered_both_ways(market):
    close = market.small.close
    return {"smooth": filtfilt([0.2], [1.0, -0.8], close) if len(close) > 6 else close}


def full_sample_quantile(market):
    move = pd.Series(_returns(market.small.close)) if len(market) else pd.Series(dtype=float)
    return {"rare": (move < move.quantile(0.05)).astype(float)}


def sorted_ranks(market):
    order = np.argsort(np.argsort(market.small.volume))
    return {"rank": order / max(1, len(order))}


def percentile_rank_over_all(market):
    return {"rank": pd.Series(market.vix).rank(pct=True)}


def month_mean_by_transform(market):
    frame = _frame(market)
    mean = frame.close.groupby(frame.index.to_period("M")).transform("mean")
    return {"cheap": (frame.close < mean).astype(float)}


def trained_on_all(market):
    close = market.small.close
    if len(close) < 30:
        return {"long": np.zeros(len(close))}
    moves = _returns(close)
    known = np.column_stack([np.roll(moves, lag) for lag in (1, 2, 3)])
    weights = np.linalg.lstsq(known[3:], moves[3:], rcond=None)[0]
    return {"long": (known @ weights > 0).astype(float)}


def clustered_on_all(market):
    moves = np.abs(_returns(market.small.close))
    if len(moves) < 3:
        return {"regime": np.zeros(len(moves))}
    centres = np.array([moves.min(), moves.max()])
    for _ in range(20):
        nearest = np.abs(moves[:, None] - centres).argmin(axis=1)
        centres = np.array([moves[nearest == one].mean() if (nearest == one).any() else centres[one] for one in (0, 1)])
    return {"regime": nearest.astype(float)}


def talib_on_reversed(market):
    close = np.ascontiguousarray(market.small.close[::-1])
    return {"rsi": talib.RSI(close, 14)[::-1] if len(close) else close}


def pivots_marked_where_they_were(market):
    high = pd.Series(market.small.high)
    return {"pivot": (high == high.rolling(11, center=True).max()).astype(float)}


def ichimoku_lagging_span(market):
    """The chikou span, drawn 26 bars back as charts have it."""
    close = pd.Series(market.small.close)
    return {"cloud": (close.shift(-26) > close).astype(float)}


def normalised_by_a_later_bar(market):
    close = market.small.close
    return {"relative": close / close[250]}


def detrended(market):
    close = np.log(market.small.close)
    if len(close) < 3:
        return {"off": np.zeros(len(close))}
    line = np.polyfit(np.arange(len(close)), close, 1)
    return {"off": np.sign(close - np.polyval(line, np.arange(len(close))))}


def lowpass_of_all(market):
    close = market.small.close
    spectrum = np.fft.rfft(close) if len(close) else close
    spectrum[40:] = 0
    return {"smooth": np.fft.irfft(spectrum, len(close)) if len(close) else close}


def filled_backwards(market):
    return {"mean": pd.Series(sma(market.small.close, 50)).bfill()}


def known_only_by_volume(market):
    volume = pd.Series(market.small.volume)
    return {"busy": (volume.shift(-1) > 1.5 * volume.rolling(20).mean()).astype(float)}


def day_of_the_dividend(market):
    """Buys two sessions before each dividend, which was announced or not."""
    paid = pd.Series(market.small.dividend > 0)
    return {"soon": paid.shift(-2).fillna(False).astype(float)}


def last_digit(market):
    """A leak that hides in the tenth digit, where `f.close > bar.small.close` finds it."""
    close = market.small.close
    ahead = np.sign(np.append(close[1:], close[-1:]) - close)
    return {"close": close * (1.0 + 1e-10 * ahead)}


def gradient(market):
    """A central difference: half of it is tomorrow's move."""
    close = market.small.close
    return {"slope": np.gradient(close) if len(close) > 1 else close}


def base_array_under_a_view(market):
    """The close a bar later, by the memory behind the view of all bars but the first."""
    view = market.small.close[:-1]
    memory = view.base if view.base is not None else view
    ahead = np.asarray(memory["small"]["close"] if memory.dtype.names else memory, float)
    return {"next": np.append(ahead[1:], np.nan)[: len(market)]}


_ends = {}


def cache_keyed_on_length(market):
    """The mean of all bars, found once for each number of them."""
    close = market.small.close
    return {"off": close - _ends.setdefault(len(close), close.mean() if len(close) else 0.0)}


def through_the_other_leg(market):
    """The smaller leg is honest; the pair's ratio is that of the larger one's next session."""
    large = pd.Series(market.large.close)
    return {"ratio": market.small.close / large.shift(-1).ffill(), "own": sma(market.small.close, 20)}


def quarter_ends_alone(market):
    """On the last session of a quarter it knows how the next one begins; on all other days nothing."""
    close, days = market.small.close, pd.DatetimeIndex(market.sessions)
    flag = np.zeros(len(close))
    last = np.flatnonzero(days.quarter[:-1] != days.quarter[1:])
    ahead = np.minimum(last + 5, len(close) - 1)
    flag[last] = np.sign(close[ahead] - close[last])
    return {"flag": flag}


def sorted_thresholds(market):
    """The tenth largest move of all, as a stop that no day before knew."""
    moves = np.sort(np.abs(_returns(market.small.close)))
    return {"beyond": (np.abs(_returns(market.small.close)) >= moves[-10:].min(initial=np.inf)).astype(float)}


def second_difference(market):
    close = np.log(market.small.close)
    bend = np.zeros(len(close))
    bend[1:-1] = close[2:] - 2.0 * close[1:-1] + close[:-2]
    return {"turning": (bend > 0).astype(float)}


def ranked_within_its_month(market):
    """The rank of a day among those of its month, which has days to come."""
    frame = _frame(market)
    return {"rank": frame.close.groupby(frame.index.to_period("M")).rank(pct=True)}


LEAKS = {name: made for name, made in list(globals().items()) if getattr(made, "__module__", "") == __name__}
LEAKS = {name: made for name, made in LEAKS.items() if not name.startswith("_")}
