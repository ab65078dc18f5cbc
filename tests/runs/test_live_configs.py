# SPDX-License-Identifier: Apache-2.0
"""configs/*_live.yaml on answers in the shape of yfinance's: whole, late, half, and none."""

import datetime as dt
import sys
import types
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from engine import clock
from engine.errors import DataError
from engine.market.calendar import day_of, exchange
from engine.runs.signals.run import sessions_since, signals

LIVE = sorted(Path("configs").glob("*_live.yaml"))
EVENING = dt.datetime(2024, 7, 6, 1, 0, tzinfo=dt.UTC)  # of Friday the 5th in New York
INDICES = {"^VIX": 15.0, "^RVX": 20.0, "^IRX": 5.0}


class RateLimit(Exception):
    pass


def history(symbol: str) -> pd.DataFrame:
    """Bars from 2019 to 2024-07-05, as `Ticker.history(auto_adjust=False)` gives them."""
    days = exchange().between(day_of(dt.date(2019, 1, 2)), day_of(dt.date(2024, 7, 5)))
    index = pd.DatetimeIndex(days.astype("M8[D]").astype("M8[ns]"), name="Date").tz_localize("America/New_York")
    random = np.random.default_rng(sum(map(ord, symbol)))
    if symbol in INDICES:
        close = INDICES[symbol] * np.exp(0.2 * np.sin(np.arange(len(days)) / 40) + random.normal(0, 0.03, len(days)))
    else:
        close = 200.0 * np.exp(np.cumsum(random.normal(0, 0.01, len(days))))
    opens = np.append(close[:1], close[:-1]) * np.exp(random.normal(0, 0.002, len(days)))
    volume = 0 if symbol in INDICES else random.integers(30_000_000, 60_000_000, len(days))
    high, low = np.maximum(opens, close) * 1.003, np.minimum(opens, close) * 0.997
    columns = {"Open": opens, "High": high, "Low": low, "Close": close, "Adj Close": close, "Volume": volume}
    return pd.DataFrame({**columns, "Dividends": 0.0, "Stock Splits": 0.0}, index=index)


@pytest.fixture
def yahoo(monkeypatch, tmp_path):
    """The answers by symbol, in the place of yfinance's; an exception is raised."""
    answers: dict = {}

    class Ticker:
        def __init__(self, symbol):
            self.symbol = symbol

        def history(self, **_):
            answer = answers.get(self.symbol)
            if isinstance(answer, Exception):
                raise answer
            return history(self.symbol) if answer is None else answer(history(self.symbol))

    module, errors = types.ModuleType("yfinance"), types.ModuleType("yfinance.exceptions")
    module.Ticker, module.config = Ticker, types.SimpleNamespace(debug=types.SimpleNamespace(hide_exceptions=True))
    errors.YFRateLimitError, errors.YFTickerMissingError = RateLimit, LookupError
    monkeypatch.setitem(sys.modules, "yfinance", module)
    monkeypatch.setitem(sys.modules, "yfinance.exceptions", errors)
    monkeypatch.setenv("TANDEM_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(clock, "now", lambda: EVENING)
    return answers


def told(decided):
    return [one.text for one in decided.result.notices if one.level == "loud"]


@pytest.mark.usefixtures("yahoo")
@pytest.mark.parametrize("config", LIVE, ids=lambda one: one.stem)
def test_each_decides_on_the_last_close(config):
    decided = signals(config)
    assert (decided.asof, sessions_since(decided.result.market)) == (dt.date(2024, 7, 5), 0)
    assert [text for text in told(decided) if "Yahoo" in text or "no value" in text] == []


SPREAD = Path("configs/spread_live.yaml")


def _half(frame):
    frame.iloc[-1, frame.columns.get_loc("Close")] = np.nan
    return frame


@pytest.mark.parametrize(("answer", "says"), [
    (lambda frame: frame[:-1], "IWM: Yahoo's answer ends on 2024-07-03, the session of 2024-07-05 has closed"),
    (_half, "IWM: Yahoo's bar of 2024-07-05 lacks a price yet and is left out"),
], ids=["missing", "half"])  # fmt: skip
def test_a_last_bar_that_is_not_there_yet_makes_the_decision_stale(yahoo, answer, says):
    """That of the close before, and a later run that has the bar is today's."""
    yahoo["IWM"] = answer
    decided = signals(SPREAD)
    assert (decided.asof, sessions_since(decided.result.market)) == (dt.date(2024, 7, 3), 1)
    assert any(text.startswith(says) for text in told(decided))
    del yahoo["IWM"]
    assert signals(SPREAD).asof == dt.date(2024, 7, 5)


def test_yesterdays_volatility_under_todays_decision_is_loud(yahoo):
    yahoo["^VIX"] = lambda frame: frame[:-1]
    decided = signals(Path("configs/vix_hedge_live.yaml"))
    assert decided.asof == dt.date(2024, 7, 5)
    assert any(text.startswith("vix (^VIX): no value on 2024-07-05, where ") for text in told(decided))


def test_a_row_that_stands_twice_is_refused(yahoo):
    yahoo["SPY"] = lambda frame: pd.concat([frame, frame[-1:].set_axis(frame.index[-1:] + pd.Timedelta("16h"))])
    with pytest.raises(DataError, match="SPY: duplicate date"):
        signals(SPREAD)


@pytest.mark.parametrize(("error", "says"), [
    (RateLimit("429"), "refuses more requests for now"), (OSError("no route to host"), "did not answer"),
    (TimeoutError("timed out"), "did not answer"),
])  # fmt: skip
def test_no_network_is_no_decision(yahoo, error, says):
    yahoo["SPY"] = error
    with pytest.raises(DataError, match=says):
        signals(SPREAD)
