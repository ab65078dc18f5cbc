# SPDX-License-Identifier: Apache-2.0
"""Fills of the ports that rest in the market, worked by hand bar by bar: when, on which side, at which price."""

import numpy as np
import pandas as pd
import pytest

from tests.authors.test_port_routes import bars_of
from tests.authors.test_ports import interpreted


def told(name):
    """Row, side and price of each fill; SPY of the sample has no splits."""
    fills = interpreted(name).fills
    return list(zip(fills["row"], np.sign(fills["quantity"]), fills["price"].round(6), strict=True))


def rounded(found):
    return [(row, float(side), round(price, 6)) for row, side, price in found]


def test_rsi_with_limits():
    bars = bars_of("rsi_limits")
    close = bars["close"]
    change = close.diff().to_numpy()
    up, down = change.clip(0)[1:3].mean(), (-change).clip(0)[1:3].mean()
    strength = np.full(len(close), np.nan)
    for t in range(2, len(close)):
        if t > 2:
            up, down = (up + max(change[t], 0.0)) / 2, (down + max(-change[t], 0.0)) / 2
        strength[t] = 100 * up / (up + down)
    long, short = close.rolling(200).mean().to_numpy(), close.rolling(5).mean().to_numpy()
    found, stop, limit, leaving = [], None, None, False
    for t, (opened, high, low, last) in enumerate(bars.to_numpy()):
        if leaving:
            found.append((t, -1, opened))
            stop, leaving = None, False
        if stop is not None and low <= stop:
            found.append((t, -1, min(opened, stop)))
            stop = None
        if limit is not None and low <= limit:
            paid = min(opened, limit)
            found.append((t, 1, paid))
            stop = paid * 0.95
            if low <= stop:
                found.append((t, -1, stop))
                stop = None
        limit = None
        if stop is not None:
            leaving = last > short[t]
        elif strength[t] < 10 and last > long[t]:
            limit = last * 0.995
        assert high >= low
    assert told("rsi_limits") == rounded(found)


def test_the_grid():
    found, held, anchor = [], 0, 0.0
    bars = bars_of("grid")
    for t, (opened, high, low, last) in enumerate(bars.to_numpy()):
        if t > 0:
            sells = [anchor * (1 - 0.02 * (rung - 1)) for rung in range(1, held + 1)]
            buys = [anchor * (1 - 0.02 * rung) for rung in range(held + 1, 6)]
            found += [(t, -1, max(opened, price)) for price in sells if high >= price]
            found += [(t, 1, min(opened, price)) for price in buys if low <= price]
            held += sum(low <= price for price in buys) - sum(high >= price for price in sells)
        if held == 0:
            anchor = last
    assert len(found) == len(told("grid"))
    assert sorted(told("grid")) == sorted(rounded(found))


def test_averages_that_cross_with_a_trailing_stop():
    bars = bars_of("cross_trailing")
    above = bars["close"].rolling(10).mean() > bars["close"].rolling(50).mean()
    known = bars["close"].rolling(50).mean().shift().notna()
    up, down = (known & above & ~above.shift(fill_value=True)), (known & ~above & above.shift(fill_value=False))
    found, best, order = [], None, 0
    for t, (opened, high, low, _) in enumerate(bars.to_numpy()):
        if order > 0:
            found.append((t, 1, opened))
            best = opened
        elif order < 0:
            found.append((t, -1, opened))
            best = None
        if best is not None and low <= best * 0.94:
            found.append((t, -1, min(opened, best * 0.94)))
            best = None
        best = best if best is None else max(best, high)
        order = 1 if up.iloc[t] and best is None else -1 if down.iloc[t] and best is not None else 0
    found = [one for one in found if one[0] < len(bars)]
    assert told("cross_trailing") == rounded(found)


def test_every_bracket_ends_at_its_distance_from_the_fill():
    bars, fills = bars_of("cross_bracket"), interpreted("cross_bracket").fills
    reach = pd.concat([bars["high"], bars["close"].shift()], axis=1).max(axis=1) - pd.concat(
        [bars["low"], bars["close"].shift()], axis=1
    ).min(axis=1)
    wilder = reach.iloc[1:21].mean()
    ranges = np.full(len(bars), np.nan)
    for t in range(20, len(bars)):
        wilder = wilder if t == 20 else (19 * wilder + reach.iloc[t]) / 20
        ranges[t] = wilder
    pairs = list(zip(fills.iloc[::2].itertuples(), fills.iloc[1::2].itertuples(), strict=False))
    assert len(pairs) > 20
    for entry, leave in pairs:
        side, opened, average = np.sign(entry.quantity), bars["open"].iloc[leave.row], ranges[entry.row - 1]
        assert entry.price == pytest.approx(bars["open"].iloc[entry.row])
        assert leave.quantity == -entry.quantity
        stop, profit = entry.price - side * 3 * average, entry.price + side * 2 * average
        gap = leave.row > entry.row and not min(stop, profit) < opened < max(stop, profit)
        assert leave.price == pytest.approx(
            opened if gap else (stop if side * (leave.price - entry.price) < 0 else profit)
        )


def test_the_volatility_that_is_held():
    result = interpreted("volatility_target")
    close = bars_of("volatility_target", "fund")["close"]
    volatility = (np.log(close).diff().rolling(60).std() * np.sqrt(252)).to_numpy()
    weight = np.minimum(0.1 / volatility, 1.5)
    ends = close.index.to_series().groupby(close.index.to_period("M")).last()
    equity, held, found = result.equity.to_numpy(), 0.0, []
    for end in ends:
        t = close.index.get_loc(end)
        if t + 1 < len(close) and abs(weight[t] - held * close.iloc[t] / equity[t]) > 0.1:
            wanted = np.trunc(weight[t] * equity[t] / close.iloc[t])
            found.append((t + 1, wanted - held))
            held = wanted
    fills = result.fills
    assert list(zip(fills["row"], fills["quantity"], strict=True)) == found
