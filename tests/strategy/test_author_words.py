# SPDX-License-Identifier: Apache-2.0
"""Words of the language in whole runs, interpreted and compiled: the calendar in the bar."""

import numpy as np
import pytest

from engine.engines import native
from engine.errors import StrategyError
from engine.runs.backtest import backtest, prepare

MONTHLY = """
from engine.indicators import resample
from engine.strategy import Strategy

LARGE, SMALL = 0, 1


class Monthly(Strategy):
    roles = ("large", "small")

    class State:
        months: int = 0
        fridays: int = 0
        weeks: int = 0
        odd: int = 0
        sum: int = 0

    def features(self, market, p):
        return {"month": resample(market.large.close, market, "month"), "last": market.month_last}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.months += bar.month_last
        s.fridays += 1 if bar.weekday == 4 else 0
        s.weeks += bar.week_last
        s.odd += 1 if f.last != bar.month_last else 0
        s.sum += sized(bar)
        if bar.month_last == 1 and f.month == f.month:
            orders.target(LARGE, 0.5 if bar.month % 2 == 0 else 0.25)
            orders.target(SMALL, 0.25)


def sized(row):
    return row.year + row.minute + row.minutes_left + row.session_bar
"""


def both(ready):
    """The same run in both modes, which leave the same bytes; gives the interpreted one."""
    prepared = prepare(ready)
    one, two = (native.run(prepared, mode) for mode in ("interpreted", "compiled"))
    assert one.ledger.tobytes() == two.ledger.tobytes()
    assert one.orders.tobytes() == two.orders.tobytes()
    assert one.points.tobytes() == two.points.tobytes()
    assert one.state == two.state
    return one


def test_the_calendar_in_the_bar(written):
    result = both(written(MONTHLY))
    days = result.market.sessions
    assert (days[0], days[-1]) == (np.datetime64("2003-01-02"), np.datetime64("2005-12-30"))
    assert result.state["months"] == 36
    assert result.state["weeks"] == 157
    assert result.state["fridays"] == sum(day.weekday() == 4 for day in days.tolist())
    assert result.state["odd"] == 0
    assert result.state["sum"] == sum(day.year + 210 if short else day.year + 390 for day, short in halves(days))
    decided = days[result.orders["born"]]
    assert len(set(decided.tolist())) == 36
    assert decided[0] == np.datetime64("2003-01-31")
    assert decided[-1] == np.datetime64("2005-12-30")  # the data end there: the calendar knows it


def halves(days):
    """Each date, and whether the exchange closed early."""
    early = {"2003-07-03", "2003-11-28", "2003-12-24", "2003-12-26", "2004-11-26", "2005-11-25"}
    return [(day, str(day) in early) for day in days.tolist()]


def test_other_runs_have_no_such_columns(written):
    code = MONTHLY.replace("bar.month_last == 1", "bar.last == 1")
    plain = code.replace("+= bar.month_last", "+= 1").replace("bar.weekday == 4", "bar.last == 1")
    plain = plain.replace("bar.week_last", "1").replace("!= bar.month_last", "> 1.0").replace("bar.month %", "bar.ts %")
    plain = plain.replace("row.year + row.minute + row.minutes_left + row.session_bar", "row.session")
    names = prepare(written(plain)).market.bars.dtype.names
    assert names == ("ts", "session", "days", "last", "large", "small")
    some = prepare(written(code)).market.bars.dtype.names
    assert some == (
        *names,
        "weekday",
        "month",
        "year",
        "month_last",
        "week_last",
        "minute",
        "minutes_left",
        "session_bar",
    )


def test_a_misspelt_word_of_the_calendar(written):
    with pytest.raises(
        StrategyError, match=r"bar has no role, series or field 'months_last'.*did you mean 'month_last'"
    ):
        backtest(written(MONTHLY.replace("if bar.month_last == 1", "if bar.months_last == 1")))


@pytest.mark.parametrize("name", ["month", "minutes_left"])
def test_a_role_of_that_name_is_refused(written, name):
    code = MONTHLY.replace('roles = ("large", "small")', f'roles = ("large", "{name}")')
    with pytest.raises(StrategyError, match="this name is taken by bar, account, orders or market"):
        backtest(written(code, roles=f"{{large: SPY, {name}: IWM}}"))
