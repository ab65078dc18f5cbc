# SPDX-License-Identifier: Apache-2.0
"""A strategy written for backtrader, from YAML to a RunRecord."""

import numpy as np
import pytest

pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")

from engine.errors import ConfigError, DataError, RunError, StrategyError
from engine.kernel.codes import EntryKind, OrderKind, OrderStatus
from engine.runs.backtest import backtest
from engine.runs.signals.run import signals

CROSS = """
import datetime

import backtrader as bt


class Cross(bt.Strategy):
    params = (("fast", 10), ("slow", 50), ("share", 0.4), ("label", "none"))

    def __init__(self):
        small = self.getdatabyname("IWM")
        average = bt.ind.SMA
        self.cross = bt.ind.CrossOver(average(small, period=self.p.fast), average(small, period=self.p.slow))

    def next(self):
        large, small = self.datas
        if self.cross > 0:
            self.order_target_percent(small, self.p.share)
            self.sell(large, size=50, exectype=bt.Order.StopTrail, trailpercent=0.05)
        elif self.cross < 0:
            self.close(small)
            self.buy(large, size=50, exectype=bt.Order.Limit, price=large.close[0] * 0.99,
                     valid=self.data.datetime.date() + datetime.timedelta(days=20))
"""


def run(written, code=CROSS, spec="mine.py:Cross", *overrides, **keys):
    return backtest(written(code, spec, *overrides, engine="backtrader", **keys))


def test_it_runs_into_a_result(written):
    result = run(written)
    assert result.engine == "backtrader"
    assert len(result.points) == len(result.market)
    assert result.params == {"fast": 10, "slow": 50, "share": 0.4}
    kinds = set(result.ledger["kind"])
    assert kinds == {EntryKind.DEPOSIT, EntryKind.FILL, EntryKind.COMMISSION, EntryKind.FEE}
    sent = {OrderKind(kind) for kind in result.orders["kind"]}
    assert sent == {OrderKind.MARKET, OrderKind.TRAIL_PERCENT, OrderKind.LIMIT}
    assert {OrderStatus.FILLED, OrderStatus.EXPIRED} <= {OrderStatus(status) for status in result.orders["status"]}
    assert any("shorts are free and without limit" in one.text and one.level == "loud" for one in result.notices)


def test_the_ledger_is_the_account(written):
    result = run(written)
    cash = np.zeros(len(result.market))
    held = np.zeros((len(result.market), 2))
    for entry in result.ledger:
        cash[entry["t"] :] += entry["amount"]
        if entry["role"] >= 0:
            held[entry["t"] :, entry["role"]] += entry["qty"]
    closes = np.column_stack([result.market.bars[role]["close"] for role in result.market.roles])
    assert np.allclose(result.points["cash"], cash)
    assert np.allclose(result.points["equity"], cash + (held * closes).sum(axis=1))


def test_orders_carry_their_fills(written):
    result = run(written)
    fills = result.ledger[result.ledger["kind"] == EntryKind.FILL]
    for order in result.orders:
        own = fills[fills["order"] == order["id"]]
        assert own["qty"].sum() == order["filled"]
        assert (own["t"] > order["born"]).all()


def test_parameters_come_from_the_yaml(written):
    slow, fast = run(written, params="{fast: 20}"), run(written)
    assert slow.params["fast"] == 20
    assert slow.orders["born"].tolist() != fast.orders["born"].tolist()


def test_costs_come_from_the_yaml(written):
    free = ("costs.commission=[{per_share: 0}]", "costs.regulatory=[{sec: 0}]", "costs.slippage.half_spread=0",
            "costs.slippage.impact=0")  # fmt: skip
    result = run(written, CROSS, "mine.py:Cross", *free)
    assert set(result.ledger["kind"]) == {EntryKind.DEPOSIT, EntryKind.FILL}
    market = result.orders[result.orders["kind"] == OrderKind.MARKET]["id"]
    fills = result.ledger[np.isin(result.ledger["order"], market) & (result.ledger["kind"] == EntryKind.FILL)]
    opens = [result.market.bars[result.market.roles[fill["role"]]]["open"][fill["t"]] for fill in fills]
    assert np.allclose(fills["price"], opens)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["params.fasst=3"], "did you mean 'fast'?"),
        (["params.label=abc"], "no such parameter"),
        (["engine=native"], "Cross is written for backtrader, and the engine is native"),
    ],
)
def test_what_the_yaml_gets_wrong(written, overrides, words):
    with pytest.raises(ConfigError) as caught:
        written(CROSS, "mine.py:Cross", *overrides, engine="backtrader")
    assert words in str(caught.value)


def test_an_error_in_it_is_told_with_its_line(written):
    with pytest.raises(StrategyError) as caught:
        run(written, CROSS + "        self.nowhere[0]\n")
    (problem,) = caught.value.problems
    assert problem.found == "self.nowhere[0]"
    assert problem.line == CROSS.count("\n") + 1
    assert problem.path == "Cross.next"


def test_cash_from_elsewhere_is_refused(written):
    with pytest.raises(RunError, match="leave cash and commission to the configuration"):
        run(written, CROSS + "        self.broker.add_cash(1000.0)\n")


def test_it_has_no_second_engine(written):
    from engine.runs.verify.run import verify

    with pytest.raises(StrategyError, match="there is no second engine for it"):
        verify(written(CROSS, "mine.py:Cross", engine="backtrader"))


def test_signals_are_refused(written):
    with pytest.raises(StrategyError, match="Cross is written for backtrader"):
        signals(written(CROSS, "mine.py:Cross", engine="backtrader"))


def test_a_split_is_refused(written):
    with pytest.raises(DataError, match="sees its prices jump there"):
        run(written, CROSS, "mine.py:Cross", roles="{large: SPY, small: TWM}", period="{start: 2009-01-02}")
