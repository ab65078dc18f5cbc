# SPDX-License-Identifier: Apache-2.0
"""Yahoo's answer, without Yahoo: the normal form, the bar that is not over, and what goes wrong."""

import datetime as dt
import sys
import types

import pandas as pd
import pytest

from engine.errors import DataError
from engine.market import sources
from engine.market.build import load_market
from engine.market.sources.yahoo import YahooSource
from engine.model.run import RunConfig, YahooData
from engine.notice import note


def answer(rows=3):
    index = pd.DatetimeIndex(["2024-07-02", "2024-07-03", "2024-07-05"], name="Date", tz="America/New_York")[:rows]
    return pd.DataFrame(
        {
            "Open": 10.0,
            "High": 11.0,
            "Low": 9.0,
            "Close": 10.5,
            "Adj Close": 10.4,
            "Volume": 100,
            "Dividends": [0.0, 0.25, 0.0][:rows],
            "Stock Splits": [0.0, 0.0, 2.0][:rows],
        },
        index=index,
    )


def at(text):
    return lambda: dt.datetime.fromisoformat(text)


def test_the_normal_form():
    frame = YahooSource("split_adjusted", lambda _: answer(), at("2024-07-08T12:00+00:00")).read("SPY").frame
    assert list(frame.columns) == ["open", "high", "low", "close", "volume", "dividend", "split", "adj_close"]
    assert [str(one) for one in frame.index] == [f"2024-07-0{day} 00:00:00" for day in (2, 3, 5)]
    assert frame["dividend"].tolist() == [0, 0.25, 0]
    assert frame["split"].tolist() == [1, 1, 2]
    assert [str(kind) for kind in frame.dtypes.unique()] == ["float64"]


@pytest.mark.parametrize(("now", "rows"), [("2024-07-03T16:59+00:00", 1), ("2024-07-03T17:00+00:00", 2)])
def test_a_bar_whose_session_is_not_over_is_left_out(now, rows):
    """3 July is a half day: it closes at 17:00 UTC."""
    table = YahooSource("split_adjusted", lambda _: answer(2), at(now)).read("SPY")
    assert len(table.frame) == rows
    left = note("SPY: the bar of 2024-07-03 is left out, its session is not over")
    assert table.notices == (() if rows == 2 else (left,))


def test_an_empty_answer_is_an_error():
    with pytest.raises(DataError, match=r"Yahoo Finance has no bars for this symbol; found SPYY"):
        YahooSource("split_adjusted", lambda _: answer(0)).read("SPYY")


def test_a_changed_answer_is_an_error():
    with pytest.raises(DataError, match="answer for SPY lacks close; found columns Open, High"):
        YahooSource("split_adjusted", lambda _: answer().drop(columns="Close")).read("SPY")


class FakeLimit(Exception):
    pass


def fake_yfinance(monkeypatch, outcome):
    """A module in the place of yfinance; `outcome` is what history returns or raises."""
    asked = []

    class Ticker:
        def __init__(self, symbol):
            asked.append(symbol)

        def history(self, **given):
            asked.append(given)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

    module = types.ModuleType("yfinance")
    module.Ticker = Ticker
    errors = types.ModuleType("yfinance.exceptions")
    errors.YFRateLimitError = FakeLimit
    monkeypatch.setitem(sys.modules, "yfinance", module)
    monkeypatch.setitem(sys.modules, "yfinance.exceptions", errors)
    return asked


def test_the_adjustment_is_always_asked_for_by_name(monkeypatch):
    asked = fake_yfinance(monkeypatch, answer())
    YahooSource("split_adjusted").read("SPY")
    assert asked == ["SPY", {"period": "max", "interval": "1d", "auto_adjust": False, "actions": True}]


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (FakeLimit("429"), r"rate limit\): wait some minutes"),
        (OSError("no route"), r"did not answer; found SPY: no route"),
    ],
)
def test_what_goes_wrong_on_the_way_is_said(monkeypatch, error, message):
    fake_yfinance(monkeypatch, error)
    with pytest.raises(DataError, match=message):
        YahooSource("split_adjusted").read("SPY")


def test_the_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(DataError, match=r"needs the extra `yahoo`: pip install 'tandem-engine\[yahoo\]'"):
        YahooSource("split_adjusted").read("SPY")


def test_a_market_from_yahoo(monkeypatch, tmp_path):
    monkeypatch.setenv("TANDEM_CACHE_DIR", str(tmp_path))
    asked = []

    def opened(data, *_):
        return YahooSource(data.prices, lambda symbol: asked.append(symbol) or answer(), at("2024-07-08T12:00+00:00"))

    monkeypatch.setitem(sources.SOURCES, "yahoo", opened)
    config = RunConfig(
        name="t", strategy="none", roles={"large": "SPY", "small": "IWM"}, data=YahooData(source="yahoo"),
        series={"vix": "^VIX"},
    )  # fmt: skip
    market = load_market(config, ("vix",), (), tmp_path)
    assert (len(market), market.label, market.vix.tolist()) == (3, "Yahoo Finance", [10.5] * 3)
    said = "SPY: 1 split on record not applied, the prices contain them; costs a share count the shares of the day"
    assert note(said) in market.notices
    load_market(config, ("vix",), (), tmp_path)
    assert asked == ["SPY", "IWM", "^VIX"]  # the second time came from the cache
