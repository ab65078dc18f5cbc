# SPDX-License-Identifier: Apache-2.0
"""TA-Lib's functions as indicators, one for each output, described by the library itself."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError
from engine.indicators.indicator import Indicator
from engine.indicators.libraries.talib_names import NAMED
from engine.indicators.libraries.talib_native import native
from engine.indicators.parameter import LONGEST
from engine.model.parameter import Parameter

AVERAGES = (
    "sma", "ema", "wma", "dema", "tema", "trima", "kama", "mama", "t3", "hma", "disabled", "default", "zlema", "rma",
)  # fmt: skip
"""TA-Lib's kinds of moving average by their number; a parameter that ends in `matype` takes the word."""

REAL_BOUNDS: dict[str, tuple[float, float | None]] = {
    "acceleration": (0.0, None),
    "fastlimit": (0.01, 0.99),
    "maximum": (0.0, None),
    "multiplier": (0.0, None),
    "offsetonreverse": (0.0, None),
    "penetration": (0.0, None),
    "percentile": (0.0, 100.0),
    "slowlimit": (0.01, 0.99),
    "vfactor": (0.0, 1.0),
}
"""Bounds of the real parameters by name; SAREXT's accelerations are as `acceleration`, the others unbounded."""

PREFIX = "talib."
PERIOD = "timeperiod"


@functools.cache
def talib_indicator(output: str) -> Indicator:
    """The indicator `output` of `NAMED`. Raises StrategyError when the installed TA-Lib does not have it."""
    function, position = NAMED[output]
    name = PREFIX + output
    library = native()
    call = getattr(library, function, None)
    if call is None:
        version = library.__ta_version__.decode().split()[0]
        raise StrategyError(Problem(f"the installed TA-Lib {version} has no {function}: upgrade ta-lib", path=name))
    info = library.Function(function, call).info
    inputs = _inputs(info["input_names"])
    return Indicator(
        name=name,
        library="TA-Lib",
        inputs=inputs,
        parameters=tuple(
            _parameter(call, len(inputs), option, default) for option, default in info["parameters"].items()
        ),
        compute=_computing(name, call, position),
        lost=_lookback(name, library.Function(function, call)),
        summary=info["display_name"],
        source=f"TA-Lib {function} ({info['group']})",
        window=PERIOD if PERIOD in info["parameters"] else "",
    )


def _inputs(described: Mapping[str, Any]) -> tuple[str, ...]:
    """TA-Lib's inputs as columns of a bar; two arbitrary series are x and y."""
    named = {"price0": ["x"], "price1": ["y"], "price": ["close"], "periods": ["periods"]}
    return tuple(column for kind, columns in described.items() for column in named.get(kind, columns))


def _parameter(call: Callable[..., Any], inputs: int, name: str, default: Any) -> Parameter:
    if name.endswith("matype"):
        return Parameter(name, str, AVERAGES[default], choices=AVERAGES)
    if isinstance(default, int):
        return Parameter(name, int, default, _shortest(call, inputs, name), LONGEST)
    low, high = REAL_BOUNDS.get("acceleration" if name.startswith("acceleration") else name, (-3e37, 3e37))
    return Parameter(name, float, default, low, high)


def _shortest(call: Callable[..., Any], inputs: int, name: str) -> int:
    """The smallest period the library takes: it does not publish its bounds, so it is asked."""
    bar = [np.ones(1)] * inputs
    for bars in (1, 2):
        try:
            call(*bar, **{name: bars})
        except Exception:  # noqa: BLE001, S112  (TA-Lib raises nothing more special)
            continue
        return bars
    return 3


def _numbers(params: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters as TA-Lib takes them."""
    return {name: AVERAGES.index(value) if isinstance(value, str) else value for name, value in params.items()}


def _computing(name: str, call: Callable[..., Any], position: int) -> Callable[..., FloatArray]:
    def compute(*series: FloatArray, **params: Any) -> FloatArray:
        try:
            result = call(*series, **_numbers(params))
        except Exception as error:
            raise _refusal(name, params) from error
        return result[position] if isinstance(result, tuple) else result  # type: ignore[no-any-return]

    return compute


def _lookback(name: str, described: Any) -> Callable[[Mapping[str, Any]], int]:
    def lost(params: Mapping[str, Any]) -> int:
        try:
            described.parameters = _numbers(params)
            rows: int = described.lookback
        except Exception as error:
            raise _refusal(name, params) from error
        if rows < 0:
            raise _refusal(name, params)
        return rows

    return lost


def _refusal(name: str, params: Mapping[str, Any]) -> StrategyError:
    settled = ", ".join(f"{option}={value}" for option, value in params.items())
    return StrategyError(Problem("TA-Lib refuses these parameters together", path=name, found=settled))
