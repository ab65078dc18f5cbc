# SPDX-License-Identifier: Apache-2.0
"""What must not matter: the order of the symbols, how an order is cut up, the unit of money."""

from dataclasses import replace

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.engines.run_record import RunRecord
from tests.kernel import instructed
from tests.kernel.replay import Instruction
from tests.properties.folds import in_steps, trades
from tests.properties.scenarios import ORDERS, Scenario, scenarios

LINEAR = {
    "costs.commission": [{"per_share": 0.005, "notional": 0.0001, "clearing": 0.0002, "pass_through": 0.1}],
    "costs.regulatory": [{"sec": 0.0000278, "taf": 0.000166}],
    "costs.slippage": {"half_spread": 0.0005, "impact": 0.0},
}
"""Costs in proportion to size: no least, no most, no impact."""

BY_VALUE = {
    "costs.commission": [{"notional": 0.001}],
    "costs.regulatory": [{"sec": 0.0000278}],
    "costs.slippage": {"half_spread": 0.0005, "impact": 1.0},
    "costs.borrow": {"default": [{"rate": 0.0}]},
    "costs.interest": [{"debit": [{"rate": 0.01}], "credit_exempt": 0.0}],
    "costs.benchmark": 0.04,
}
"""Costs in proportion to value: nothing by the share, nothing rounded to the dollar."""


def swapped(scenario: Scenario) -> Scenario:
    """The same scenario with the symbols in the other order."""
    bars = scenario.market.bars.copy()
    bars["a"], bars["b"] = scenario.market.bars["b"], scenario.market.bars["a"]
    turned = tuple(replace(one, role=1 - one.role) for one in scenario.instructions)
    return replace(scenario, market=replace(scenario.market, bars=bars), instructions=turned)


def happened(result: RunRecord, *, swap: bool = False) -> list[tuple[float, ...]]:
    """Ledger entries but for their order within a bar."""
    names = ("t", "kind", "role", "qty", "price", "amount", "order")
    entries = []
    for entry in result.ledger:
        row = {name: float(entry[name]) for name in names}
        if swap and row["role"] >= 0:
            row["role"] = 1.0 - row["role"]
        entries.append(tuple(round(0.0 if np.isnan(row[name]) else row[name], 6) for name in names))
    return sorted(entries)


@given(scenarios())
@settings(max_examples=150)
def test_the_order_of_the_symbols_changes_nothing(scenario: Scenario):
    """But for the numbers of forced orders, which are sent symbol by symbol: such runs are left out."""
    one, two = scenario.run(), swapped(scenario).run()
    assume(not np.any(one.orders["reason"] < 0))
    assert happened(one) == happened(two, swap=True)
    assert np.allclose(one.points["equity"], two.points["equity"], rtol=1e-12, atol=1e-8)


@given(
    scenarios(splits=False, verbs=(instructed.MARKET,), margins=("none",), fills__participation=None),
    st.lists(st.integers(0, 300), min_size=20, max_size=20),
)
def test_an_order_in_two_parts_costs_what_it_costs_in_one(scenario: Scenario, cuts: list[int]):
    given = {**scenario.given, **LINEAR, "account.cash": 10_000_000.0}
    used = [sum(one.t == t for one in scenario.instructions) for t in range(len(scenario.market))]
    assume(max(used) <= instructed.SLOTS // 2)
    plain = [Instruction(one.t, one.verb, one.role, one.qty) for one in scenario.instructions]
    parts = []
    for one, cut in zip(plain, cuts, strict=False):
        first = float(np.sign(one.qty) * min(abs(one.qty), cut))
        parts += [replace(one, qty=first), replace(one, qty=one.qty - first)]
    whole = replace(scenario, given=given, instructions=tuple(plain[: len(cuts)])).run()
    split = replace(scenario, given=given, instructions=tuple(parts)).run()
    assert np.allclose(whole.points["cash"], split.points["cash"], rtol=1e-12, atol=1e-6)
    assert np.allclose(whole.points["equity"], split.points["equity"], rtol=1e-12, atol=1e-6)
    assert traded_at(whole) == traded_at(split)


def traded_at(result: RunRecord) -> dict[tuple[int, int, float], float]:
    """(row, role, price) -> shares."""
    total: dict[tuple[int, int, float], float] = {}
    for fill in trades(result):
        key = (int(fill["t"]), int(fill["role"]), float(fill["price"]))
        total[key] = total.get(key, 0.0) + float(fill["qty"])
    whole = in_steps(result, np.array([*total.values()]))  # parts of a tenth of a share add up in another last bit
    return {key: qty for key, qty in zip(total, whole.tolist(), strict=True) if qty != 0.0}


@given(
    scenarios(margins=("cash", "none"), verbs=(*ORDERS, instructed.CANCEL)),
    st.sampled_from([-3, -1, 1, 2, 5]),
)
@settings(max_examples=150)
def test_another_unit_of_money_scales_every_amount_exactly(scenario: Scenario, power: int):
    """Prices, dividends and cash times a power of two: every amount is the same number of units, to the last bit."""
    factor = 2.0**power
    costs = BY_VALUE if "costs.benchmark" in scenario.given else {}
    given = {**scenario.given, **costs}
    bars = scenario.market.bars.copy()
    for role in ("a", "b"):
        for name in ("open", "high", "low", "close", "dividend"):
            bars[role][name] *= factor
    larger = replace(
        scenario,
        market=replace(scenario.market, bars=bars),
        instructions=tuple(scaled(one, factor) for one in scenario.instructions),
        given={**given, "account.cash": given["account.cash"] * factor},
    )
    one, two = replace(scenario, given=given).run(), larger.run()
    assert np.array_equal(one.points["equity"] * factor, two.points["equity"])
    assert np.array_equal(one.points["cash"] * factor, two.points["cash"])
    assert np.array_equal(one.ledger["qty"], two.ledger["qty"])
    assert np.array_equal(one.ledger["amount"] * factor, two.ledger["amount"])


PRICED = (instructed.LIMIT, instructed.STOP, instructed.STOP_LIMIT, instructed.TRAIL, instructed.BRACKET)


def scaled(one: Instruction, factor: float) -> Instruction:
    if one.verb not in PRICED:
        return one
    return replace(one, first=one.first * factor, second=one.second * factor)
