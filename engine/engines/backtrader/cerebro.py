# SPDX-License-Identifier: Apache-2.0
"""backtrader, fed from the panel and charged by the run's cost tables; matching, positions and cash stay its own."""

from __future__ import annotations

import collections
import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from engine.engines.backtrader.charges import Charges
from engine.engines.backtrader.execution import Execution
from engine.engines.backtrader.library import bt
from engine.engines.backtrader.nights import Nights
from engine.engines.backtrader.splits import SharesAfter, split_order, split_position, splits_of
from engine.errors import RunError
from engine.kernel.codes import Moment
from engine.market.panel import Market

EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - backtrader's clock carries no zone; ours is UTC throughout


def moment(ts: int) -> dt.datetime:
    """Int ns UTC as backtrader keeps time."""
    return EPOCH + dt.timedelta(microseconds=ts // 1000)


Rank = Callable[[Any, float], int]
"""(order, position held) to a number: lower numbers are tried first within a bar."""

Most = Callable[[int, int], float]
"""(order's ref, row) to shares that may trade."""

Grown = Callable[[int, float], "tuple[float, float, float] | None"]
"""(order's ref, signed shares that it has left) to those that it has by now, its trigger and its limit."""


class RoleFeed(bt.feed.DataBase):  # type: ignore[misc]  # backtrader has no types
    """The bars of one role."""

    params = (("market", None), ("role", 0))

    def start(self) -> None:
        """Take the columns out of the panel."""
        super().start()
        market: Market = self.p.market
        bars = market.bars[market.roles[self.p.role]]
        names = ("open", "high", "low", "close", "volume")
        self._rows = zip(market.ts.tolist(), *(bars[name].tolist() for name in names), strict=True)

    def _load(self) -> bool:
        row = next(self._rows, None)
        if row is None:
            return False
        ts, opened, high, low, close, volume = row
        self.lines.datetime[0] = bt.date2num(moment(ts))
        self.lines.open[0], self.lines.high[0] = opened, high
        self.lines.low[0], self.lines.close[0] = low, close
        self.lines.volume[0] = volume
        self.lines.openinterest[0] = 0.0
        return True


class Commission(bt.CommInfoBase):  # type: ignore[misc]  # backtrader has no types
    """Dated commissions and fees. backtrader asks for the closing and the opening part of an execution in turn."""

    params = (("stocklike", True), ("commtype", bt.CommInfoBase.COMM_PERC), ("percabs", True), ("charges", None))

    def getcommission(self, size: float, price: float) -> float:
        """Money for a part of the execution at hand."""
        charges: Charges = self.p.charges
        return charges.charge(size, price)

    def _getcommission(self, size: float, price: float, pseudoexec: bool) -> float:
        """What backtrader asks to be told after the fact; it makes no use of the answer."""
        return 0.0


class Broker(bt.brokers.BackBroker):  # type: ignore[misc]  # backtrader has no types
    """backtrader's broker, told what slippage and commission are; what is matched, and where, it decides.

    told     hears of each execution as it happens, so that it can answer `most` for the next
    rank     orders are tried in this order within a bar; None leaves backtrader's own, that of submission
    most     shares, >= 0, that an order may trade now; None is all of it
    grown    what an order is as its turn comes, where an execution of this bar has given it more; None where none does
    after    what is left of a number of shares after a split; None where the bars have no split
    split    hears of each split, row, role and ratio, once it is done
    nights   what each night does to cash; None where trades alone do
    numbers  backtrader's ref to the order that pays: one order of ours may be sent several times
    lends    cash may go below zero. backtrader has no margin and refuses such orders; the sum is lent for the moment
             of the execution, so that its cash is right afterwards
    """

    def __init__(
        self,
        market: Market,
        charges: Charges,
        *,
        told: Callable[[Execution], None],
        lends: bool,
        rank: Rank | None = None,
        most: Most | None = None,
        grown: Grown | None = None,
        after: SharesAfter | None = None,
        split: Callable[[int, int, float], None] | None = None,
        nights: Nights | None = None,
        numbers: Mapping[int, int] | None = None,
    ) -> None:
        super().__init__()
        self._sessions = market.bars["session"].tolist()
        self._told, self._charges, self._lends = told, charges, lends
        self._rank, self._most, self._grown = rank, most, grown
        self._after, self._told_split = after, split
        self._splits, self._nights = splits_of(market), nights
        self._numbers = {} if numbers is None else numbers
        self.addcommissioninfo(Commission(charges=charges))
        if most is not None:
            self.set_filler(self._room)
        self.pending: Any
        self._working: Any = None
        self._rests = False
        self._reference: float | None = None  # price of the execution at hand before slippage; None: it does not slip

    def next(self) -> None:
        """One bar: what is left of the last one, the night's fees, interest, splits and dividends, then matching.

        Cash is changed in place: what `add_cash` adds comes after the bar has been matched, and counts as a deposit.
        """
        self._sort()
        row, nights = self._row(0), self._nights
        splits = self._splits.get(row, ())
        if splits or self._rank is not None:
            self._fill_at_last_close()
            if nights is not None and row > 0:
                self.cash += nights.carry(row, self.cash, self._held(), [data.close[-1] for data in self.cerebro.datas])
            for role, ratio in splits:
                self._split(role, ratio)
            if nights is not None:
                self.cash += nights.dividends(row, self._held())
            self._sort()
        super().next()

    def _held(self) -> list[float]:
        return [self.getposition(data).size for data in self.cerebro.datas]

    def _sort(self) -> None:
        rank = self._rank
        if rank is not None:
            in_turn = sorted(self.pending, key=lambda order: rank(order, self.getposition(order.data).size))
            self.pending = collections.deque(in_turn)

    def _fill_at_last_close(self) -> None:
        """Orders for the close that decided them come before the night, and backtrader comes to them after it."""
        for order in [order for order in self.pending if self._ago(order) < 0]:
            if order.alive():
                self._try_exec(order)
            if not order.alive() and order in self.pending:
                self.pending.remove(order)

    def _split(self, role: int, ratio: float) -> None:
        """Split a role as the life of a bar has it: position and orders, a fraction of a share in cash."""
        if self._after is None or self._told_split is None:
            raise RunError(f"role {role} splits on {self.cerebro.datas[0].datetime.date()}, and nothing says how")
        data = self.cerebro.datas[role]
        self.cash += split_position(self.getposition(data), ratio, data.close[-1], self._after)
        for order in [order for order in self.pending if order.data is data]:
            self._charges.split(self._numbers.get(order.ref, order.ref), ratio)
            if not split_order(order, ratio, self._after):
                self.pending.remove(order)
                order.cancel()
                self.notify(order)
        self._told_split(self._row(0), role, ratio)

    def _ago(self, order: Any) -> int:
        """-1 for a market order that fills at the close which decided it: backtrader comes to it a bar later."""
        return -1 if self.p.coc and order.exectype == bt.Order.Market and order.info.get("coc", True) else 0

    def _row(self, ago: int) -> int:
        return len(self.cerebro.datas[0]) - 1 + ago

    def _try_exec(self, order: Any) -> None:
        self._working, self._reference = order, None
        self._rests = order.exectype == bt.Order.Limit or order.triggered  # waits for its price: it never slips
        row = self._row(self._ago(order))
        self._charges.adopt(self._sessions[row], row)
        now = None if self._grown is None else self._grown(order.ref, order.executed.remsize)
        if now is not None:
            order.executed.remsize, trigger, order.created.pricelimit = now
            order.created.price = order.created.pricelimit if math.isnan(trigger) else trigger
        super()._try_exec(order)

    def _slip_up(self, _most: float, price: float, doslip: bool = True, lim: bool = False) -> float:
        self._reference = price
        slipped = price * (1.0 + self._slippage())
        return min(slipped, self._working.created.pricelimit) if lim and not self._rests else slipped

    def _slip_down(self, _least: float, price: float, doslip: bool = True, lim: bool = False) -> float:
        self._reference = price
        slipped = price * max(0.0, 1.0 - self._slippage())
        return max(slipped, self._working.created.pricelimit) if lim and not self._rests else slipped

    def _slippage(self) -> float:
        order = self._working
        if self._rests:
            return 0.0
        shares = self._room(order, 0.0, self._ago(order))
        if shares == 0.0:
            return 0.0
        return self._charges.slippage(self._numbers.get(order.ref, order.ref), order.data.p.role, shares)

    def _room(self, order: Any, _price: float, _ago: int) -> float:
        """Shares that may trade now, as backtrader asks its fillers."""
        left = float(abs(order.executed.remsize))
        if self._most is None:
            return left
        return min(left, self._most(order.ref, self._row(self._ago(order))))

    def _execute(
        self, order: Any, ago: Any = None, price: Any = None, cash: Any = None, position: Any = None, dtcoc: Any = None
    ) -> Any:
        """Execute as backtrader does; orders for the close slip as market orders do."""
        if ago is None:  # a trial before acceptance, which only a strategy written for backtrader asks for
            self._charges.begin(-order.ref, order.data.p.role)
            return super()._execute(order, ago, price, cash, position, dtcoc)
        if order.exectype == bt.Order.Close:
            price = self._slip_up(price, price) if order.isbuy() else self._slip_down(price, price)
        self._charges.begin(self._numbers.get(order.ref, order.ref), order.data.p.role)
        before = order.executed.size
        lent = self._loan(order, price) if self._lends else 0.0
        self.cash += lent
        super()._execute(order, ago, price, cash, position, dtcoc)
        self.cash -= lent
        qty = order.executed.size - before
        if qty or order.exectype == bt.Order.Stop:
            role, at = order.data.p.role, self._row(ago or self._ago(order))
            costs = (self._charges.commission, self._charges.fees)
            slipped = 0.0 if self._reference is None else abs(price - self._reference) * abs(qty)
            met = price if self._reference is None else self._reference
            self._told(Execution(at, order.ref, role, qty, price, slipped, *costs, self._moment(order, met)))
        return None

    def _moment(self, order: Any, price: float) -> Moment:
        """When in its bar an order met `price`, before slippage."""
        if order.exectype == bt.Order.Close or self._ago(order) < 0:
            return Moment.CLOSE
        return Moment.OPEN if order.exectype == bt.Order.Market or price == order.data.open[0] else Moment.RANGE

    def _loan(self, order: Any, price: float) -> float:
        """A power of two that keeps cash above zero, so that adding and taking it costs no digits that matter."""
        left = self.cash - abs(order.executed.remsize) * price * 1.1
        return 0.0 if left > 0.0 else 2.0 ** math.ceil(math.log2(2.0 - 2.0 * left))


def run_cerebro(
    market: Market, broker: Broker, cash: float, strategy: type, watchers: Sequence[type] = (), **arguments: Any
) -> Any:
    """Run `strategy` over the market, watched by bt.Analyzers; returns backtrader's strategy object. cash in dollars.

    Datas are in the order of the roles and carry the symbols as names.
    """
    cerebro = bt.Cerebro(stdstats=False)
    for role, name in enumerate(market.roles):
        cerebro.adddata(RoleFeed(market=market, role=role), name=market.symbols[name])
    cerebro.broker = broker
    broker.set_cash(cash)
    for watcher in watchers:
        cerebro.addanalyzer(watcher)
    cerebro.addstrategy(strategy, **arguments)
    return cerebro.run()[0]
