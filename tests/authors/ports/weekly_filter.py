# SPDX-License-Identifier: Apache-2.0
"""Weekly trend filter: in the fund while the week's close is above its average of thirty weeks."""

from engine.indicators import resample, rolling_mean
from engine.strategy import ReasonCode, Strategy, param


class Reason(ReasonCode):
    ABOVE = 1, "the week closed above its average"
    BELOW = 2, "the week closed below its average"


class WeeklyFilter(Strategy):
    """Looked at once a week."""

    roles = ("fund",)

    class Params:
        weeks: int = param(30, low=2, high=200, unit="weeks", doc="weeks of the average")

    Reason = Reason

    def features(self, market, p):
        close = market.fund.close
        average = resample(close, market, "week", apply=lambda weeks: rolling_mean(weeks, p.weeks))
        return {"week": resample(close, market, "week"), "average": average}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if bar.week_last and f.week > f.average and account.fund.qty == 0.0:
            orders.target(0, 0.98, Reason.ABOVE)
        elif bar.week_last and f.week < f.average:
            orders.close(0, Reason.BELOW)
