# SPDX-License-Identifier: Apache-2.0
"""Interpreted and compiled leave the same bytes: every strategy, random parameters, rules and stretches of the market.

One kernel is compiled a strategy: parameters and rules are data to it. Stretches are short, so that two hundred sets
are quick, and most parameters stay at their defaults in each, so that most runs trade.
"""

from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.errors import StrategyError, TandemError
from engine.inputs.prepared import Prepared, prepare
from engine.kernel.codes import EntryKind
from engine.model.parameter import Parameter
from engine.model.run import MarginRow, RunConfig
from engine.runs.sweep.compiled import simulate_sets, simulate_stretches
from engine.strategy.params import declared_params
from engine.strategy.source.discover import list_strategies
from tests.strategies.shipped import REAL_DATA, bars_of, load_shipped

SETS = 200
"""A strategy, half of them on real bars where those are at hand."""

WARM_UP, RUN = 700, 500
SWEPT_RUN = 2300  # more than two of the blocks that a sweep works in
EXACT = 1e-12
SAME_RULES = ("double_agent:DoubleAgentFund", "vix_hedge:VixHedgeFund", "vix_hedge_puts:VixHedgeIndexPuts")
"""Rules of another strategy on other funds or puts: long to compile, and left to the long tests."""
ALONE = ("fund_replica", "double_agent_calls", "classic_book")
"""Kernels that share little with others and take long to compile: of many roles, of calls, of one monitor."""

PAID = (
    EntryKind.COMMISSION, EntryKind.FEE, EntryKind.BORROW, EntryKind.INTEREST, EntryKind.DIVIDEND,
    EntryKind.WITHHOLDING,
)  # fmt: skip


def values_of(spec: Parameter) -> st.SearchStrategy[Any]:
    """What the declaration of a parameter allows: its default in two of three sets, else anything within the bounds."""
    if issubclass(spec.kind, IntEnum):
        anything: st.SearchStrategy[Any] = st.sampled_from(list(spec.kind))
    elif spec.kind is bool:
        anything = st.booleans()
    elif spec.kind is int:
        anything = st.integers(int(spec.low), int(spec.high))
    else:
        anything = st.floats(spec.low, spec.high, allow_nan=False)
    return st.sampled_from([True, True, False]).flatmap(lambda default: st.just(spec.default) if default else anything)


@st.composite
def parameter_sets(draw: st.DrawFn, owner: type) -> dict[str, Any]:
    """Sets in which no two contradict each other."""
    declared = declared_params(owner)
    made = {name: draw(values_of(spec)) for name, spec in declared.items()}
    for name, spec in declared.items():
        if spec.not_below:
            made[name] = max(made[name], made[spec.not_below])
    return made


@st.composite
def rule_sets(draw: st.DrawFn) -> dict[str, Any]:
    """Fills and margin of a run."""
    return {
        "at": draw(st.sampled_from(["next_open", "next_close", "this_close"])),
        "intrabar": draw(st.sampled_from(["pessimistic", "optimistic"])),
        "limit": draw(st.sampled_from(["touch", "through"])),
        "participation": draw(st.sampled_from([0.1, 0.00001, None])),
        "whole_shares": draw(st.booleans()),
        "margin": draw(st.sampled_from(["reg_t", "reg_t", "cash", "none"])),
        "liquidation": draw(st.sampled_from(["proportional", "flat"])),
        "cash": draw(st.sampled_from([1_000_000.0, 20_000.0])),
    }


def with_rules(config: RunConfig, params: dict[str, Any], rules: dict[str, Any]) -> RunConfig:
    fills = {name: rules[name] for name in ("at", "intrabar", "limit", "participation", "whole_shares")}
    margin = config.account.margin.model_copy(update={"kind": rules["margin"], "liquidation": rules["liquidation"]})
    return config.model_copy(
        update={
            "params": params,
            "fills": config.fills.model_copy(update=fills),
            "account": config.account.model_copy(update={"margin": margin, "cash": rules["cash"]}),
        }
    )


def outcome(prepared: Prepared, mode: str) -> RunRecord | TandemError:
    """The result, or the error that stopped the run: it must be the same one."""
    try:
        return native.run(prepared, mode)
    except TandemError as error:
        return error


def same(one: RunRecord | TandemError, two: RunRecord | TandemError) -> int:
    """Assert that both modes did the same; the number of orders."""
    if isinstance(one, TandemError) or isinstance(two, TandemError):
        assert type(one) is type(two)
        assert str(one) == str(two)
        return 0
    assert one.ledger.tobytes() == two.ledger.tobytes()
    assert one.orders.tobytes() == two.orders.tobytes()
    assert one.points.tobytes() == two.points.tobytes()
    assert one.state == two.state
    return len(one.orders)


def compare_modes(strategy: str, market: str, sets: int, real_data: Path | None = None) -> None:
    ready = load_shipped(strategy, market, real_data)
    bars = bars_of(strategy, market, real_data)
    orders: list[int] = []

    @given(parameter_sets(ready.strategy.Params), rule_sets(), st.integers(0, len(bars) - WARM_UP - RUN))
    @settings(max_examples=sets)
    def both(params: dict[str, Any], rules: dict[str, Any], start: int) -> None:
        window = bars.slice(start, start + WARM_UP + RUN)
        config = with_rules(ready.config, params, rules)
        try:
            prepared = prepare(config, ready.strategy, window, WARM_UP, len(window))
        except StrategyError:  # as where a score is asked of series that the configuration does not bind
            reject()
        orders.append(same(outcome(prepared, "interpreted"), outcome(prepared, "compiled")))

    both()
    assert len(orders) >= sets
    assert np.count_nonzero(orders) > sets / 4, "most runs send no order: they compare nothing"


@pytest.mark.parametrize(
    "strategy",
    [pytest.param(one, marks=pytest.mark.slow if one in (*SAME_RULES, *ALONE) else ()) for one in list_strategies()],
)
def test_modes_agree(strategy: str):
    """One test, so that the kernel is compiled once. Without real bars the sample market gets all sets."""
    on_real = SETS // 2 if REAL_DATA.is_dir() else 0
    compare_modes(strategy, "sample", SETS - on_real)
    if on_real:
        compare_modes(strategy, "real", on_real, REAL_DATA)


@pytest.mark.parametrize(
    ("strategy", "at"),
    [
        ("spread_trade", "next_open"),
        ("spread_trade", "this_close"),
        pytest.param("fund_replica", "next_open", marks=pytest.mark.slow),
    ],
)
def test_a_sweep_tells_what_the_recorded_run_tells(strategy: str, at: str):
    ready = load_shipped(strategy, "sample")
    config = ready.config.model_copy(update={"fills": ready.config.fills.model_copy(update={"at": at})})
    bars = bars_of(strategy, "sample").slice(0, WARM_UP + SWEPT_RUN)
    prepared = prepare(config, ready.strategy, bars, WARM_UP, len(bars))
    assert len(prepared.market) > 2048
    silent = prepare(config, ready.strategy, bars, WARM_UP, len(bars), recording=False)
    three, stretches = simulate_stretches(silent, silent.features, np.repeat(silent.params_row(), 3), 7)
    result = native.run(prepared, "compiled")
    assert three[0] == three[1] == three[2]
    check_outcome(three[0], result)
    assert np.array_equal(three, simulate_sets(silent, silent.features, np.repeat(silent.params_row(), 3)))
    equity = np.append(result.config.account.cash, result.points["equity"])
    parts = np.split(np.diff(equity) / equity[:-1], [len(result.points) * part // 7 for part in range(1, 7)])
    for sums in stretches:
        np.testing.assert_allclose(sums["total"], [part.sum() for part in parts], rtol=1e-9, atol=1e-15)
        np.testing.assert_allclose(sums["squares"], [(part**2).sum() for part in parts], rtol=1e-9, atol=1e-18)


def check_outcome(found: np.void, result: RunRecord) -> None:
    equity, cash = result.points["equity"], result.config.account.cash
    returns = np.diff(np.append(cash, equity)) / np.append(cash, equity[:-1])
    kinds = result.ledger["kind"]
    trades = np.isin(kinds, [EntryKind.FILL, EntryKind.LIQUIDATION])
    paid = np.isin(kinds, PAID) & (result.ledger["amount"] < 0.0)
    costs = result.ledger["slippage"].sum() - result.ledger["amount"][paid].sum()
    notional = np.abs(result.ledger["qty"] * result.ledger["price"])[trades].sum()
    assert found["fills"] == np.count_nonzero(trades) > 50
    assert found["error"] == 0
    assert found["margin_calls"] == len(set(result.orders["born"][result.orders["reason"] < 0].tolist()))
    assert found["final_equity"] == equity[-1]
    for name, value in (
        ("total_return", equity[-1] / cash - 1.0),
        ("mean", returns.mean()),
        ("deviation", returns.std(ddof=1)),
        ("max_drawdown", (1.0 - equity / np.maximum.accumulate(equity)).max()),
        ("turnover", notional / equity.mean()),
        ("costs", costs),
    ):
        assert found[name] == pytest.approx(value, rel=EXACT), name


@pytest.mark.parametrize("liquidation", ["proportional", "flat"])
def test_a_sweep_tells_of_margin_calls_too(liquidation: str):
    """Six turns at a house that asks 15 % a leg, through every episode of the sample market."""
    ready = load_shipped("spread_trade", "sample")
    house = dict.fromkeys(("initial_long", "initial_short", "maintenance_long", "maintenance_short"), 0.15)
    margin = ready.config.account.margin.model_copy(
        update={"table": [MarginRow(**house, floor_high=0.0, floor_low=0.0)], "liquidation": liquidation}
    )
    config = ready.config.model_copy(
        update={
            "params": {**ready.config.params, "gross_cap": 6.0, "target_volatility": 1.0},
            "account": ready.config.account.model_copy(update={"margin": margin}),
        }
    )
    prepared = prepare(config, ready.strategy, bars_of("spread_trade", "sample"))
    silent = prepare(config, ready.strategy, bars_of("spread_trade", "sample"), recording=False)
    (found,) = simulate_sets(silent, silent.features, silent.params_row())
    assert found["margin_calls"] > 0
    result = native.run(prepared, "compiled")
    same(native.run(prepared, "interpreted"), result)
    check_outcome(found, result)
