# SPDX-License-Identifier: Apache-2.0
"""Null markets: noise has any p alike, what is planted a small one; the same run gives the same; what is refused."""

import numpy as np
import pytest

import engine
from engine.analytics.significance.chance import Chance, p_of_rank
from engine.errors import InputError
from engine.runs.backtest import backtest
from engine.runs.chance.again import once_more
from engine.runs.chance.null_markets import null_markets
from tests.runs.chance.markets import bars, ratio_of, run_of, with_bars


@pytest.mark.parametrize(
    ("own", "drawn", "p"),
    [
        (1.0, [0.0, 0.5, 0.9], 1 / 4),
        (1.0, [1.0, 0.5, 2.0], 3 / 4),
        (-1.0, [0.0, 0.5, 0.9], 1.0),
        (1.0, [np.inf, 0.5, 0.9], 2 / 4),
    ],
)
def test_p_is_the_share_that_is_as_high_with_the_run_among_them(own, drawn, p):
    assert p_of_rank(own, np.array(drawn)) == p
    chance = Chance(own, np.array(drawn), p, idle=0, stopped=0, fills=1.0, own_fills=1)
    assert (1 + chance.as_high) / (1 + len(drawn)) == pytest.approx(p)


def test_the_middle_and_the_twentieth_of_what_chance_makes():
    chance = Chance(0.0, np.arange(100.0), 1.0, idle=0, stopped=0, fills=1.0, own_fills=1)
    assert (chance.median, chance.high) == (49.5, 95.0)  # of 100 four are above


@pytest.mark.slow
def test_on_noise_every_p_is_as_likely_as_any_other():
    run = run_of(bars(0, 120))
    p = [null_markets(with_bars(run, bars(seed, 120)), 19, block=1.0).together.p for seed in range(80)]
    # 80 uniform values: one time in a thousand they lie further from the line than 0.22 (Kolmogorov and Smirnov), and
    # their mean further from 0.525 than 0.11
    assert np.abs(np.sort(p) - (np.arange(80) + 1) / 80).max() < 0.22
    assert abs(np.mean(p) - 0.525) < 0.11
    assert 1 / 80 <= np.mean(np.array(p) <= 0.1) <= 0.25


def test_what_is_planted_is_found_and_cut_by_the_blocks():
    run = run_of(bars(3, 600, follows=0.4))
    found = null_markets(run, 99, block=1.0)
    assert found.together.p == 0.01
    assert found.together.own > found.together.high > found.together.median
    assert found.apart is None  # one symbol and no series: there is nothing to take apart
    kept = null_markets(run, 99, block=20.0).together  # blocks that hold what was planted keep it
    assert kept.median > found.together.median + 1.0


def test_the_run_is_the_backtest_and_the_draws_are_those_of_the_seed():
    run = run_of(bars(3, 300, follows=0.2), seed=5)
    found = null_markets(run, 10, block=3.0)
    record = backtest(run.ready, glance=False)
    equity = np.append(run.ready.config.account.cash, record.points["equity"])
    assert found.together.own == pytest.approx(ratio_of(equity[1:] / equity[:-1] - 1), rel=1e-9)
    assert (null_markets(run, 10, block=3.0).together.drawn == found.together.drawn).all()
    more = null_markets(run, 12, block=3.0).together.drawn
    assert (more[:10] == found.together.drawn).all()
    other = null_markets(run_of(bars(3, 300, follows=0.2), seed=6), 10, block=3.0).together
    assert (other.drawn != found.together.drawn).any()


def test_what_only_holds_has_its_premium_in_every_null_market():
    frame = bars(8, 400)
    drift = np.exp(0.004 * np.arange(400))
    frame[["open", "high", "low", "close"]] *= drift[:, None]
    found = null_markets(run_of(frame, params={"way": 1}), 50).together
    assert found.own > 5.0
    assert 0.1 < found.p < 0.9


@pytest.mark.parametrize(
    ("count", "block", "said"),
    [
        (0, None, "not a number of runs"),
        (-3, None, "1 to 100,000"),
        (1_000_000, None, "1 to 100,000"),
        (5, 0.5, "not a length of a block"),
        (5, 60.0, "1 to 49, a quarter"),
        (5, float("nan"), "not a length"),
    ],
)
def test_a_number_or_a_block_that_cannot_be_is_refused(count, block, said):
    with pytest.raises(InputError, match=said):
        null_markets(run_of(bars(1)), count, block)


def test_a_run_without_a_trade_has_nothing_to_compare():
    with pytest.raises(InputError, match="no ratio to compare"):
        null_markets(run_of(bars(1), params={"way": 2}), 5)


@pytest.mark.parametrize(
    ("config", "settings", "said"),
    [
        ("configs/vix_hedge_puts_sample.yaml", [], "a strategy of options"),
        ("configs/spread_sample.yaml", ["engine=backtrader"], "compiled"),
    ],
)
def test_options_and_another_engine_are_refused(config, settings, said):
    with pytest.raises(InputError, match=said):
        once_more(engine.load_config(config, settings))
