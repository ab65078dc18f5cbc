# SPDX-License-Identifier: Apache-2.0
"""A bt.Strategy as it was written for backtrader: bought below the lower Bollinger band, sold at the middle."""

import backtrader as bt


class Bollinger(bt.Strategy):
    params = (("period", 20), ("width", 2.0), ("share", 0.9))

    def __init__(self):
        self.bands = bt.ind.BollingerBands(self.data, period=self.p.period, devfactor=self.p.width)

    def next(self):
        if not self.position and self.data.close[0] < self.bands.bot[0]:
            self.order_target_percent(target=self.p.share)
        elif self.position and self.data.close[0] > self.bands.mid[0]:
            self.close()
