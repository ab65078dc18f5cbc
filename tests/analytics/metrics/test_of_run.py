# SPDX-License-Identifier: Apache-2.0
"""Metrics against empyrical and scipy, against cases worked by hand, and at the edges where they are undefined."""

import datetime as dt
import json
import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.analytics.analysis import analyse
from engine.analytics.metrics import benchmark, drawdown, performance
from engine.analytics.metrics.of_run import GROUPS, definitions
from engine.analytics.metrics.registry import REGISTRY, Undefined, metric
from engine.market.spacing import SESSIONS_A_YEAR

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import empyrical


@pytest.fixture(scope="module")
def path():
    rng = np.random.default_rng(11)
    large = rng.standard_t(5, 900) * 0.008
    returns = 0.3 * large + rng.standard_t(4, 900) * 0.006
    return returns, np.append(1.0, np.cumprod(1 + returns)), large, np.full(900, 0.03)


class TestAgainstAnIndependentLibrary:
    def test_growth_and_risk(self, path):
        returns, nav, _, _ = path
        assert performance.cagr(nav, 900 / 252) == pytest.approx(empyrical.cagr(returns))
        assert performance.volatility(returns, 252.0) == pytest.approx(empyrical.annual_volatility(returns))
        assert performance.total_return(nav) == pytest.approx(empyrical.cum_returns_final(returns))
        assert drawdown.max_drawdown(nav, np.arange(900)) == pytest.approx(-empyrical.max_drawdown(returns))
        assert drawdown.calmar(nav, 900 / 252, nav, np.arange(900)) == pytest.approx(empyrical.calmar_ratio(returns))

    def test_ratios_over_the_benchmark_rate(self, path):
        returns, _, _, rates = path
        daily = 0.03 / SESSIONS_A_YEAR
        assert performance.sharpe(returns, rates, 252.0, 1) == pytest.approx(
            empyrical.sharpe_ratio(returns, risk_free=daily)
        )
        assert performance.sortino(returns, rates, 252.0, 1) == pytest.approx(
            empyrical.sortino_ratio(returns, required_return=daily)
        )

    def test_alpha_and_beta(self, path):
        returns, _, large, rates = path
        compounded, beta = empyrical.alpha_beta(returns[1:], large[1:], risk_free=0.03 / SESSIONS_A_YEAR)
        assert benchmark.beta(returns, rates, large, 252.0) == pytest.approx(beta)
        daily = (1 + compounded) ** (1 / SESSIONS_A_YEAR) - 1
        assert benchmark.alpha(returns, rates, large, 252.0) == pytest.approx(daily * SESSIONS_A_YEAR)

    def test_moments_and_correlation(self, path):
        from scipy import stats

        returns, _, large, rates = path
        assert performance.skew(returns) == pytest.approx(stats.skew(returns))
        assert performance.kurtosis(returns) == pytest.approx(stats.kurtosis(returns))
        expected = np.corrcoef(returns[1:], large[1:])[0, 1]
        assert benchmark.correlation(returns, rates, large, 252.0) == pytest.approx(expected)

    def test_calendar_months(self, path):
        import pandas as pd

        returns, *_ = path
        dates = pd.bdate_range("2020-01-15", periods=900)
        monthly = (1 + pd.Series(returns, dates)).groupby(dates.to_period("M")).prod() - 1
        assert performance.worst_month(returns, dates.to_numpy("datetime64[D]")) == pytest.approx(monthly.min())


class TestByHand:
    def test_drawdown_and_its_dates(self):
        nav = np.array([100, 100, 120, 90, 110, 120, 130, 125.0])
        spell = drawdown.spell(nav, np.arange(7))
        assert (spell.depth, spell.peak, spell.trough, spell.recovery, spell.longest) == (0.25, 1, 2, 4, 3)

    def test_a_drawdown_from_the_opening_deposit_that_never_recovers(self):
        spell = drawdown.spell(np.array([100, 90, 80, 95.0]), np.arange(3))
        assert (spell.peak, spell.trough, spell.recovery, spell.longest) == (0, 1, -1, 2)
        assert spell.depth == pytest.approx(0.2)

    def test_the_longest_drawdown_need_not_be_the_deepest(self):
        nav = np.array([100, 50, 100, 99, 99, 99, 99, 101.0])
        spell = drawdown.spell(nav, np.arange(7))
        assert (spell.depth, spell.longest) == (0.5, 5)

    def test_intraday_bars_become_sessions_first(self, hand):
        bars = hand.bars({"large": [100, 90, 110, 120, 60, 121.0]}, sessions=[0, 0, 0, 1, 1, 1])
        found = analyse(hand.result(bars, hand.fill(0, 0, 100, 100, order=1)))
        assert found.sessions.returns == pytest.approx([0.10, 0.10])
        assert found.metrics["best_day"] == pytest.approx(0.10)
        assert found.metrics["max_drawdown"] == pytest.approx(0.5)  # seen inside the second session
        assert found.metrics["max_drawdown_trough"] == dt.date(2024, 1, 3)
        assert found.metrics["cagr"] == pytest.approx(1.21**126 - 1)

    def test_fifteen_session_shock(self):
        nav = np.append(np.linspace(100, 130, 31), [91.0])
        assert performance.worst_15_sessions(nav) == pytest.approx(91 / 116 - 1)

    def test_the_first_session_counts_from_the_deposit(self, hand):
        bars = hand.bars({"large": [100.0, 100.0]})
        found = analyse(hand.result(bars, hand.fill(0, 0, 10, 100, order=1, commission=100.0)))
        assert found.sessions.returns == pytest.approx([-0.01, 0.0])
        assert found.metrics["total_return"] == pytest.approx(-0.01)

    def test_money_added_later_is_no_gain(self, hand):
        bars = hand.bars({"large": [100, 110, 121.0]})
        entries = [*hand.fill(0, 0, 100, 100, order=1), (1, 1, -1, 0.0, np.nan, 5_000.0, 0.0, 0, 0)]
        found = analyse(hand.result(bars, entries))
        assert found.sessions.returns == pytest.approx([0.0, 1_000 / 15_000, 1_100 / 16_000])
        assert found.metrics["total_return"] == pytest.approx(16 / 15 * 17_100 / 16_000 - 1)

    def test_the_large_leg_is_taken_with_dividends_and_splits(self, hand):
        bars = hand.bars({"large": [100, 99, 50.0]}, dividends={"large": {1: 1.0}}, splits={"large": {2: 2.0}})
        large = analyse(hand.result(bars, [])).sessions.benchmark
        assert np.isnan(large[0])
        assert large[1:] == pytest.approx([0.0, 1 / 99])

    @pytest.mark.parametrize("apart", [4, 5, 21])
    def test_no_daily_return_is_made_of_values_of_weeks(self, apart, path):
        """Each value stands until the next one: the regression would find a beta near 1 / apart where it is 0.3."""
        returns, _, large, rates = path
        dates = np.arange(900).astype("datetime64[D]")
        levels = np.cumprod(1 + large)
        held = levels[np.arange(900) // apart * apart]
        steps = np.append(np.nan, np.diff(held) / held[:-1])
        assert benchmark.stairs(steps) == (int((np.diff(held) == 0).sum()), 899)
        for figure in (benchmark.alpha, benchmark.beta, benchmark.correlation):
            with pytest.raises(Undefined, match="the value of the close before on"):
                figure(returns, rates, steps, 252.0)
        for figure in (benchmark.tracking_error, benchmark.information_ratio):
            with pytest.raises(Undefined, match="the value of the close before on"):
                figure(returns, steps, 252.0)
        for figure in (benchmark.up_capture, benchmark.down_capture):
            with pytest.raises(Undefined, match="the value of the close before on"):
                figure(returns, steps, dates)

    @pytest.mark.parametrize("every", [2, 3, 6])
    def test_nor_where_each_second_or_sixth_value_is_missing(self, every, path):
        """A carried value makes one return of two: beta falls by as much, and nothing else shows it."""
        returns, _, large, rates = path
        levels = np.cumprod(1 + large)
        rows = np.arange(900)
        held = levels[np.where(rows % every == every - 1, rows - 1, rows)]
        steps = np.append(np.nan, np.diff(held) / held[:-1])
        assert benchmark.stairs(steps) == (900 // every, 899)
        with pytest.raises(Undefined, match="the value of the close before on"):
            benchmark.beta(returns, rates, steps, 252.0)

    @pytest.mark.parametrize("cents", [0.5, 0.7, 1.5, 3.0])
    def test_a_price_that_stands_still_for_want_of_a_whole_cent_is_a_market(self, cents, path):
        """A bill fund's price does not move on half of its days, a market's on one in a hundred."""
        returns, _, _, rates = path
        moves = np.random.default_rng(5).standard_normal(900).cumsum() * cents / 100
        prices = np.round(91.0 + moves, 2)
        quiet = np.append(np.nan, np.diff(prices) / prices[:-1])
        assert np.mean(quiet == 0.0) > 0.1
        assert benchmark.stairs(quiet) is None
        assert benchmark.beta(returns, rates, quiet, 252.0) == pytest.approx(
            np.polyfit(quiet[1:] - rates[1:] / 252, returns[1:] - rates[1:] / 252, 1)[0]
        )
        assert benchmark.stairs(np.zeros(900)) is None

    def test_the_benchmark_is_the_rate_known_at_the_close_before(self, hand):
        bars = hand.bars({"large": [100.0] * 6}, sessions=[0, 0, 1, 1, 2, 2])
        wider = np.zeros(6, [*((name, bars.dtype[name]) for name in bars.dtype.names), ("tbill", "f8")])
        for name in bars.dtype.names:
            wider[name] = bars[name]
        wider["tbill"] = [0.01, 0.02, 0.03, 0.04, 0.05, 0.06]
        run = hand.result(bars, [], benchmark=0.03)
        assert analyse(run).sessions.rates.tolist() == [0.03] * 3
        costs = run.config.costs.model_copy(update={"benchmark": "tbill"})
        market = replace(run.market, bars=wider, series={"tbill": "DTB3"})
        run = replace(run, market=market, config=run.config.model_copy(update={"costs": costs}))
        assert analyse(run).sessions.rates.tolist() == [0.01, 0.02, 0.04]

    def test_exposure_and_turnover(self, worked):
        found = analyse(worked).metrics
        traded = 2002 + 2000 + 1100 + 2700 + 990
        equity = worked.points["equity"]
        assert found["turnover"] == pytest.approx(traded / equity.mean() / (6 / 252))
        assert found["time_in_market"] == pytest.approx(5 / 6)
        assert found["max_gross"] == pytest.approx((worked.gross / equity).max())
        assert found["average_net"] == pytest.approx((worked.net / equity).mean())
        assert found["max_margin_use"] == pytest.approx(0.3 * found["max_gross"])

    def test_costs_in_money_and_a_year(self, worked):
        found = analyse(worked).metrics
        names = ("commission", "slippage", "borrow", "dividends", "interest", "total_costs")
        assert [found[name] for name in names] == pytest.approx([7.6, 8.0, 3.0, 2.0, 1.0, 7.6 + 8 + 3 + 8 + 0.25])
        assert (found["dividends_received"], found["dividends_paid"]) == (10.0, 8.0)
        assert (found["interest_received"], found["interest_paid"]) == (1.25, 0.25)
        assert found["borrow_rate"] == pytest.approx(3.0 / worked.points["equity"].mean() / (6 / 252))

    def test_trades(self, worked):
        found = analyse(worked).metrics
        counts = ("round_trips", "open_trips", "spread_trades", "fills", "orders", "rejected_orders", "forced_fills")
        assert [found[name] for name in counts] == [2, 1, 0, 5, 6, 1, 0]
        assert found["hit_rate"] == 1.0
        assert found["holding_sessions"] == 3.0

    def test_profit_factor_and_payoff_of_spread_trades(self):
        from engine.analytics.metrics import activity

        pnl = np.array([30.0, -10.0, 10.0, -10.0, 0.0])
        assert activity.profit_factor(pnl) == 2.0
        assert activity.payoff(pnl) == 2.0
        assert activity.spread_hit_rate(pnl) == 0.4
        assert activity.profit_factor(np.array([-1.0])) == 0.0


class TestUndefined:
    def test_an_account_that_never_moves(self, hand):
        found = analyse(hand.result(hand.bars({"large": [10.0, 11, 12]}), []))
        assert found.metrics["volatility"] == 0.0
        assert found.metrics["max_drawdown"] == 0.0
        assert found.metrics.undefined["sharpe"] == "no order filled: there is nothing to judge"
        assert found.metrics.undefined["calmar"] == "equity never fell below its peak"
        assert found.metrics.undefined["hit_rate"] == "no trade was closed"
        assert math.isnan(found.metrics["profit_factor"])

    def test_a_ruined_account(self, hand):
        bars = hand.bars({"large": [100, 100, 150, 250, 120.0]})
        found = analyse(hand.result(bars, hand.fill(1, 0, -100, 100, order=1))).metrics
        for name in ("cagr", "volatility", "sharpe", "sortino", "calmar", "skew", "beta", "turnover", "max_gross"):
            assert "ruined" in found.undefined[name], name
        assert found["max_drawdown"] == pytest.approx(1.5)
        assert found["total_return"] == pytest.approx(-0.2)

    def test_a_run_of_one_session(self, hand):
        found = analyse(hand.result(hand.bars({"large": [10.0]}), [])).metrics
        assert found["cagr"] == 0.0
        assert found.undefined["volatility"] == "needs at least 2 sessions, the run has 1"

    def test_a_drawdown_still_under_water(self, hand):
        bars = hand.bars({"large": [100, 100, 90, 95.0]})
        found = analyse(hand.result(bars, hand.fill(1, 0, 10, 100, order=1))).metrics
        assert found.undefined["max_drawdown_recovery"] == "not recovered by the end of the run"
        assert found["max_drawdown_sessions"] == 2

    def test_json_holds_null_and_the_reason(self, hand):
        found = analyse(hand.result(hand.bars({"large": [10.0]}), [])).metrics.as_dict()
        text = json.dumps(found, allow_nan=False)
        assert json.loads(text)["sharpe"] is None
        assert json.loads(text)["undefined"]["sharpe"]

    @given(st.lists(st.floats(0.0, 3.0), min_size=1, max_size=40), st.integers(-30, 30))
    def test_no_path_gives_an_infinite_or_unexplained_figure(self, hand, moves, shares):
        closes = np.maximum(np.cumprod(np.append(100.0, moves)), 1e-3)
        found = analyse(hand.result(hand.bars({"large": closes}), hand.fill(0, 0, shares or 1, 100.0, order=1))).metrics
        for name, value in found.values.items():  # noqa: PD011
            if isinstance(value, float) and not math.isfinite(value):
                assert math.isnan(value), name
                assert found.undefined[name], name
            else:
                assert name not in found.undefined


class TestRegister:
    def test_every_metric_says_what_it_is(self):
        for entry in REGISTRY.values():
            assert entry.title
            assert entry.formula
            assert entry.group in GROUPS
            assert bool(entry.annualised) == ("252" in entry.annualised or "CAGR" in entry.annualised)

    def test_a_yearly_unit_says_how_it_is_annualised(self):
        for entry in definitions():
            if entry.unit == "fraction a year":
                assert "252" in entry.annualised, entry.name

    def test_a_second_definition_is_refused(self):
        with pytest.raises(ValueError, match="defined twice"):
            metric("cagr", "again", group="return", unit="ratio", formula="")(lambda: 0.0)

    def test_undefined_is_no_number(self):
        with pytest.raises(Undefined, match="at least 15 sessions"):
            performance.worst_15_sessions(np.ones(4))
