# SPDX-License-Identifier: Apache-2.0
"""The splits that real split-adjusted prices hold are told with their days, and nothing else is."""

import numpy as np
import pandas as pd
import pytest

from engine.market.calendar import date_of
from engine.market.table.price_steps import split_held

LAST_SPLITS = {
    "BIL": ("2017-12-01", 0.5),
    "EEM": ("2008-07-24", 3.0),
    "IJR": ("2017-01-19", 2.0),
    "IWM": ("2005-06-09", 2.0),
    "TNA": ("2017-05-01", 2.0),
    "XLE": ("2025-12-05", 2.0),
    "XLY": ("2025-12-05", 2.0),
}
"""Of funds whose prices since the split are long enough and not adjusted for a later one."""


def told(frame):
    frame = frame.rename(columns=str.lower)
    stamps = pd.to_datetime(frame.iloc[:, 0], utc=True).dt.tz_localize(None)
    days = stamps.to_numpy().astype("M8[D]").astype(np.int64)
    found = split_held(frame, days)
    return found and (str(date_of(int(days[found[0]]))), found[1])


def test_on_real_funds(real_data):
    files = sorted((real_data / "daily").glob("*.csv"))
    found = {file.stem: split for file in files if (split := told(pd.read_csv(file)))}
    assert found == LAST_SPLITS


def test_indices_and_intraday_bars_hold_none(real_data):
    files = [*(real_data / "index").glob("*.csv"), *(real_data / "intraday").glob("*_5m.csv")]
    assert len(files) > 5
    assert [file.name for file in files if told(pd.read_csv(file))] == []


def walk(count=200):
    close = np.round(100 * np.exp(np.cumsum(np.random.default_rng(1).normal(0, 0.01, count))), 2)
    dates = pd.bdate_range("2024-01-02", periods=count)
    return pd.DataFrame({"date": dates, "open": close, "high": close, "low": close, "close": close})


def adjusted(ratio, digits):
    """Whole cents up to row 100, divided by the ratio and written in so many digits; the last is between cents."""
    frame = walk()
    traded = np.round(frame["close"].to_numpy()[:100] * ratio, 2) + 0.01 * (np.arange(100) % 7)
    while abs(100 * traded[-1] / ratio - np.round(100 * traded[-1] / ratio)) < 0.1:
        traded[-1] += 0.01
    for name in ("open", "high", "low", "close"):
        frame.loc[:99, name] = np.round(traded / ratio, digits)
    return frame


@pytest.mark.parametrize("digits", [4, 6])
@pytest.mark.parametrize("ratio", [1.2, 1.5, 3.0, 5.0])
def test_prices_of_few_digits_tell_it_too(ratio, digits):
    frame = adjusted(ratio, digits)
    assert told(frame) == (f"{frame['date'][100]:%Y-%m-%d}", ratio)


def test_prices_of_two_digits_tell_nothing():
    assert told(adjusted(3.0, 2)) is None


@pytest.mark.parametrize("row", [59, 141])
def test_fewer_than_sixty_bars_on_a_side_say_nothing(row):
    frame = walk()
    frame.loc[: row - 1, ["open", "high", "low", "close"]] /= 2
    assert told(frame) is None


def test_a_price_that_hardly_moves_says_nothing():
    frame = walk().assign(open=91.5, high=91.5, low=91.5, close=91.5)
    frame.loc[100:, ["open", "high", "low", "close"]] = 91.51
    assert told(frame) is None


def test_sixteenths_of_before_2001_are_no_split():
    frame = walk()
    frame["date"] = pd.bdate_range("2000-09-01", periods=200)
    prices = ["open", "high", "low", "close"]
    early = frame["date"] < "2001-01-29"
    frame.loc[early, prices] = np.round(frame.loc[early, prices] * 16) / 16
    assert told(frame) is None


def test_prices_without_dividends_stand_on_no_steps():
    frame = walk()
    frame.loc[:99, ["open", "high", "low", "close"]] *= 1 - 0.75 / 101.37
    assert told(frame) is None
