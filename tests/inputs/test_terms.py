# SPDX-License-Identifier: Apache-2.0
"""Terms that are kept from run to run: whatever their configuration's owner changes in place, they are the new ones."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from engine.inputs import terms as module
from engine.inputs.terms import build_terms
from engine.model.rows import BorrowRow, CommissionRow, DebitStep, InterestRow, MarginRow, RegulatoryRow, Step
from engine.model.run import Costs, Margin, Slippage
from tests.kernel.replay import draw_market

SESSIONS = np.arange(19_727, 19_737)
LATER = dt.date(2024, 1, 8)
CHANGED = {
    "commission": lambda costs, _: costs.commission.append(CommissionRow(since=LATER, minimum=1.0)),
    "commission for another": lambda costs, _: costs.commission.__setitem__(0, CommissionRow(notional=0.01)),
    "commission's step": lambda costs, _: costs.commission[0].per_share.insert(0, Step(upto=10.0, rate=0.5)),
    "regulatory": lambda costs, _: costs.regulatory.append(RegulatoryRow(since=LATER, sec=0.01)),
    "interest's step": lambda costs, _: costs.interest[0].debit.insert(0, DebitStep(upto=10.0, rate=0.3)),
    "rebate's step": lambda costs, _: costs.interest[0].rebate_spread.reverse(),
    "borrow of all": lambda costs, _: costs.borrow["default"].append(BorrowRow(since=LATER, rate=0.2)),
    "borrow of one": lambda costs, _: costs.borrow.update(A=[BorrowRow(rate=0.4)]),
    "spread of one": lambda costs, _: costs.slippage.half_spread.update(A=0.01),
    "margin": lambda _, margin: margin.table.append(MarginRow(since=LATER, initial_long=0.9)),
    "a symbol's multiple": lambda _, margin: margin.multiples.update(A=3.0),
}


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch):
    monkeypatch.setattr(module, "_built", type(module._built)(maxlen=module._built.maxlen))


def market(sessions=SESSIONS):
    return draw_market({role: np.full((len(sessions), 5), 100.0) for role in "ab"}, sessions)


def tables():
    """A configuration's, of its own each time, equal to any other."""
    steps = [{"upto": 5_000.0, "spread": 0.02}, {"spread": 0.01}]
    costs = Costs(
        commission=[CommissionRow(per_share=[Step(rate=0.003)])],
        regulatory=[RegulatoryRow()],
        slippage=Slippage(half_spread={"default": 0.0001}),
        borrow={"default": [BorrowRow(rate=0.01)]},
        interest=[InterestRow(debit=[DebitStep(rate=0.01)], rebate_spread=steps)],
    )
    return costs, Margin(table=[MarginRow()])


def test_the_same_terms_are_made_once():
    first = build_terms(market(), *tables())
    assert build_terms(market(), *tables()) is first
    with pytest.raises(ValueError, match="read-only"):
        first["minimum"] = 5.0
    with pytest.raises(ValueError, match="WRITEABLE"):
        first.flags.writeable = True


@pytest.mark.parametrize("change", CHANGED.values(), ids=CHANGED)
def test_what_is_changed_in_place_is_seen(change):
    costs, margin = tables()
    before = build_terms(market(), costs, margin)
    kept = before.tobytes()
    change(costs, margin)
    after = build_terms(market(), costs, margin)
    assert before.tobytes() == kept
    assert after.tobytes() != kept
    assert after.tobytes() == module._build(market(), costs, margin, monthly=False).tobytes()


@pytest.mark.parametrize(
    "other",
    [
        lambda: build_terms(market(SESSIONS + 1), *tables()),
        lambda: build_terms(market(np.append(SESSIONS, 19_990)), *tables(), monthly=True),
        lambda: build_terms(replace(market(), symbols={"a": "A"}), *tables()),
    ],
    ids=["other sessions", "a row a month", "fewer symbols"],
)
def test_other_sessions_and_symbols_have_terms_of_their_own(other):
    first = build_terms(market(), *tables())
    assert other().tobytes() != first.tobytes()


def test_a_row_a_month_is_none_of_those_without():
    costs, margin = tables()
    costs.commission[0] = CommissionRow(per_share=0.003)
    longer = market(np.append(SESSIONS, 19_990))
    assert [len(build_terms(longer, costs, margin, monthly=monthly)) for monthly in (False, True, False)] == [1, 9, 1]


def test_a_later_last_session_comes_to_rows_that_an_earlier_one_does_not_reach():
    costs, margin = tables()
    costs.commission.append(CommissionRow(since=dt.date(2024, 6, 3), minimum=1.0))
    longer = market(np.append(SESSIONS, 19_990))
    assert len(build_terms(market(), costs, margin)) < len(build_terms(longer, costs, margin))
