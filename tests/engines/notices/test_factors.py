# SPDX-License-Identifier: Apache-2.0
"""Factors that move together: three of 40 months, of which two share all but a small part of their moves."""

import numpy as np
import pandas as pd
import pytest

import engine
from engine.engines.notices.factors import inflation
from engine.strategy import Replica, Strategy, param
from engine.strategy.interpretation_checks import check_interpreted_features, reading_problems
from tests.cases import days

DAYS = pd.DatetimeIndex(days("2015-01-02", 850))
ROLES = ("a", "b", "c")
ALL = len(DAYS)


class Copy(Strategy):
    """Declares three factors; `use` of them have a weight."""

    roles = ROLES
    replica = Replica(factors={role: f"w_{role}" for role in ROLES})

    class Params:
        use: int = param(3, low=0, high=3)

    def features(self, market, p):
        still = dict.fromkeys(("published", "fund_month", "replica_month", "bill_month"), np.zeros(len(market)))
        weights = {f"w_{role}": np.full(len(market), float(at < p.use)) for at, role in enumerate(ROLES)}
        return {**still, **weights}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if bar.month_last:
            orders.target(0, 0.1)


def frames(noise, bars=ALL):
    """B moves as A does but for `noise`, C by itself."""
    draw = np.random.default_rng(3)
    a, c, own = (draw.normal(0.0, 0.01, bars) for _ in range(3))
    moves = {"A": a, "B": a + noise * own, "C": c}
    found = {}
    for name, each in moves.items():
        close = 100.0 * np.exp(np.cumsum(each))
        table = {"open": close, "high": close, "low": close, "close": close, "volume": 1e6, "dividend": 0.0}
        found[name] = pd.DataFrame(table, index=DAYS[:bars])
    return found


def said(noise=0.1, bars=ALL, **params):
    roles = {role: role.upper() for role in ROLES}
    result = engine.backtest(strategy=Copy, roles=roles, data=frames(noise, bars), params=params, mode="interpreted")
    return [one.text for one in result.record.notices if one.level == "loud" and "move together" in one.text]


def months(noise):
    table = pd.DataFrame({name: one["close"] for name, one in frames(noise).items()})
    return table.groupby([table.index.year, table.index.month]).last().pct_change().iloc[1:-1]


def test_the_alike_are_named():
    """By pandas: the correlation of the months, and the error of a weight by least squares on the other two."""
    table = months(0.1)
    alike = table.corr().loc["A", "B"]
    others = np.column_stack([np.ones(len(table)), table[["B", "C"]]])
    left = table["A"] - others @ np.linalg.lstsq(others, table["A"], rcond=None)[0]
    times = ((table["A"] - table["A"].mean()) ** 2).sum() / (left**2).sum()
    assert times > 10.0
    span = [f"{year}-{month:02d}" for year, month in (table.index[0], table.index[-1])]
    (text,) = said()
    assert span[0] == "2015-02"
    assert text.startswith("replica: the factors A, B move together, and a regression does not tell")
    assert f"The months of A and B have a correlation of {alike:.2f} ({span[0]} to {span[1]})" in text
    assert f"up to {np.sqrt(times):.1f} times as large" in text


@pytest.mark.parametrize("given", [{"noise": 1.0}, {"use": 1}, {"use": 0}, {"bars": 480}])
def test_nothing_is_said(given):
    """B is half its own; one factor has a weight; none has; 22 months are too few."""
    assert said(**given) == []


def test_a_factor_that_is_another_one():
    (text,) = said(noise=0.0)
    assert "correlation of 1.00" in text


def test_inflation_of_two_is_by_their_correlation():
    draw = np.random.default_rng(1)
    one, other = draw.normal(size=50), draw.normal(size=50)
    both = np.column_stack([one, 0.5 * one + other])
    r = np.corrcoef(both.T)[0, 1]
    assert inflation(both) == pytest.approx([1 / (1 - r * r)] * 2)
    assert inflation(np.column_stack([one, 2.0 * one])).tolist() == [np.inf, np.inf]


def test_what_cannot_be_declared():
    wrong = type("Wrong", (Copy,), {"replica": Replica(factors={"d": "w_a"})})
    assert [one.message for one in reading_problems(wrong)] == ["no such role"]
    with pytest.raises(engine.errors.StrategyError, match=r"replica.factors\['a'\]"):
        check_interpreted_features(Copy, ["published", "fund_month", "replica_month", "bill_month", "w_b", "w_c"])
