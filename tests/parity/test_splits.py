# SPDX-License-Identifier: Apache-2.0
"""Splits in both engines: the hand-drawn cases, random bars and orders, and the inverse funds that do split."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import settings as effort

pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")

from engine.config.loader import load_config
from engine.engines import native
from engine.engines.backtrader import engine as backtrader_engine
from engine.engines.backtrader.subset import reduced
from engine.errors import RunError
from engine.inputs.prepared import prepare as prepare_run
from engine.kernel.codes import EngineReason, EntryKind, OrderStatus
from engine.runs.backtest import load_bars
from engine.runs.verify.parity import first_difference
from tests.golden.digest import former_of
from tests.kernel import instructed
from tests.kernel.order_table import TABLE, Case, market_of, read_cases
from tests.kernel.replay import instruct, prepare, settings
from tests.properties.scenarios import CHANGES, ORDERS, Scenario, scenarios

ROOT = Path(__file__).resolve().parents[2]

CASES = [
    case
    for case in read_cases(TABLE.read_text(encoding="utf-8"))
    if any(bar.split != 1.0 for bars in case.bars.values() for bar in bars)
]
SHARED = tuple(verb for verb in (*ORDERS, *CHANGES) if verb not in {instructed.BRACKET, instructed.STOP_LIMIT})
"""What both engines fill alike whatever the bars: see docs/second_engine.md."""


def both(prepared):
    return native.run(reduced(prepared), "interpreted"), backtrader_engine.run(prepared)


def assert_same(ours, theirs):
    difference = first_difference(ours, theirs)
    assert difference is None, f"{difference.first} | {difference.second}"
    for kind in (EntryKind.FILL, EntryKind.SPLIT):
        one, two = (result.ledger[result.ledger["kind"] == kind] for result in (ours, theirs))
        one, two = (rows[np.lexsort((rows["order"], rows["t"]))] for rows in (one, two))
        for name in ("t", "role", "qty"):
            assert one[name].tolist() == two[name].tolist(), name
        assert np.allclose(one["amount"], two["amount"], rtol=1e-9, atol=1e-6)
    last = len(ours.market) - (ours.config.fills.at == "this_close")  # backtrader never comes to its fills
    for name in ("cash", "equity"):
        assert np.allclose(ours.points[name][:last], theirs.points[name][:last], rtol=1e-9, atol=1e-6), name
    if last == len(ours.market):
        for name in ("id", "status", "cause", "qty", "filled", "limit", "stop", "trail"):
            assert np.allclose(ours.orders[name], theirs.orders[name], rtol=1e-12, equal_nan=True), name


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_hand_drawn_cases(case: Case):
    """What the table expects is what backtrader does: shares, cash in lieu, working orders, brackets, OCO groups."""
    ours, theirs = both(prepare(instruct(market_of(case), case.instructions), settings(case.settings)))
    assert_same(ours, theirs)
    for standing in case.standings:
        mine = (theirs.ledger["role"] == standing.role) & (theirs.ledger["t"] <= standing.t)
        found = (
            theirs.ledger["qty"][mine].sum() if standing.what == "holds" else theirs.points[standing.what][standing.t]
        )
        assert math.isclose(found, standing.value, rel_tol=1e-12, abs_tol=1e-9), standing


def test_the_hand_drawn_cases_cover_what_a_split_touches():
    told = " ".join(case.name.lower() for case in CASES)
    for word in ("bracket", "siblings", "limits and trailing", "reverse", "same-close", "in parts", "cancelled"):
        assert word in told


@given(scenarios(dividends=False, verbs=SHARED, margins=("none",), fills__limit="touch", fills__participation=None))
@effort(max_examples=150)
def test_random_orders_through_random_splits(scenario: Scenario):
    """Without reduce-only orders and groups, of which several in one bar are served in another order."""
    orders = [replace(one, reduce=0, parent=0, sibling=0) for one in scenario.instructions]
    prepared = prepare(instruct(scenario.market, orders), settings(scenario.given))
    ours = native.run(reduced(prepared), "interpreted")
    assume(not (ours.orders["reason"] < EngineReason.NONE).any())  # a ruined account is found out bars apart
    assert_same(ours, backtrader_engine.run(prepared))


@given(
    scenarios(
        dividends=False, verbs=(*SHARED, instructed.BRACKET), margins=("none",), fills__limit="touch",
        fills__participation=None, fills__at="next_open",
    )
)  # fmt: skip
@effort(max_examples=100)
def test_random_brackets_through_random_splits(scenario: Scenario):
    orders = [replace(one, reduce=0, parent=0, sibling=0) for one in scenario.instructions]
    prepared = prepare(instruct(scenario.market, orders), settings(scenario.given))
    ours = native.run(reduced(prepared), "interpreted")
    assume(not (ours.orders["reason"] < EngineReason.NONE).any())
    assert first_difference(ours, backtrader_engine.run(prepared)) is None


def run_config(name: str, overrides: list[str]):
    ready = load_config(ROOT / "configs" / f"{name}.yaml", overrides)
    market, start, stop = load_bars(ready)
    return both(prepare_run(ready.config, ready.strategy, market, start, stop))


@pytest.mark.parametrize(("fund", "factor"), [("RWM", 1), ("TWM", 2), ("SRTY", 3)])
@pytest.mark.parametrize("name", ["double_agent_fund_sample", "vix_hedge_fund_sample"])
def test_inverse_funds_of_the_sample_market(name: str, fund: str, factor: int):
    ours, theirs = run_config(name, [f"roles.inverse={fund}", f"params.factor={factor}"])
    assert_same(ours, theirs)
    assert (ours.ledger["kind"] == EntryKind.FILL).sum() > 100
    assert (ours.market.bars["inverse"]["split"] != 1.0).sum() >= 2, "no split to prove anything by"
    if name.startswith("vix_hedge"):
        assert (theirs.ledger["kind"] == EntryKind.SPLIT).any(), "nothing was held over a split"


@pytest.mark.parametrize(("fund", "factor"), [("RWM", 1), ("TWM", 2), ("SRTY", 3)])
@pytest.mark.parametrize("name", ["double_agent_fund_real", "vix_hedge_fund_real"])
def test_inverse_funds_on_real_bars(real_data, name: str, fund: str, factor: int):
    former = former_of("double_agent") if name.startswith("double_agent") else ()  # its rules that trade more often
    put = [f"data.path={real_data}", f"roles.inverse={fund}", f"params.factor={factor}", *former]
    ours, theirs = run_config(name, put)
    assert_same(ours, theirs)
    assert (ours.ledger["kind"] == EntryKind.FILL).sum() >= 50


class TestWhatIsCheckedOnEveryBar:
    """The broker's cash and positions must be the ledger's: a split that one of them forgot stops the run."""

    def prepared(self):
        case = next(case for case in CASES if case.name.startswith("Two-for-one"))
        return prepare(instruct(market_of(case), case.instructions), settings(case.settings))

    def test_a_split_that_the_ledger_forgot(self, monkeypatch):
        monkeypatch.setattr("engine.engines.backtrader.shadow_book.apply_split", lambda *_: None)
        with pytest.raises(RunError, match="backtrader holds 200 A on 2024-01-03, the ledger 100"):
            backtrader_engine.run(self.prepared())

    def test_a_broker_that_pays_another_sum_in_lieu(self, monkeypatch):
        monkeypatch.setattr("engine.engines.backtrader.cerebro.split_position", lambda *_: 5.0)
        with pytest.raises(RunError, match=r"is 95005\.00, the ledger's 95000\.00"):
            backtrader_engine.run(self.prepared())

    def test_an_order_for_less_than_a_share_is_gone_from_both(self):
        case = next(case for case in CASES if case.name.startswith("An order that a reverse split leaves"))
        theirs = backtrader_engine.run(prepare(instruct(market_of(case), case.instructions), settings()))
        assert theirs.orders["status"].tolist() == [OrderStatus.CANCELLED]
        assert theirs.orders["ended"].tolist() == [1]
