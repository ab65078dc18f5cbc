# SPDX-License-Identifier: Apache-2.0
"""What the ports did, told a second time from their bars with numpy and pandas alone."""

import numpy as np
import pandas as pd
import pytest

from tests.authors.test_ports import interpreted, made_bars


def bars_of(name, leg="stock"):
    """Continuous open, high, low, close of a leg, by session."""
    frame = interpreted(name).features
    return pd.DataFrame(
        {one: frame[f"{leg}.{one}"] * frame[f"{leg}.factor"] for one in ("open", "high", "low", "close")}
    )


def fills_of(name):
    fills = interpreted(name).fills
    return [(session, np.sign(quantity)) for session, quantity in zip(fills["session"], fills["quantity"], strict=True)]


def switched(enter, leave):
    """Fills of a rule that is in or out: +1 on the bar after `enter`, -1 on the bar after `leave`."""
    found, held = [], False
    for t in range(len(enter) - 1):
        if (leave if held else enter).iloc[t]:
            held = not held
            found.append((enter.index[t + 1], 1.0 if held else -1.0))
    return found


def sides_of(z, threshold):
    """Fills of a pair's first leg that fades z: in beyond the threshold, out across zero."""
    found, side = [], 0
    for t in range(len(z) - 1):
        if side == 0 and abs(z.iloc[t]) > threshold:
            side = -1 if z.iloc[t] > 0.0 else 1
            found.append((z.index[t + 1], float(side)))
        elif side * z.iloc[t] > 0.0:
            found.append((z.index[t + 1], float(-side)))
            side = 0
    return found


def first_leg(name):
    fills = interpreted(name).fills
    own = fills[fills["role"] == "y"]
    return [(session, np.sign(quantity)) for session, quantity in zip(own["session"], own["quantity"], strict=True)]


def test_the_pair_by_least_squares():
    y, x = (np.log(bars_of("pairs_ols", leg)["close"]) for leg in "yx")
    z = pd.Series(np.nan, y.index)
    for t in range(59, len(y)):
        one, other = x.to_numpy()[t - 59 : t + 1], y.to_numpy()[t - 59 : t + 1]
        residual = other - np.polyval(np.polyfit(one, other, 1), one)
        z.iloc[t] = residual[-1] / np.sqrt((residual**2).sum() / 59)
    np.testing.assert_allclose(interpreted("pairs_ols").features["z"], z, rtol=1e-5, atol=1e-7)
    assert first_leg("pairs_ols") == sides_of(z, 2.0)


def test_the_pair_by_kalman_filter():
    """The same filter element by element, as books print it for two unknowns."""
    y, x = (np.log(bars_of("pairs_kalman", leg)["close"]) for leg in "yx")
    level = slope = both = 0.0
    level_var = slope_var = 1.0
    z = pd.Series(np.nan, y.index)
    for t, (price, other) in enumerate(zip(y, x, strict=True)):
        level_var, slope_var = level_var + 1e-5 / (1 - 1e-5), slope_var + 1e-5 / (1 - 1e-5)
        error = price - level - slope * other
        of_level, of_slope = level_var + both * other, both + slope_var * other
        variance = of_level + of_slope * other + 1e-4
        level, slope = level + of_level / variance * error, slope + of_slope / variance * error
        level_var, slope_var, both = (
            level_var - of_level**2 / variance,
            slope_var - of_slope**2 / variance,
            both - of_level * of_slope / variance,
        )
        z.iloc[t] = error / np.sqrt(variance) if t >= 120 else np.nan
    np.testing.assert_allclose(interpreted("pairs_kalman").features["z"], z, rtol=1e-6, atol=1e-9)
    assert first_leg("pairs_kalman") == sides_of(z, 1.0)


def test_the_weekly_filter():
    close = bars_of("weekly_filter", "fund")["close"]
    weeks = close.resample("W-SUN").last()
    average = weeks.rolling(30).mean()
    ends = close.index.to_series().groupby(close.index.to_period("W-SUN")).last().to_numpy()
    above, below = (pd.Series((weeks > average).to_numpy(), ends), pd.Series((weeks < average).to_numpy(), ends))
    days = close.index
    assert fills_of("weekly_filter") == switched(
        above.reindex(days, fill_value=False), below.reindex(days, fill_value=False)
    )


def test_the_ta_rule():
    trend = pytest.importorskip("ta").trend
    bars = bars_of("ta_rule")
    histogram = trend.MACD(bars["close"]).macd_diff()
    adx = trend.ADXIndicator(bars["high"], bars["low"], bars["close"], 14).adx()
    assert fills_of("ta_rule") == switched((histogram > 0) & (adx > 20), histogram < 0)


def test_the_strategy_of_backtrader():
    pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")
    close = bars_of("bollinger_backtrader")["close"]
    middle, deviation = close.rolling(20).mean(), close.rolling(20).std(ddof=0)
    assert fills_of("bollinger_backtrader") == switched(close < middle - 2 * deviation, close > middle)


def test_the_ridge_learns_from_what_was_known():
    """One model of each year by least squares on rows that hold the penalty."""
    close = bars_of("ridge_walked")["close"]
    features = interpreted("ridge_walked").features
    logs = np.log(close)
    delta = close.diff()
    mean = {}
    for name, side in (("up", delta.clip(lower=0)), ("down", -delta.clip(upper=0))):
        kept = np.full(len(close), np.nan)
        kept[14] = side.iloc[1:15].mean()
        for t in range(15, len(close)):
            kept[t] = (13 * kept[t - 1] + side.iloc[t]) / 14
        mean[name] = kept
    strength = 100 * mean["up"] / (mean["up"] + mean["down"])
    volatility = logs.diff().rolling(20).std() * np.sqrt(252)
    x = np.column_stack([logs.diff(5), logs.diff(60), volatility, strength])
    y = (logs.shift(-5) - logs).to_numpy()
    for t in range(569, len(close) - 63, 252):
        known = slice(t - 509, t - 5)
        centre, scale = x[known].mean(axis=0), x[known].std(axis=0)
        rows = np.vstack([(x[known] - centre) / scale, np.sqrt(10.0) * np.eye(4)])
        answers = np.append(y[known] - y[known].mean(), np.zeros(4))
        weights = np.linalg.lstsq(rows, answers, rcond=None)[0]
        told = (x[t : t + 63] - centre) / scale @ weights + y[known].mean()
        np.testing.assert_allclose(features["forecast"][t : t + 63], told, rtol=1e-6, atol=1e-10)


def test_the_opening_range():
    bars, fills = made_bars(), interpreted("opening_range").fills
    found = fills[fills["reason"].isin(["up", "down"])]
    expected = []
    for date, day in bars.groupby(bars.index.date):
        high, low = day["high"].iloc[:6].max(), day["low"].iloc[:6].min()
        for _, bar in day.iloc[6:].iterrows():
            if bar["high"] >= high or bar["low"] <= low:
                up = bar["high"] >= high
                price = max(bar["open"], high) if up else min(bar["open"], low)
                expected.append((str(date), 1.0 if up else -1.0, price))
                break
    told = zip(found["session"], np.sign(found["quantity"]), found["price"], strict=True)
    assert [(str(day.date()), side, round(price, 6)) for day, side, price in told] == [
        (day, side, round(price, 6)) for day, side, price in expected
    ]


def test_the_turtle_enters_at_the_extreme_of_55_days():
    bars, fills = bars_of("turtle"), interpreted("turtle").fills
    entries = fills[fills["reason"] == "breakout"]
    assert len(entries) > 10
    high, low = bars["high"].rolling(55).max().shift(), bars["low"].rolling(55).min().shift()
    for session, quantity, price in zip(entries["session"], entries["quantity"], entries["price"], strict=True):
        opened = bars["open"][session]
        assert price == pytest.approx(max(opened, high[session]) if quantity > 0 else min(opened, low[session]))


def test_dual_momentum_holds_the_three_strongest_that_rise():
    result = interpreted("dual_momentum")
    frame = result.features
    symbols = [name.removesuffix(".factor") for name in frame if name.endswith(".factor")]
    assert len(symbols) == 8
    close = pd.DataFrame({one: frame[f"{one}.close"] * frame[f"{one}.factor"] for one in symbols})
    gain = np.log(close).diff(252)
    ends = close.index.to_series().groupby(close.index.to_period("M")).last().iloc[:-1]
    fills = result.fills[result.fills["kind"] == "fill"]
    for end in ends:
        after = close.index[close.index.get_loc(end) + 1]
        bought = set(fills[(fills["session"] == after) & (fills["quantity"] > 0)]["symbol"])
        strongest = gain.loc[end].dropna().nlargest(3)
        assert bought <= set(strongest[strongest > 0].index)
        held = fills[fills["session"] <= after].groupby("symbol")["quantity"].sum()
        assert set(strongest[strongest > 0].index) <= set(held[held != 0].index)
