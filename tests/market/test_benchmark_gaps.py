# SPDX-License-Identifier: Apache-2.0
"""A benchmark that lacks values on some sessions: beta is as much too small as values are missing, and it is said."""

import numpy as np
import pytest

import engine
from engine.market.sample import sample_frame


class Hold(engine.Strategy):
    """In the fund from the first bar on."""

    roles = ("fund",)

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            orders.target(0, 0.9)


class Reads(Hold):
    """Reads a series and does nothing with it."""

    series = ("level",)


def run(every, stale_after=7):
    """A fund beside its own closes, of which each `every`th is missing; 0: none."""
    frame = sample_frame("SPY", 7).loc["2012":"2015"]
    closes = frame["close"].to_frame("value")
    kept = closes[(np.arange(len(closes)) % every != every - 1) | (np.arange(len(closes)) == 0)] if every else closes
    series = {"market": {"symbol": "LEVEL", "column": "value", "stale_after": stale_after}}
    return engine.backtest(
        strategy=Hold, roles={"fund": "SPY"}, series=series, benchmark="market", data={"SPY": frame, "LEVEL": kept}
    )


def words(found):
    return [one for one in found.notices if "which the run is compared with" in one]


@pytest.mark.parametrize(("every", "told"), [(9, "11%"), (12, "8%"), (40, "2%")])
def test_beta_is_as_much_too_small_and_the_remedy_mends_it(every, told):
    whole, gaps = run(0).metrics, run(every)
    (said,) = words(gaps)
    assert f"no value of its own on {told} of the sessions" in said
    assert gaps.metrics.beta == pytest.approx(whole.beta * (1 - 1 / every), rel=0.03)
    assert gaps.metrics.correlation < whole.correlation
    assert gaps.metrics.tracking_error > whole.tracking_error
    mended = run(every, stale_after=0)
    assert words(mended) == []
    assert mended.metrics.beta == pytest.approx(whole.beta, rel=0.01)
    assert mended.metrics.alpha == pytest.approx(whole.alpha, abs=2e-3)


def test_of_a_few_sessions_and_of_none_nothing_is_said():
    assert words(run(0)) == words(run(150)) == []


def test_a_series_that_is_no_benchmark_is_not_meant():
    frame = sample_frame("SPY", 7).loc["2012":"2013"]
    kept = frame["close"].to_frame("value")[np.arange(len(frame)) % 9 != 8]
    series = {"level": {"symbol": "LEVEL", "column": "value"}}
    found = engine.backtest(strategy=Reads, roles={"fund": "SPY"}, series=series, data={"SPY": frame, "LEVEL": kept})
    assert words(found) == []
    assert any("on which the one before stands" in one for one in found.notices)
