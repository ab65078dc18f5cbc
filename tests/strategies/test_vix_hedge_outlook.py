# SPDX-License-Identifier: Apache-2.0
"""What signals say of the regimes of the VIX hedge is what the rules decide."""

import datetime as dt
import math
from types import SimpleNamespace

import numpy as np
import pytest

from engine.report.signals.levels import condition_words
from engine.runs.signals.run import signals
from engine.strategy.params import resolve_params
from strategies.hedges.outlook import ENTRY, STAY, hedge_conditions, holds, missing, value_of
from strategies.hedges.regimes import (
    Regime,
    is_credit_concern,
    is_credit_support,
    is_stress,
    is_under_the_radar,
    regime_now,
)
from strategies.vix_hedge import VixHedge
from tests.strategies.shipped import load_shipped
from tests.strategies.test_vix_hedge import QUIET, P

RULES = {
    Regime.UNDER_THE_RADAR: is_under_the_radar, Regime.CREDIT_SUPPORT: is_credit_support, Regime.STRESS: is_stress,
    Regime.CREDIT_CONCERN: is_credit_concern,
}  # fmt: skip


def params(**given):
    return SimpleNamespace(**resolve_params(VixHedge.Params, given))


def rows(count=4000, seed=5):
    """Days on which every rule holds now and then; on half of them a credit series or RVX is not given."""
    rng = np.random.default_rng(seed)
    scale = {
        "vix_rank": (0.0, 1.0),
        "correlation": (-1.0, 0.2),
        "vix": (10.0, 40.0),
        "times": (0.0, 6.0),
        "vix_term": (0.8, 1.2),
    }
    for _ in range(count):
        row = {name: rng.uniform(*scale.get(name, (-3.0, 3.0))) for name in QUIET}
        for name in ("rvx_z", "credit_move", "oas_move", "vix_term"):
            row[name] = math.nan if rng.random() < 0.5 else row[name]
        yield SimpleNamespace(**row)


@pytest.mark.parametrize("votes", [0, 1, 2])
def test_nothing_is_missing_where_the_rule_holds_and_something_is_where_not(votes):
    p, seen = params(credit_votes=votes), dict.fromkeys(RULES, 0)
    for f in rows():
        for regime, rule in RULES.items():
            assert bool(rule(f, p, False)) == (not missing(regime, f, p)), (regime, f)
            kept = all(holds(one, value_of(one, f), getattr(p, one.param)) for one in STAY[regime])
            assert bool(rule(f, p, True)) == kept, (regime, f)
            seen[regime] += not missing(regime, f, p)
    assert min(seen.values()) > 3


def test_divergence_is_the_correlation_alone():
    for correlation in (P.broken - 0.01, P.broken, P.broken_out, P.broken_out - 0.01):
        f = SimpleNamespace(**QUIET | {"correlation": correlation})
        assert (regime_now(f, P, Regime.NONE) == Regime.DIVERGENCE) == (not missing(Regime.DIVERGENCE, f, P))
        (kept,) = STAY[Regime.DIVERGENCE]
        now = regime_now(f, P, Regime.DIVERGENCE)
        assert (now == Regime.DIVERGENCE) == holds(kept, correlation, P.broken_out)


def told(f, regime, age=100, **given):
    found = hedge_conditions(None, None, f, params(**given), SimpleNamespace(regime=int(regime), age=age))
    return [(one.does, one.of, one.above, one.at, one.now, one.when) for one in found]


def test_a_near_miss_says_what_is_missing_and_that_nothing_else_is():
    f = SimpleNamespace(**QUIET | {"small_move": -1.5, "relative": -0.5, "vix_move": 0.95})
    only = [one for one in told(f, Regime.NONE) if "concern" in one[0]]
    last = ("becomes credit concern", "the move of the VIX", True, 1.0, 0.95, "nothing else is missing")
    assert only == [last]
    f.small_move = -0.5
    assert [one[-1] for one in told(f, Regime.NONE) if "concern" in one[0]] == ["and one more is missing"] * 2
    f.relative = 0.5
    assert not [one for one in told(f, Regime.NONE) if "concern" in one[0]]


def test_credit_that_does_not_agree_is_missing_too():
    f = SimpleNamespace(**QUIET | {"small_move": -1.5, "relative": -0.5, "vix_move": 1.5, "credit_move": 0.0})
    (only,) = [one for one in told(f, Regime.NONE) if "concern" in one[0]]
    assert only == (
        "becomes credit concern",
        "the credit series that get worse",
        True,
        1.0,
        0.0,
        "nothing else is missing",
    )


def test_a_regime_that_stands_says_what_ends_it_and_when_at_the_earliest():
    f = SimpleNamespace(**QUIET | {"correlation": -0.4})
    leaves = [one for one in told(f, Regime.DIVERGENCE, age=3, stay=10) if one[0] == "leaves divergence"]
    words = "in 6 bars at the earliest, but for a regime with more hedge"
    assert leaves == [("leaves divergence", "the correlation of small caps and the VIX", False, -0.5, -0.4, words)]
    assert [one[-1] for one in told(f, Regime.DIVERGENCE, age=9, stay=10) if "leaves" in one[0]] == [""]


def test_nothing_is_said_before_the_features_are_known():
    assert told(SimpleNamespace(**QUIET | {"times": math.nan}), Regime.NONE) == []


def test_every_regime_with_a_rule_is_told():
    assert set(ENTRY) == set(STAY) == set(Regime) - {Regime.NONE}


def test_on_2024_08_02_concern_was_missed_by_a_twentieth_of_a_sigma(real_data):
    found = signals(load_shipped("vix_hedge:VixHedge", "real", real_data), dt.date(2024, 8, 2)).lone
    (only,) = [one for one in found.conditions if one.does == "becomes credit concern"]
    assert only.of == "the move of small caps"
    assert only.distance == pytest.approx(-0.05, abs=0.005)
    words = condition_words({name: getattr(only, name) for name in only.__slots__})
    assert words.startswith("becomes credit concern if the move of small caps is below −1.00, now −0.95, 0.05 sigma")
    assert words.endswith("nothing else is missing")
