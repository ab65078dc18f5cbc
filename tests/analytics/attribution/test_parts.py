# SPDX-License-Identifier: Apache-2.0
"""What the declared parts did: sums that are the account's, and regimes counted by hand."""

from dataclasses import asdict, replace

import numpy as np
import pytest

from engine.analytics.attribution.parts import Attribution, attribution
from engine.kernel.codes import EntryKind
from engine.runs.backtest import backtest
from engine.strategy.interpretation import Interpretation, RegimePath
from tests.strategies.shipped import ROOT

CENT = 0.005


@pytest.mark.parametrize("strategy", ["double_agent", "vix_hedge", "vix_hedge_fund"])
def test_parts_add_up_to_the_account(strategy):
    run = backtest(ROOT / "configs" / f"{strategy}_sample.yaml")
    parts, earned = attribution(run), run.points["equity"][-1] - run.config.account.cash
    assert bool(parts.agents) == strategy.startswith("double")
    assert bool(parts.regimes) == strategy.startswith("vix")
    if parts.agents:
        assert [one.name for one in parts.agent_sums] == ["bear", "bull", "rest"]
        assert sum(one.pnl for one in parts.agent_sums) == pytest.approx(earned, abs=CENT)
        fills = np.isin(run.ledger["reason"], [code for code, one in run.reasons.items() if "bear" in one.name])
        assert parts.agent_sums[0].fills == np.count_nonzero(fills & (run.ledger["kind"] == EntryKind.FILL))
    else:
        assert sum(one.profit for one in parts.regimes) == pytest.approx(earned, abs=CENT)
        assert sum(one.hedge for one in parts.regimes) == pytest.approx(parts.hedge.hedge.sum(), abs=CENT)
        assert sum(one.bars for one in parts.regimes) == len(run.market)
        assert [one.name for one in parts.regimes][::6] == ["none", "unknown"]
        assert all(one.entered > 0 for one in parts.regimes)


def test_regimes_without_a_hedge_share_out_the_account(hand):
    """100 shares from 50 on: the bar of row t is the regime's of row t - 1; equity 10,000 at first."""
    bars = hand.bars({"small": [50.0, 50.0, 51.0, 53.0, 50.0]})
    run = hand.result(bars, hand.fill(1, 0, 100, 50, order=1))
    path = RegimePath({0: "calm", 7: "fear"}, np.array([0, 0, 7, 3, 7]))
    found = attribution(replace(run, interpretation=Interpretation(regimes=path))).regimes
    assert [(one.name, one.bars, one.entered, one.profit) for one in found] == [
        ("calm", 2, 1, 100.0),
        ("fear", 1, 2, 200.0),
        ("unknown", 2, 1, -300.0),
    ]
    assert found[0].profit_rate == pytest.approx(100 / 10_000)
    assert found[1].profit_rate == pytest.approx(200 / 10_100)
    assert np.isnan(found[0].hedge)


def test_a_strategy_that_declares_nothing_has_no_parts(worked):
    np.testing.assert_equal(asdict(attribution(worked)), asdict(Attribution()))  # NaN is NaN here
