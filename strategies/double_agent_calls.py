# SPDX-License-Identifier: Apache-2.0
"""The Double Agent whose bull buys call spreads against the bounces: what they can lose is paid on the first day.

The bear is DoubleAgent's, and so is the long after a level won back: both are shares, netted. Option prices are
modelled. Idea, rules and what the data said: docs/strategies/double_agent.md.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from engine.arrays import FloatArray
from engine.indicators.expiries import monthly_expiry
from engine.market.panel import Market
from engine.strategy import param
from strategies.agents.acting import act_on_level, count_bars, is_warming
from strategies.agents.bull import Bull, hold_bull
from strategies.agents.calls import close_spread, trade_spread
from strategies.agents.netting import settle, start_anew
from strategies.agents.orders import SMALL, Reason
from strategies.double_agent import SHORT, DoubleAgent


class DoubleAgentCalls(DoubleAgent):
    """The bear shorts the small caps; the bull's counter-trend long is a call spread on them."""

    options: ClassVar[Mapping[str, str]] = {"bought": "small", "sold": "small"}

    class Params(DoubleAgent.Params):
        bull_size: float = param(0.01, low=0, high=0.2, unit="x equity", doc="premium of a call spread; 0 is off")
        strike: float = param(0.0, low=-0.2, high=0.5, unit="of the close", doc="of the bought call, above the close")
        width: float = param(0.05, low=0.005, high=1, unit="of the close", doc="from the bought call to the sold one")
        strike_step: float = param(1.0, low=0.01, high=100, unit="dollars", doc="strikes are multiples of it")
        days: int = param(30, low=1, high=365, unit="calendar days", doc="least life of a new spread")

    class State(DoubleAgent.State):
        too_dear: int = 0  # bars on which a spread was wanted that the premium or the account could not buy

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """Those of the base, and the monthly expiry at least `days` ahead, in days as bar.session."""
        return {**super().features(market, p), "expiry": monthly_expiry(market.sessions, p.days)}

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        if is_warming(f) or account.frozen == 1 or account.equity <= 0.0:
            return
        unsettled = s.busy or account.small.qty != 0.0
        if unsettled and not settle(bar.small.split, account.small.qty, s, orders):
            orders.close(SMALL, Reason.BOTH_CLOSED)
            close_spread(account, orders, Reason.BOTH_CLOSED)
            start_anew(s)
            return
        count_bars(s)
        if s.bull_stage == Bull.REVERSAL:
            hold_bull(bar.small.high * bar.small.factor, f, p, s, orders)
        trade_spread(bar.small, f, p, s, account, orders)
        act_on_level(bar.small, bar.small, f, p, s, account.equity, orders, SMALL, SHORT, 1.0)
