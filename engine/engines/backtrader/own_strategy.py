# SPDX-License-Identifier: Apache-2.0
"""A strategy written for backtrader, run as it is: its orders and backtrader's executions become our RunRecord."""

from __future__ import annotations

import inspect
import math
import traceback
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.backtrader.cerebro import Broker, run_cerebro
from engine.engines.backtrader.charges import Charges
from engine.engines.backtrader.execution import Execution
from engine.engines.backtrader.library import bt
from engine.engines.backtrader.subset import left_out_of_own
from engine.engines.run_record import RunRecord
from engine.errors import Problem, RunError, StrategyError
from engine.inputs.prepared import Prepared
from engine.kernel.codes import Cause, EntryKind, Moment, OrderKind, OrderStatus
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.notice import loud
from engine.records import ENTRY, ORDER, POINT
from engine.strategy.reasons import ENGINE_REASONS

CLOSE_ENOUGH = 1e-6
"""Largest difference between the ledger's cash and backtrader's, as a fraction of the opening deposit."""

KINDS = {
    bt.Order.Market: OrderKind.MARKET,
    bt.Order.Close: OrderKind.MARKET_ON_CLOSE,
    bt.Order.Limit: OrderKind.LIMIT,
    bt.Order.Stop: OrderKind.STOP,
    bt.Order.StopLimit: OrderKind.STOP_LIMIT,
    bt.Order.StopTrail: OrderKind.TRAIL,
    bt.Order.StopTrailLimit: OrderKind.TRAIL,
}

ENDS = {
    bt.Order.Completed: (OrderStatus.FILLED, Cause.NONE),
    bt.Order.Canceled: (OrderStatus.CANCELLED, Cause.BY_STRATEGY),
    bt.Order.Expired: (OrderStatus.EXPIRED, Cause.END_OF_DAY),
    bt.Order.Margin: (OrderStatus.REJECTED, Cause.CASH_ACCOUNT),
    bt.Order.Rejected: (OrderStatus.REJECTED, Cause.BAD_ORDER),
}


class Recorder(bt.Analyzer):  # type: ignore[misc]  # backtrader has no types
    """Watches a strategy from outside: every order's last word, and the account at each close."""

    def start(self) -> None:
        """Nothing has happened yet."""
        self.orders: dict[int, tuple[Any, int, int]] = {}  # ref -> order, row of birth, row of the last word
        self.points: list[tuple[float, ...]] = []

    def notify_order(self, order: Any) -> None:
        """Keep the order as it is now. What a decision of row t sends is first heard of in row t + 1."""
        t = len(self.strategy) - 1
        born = self.orders.get(order.ref, (None, t, t))[1]
        self.orders[order.ref] = (order, born, t)

    def prenext(self) -> None:
        """Bars before the strategy's indicators are ready count as well."""
        self.next()

    def next(self) -> None:
        """The account at the close of one bar."""
        broker = self.strategy.broker
        values = [broker.getposition(data).size * data.close[0] for data in self.datas]
        cash = broker.get_cash()
        self.points.append((cash, cash + math.fsum(values), 0.0))


def run_own(prepared: Prepared, strategy: type) -> RunRecord:
    """Run a bt.Strategy over the bars with the configuration's commission, fees and slippage.

    backtrader's own rule for cash stays: what would take it below zero is refused. Raises StrategyError with the
    author's line for an exception in the strategy.
    """
    config, market = prepared.config, prepared.market
    executions: list[Execution] = []
    broker = Broker(market, Charges(prepared.terms, prepared.cost_inputs), told=executions.append, lends=False)
    broker.set_coc(config.fills.at == "this_close")
    recorder = _run(market, broker, config, strategy)
    numbers = {ref: number for number, ref in enumerate(sorted(recorder.orders), start=1)}
    ledger = _ledger(executions, numbers, config.account.cash)
    cash = float(ledger["amount"].sum())
    if abs(cash - broker.get_cash()) > CLOSE_ENOUGH * config.account.cash:
        raise RunError(
            f"backtrader's cash at the end is {broker.get_cash():.2f}, its fills and charges add up to {cash:.2f}: "
            f"leave cash and commission to the configuration, and let {strategy.__name__} only trade"
        )
    return RunRecord(
        config=config,
        market=market,
        ledger=ledger,
        points=np.array(recorder.points, POINT),
        orders=_orders(recorder, numbers),
        features=prepared.features,
        params=prepared.params,
        reasons=dict(ENGINE_REASONS),
        engine="backtrader",
        mode="interpreted",
        fill_convention="as backtrader matches: market orders at the next open, at the price that its broker reports",
        notices=(*market.notices, *(loud(f"left out by backtrader: {words}") for words in left_out_of_own(config))),
    )


def _run(market: Market, broker: Broker, config: RunConfig, strategy: type) -> Recorder:
    try:
        done = run_cerebro(market, broker, config.account.cash, strategy, [Recorder], **config.params)
    except Exception as error:
        file = inspect.getsourcefile(strategy)
        steps = [step for step in traceback.extract_tb(error.__traceback__) if step.filename == file]
        if not steps:
            raise
        problem = Problem(
            f"{type(error).__name__}: {error}",
            file=steps[-1].filename,
            line=steps[-1].lineno or 0,
            path=f"{strategy.__name__}.{steps[-1].name}",
            found=(steps[-1].line or "").strip(),
        )
        raise StrategyError(problem) from error
    recorder: Recorder = done.analyzers[0]
    return recorder


def _ledger(executions: list[Execution], numbers: dict[int, int], cash: float) -> NDArray[Any]:
    """The deposit, then each execution with its commission and its fees."""
    entries: list[tuple[Any, ...]] = [(0, EntryKind.DEPOSIT, -1, 0.0, math.nan, cash, 0.0, 0, 0, Moment.NIGHT)]
    for done in (done for done in executions if done.qty):
        order, when = numbers[done.ref], done.moment
        amount = -done.qty * done.price
        entries.append((done.t, EntryKind.FILL, done.role, done.qty, done.price, amount, done.slippage, order, 0, when))
        for kind, charge in ((EntryKind.COMMISSION, done.commission), (EntryKind.FEE, done.fees)):
            if charge != 0.0:
                entries.append((done.t, kind, done.role, 0.0, done.price, -charge, 0.0, order, 0, when))
    return np.array(entries, ENTRY)


def _orders(recorder: Recorder, numbers: dict[int, int]) -> NDArray[Any]:
    table = np.zeros(len(numbers), ORDER)
    for row, ref in zip(table, sorted(numbers), strict=True):
        order, born, heard = recorder.orders[ref]
        status, cause = ENDS.get(order.status, (OrderStatus.WORKING, Cause.NONE))
        kind = KINDS[order.exectype]
        trailing = kind == OrderKind.TRAIL
        row["id"], row["role"], row["status"], row["cause"] = numbers[ref], order.data.p.role, status, cause
        row["kind"] = OrderKind.TRAIL_PERCENT if trailing and order.trailpercent else kind
        row["tif"] = int(order.valid is not None)
        row["asked"], row["filled"] = order.created.size, order.executed.size
        row["qty"] = order.created.size - order.executed.size
        row["filled_value"] = order.executed.size * order.executed.price
        row["limit"] = order.created.pricelimit if kind in {OrderKind.LIMIT, OrderKind.STOP_LIMIT} else math.nan
        waits = trailing or kind in {OrderKind.STOP, OrderKind.STOP_LIMIT}
        row["stop"] = order.created.price if waits else math.nan
        row["trail"] = order.trailamount or order.trailpercent or math.nan if trailing else math.nan
        row["parent"] = numbers.get(order.parent.ref, 0) if order.parent is not None else 0
        row["born"], row["ended"] = max(0, born - 1), -1 if status == OrderStatus.WORKING else heard
    return table
