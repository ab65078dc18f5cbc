# SPDX-License-Identifier: Apache-2.0
"""The outputs of `ta` as indicators: "ta.volatility.average_true_range", or shorter "ta.average_true_range".

`ta` works on pandas series bar by bar in Python here and there, so importing it and running it is slow; nothing
is imported before the first value is computed. What it does wrong is fenced off by `ta_catalogue` and by the rule
for missing values; what is left is `ta`'s own number.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from engine.arrays import FloatArray
from engine.indicators.indicator import Indicator
from engine.indicators.libraries.ta_catalogue import CLASSES, FENCED, REFUSED, Lost, TaClass

PREFIX = "ta."

SHORT_OF_FUNCTION = {"wma_indicator": "wma"}
"""Functions of `ta` that are called otherwise than the method they call."""


@functools.cache
def ta_indicators() -> dict[str, Indicator]:
    """Every exposed output by its full name, `ta.module.output`. Imports nothing."""
    return {
        f"{PREFIX}{entry.module}.{output}": _indicator(entry, output, lost)
        for entry in CLASSES
        for output, lost in entry.outputs.items()
    }


@functools.cache
def ta_refusals() -> dict[str, str]:
    """Full name of each output that is not exposed -> why."""
    return {f"{PREFIX}{name}": why for name, why in REFUSED.items()}


@functools.cache
def ta_spellings() -> dict[str, str]:
    """Every other way to write a name -> the full name.

    `ta.rsi` without the module, `ta.trend.wma_indicator` as the function is called, `ta.momentum.RSIIndicator` for
    a class of one output and `ta.trend.MACD.macd_signal` for one of several.
    """
    spellings: dict[str, str] = {}
    for full in (*ta_indicators(), *ta_refusals()):
        spellings[PREFIX + full.rsplit(".", 1)[1]] = full
    for function, method in SHORT_OF_FUNCTION.items():
        full = spellings[PREFIX + method]
        spellings[PREFIX + function] = spellings[full.removesuffix(method) + function] = full
    for entry in CLASSES:
        owner = f"{PREFIX}{entry.module}.{entry.name}"
        full_names = {f"{owner}.{output}": f"{PREFIX}{entry.module}.{output}" for output in entry.outputs}
        spellings.update(full_names)
        if len(full_names) == 1:
            spellings.update(dict.fromkeys((owner, PREFIX + entry.name), next(iter(full_names.values()))))
    return spellings


def _indicator(entry: TaClass, output: str, lost: Lost) -> Indicator:
    windows = [parameter.name for parameter in entry.parameters if parameter.name in ("window", "lbp")]
    return Indicator(
        name=f"{PREFIX}{entry.module}.{output}",
        library="ta",
        inputs=entry.inputs,
        parameters=entry.parameters,
        compute=_computing(entry, output),
        lost=lambda params: lost(SimpleNamespace(**params)),
        summary=f"{output} of {entry.name}",
        source=f"ta.{entry.module}.{entry.name}.{output}",
        window=windows[0] if windows else "",
        fenced=FENCED,
    )


def _computing(entry: TaClass, output: str) -> Callable[..., FloatArray]:
    def compute(*series: FloatArray, **params: Any) -> FloatArray:
        import pandas as pd

        made = getattr(importlib.import_module(f"ta.{entry.module}"), entry.name)
        columns = {name: pd.Series(values) for name, values in zip(entry.inputs, series, strict=True)}
        result: FloatArray = getattr(made(**columns, **params, fillna=False), output)().to_numpy(dtype="float64")
        return result

    return compute
