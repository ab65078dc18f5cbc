# SPDX-License-Identifier: Apache-2.0
"""The replica: what it decides row by row, its weights against the known book, and what real bars say of the claim."""

import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine.analytics.attribution.alpha_share import alpha_share, published_months
from engine.config.loader import load_config
from engine.errors import StrategyError
from engine.market.build import load_market
from engine.market.sample.hedge_fund import ALPHA, NOISE, WEIGHTS
from engine.runs.backtest import backtest
from engine.strategy.border import check_strategy
from engine.strategy.lookahead.cuts import choose_cuts
from engine.strategy.lookahead.probe import first_leak
from engine.strategy.params import resolve_params
from strategies.fund_replica import FundReplica, Reason
from tests.counting import calls

CONFIGS = Path(__file__).parents[2] / "configs"
ROLES = FundReplica.roles
NAN = math.nan


def _params(**given):
    return SimpleNamespace(**resolve_params(FundReplica.Params, given))


def _market(config, *overrides):
    ready = load_config(CONFIGS / config, overrides)
    return load_market(ready.config, FundReplica.series, FundReplica.optional_series, CONFIGS, ROLES)


def _features(market, **given):
    return FundReplica().features(market, _params(**given))


def _weights(features):
    return np.stack([features[f"w_{role}"] for role in ROLES], axis=1)


@pytest.fixture(scope="module")
def sample():
    return _market("fund_replica_sample.yaml")


@pytest.fixture(scope="module")
def features(sample):
    return _features(sample)


class Desk:
    """Takes orders down as (role, weight, reason); a close is a weight of None."""

    def __init__(self):
        self.sent = []

    def target(self, role, weight, reason):
        self.sent.append((ROLES[role], pytest.approx(weight), Reason(reason)))

    def close(self, role, reason):
        self.sent.append((ROLES[role], None, Reason(reason)))


def _decide(held, wanted, *, published=1.0, fired=0.0, state=(True, 0), equity=1000.0, **given):
    """One decision: `held` and `wanted` are weights by role, 0 where left out. Gives the orders and the state after."""
    holdings = {role: held.get(role, 0.0) * equity for role in ROLES}
    account = SimpleNamespace(
        equity=equity, **{role: SimpleNamespace(value=value, qty=value / 10.0) for role, value in holdings.items()}
    )
    f = SimpleNamespace(
        published=published, deleveraging=fired, **{f"w_{role}": wanted.get(role, 0.0) for role in ROLES}
    )
    s, desk = SimpleNamespace(invested=state[0], cut=state[1]), Desk()
    FundReplica.on_bar(SimpleNamespace(), f, _params(**given), s, account, desk)
    return desk.sent, (s.invested, s.cut)


NOTHING = dict.fromkeys(ROLES, NAN)
BOOK = {"small_value": 0.3, "large_growth": -0.2, "small": 0.1}
TWO = {"small_value": 0.3, "large_growth": -0.2}


def _targets(weights, reason):
    return [(role, pytest.approx(weights[role]), reason) for role in ROLES if role in weights]


class TestDecision:
    def test_before_the_first_fit_nothing_happens(self):
        assert _decide({}, NOTHING, state=(False, 0)) == ([], (False, 0))

    @pytest.mark.parametrize("published", [0.0, 1.0])
    def test_the_first_weights_are_taken_at_once_without_a_band(self, published):
        sent, state = _decide({}, {"small": 0.001, **TWO}, published=published, state=(False, 0), band=0.5)
        assert sent == _targets({"small": 0.001, **TWO}, Reason.START)
        assert state == (True, 0)

    def test_between_publications_nothing_is_traded(self):
        assert _decide({}, BOOK, published=0.0) == ([], (True, 0))

    def test_a_publication_moves_what_stands_outside_its_band(self):
        held = {"small_value": 0.279, "large_growth": -0.181, "small": 0.121}
        sent, _ = _decide(held, BOOK, band=0.02)
        assert sent == _targets({"small_value": 0.3, "small": 0.1}, Reason.NEW_WEIGHTS)

    def test_the_edge_of_the_band_is_inside(self):
        assert _decide({"small": 0.5}, {"small": 0.25}, band=0.25)[0] == []

    @pytest.mark.parametrize("held", [-0.001, 0.001])
    def test_what_the_fit_dropped_goes_whatever_the_band(self, held):
        sent, _ = _decide({"emerging": held, "large": 0.0}, {}, band=0.1)
        assert sent == _targets({"emerging": 0.0}, Reason.NEW_WEIGHTS)

    def test_a_silent_fund_closes_everything_once(self):
        sent, state = _decide(BOOK, NOTHING)
        assert sent == [(role, None, Reason.SILENT) for role in ROLES]
        assert state == (False, 0)

    @pytest.mark.parametrize("equity", [0.0, -5.0])
    def test_a_ruined_account_decides_nothing(self, equity):
        assert _decide(BOOK, TWO, equity=equity)[0] == []

    def test_a_small_account_decides(self):
        assert _decide({}, TWO, equity=0.5)[0] == _targets(TWO, Reason.NEW_WEIGHTS)

    @pytest.mark.parametrize(
        ("state", "fired", "reason"),
        [((False, 0), 1.0, Reason.START), ((True, 0), 1.0, Reason.DELEVERAGING), ((True, 2), 0.0, Reason.NEW_WEIGHTS)],
    )
    def test_the_last_bar_of_a_cut_is_cut(self, state, fired, reason):
        sent, after = _decide({}, TWO, fired=fired, state=state, cut_to=0.5, cut_bars=1)
        assert sent == _targets({"small_value": 0.15, "large_growth": -0.1}, reason)
        assert after == (True, 1)

    def test_the_detector_cuts_without_a_band_and_starts_the_count(self):
        sent, state = _decide({"small": 0.1, **TWO}, BOOK, published=0.0, fired=1.0, cut_to=0.5, cut_bars=7, band=1)
        assert sent == _targets({"small_value": 0.15, "large_growth": -0.1, "small": 0.05}, Reason.DELEVERAGING)
        assert state == (True, 7)

    def test_a_cut_to_one_is_off(self):
        assert _decide(BOOK, BOOK, published=0.0, fired=1.0, cut_to=1.0) == ([], (True, 0))

    def test_a_second_firing_prolongs_the_cut_and_trades_nothing(self):
        assert _decide(TWO, TWO, published=0.0, fired=1.0, state=(True, 3), cut_to=0.5, cut_bars=7) == ([], (True, 7))

    def test_the_cut_runs_out_and_the_weights_come_back(self):
        halves = {"small_value": 0.15, "large_growth": -0.1}
        assert _decide(halves, TWO, published=0.0, state=(True, 2), cut_to=0.5) == ([], (True, 1))
        sent, state = _decide(halves, TWO, published=0.0, state=(True, 1), cut_to=0.5, band=1)
        assert sent == _targets(TWO, Reason.RESTORE)
        assert state == (True, 0)

    def test_weights_published_within_a_cut_are_cut_too(self):
        sent, _ = _decide({}, TWO, state=(True, 3), cut_to=0.5)
        assert sent == _targets({"small_value": 0.15, "large_growth": -0.1}, Reason.NEW_WEIGHTS)

    def test_without_a_cut_the_weights_are_whole(self):
        assert _decide({}, TWO, state=(True, 0), cut_to=0.5)[0] == _targets(TWO, Reason.NEW_WEIGHTS)
        assert _decide({}, TWO, state=(False, 0), cut_to=0.5)[0] == _targets(TWO, Reason.START)

    def test_a_replica_that_starts_within_a_firing_starts_cut(self):
        sent, state = _decide({}, TWO, fired=1.0, state=(False, 0), cut_to=0.5, cut_bars=7)
        assert sent == _targets({"small_value": 0.15, "large_growth": -0.1}, Reason.START)
        assert state == (True, 7)


def test_it_fits_the_compile_border():
    check_strategy(FundReplica)


def test_no_feature_looks_ahead(sample, features):
    """Cuts around publications, month ends and the detector's firings; weights to the bit."""
    news, fired = (np.flatnonzero(features[name] == 1.0) for name in ("published", "deleveraging"))
    cuts = choose_cuts(len(sample), seed=2, count=6, episodes=[news[40], news[41] - 15, news[200], fired[0], fired[-1]])
    assert first_leak(_features, sample, cuts) is None


def test_features_work_in_proportion_to_the_bars(sample):
    _features(sample.head(1_000))  # what is imported on the way counts for nobody
    half, whole = (calls(lambda market=market: _features(market)) for market in (sample.head(len(sample) // 2), sample))
    assert whole < 2.5 * half


def test_weights_change_on_publication_days_alone(sample, features):
    weights = _weights(features)
    changed = np.flatnonzero((np.diff(weights, axis=0) != 0).any(axis=1) & ~np.isnan(weights[:-1, 0])) + 1
    assert (features["published"][changed] == 1.0).all()
    sessions = sample.sessions.astype("M8[M]")
    news = np.flatnonzero(features["published"])
    assert np.isin(sessions[news[1:]] - sessions[news[:-1]], [1]).all()
    first_of_month = np.searchsorted(sessions, sessions[news])
    assert set((news - first_of_month).tolist()) == {14}  # the fifteenth session after the month's end


@pytest.mark.parametrize("session", ["2003-02-24", "2008-06-30", "2013-06-28", "2018-06-29", "2024-12-31"])
def test_golden_the_known_book_is_found(sample, features, session):
    book = dict(zip(ROLES, (WEIGHTS["KRE"], WEIGHTS["QQQ"], WEIGHTS["XLE"], WEIGHTS["IWM"], 0.0), strict=True))
    row = int(np.searchsorted(sample.sessions, np.datetime64(session)))
    assert not np.isnan(features["w_large"][row])
    for role, truth in book.items():
        assert features[f"w_{role}"][row] == pytest.approx(truth, abs=0.08), role
    assert features["r2"][row] > 0.93


def test_golden_the_book_is_found_closely_on_average_and_more_so_with_less_ridge(features, sample):
    truth = np.array([WEIGHTS["KRE"], WEIGHTS["QQQ"], WEIGHTS["XLE"], WEIGHTS["IWM"], 0.0])
    mean = np.nanmean(_weights(features), axis=0)
    np.testing.assert_allclose(mean, truth, atol=0.045)
    looser = np.nanmean(_weights(_features(sample, ridge=0.0001)), axis=0)
    np.testing.assert_allclose(looser, truth, atol=0.02)
    assert np.abs(looser - truth).max() < np.abs(mean - truth).max()


def test_golden_the_known_alpha_is_found_out_of_sample(features):
    found = alpha_share(*published_months(features))
    assert found.months == 261
    assert found.correlation > 0.985
    assert abs(found.alpha - 12 * ALPHA) < 2 * found.alpha_error
    assert found.alpha_error == pytest.approx(12 * NOISE / math.sqrt(found.months), rel=0.35)
    truth = 12 * ALPHA / (12 * ALPHA + found.replica)
    assert abs(found.share - truth) < 2 * found.share_error


def test_golden_first_trades(sample):
    result = backtest(CONFIGS / "fund_replica_sample.yaml")
    first = result.orders[:5]
    assert {str(sample.sessions[row]) for row in first["born"]} == {"2003-02-24"}
    assert set(first["reason"].tolist()) == {Reason.START}
    assert np.sign(first["filled"][[0, 1, 2, 3]]).tolist() == [1, -1, 1, 1]
    later = set(result.orders["reason"][5:].tolist())
    assert later == {Reason.NEW_WEIGHTS}


def test_both_modes_give_the_same_bytes():
    cut = ["params.cut_to=0.5", "account.orders=1024", "period.start=2003-01-02", "period.end=2012-12-31"]
    runs = [
        backtest(load_config(CONFIGS / "fund_replica_sample.yaml", [*cut, f"mode={mode}"]))
        for mode in ("interpreted", "compiled")
    ]
    assert {run.mode for run in runs} == {"interpreted", "compiled"}
    assert {Reason.DELEVERAGING, Reason.RESTORE} <= set(runs[0].orders["reason"].tolist())
    for name in ("ledger", "points", "orders"):
        assert getattr(runs[0], name).tobytes() == getattr(runs[1], name).tobytes()


def _changed(market, name, values):
    bars = market.bars.copy()
    bars[name] = values
    return replace(market, bars=bars)


def test_per_cent_taken_for_fractions_is_refused(sample):
    with pytest.raises(StrategyError, match=r"beyond 100 %; found 11\.8; allowed: fractions; percent"):
        _features(_changed(sample, "fund", 100 * sample.fund))


def test_a_fund_without_a_month_is_fitted_on_the_others_and_one_without_many_not_at_all(sample):
    ends = np.flatnonzero(sample.sessions.astype("M8[M]")[1:] != sample.sessions.astype("M8[M]")[:-1])
    fund = sample.fund.copy()
    fund[ends[100] : ends[100] + 10] = NAN
    one = _features(_changed(sample, "fund", fund))
    assert np.isfinite(one["w_large"][ends[101] :]).all()
    assert np.isnan(one["fund_month"][ends[101]])
    fund[ends[100] :] = NAN
    silent = _features(_changed(sample, "fund", fund))
    news = np.flatnonzero(silent["published"])
    weights = silent["w_large"][news]
    assert np.flatnonzero(np.isfinite(weights))[-1] == 99 + 3  # `silence` months after the last return


def test_a_subset_of_the_factors(sample):
    found = _features(sample, use_large=False, use_emerging=False)
    news = found["published"] == 1.0
    weights = _weights(found)[news]
    known = weights[np.isfinite(weights[:, 0])]
    assert (known[:, [2, 4]] == 0.0).all()
    assert (known[:, [0, 1, 3]] != 0.0).all()
    with pytest.raises(StrategyError, match="no factor is left"):
        _features(sample, **{f"use_{role}": False for role in ROLES})


def test_the_detector_asks_every_index_that_has_a_value(sample, features):
    fired = features["deleveraging"]
    start = int(np.searchsorted(sample.sessions, np.datetime64("2006-02-06")))
    assert fired[start : start + 10].any()
    noisy = sample.rvx.copy()
    noisy[start:] *= 1.0 + np.arange(len(noisy) - start)
    assert not _features(_changed(sample, "rvx", noisy))["deleveraging"][start : start + 10].any()
    without = _changed(sample, "rvx", NAN)
    assert _features(without)["deleveraging"][start : start + 10].any()
    assert not _features(_changed(without, "vix", NAN))["deleveraging"].any()


@pytest.fixture(scope="module")
def real(real_data):
    return _market("fund_replica_real.yaml", f"data.path={real_data}")


def test_real_the_replica_moves_with_the_index_out_of_sample(real):
    found = alpha_share(*published_months(_features(real)))
    assert found.months == 150
    assert found.correlation == pytest.approx(0.907, abs=0.005)
    assert found.tracking == pytest.approx(0.028, abs=0.001)


def test_real_the_alpha_share_is_below_the_claim_and_within_its_error(real):
    found = alpha_share(*published_months(_features(real)))
    assert found.fund == pytest.approx(0.0362, abs=0.001)
    assert found.alpha == pytest.approx(0.0022, abs=0.001)
    assert found.share == pytest.approx(0.06, abs=0.03)
    assert found.share_error == pytest.approx(0.22, abs=0.02)


def test_real_the_book_is_long_small_caps_but_neither_long_value_nor_short_growth(real):
    weights = dict(zip(ROLES, np.nanmean(_weights(_features(real)), axis=0), strict=True))
    assert weights["small"] > 0.1
    assert weights["emerging"] > 0.05
    assert weights["small_value"] < 0.0
    assert weights["large_growth"] > 0.05
