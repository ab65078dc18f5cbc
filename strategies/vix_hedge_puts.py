# SPDX-License-Identifier: Apache-2.0
"""Small caps with puts, or put spreads, for the hedge that the regimes of `vix_hedge` ask for.

`VixHedgePuts` buys puts on the small caps themselves; `VixHedgeIndexPuts` buys them on the large caps, as many as the
small caps' beta makes of them. Idea, rules and what the data said: docs/strategies/vix_hedge_puts.md.
"""

import math
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from engine.arrays import FloatArray
from engine.indicators import hedge_ratio
from engine.indicators.expiries import monthly_expiry
from engine.market.panel import Market
from engine.strategy import PUT, Regimes, lookback, param
from strategies.hedges.puts import BOUGHT, SOLD, SizeBy, adjust, may_take_apart, premium_paid, replace
from strategies.hedges.regimes import Regime, follow, is_unknown
from strategies.hedges.words import Reason
from strategies.vix_hedge import VixHedge, hold, renew

LARGE, SMALL = 0, 1  # large first: where RVX is missing, the VIX is scaled by realised volatility over the first role's


class VixHedgePuts(VixHedge):
    """Long small caps, and under them puts for the part that the regime's hedge ratio names."""

    roles = ("large", "small")
    benchmark = "small"
    options: ClassVar[Mapping[str, str]] = {"bought": "small", "sold": "small"}
    regimes = Regimes(Regime, path="regime_path", hedged="small", hedge=("bought", "sold"))

    class Params(VixHedge.Params):
        size_by: SizeBy = param(SizeBy.COVERAGE, doc="hedge ratio in shares with a put under them, or in delta")
        below: float = param(0.05, low=0, high=0.5, unit="of the close", doc="strike bought, under the close")
        width: float = param(0.0, low=0, high=0.4, unit="of the close", doc="strike sold, under the bought; 0: none")
        strike_step: float = param(1.0, low=0.01, high=100, unit="dollars", doc="between listed strikes")
        days: int = param(45, low=7, high=400, unit="calendar days", doc="least length of new puts")
        roll_days: int = param(14, low=0, high=200, unit="calendar days", doc="puts with fewer left are rolled")
        delta_high: float = param(
            0.8, low=0, high=1, not_below="delta_low", doc="puts that move more than this are rolled"
        )
        delta_low: float = param(0.05, low=0, high=1, doc="puts that move less than this are rolled")
        budget: float = param(0.02, low=0, high=1, unit="of equity", doc="most premium paid in a calendar month")
        retry: int = param(5, low=1, high=250, unit="bars", doc="wait after an order was refused")

    class State(VixHedge.State):
        why: int = 0  # reason of a change of the hedge ratio that has not been carried out yet
        month: int = 0  # months since 1970-01, of the budget
        spent: float = 0.0  # dollars of premium paid this month
        before: float = (
            0.0  # dollars that the order under way does not cost: premium paid earlier, or a roll's proceeds
        )
        asked: float = 0.0  # contracts that will be held when the order under way has filled
        pending: int = 0  # 1 while an order for more or other puts is under way
        wait: int = 0  # bars until the next try after a refusal
        rest: int = 0  # bars until a roll that led nowhere, or could not be paid, is looked at again
        looked: int = 0  # reason of that roll; 0 where no puts were held
        denied: int = 0  # 1 from a refusal by the budget to the end of the month
        missing: float = 0.0  # contracts of the hedge ratio that the budget has not paid for
        refused: float = 0.0  # the sum of all that it has refused so far

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """Those of the regimes; the expiry of new puts, days since 1970-01-01; the month, counted from 1970-01."""
        months = market.sessions.astype("M8[M]").astype(np.float64)
        expiries = {"expiry": monthly_expiry(market.sessions, p.days), "month": months}
        return {**super().features(market, p), **expiries}

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        if is_unknown(f):
            return
        follow(f, p, s)
        count_premium(bar.small.split, f, p, s, account)
        if account.frozen == 1 or account.equity <= 0.0:
            return
        reason = renew(p, s)
        hold(SMALL, p.base, account.small, p, account, orders, Reason.START.value if reason == Reason.START else 0)
        protect(bar.session, account.small, 1.0, reason, f, p, s, account, orders)


class VixHedgeIndexPuts(VixHedgePuts):
    """The same with puts on the large caps: as many as offset the small caps' beta to them."""

    options: ClassVar[Mapping[str, str]] = {"bought": "large", "sold": "large"}

    class Params(VixHedgePuts.Params):
        beta_window: int = lookback(120, low=20, high=2000, doc="behind the beta of small caps to large caps")

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """Those of the base, and the beta of small caps to large caps."""
        beta = hedge_ratio(market.small.close, market.large.close, p.beta_window)
        return {**super().features(market, p), "beta": beta}

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        if is_unknown(f) or math.isnan(f.beta):
            return
        follow(f, p, s)
        count_premium(bar.large.split, f, p, s, account)
        if account.frozen == 1 or account.equity <= 0.0:
            return
        reason = renew(p, s)
        hold(SMALL, p.base, account.small, p, account, orders, Reason.START.value if reason == Reason.START else 0)
        protect(bar.session, account.large, max(0.0, f.beta), reason, f, p, s, account, orders)


def count_premium(split: float, f: Any, p: Any, s: Any, account: Any) -> None:
    """Add what the last order has paid to the month's premium, and see whether it was refused."""
    if f.month != s.month:
        s.month = int(f.month)
        s.spent = 0.0
        s.denied = 0
    s.wait = max(0, s.wait - 1)
    s.rest = max(0, s.rest - 1)
    if s.pending == 1:
        s.pending = 0
        s.spent += max(0.0, premium_paid(account) - s.before)
        if account.bought.qty < s.asked * split:
            s.wait = p.retry


def protect(
    session: int, underlying: Any, beta: float, reason: int, f: Any, p: Any, s: Any, account: Any, orders: Any
) -> None:
    """Bring the puts to the hedge ratio, in shares of the underlying, within the month's budget."""
    bought = account.bought
    sold = account.sold
    s.why = reason if reason > 0 else s.why
    if s.hedge == 0.0:
        leave(s, account, orders)
        return
    if -sold.qty > bought.qty:
        orders.option(SOLD, -sold.qty - bought.qty, PUT, sold.strike, sold.expiry, Reason.UNCOVERED)
        return
    if s.wait > 0 or not underlying.volatility > 0.0 or not may_take_apart(account):
        return
    shares = s.hedge * p.base * account.equity * beta / underlying.close
    due = roll_reason(session, f, p, bought)
    fresh = due > 0 or (bought.qty == 0.0 and (s.why > 0 or s.denied == 0))
    rested = s.rest == 0 or reason > 0 or due != s.looked
    if fresh and rested and replace(underlying.close, shares, due, f, p, s, account, orders):
        return
    if bought.qty > 0.0 and (s.why > 0 or (s.missing > 0.0 and s.denied == 0)):
        adjust(shares, p, s, account, orders)


def leave(s: Any, account: Any, orders: Any) -> None:
    """Sell all puts; the sold ones are bought back first, and covered until they are."""
    if account.bought.qty != 0.0 or account.sold.qty != 0.0:
        reason = s.why if s.why > 0 else Reason.HEDGE_NONE.value + s.regime
        orders.close_option(SOLD, reason)
        if may_take_apart(account):
            orders.close_option(BOUGHT, reason)
    s.why = 0
    s.missing = 0.0


def roll_reason(session: int, f: Any, p: Any, bought: Any) -> int:
    """Why other puts should take the place of those held; 0 where they may stay."""
    if bought.qty == 0.0:
        return 0
    if bought.expiry - session < p.roll_days and f.expiry > bought.expiry:
        return Reason.ROLL_TIME.value
    if -bought.delta > p.delta_high:
        return Reason.ROLL_DEEP.value
    return Reason.ROLL_FAR.value if -bought.delta < p.delta_low else 0
