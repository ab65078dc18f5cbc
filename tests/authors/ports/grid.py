# SPDX-License-Identifier: Apache-2.0
"""A grid: buy a lot at every rung below an anchor, sell each lot one rung higher."""

import math

from engine.strategy import ReasonCode, Strategy, param


class Reason(ReasonCode):
    RUNG = 1, "the price came down a rung"
    PROFIT = 2, "the price came up a rung"


class Grid(Strategy):
    """Orders of one day, sent anew at each close; the anchor follows the price while nothing is held."""

    roles = ("stock",)

    class Params:
        step: float = param(0.02, low=0.001, high=0.2, doc="distance of the rungs, a fraction of the anchor")
        rungs: int = param(5, low=1, high=20, doc="most lots held")

    class State:
        anchor: float = 0.0
        lot: float = 0.0

    Reason = Reason

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.stock.qty == 0.0:
            s.anchor = bar.stock.close
            s.lot = math.floor(account.equity / p.rungs / bar.stock.close)
        if s.lot < 1.0:
            return
        held = round(account.stock.qty / s.lot)
        for rung in range(1, p.rungs + 1):
            if rung > held:
                orders.limit(0, s.lot, s.anchor * (1.0 - p.step * rung), Reason.RUNG, 1)
            else:
                orders.limit(0, -s.lot, s.anchor * (1.0 - p.step * (rung - 1)), Reason.PROFIT, 1)
