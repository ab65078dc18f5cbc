# SPDX-License-Identifier: Apache-2.0
"""What choices, frictions and chance do to the figures: on funds whose truth is known."""

import numpy as np
import pytest
from statsmodels.regression.linear_model import OLS

from engine.hedgefunds.allocators import STRUCTURE
from engine.hedgefunds.bands import INDEX, MARKET, side_by_side
from engine.hedgefunds.claim import CLAIMED, Factors, shares_of_alpha
from engine.hedgefunds.effects import effects, frictions
from engine.hedgefunds.portfolio import held
from engine.hedgefunds.smoothing import LEAST, autocorrelation, unsmoothed
from engine.hedgefunds.study import Terms, study
from engine.hedgefunds.whole import measure
from tests.hedgefunds.conftest import drawn, panel

BILL = 0.002


@pytest.fixture(scope="module")
def market():
    return np.random.default_rng(1).normal(0.006, 0.04, 240)


def funds(market, alpha=0.004, beta=0.4, count=6, seed=2):
    noise = np.random.default_rng(seed).normal(0.0, 0.01, (len(market), count))
    return alpha + beta * market[:, None] + noise


def by_name(found):
    return {one.name: one for one in effects(found)}


def test_smoothed_prices_hide_the_beta_and_both_corrections_find_it(market):
    true = funds(market)
    smooth = true.copy()
    for row in range(1, len(true)):
        smooth[row] = 0.5 * true[row] + 0.5 * smooth[row - 1]
    made = by_name(study(panel(smooth, market), Terms()))
    assert made["as asked"].index.beta < 0.25
    assert made["with 3 lags of the market"].index.beta == pytest.approx(0.4, abs=0.06)
    assert made["unsmoothed"].index.beta > 0.3
    assert made["unsmoothed"].index.volatility > 1.3 * made["as asked"].index.volatility
    assert abs(made["unsmoothed"].index.memory) < 0.2 < made["as asked"].index.memory


def test_unsmoothing_is_geltners_and_by_what_was_known():
    chance = np.random.default_rng(3)
    smooth = np.zeros((200, 1))
    for row in range(1, 200):
        smooth[row] = 0.5 * chance.normal(0.01, 0.03) + 0.5 * smooth[row - 1]
    rho = autocorrelation(smooth)
    assert not rho[:LEAST].any()
    rows = smooth[: 100 + 1, 0]
    assert rho[100, 0] == pytest.approx(np.corrcoef(rows[1:], rows[:-1])[0, 1])
    made = unsmoothed(smooth)
    assert made[100, 0] == pytest.approx((smooth[100, 0] - rho[100, 0] * smooth[99, 0]) / (1 - rho[100, 0]))
    assert np.array_equal(unsmoothed(smooth[:80]), made[:80])


def test_survivors_look_better_than_all(market):
    returns = funds(market)
    returns[:, :3] -= 0.006
    for place in range(3):
        returns[100 + 20 * place :, place] = np.nan
    made = by_name(study(panel(returns, market), Terms()))
    assert made["survivors only"].index.mean > made["as asked"].index.mean + 0.01
    assert "survivors only" not in by_name(study(panel(returns[:, 3:], market), Terms())), "nobody has left"


def test_backfilled_months_are_taken_off(market):
    returns = funds(market)
    for place in range(6):
        returns[: 30 * place, place] = np.nan
        returns[30 * place : 30 * place + 12, place] += 0.03
    made = by_name(study(panel(returns, market), Terms()))
    assert made["without first 12 months"].index.mean < made["as asked"].index.mean - 0.02
    young = study(panel(returns, market), Terms(skip=12)).split.alpha[:, 3]
    assert np.isnan(young[: 90 + 16]).all()
    assert np.isfinite(young[90 + 16]), "the twelfth month is the first of a window, as the first is without skipping"


def test_above_the_bill_alpha_is_less_by_what_the_bill_earns_beside_the_market(market):
    found = study(panel(funds(market), market, np.full(240, BILL)), Terms())
    made = by_name(found)
    plain, above = made["as asked"].index, made["above the bill"].index
    assert above.beta == pytest.approx(plain.beta, abs=1e-9)
    assert plain.alpha - above.alpha == pytest.approx(12 * BILL * (1 - plain.beta), abs=1e-9)


def test_the_whole_is_that_of_statsmodels(market):
    own = funds(market)[:, 0]
    one = measure(own, market[:, None], np.zeros(240))
    fit = OLS(own, np.column_stack([np.ones(240), market])).fit(cov_type="HAC", cov_kwds={"maxlags": 4})
    assert (one.alpha, one.t, one.beta) == pytest.approx((12 * fit.params[0], fit.tvalues[0], fit.params[1]), rel=1e-10)


def test_a_notice_period_holds_what_was_decided_so_many_months_before():
    returns, market = drawn(60, 5, 4, gaps=0)
    found = study(panel(returns, market), Terms())
    own = found.portfolios[STRUCTURE]
    targets = own.weights[1:]  # of a month: what was decided at the end of the one before
    late = held("late", targets, found.decided, found.panel, delay=2)
    assert late.start == own.start + 2
    assert np.array_equal(late.weights[late.start :], own.weights[own.start : len(own.weights) - 2])
    locked = held("locked", targets, found.decided, found.panel, lock=3)
    row = own.start + 10
    assert locked.weights[row] == pytest.approx(own.weights[row - 2 : row + 1].mean(axis=0), abs=1e-15)
    made = {(one.notice, one.lock): one for one in frictions(found)}
    assert made[0, 12].turnover < made[0, 3].turnover < made[0, 1].turnover
    rows = np.arange(own.start + 3, own.end)
    spans = {(one.first, one.last, one.months) for one in made.values()}
    assert spans == {(str(found.panel.months[rows[0]]), str(found.panel.months[rows[-1]]), len(rows))}
    assert made[0, 1].mean == pytest.approx(12 * own.returns[rows].mean(), rel=1e-12), (
        "the portfolio itself, over these"
    )


def test_turnover_and_return_by_hand():
    returns = np.array([[0.0, 0.0], [0.10, 0.0], [0.0, 0.05]])
    weights = np.array([[0.5, 0.5], [0.25, 0.25], [0.0, 0.0]])
    one = held("by hand", weights, (0, 2), panel(returns, [0.0, 0.0, 0.0], [0.01, 0.01, 0.01]))
    assert one.returns[1] == pytest.approx(0.05)
    assert one.returns[2] == pytest.approx(0.25 * 0.05 + 0.5 * 0.01)
    drifted = 0.55 / 1.05
    assert one.turnover[1] == pytest.approx(1.0), "from cash"
    assert one.turnover[2] == pytest.approx(((drifted - 0.25) + (1 - drifted - 0.25) + 0.5) / 2)
    assert one.weights[3].tolist() == [0.0, 0.0], "what the last month decided"


def test_bands_hold_the_figures_and_one_series_has_no_band_against_itself(market):
    bill = BILL + 0.01 * np.sin(np.arange(240) / 9)  # moves enough to tell the deviation above it from the whole
    found = study(panel(funds(market), market, bill), Terms())
    made = side_by_side(found)
    series = {one.name: one for one in made.sides}
    assert list(series) == [*found.portfolios, INDEX, MARKET]
    for one in made.sides:
        for band in (one.mean, one.volatility, one.sharpe):
            assert band.low < band.value < band.high
    assert (series[INDEX].over_index.low, series[INDEX].over_index.high) == (0.0, 0.0)
    own = found.portfolios[STRUCTURE].returns
    above = (own - bill)[np.isfinite(own)]
    own = own[np.isfinite(own)]
    assert series[STRUCTURE].mean.value == pytest.approx(12 * own.mean())
    assert series[STRUCTURE].sharpe.value == pytest.approx(above.mean() / above.std(ddof=1) * np.sqrt(12))
    width = 1.645 * own.std() * np.sqrt(12) / np.sqrt(len(own) / 12) * 2
    assert series[STRUCTURE].mean.high - series[STRUCTURE].mean.low == pytest.approx(width, rel=0.25)
    assert side_by_side(found) == made, "the seed is fixed"


@pytest.mark.parametrize(("alpha", "verdict"), [(0.0012, "agrees"), (0.008, "below"), (-0.0003, "above")])
def test_the_claim_is_held_against_a_share_that_is_known(market, alpha, verdict):
    found = study(panel(funds(market + 0.004, alpha, beta=0.4), market + 0.004), Terms())
    (one,) = shares_of_alpha(found, None)
    true = alpha / (alpha + 0.4 * (market + 0.004).mean())
    assert one.low < true < one.high
    assert one.verdict == verdict
    assert 0.0 <= one.inside <= 1.0
    assert (one.inside > 0.05) == (verdict == "agrees")
    assert CLAIMED == (0.20, 0.25)


def test_there_is_no_share_of_a_return_that_may_be_none(market):
    found = study(panel(funds(market - market.mean(), -0.0005), market - market.mean()), Terms())
    (one,) = shares_of_alpha(found, None)
    assert np.isnan([one.share, one.low, one.high, one.inside]).all()
    assert one.verdict == "unknown"


def test_factors_take_what_the_market_alone_leaves(market):
    size = np.random.default_rng(9).normal(0.004, 0.03, 240)
    returns = funds(market) + 0.5 * size[:, None]
    found = study(panel(returns, market, np.full(240, BILL)), Terms())
    made = shares_of_alpha(found, Factors(("mkt", "smb"), np.column_stack([market - BILL, size])))
    assert [(one.factors, one.of) for one in made] == [
        (("Market",), "return"), (("Market",), "return above the bill"), (("mkt", "smb"), "return"),
        (("mkt", "smb"), "return above the bill"),
    ]  # fmt: skip
    assert made[2].alpha < made[0].alpha - 0.01
    assert made[2].alpha == made[3].alpha
