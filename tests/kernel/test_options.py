# SPDX-License-Identifier: Apache-2.0
"""Prices, deltas and vegas against QuantLib, at the edges, and bit for bit in both modes."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.options import intrinsic, price_and_delta, skewed, vega

CALL, PUT = 1, -1
SPOTS = (20.0, 80.0, 97.5, 100.0, 103.0, 130.0, 400.0)
DAYS = (1, 7, 30, 91, 365, 1825)
RATES = (-0.005, 0.0, 0.03, 0.12)
YIELDS = (0.0, 0.013, 0.06)
VOLATILITIES = (0.02, 0.12, 0.25, 0.9, 2.5)
GRID = list(itertools.product((CALL, PUT), SPOTS, DAYS, RATES, YIELDS, VOLATILITIES))
STRIKE = 100.0

terms = {
    "right": st.sampled_from((CALL, PUT)),
    "spot": st.floats(5, 1000),
    "strike": st.floats(5, 1000),
    "years": st.floats(1 / 365, 3),
    "rate": st.floats(-0.01, 0.15),
    "dividend_yield": st.floats(0, 0.08),
    "volatility": st.floats(0.05, 1.5),
}


@pytest.fixture(scope="module")
def quantlib():
    """by(right, spot, days, rate, yield, volatility) is QuantLib's analytic European option on the same terms."""
    ql = pytest.importorskip("QuantLib")
    today = ql.Date(15, 1, 2024)
    ql.Settings.instance().evaluationDate = today
    count, calendar = ql.Actual365Fixed(), ql.NullCalendar()

    def by(right, spot, days, rate, dividend_yield, volatility):
        process = ql.BlackScholesMertonProcess(
            ql.QuoteHandle(ql.SimpleQuote(spot)),
            ql.YieldTermStructureHandle(ql.FlatForward(today, dividend_yield, count)),
            ql.YieldTermStructureHandle(ql.FlatForward(today, rate, count)),
            ql.BlackVolTermStructureHandle(ql.BlackConstantVol(today, calendar, volatility, count)),
        )
        payoff = ql.PlainVanillaPayoff(ql.Option.Call if right == CALL else ql.Option.Put, STRIKE)
        option = ql.VanillaOption(payoff, ql.EuropeanExercise(today + days))
        option.setPricingEngine(ql.AnalyticEuropeanEngine(process))
        return option

    return by


def test_price_delta_and_vega_are_quantlibs(quantlib):
    assert len(GRID) == 5040
    for right, spot, days, rate, dividend_yield, volatility in GRID:
        theirs = quantlib(right, spot, days, rate, dividend_yield, volatility)
        given_terms = (spot, STRIKE, days / 365, rate, dividend_yield, volatility)
        price, delta = price_and_delta(right, *given_terms)
        ours = (price, delta, vega(*given_terms))
        expected = (theirs.NPV(), theirs.delta(), theirs.vega())
        np.testing.assert_allclose(ours, expected, rtol=1e-8, atol=1e-8, err_msg=str((right, *given_terms)))


@given(**{name: term for name, term in terms.items() if name != "right"})
def test_put_call_parity(spot, strike, years, rate, dividend_yield, volatility):
    rest = (spot, strike, years, rate, dividend_yield, volatility)
    call, call_delta = price_and_delta(CALL, *rest)
    put, put_delta = price_and_delta(PUT, *rest)
    forward = spot * math.exp(-dividend_yield * years) - strike * math.exp(-rate * years)
    assert call - put == pytest.approx(forward, abs=1e-9 * max(spot, strike))
    assert call_delta - put_delta == pytest.approx(math.exp(-dividend_yield * years), abs=1e-12)


@given(**terms)
def test_delta_and_vega_are_the_slopes_of_price(right, spot, strike, years, rate, dividend_yield, volatility):
    def price(s=spot, v=volatility):
        return price_and_delta(right, s, strike, years, rate, dividend_yield, v)[0]

    rest = (spot, strike, years, rate, dividend_yield, volatility)
    small = 1e-4
    scale = max(spot, strike)
    up, down = price(spot * (1 + small)), price(spot * (1 - small))
    slope = (up - down) / (2 * spot * small)
    assert price_and_delta(right, *rest)[1] == pytest.approx(slope, abs=2e-4 * scale / spot)
    slope = (price(v=volatility + 1e-5) - price(v=volatility - 1e-5)) / 2e-5
    assert vega(*rest) == pytest.approx(slope, rel=1e-4, abs=1e-4 * scale)


@given(**terms)
def test_prices_stay_within_their_bounds(right, spot, strike, years, rate, dividend_yield, volatility):
    price, delta = price_and_delta(right, spot, strike, years, rate, dividend_yield, volatility)
    forward = right * (spot * math.exp(-dividend_yield * years) - strike * math.exp(-rate * years))
    most = spot if right == CALL else strike * math.exp(-rate * years)
    assert max(0.0, forward) - 1e-9 * max(spot, strike) <= price <= most * (1 + 1e-12)
    assert 0.0 <= right * delta <= 1.0


@pytest.mark.parametrize(
    ("right", "spot", "worth", "slope"),
    [(CALL, 103.0, 3.0, 1.0), (CALL, 98.0, 0.0, 0.0), (PUT, 98.0, 2.0, -1.0), (PUT, 103.0, 0.0, 0.0), (PUT, 100, 0, 0)],
)
def test_at_expiry_it_is_worth_what_exercising_pays(right, spot, worth, slope):
    assert price_and_delta(right, spot, STRIKE, 0.0, 0.05, 0.02, 0.3) == (worth, slope)
    assert intrinsic(right, spot, STRIKE) == worth
    assert vega(spot, STRIKE, 0.0, 0.05, 0.02, 0.3) == 0.0


def test_without_volatility_it_is_the_discounted_forward():
    price, delta = price_and_delta(CALL, 100.0, 90.0, 2.0, 0.05, 0.01, 0.0)
    assert price == pytest.approx(100 * math.exp(-0.02) - 90 * math.exp(-0.1), abs=1e-12)
    assert delta == pytest.approx(math.exp(-0.02))
    assert price_and_delta(PUT, 100.0, 90.0, 2.0, 0.05, 0.01, 0.0) == (0.0, 0.0)


def test_a_price_worked_by_hand():
    """Hull, Options, Futures, and Other Derivatives, example 15.6: call 4.76, put 0.81."""
    assert price_and_delta(CALL, 42.0, 40.0, 0.5, 0.1, 0.0, 0.2)[0] == pytest.approx(4.76, abs=0.005)
    assert price_and_delta(PUT, 42.0, 40.0, 0.5, 0.1, 0.0, 0.2)[0] == pytest.approx(0.81, abs=0.005)


def test_skew_worked_by_hand():
    assert skewed(0.2, 0.0, 0.5, 100.0, 80.0, 1.0) == 0.2
    assert skewed(0.2, 0.5, 0.5, 100.0, 100.0, 1.0) == 0.2
    assert skewed(0.2, 0.5, 0.5, 100.0, 90.0, 0.25) == pytest.approx(0.2 * (1 + 0.5 * 0.105360516 / 0.5))
    month = skewed(0.2, 0.5, 0.5, 100.0, 90.0, 1 / 12)
    assert skewed(0.2, 0.5, 0.5, 100.0, 90.0, 0.001) == month  # a week's smile is no steeper than a month's
    assert skewed(0.2, 2.0, 0.5, 100.0, 300.0, 0.25) == 0.1  # the floor


def test_both_modes_give_the_same_bits():
    numba = pytest.importorskip("numba")
    from engine.kernel.machine.numba_rows import FAST
    from engine.kernel.machine.numba_types import register_all

    register_all()
    rng = np.random.default_rng(3)
    rows = np.column_stack(
        [
            rng.choice([1.0, -1.0], 4000), rng.uniform(5, 500, 4000), rng.uniform(5, 500, 4000),
            rng.choice([0.0, 1 / 365, 0.1, 2.0], 4000), rng.uniform(-0.01, 0.1, 4000), rng.choice([0.0, 0.02], 4000),
            rng.choice([0.0, 0.1, 0.4, 3.0], 4000),
        ]
    )  # fmt: skip

    def every(table, out):
        for row in range(len(table)):
            right, spot, strike, years = int(table[row, 0]), table[row, 1], table[row, 2], table[row, 3]
            rate, paid, volatility = table[row, 4], table[row, 5], table[row, 6]
            volatility = skewed(volatility, 0.5, 0.5, spot, strike, years)
            price, delta = price_and_delta(right, spot, strike, years, rate, paid, volatility)
            out[row, 0] = price
            out[row, 1] = delta
            out[row, 2] = vega(spot, strike, years, rate, paid, volatility)

    plain, fast = np.zeros((4000, 3)), np.zeros((4000, 3))
    every(_Rows(rows), plain)
    numba.njit(**FAST)(every)(rows, fast)
    assert plain.tobytes() == fast.tobytes()
    assert (plain[:, 0] > 0).mean() > 0.4


class _Rows:
    """A table whose cells are Python's floats, as rows of an interpreted run are."""

    def __init__(self, table):
        self._table = table.tolist()

    def __len__(self):
        return len(self._table)

    def __getitem__(self, place):
        row, column = place
        return self._table[row][column]
