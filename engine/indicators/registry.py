# SPDX-License-Identifier: Apache-2.0
"""Every indicator by name: ours, then TA-Lib's in lower case, then `ta`'s behind the prefix "ta."."""

from __future__ import annotations

from typing import Any

from engine.errors import Problem, StrategyError, nearest_name
from engine.indicators.indicator import Chosen, Indicator
from engine.indicators.libraries.ta_functions import PREFIX, ta_indicators, ta_refusals, ta_spellings
from engine.indicators.libraries.talib_functions import PREFIX as TALIB_PREFIX
from engine.indicators.libraries.talib_functions import talib_indicator
from engine.indicators.libraries.talib_names import EXCLUDED, NAMED, OUTPUTS
from engine.indicators.own import OWN


def names() -> tuple[str, ...]:
    """The full name of every indicator there is: ours, TA-Lib's, `ta`'s."""
    return (*OWN, *(TALIB_PREFIX + output for output in NAMED), *ta_indicators())


def find(name: str) -> Indicator:
    """The indicator called `name`.

    A bare name is ours or else TA-Lib's ("zscore", "rsi", "macdsignal"); "talib.atr" is TA-Lib's whatever ours are
    called; "ta.rsi" or "ta.momentum.rsi" is `ta`'s. Raises StrategyError with the nearest name, or with the reason
    where an indicator is refused because it looks ahead.
    """
    if name in OWN:
        return OWN[name]
    bare = name.removeprefix(TALIB_PREFIX)
    if bare in NAMED:
        return talib_indicator(bare)
    full = ta_spellings().get(name, name)
    if full in ta_indicators():
        return ta_indicators()[full]
    raise _not_found(name, full, bare)


def by_name(name: str, /, **params: Any) -> Chosen:
    """The indicator `name` with these parameters, ready for its series: `by_name("rsi", n=14)(close)`.

    `n` stands for the window whatever the library calls it (timeperiod, window). Raises StrategyError for an
    unknown or refused name, an unknown parameter, or one out of bounds.
    """
    return find(name).choose(**params)


def _not_found(name: str, full: str, bare: str) -> StrategyError:
    if full in ta_refusals():
        return StrategyError(Problem(f"refused, it looks ahead: {ta_refusals()[full]}", path=name))
    if bare.upper() in EXCLUDED:
        return StrategyError(Problem(f"left out: {EXCLUDED[bare.upper()]}", path=name))
    outputs = [spelling for spelling in ta_spellings() if spelling.startswith(f"{name}.")]
    outputs += [output for output, (function, _) in NAMED.items() if function == bare.upper() and function in OUTPUTS]
    if outputs:
        return StrategyError(Problem("name one of its outputs", path=name, allowed=", ".join(outputs)))
    known = [*names(), *NAMED, *(ta_spellings() if name.startswith(PREFIX) else ())]
    return StrategyError(Problem("no such indicator", found=repr(name), nearest=nearest_name(name, known)))
