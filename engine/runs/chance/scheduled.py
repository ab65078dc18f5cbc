# SPDX-License-Identifier: Apache-2.0
"""A strategy that trades as it is told: in each bar the share of equity that each role is traded to, or nothing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.market.panel import Market
from engine.strategy.base import Strategy
from engine.strategy.roles import Roles


class Scheduled(Strategy):
    """Trades each role to the weight of the row, where there is one."""

    roles = Roles("leg", least=1)

    def features(self, market: Market, p: Any) -> Any:
        """Nothing to trade to: a plan takes the place of this table."""
        return {"weight": dict.fromkeys(market.roles, np.full(len(market), np.nan))}

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        """One order a role that has a weight."""
        for i in range(len(bar)):
            weight = f.at(i).weight
            if not math.isnan(weight):
                orders.target(i, weight)
