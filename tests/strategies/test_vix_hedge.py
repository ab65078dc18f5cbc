# SPDX-License-Identifier: Apache-2.0
"""The VIX-conditioned hedge: every threshold from both sides, hysteresis, orders, episodes by date."""

import datetime as dt
import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from engine.errors import TandemError
from engine.indicators import deleveraging
from engine.runs.backtest import backtest
from engine.runs.signals.run import signals
from engine.strategy.border import check_strategy
from engine.strategy.params import declared_params, resolve_params
from strategies.hedges.regimes import UNKNOWN, Regime, follow, hedge_of, is_unknown, regime_now, regime_path
from strategies.hedges.words import Reason
from strategies.vix_hedge import VixHedge, VixHedgeFund
from tests.strategies.shipped import bars_of, load_shipped

NAN = math.nan
STEP = 1e-9
NETTED, FUND = "vix_hedge:VixHedge", "vix_hedge:VixHedgeFund"

QUIET = {
    "vix_rank": 0.5, "vix_move": 0.0, "ratio_z": 0.0, "correlation": -0.7, "small_move": 0.0, "relative": 0.0,
    "times": 0.0, "rvx_z": 0.0, "rvx_proxy_z": 0.0, "vix": 15.0, "vix_month": 0.0,
    "credit_move": NAN, "oas_move": NAN, "vix_term": NAN,
}  # fmt: skip
"""A day on which nothing holds, and of which no credit series is known."""

OPTIONAL = ("rvx_z", "rvx_proxy_z", "vix", "vix_month", "credit_move", "oas_move", "vix_term")
"""Features without which the regimes are known."""

# Regime -> feature -> (threshold that opens it, side on which it holds), and the same for staying in it.
ENTRY = {
    Regime.UNDER_THE_RADAR: {
        "times": ("radar_times", 1), "relative": ("radar_fall", -1), "vix_move": ("radar_calm", -1),
        "rvx_z": ("radar_rvx", -1), "vix": ("radar_vix", -1), "vix_month": ("radar_month", -1),
    },
    Regime.CREDIT_SUPPORT: {"vix_rank": ("high", 1), "small_move": ("rally", 1)},
    Regime.STRESS: {"vix_rank": ("stress_rank", 1), "correlation": ("tight", -1), "ratio_z": ("low_ratio", -1)},
    Regime.CREDIT_CONCERN: {"small_move": ("weak", -1), "relative": ("lagging", -1), "vix_move": ("rising", 1)},
    Regime.DIVERGENCE: {"correlation": ("broken", 1)},
}  # fmt: skip
STAY = {
    Regime.UNDER_THE_RADAR: {
        "relative": ("radar_fall_out", -1), "vix_move": ("radar_calm_out", -1), "vix": ("radar_vix_out", -1),
    },
    Regime.CREDIT_SUPPORT: {"vix_rank": ("high_out", 1), "small_move": ("rally_out", 1)},
    Regime.STRESS: {
        "vix_rank": ("stress_rank_out", 1), "correlation": ("tight_out", -1), "ratio_z": ("low_ratio_out", -1),
    },
    Regime.CREDIT_CONCERN: {"small_move": ("weak_out", -1), "vix_move": ("rising_out", 1)},
    Regime.DIVERGENCE: {"correlation": ("broken_out", 1)},
}  # fmt: skip
CASES = [(rules, regime, name) for rules in (ENTRY, STAY) for regime in rules for name in rules[regime]]


def _params(owner=VixHedge, **given):
    return SimpleNamespace(**resolve_params(owner.Params, given))


P = _params()


def _row(**given):
    return SimpleNamespace(**(QUIET | given))


def _at(rules, regime, **given):
    """The quiet day with every threshold of a regime met exactly."""
    return _row(**{name: getattr(P, one) for name, (one, _) in rules[regime].items()} | given)


def _standing(rules, regime):
    return regime if rules is STAY else Regime.NONE


class TestRules:
    def test_on_a_quiet_day_no_rule_holds_whatever_was(self):
        assert [regime_now(_row(), P, now) for now in (Regime.NONE, Regime.STRESS)] == [Regime.NONE] * 2

    @pytest.mark.parametrize(("rules", "regime"), [(rules, one) for rules in (ENTRY, STAY) for one in rules])
    def test_thresholds_met_exactly_hold(self, rules, regime):
        assert regime_now(_at(rules, regime), P, _standing(rules, regime)) == regime

    @pytest.mark.parametrize(("rules", "regime", "name"), CASES)
    def test_a_step_inside_holds_and_a_step_outside_does_not(self, rules, regime, name):
        threshold, side = rules[regime][name]
        inside = _at(rules, regime, **{name: getattr(P, threshold) + side * STEP})
        outside = _at(rules, regime, **{name: getattr(P, threshold) - side * STEP})
        assert regime_now(inside, P, _standing(rules, regime)) == regime
        assert regime_now(outside, P, _standing(rules, regime)) != regime

    @pytest.mark.parametrize("regime", STAY)
    def test_what_keeps_a_regime_does_not_open_it(self, regime):
        """Anywhere else than in the regime itself the thresholds are those of the entry."""
        row = _at(STAY, regime)
        for now in Regime:
            assert (regime_now(row, P, now) == regime) == (now == regime), now.name

    def test_the_order_of_the_rules(self):
        """Every regime at once; as its features leave it, the next of the table."""
        far = SimpleNamespace(**vars(_params(radar_fall=0, rally=-5, weak=0, rising=0, broken=-1)))
        row = _row(
            times=3.0, relative=-1.0, vix_move=0.5, vix_rank=0.95, small_move=-1.0, correlation=-0.9, ratio_z=-3.0
        )
        found = [regime_now(row, far, Regime.NONE)]
        for name, value in (("times", 0.0), ("small_move", -6.0), ("ratio_z", 0.0), ("relative", 1.0)):
            setattr(row, name, value)
            found.append(regime_now(row, far, Regime.NONE))
        assert found == [
            Regime.UNDER_THE_RADAR, Regime.CREDIT_SUPPORT, Regime.STRESS, Regime.CREDIT_CONCERN, Regime.DIVERGENCE,
        ]  # fmt: skip

    @pytest.mark.parametrize("above", ["vix", "vix_month"])
    def test_nothing_is_under_the_radar_of_a_high_vix_or_of_a_month_with_a_leap(self, above):
        """79 points in October 2008, and 18 a week after 38 in August 2024: until then both were called quiet."""
        row = _at(ENTRY, Regime.UNDER_THE_RADAR, **{above: {"vix": 79.0, "vix_month": 5.9}[above]})
        assert regime_now(row, P, Regime.NONE) == Regime.NONE
        former = _params(radar_vix=1000, radar_month=100)
        assert regime_now(row, former, Regime.NONE) == Regime.UNDER_THE_RADAR

    def test_without_rvx_the_proxy_is_asked_and_with_it_is_not(self):
        loud, quiet = P.radar_rvx + 1.0, P.radar_rvx - 1.0
        asked = [
            regime_now(_at(ENTRY, Regime.UNDER_THE_RADAR, rvx_z=rvx, rvx_proxy_z=proxy), P, Regime.NONE)
            for rvx, proxy in ((quiet, loud), (loud, quiet), (NAN, loud), (NAN, quiet), (quiet, NAN), (NAN, NAN))
        ]
        radar = Regime.UNDER_THE_RADAR
        assert [one == radar for one in asked] == [True, False, False, True, True, False]

    @pytest.mark.parametrize("name", [name for name in QUIET if name not in OPTIONAL])
    def test_a_missing_feature_is_unknown(self, name):
        assert is_unknown(_row(**{name: NAN}))

    def test_a_missing_rvx_is_not(self):
        assert not is_unknown(_row(**dict.fromkeys(OPTIONAL, NAN)))
        assert not is_unknown(_row())

    def test_zero_is_a_value_of_any_feature(self):
        assert not is_unknown(_row(**dict.fromkeys(QUIET, 0.0)))

    def test_each_regime_has_its_own_hedge(self):
        names = ("none", "concern", "support", "stress", "divergence", "radar")
        given = {f"hedge_{name}": 0.1 * (1 + k) for k, name in enumerate(names)}
        assert [hedge_of(one, _params(**given)) for one in Regime] == list(given.values())


WORSE = {"credit_move": ("credit_weak", -1), "oas_move": ("credit_wide", 1), "vix_term": ("credit_term", -1)}
"""Feature of a credit series -> its threshold, and the side on which credit is getting worse."""


def _credit(worse=(), better=(), step=STEP):
    """Values of the credit series that say so; the others are not given."""
    values = {name: getattr(P, WORSE[name][0]) + WORSE[name][1] * step for name in worse}
    return values | {name: getattr(P, WORSE[name][0]) - WORSE[name][1] * step for name in better}


class TestCredit:
    @pytest.mark.parametrize("name", WORSE)
    def test_a_series_that_is_given_must_agree_with_concern(self, name):
        concern = Regime.CREDIT_CONCERN
        for given, found in (
            (_credit([name], step=0.0), concern),
            (_credit([name]), concern),
            (_credit([], [name]), 0),
        ):
            assert regime_now(_at(ENTRY, concern, **given), P, Regime.NONE) == found

    @pytest.mark.parametrize("name", WORSE)
    def test_a_series_that_is_given_must_not_deny_support(self, name):
        support = Regime.CREDIT_SUPPORT
        for given, found in ((_credit([name], step=0.0), 0), (_credit([name]), 0), (_credit([], [name]), support)):
            assert regime_now(_at(ENTRY, support, **given), P, Regime.NONE) == found

    def test_as_many_must_agree_as_are_asked_for_and_given(self):
        two, one = _credit(["credit_move", "oas_move"], ["vix_term"]), _credit(["oas_move"], ["vix_term"])
        found = [
            regime_now(_at(ENTRY, Regime.CREDIT_CONCERN, **given), _params(credit_votes=votes), Regime.NONE)
            for given in (two, one, _credit(["oas_move"]))
            for votes in (0, 1, 2, 3)
        ]
        yes, no = Regime.CREDIT_CONCERN, Regime.NONE
        assert found == [yes, yes, yes, no, yes, yes, no, no, yes, yes, yes, yes]

    def test_none_is_asked_where_no_vote_is(self):
        for regime, given in ((Regime.CREDIT_CONCERN, _credit([], WORSE)), (Regime.CREDIT_SUPPORT, _credit(WORSE))):
            row = _at(ENTRY, regime, **given)
            assert [regime_now(row, _params(credit_votes=votes), Regime.NONE) for votes in (0, 1)] == [regime, 0]

    @pytest.mark.parametrize("regime", [Regime.CREDIT_CONCERN, Regime.CREDIT_SUPPORT])
    def test_a_regime_that_stands_does_not_ask(self, regime):
        for given in (_credit(WORSE), _credit([], WORSE), {}):
            assert regime_now(_at(STAY, regime, **given), P, regime) == regime

    def test_the_features_are_moves_of_the_series_in_their_own_sigmas(self):
        """HYG over a constant LQD, and an OAS that is its mirror: the same sigmas, the other sign."""
        market = bars_of(NETTED, "sample")
        count, rng = len(market), np.random.default_rng(3)
        bars = market.bars.copy()
        noise = rng.normal(0.0, 0.01, count)
        bars["hyg"], bars["lqd"], bars["hy_oas"] = (
            80.0 * np.exp(np.cumsum(noise)),
            100.0,
            4.0 * np.exp(-np.cumsum(noise)),
        )
        bars["vix3m"] = 0.9 * bars["vix"]
        found = VixHedge().features(replace(market, bars=bars), P)
        sigma = noise[count - 250 - 10 : count - 10].std(ddof=1)
        moved = noise[-10:].sum() / (sigma * math.sqrt(10))
        assert found["credit_move"][-1] == pytest.approx(moved)
        assert found["oas_move"][-1] == pytest.approx(-moved)
        assert found["vix_term"][-1] == pytest.approx(0.9)
        assert np.isnan(VixHedge().features(market, P)["credit_move"]).all()


class TestHysteresis:
    def _after(self, row, regime, age, **given):
        s = SimpleNamespace(regime=regime, age=age)
        follow(row, _params(**given), s)
        return s.regime, s.age

    def test_more_hedge_is_taken_at_once(self):
        row = _at(ENTRY, Regime.STRESS)
        assert self._after(row, Regime.NONE, 0, stay=100) == (Regime.STRESS, 0)

    def test_less_hedge_waits_for_the_least_stay(self):
        assert self._after(_row(), Regime.STRESS, 3, stay=5) == (Regime.STRESS, 4)
        assert self._after(_row(), Regime.STRESS, 4, stay=5) == (Regime.NONE, 0)
        assert self._after(_row(), Regime.STRESS, 7, stay=5) == (Regime.NONE, 0)

    def test_an_equal_hedge_waits_too(self):
        row = _at(ENTRY, Regime.CREDIT_SUPPORT)
        assert self._after(row, Regime.NONE, 1, stay=5) == (Regime.NONE, 2)
        assert self._after(row, Regime.NONE, 4, stay=5) == (Regime.CREDIT_SUPPORT, 0)

    def test_a_regime_that_goes_on_only_ages(self):
        assert self._after(_at(STAY, Regime.STRESS), Regime.STRESS, 9, stay=5) == (Regime.STRESS, 10)

    def test_a_feature_that_swings_about_a_threshold_does_not_flicker(self):
        s, seen = SimpleNamespace(regime=Regime.NONE, age=9), []
        for k in range(20):
            follow(_at(ENTRY, Regime.STRESS, vix_rank=P.stress_rank + (0.01 if k % 2 == 0 else -0.01)), P, s)
            seen.append(s.regime)
        assert set(seen) == {Regime.STRESS}


def test_the_month_is_the_highest_move_of_the_bars_that_are_known():
    market = bars_of(NETTED, "sample")
    found = VixHedge().features(market, _params(month=21))
    moves = found["vix_move"]
    first = int(np.flatnonzero(np.isfinite(moves))[0])
    assert np.isnan(found["vix_month"][:first]).all()
    for row in (first, first + 5, first + 20, 3000, len(moves) - 1):
        assert found["vix_month"][row] == max(moves[max(first, row - 20) : row + 1])


class Desk:
    """Takes orders down as (role, weight, reason)."""

    def __init__(self):
        self.sent = []

    def target(self, role, weight, reason):
        self.sent.append((role, pytest.approx(weight), Reason(reason)))


def _decide(owner, row, held, *, state=(Regime.NONE, 100, 0.0), equity=1000.0, frozen=0, **given):
    """One decision; `held` are weights by role. Gives the orders and the state after."""
    account = SimpleNamespace(
        equity=equity,
        frozen=frozen,
        **{role: SimpleNamespace(value=held.get(role, 0.0) * 1000.0) for role in owner.roles if role != "large"},
    )
    s, desk = SimpleNamespace(regime=state[0], age=state[1], hedge=state[2]), Desk()
    owner.on_bar(SimpleNamespace(), row, _params(owner, **given), s, account, desk)
    return desk.sent, (s.regime, s.age, s.hedge)


CHANGES = {
    Regime.CREDIT_CONCERN: (Reason.HEDGE_ON_CREDIT, 0.75), Regime.CREDIT_SUPPORT: (Reason.HEDGE_OFF_SUPPORT, 0.1),
    Regime.STRESS: (Reason.HEDGE_ON_STRESS, 1.0), Regime.DIVERGENCE: (Reason.HEDGE_DIVERGENCE, 0.25),
    Regime.UNDER_THE_RADAR: (Reason.HEDGE_ON_RADAR, 0.75),
}  # fmt: skip


class TestOrders:
    @pytest.mark.parametrize("owner", [VixHedge, VixHedgeFund])
    def test_nothing_happens_before_the_features_are_known(self, owner):
        fresh = (Regime.NONE, 0, -1.0)
        assert _decide(owner, _row(correlation=NAN), {}, state=fresh) == ([], fresh)

    def test_the_first_book_net(self):
        sent, state = _decide(VixHedge, _row(), {}, state=(Regime.NONE, 0, -1.0), base=0.8, hedge_none=0.25)
        assert sent == [(0, 0.6, Reason.START)]
        assert state == (Regime.NONE, 1, 0.25)

    def test_the_first_book_with_a_fund(self):
        given = {"base": 0.8, "hedge_none": 0.3, "factor": 2}
        sent, _ = _decide(VixHedgeFund, _row(), {}, state=(Regime.NONE, 0, -1.0), **given)
        assert sent == [(0, 0.8, Reason.START), (2, 0.12, Reason.START)]

    @pytest.mark.parametrize("regime", CHANGES)
    def test_a_new_regime_is_hedged_in_its_name(self, regime):
        reason, ratio = CHANGES[regime]
        sent, state = _decide(VixHedge, _at(ENTRY, regime), {"small": 1.0}, hedge_support=0.1)
        assert sent == [(0, 1.0 - ratio, reason)]
        assert state == (regime, 0, ratio)

    @pytest.mark.parametrize("regime", CHANGES)
    def test_a_fund_is_bought_for_its_multiple_and_the_base_is_left_alone(self, regime):
        reason, ratio = CHANGES[regime]
        given = {"hedge_support": 0.1, "base": 0.6, "factor": 3}
        sent, _ = _decide(VixHedgeFund, _at(ENTRY, regime), {"small": 0.6}, **given)
        assert sent == [(2, 0.6 * ratio / 3, reason)]

    def test_where_no_rule_holds_the_hedge_comes_off(self):
        was = (Regime.STRESS, 50, 1.0)
        assert _decide(VixHedge, _row(), {}, state=was) == ([(0, 1.0, Reason.HEDGE_NONE)], (Regime.NONE, 0, 0.0))

    def test_a_hedge_above_one_is_a_short_position(self):
        sent, _ = _decide(VixHedge, _at(ENTRY, Regime.STRESS), {"small": 1.0}, hedge_stress=1.5)
        assert sent == [(0, -0.5, Reason.HEDGE_ON_STRESS)]

    def test_a_regime_of_the_same_hedge_sends_nothing(self):
        was = (Regime.CREDIT_CONCERN, 50, 0.75)
        sent, state = _decide(VixHedge, _at(ENTRY, Regime.UNDER_THE_RADAR), {"small": 0.25}, state=was)
        assert sent == []
        assert state == (Regime.UNDER_THE_RADAR, 0, 0.75)

    def test_the_band_and_its_edge(self):
        sizes = (1.125, 1.126, 0.875, 0.874)
        sent = [_decide(VixHedge, _row(), {"small": size}, band=0.125)[0] for size in sizes]
        drift = [(0, 1.0, Reason.REBALANCE)]
        assert sent == [[], drift, [], drift]

    def test_each_leg_has_its_own_band(self):
        was = (Regime.STRESS, 1, 0.5)
        row, given = _at(STAY, Regime.STRESS), {"hedge_stress": 0.5, "base": 0.8, "band": 0.1}
        assert _decide(VixHedgeFund, row, {"small": 0.65, "inverse": 0.45}, state=was, **given)[0] == [
            (0, 0.8, Reason.REBALANCE)
        ]
        assert _decide(VixHedgeFund, row, {"small": 0.75, "inverse": 0.29}, state=was, **given)[0] == [
            (2, 0.4, Reason.REBALANCE)
        ]

    @pytest.mark.parametrize("owner", [VixHedge, VixHedgeFund])
    @pytest.mark.parametrize("trouble", [{"frozen": 1}, {"equity": 0.0}, {"equity": -1.0}])
    def test_in_trouble_the_regime_goes_on_and_the_order_comes_later(self, owner, trouble):
        sent, state = _decide(owner, _at(ENTRY, Regime.STRESS), {"small": 1.0}, **trouble)
        assert (sent, state) == ([], (Regime.STRESS, 0, 0.0))
        later, _ = _decide(owner, _at(ENTRY, Regime.STRESS), {"small": 1.0}, state=state)
        assert [reason for _, _, reason in later] == [Reason.HEDGE_ON_STRESS]

    def test_a_little_equity_is_not_trouble(self):
        assert _decide(VixHedge, _at(ENTRY, Regime.STRESS), {}, equity=0.5)[0] == [(0, 0.0, Reason.HEDGE_ON_STRESS)]
        assert _decide(VixHedgeFund, _at(ENTRY, Regime.STRESS), {"small": 0.0005}, equity=0.5)[0] != []


def test_every_change_of_regime_has_a_reason_of_its_place():
    assert [Reason(Reason.HEDGE_NONE + one).name for one in Regime] == [
        "HEDGE_NONE", "HEDGE_ON_CREDIT", "HEDGE_OFF_SUPPORT", "HEDGE_ON_STRESS", "HEDGE_DIVERGENCE", "HEDGE_ON_RADAR",
    ]  # fmt: skip


@pytest.mark.parametrize("owner", [VixHedge, VixHedgeFund])
def test_it_fits_the_compile_border(owner):
    check_strategy(owner)


@pytest.mark.parametrize("owner", [VixHedge, VixHedgeFund])
def test_what_is_watched_exists(owner):
    assert set(owner.watch) == set(QUIET)
    assert {one for names in owner.watch.values() for one in names} <= set(declared_params(owner.Params))


@pytest.fixture(scope="module", params=[NETTED, FUND])
def run(request):
    return backtest(load_shipped(request.param, "sample"))


def test_the_path_of_regimes_is_that_of_the_run(run):
    """Recomputed from the features: the last is in the state, and every order has the reason of its regime."""
    path = regime_path(run.features, run.params)
    assert path[-1] == run.state["regime"]
    assert UNKNOWN not in path[np.flatnonzero(path != UNKNOWN)[0] :]
    reasons, born = run.orders["reason"], run.orders["born"]
    changes = (reasons >= Reason.HEDGE_NONE) & (reasons <= Reason.HEDGE_ON_RADAR)
    assert changes.sum() > 100
    assert (path[born[changes]] + Reason.HEDGE_NONE == reasons[changes]).all()
    assert set(path.tolist()) == {UNKNOWN, *Regime}


@pytest.mark.parametrize("asof", ["2006-02-13", "2006-02-14", "2010-09-16", "2024-12-31"])
def test_the_signals_of_a_day_are_what_the_run_decided(sample, asof):
    found = signals(load_shipped(NETTED, "sample"), dt.date.fromisoformat(asof)).lone
    row = int(np.searchsorted(sample.market.sessions, np.datetime64(asof)))
    assert found.result.state["regime"] == regime_path(sample.features, sample.params)[row]
    decided = sample.orders[sample.orders["born"] == row]
    assert found.sent[["role", "asked", "reason"]].tolist() == decided[["role", "asked", "reason"]].tolist()
    assert {name for name, _, _ in found.watched} == set(QUIET)


def test_without_the_vix_nothing_runs():
    with pytest.raises(TandemError, match="VixHedge needs this series and nothing is bound to it"):
        load_shipped(NETTED, "sample", None, ("series={}",))


def test_without_rvx_it_runs_on_the_proxy():
    result = backtest(load_shipped(NETTED, "sample", None, ("series={vix: VIX}", "costs.benchmark=0")))
    assert result.market.missing == tuple(VixHedge.optional_series)
    assert np.isnan(result.features["rvx_z"]).all()
    assert Regime.UNDER_THE_RADAR in regime_path(result.features, result.params)


def test_large_caps_are_never_traded(run):
    assert run.market.roles.index("large") not in set(run.orders["role"].tolist())


def test_the_radar_opens_where_the_detector_of_the_replica_fires():
    market = bars_of(NETTED, "sample")
    features = VixHedge().features(market, P)
    fired = deleveraging(market.small.close, market.large.close, market.vix, P.move_days, P.year) == 1.0
    opened = (
        (features["times"] >= P.radar_times)
        & (features["relative"] <= P.radar_fall)
        & (features["vix_move"] <= P.radar_calm)
    )
    assert fired.sum() > 50
    assert (opened == fired).all()


def test_the_proxy_needs_no_rvx_and_is_not_it():
    market = bars_of(NETTED, "sample")
    features, bars = VixHedge().features(market, P), market.bars.copy()
    bars["rvx"] = NAN
    without = VixHedge().features(replace(market, bars=bars), P)
    assert np.isnan(without["rvx_z"]).all()
    np.testing.assert_array_equal(without["rvx_proxy_z"], features["rvx_proxy_z"])
    known = np.isfinite(features["rvx_z"]) & np.isfinite(features["rvx_proxy_z"])
    assert known.sum() > 5000
    assert np.corrcoef(features["rvx_z"][known], features["rvx_proxy_z"][known])[0, 1] < 0.5


def _changes(result, first, last):
    """(session, regime) of every change of regime from `first` to `last`."""
    path, sessions = regime_path(result.features, result.params), result.market.sessions
    rows = np.flatnonzero(np.diff(path) != 0) + 1
    return [(str(sessions[row]), Regime(path[row])) for row in rows if first <= str(sessions[row]) <= last]


def _sent(result, first, last):
    """(session, reason) of every order decided from `first` to `last`."""
    sessions = result.market.sessions[result.orders["born"]].astype(str)
    chosen = (sessions >= first) & (sessions <= last)
    return [(day, Reason(code)) for day, code in zip(sessions[chosen], result.orders["reason"][chosen], strict=True)]


@pytest.fixture(scope="module")
def sample():
    return backtest(load_shipped(NETTED, "sample"))


def test_golden_the_sample_deleveraging_is_seen_under_the_radar(sample):
    assert _changes(sample, "2006-02-01", "2006-03-10") == [
        ("2006-02-13", Regime.UNDER_THE_RADAR), ("2006-02-28", Regime.NONE),
    ]  # fmt: skip
    sent = _sent(sample, "2006-02-06", "2006-02-28")
    assert [sent[0], sent[-1]] == [("2006-02-13", Reason.HEDGE_ON_RADAR), ("2006-02-28", Reason.HEDGE_NONE)]
    assert {reason for _, reason in sent[1:-1]} <= {Reason.REBALANCE}


def test_golden_the_sample_crash_is_stress_and_its_rebound_support(sample):
    assert _changes(sample, "2010-09-01", "2010-10-31") == [
        ("2010-09-13", Regime.CREDIT_CONCERN), ("2010-09-16", Regime.STRESS), ("2010-09-30", Regime.CREDIT_CONCERN),
        ("2010-10-15", Regime.NONE),
    ]  # fmt: skip


def test_golden_real_july_2007_is_under_the_radar_before_the_vix_speaks(real_data):
    result = backtest(load_shipped(NETTED, "real", real_data))
    assert _changes(result, "2007-07-05", "2007-09-07") == [
        ("2007-07-12", Regime.NONE), ("2007-07-24", Regime.UNDER_THE_RADAR), ("2007-07-26", Regime.STRESS),
        ("2007-08-17", Regime.CREDIT_SUPPORT), ("2007-09-06", Regime.NONE),
    ]  # fmt: skip
    sent = [(day, reason) for day, reason in _sent(result, "2007-07-24", "2007-09-07") if reason != Reason.REBALANCE]
    assert sent == [
        ("2007-07-24", Reason.HEDGE_ON_RADAR), ("2007-07-26", Reason.HEDGE_ON_STRESS),
        ("2007-08-17", Reason.HEDGE_OFF_SUPPORT),
    ]  # fmt: skip


def test_golden_real_march_2020_is_stress_from_the_first_monday(real_data):
    result = backtest(load_shipped(NETTED, "real", real_data))
    assert _changes(result, "2020-02-10", "2020-03-31") == [
        ("2020-02-14", Regime.NONE), ("2020-02-24", Regime.STRESS), ("2020-03-30", Regime.CREDIT_SUPPORT),
    ]  # fmt: skip
