# SPDX-License-Identifier: Apache-2.0
"""A cash account never owes: whatever its broker charges, however its orders fill, wherever the price opens."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.engines import native
from engine.kernel.codes import Cause, OrderStatus
from tests.kernel import instructed
from tests.kernel.replay import Instruction, draw_market, instruct, prepare
from tests.kernel.replay import settings as replay_settings
from tests.properties.margin_laws import a_cash_account_is_never_short_and_never_in_debt
from tests.properties.scenarios import ORDERS, Scenario, scenarios


def upto(most: float) -> st.SearchStrategy[float]:
    return st.one_of(st.just(0.0), st.floats(0.0, most))


@st.composite
def charges(draw: st.DrawFn) -> dict[str, Any]:
    """Any commission, fees and slippage that a configuration may say, the absurd ones too."""
    steps = [{"upto": 200.0, "rate": draw(upto(2.0))}, {"rate": draw(upto(2.0))}]
    commission = {
        "per_share": draw(st.one_of(upto(2.0), st.just(steps))),
        "minimum": draw(upto(50.0)),
        "maximum": draw(upto(1.0)),
        "notional": draw(upto(1.0)),
        "clearing": draw(upto(10.0)),
        "pass_through": draw(upto(1.0)),
    }
    return {
        "costs.commission": [commission],
        "costs.regulatory": [{"sec": draw(upto(1.0)), "taf": draw(upto(10.0))}],
        "costs.slippage": {"half_spread": draw(upto(1.0)), "impact": draw(upto(10.0))},
        "account.cash": draw(st.sampled_from([2.0, 2_000.0, 20_000.0, 20_000.01, 1_000_000.0])),
    }


@given(scenarios(margins=("cash",), verbs=(*ORDERS, instructed.TARGET, instructed.TARGET)), charges())
@settings(max_examples=400)
def test_whatever_is_charged_it_never_owes(scenario: Scenario, charged: dict[str, Any]):
    run = Scenario(scenario.market, scenario.instructions, {**scenario.given, **charged})
    one = run.run()
    a_cash_account_is_never_short_and_never_in_debt(one)
    assert one.ledger.tobytes() == run.run("interpreted").ledger.tobytes()


def all_in(opens: float, changed: dict[str, Any], *, cash: float = 100_000.0) -> Any:
    """Everything into shares of 100 dollars at the close; the next session opens at `opens`."""
    bars = np.array([[100.0, 100.0, 100.0, 100.0, 1e9], [opens, opens, opens, opens, 1e9]])
    market = draw_market({"a": bars, "b": bars}, np.array([19_727, 19_730]))
    said = instruct(market, [Instruction(0, instructed.TARGET, first=1.0)])
    given = {"account.margin.kind": "cash", "account.cash": cash, **changed}
    return native.run(prepare(said, replay_settings(given)), "interpreted")


FIXED = {"costs.commission": [{"per_share": 0.005, "minimum": 1.0, "maximum": 0.01}]}


def test_an_order_for_all_of_the_cash_leaves_room_for_its_commission():
    """1,000 shares take all of 100,000 dollars: 999 and 5.00 (999 x 0.005) of commission fit, and 95.005 stay."""
    result = all_in(100.0, FIXED)
    (order,) = result.orders
    assert (order["filled"], order["status"], order["cause"]) == (999.0, OrderStatus.CANCELLED, Cause.CASH_ACCOUNT)
    assert result.points["cash"][-1] == 100_000.0 - 99_900.0 - 999 * 0.005


def test_a_gap_overnight_leaves_what_the_cash_pays():
    """At 103 it is 970 shares, 99,910 dollars and 4.85; another one would take 100,013."""
    result = all_in(103.0, FIXED)
    assert result.orders["filled"].tolist() == [970.0]
    assert result.points["cash"][-1] == 100_000.0 - 970 * 103.0 - 970 * 0.005


def test_fractions_of_a_share_use_the_cash_up():
    result = all_in(103.0, {**FIXED, "fills.whole_shares": False})
    assert 0.0 <= result.points["cash"][-1] < 2 * 103.005e-6  # a step is a millionth of a share
    assert result.orders["filled"][0] == pytest.approx(100_000.0 / 103.005, abs=2e-6)


def test_slippage_counts():
    changed = {"costs.slippage": {"half_spread": 0.01, "impact": 0.0}}
    result = all_in(100.0, changed)
    assert result.orders["filled"].tolist() == [990.0]  # at 101
    assert result.points["cash"][-1] == 100_000.0 - 990 * 101.0


def test_what_pays_not_even_one_share_is_refused():
    result = all_in(100.0, {"costs.commission": [{"minimum": 50.0, "maximum": 1.0}]}, cash=149.0)
    (order,) = result.orders
    assert (order["filled"], order["status"], order["cause"]) == (0.0, OrderStatus.REJECTED, Cause.CASH_ACCOUNT)
