# SPDX-License-Identifier: Apache-2.0
"""A strategy for tests: small caps with a put under them, rolled every month."""

from typing import ClassVar

from engine.strategy import PUT, ReasonCode, Strategy, param

SMALL = 0
HEDGE = 0


class Reason(ReasonCode):
    ENTER = 1, "the first bar with a monthly expiry ahead"
    ROLL = 2, "the put has less left than it should"


class ProtectivePut(Strategy):
    """Hold the small caps, and a put below them for each hundred shares."""

    roles = ("small",)
    options: ClassVar = {"hedge": "small"}
    Reason = Reason

    class Params:
        shares: float = param(1000.0, low=100, unit="shares", doc="held from the first bar on")
        below: float = param(0.05, low=0, high=0.5, unit="of the close", doc="how far out of the money the put is")
        days: int = param(45, low=1, unit="calendar days", doc="length of a new put")
        roll: int = param(10, low=0, unit="calendar days", doc="days left at which the next one replaces it")

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.small.qty == 0.0:
            orders.target_quantity(SMALL, p.shares, Reason.ENTER)
        if account.hedge.qty == 0.0 or account.hedge.expiry - bar.session <= p.roll:
            strike = float(round(bar.small.close * (1.0 - p.below)))
            orders.close_option(HEDGE, Reason.ROLL)
            orders.option(HEDGE, p.shares / 100.0, PUT, strike, bar.session + p.days, Reason.ROLL)
