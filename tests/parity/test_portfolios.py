# SPDX-License-Identifier: Apache-2.0
"""A strategy as a sleeve does what it does alone, and a portfolio does the same in both modes."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.config.loader import LoadedConfig
from engine.engines import native
from engine.inputs.prepared import prepare
from engine.kernel.codes import EntryKind
from engine.market.panel import Market
from engine.model.run import RunConfig, Sleeve
from engine.records import bar_dtype
from engine.runs.backtest import load_bars
from engine.strategy.source.discover import list_strategies
from tests.kernel.instructed import COLUMNS
from tests.kernel.instructed_pair import Idle
from tests.parity.test_modes import RUN, WARM_UP, outcome, parameter_sets, rule_sets, same, with_rules
from tests.strategies.shipped import bars_of, load_portfolio, load_shipped

SETS = 60
PIECE = 2500
"""Bars of a sample market that a strategy trades in."""


def renamed(market: Market, roles: dict[str, tuple[str, str]], series: tuple[str, ...] = ()) -> Market:
    """The bars with roles called anew: new name -> (old role, symbol). `series` are added, all 0."""
    names = (*market.series, *market.missing)
    bars = np.zeros(len(market), bar_dtype(tuple(roles), (*names, *series)))
    for name in ("ts", "session", "days", "last", *names):
        bars[name] = market.bars[name]
    for name, (role, _) in roles.items():
        bars[name] = market.bars[role]
    bound = {**market.series, **{name: name for name in series}}
    return replace(market, bars=bars, symbols={name: symbol for name, (_, symbol) in roles.items()}, series=bound)


def as_sleeve(config: RunConfig, weight: float = 1.0) -> Sleeve:
    return Sleeve(weight=weight, strategy=config.strategy, roles=config.roles, params=config.params)


@pytest.mark.parametrize("strategy", list_strategies())
def test_the_only_sleeve_leaves_the_very_bytes_of_the_strategy_alone(strategy: str):
    ready = load_shipped(strategy, "sample")
    bars = bars_of(strategy, "sample").head(PIECE)
    single = native.run(prepare(ready.config, ready.strategy, bars), "interpreted")
    config = ready.config.model_copy(update={"sleeves": {"only": as_sleeve(ready.config)}})
    roles = {f"only.{role}": (role, symbol) for role, symbol in bars.symbols.items()}
    run = prepare(config, {"only": ready.strategy}, renamed(bars, roles))
    result = native.run(run, "interpreted")
    assert len(single.orders) > 10
    assert result.ledger.tobytes() == single.ledger.tobytes()
    assert result.orders.tobytes() == single.orders.tobytes()
    assert result.points.tobytes() == single.points.tobytes()
    assert result.state == {f"only.{name}": value for name, value in single.state.items()}


@pytest.mark.parametrize("strategy", list_strategies())
def test_beside_a_sleeve_that_holds_cash_a_strategy_does_what_it_does_alone(strategy: str):
    """Fill by fill, on its half of the deposit; without interest and margin, which belong to the whole account."""
    ready = load_shipped(strategy, "sample", overrides=("account.margin.kind=none", "account.cash=500000.0"))
    free = ready.config.costs.model_copy(
        update={"interest": [type(ready.config.costs.interest[0])(debit=[{"rate": 0.0}], credit_spread=0.0)]}
    )
    lone = ready.config.model_copy(update={"costs": free.model_copy(update={"benchmark": 0.0})})
    bars = bars_of(strategy, "sample").head(PIECE)
    single = native.run(prepare(lone, ready.strategy, bars), "interpreted")
    idle = Sleeve(weight=0.5, strategy="tests.kernel.instructed_pair:Idle", roles={"a": "IWM"})
    account = lone.account.model_copy(update={"cash": 1_000_000.0})
    both = lone.model_copy(update={"sleeves": {"idle": idle, "busy": as_sleeve(lone, 0.5)}, "account": account})
    first = bars.roles[0]
    roles = {"idle.a": (first, bars.symbols[first])}
    roles |= {f"busy.{role}": (role, symbol) for role, symbol in bars.symbols.items()}
    run = prepare(both, {"idle": Idle, "busy": ready.strategy}, renamed(bars, roles, COLUMNS))
    result = native.run(run, "interpreted")
    theirs = result.ledger[(result.ledger["kind"] != EntryKind.DEPOSIT) & (result.ledger["role"] >= 0)]
    ours = single.ledger[single.ledger["kind"] != EntryKind.DEPOSIT]
    assert len(ours) > 20
    assert len(ours) == len(theirs)
    for name in ("t", "kind", "order"):
        assert ours[name].tolist() == theirs[name].tolist()
    assert (ours["role"] + 1).tolist() == theirs["role"].tolist()
    for name in ("qty", "price", "amount", "slippage"):
        assert np.allclose(ours[name], theirs[name], rtol=1e-12, atol=1e-9, equal_nan=True)


def portfolio_of(ready: LoadedConfig, params: dict[str, dict[str, Any]], rules: dict[str, Any]) -> RunConfig:
    """The shipped portfolio with other parameters, rules and rebalancing."""
    config = with_rules(ready.config, {}, rules)
    sleeves = {name: own.model_copy(update={"params": params[name]}) for name, own in ready.config.sleeves.items()}
    return config.model_copy(update={"sleeves": sleeves, "rebalance": rules["rebalance"]})


@pytest.mark.slow
def test_modes_agree_on_a_portfolio_with_options():
    """Random parameters of every sleeve, random rules and stretches; the kernel is compiled once."""
    ready = load_portfolio("sample", overrides=("sleeves.agents.strategy=double_agent_calls",))
    bars = load_bars(ready)[0]
    orders: list[int] = []
    sets = {name: parameter_sets(one.Params) for name, one in ready.strategies.items()}
    rebalance = st.sampled_from(["never", "monthly", "quarterly", "yearly"])

    @given(st.fixed_dictionaries(sets), rule_sets(), rebalance, st.integers(0, len(bars) - WARM_UP - RUN))
    @settings(max_examples=SETS)
    def both(params: dict[str, dict[str, Any]], rules: dict[str, Any], rebalance: str, start: int) -> None:
        window = bars.slice(start, start + WARM_UP + RUN)
        config = portfolio_of(ready, params, {**rules, "rebalance": rebalance})
        run = prepare(config, ready.strategies, window, WARM_UP, len(window))
        orders.append(same(outcome(run, "interpreted"), outcome(run, "compiled")))

    both()
    assert np.count_nonzero(orders) > SETS / 4
