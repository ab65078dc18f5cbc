# SPDX-License-Identifier: Apache-2.0
"""A decision for an account of one's own: what the backtest came to, as parts of its equity, on another equity.

The backtest says what share of equity each symbol is to have and which orders wait at a price; this account, whatever
it holds now, is brought there.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem, RunError
from engine.inputs.liquidity import next_cost_inputs
from engine.inputs.prepared import Prepared
from engine.kernel.codes import MarginKind, OrderKind, OrderStatus
from engine.kernel.costs import order_commission, order_fees, slippage_fraction
from engine.kernel.margin import initial, maintenance
from engine.kernel.order_kinds import takes_any_price
from engine.kernel.rows import rows_of
from engine.kernel.steps import whole
from engine.market.panel import Market
from engine.notice import Notice, loud, note
from engine.records import ORDER
from engine.runs.signals.account_decision import AccountDecision, AccountOrder, AccountPosition, Holdings, MarginUse
from engine.runs.signals.decision import positions as held_by
from engine.runs.signals.exit_sizes import excesses
from engine.runs.signals.guarded import Guards

CATCH_UP = ("catch_up", "not decided at this close: the account does not hold what the strategy holds")
"""Name and words of an order that no order of this decision stands behind."""


def decide_for(holdings: Holdings, result: RunRecord, prepared: Prepared, market: Market) -> AccountDecision:
    """The decision at the last bar of `result` for an account that stands as `holdings` say.

    result, prepared  of the run that ends at the close;  market  its bars from the first on, for the liquidity
    Raises InputError where the account cannot stand like that, RunError where the backtest's equity is gone.
    """
    desk = _Desk(holdings, result, prepared, market)
    desk.check()
    positions = tuple(desk.positions())
    orders = tuple(desk.orders(positions))
    waiting, back = tuple(desk.waiting()), tuple(desk.take_back())
    margin = desk.margin(positions)
    notices = (*desk.said, *desk.doubts(positions, orders, margin))
    return AccountDecision(holdings.equity, desk.scale, desk.cash, positions, orders, waiting, back, margin, notices)


class _Desk:
    """What the parts of a decision for an account share: closes, terms, liquidity, and the orders that stand."""

    def __init__(self, holdings: Holdings, result: RunRecord, prepared: Prepared, market: Market) -> None:
        self.holdings, self.result, self.prepared = holdings, result, prepared
        self.rules = rows_of(prepared.rules)[0]
        self.terms = rows_of(prepared.terms)[-1]
        self.inputs = rows_of(next_cost_inputs(market, prepared.config))[0]
        roles, bars = result.market.symbols, result.market.bars
        self.close = {symbol: float(bars[role]["close"][-1]) for role, symbol in roles.items()}
        self.close = {symbol: close for symbol, close in self.close.items() if not np.isnan(close)}
        self.role = {symbol: list(roles.values()).index(symbol) for symbol in self.close}
        self.volume = {symbol: float(bars[role]["volume"][-1]) for role, symbol in roles.items()}
        self.model_equity = float(result.points["equity"][-1])
        self.scale = holdings.equity / self.model_equity if self.model_equity > 0.0 else 0.0
        self.held = {symbol: float(holdings.shares.get(symbol, 0.0)) for symbol in self.role}
        self.cash = holdings.equity - sum(self.held[symbol] * self.close[symbol] for symbol in self.role)
        live = result.orders[result.orders["status"] <= OrderStatus.HELD]
        now = [takes_any_price(order) and order.status == OrderStatus.WORKING for order in rows_of(live)]
        self.now: NDArray[Any] = live[np.array(now, np.bool_)]
        self.later: NDArray[Any] = live[~np.array(now, np.bool_)]
        self.model = tuple(zip(roles.values(), held_by(result).tolist(), strict=True))
        self.guards = Guards(result)
        self.said: list[Notice] = []

    def check(self) -> None:
        """Refuse what no decision can be made for."""
        dead = [symbol for symbol, shares in self.holdings.shares.items() if shares and symbol not in self.close]
        if dead:
            message, allowed = f"no price on {self.result.market.sessions[-1]}", f"shares of {', '.join(self.close)}"
            raise InputError(Problem(message, path="--positions", found=", ".join(dead), allowed=allowed))
        cash = self.rules.margin == MarginKind.CASH
        shorts = [symbol for symbol, shares in self.held.items() if shares < 0.0]
        if cash and shorts:
            allowed = "shares of 0 and more under account.margin.kind: cash"
            raise InputError(Problem("a cash account holds nothing short", found=", ".join(shorts), allowed=allowed))
        if cash and self.cash < 0.0:
            raise InputError(
                Problem(
                    "a cash account holds no more than its equity",
                    found=f"positions of {self.holdings.equity - self.cash:,.2f} and an equity of "
                    f"{self.holdings.equity:,.2f}",
                )
            )
        if self.model_equity <= 0.0:
            raise RunError("the backtest's equity is gone at this close: no part of it can be carried to an account")

    def positions(self) -> Iterator[AccountPosition]:
        """Each symbol with its target: the backtest's, over all sleeves, scaled and cut toward zero."""
        for symbol, close in self.close.items():
            model = self._model_target(symbol)
            held, target = self.held[symbol], self.scaled(model)
            closed = self.rules.margin == MarginKind.CASH or self.terms.asset[self.role[symbol]].shortable == 0.0
            if self.rules.margin != MarginKind.NONE and closed and target < min(0.0, held):
                self.said.append(loud(f"{symbol}: a target of {target:,.0f} shares is refused, nothing may be short"))
                target = min(0.0, held)
            if target == 0.0 and model != 0.0:
                wanted = model * self.scale
                self.said.append(
                    loud(
                        f"{symbol}: {wanted:,.6g} shares ({abs(wanted) * close:,.2f} of an equity of "
                        f"{self.holdings.equity:,.2f}) are less than can be traded, which is {self.rules.step:.10g} of "
                        f"{close:,.2f}: its target is 0"
                    )
                )
            weights = (target * close / self.holdings.equity, model * close / self.model_equity)
            yield AccountPosition(symbol, close, held, target, *weights)

    def orders(self, positions: tuple[AccountPosition, ...]) -> Iterator[AccountOrder]:
        """One order a symbol that is not where it is to be."""
        for one in positions:
            quantity = one.target - one.held
            if self.whole(quantity) == 0.0:
                continue
            own = self._of(self.now, one.symbol)
            same = own[np.sign(own["qty"]) == np.sign(quantity)]
            kinds = set(own["kind"].tolist())
            kind = OrderKind(kinds.pop()) if len(kinds) == 1 else OrderKind.MARKET
            if kind not in (OrderKind.MARKET_ON_OPEN, OrderKind.MARKET_ON_CLOSE):
                kind = OrderKind.MARKET  # of a triggered stop too
            template = np.zeros(1, ORDER)[0]
            for name in ("limit", "stop", "trail"):
                template[name] = np.nan
            reason = CATCH_UP
            if len(same):
                largest = same[np.argmax(np.abs(same["qty"]))]
                template["id"], template["tif"] = largest["id"], largest["tif"]
                reason = self.result.reasons[int(largest["reason"])][:2]
            template["kind"] = kind
            yield self._priced(template, one.symbol, quantity, reason)

    def waiting(self) -> Iterator[AccountOrder]:
        """What waits for a price or for another order, scaled and cut toward zero."""
        sizes: dict[int, float] = {}
        for order in self.later[~np.isin(self.later["id"], list(self.guards.outlived))]:
            symbol, reason = self._symbol(order), self._reason(order)
            quantity = self.scaled(self.guards.shares(order, float(order["qty"]), stands=False))
            if quantity == 0.0:
                self.said.append(note(f"{symbol}: less than a step is left of an order ({reason[1]}): not sent"))
            else:
                sizes[int(order["id"])] = quantity
                yield self._priced(order, symbol, quantity, reason)
        self.said += excesses(self.result, self.guards, sizes, self.scaled)

    def take_back(self) -> Iterator[AccountOrder]:
        """What earlier decisions left at the broker to guard a position that ends at the next open, as it stood."""
        outlived = np.isin(self.later["id"], list(self.guards.outlived))
        for order in self.later[outlived & (self.later["born"] < len(self.result.market) - 1)]:
            quantity = self.scaled(self.guards.shares(order, float(order["qty"])))
            if quantity != 0.0:
                yield self._priced(order, self._symbol(order), quantity, self._reason(order))

    def margin(self, positions: tuple[AccountPosition, ...]) -> MarginUse | None:
        """What the broker asks at the closes, as the backtest's margin rules have it."""
        if self.rules.margin != MarginKind.REG_T:
            return None
        asked = [
            sum(rule(self.terms, self.role[one.symbol], getattr(one, shares), one.close) for one in positions)
            for rule in (initial, maintenance)
            for shares in ("held", "target")
        ]
        return MarginUse(*asked)

    def doubts(
        self, positions: tuple[AccountPosition, ...], orders: tuple[AccountOrder, ...], margin: MarginUse | None
    ) -> Iterator[Notice]:
        """What the account may not be able to do, and what its shares are counted in."""
        after = self.holdings.equity - sum(one.cost for one in orders)
        if margin and margin.maintenance_before > self.holdings.equity:
            asked = f"{margin.maintenance_before:,.0f} of maintenance margin, its equity is {self.holdings.equity:,.0f}"
            yield loud(f"the account as it stands needs {asked}: a broker closes positions")
        if margin and margin.initial_after > after and margin.initial_after > margin.initial_before:
            yield loud(
                f"the targets need {margin.initial_after:,.0f} of initial margin and the account has {after:,.0f}: "
                "a broker refuses a part of the orders"
            )
        spent = self.cash - sum(one.quantity * self.close[one.symbol] + one.cost for one in orders)
        if self.rules.margin == MarginKind.CASH and spent < 0.0:
            yield loud(f"the purchases are {-spent:,.2f} more than the cash pays: a cash account buys less")
        for one in orders:
            room = self.rules.participation * self.volume[one.symbol]
            if abs(one.quantity) > room:
                yield loud(
                    f"{one.symbol}: {abs(one.quantity):,.0f} shares are more than fills.participation allows of the "
                    f"last bar's {self.volume[one.symbol]:,.0f}: the backtest would fill them over several bars"
                )
        for symbol, role in self.role.items():
            lot = self.inputs.lot[role]
            if lot != 1.0:
                yield loud(
                    f"{symbol}: prices hold splits that came later, so a share here is {lot:g} of that day's shares"
                )

    def whole(self, quantity: float) -> float:
        """Cut toward zero to the steps of the configuration."""
        kept: float = whole(SimpleNamespace(rules=self.rules), quantity)  # type: ignore[arg-type]
        return kept

    def scaled(self, quantity: float) -> float:
        """The backtest's shares as shares of this account."""
        return self.whole(quantity * self.scale)

    def _symbol(self, order: Any) -> str:
        return list(self.result.market.symbols.values())[int(order["role"])]

    def _reason(self, order: Any) -> tuple[str, str]:
        reason = self.result.reasons[int(order["reason"])]
        return reason.name, reason.words

    def _of(self, orders: NDArray[Any], symbol: str) -> NDArray[Any]:
        symbols = np.array(list(self.result.market.symbols.values()))
        mine: NDArray[Any] = orders[symbols[orders["role"]] == symbol]
        return mine

    def _model_target(self, symbol: str) -> float:
        """Signed shares of the backtest once the orders at any price have filled, over all sleeves."""
        held = sum(shares for one, shares in self.model if one == symbol)
        target: float = held + float(self._of(self.now, symbol)["qty"].sum())
        return target

    def _priced(self, order: Any, symbol: str, quantity: float, reason: tuple[str, str]) -> AccountOrder:
        """The order with its value and its estimated cost; what waits at a limit takes no liquidity."""
        role, kind = self.role[symbol], OrderKind(int(order["kind"]))
        prices = [float(order[name]) for name in ("limit", "stop", "trail")]
        price = next((one for one in prices[:2] if not np.isnan(one)), self.close[symbol])
        shares = abs(quantity)
        slips = 0.0
        if kind != OrderKind.LIMIT:
            slips = slippage_fraction(self.terms, role, 0.0, shares, self.inputs.impact[role])
        traded, value = shares * self.inputs.lot[role], shares * price
        commission = order_commission(self.terms, 0.0, traded, value)
        fees = order_fees(self.terms, commission, traded, value, quantity < 0.0)
        return AccountOrder(
            symbol=symbol,
            kind=kind,
            quantity=quantity,
            limit=prices[0],
            stop=prices[1],
            trail=prices[2],
            day=bool(order["tif"]),
            dollars=value,
            commission=commission,
            fees=fees,
            slippage=slips * value,
            order=int(order["id"]),
            parent=int(order["parent"]),
            group=int(order["group"]),
            reason=reason[0],
            why=reason[1],
        )


def refuse_options(prepared: Prepared) -> None:
    """Refuse a strategy with option slots: contracts are whole and few, no part of them can be carried over."""
    if prepared.slots:
        raise InputError(
            Problem(
                "a strategy with option slots has no decision for another account: contracts do not scale",
                found=", ".join(prepared.slots),
                allowed="signals without --equity, --positions and --flat, on an account.cash of your own",
            )
        )
