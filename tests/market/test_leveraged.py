# SPDX-License-Identifier: Apache-2.0
"""The leveraged-fund model: its formula, its bars, and how close it comes to real funds."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import DataError
from engine.market.leveraged import leveraged_path, synthesise, usual_swap_spread


def index_bars(closes, dividends=None, splits=None, spread=0.01):
    close = np.asarray(closes, dtype=float)
    opening = np.concatenate([close[:1], close[:-1] * 1.002])
    frame = pd.DataFrame(
        {
            "open": opening,
            "high": np.maximum(opening, close) * (1 + spread),
            "low": np.minimum(opening, close) * (1 - spread),
            "close": close,
            "dividend": np.zeros(len(close)) if dividends is None else dividends,
        },
        index=pd.date_range("2020-01-02", periods=len(close), name="date"),
    )
    return frame if splits is None else frame.assign(split=splits)


class TestPath:
    def test_one_session_by_hand(self):
        # -2 x 1 % + 3 x 5 % / 252 - 0.95 % / 252 - 2 x 1.2 % / 252
        got = leveraged_path([0.01], -2.0, 0.05, expense=0.0095, swap_spread=0.012)
        assert got == pytest.approx([-0.02 + (0.15 - 0.0095 - 0.024) / 252], abs=1e-15)

    def test_a_long_fund_pays_the_bill_for_what_it_borrows(self):
        got = leveraged_path([0.0], 3.0, 0.05, expense=0.0, swap_spread=0.0)
        assert got == pytest.approx([-0.10 / 252])

    def test_the_spread_is_charged_on_the_notional(self):
        free = leveraged_path([0.01], -3.0, 0.02, swap_spread=0.0)
        assert free - leveraged_path([0.01], -3.0, 0.02, swap_spread=0.01) == pytest.approx([0.03 / 252])

    def test_without_a_spread_the_measured_one_of_its_sign_applies(self):
        for factor in (-2.0, 3.0):
            wanted = leveraged_path([0.01], factor, 0.02, swap_spread=usual_swap_spread(factor))
            assert leveraged_path([0.01], factor, 0.02) == pytest.approx(wanted)
        assert usual_swap_spread(-1.0) > usual_swap_spread(2.0) > 0

    def test_missing_values_stay_missing(self):
        got = leveraged_path([np.nan, 0.01, 0.01], -1.0, [0.01, np.nan, 0.01])
        assert np.isnan(got).tolist() == [True, True, False]

    @pytest.mark.parametrize(("factor", "move"), [(3.0, -0.35), (-3.0, 0.34), (-1.0, 1.2)])
    def test_a_session_that_would_end_the_fund_is_refused(self, factor, move):
        with pytest.raises(DataError) as error:
            leveraged_path([0.0, move], factor, 0.0)
        assert error.value.problems[0].path == "index_return[1]"
        assert error.value.problems[0].found == f"{move:.2%}"

    @pytest.mark.parametrize("factor", [0.0, float("nan"), float("inf")])
    def test_a_factor_must_be_a_number_other_than_zero(self, factor):
        with pytest.raises(DataError, match="factor"):
            leveraged_path([0.01], factor, 0.0)

    @given(
        st.lists(st.floats(-0.2, 0.2), min_size=1, max_size=50),
        st.sampled_from([-3.0, -2.0, -1.0, 2.0, 3.0]),
        st.floats(0, 0.1),
    )
    def test_the_index_is_scaled_and_the_rest_does_not_depend_on_it(self, returns, factor, rate):
        flat = leveraged_path(np.zeros(len(returns)), factor, rate)
        assert leveraged_path(returns, factor, rate) - flat == pytest.approx(factor * np.array(returns), abs=1e-12)

    def test_going_up_and_down_costs_a_leveraged_fund_more_than_its_index(self):
        swings = np.tile([0.05, 1 / 1.05 - 1], 50)
        assert np.prod(1 + swings) == pytest.approx(1.0)
        assert np.prod(1 + leveraged_path(swings, 3.0, 0.0, 0.0, 0.0)) < 0.6
        assert np.prod(1 + leveraged_path(swings, -3.0, 0.0, 0.0, 0.0)) < 0.4


class TestBars:
    def test_closes_compound_the_path(self):
        index = index_bars([100, 102, 101, 99], dividends=[0, 0, 0.5, 0])
        fund = synthesise(index, -2.0, 0.03, first_close=50.0)
        total = (index.close + index.dividend).to_numpy()[1:] / index.close.to_numpy()[:-1] - 1
        assert fund.close.to_numpy() == pytest.approx(50 * np.cumprod([1, *(1 + leveraged_path(total, -2.0, 0.03))]))

    def test_the_last_close_joins_a_real_fund(self):
        index = index_bars([100, 102, 101, 99])
        early, late = (synthesise(index, 3.0, 0.03, **at) for at in ({"first_close": 10.0}, {"last_close": 25.0}))
        assert late.close.iloc[-1] == pytest.approx(25.0)
        assert (late.close / early.close).to_numpy() == pytest.approx(late.close.iloc[0] / 10.0)

    def test_an_inverse_funds_high_is_its_indexs_low(self):
        index = index_bars([100, 102])
        fund = synthesise(index, -1.0, 0.0, expense=0.0, swap_spread=0.0, first_close=100.0)
        assert fund.high.iloc[1] == pytest.approx(200 - index.low.iloc[1])
        assert fund.low.iloc[1] == pytest.approx(200 - index.high.iloc[1])
        assert fund.open.iloc[1] == pytest.approx(200 - index.open.iloc[1])

    def test_a_split_of_the_index_is_no_move(self):
        whole = synthesise(index_bars([100, 102, 104]), -2.0, 0.01, first_close=10.0)
        index = index_bars([100, 102, 104], splits=[1.0, 1.0, 2.0])
        index.loc[index.index[2:], ["open", "high", "low", "close"]] /= 2.0
        pd.testing.assert_frame_equal(synthesise(index, -2.0, 0.01, first_close=10.0), whole)

    @given(
        st.lists(st.floats(-0.15, 0.15), min_size=1, max_size=40),
        st.sampled_from([-3.0, -2.0, -1.0, 2.0, 3.0]),
    )
    def test_high_and_low_enclose_open_and_close(self, moves, factor):
        index = index_bars(100 * np.cumprod([1.0, *(1 + np.array(moves))]))
        fund = synthesise(index, factor, 0.02, first_close=20.0)
        assert (fund.high >= fund[["open", "close"]].max(axis=1) - 1e-9).all()
        assert (fund.low <= fund[["open", "close"]].min(axis=1) + 1e-9).all()
        assert (fund.low > 0).all()

    def test_what_it_leaves_open(self):
        fund = synthesise(index_bars([100, 102]), -1.0, 0.0, first_close=10.0)
        assert list(fund.columns) == ["open", "high", "low", "close", "volume", "dividend", "split"]
        assert fund.volume.isna().all()
        assert (fund.dividend == 0).all()
        assert (fund.split == 1).all()
        assert (fund.iloc[0][["open", "high", "low", "close"]] == 10.0).all()

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"close": [100, np.nan]}, "bad close"),
            ({"low": [99, 0]}, "bad low"),
            ({"dividend": [0, np.nan]}, "bad dividend"),
            ({"dividend": [0, -1]}, "bad dividend"),
            ({"split": [1, 0]}, "bad split"),
        ],
    )
    def test_bad_bars_are_refused_with_their_session(self, change, words):
        with pytest.raises(DataError, match=words) as error:
            synthesise(index_bars([100, 102]).assign(**change), -1.0, 0.0, first_close=10.0)
        assert "2020-01-03" in str(error.value)

    def test_missing_columns_are_named(self):
        with pytest.raises(DataError, match="no column low, dividend"):
            synthesise(index_bars([100, 102]).drop(columns=["low", "dividend"]), -1.0, 0.0, first_close=10.0)

    @pytest.mark.parametrize("at", [{}, {"first_close": 1.0, "last_close": 1.0}, {"first_close": -1.0}])
    def test_one_positive_price_is_needed(self, at):
        with pytest.raises(DataError, match="one positive price"):
            synthesise(index_bars([100, 102]), -1.0, 0.0, **at)


class Fit(NamedTuple):
    """A real fund against the model with its default spread. Measured in the test below, to the digits given here."""

    factor: float
    expense: float
    sessions: int
    correlation: float
    beta: float
    tracking: float  # standard deviation of the daily difference, a year
    monthly: float  # the same from differences over 21 sessions: the noise of closing prices has cancelled
    drift: float  # fund minus model, simple returns, a year


FITS = {
    "RWM": Fit(-1.0, 0.0095, 3582, 0.9950, 0.9998, 0.0256, 0.0077, 0.0038),
    "TWM": Fit(-2.0, 0.0095, 3575, 0.9966, 0.9964, 0.0421, 0.0225, -0.0037),
    "SRTY": Fit(-3.0, 0.0095, 2968, 0.9973, 0.9828, 0.0488, 0.0400, -0.0070),
    "TNA": Fit(3.0, 0.0100, 4323, 0.9989, 0.9886, 0.0347, 0.0245, -0.0056),
}


@pytest.mark.parametrize("symbol", FITS)
def test_the_model_follows_the_real_fund(symbol, real_data):
    fit = FITS[symbol]
    fund, index = (_returns(real_data / "daily" / f"{name}.csv") for name in (symbol, "IWM"))
    bill = pd.read_csv(real_data / "rates" / "DTB3.csv", parse_dates=["date"], index_col="date").dtb3_pct / 100
    both = pd.DataFrame({"fund": fund, "index": index}).dropna()
    both["bill"] = bill.reindex(both.index.union(bill.index)).ffill().shift().reindex(both.index)
    both = both.drop(_suspect(real_data, symbol), errors="ignore").loc[: bill.index[-1]]
    model = leveraged_path(both["index"], fit.factor, both.bill, fit.expense)
    missed = both.fund - model
    assert len(both) == fit.sessions
    assert np.corrcoef(both.fund, model)[0, 1] == pytest.approx(fit.correlation, abs=0.0005)
    assert np.cov(both.fund, model)[0, 1] / model.var(ddof=1) == pytest.approx(fit.beta, abs=0.001)
    assert missed.std() * 252**0.5 == pytest.approx(fit.tracking, abs=0.0005)
    assert missed.rolling(21).sum().std() * 12**0.5 == pytest.approx(fit.monthly, abs=0.0005)
    assert missed.mean() * 252 == pytest.approx(fit.drift, abs=0.0005)
    assert fit.correlation > 0.994
    assert abs(fit.beta - 1) < 0.02
    assert abs(fit.drift) < 0.01


def _returns(path):
    """Total returns between neighbouring rows; a return over a missing session is left out by `_suspect`."""
    return pd.read_csv(path, parse_dates=["date"], index_col="date").adj_close.pct_change()


def _suspect(folder, symbol):
    """Sessions on which two vendors disagree, or whose fund has no close before."""
    listed = pd.read_csv(folder / "DEFECTS_return_mismatch.csv", parse_dates=["date"])
    return pd.DatetimeIndex(listed.date[listed.ticker == symbol])
