# SPDX-License-Identifier: Apache-2.0
"""Daily-reset leveraged and inverse funds from the index they follow.

A fund with factor L holds swaps worth L times its net assets and resets them at every close. Per session

    r = L * r_index + (1 - L) * tbill / 252 - expense / 252 - |L| * swap_spread / 252

where r_index is the index's simple total return and tbill the rate its cash earns (Cheng and Madhavan, "The
dynamics of leveraged and inverse exchange-traded funds", 2009, with fees and the swap dealer's spread added).
Interest accrues by the session; by the calendar day it fits the real funds neither better nor worse.

Measured on adjusted closes with IWM as the index and the 3-month bill, over each fund's life to 2021 (TNA: 2026-01),
with the default spreads below; days on which two vendors disagree about the fund are left out:

    fund   L   sessions   correlation   regression beta   tracking error a year,   fund minus    the same before
                                                          daily and monthly        model a year  the swap spread
    RWM   -1      3,582         0.995             1.000   2.6 %   0.8 %                 0.4 %            -0.8 %
    TWM   -2      3,575         0.997             0.996   4.2 %   2.3 %                -0.4 %            -2.8 %
    SRTY  -3      2,968         0.997             0.983   4.9 %   4.0 %                -0.7 %            -4.3 %
    TNA    3      4,323         0.999             0.989   3.5 %   2.4 %                -0.6 %            -2.1 %

Over these 12 to 17 years the funds' wealth ended at 1.05, 0.95, 0.98 and 0.99 times the model's. The daily error is
mostly the noise of closing prices (its autocorrelation is -0.4) and largest in March 2020. The default spreads are what
was missing before them: they are fitted to small-cap funds, on other indices give your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from engine.arrays import FloatArray
from engine.errors import DataError, Problem
from engine.market.spacing import SESSIONS_A_YEAR

if TYPE_CHECKING:
    import pandas as pd

INVERSE_SWAP_SPREAD = 0.012
"""Fraction a year of swap notional that dealers keep for shorting small caps (RWM 0.008, TWM 0.014, SRTY 0.014)."""

LONG_SWAP_SPREAD = 0.005
"""The same for funds with a positive factor (TNA 0.007, UWM 0.002, URTY 0.003)."""

_PRICES = ("open", "high", "low", "close")


def usual_swap_spread(factor: float) -> float:
    """The measured swap spread for small-cap funds with this factor's sign, a fraction a year."""
    return INVERSE_SWAP_SPREAD if factor < 0 else LONG_SWAP_SPREAD


def leveraged_path(
    index_return: ArrayLike,
    factor: float,
    tbill: ArrayLike,
    expense: float = 0.0095,
    swap_spread: float | None = None,
) -> FloatArray:
    """Simple returns (T,) of a fund that makes `factor` times the index's return each session.

    index_return  (T,) simple total returns of the index, fractions; NaN gives NaN
    factor        -1, -2, -3, 2, 3 ...: signed
    tbill         fraction a year, a number or (T,): the rate in force over the night before each session, so the
                  previous close's; NaN gives NaN
    expense       the fund's expense ratio, fraction a year
    swap_spread   fraction a year of the swaps' notional |factor|; None is `usual_swap_spread(factor)`

    Raises DataError on a factor of 0 and where a session would take all of the net assets: the fund would have closed.
    """
    if not np.isfinite(factor) or factor == 0:
        raise DataError(Problem("bad factor of a leveraged fund", found=repr(factor), allowed="-3, -2, -1, 2, 3 ..."))
    spread = usual_swap_spread(factor) if swap_spread is None else swap_spread
    index = np.asarray(index_return, dtype=np.float64)
    carry = (1.0 - factor) * np.asarray(tbill, dtype=np.float64) - expense - abs(factor) * spread
    fund = factor * index + carry / SESSIONS_A_YEAR
    wiped = np.flatnonzero(fund <= -1.0)
    if wiped.size:
        where = int(wiped[0])
        raise DataError(
            Problem(
                f"a fund with factor {factor:g} would lose all its net assets in one session",
                path=f"index_return[{where}]",
                found=f"{index.ravel()[where]:.2%}",
                allowed=f"moves of less than {1 / abs(factor):.0%} against the fund",
            )
        )
    return np.asarray(fund, dtype=np.float64)


def synthesise(
    index: pd.DataFrame,
    factor: float,
    tbill: ArrayLike,
    expense: float = 0.0095,
    swap_spread: float | None = None,
    *,
    first_close: float | None = None,
    last_close: float | None = None,
) -> pd.DataFrame:
    """Bars of a leveraged fund for the sessions of `index`, for instance before the fund was launched.

    index        sorted by session; columns open, high, low, close, dividend (cash a share on the ex-date, 0 otherwise)
                 and, unless the prices are split-adjusted, split (new shares per old share, 1 otherwise)
    tbill        fraction a year, a number or (T,), in force over the night before each session
    first_close  price of the fund at the first close; or
    last_close   price at the last close, to join a real fund there: exactly one of the two

    Returns the same sessions with open, high, low, close, volume (NaN), dividend (0: income stays in the price) and
    split (1). Within a session the fund follows the index linearly from its last close, so an inverse fund's high comes
    from the index's low. The first session has no previous close: its four prices equal its close.
    Raises DataError on missing columns, prices that are not positive and finite, missing dividends, no anchor or two.
    """
    import pandas as pd

    relatives = _index_returns(index)
    given = [value for value in (first_close, last_close) if value is not None]
    if len(given) != 1 or not np.isfinite(given[0]) or given[0] <= 0:
        allowed = "first_close or last_close, not both"
        raise DataError(Problem("synthesise needs one positive price", found=str(given), allowed=allowed))
    rates = np.broadcast_to(np.asarray(tbill, dtype=np.float64), (len(index),))[1:]
    grown = {name: 1.0 + leveraged_path(r, factor, rates, expense, swap_spread) for name, r in relatives.items()}
    if factor < 0:
        grown["high"], grown["low"] = grown["low"], grown["high"]
    level = np.concatenate([[1.0], np.cumprod(grown["close"])])
    level *= given[0] / level[0 if first_close is not None else -1]
    before = level[:-1]
    prices = {name: np.concatenate([level[:1], before * grown[name]]) for name in ("open", "high", "low")}
    constant = {"volume": np.nan, "dividend": 0.0, "split": 1.0}
    return pd.DataFrame({**prices, "close": level, **constant}, index=index.index)


def _index_returns(index: pd.DataFrame) -> dict[str, FloatArray]:
    """Simple total returns (T - 1,) from each close to the next session's open, high, low and close."""
    missing = [name for name in (*_PRICES, "dividend") if name not in index.columns]
    if missing:
        raise DataError(
            Problem(
                f"the index has no column {', '.join(missing)}",
                found=", ".join(map(str, index.columns)),
                allowed="open, high, low, close, dividend, and split where the prices are as traded",
            )
        )
    columns = {name: index[name].to_numpy(dtype=np.float64) for name in (*_PRICES, "dividend")}
    split = index["split"].to_numpy(dtype=np.float64) if "split" in index.columns else np.ones(len(index))
    for name, column in {**columns, "split": split}.items():
        wrong = np.flatnonzero(~(np.isfinite(column) & ((column > 0) | ((column == 0) & (name == "dividend")))))
        if wrong.size:
            row = int(wrong[0])
            allowed = "cash a share, 0 where there is none" if name == "dividend" else "a positive, finite number"
            raise DataError(Problem(f"bad {name} on {index.index[row]}", found=str(column[row]), allowed=allowed))
    before, paid = columns["close"][:-1], columns["dividend"][1:]
    return {name: (columns[name][1:] + paid) * split[1:] / before - 1.0 for name in _PRICES}
