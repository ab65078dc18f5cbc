# SPDX-License-Identifier: Apache-2.0
"""Rows worked out by hand for the Double Agent, and a desk that takes its orders down."""

from types import SimpleNamespace

import pytest

from engine.strategy.params import declared_state, resolve_params
from strategies.agents.bear import Bear
from strategies.agents.orders import Reason
from strategies.double_agent import DoubleAgent

NAN = float("nan")
HOLDING = {"bear_stage": Bear.HOLDING, "bear": -400.0, "full": 400.0, "level": 101.0, "entry": 100.0, "busy": True}
HOLDING |= {"bear_best": 99.0, "bear_level": 107.0, "bear_age": 3, "since_step": 3, "bear_left": 0.0}
LONG = {"bull": 150.0, "bull_best": 101.0, "bull_level": 95.0, "bull_age": 2, "busy": True}


def params(owner=DoubleAgent, **given):
    return SimpleNamespace(**resolve_params(owner.Params, given))


def features(**given):
    """A quiet day: support at 90, close to come at 100, an ATR of 2."""
    quiet = {
        "support": 90.0, "strength": 4.0, "since_below": 200.0, "crossings": 8.0,
        "atr": 2.0, "volatility": 0.24, "target": 0.0, "slow": 105.0, "cross": 0.0,
        "score": 0.5, "rsi": 45.0, "turn": 0.0, "quiet_low": 0.0, "bear_range": 8.0, "bull_range": 5.0, "decay": 0.06,
    }  # fmt: skip
    return SimpleNamespace(**{**quiet, **given})


def state(owner=DoubleAgent, **given):
    first = {name: value for name, (_, value) in declared_state(owner.State).items()}
    return SimpleNamespace(**{**first, **given})


def row(close=100.0, **given):
    return SimpleNamespace(
        **{"close": close, "high": close + 1.0, "low": close - 1.0, "factor": 1.0, "split": 1.0, **given}
    )


def account(qty=0.0, inverse=0.0, equity=100_000.0, frozen=0, bought=0.0, sold=0.0, sold_price=1.0, value=0.0):
    held = {"small": qty, "inverse": inverse, "bought": bought, "sold": sold}
    places = {name: SimpleNamespace(qty=shares) for name, shares in held.items()}
    places["small"].value, places["sold"].price = value, sold_price
    return SimpleNamespace(equity=equity, frozen=frozen, multiplier=100.0, **places)


class Desk:
    """Takes orders down, and knows which are still working. quotes: strike -> price of a call, to buy or to sell."""

    def __init__(self, quotes=None, **working):
        self.sent, self.live = [], {int(name.removeprefix("order")): qty for name, qty in working.items()}
        self.quotes, self.asked = quotes or {}, []

    def _note(self, kind, role, qty, *said):
        if qty == 0.0:
            return 0
        self.sent.append((kind, role, pytest.approx(qty), *said))
        self.live[100 + len(self.sent)] = qty
        return 100 + len(self.sent)

    def market(self, role, qty, reason):
        return self._note("market", role, qty, Reason(reason))

    def limit(self, role, qty, price, reason):
        return self._note("limit", role, qty, pytest.approx(price), Reason(reason))

    def stop(self, role, qty, price, reason):
        return self._note("stop", role, qty, pytest.approx(price), Reason(reason))

    def close(self, role, reason):
        self.sent.append(("close", role, Reason(reason)))

    def option_quote(self, slot, contracts, right, strike, expiry):
        self.asked.append((slot, contracts, right, strike, expiry))
        return self.quotes.get(strike, NAN)

    def option(self, slot, contracts, right, strike, expiry, reason):
        return self._note("option", slot, contracts, right, strike, expiry, Reason(reason))

    def close_option(self, slot, reason):
        self.sent.append(("close_option", slot, Reason(reason)))

    def move(self, order, price):
        if order in self.live:
            self.sent.append(("move", order, pytest.approx(price)))
            return order
        return 0

    def cancel(self, order):
        if self.live.pop(order, None) is not None:
            self.sent.append(("cancel", order))

    def working(self, order):
        return order in self.live

    def quantity(self, order):
        return self.live.get(order, 0.0)


def decide(f, p, s, held, desk, small=None):
    DoubleAgent.on_bar(SimpleNamespace(small=small or row()), f, p, s, held, desk)
    return desk.sent


def sent_by(desk, reason):
    return [order for order in desk.sent if order[-1] == reason]
