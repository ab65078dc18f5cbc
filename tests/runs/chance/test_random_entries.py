# SPDX-License-Identifier: Apache-2.0
"""The run's own trades on other days: through the engine, with its costs; noise, a planted effect, and refusals."""

import numpy as np
import pytest

import engine
from engine.analytics.analysis import analyse
from engine.analytics.significance.episodes import episodes_of, scattered
from engine.engines import native
from engine.errors import InputError
from engine.inputs.prepared import prepare
from engine.runs.chance.again import once_more
from engine.runs.chance.random_entries import Desk, random_entries
from tests.runs.chance.markets import FREE, bars, run_of, with_bars


def recorded(run):
    """The run itself, and its analysis."""
    made = prepare(run.ready.config, run.ready.strategies, run.market, run.start, run.stop)
    result = native.run(made, "interpreted")
    return result, analyse(result)


def test_the_same_days_give_the_same_run_and_other_days_as_many_fills():
    run = run_of(bars(3, 300, follows=0.2))
    result, analysis = recorded(run)
    found = random_entries(run, result, analysis, 40)
    # sized by the equity of a close and filled at the next open, as the run's own orders were
    assert found.kept == pytest.approx(found.chance.own, abs=0.02)
    trips = analysis.trips
    assert found.trades == len(trips)
    assert found.within == 0
    stops = np.where(trips["close_row"] < 0, 300, trips["close_row"])
    assert found.held == np.sum(stops - trips["open_row"]) / 300
    assert 2 * found.trades - 1 <= found.chance.fills <= 2 * found.trades
    assert (random_entries(run, result, analysis, 12).chance.drawn == found.chance.drawn[:12]).all()


def test_holding_times_of_a_draw_are_those_of_the_run():
    run = run_of(bars(3, 300, follows=0.2))
    result, analysis = recorded(run)
    own = sorted(_lengths(analysis.trips))
    desk = Desk.of(run)
    episodes = episodes_of(result, analysis)
    order, firsts = scattered([one.length for one in episodes], desk.rows, np.random.default_rng(8))
    told = desk.told([episodes[at] for at in order], firsts)
    told.rules["recording"] = 1
    moved = analyse(native.run(told, "interpreted")).trips
    assert sorted(_lengths(moved)) == own
    assert [int(one) for one in moved["open_row"]] == [first + 1 for first in firsts]
    assert set(np.sign(moved["quantity"])) == {1.0}


def test_what_is_planted_is_found_and_noise_is_not():
    run = run_of(bars(3, 400, follows=0.4))
    assert random_entries(run, *recorded(run), 99).chance.p == 0.01
    flat = run_of(bars(0, 120))
    p = []
    for seed in range(40):
        noise = with_bars(flat, bars(seed, 120))
        p.append(random_entries(noise, *recorded(noise), 19).chance.p)
    # one time in a thousand 40 uniform values lie further from the line than 0.31, and their mean from 0.525 than 0.15
    assert np.abs(np.sort(p) - (np.arange(40) + 1) / 40).max() < 0.31
    assert abs(np.mean(p) - 0.525) < 0.15


def test_costs_are_charged_by_the_engine():
    frame = bars(5, 200)
    dear = FREE["costs"] | {"slippage": {"half_spread": 0.002, "impact": 0.0}}
    free, paid = run_of(frame), run_of(frame, costs=dear)
    of_free = random_entries(free, *recorded(free), 10)
    of_paid = random_entries(paid, *recorded(paid), 10)
    assert of_paid.trades == of_free.trades
    assert (of_paid.chance.drawn < of_free.chance.drawn - 1.0).all()


def test_what_cannot_be_scattered_is_refused():
    run = run_of(bars(1))
    with pytest.raises(InputError, match="1 to 100,000"):
        random_entries(run, *recorded(run), 0)
    held = run_of(bars(1), params={"way": 1})
    with pytest.raises(InputError, match="too few round trips to scatter; found 1; allowed: 10"):
        random_entries(held, *recorded(held), 5)
    book = once_more(engine.load_config("configs/portfolio_sample.yaml"))
    with pytest.raises(InputError, match="ask of each sleeve by itself"):
        random_entries(book, None, None, 5)


def _lengths(trips):
    return [int(one["close_row"] - one["open_row"]) for one in trips if one["close_row"] >= 0]
