# SPDX-License-Identifier: Apache-2.0
"""A list of roles in both modes: the same bytes, and a number that is no role stops the run."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

import engine
from engine.engines.compiled_run import layout_of
from engine.errors import StrategyError
from engine.kernel.orders.weights import top
from engine.runs.backtest import prepare
from engine.strategy import ReasonCode, Roles, Strategy, param

BARS = 60
DAYS = pd.bdate_range("2024-09-03", periods=BARS)


class Reason(ReasonCode):
    SWAP = 1, "another one is stronger"


class Strongest(Strategy):
    """Holds the one of the list whose close rose the most in five bars, beside a safe asset that has a name."""

    roles = Roles("safe", "etf", least=1)
    Reason = Reason

    class Params:
        asked: int = param(1, low=-1000, high=1000, doc="a role to ask for once the run is half over")
        of: int = param(0, low=0, high=7, doc="what is asked: nothing, bar, f, account, weigh, target, close, targets")

    class State:
        held: int = 0

    def features(self, market, p):
        return {"change": {role: change(market.at(role).close) for role in market.roles}, "row": rows(market)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        best = 0
        for i in range(1, len(bar)):
            if f.at(i).change > f.at(best).change or (best == 0 and f.at(i).change > 0.0):
                best = i
        for i in range(len(bar)):
            if p.of != 7 or f.row != 30.0:
                orders.weigh(i, f.at(i).change if i > 0 or best == 0 else math.nan)
        if orders.top(1, 0.9) == 1 and best != s.held and account.at(best).qty == 0.0 and bar.at(best).close > 0.0:
            orders.targets(Reason.SWAP)
            s.held = best
        if f.row == 30.0 and account.safe.close == bar.safe.close:
            wrong = 0.0
            if p.of == 1:
                wrong = bar.at(p.asked).close
            elif p.of == 2:
                wrong = f.at(p.asked).change
            elif p.of == 3:
                wrong = account.at(p.asked).qty
            elif p.of == 4:
                orders.weigh(p.asked, 1.0)
            elif p.of == 5:
                orders.target(p.asked, 1.0)
            elif p.of == 6:
                orders.close(p.asked)
            elif p.of == 7:
                orders.targets(Reason.SWAP)
            if wrong > 1e300:
                orders.close(0)


def change(close):
    found = np.full(len(close), np.nan)
    found[5:] = close[5:] / close[:-5] - 1.0
    return found


def rows(market):
    return np.arange(len(market), dtype=float)


def frame(seed, start=100.0):
    rng = np.random.default_rng(seed)
    close = np.round(start * np.exp(np.cumsum(rng.normal(0.0, 0.02, BARS))), 2)
    opened = np.round(close * np.exp(rng.normal(0.0, 0.004, BARS)), 2)
    high, low = np.maximum(opened, close) + 0.1, np.minimum(opened, close) - 0.1
    table = {"open": opened, "high": high, "low": low, "close": close, "volume": 1e6, "dividend": 0.0}
    return pd.DataFrame(table, index=DAYS)


FRAMES = {symbol: frame(seed) for seed, symbol in enumerate(["SHY", "BRK.B", "^X"])}


def run(mode, listed=("BRK.B",), **params):
    roles = {"safe": "SHY", "etf": list(listed)}
    return engine.backtest(strategy=Strongest, roles=roles, data=FRAMES, params=params, mode=mode)


def test_both_modes_give_the_same_bytes():
    interpreted, compiled = run("interpreted").record, run("compiled").record
    assert len(interpreted.orders) > 10
    for table in ("ledger", "points", "orders"):
        assert getattr(interpreted, table).tobytes() == getattr(compiled, table).tobytes(), table


@pytest.mark.parametrize("asked", [2, -1, 1000, -1000])
@pytest.mark.parametrize("of", [1, 2, 3])
def test_a_number_that_is_no_role_stops_the_run(of, asked):
    day = str(DAYS[30].date())
    for mode in ("interpreted", "compiled"):
        with pytest.raises(StrategyError, match=rf"on {day} for at\({asked}\).*roles count from 0 to 1"):
            run(mode, of=of, asked=asked)


@pytest.mark.parametrize("asked", [2, -1, 1000, -1000])
@pytest.mark.parametrize("of", [4, 5, 6])
def test_so_does_an_order_for_it(of, asked):
    for mode in ("interpreted", "compiled"):
        with pytest.raises(StrategyError, match="for a role that does not exist; roles count from 0 to 1"):
            run(mode, of=of, asked=asked)


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
def test_what_an_earlier_bar_noted_is_forgotten(mode):
    """Row 29 weighs both roles and asks for no targets; row 30 asks for them and weighs nothing: all is sold."""
    before, after = run(mode).record, run(mode, of=7).record
    held = [float(one.ledger["qty"][one.ledger["t"] <= 31].sum()) for one in (before, after)]
    assert held[0] > 0.0
    assert held[1] == 0.0
    assert [one for one in after.orders["born"] if one == 30] == [30]


@pytest.mark.parametrize(
    ("scores", "count", "kept"),
    [
        ([0.3, 0.1, 0.2], 2, {0, 2}),
        ([-0.3, -0.1, -0.2], 1, {1}),
        ([0.1, 0.1, 0.1], 2, {0, 1}),
        ([math.nan, 0.1, math.nan], 2, {1}),
        ([math.nan, math.nan, math.nan], 2, set()),
        ([0.1, 0.2, 0.3], 5, {0, 1, 2}),
        ([0.1, 0.2, 0.3], 0, set()),
        ([math.inf, -math.inf, 0.0], 2, {0, 2}),
    ],
)
def test_the_highest_scores_get_the_weight(scores, count, kept):
    book = SimpleNamespace(weighed=list(scores), noted=[7] * len(scores), t=7)
    assert top(book, count, 0.25) == len(kept)
    assert {i for i, weight in enumerate(book.weighed) if weight == 0.25} == kept
    assert book.noted == [7] * len(scores)
    assert all(math.isnan(weight) for i, weight in enumerate(book.weighed) if i not in kept)


def test_scores_of_an_earlier_bar_are_none():
    book = SimpleNamespace(weighed=[0.3, 0.1], noted=[6, 7], t=7)
    assert top(book, 2, 0.25) == 1
    assert math.isnan(book.weighed[0])
    assert book.weighed[1] == 0.25


def test_sales_are_sent_before_purchases():
    orders = run("interpreted").record.orders
    both = [t for t in np.unique(orders["born"]) if (orders["born"] == t).sum() == 2]
    assert len(both) > 5
    for t in both:
        first, second = orders[orders["born"] == t]["asked"]
        assert first < 0.0 < second
    assert {0, 1} == set(orders["role"][orders["asked"] < 0.0].tolist()), "either role is sold first"


def test_another_list_of_as_many_symbols_is_the_same_code():
    frames = {"SHY": FRAMES["SHY"], "A": FRAMES["^X"], "B": FRAMES["BRK.B"]}
    given = {"strategy": Strongest, "data": frames}
    layouts = [
        layout_of(prepare({**given, "name": "list", "roles": {"safe": "SHY", "etf": listed}}))
        for listed in (["A", "B"], ["B", "A"])
    ]
    assert layouts[0] == layouts[1]


def test_a_column_of_each_role_is_in_the_frame_of_features():
    found = run("interpreted").features
    assert {"feature.change.safe", "feature.change.BRK.B", "row"} <= set(found.columns)
    np.testing.assert_array_equal(found["feature.change.BRK.B"], change(FRAMES["BRK.B"]["close"].to_numpy()))
