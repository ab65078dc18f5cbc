# SPDX-License-Identifier: Apache-2.0
"""An inverse fund is held against its bars: with the index is refused, another multiple than told is loud."""

from dataclasses import replace

import numpy as np
import pytest

from engine.errors import DataError
from engine.inputs.fund_beta import FEWEST, fund_notices, measured_beta
from engine.runs.backtest import backtest
from strategies.vix_hedge import VixHedgeFund
from tests.strategies.shipped import bars_of, load_shipped

FUND = "vix_hedge:VixHedgeFund"


def market(multiple, bars=300):
    """The sample market's last bars with a fund that makes `multiple` times IWM's return of each."""
    whole = bars_of(FUND, "sample")
    table = whole.bars[-bars:].copy()
    small = table["small"]["close"]
    table["small"]["dividend"] = table["inverse"]["dividend"] = 0.0
    table["inverse"]["close"] = 50.0 * np.cumprod(np.append(1.0, 1.0 + multiple * np.diff(small) / small[:-1]))
    return replace(whole, bars=table)


@pytest.mark.parametrize("multiple", [-1.0, -2.0, 3.0])
def test_the_beta_is_the_multiple(multiple):
    bars = market(multiple).bars
    own, moves = (np.diff(bars[role]["close"]) / bars[role]["close"][:-1] for role in ("inverse", "small"))
    assert measured_beta(own, moves) == pytest.approx(multiple)
    assert fund_notices(VixHedgeFund, market(-2.0), {"factor": 2}) == ()


def test_what_a_fund_pays_is_part_of_its_return():
    """A fund of -1 pays a quarter of its price on a day on which IWM rises most: by its prices the beta is far off."""
    paying = market(-1.0)
    table, small = paying.bars, paying.bars["small"]["close"]
    day = int(np.argmax(np.diff(small) / small[:-1])) + 1
    table["inverse"]["dividend"][day] = 0.25 * table["inverse"]["close"][day]
    table["inverse"]["close"][day:] *= 0.75
    assert fund_notices(VixHedgeFund, paying, {"factor": 1}) == ()
    table["inverse"]["dividend"][day] = 0.0
    (said,) = fund_notices(VixHedgeFund, paying, {"factor": 1})
    assert said.level == "loud"


def test_few_bars_or_none_that_moves_measure_nothing():
    rising = np.linspace(10.0, 11.0, FEWEST)
    assert np.isnan(measured_beta(rising[1:], rising[1:]))
    assert np.isfinite(measured_beta(rising, rising))
    assert np.isnan(measured_beta(rising, np.zeros(FEWEST)))
    assert fund_notices(VixHedgeFund, market(3.0, bars=FEWEST), {"factor": 1}) == ()


@pytest.mark.parametrize(("multiple", "factor"), [(-1.0, 1), (-2.0, 2), (-1.72, 2), (-2.58, 3), (-3.0, 3)])
def test_a_fund_that_does_as_told_is_not_spoken_of(multiple, factor):
    assert fund_notices(VixHedgeFund, market(multiple), {"factor": factor}) == ()


@pytest.mark.parametrize(("multiple", "factor"), [(-2.0, 1), (-1.0, 2), (-1.68, 2), (-2.32, 2), (-0.1, 1)])
def test_another_multiple_is_loud(multiple, factor):
    (said,) = fund_notices(VixHedgeFund, market(multiple), {"factor": factor})
    assert said.level == "loud"
    assert f"RWM has a beta of {multiple:+.2f} to IWM over the 300 bars" in said.text
    assert f"sized by a factor of {factor}" in said.text


def test_a_fund_that_moves_with_the_index_is_refused():
    with pytest.raises(
        DataError, match=r"RWM is bound as an inverse fund and moves with IWM: its beta to it is \+3\.00"
    ):
        fund_notices(VixHedgeFund, market(3.0), {"factor": 3})


def test_a_run_holds_its_funds_to_it():
    """Banks as a fund against small caps: no table knows them, their bars do."""
    with pytest.raises(DataError, match="KRE is bound as an inverse fund and moves with IWM"):
        backtest(load_shipped(FUND, "sample", None, ("roles.inverse=KRE", "params.factor=1")))


@pytest.mark.parametrize(("fund", "factor"), [("RWM", 1), ("TWM", 2), ("SRTY", 3)])
def test_the_real_funds_do_as_their_table_says(real_data, fund, factor):
    """Betas of whole lives, by pandas on the files: none is far enough off to be spoken of."""
    pandas = pytest.importorskip("pandas")
    closes = [
        pandas.read_csv(real_data / "daily" / f"{name}.csv", index_col="date", parse_dates=True)["close"]
        for name in (fund, "IWM")
    ]
    own, index = pandas.concat(closes, axis=1, join="inner").pct_change().dropna().to_numpy().T
    assert np.polyfit(index, own, 1)[0] == pytest.approx(-factor, rel=0.03)
