# SPDX-License-Identifier: Apache-2.0
"""Rows of the spread trade made by hand, and a desk that takes its orders down."""

from types import SimpleNamespace

import pytest

from engine.strategy.params import resolve_params
from strategies.spread_trade import Reason, SpreadTrade

LONG, SHORT = 1.0, -1.0


def params(**given):
    """As shipped, but for a target at which a spread of 10 % a year takes a weight of one."""
    return SimpleNamespace(**resolve_params(SpreadTrade.Params, {"target_volatility": 0.10, **given}))


def features(**given):
    """A quiet day on which the ratio trends up, at 0.8 sigma."""
    quiet = {
        "ratio": 1.0, "momentum": 0.02, "z": 0.8, "trend": 0.0, "hedge": 0.8, "volatility": 0.10, "shock": 0.0,
        "ratio_atr": 0.01, "large_atr": 2.0, "small_atr": 1.0,
    }  # fmt: skip
    return SimpleNamespace(**{**quiet, **given})


def state(**given):
    first = {name: getattr(SpreadTrade.State, name) for name in SpreadTrade.State.__annotations__}
    return SimpleNamespace(**{**first, **given})


def account(*, large=0.0, small=0.0, equity=100_000.0):
    """Market values of the legs; a share of either costs 100."""
    legs = {
        name: SimpleNamespace(value=value, qty=value / 100.0) for name, value in (("large", large), ("small", small))
    }
    return SimpleNamespace(equity=equity, frozen=0, **legs)


def bar(**factors):
    """Both legs close at 100 today."""
    return SimpleNamespace(
        **{name: SimpleNamespace(close=100.0, factor=factors.get(name, 1.0)) for name in ("large", "small")}
    )


class Desk:
    """Takes orders down, and knows which are still working."""

    def __init__(self, **working):
        self.sent, self.live = [], {int(name.removeprefix("order")): qty for name, qty in working.items()}

    def _note(self, *said):
        self.sent.append(said)
        return 100 + len(self.sent)

    def target(self, role, weight, reason):
        return self._note("target", role, pytest.approx(weight), Reason(reason))

    def close(self, role, reason):
        return self._note("close", role, Reason(reason))

    def stop(self, role, qty, level, reason):
        return self._note("stop", role, qty, pytest.approx(level), Reason(reason))

    def reduce_only(self, order):
        self.sent.append(("reduce only", order))
        return order

    def move(self, order, level):
        self.sent.append(("move", order, pytest.approx(level)))
        return order

    def cancel(self, order):
        self.sent.append(("cancel", order))

    def working(self, order):
        return order in self.live

    def quantity(self, order):
        return self.live.get(order, 0.0)


def decide(f, p, s, held, desk, at=None):
    SpreadTrade.on_bar(at or bar(), f, p, s, held, desk)
    return desk.sent
