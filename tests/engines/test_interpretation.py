# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: ARG005  (the names of arguments are what is declared)
"""What declarations come to in a run: levels with their dates, regimes bar by bar, and no change of any result."""

from enum import IntEnum

import numpy as np
import pytest

from engine.engines import native
from engine.engines.interpretation import NO_REGIME
from engine.engines.port import run as simulate
from engine.errors import StrategyError
from engine.inputs.prepared import prepare as prepare_run
from engine.market.panel import Market
from engine.runs.backtest import backtest, load_bars, loaded, prepare
from engine.strategy import DatedLevel, Level, ReasonCode, Regimes, Strategy
from strategies.double_agent import DoubleAgent

CONFIG = "configs/double_agent_sample.yaml"


class Reason(ReasonCode):
    TIER = 1, "a limit"
    STOP = 2, "a stop"


class Mood(IntEnum):
    CALM = 0
    FEAR = 1


class Ladder(Strategy):
    """A limit far below and a stop that moves on every third bar until the limit is cancelled on bar 20."""

    roles = ("small",)
    Reason = Reason
    agents = ("tier",)
    levels = {"floor": Level("small", said=("depth",)), "gone": Level("small")}  # noqa: RUF012
    regimes = Regimes(Mood, path="mood")

    class State:
        limit: int = 0
        stop: int = 0
        age: int = 0

    def features(self, market, p):
        rows = np.arange(len(market), dtype=float)
        floor = np.where(rows < 4, np.nan, 10.0 + np.floor(rows / 10.0))
        mood = np.select([rows < 3, rows < 8, rows < 9], [np.nan, 1.0, 0.5], 0.0)
        return {"floor": floor, "depth": rows, "gone": 0.0 * rows - 1.0, "mood": mood}

    def known_levels(self, market, p):
        return [DatedLevel("small", "first close", float(market.small.close[0]), 0, len(market) - 1, 2, 1.5, "ours")]

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.age == 0:
            s.limit = orders.limit(0, 10, 1.0, Reason.TIER)
            s.stop = orders.stop(0, 10, 1000.0, Reason.STOP)
        elif s.age % 3 == 0:
            orders.move(s.stop, 1000.0 + s.age)
        if s.age == 20:
            orders.cancel(s.limit)
        s.age += 1


@pytest.fixture(scope="module")
def ready():
    ready = loaded(CONFIG, ["period.start=2016-01-04", "period.end=2016-03-31"])
    market, start, stop = load_bars(ready)
    return lambda strategy: prepare_run(
        ready.config.model_copy(update={"params": {}}), strategy, market.head(stop), start
    )


@pytest.fixture(scope="module")
def run(ready):
    return simulate(ready(Ladder))


def of(run, name):
    return [one for one in run.interpretation.levels if one.name == name]


def test_an_order_stands_where_it_waited(run):
    (limit,) = of(run, "tier")
    assert (limit.role, limit.price, limit.first_row, limit.last_row) == ("small", 1.0, 0, 20)
    stops = of(run, "stop")
    last = len(run.market) - 1
    moves = list(range(3, last + 1, 3))
    assert [one.price for one in stops] == [1000.0, *(1000.0 + age for age in moves)]
    assert [one.first_row for one in stops] == [0, *moves]
    assert [one.last_row for one in stops] == [*moves, last]
    assert {one.order for one in stops} == {2}


def test_a_feature_stands_while_it_does_not_change(run, ready):
    whole = ready(Ladder)
    start = len(whole.sleeves[0].past) - len(run.market)
    prices = whole.features["floor"]
    for one in of(run, "floor"):
        assert set(prices[one.first_row : one.last_row + 1]) == {one.price}
        assert one.said == {"depth": float(start + one.last_row)}
    assert sum(one.last_row - one.first_row + 1 for one in of(run, "floor")) == np.isfinite(prices).sum()
    assert of(run, "gone") == []


def test_regimes_are_codes_and_the_rest_is_none():
    class Early(Ladder):
        pass

    ready = loaded(CONFIG)
    market = load_bars(ready)[0]
    run = simulate(prepare_run(ready.config.model_copy(update={"params": {}}), Early, market.slice(0, 12), 0))
    path = run.interpretation.regimes
    assert path.names == {0: "calm", 1: "fear"}
    assert path.codes.tolist() == [NO_REGIME] * 3 + [1] * 5 + [NO_REGIME] + [0] * 3
    assert path.spans() == [(NO_REGIME, 0, 2), (1, 3, 7), (NO_REGIME, 8, 8), (0, 9, 11)]


def test_known_levels_have_the_dates_of_all_that_is_known(run, ready):
    (level,) = run.interpretation.known
    past = ready(Ladder).sleeves[0].past
    assert (level.first, level.last) == (past.sessions[0].item(), past.sessions[-1].item())
    assert (level.touches, level.strength, level.note) == (2, 1.5, "ours")


@pytest.mark.parametrize(
    ("level", "words"),
    [
        (DatedLevel("large", "a", 1.0, 0, 1), "no such role; found 'large'"),
        (DatedLevel("small", "a", 1.0, 0, 10_000), "rows of no bar"),
        (DatedLevel("small", "a", np.nan, 0, 1), "a level needs a price"),
        (("small", 1.0), "must give DatedLevel; found tuple"),
    ],
)
def test_a_level_that_is_none_is_refused(ready, level, words):
    trade = type("Trade", (Ladder,), {"known_levels": lambda self, market, p: [level]})
    with pytest.raises(StrategyError, match=words):
        simulate(ready(trade))


def test_a_path_of_another_length_is_refused(ready):
    path = staticmethod(lambda features, params: np.zeros(3))
    with pytest.raises(StrategyError, match=r"Trade\.way: no path of regimes"):
        simulate(ready(type("Trade", (Ladder,), {"regimes": Regimes(Mood, path="way"), "way": path})))


def test_a_declaration_of_no_feature_stops_before_the_run(ready):
    with pytest.raises(StrategyError, match=r"Trade.levels: no such feature; found 'flor'.*did you mean 'floor'"):
        ready(type("Trade", (Ladder,), {"levels": {"flor": Level("small")}}))


def test_declarations_change_no_result(ready):
    plain = type("Plain", (Ladder,), {
        "agents": (), "levels": {}, "regimes": None, "known_levels": Strategy.known_levels,
    })  # fmt: skip
    bare, rich = simulate(ready(plain)), simulate(ready(Ladder))
    assert bare.interpretation.levels == bare.interpretation.known == bare.interpretation.agents == ()
    assert bare.interpretation.regimes is None
    for name in ("ledger", "orders", "points"):
        assert getattr(bare, name).tobytes() == getattr(rich, name).tobytes()


def test_a_compiled_run_tells_all_but_the_orders():
    runs = (prepare(CONFIG, ["period.end=2004-12-31", f"mode={mode}"]) for mode in ("compiled", "interpreted"))
    compiled, interpreted = (simulate(prepared).interpretation for prepared in runs)
    assert compiled.levels == tuple(one for one in interpreted.levels if not one.order)
    assert compiled.known == interpreted.known
    assert any(one.order for one in interpreted.levels)


def test_backtrader_tells_all_but_the_orders():
    pytest.importorskip("backtrader")
    given = ["period.start=2007-01-03", "period.end=2009-06-30"]
    runs = [backtest(loaded(CONFIG, [*given, f"engine={name}"])).interpretation for name in ("native", "backtrader")]
    native_run, other = runs
    assert (other.agents, other.known) == (native_run.agents, native_run.known)
    assert other.levels == tuple(one for one in native_run.levels if not one.order)


def test_a_split_does_not_break_a_level():
    """Two for one on the third bar: the stop at 1000 waits at 500 afterwards, and is one level throughout."""
    ready = loaded(CONFIG)
    market = load_bars(ready)[0].slice(0, 3)
    bars = market.bars.copy()
    bars["small"]["split"][2] = 2.0
    bars["small"]["factor"][2:] = 2.0
    for name in ("open", "high", "low", "close"):
        bars["small"][name][2:] /= 2.0
    split = Market(bars=bars, symbols=market.symbols, missing=market.missing, series=market.series)
    run = simulate(prepare_run(ready.config.model_copy(update={"params": {}}), Ladder, split))
    assert {one.price for one in of(run, "stop")} == {1000.0}
    assert of(run, "stop")[-1].last_row == 2
    assert run.interpretation.known[0].price == pytest.approx(market.small.close[0] / 2.0)


def test_the_double_agents_known_levels_are_those_of_its_support():
    """The support column is the strongest known level within reach, at every bar that it is asked about."""
    prepared = prepare(CONFIG)
    known_to, found = prepared.sleeves[0].past, 0
    for row in range(1500, len(prepared.market), 800):
        past = known_to.head(len(known_to) - len(prepared.market) + row)
        known = DoubleAgent().known_levels(past, type("P", (), prepared.params)())
        supports = [one for one in known if one.name == "support"]
        price = prepared.features["support"][row]
        if np.isfinite(price):
            found += 1
            near = [one for one in supports if abs(one.price / past.small.close[-1] - 1.0) <= 0.2]
            assert near[0].price == pytest.approx(price, rel=1e-12)
            assert near[0].strength == pytest.approx(prepared.features["strength"][row])
    assert found >= 3


def test_native_runs_note_nothing_unasked(ready):
    assert native.run(ready(Ladder)).interpretation.levels == ()
