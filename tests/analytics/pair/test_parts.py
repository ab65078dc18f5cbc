# SPDX-License-Identifier: Apache-2.0
"""Responses, leads, episodes and hedges: what was put into made-up lines is found, and nothing else."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.analytics.pair.convexity import response, responses
from engine.analytics.pair.episodes import APART, YEAR, episodes, trailing_rank, usual_moves
from engine.analytics.pair.hedge import hedge, rolling_beta
from engine.analytics.pair.lead_lag import FURTHEST, LEAST, lead_lag, leaders
from engine.analytics.pair.sides import Pair, Side


def a_side(name, changes, volatility=False):
    level = 100 * np.exp(np.cumsum(np.append(0.0, changes)))
    return Side(name, level, level, volatility)


def a_pair(first, second, volatility=False):
    days = np.datetime64("2001-01-01") + np.arange(len(first) + 1)
    return Pair(days, a_side("A", first), a_side("B", second, volatility), 252.0)


def noise(seed, count=1500, size=0.01):
    return np.random.default_rng(seed).normal(0, size, count)


def test_falls_that_count_double_are_found():
    x = noise(1)
    y = np.where(x < 0, 4 * x, 2 * x) + noise(2, size=0.001)
    found = response(a_side("B", y), a_side("A", x), 1)
    assert found.down.value == pytest.approx(4, abs=0.05)
    assert found.up.value == pytest.approx(2, abs=0.05)
    assert found.asymmetry.value == pytest.approx(found.down.value - found.up.value)
    assert found.asymmetry.low > 1.8
    assert found.curvature.high < 0, "falls that count double bend the line downwards"


def test_large_moves_that_count_less_are_found():
    x = noise(1)
    edge = x.std(ddof=1)
    y = 3 * np.clip(x, -edge, edge) + 1 * (x - np.clip(x, -edge, edge)) + noise(2, size=0.001)
    found = response(a_side("B", y), a_side("A", x), 1)
    assert found.edge == pytest.approx(edge)
    assert found.small.value == pytest.approx(3, abs=0.05)
    assert found.large.value == pytest.approx(1, abs=0.05)
    assert found.excess.high < 0
    assert found.asymmetry.low < 0 < found.asymmetry.high


def test_overlapping_moves_have_errors_that_respect_it():
    """Of sums over five days there are five times as many as there is news: the error is not that of so many."""
    x, y = noise(3), noise(4)
    found = response(a_side("B", y), a_side("A", x), 21)
    assert found.lags == 40
    assert found.count == 1500 - 20
    sums = [np.convolve(one, np.ones(21), "valid") for one in (x, y)]
    design = np.column_stack([np.ones(len(sums[0])), np.maximum(sums[0], 0), np.minimum(sums[0], 0)])
    beta, rest, *_ = np.linalg.lstsq(design, sums[1], rcond=None)
    assert found.down.value == pytest.approx(beta[2])
    naive = np.sqrt(rest[0] / (len(design) - 3) * np.linalg.inv(design.T @ design)[2, 2])
    assert found.down.high - found.down.low > 2 * 1.96 * 2 * naive


def test_a_line_that_rests_has_no_response():
    pair = a_pair(noise(1), np.zeros(1500))
    assert responses(pair) == ()
    assert lead_lag(pair, {}) == ()
    assert hedge(pair.first, pair.second, {}, 90, 252) is None


def test_a_line_that_only_rises_has_no_falls():
    x = np.abs(noise(1)) + 0.001
    found = response(a_side("B", noise(2)), a_side("A", x), 1)
    assert np.isnan(found.down.value)
    assert np.isnan(found.asymmetry.value)


@pytest.mark.parametrize("lag", [1, 3, -2])
def test_a_leader_is_found_at_its_lag(lag):
    x = noise(5)
    y = noise(6) + 0.5 * np.roll(x, abs(lag))
    pair = a_pair(x, y) if lag > 0 else a_pair(y, x)
    found = lead_lag(pair, {})
    assert leaders(pair, found) == (("A",) if lag > 0 else ("B",))
    assert [one.sessions for one in found[0].leads] == [lag]
    assert found[0].largest.sessions == lag


def test_who_moves_on_the_same_day_does_not_lead():
    x = noise(7)
    pair = a_pair(x, -0.7 * x + noise(8, size=0.007))
    found = lead_lag(pair, {})
    assert leaders(pair, found) == ()
    assert found[0].same_day.value < -0.6


def test_what_reverts_by_itself_is_not_led():
    """The second line takes back half of each move, and the first moves with it: it seems to lead, and does not."""
    news = noise(20, 4000)
    second = news - 0.5 * np.roll(news, 1)
    pair = a_pair(second + noise(21, 4000, 0.003), second)
    (whole,) = lead_lag(pair, {})
    (after,) = [one for one in whole.lags if one.sessions == 1]
    assert after.outside
    assert abs(after.value) > 0.3
    assert abs(after.beyond) < LEAST
    assert "A" not in leaders(pair, [whole])


def test_a_lead_too_small_to_be_of_use_is_none():
    x = noise(9, 100_000)
    pair = a_pair(x, noise(10, 100_000) + 0.04 * np.roll(x, 1))
    (whole,) = lead_lag(pair, {})
    assert whole.largest.outside
    assert abs(whole.largest.value) < LEAST
    assert leaders(pair, [whole]) == ()


def test_the_band_keeps_its_promise_on_lines_without_a_lead():
    """Of 200 pairs that are calm for long and wild for long, at most one in ten shows anything outside its band."""
    outside = 0
    for seed in range(200):
        wild = np.repeat([1.0, 4.0, 1.0, 3.0], 250)
        x = noise(1000 + seed, 1000) * wild
        pair = a_pair(x, (-0.5 * x + noise(5000 + seed, 1000) * wild))
        outside += any(one.outside for one in lead_lag(pair, {})[0].lags if one.sessions)
    assert outside <= 20


def test_a_regime_is_that_of_the_close_before_the_earlier_change():
    x, y = noise(11), noise(12)
    inside = np.zeros(1501, bool)
    inside[200:900] = True
    (_, found) = lead_lag(a_pair(x, y), {"half": inside})
    assert found.days == 700
    by_lag = {one.sessions: one.value for one in found.lags}
    assert len(found.lags) == 2 * FURTHEST + 1
    assert by_lag[3] == pytest.approx(np.corrcoef(x[200:900], y[203:903])[0, 1])
    assert by_lag[-3] == pytest.approx(np.corrcoef(x[203:903], y[200:900])[0, 1])


def test_a_regime_of_few_days_is_not_looked_at():
    inside = np.zeros(1501, bool)
    inside[:50] = True
    (_, found) = lead_lag(a_pair(noise(1), noise(2)), {"few": inside})
    assert found.lags == ()
    assert found.largest is None


@pytest.mark.parametrize(("share", "size"), [(1.0, 0.005), (0.3, 0.01), (0.0, 0.01)])
def test_the_worst_days_with_a_hedge_are_its_own(share, size):
    """Not those that were worst without it: on these a hedge looks better than it is, even one that is none."""
    common = noise(21)
    pair = a_pair(share * common + noise(22, size=size), common)
    found = hedge(pair.first, pair.second, {}, 90, 252)
    y, x = pair.first.returns, pair.second.returns
    betas = np.array([np.polyfit(x[at - 90 : at], y[at - 90 : at], 1)[0] for at in range(90, len(y))])
    held = np.sort(y[90:] - betas * x[90:])
    plain = np.sort(y[90:])
    worst = int(np.ceil(0.05 * (len(held) - 1) + 1e-9))
    assert found.effects[0].tail == pytest.approx(plain[:worst].mean())
    assert found.effects[0].tail_hedged == pytest.approx(held[:worst].mean())


def test_a_hedge_of_nothing_leaves_the_worst_days_as_bad():
    one = hedge(a_side("A", noise(23)), a_side("B", noise(24)), {}, 90, 252).effects[0]
    assert one.tail_hedged == pytest.approx(one.tail, rel=0.05)


def test_a_hedge_takes_away_what_is_common():
    common = noise(13)
    of, by = common + noise(14, size=0.005), 2 * common
    pair = a_pair(of, by)
    found = hedge(pair.first, pair.second, {}, 90, 252)
    assert found.beta == pytest.approx(0.5, abs=0.06)
    assert found.effects[0].effectiveness.value == pytest.approx(0.8, abs=0.03)
    assert found.effects[0].effectiveness.low < 0.8 < found.effects[0].effectiveness.high
    assert abs(found.effects[0].tail_hedged) < abs(found.effects[0].tail) / 2
    unrelated = hedge(a_side("A", of), a_side("B", noise(15)), {}, 90, 252)
    assert unrelated.effects[0].effectiveness.value < 0.02


def test_what_a_hedge_earns_is_of_simple_returns():
    """A line that goes up and down by a tenth, and comes to nothing, earns what is held at the same size every day."""
    wild = np.tile([np.log(1.1), -np.log(1.1)], 400)
    of = a_side("A", -wild + noise(22, 800, 0.001))
    found = hedge(of, a_side("B", wild), {}, 90, 252)
    assert found.held == pytest.approx(0, abs=1e-9)
    assert found.earned == pytest.approx(-found.beta * 252 * (0.1 - 1 / 11) / 2, rel=0.05)


def test_the_beta_of_a_day_is_not_known_before_its_close():
    """A day on which both jump does not hedge itself."""
    x, y = noise(16), noise(17)
    x[700], y[700] = 0.5, 0.5
    found = hedge(a_side("A", y), a_side("B", x), {}, 90, 252)
    one, two = np.expm1(y), np.expm1(x)
    before = rolling_beta(one[:700], two[:700], 90)[-1]
    inside = np.zeros(1501, bool)
    inside[650:800] = True
    near = hedge(a_side("A", y), a_side("B", x), {"near": inside}, 90, 252).effects[1]
    betas = rolling_beta(one, two, 90)
    hedged = one[90:] - betas[:-1] * two[90:]
    assert hedged[610] == pytest.approx(np.expm1(0.5) * (1 - before))
    assert near.effectiveness.value == pytest.approx(1 - np.var(hedged[560:710]) / np.var(one[650:800]))
    assert found.effects[0].days == 1410


def fund_and_index():
    """Two quiet years; then, at row 600, a rally of ten days while the index is at its highest."""
    steps, level = noise(18, 800, 0.002), 20 + np.sin(np.arange(801) / 11)
    steps[590:600] = 0.01
    level[560:640] = 40 + np.arange(80) / 100
    fund = a_side("FUND", steps)
    return Pair(np.datetime64("2001-01-01") + np.arange(801), fund, Side("VIX", level, level, volatility=True), 252.0)


def test_an_episode_is_known_on_its_first_day_and_ends_when_it_is_over():
    pair = fund_and_index()
    support, _ = episodes(pair)
    one = next(one for one in support.found if one.first <= 600 <= one.last)
    assert support.begins[one.first]
    assert one.level == pair.second.level[one.first]
    assert one.moved == pytest.approx(pair.first.level[one.first] / pair.first.level[one.first - 10] - 1)
    days = (trailing_rank(pair.second.level) >= 0.8) & (usual_moves(pair.first.changes) >= 1)
    assert days[one.first]
    assert not days[one.first - APART : one.first].any()
    assert not days[one.last + 1 : one.last + 1 + APART].any()
    assert one.days == int(days[one.first : one.last + 1].sum())


@settings(max_examples=20)
@given(cut=st.integers(YEAR + 20, 800))
def test_later_rows_change_no_episode_that_had_begun(cut):
    pair = fund_and_index()
    for whole, then in zip(episodes(pair), episodes(pair.head(cut)), strict=True):
        np.testing.assert_array_equal(whole.begins[:cut], then.begins)
        np.testing.assert_array_equal(whole.alike[:cut], then.alike)
        assert [one.first for one in whole.found if one.first < cut] == [one.first for one in then.found]


def test_there_are_no_episodes_without_one_volatility_index():
    assert episodes(a_pair(noise(1), noise(2))) == ()


def test_ranks_and_usual_moves_by_hand():
    level = np.arange(300.0)
    assert trailing_rank(level)[YEAR - 1 :].tolist() == [1.0] * (300 - YEAR + 1)
    assert np.isnan(trailing_rank(level)[: YEAR - 1]).all()
    steps = np.tile([0.01, -0.01], 150)
    moves = usual_moves(steps)
    assert np.isnan(moves[:YEAR]).all()
    np.testing.assert_allclose(moves[YEAR:], 0, atol=1e-12)
    assert np.isnan(usual_moves(np.zeros(300))).all()
