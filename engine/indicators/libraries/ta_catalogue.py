# SPDX-License-Identifier: Apache-2.0
"""The catalogue of `ta` 0.11: every class, its series, its parameters, the warm-up of each output, and what is refused.

The warm-up is the first row that is right, not the first that `ta` fills: it covers the zeros of ATR and ADX, the
part-windows of Keltner and Ichimoku, and the rows that `ta` fills with a mean of the whole series, future included.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.indicators.parameter import LONGEST, real, whole
from engine.model.parameter import Parameter

Lost = Callable[[Any], int]  # of the parameters, as attributes

CLOSE = ("close",)
HIGH_LOW = ("high", "low")
BAR = ("high", "low", "close")
BAR_VOLUME = ("high", "low", "close", "volume")
CLOSE_VOLUME = ("close", "volume")


@dataclass(frozen=True)
class TaClass:
    """One indicator class of `ta`; outputs: method name -> leading rows without a value."""

    module: str
    name: str
    inputs: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    outputs: Mapping[str, Lost] = field(repr=False)


FENCED = {
    "fillna": "it invents values where there are none",
    "visual": "it fills the first rows with the mean of the whole series, which includes the future",
    "dropnans": "it drops rows, and row t would no longer be bar t",
}
"""Parameters of `ta` that cannot be given, with the reason."""

TRACE = ", which leaves a trace in the running sums that follow"
WRAPS = f"the last close is wrapped round to the first bar (np.roll){TRACE}"
MEANS = "what is missing before the first bar is filled with the mean of all closes, future included"
REFUSED = {
    "momentum.kama": f"{WRAPS}; use kama of TA-Lib",
    "trend.kst": f"{MEANS}; add up sma of TA-Lib's roc",
    "trend.kst_sig": f"{MEANS}; smooth what stands for kst with sma",
    "trend.kst_diff": f"{MEANS}; subtract the signal from what stands for kst",
    "trend.vortex_indicator_pos": f"{MEANS}{TRACE}; use vortex_plusvi of TA-Lib",
    "trend.vortex_indicator_neg": f"{MEANS}{TRACE}; use vortex_minusvi of TA-Lib",
    "trend.vortex_indicator_diff": f"{MEANS}{TRACE}; use vortex_plusvi less vortex_minusvi of TA-Lib",
}
"""Outputs that look ahead, with the reason and what to use instead."""


def _first(rows: int) -> Lost:
    return lambda _: rows


def _slow(p: Any) -> int:
    return max(p.window_slow, p.window_fast) - 1  # type: ignore[no-any-return]


def _signal(p: Any) -> int:
    return _slow(p) + p.window_sign - 1  # type: ignore[no-any-return]


def _window(p: Any) -> int:
    return p.window - 1  # type: ignore[no-any-return]


def _keltner(p: Any) -> int:
    return _window(p) if p.original_version else max(p.window, p.window_atr) - 1


def _donchian(p: Any) -> int:
    return p.window - 1 + p.offset  # type: ignore[no-any-return]


def _stochrsi(p: Any) -> int:
    return 2 * (p.window - 1)  # type: ignore[no-any-return]


def _names(prefix: str, words: str, lost: Lost) -> dict[str, Lost]:
    return {f"{prefix}{word}": lost for word in words.split()}


_MACD = (whole("window_slow", 26), whole("window_fast", 12), whole("window_sign", 9))

MOMENTUM = (
    TaClass("momentum", "RSIIndicator", CLOSE, (whole("window", 14),), {"rsi": _window}),
    TaClass("momentum", "TSIIndicator", CLOSE, (whole("window_slow", 25), whole("window_fast", 13)),
            {"tsi": lambda p: p.window_slow + p.window_fast - 1}),
    TaClass("momentum", "UltimateOscillator", BAR,
            (whole("window1", 7), whole("window2", 14), whole("window3", 28),
             real("weight1", 4.0), real("weight2", 2.0), real("weight3", 1.0)),
            {"ultimate_oscillator": lambda p: max(p.window1, p.window2, p.window3)}),
    TaClass("momentum", "StochasticOscillator", BAR, (whole("window", 14), whole("smooth_window", 3)),
            {"stoch": _window, "stoch_signal": lambda p: p.window + p.smooth_window - 2}),
    TaClass("momentum", "ROCIndicator", CLOSE, (whole("window", 12),), {"roc": lambda p: p.window}),
    TaClass("momentum", "AwesomeOscillatorIndicator", HIGH_LOW, (whole("window1", 5), whole("window2", 34)),
            {"awesome_oscillator": lambda p: max(p.window1, p.window2) - 1}),
    TaClass("momentum", "WilliamsRIndicator", BAR, (whole("lbp", 14),), {"williams_r": lambda p: p.lbp - 1}),
    TaClass("momentum", "StochRSIIndicator", CLOSE, (whole("window", 14), whole("smooth1", 3), whole("smooth2", 3)),
            {"stochrsi": _stochrsi,
             "stochrsi_k": lambda p: _stochrsi(p) + p.smooth1 - 1,
             "stochrsi_d": lambda p: _stochrsi(p) + p.smooth1 + p.smooth2 - 2}),
    TaClass("momentum", "PercentagePriceOscillator", CLOSE, _MACD,
            {"ppo": _slow, "ppo_signal": _signal, "ppo_hist": _signal}),
    TaClass("momentum", "PercentageVolumeOscillator", ("volume",), _MACD,
            {"pvo": _slow, "pvo_signal": _signal, "pvo_hist": _signal}),
)  # fmt: skip

TREND = (
    TaClass("trend", "AroonIndicator", HIGH_LOW, (whole("window", 25),),
            _names("aroon_", "up down indicator", lambda p: p.window)),
    TaClass("trend", "MACD", CLOSE, _MACD, {"macd": _slow, "macd_signal": _signal, "macd_diff": _signal}),
    TaClass("trend", "EMAIndicator", CLOSE, (whole("window", 14),), {"ema_indicator": _window}),
    TaClass("trend", "SMAIndicator", CLOSE, (whole("window", None),), {"sma_indicator": _window}),
    TaClass("trend", "WMAIndicator", CLOSE, (whole("window", 9),), {"wma": _window}),
    TaClass("trend", "TRIXIndicator", CLOSE, (whole("window", 15),), {"trix": lambda p: 3 * (p.window - 1) + 1}),
    TaClass("trend", "MassIndex", HIGH_LOW, (whole("window_fast", 9), whole("window_slow", 25)),
            {"mass_index": lambda p: 2 * (p.window_fast - 1) + p.window_slow - 1}),
    TaClass("trend", "IchimokuIndicator", HIGH_LOW, (whole("window1", 9), whole("window2", 26), whole("window3", 52)),
            {"ichimoku_conversion_line": lambda p: p.window1 - 1,
             "ichimoku_base_line": lambda p: p.window2 - 1,
             "ichimoku_a": lambda p: max(p.window1, p.window2) - 1,
             "ichimoku_b": lambda p: p.window3 - 1}),
    # below 3 bars the shift reaches rows that are filled with the mean of all closes
    TaClass("trend", "DPOIndicator", CLOSE, (whole("window", 20, 3),), {"dpo": _window}),
    TaClass("trend", "CCIIndicator", BAR, (whole("window", 20), real("constant", 0.015, 1e-9)), {"cci": _window}),
    TaClass("trend", "ADXIndicator", BAR, (whole("window", 14),),
            {"adx": lambda p: 2 * p.window - 1, **_names("adx_", "pos neg", lambda p: p.window + 1)}),
    TaClass("trend", "PSARIndicator", BAR, (real("step", 0.02, 0.0), real("max_step", 0.20, 0.0)),
            # rows 0 and 1 are the close; row 2 always counts as a reversal, as nothing stands before it
            {**_names("psar", "_up _down", _first(2)), "psar": _first(2),
             **_names("psar_", "up_indicator down_indicator", _first(3))}),
    TaClass("trend", "STCIndicator", CLOSE,
            (whole("window_slow", 50), whole("window_fast", 23), whole("cycle", 10),
             whole("smooth1", 3), whole("smooth2", 3)),
            {"stc": lambda p: _slow(p) + 2 * (p.cycle - 1) + p.smooth1 + p.smooth2 - 2}),
)  # fmt: skip

VOLATILITY = (
    TaClass("volatility", "AverageTrueRange", BAR, (whole("window", 14),), {"average_true_range": _window}),
    TaClass("volatility", "BollingerBands", CLOSE, (whole("window", 20), real("window_dev", 2.0)),
            _names("bollinger_", "mavg hband lband wband pband hband_indicator lband_indicator", _window)),
    TaClass("volatility", "KeltnerChannel", BAR,
            (whole("window", 20), whole("window_atr", 10), Parameter("original_version", bool, default=True),
             real("multiplier", 2.0)),
            {"keltner_channel_mband": _window,
             **_names("keltner_channel_", "hband lband wband pband hband_indicator lband_indicator", _keltner)}),
    TaClass("volatility", "DonchianChannel", BAR, (whole("window", 20), whole("offset", 0, 0, LONGEST)),
            _names("donchian_channel_", "hband lband mband wband pband", _donchian)),
    TaClass("volatility", "UlcerIndex", CLOSE, (whole("window", 14),), {"ulcer_index": _window}),
)  # fmt: skip

VOLUME = (
    TaClass("volume", "AccDistIndexIndicator", BAR_VOLUME, (), {"acc_dist_index": _first(0)}),
    TaClass("volume", "OnBalanceVolumeIndicator", CLOSE_VOLUME, (), {"on_balance_volume": _first(0)}),
    TaClass("volume", "ChaikinMoneyFlowIndicator", BAR_VOLUME, (whole("window", 20),), {"chaikin_money_flow": _window}),
    TaClass("volume", "ForceIndexIndicator", CLOSE_VOLUME, (whole("window", 13),), {"force_index": lambda p: p.window}),
    TaClass("volume", "EaseOfMovementIndicator", ("high", "low", "volume"), (whole("window", 14),),
            {"ease_of_movement": _first(1), "sma_ease_of_movement": lambda p: p.window}),
    TaClass("volume", "VolumePriceTrendIndicator", CLOSE_VOLUME, (whole("smoothing_factor", 1),),
            {"volume_price_trend": lambda p: p.smoothing_factor}),
    TaClass("volume", "NegativeVolumeIndexIndicator", CLOSE_VOLUME, (), {"negative_volume_index": _first(0)}),
    # row 0 has no bar before it and counts as no flow
    TaClass("volume", "MFIIndicator", BAR_VOLUME, (whole("window", 14),), {"money_flow_index": _window}),
    TaClass("volume", "VolumeWeightedAveragePrice", BAR_VOLUME, (whole("window", 14),),
            {"volume_weighted_average_price": _window}),
)  # fmt: skip

OTHERS = (
    TaClass("others", "DailyReturnIndicator", CLOSE, (), {"daily_return": _first(1)}),
    TaClass("others", "DailyLogReturnIndicator", CLOSE, (), {"daily_log_return": _first(1)}),
    TaClass("others", "CumulativeReturnIndicator", CLOSE, (), {"cumulative_return": _first(0)}),
)

CLASSES = (*MOMENTUM, *TREND, *VOLATILITY, *VOLUME, *OTHERS)
