# SPDX-License-Identifier: Apache-2.0
"""Causal indicators for `Strategy.features`: (T,) float64 in and out, NaN while there is not enough history.

    from engine.indicators import by_name, rsi, zscore

    zscore(market.small.close, 60)
    rsi(market.small.close, n=14)                            # every TA-Lib function, in lower case
    by_name("ta.rsi", window=14).of(market.small)            # every function of `ta`, by name

Row t depends on rows 0..t alone, to the last bit; the tests check it for every name in `names()`. Missing values
follow one rule, written in `engine.indicators.series`. docs/indicators.md is the catalogue.
"""

from typing import Any

from engine.indicators.breadth import below_mean, share_below_mean
from engine.indicators.crossings import cross_down, cross_up
from engine.indicators.deleveraging import deleveraging, relative_fall
from engine.indicators.indicator import Chosen, Indicator
from engine.indicators.levels.double_top import DoubleTop, DoubleTopColumns, double_top, double_tops, double_tops_known
from engine.indicators.levels.history import LevelHistory, level_history
from engine.indicators.levels.pivots import swing_high, swing_low
from engine.indicators.levels.support import Level, LevelColumns, PriceLevels, levels_known, price_level, price_levels
from engine.indicators.levels.touches import Touch
from engine.indicators.libraries.talib_names import NAMED as _TALIB
from engine.indicators.publications import published_change, published_rising
from engine.indicators.ranges import atr, break_depth, ratio_atr, true_range
from engine.indicators.registry import by_name, find, names
from engine.indicators.resample import resample
from engine.indicators.returns import drawdown, ewma_vol, log_ratio, momentum, realised_vol, shock
from engine.indicators.running import running_means
from engine.indicators.sharing import shared
from engine.indicators.statistics import (
    hedge_ratio,
    lead_lag_corr,
    percent_rank,
    rolling_beta,
    rolling_corr,
    rolling_mean,
    rolling_std,
    zscore,
)
from engine.indicators.volume import quiet_new_low, relative_volume

__all__ = [
    "Chosen",
    "DoubleTop",
    "DoubleTopColumns",
    "Indicator",
    "Level",
    "LevelColumns",
    "LevelHistory",
    "PriceLevels",
    "Touch",
    "atr",
    "below_mean",
    "break_depth",
    "by_name",
    "cross_down",
    "cross_up",
    "deleveraging",
    "double_top",
    "double_tops",
    "double_tops_known",
    "drawdown",
    "ewma_vol",
    "find",
    "hedge_ratio",
    "lead_lag_corr",
    "level_history",
    "levels_known",
    "log_ratio",
    "momentum",
    "names",
    "percent_rank",
    "price_level",
    "price_levels",
    "published_change",
    "published_rising",
    "quiet_new_low",
    "ratio_atr",
    "realised_vol",
    "relative_fall",
    "relative_volume",
    "resample",
    "rolling_beta",
    "rolling_corr",
    "rolling_mean",
    "rolling_std",
    "running_means",
    "share_below_mean",
    "shared",
    "shock",
    "swing_high",
    "swing_low",
    "true_range",
    "zscore",
]


def __getattr__(name: str) -> Any:
    """TA-Lib's functions by their lower-case names, found when they are first asked for."""
    if name in _TALIB:
        return find(name)
    raise AttributeError(f"engine.indicators has no {name!r}; every name is in engine.indicators.names()")
