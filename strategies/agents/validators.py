# SPDX-License-Identifier: Apache-2.0
"""What speaks for a broken level: short interest by its level and its change, weak sectors, volume, a double top."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import numpy as np

from engine.arrays import FloatArray
from engine.errors import Problem, StrategyError
from engine.indicators import percent_rank, published_rising, relative_volume, share_below_mean
from engine.indicators.series import lagged
from engine.market.panel import Market

SECTORS = ("kre", "xle", "xly")
LEFT_OUT: Mapping[str, str] = {
    "short_interest": "short interest does not count, and the score is asked of the validators that are left",
    **dict.fromkeys(SECTORS, "weak sectors are those of the others; without all three they do not count"),
}
"""What is done without a series, in words."""


class Interest(IntEnum):
    """What of short interest counts."""

    YEAR = 0  # half that it is high among its own values, half that it is up on the year
    LAST = 1  # that it is up with its last publication


def validators_of(market: Market, broken_top: FloatArray, p: Any) -> dict[str, FloatArray]:
    """(T,) each: the validators, and what short interest is judged by. NaN where one is not known.

    interest         0 to 1: what short interest says
    interest_level   share of the `interest_window` values before that it is above
    interest_change  over `interest_year` bars, as a part of what it was then
    sectors          share of the sectors below their average
    volume           times its median; the score takes it as 0 or 1, by `high_volume`
    top              broken_top: whether the close is below the neckline of a double top

    Series are read as they were known at each close. Raises StrategyError where a score is asked of validators that
    have no input.
    """
    if p.score > 0.0:
        _is_heard(market, p)
    interest = market.short_interest
    level, before = percent_rank(interest, p.interest_window), lagged(interest, p.interest_year)
    risen = interest / np.where(before > 0.0, before, np.nan) - 1.0
    said = published_rising(interest) if p.interest == Interest.LAST else _of_a_year(level, risen, p)
    return {
        "interest": said,
        "sectors": share_below_mean([getattr(market, name) for name in SECTORS], p.sector_window),
        "volume": relative_volume(market.small.volume),
        "top": broken_top,
        "interest_level": level,
        "interest_change": risen,
    }


def _of_a_year(level: FloatArray, risen: FloatArray, p: Any) -> FloatArray:
    """Mean of the two where both are known, the one that is where one is not."""
    is_high = np.where(np.isnan(level), np.nan, level >= p.interest_high)
    is_up = np.where(np.isnan(risen), np.nan, risen > p.interest_rise)
    both: FloatArray = 0.5 * (is_high + is_up)
    return np.where(np.isnan(is_high), is_up, np.where(np.isnan(is_up), is_high, both))


def score_of(validators: Mapping[str, FloatArray], p: Any) -> FloatArray:
    """(T,) weighted mean of the validators that are known, 0 to 1; 1 where none has a weight, NaN where none is known.

    So the fewer there are, the more each of them counts: the same share of their weight is asked for.
    """
    volume = validators["volume"]
    said = {
        "interest": validators["interest"],
        "sectors": validators["sectors"],
        "volume": np.where(np.isnan(volume), np.nan, volume >= p.high_volume),
        "top": validators["top"],
    }
    total, weights, asked = np.zeros(len(volume)), np.zeros(len(volume)), 0.0
    for name, values in said.items():
        weight = getattr(p, f"weigh_{name}")
        asked += weight
        known = np.where(np.isnan(values), 0.0, weight)
        total += known * np.nan_to_num(values)
        weights += known
    unknown = np.full(len(volume), np.nan if asked > 0.0 else 1.0)
    return np.divide(total, weights, out=unknown, where=weights > 0.0)


def _is_heard(market: Market, p: Any) -> None:
    """Refuse a score that is asked of nobody: no bear could ever go in."""
    inputs = {
        "interest": "short_interest" not in market.missing,
        "sectors": any(name not in market.missing for name in SECTORS),
        "volume": True,
        "top": True,
    }
    weighed = [name for name in inputs if getattr(p, f"weigh_{name}") > 0.0]
    if weighed and not any(inputs[name] for name in weighed):
        raise StrategyError(
            Problem(
                f"a score is asked of {' and '.join(weighed)}, and this run has no series for them",
                path="params.score",
                found=f"{p.score:g}",
                allowed="with a series of short_interest, kre, xle or xly bound; or 0, which asks none",
            )
        )
