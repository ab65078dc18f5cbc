# SPDX-License-Identifier: Apache-2.0
"""Yahoo's answer, without Yahoo: the normal form, the bar that is not over, and what goes wrong."""

import datetime as dt
import logging
import sys
import types
from types import SimpleNamespace

import pandas as pd
import pytest

from engine.errors import DataError
from engine.market import sources
from engine.market.build import load_market
from engine.market.sources.yahoo import YahooSource
from engine.model.run import RunConfig, YahooData
from engine.notice import loud, note


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
    early = loud("SPY: the session of 2024-07-03 closed 0 minutes ago, its bar may not be final")
    assert table.notices == ((early,) if rows == 2 else (left,))


@pytest.mark.parametrize(("now", "said"), [
    ("2024-07-05T20:00+00:00", "closed 0 minutes ago, its bar may not be final"),
    ("2024-07-05T20:29+00:00", "closed 29 minutes ago"),
    ("2024-07-05T20:30+00:00", ""),
    ("2024-07-08T19:59+00:00", ""),
    ("2024-07-08T20:00+00:00", "answer ends on 2024-07-05, the session of 2024-07-08 has closed"),
    ("2024-07-10T03:00+00:00", "answer ends on 2024-07-05, the session of 2024-07-09 has closed"),
])  # fmt: skip
def test_a_last_bar_that_may_not_be_final_or_is_not_the_last_is_loud(now, said):
    source = YahooSource("split_adjusted", lambda _: answer(), at(now))
    told = [one.text for one in source.read("SPY").notices if one.level == "loud"]
    assert [said in text for text in told] == ([True] if said else [])
    assert source.unfinished == bool(said)


@pytest.mark.parametrize("columns", [["Close"], ["Open", "High", "Low", "Close", "Adj Close"], ["High"]])
def test_half_a_bar_is_left_out_loudly(columns):
    half = answer()
    half.iloc[-1, [half.columns.get_loc(name) for name in columns]] = float("nan")
    table = YahooSource("split_adjusted", lambda _: half, at("2024-07-08T12:00+00:00")).read("SPY")
    assert str(table.frame.index[-1])[:10] == "2024-07-03"
    assert table.notices == (loud("SPY: Yahoo's bar of 2024-07-05 lacks a price yet and is left out: run again later"),)


def test_a_hole_before_the_last_bar_is_no_half_bar():
    """It is judged as in any file: refused."""
    holed = answer()
    holed.iloc[1, holed.columns.get_loc("Close")] = float("nan")
    assert len(YahooSource("split_adjusted", lambda _: holed, at("2024-07-08T12:00+00:00")).read("SPY").frame) == 3


def test_one_price_without_volume_may_not_be_final():
    """Where the symbol trades every day; an index never has a volume."""
    quote = answer()
    quote.loc[quote.index[-1], ["Open", "High", "Low", "Close"]] = 10.5
    for volume, before, loud_ones in ((0, 100, 1), (5, 100, 0), (0, 0, 0)):
        quote["Volume"] = [before, before, volume]
        table = YahooSource("split_adjusted", lambda _: quote, at("2024-07-08T12:00+00:00")).read("SPY")
        assert len(table.notices) == loud_ones


def test_an_empty_answer_is_an_error():
    with pytest.raises(DataError, match=r"Yahoo Finance has no bars for this symbol; found SPYY"):
        YahooSource("split_adjusted", lambda _: answer(0)).read("SPYY")


def test_a_changed_answer_is_an_error():
    with pytest.raises(DataError, match="answer for SPY lacks close; found columns Open, High"):
        YahooSource("split_adjusted", lambda _: answer().drop(columns="Close")).read("SPY")


class FakeLimit(Exception):
    pass


class FakeMissing(Exception):
    pass


def fake_yfinance(monkeypatch, outcome):
    """A module in the place of yfinance; `outcome` is what history returns or raises, or an error that it hides.

    As the real one does, it logs an error and answers with nothing unless it is told not to hide them.
    """
    asked = []
    debug = SimpleNamespace(hide_exceptions=True)

    class Ticker:
        def __init__(self, symbol):
            asked.append(symbol)

        def history(self, **given):
            asked.append(given)
            if isinstance(outcome, Exception):
                logging.getLogger("yfinance").error("$SPY: possibly delisted")
                if debug.hide_exceptions and not isinstance(outcome, FakeLimit):
                    return answer(0)
                raise outcome
            return outcome

    module = types.ModuleType("yfinance")
    module.Ticker, module.config = Ticker, SimpleNamespace(debug=debug)
    errors = types.ModuleType("yfinance.exceptions")
    errors.YFRateLimitError, errors.YFTickerMissingError = FakeLimit, FakeMissing
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
        (FakeMissing("no timezone found"), r"has no bars for this symbol; found SPY"),
    ],
)
def test_what_goes_wrong_on_the_way_is_said_once_and_by_us(monkeypatch, caplog, error, message):
    fake_yfinance(monkeypatch, error)
    with pytest.raises(DataError, match=message):
        YahooSource("split_adjusted").read("SPY")
    assert not caplog.records
    assert sys.modules["yfinance"].config.debug.hide_exceptions
    logging.getLogger("yfinance").error("of another user of the library")
    assert len(caplog.records) == 1


def test_the_missing_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(DataError, match=r"needs the extra `yahoo`: pip install '\.\[yahoo\]'"):
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


def test_what_is_not_final_is_asked_for_again(monkeypatch, tmp_path):
    """The VIX comes a moment later than the shares do: within the hour, and it counts."""
    monkeypatch.setenv("TANDEM_CACHE_DIR", str(tmp_path))
    have = {"SPY": 3, "^VIX": 2}

    def opened(data, *_):
        return YahooSource(data.prices, lambda symbol: answer(have[symbol]), at("2024-07-08T12:00+00:00"))

    monkeypatch.setitem(sources.SOURCES, "yahoo", opened)
    data = YahooData(source="yahoo")
    config = RunConfig(name="t", strategy="none", roles={"x": "SPY"}, data=data, series={"vix": "^VIX"})
    late = load_market(config, ("vix",), (), tmp_path)
    said = "vix (^VIX): no value on 2024-07-05, where 10.5 of 2024-07-03 stands"
    assert any(one.level == "loud" and one.text.startswith(said) for one in late.notices)
    have["^VIX"] = 3
    assert not any(one.level == "loud" for one in load_market(config, ("vix",), (), tmp_path).notices)
