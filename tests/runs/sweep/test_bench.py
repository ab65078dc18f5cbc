# SPDX-License-Identifier: Apache-2.0
"""Every combination of a sweep gets its own features, whoever shares them and on however many threads it runs."""

import copy

import numpy as np
import pytest

import engine
from engine import param
from engine.errors import ConfigError, StrategyError
from engine.indicators import atr, rolling_mean, rolling_std
from engine.inputs import features as features_module
from engine.inputs.features import feature_table
from engine.records import OUTCOME, STRETCH
from engine.runs.backtest import loaded
from engine.runs.sweep import bench as module
from engine.runs.sweep.bench import Bench
from engine.runs.sweep.compiled import parts
from engine.runs.sweep.grid import alike, grid_of

GIVEN = {"strategy": None, "roles": {"fund": "SPY"}, "period": {"start": "2018-01-02", "end": "2018-03-29"}}


class Turns(engine.Strategy):
    """Reads one parameter or another, as a third says."""

    roles = ("fund",)

    class Params:
        which: int = param(0, low=0, high=1, doc="the parameter that counts")
        a: float = param(1.0, doc="where which is 0")
        b: float = param(1.0, doc="where which is 1")
        unread: float = param(0.0, doc="by on_bar alone")

    def features(self, market, p):
        return {"x": market.fund.close * 0.0 + (p.a if p.which == 0 else 10 * p.b)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            orders.target(0, p.unread)


@pytest.fixture
def seen(monkeypatch):
    """Simulation replaced by a look at what it is given: the feature as equity, the sets of each call noted."""
    calls = []

    def simulate(_prepared, features, params, count):
        outcomes = np.zeros(len(params), OUTCOME)
        outcomes["final_equity"] = features["x"][0]
        outcomes["turnover"] = params["unread"]
        calls.append(len(params))
        sums = np.zeros((len(params), count), STRETCH)
        sums["total"] = params["unread"][:, None]
        return outcomes, sums

    monkeypatch.setattr(module, "simulate_stretches", simulate)
    return calls


def bench(grid, workers=1):
    return Bench(grid_of(grid), lambda _: loaded({"name": "turns", **GIVEN, "strategy": Turns}), workers)


def test_sets_share_features_only_where_all_that_is_read_agrees(seen):
    grid = {"which": [0, 1], "a": [1.0, 2.0], "b": [3.0, 4.0], "unread": [0.0, 0.5]}
    made = bench(grid)
    found = made.figures(range(made.grid.size))
    for number, row in enumerate(found):
        own = made.grid.values(number)
        assert row["final_equity"] == (own["a"] if own["which"] == 0 else 10 * own["b"]), own
        assert row["turnover"] == own["unread"]
    assert sorted(seen) == [4, 4, 4, 4]  # by which and a, or which and b


ASKED: list[float] = []


class Counts(Turns):
    """Notes what features() was asked with."""

    def features(self, market, p):
        ASKED.append(p.a)
        return {"x": market.fund.close * 0.0 + p.a}


@pytest.mark.usefixtures("seen")
def test_the_last_feature_table_is_kept_from_chunk_to_chunk():
    ready = loaded({"name": "counts", **GIVEN, "strategy": Counts})
    made = Bench(grid_of({"a": [2.0, 3.0, 2.5], "unread": [0.0, 0.5, 1.0, 1.5]}), lambda _: ready, 1)
    made.check()
    ASKED.clear()
    found = [made.figures([2 * one, 2 * one + 1])["final_equity"].tolist() for one in range(6)]
    assert found == [[2.0, 2.0], [2.0, 2.0], [3.0, 3.0], [3.0, 3.0], [2.5, 2.5], [2.5, 2.5]]
    assert ASKED == [2.0, 3.0, 2.5]


def test_sets_of_one_table_are_cut_only_where_they_would_leave_cores_idle(seen, monkeypatch):
    monkeypatch.setattr(module, "SHORTEST", 1)
    bench({"a": [float(one) for one in range(10)], "unread": [0.1 * one for one in range(10)]}, 1).figures(range(100))
    assert seen == [*[10] * 9, 5, 3, 1, 1]  # ten tables
    seen.clear()
    bench({"unread": [0.01 * one for one in range(100)]}, 1).figures(range(100))
    assert seen == [50, 25, 13, 6, 3, 2, 1]


def sizes(*asked):
    return [len(part) for part in parts(np.arange(asked[0]), *asked[1:])]


def test_parts_shrink_towards_the_end():
    assert sizes(1000, 1000, 16, 2) == [250, 188, 141, 106, 79, 59, 45, 33, 25, 19, 16, 16, 16, 7]
    assert sizes(1000, 1000, 1, 1)[:3] == [256, 256, 244]  # a call holds a book for each of its sets
    assert sizes(300, 1000, 16, 2) == [250, 50]  # others follow
    assert sizes(300, 300, 1000, 2) == [256, 44]  # so short that a call is not nothing
    assert sizes(0, 10, 1, 2) == []


def test_parts_are_all_members_in_their_order():
    members = np.arange(7, 1007, 2)
    assert np.concatenate(list(parts(members, 700, 3, 5))).tolist() == members.tolist()


@pytest.mark.usefixtures("seen")
@pytest.mark.parametrize("workers", [1, 2, 5])
def test_threads_change_nothing(workers):
    grid = {"a": [float(one) for one in range(40)], "unread": [0.0, 0.1, 0.2]}
    made = bench(grid, workers)
    numbers = [7, 3, 100, 4, 119, 0]
    found = made.figures(numbers, 3)
    assert found["final_equity"].tolist() == [made.grid.values(number)["a"] for number in numbers]
    paid = found["total"][:, 0] - [made.grid.values(number)["unread"] for number in numbers]
    assert np.ptp(paid) < 1e-15


def test_what_cannot_be_run_is_found_before_anything_is(seen):
    made = bench({"which": [0, 7, 9], "unread": [0.0]})
    with pytest.raises(StrategyError) as caught:
        made.check()
    assert [problem.found for problem in caught.value.problems] == ["7", "9"]
    with pytest.raises(StrategyError, match="did you mean 'which'"):
        bench({"wich": [0]}).check()
    assert seen == []


def test_an_error_in_a_thread_reaches_the_caller(monkeypatch):
    def fail(*_):
        raise MemoryError

    monkeypatch.setattr(module, "simulate_stretches", fail)
    with pytest.raises(MemoryError):
        bench({"a": [1.0, 2.0]}, 2).figures([0, 1])


def test_alike_rows_are_grouped_in_their_order():
    rows = np.array([[2, 1], [0, 5], [2, 1], [0, 4], [0, 5]])
    assert [group.tolist() for group in alike(rows)] == [[0, 2], [1, 4], [3]]
    assert [group.tolist() for group in alike(np.zeros((3, 0), int))] == [[0, 1, 2]]


class Seeded(Turns):
    """Its parameter has the name of a key."""

    class Params:
        which: int = param(0, low=0, high=1, doc="the parameter that counts")
        a: float = param(1.0, doc="where which is 0")
        b: float = param(1.0, doc="where which is 1")
        unread: float = param(0.0, doc="by on_bar alone")
        seed: int = param(1, doc="of its own")


@pytest.mark.usefixtures("seen")
def test_a_name_that_is_a_key_and_a_parameter_is_refused():
    """Either may be meant; with its dots the parameter is. Without such a parameter the key is swept."""

    def ready(strategy, put=()):
        return loaded({"name": "turns", **GIVEN, "strategy": strategy}, put)

    with pytest.raises(ConfigError, match="a key and a parameter have this name") as error:
        Bench(grid_of({"seed": [1, 2]}), lambda put: ready(Seeded, put), 1).check()
    assert error.value.problems[0].allowed.startswith("params.seed for the parameter")
    Bench(grid_of({"params.seed": [1, 2]}), lambda put: ready(Seeded, put), 1).check()
    keyed = Bench(grid_of({"seed": [3, 4]}), lambda put: ready(Turns, put), 1)
    keyed.check()
    assert [keyed.stands.of({"seed": seed}).ready.config.seed for seed in (3, 4)] == [3, 4]


class Windows(Turns):
    """Three windows of three indicators, and one value that is made by hand from what they give."""

    class Params:
        fast: int = param(5, low=1, doc="mean")
        slow: int = param(20, low=1, doc="deviation")
        atr: int = param(14, low=1, doc="range")
        unread: float = param(0.0, doc="by on_bar alone")

    def features(self, market, p):
        fund = market.fund
        fast, slow = rolling_mean(fund.close, p.fast), rolling_std(fund.close, p.slow)
        return {"fast": fast, "slow": slow, "atr": atr(fund.high, fund.low, fund.close, p.atr), "x": fast / slow}


class Writes(Windows):
    """The same, with results that it writes into."""

    def features(self, market, p):
        close = market.fund.close
        close[:3] = close[3]
        fast, slow = rolling_mean(close, p.fast), rolling_std(close, p.slow)
        fast[np.isnan(fast)] = 0.0
        slow += 1.0
        return {"fast": fast, "slow": slow, "atr": atr(close, close, close, p.atr), "x": fast / slow}


@pytest.fixture
def tables(monkeypatch):
    """The feature tables of a sweep by the parameters of their sets, in place of what they come to."""
    made = {}

    def simulate(_prepared, features, params, count):
        for row in params:
            made[row["fast"].item(), row["slow"].item(), row["atr"].item()] = features.tobytes()
        return np.zeros(len(params), OUTCOME), np.zeros((len(params), count), STRETCH)

    monkeypatch.setattr(module, "simulate_stretches", simulate)
    return made


WINDOWS = {"fast": list(range(2, 12)), "slow": list(range(20, 30)), "atr": list(range(5, 15))}


def test_a_grid_of_thousand_windows_makes_thirty_arrays(tables):
    made = Bench(grid_of(WINDOWS), lambda _: loaded({"name": "windows", **GIVEN, "strategy": Windows}), 2)
    made.figures(range(1000))
    assert len(tables) == 1000
    assert made.memory.made == 30
    made.figures([0, 999])  # another part of the sweep
    assert made.memory.made == 30


@pytest.mark.parametrize("strategy", [Windows, Writes])
def test_shared_features_are_those_of_a_single_run_to_the_bit(tables, strategy):
    ready = loaded({"name": "windows", **GIVEN, "strategy": strategy})
    made = Bench(grid_of({name: values[::4] for name, values in WINDOWS.items()}), lambda _: ready, 2)
    made.figures(range(made.grid.size))
    stand = made.check()
    assert len(tables) == 27
    for windows, table in tables.items():
        params = {**dict(zip(WINDOWS, windows, strict=True)), "unread": 0.0}
        alone = feature_table(strategy, stand.market, params)
        assert table == alone[stand.start : stand.stop].tobytes(), windows
    assert made.memory.made == 9
    assert made.memory.private == (strategy is Writes)


class Fails(Windows):
    """One that cannot be computed at all."""

    def features(self, market, p):
        if p.fast > 3:
            raise ArithmeticError("no such mean")
        return super().features(market, p)


@pytest.mark.usefixtures("tables")
def test_a_mistake_in_features_is_told_as_ever():
    made = Bench(grid_of(WINDOWS), lambda _: loaded({"name": "windows", **GIVEN, "strategy": Fails}), 2)
    with pytest.raises(StrategyError, match="ArithmeticError: no such mean"):
        made.figures(range(1000))


@pytest.mark.usefixtures("tables")
def test_what_costs_change_shares_what_windows_make():
    def ready(put):
        return loaded({"name": "windows", **GIVEN, "strategy": Windows}, put)

    made = Bench(grid_of({"costs.slippage.half_spread": [0.0, 0.001, 0.002], "fast": [5, 6]}), ready, 1)
    made.figures(range(6))
    assert made.memory.made == 4  # two means, one deviation, one range


class Branches(engine.Strategy):
    """Fills its features in two branches: the same names in another order, or another name."""

    roles = ("fund",)

    class Params:
        branch: int = param(0, low=0, high=2, doc="which of them")

    def features(self, market, p):
        close = market.fund.close
        if p.branch == 0:
            return {"size": close * 0.0 + 0.25, "other": close * 0.0 + 0.5}
        return {"other": close * 0.0 + 0.75, "size" if p.branch == 1 else "sizes": close * 0.0 + 1.0}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            orders.target(0, f.size)


def test_features_are_found_by_their_names_whichever_comes_first():
    ready = loaded({"name": "branches", **GIVEN, "strategy": Branches})
    found = Bench(grid_of({"branch": [0, 1]}), lambda _: ready).figures([0, 1])["final_equity"]
    single = {**GIVEN, "strategy": Branches}
    runs = [engine.backtest(params={"branch": one}, **single).equity.iloc[-1] for one in (0, 1)]
    assert found.tolist() == runs
    assert runs[0] != runs[1]


class Refills(engine.Strategy):
    """Fills the same memory at every call, and gives its columns."""

    roles = ("fund",)
    memory = np.empty((1, 2))

    class Params:
        size: float = param(0.25, doc="of the target")

    def features(self, market, p):
        if len(Refills.memory) != len(market):
            Refills.memory = np.empty((len(market), 2))
        Refills.memory[:, 0], Refills.memory[:, 1] = p.size, -p.size
        return {"size": Refills.memory[:, 0], "other": Refills.memory[:, 1]}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            orders.target(0, f.size)


def test_features_that_fill_the_same_memory_again_are_those_of_their_set(monkeypatch):
    """All tables are made before the first is looked at."""
    given = {}

    def simulate(_prepared, features, params, count):
        given[float(params["size"][0])] = features
        return np.zeros(len(params), OUTCOME), np.zeros((len(params), count), STRETCH)

    monkeypatch.setattr(module, "simulate_stretches", simulate)
    ready = loaded({"name": "refills", **GIVEN, "strategy": Refills})
    Bench(grid_of({"size": [0.25, 0.5, 0.75]}), lambda _: ready).figures([0, 1, 2])
    assert {size: table["size"][0] for size, table in given.items()} == {0.25: 0.25, 0.5: 0.5, 0.75: 0.75}


def test_other_names_of_features_are_refused():
    ready = loaded({"name": "branches", **GIVEN, "strategy": Branches})
    with pytest.raises(StrategyError, match="gives other names") as caught:
        Bench(grid_of({"branch": [0, 2]}), lambda _: ready).figures([0, 1])
    (problem,) = caught.value.problems
    assert (problem.found, problem.allowed) == ("other, sizes", "the same for all parameters: size, other")


def test_parameters_can_be_copied_while_they_are_watched():
    watched = features_module._WatchedParams({"a": 1.0})
    assert copy.copy(watched).a == copy.deepcopy(watched).a == 1.0
