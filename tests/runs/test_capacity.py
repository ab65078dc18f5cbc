# SPDX-License-Identifier: Apache-2.0
"""The size at which costs eat the edge: against the closed form of the square-root law, and where there is none."""

import json
import math
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import engine
from engine.cli.application import app
from engine.errors import ConfigError, DataError
from engine.inputs.liquidity import build_cost_inputs, daily_depth
from engine.kernel.codes import EntryKind
from engine.market.calendar import exchange
from engine.report.capacity.rows import ladder_sizes, sizes_grid
from engine.report.kit.encoding import to_json
from engine.report.kit.words import NOTHING
from engine.runs.backtest import backtest, prepare
from engine.runs.capacity import capacity
from engine.runs.capacity.findings import CASH, Crossing, Size
from engine.runs.capacity.search import SMALLEST, TOLERANCE, bisected, ladder, last_with
from engine.runs.capacity.sized import record

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "capacity.json").read_text(encoding="utf-8"))

BEFORE, RUN, EVERY = 100, 240, 10
"""Sessions before the run and in it, and from one trade to the next."""

GAIN, VOLUME, WEIGHT = 0.002, 1e7, 0.5
FREE = {
    "costs": {
        "commission": "none", "regulatory": "no_fees", "borrow": "no_borrow", "interest": "no_interest",
        "benchmark": 0.0, "slippage": {"half_spread": 0.0, "impact": 1.0},
    },
    "benchmark": "none",
    "fills": {"participation": None},
    "account": {"cash": 500_000},
}  # fmt: skip


class Trader(engine.Strategy):
    """Every tenth session buys half of the equity at the next open, and sells it at the one after."""

    roles = ("x",)

    class State:
        n: int = 0

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n % 10 == 0:
            orders.market(0, math.floor(0.5 * account.equity / 100.0))
        elif account.x.qty > 0.0:
            orders.market(0, -account.x.qty)
        s.n += 1


class Fixed(engine.Strategy):
    """The same with a hundred shares, whatever the account has."""

    roles = ("x",)

    class State:
        n: int = 0

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n % 10 == 0:
            orders.market(0, 100.0)
        elif account.x.qty > 0.0:
            orders.market(0, -account.x.qty)
        s.n += 1


class Idle(engine.Strategy):
    """Never trades."""

    roles = ("x",)

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        pass


def bars(gain=GAIN, volume=VOLUME):
    """Closes alternate between 100 and 100 exp(0.02); a purchase opens at 101, its sale `gain` higher."""
    first, last = (int(np.datetime64(day, "D").astype(int)) for day in ("2014-01-02", "2016-12-30"))
    days = pd.to_datetime(exchange().between(first, last)[: BEFORE + RUN], unit="D")
    number = np.arange(len(days))
    close = np.where(number % 2 == 0, 100.0, 100.0 * math.exp(0.02))
    opened = np.full(len(days), 101.0)
    opened[(number - BEFORE) % EVERY == 2] = 101.0 * (1 + gain)
    return pd.DataFrame(
        {
            "open": opened, "high": np.maximum(opened, close), "low": np.minimum(opened, close), "close": close,
            "volume": volume,
        },
        index=days,
    )  # fmt: skip


def run_of(strategy=Trader, frame=None, **changed):
    frame = bars() if frame is None else frame
    given = FREE | changed
    period = {"start": str(frame.index[BEFORE].date())}
    return engine.capacity(strategy=strategy, roles={"x": "X"}, data={"X": frame}, period=period, **given)


@pytest.fixture(scope="module")
def found():
    return run_of()


SIGMA = 0.02 * math.sqrt(60 / 59)
"""Sample deviation of 30 returns of 0.02 and 30 of -0.02."""

TRADES = RUN // EVERY
YEARS = RUN / 252


def deposit_of(impact):
    """The deposit whose orders pay this part of the price: Q = V (I / (Y sigma))^2 shares at 100, half of equity."""
    return VOLUME * (impact / SIGMA) ** 2 * 100.0 / WEIGHT


def net(impact, gain=GAIN):
    """Gain of the account in one round trip that pays `impact` both ways."""
    return WEIGHT * 1.01 * (gain - impact * (2 + gain))


def test_all_of_the_edge_is_gone_where_the_round_trip_pays_its_gain(found):
    edge = found.edges.loc[CASH]
    by_hand = deposit_of(GAIN / (2 + GAIN))
    assert by_hand == pytest.approx(4_900_000, rel=0.003)
    assert edge["gone"] == pytest.approx(by_hand, rel=0.01)


def test_half_of_the_edge_is_gone_near_a_quarter_of_that(found):
    edge = found.edges.loc[CASH]
    free = (1 + net(0.0)) ** (TRADES / YEARS) - 1
    assert edge["without_impact"] == pytest.approx(free, rel=1e-3)  # whole shares
    a_trade = (1 + free / 2) ** (YEARS / TRADES) - 1
    impact = (GAIN - a_trade / (WEIGHT * 1.01)) / (2 + GAIN)
    assert impact == pytest.approx(GAIN / 4, rel=0.01)
    assert edge["half"] == pytest.approx(deposit_of(impact), rel=0.01)
    assert 3.9 < edge["gone"] / edge["half"] < 4.1


def test_the_capacity_is_that_of_the_recursion_trade_by_trade(found):
    """The account grows by a fraction from trade to trade, and its orders with it."""
    target = (1 + found.edges.loc[CASH, "without_impact"] / 2) ** YEARS

    def grown(deposit):
        equity = deposit
        for _ in range(TRADES):
            shares = math.floor(WEIGHT * equity / 100.0)
            impact = SIGMA * math.sqrt(shares / VOLUME)
            equity += shares * 101.0 * ((1 + GAIN) * (1 - impact) - (1 + impact))
        return equity / deposit

    low, high = 1e5, 1e7
    while high / low > 1.0001:
        middle = math.sqrt(low * high)
        low, high = (middle, high) if grown(middle) > target else (low, middle)
    half = found.edges.loc[CASH, "half"]
    assert low / TOLERANCE <= half <= low * 1.0002


def test_what_an_order_asks_of_a_day_is_told_and_passes_its_levels(found):
    half = found.found.edges[0].half.at
    shares = WEIGHT * half.capital / 100.0
    part = half.participation["X"]
    assert part.orders == 2 * TRADES
    assert part.median == pytest.approx(shares / VOLUME, rel=0.03)
    assert part.maximum <= part.median * 1.03
    for level in (0.01, 0.05, 0.10):
        passing = found.found.passing["maximum", level].at.capital
        assert passing == pytest.approx(level * VOLUME * 100.0 / WEIGHT, rel=0.05)
    (said,) = found.answer
    assert said == (
        f"Costs eat half of the edge over cash ({100 * found.edges.loc[CASH, 'without_impact']:.2f} % a year without "
        "impact) at 1.2 million; there the largest order is 0.061 % of X's day. Nothing is left at 4.89 million."
    )


def test_four_times_the_size_under_half_of_the_law_and_a_quarter_under_twice(found):
    half = found.edges.loc[CASH, "half"]
    sizes = {one.factor: one.half.at.capital for one in found.found.sensitivity}
    assert sizes == {0.5: pytest.approx(4 * half, rel=0.02), 2.0: pytest.approx(half / 4, rel=0.02)}


def test_every_size_is_the_backtest_with_that_deposit(found):
    frame = bars()
    for size in found.found.sizes[::7]:
        run = engine.backtest(
            strategy=Trader, roles={"x": "X"}, data={"X": frame}, period={"start": str(frame.index[BEFORE].date())},
            **(FREE | {"account": {"cash": size.capital}, "mode": "interpreted"}),
        )  # fmt: skip
        assert size.annual == run.metrics.cagr
        assert size.mean_equity == pytest.approx(
            run.equity.iloc[1:].mean() if len(run.equity) > RUN else run.equity.mean()
        )


def test_a_strategy_without_an_edge_has_no_capacity():
    found = run_of(frame=bars(gain=-0.001))
    assert found.edges.loc[CASH, ["half", "gone"]].isna().all()
    assert found.edges.loc[CASH, "why_half"] == "no_edge"
    (said,) = found.answer
    assert said.startswith("No capacity over cash: without any impact it makes −")
    assert said.endswith("and no size that was tried makes more than it.")


def test_over_a_benchmark_there_is_an_answer_of_its_own():
    frame = bars()
    frame.loc[:, ["open", "high", "low", "close"]] *= np.linspace(1.0, 1.6, len(frame))[:, None]
    found = run_of(frame=frame, benchmark="x")
    assert list(found.edges.index) == [CASH, "X"]
    assert found.edges.loc["X", "without_impact"] < 0 < found.edges.loc[CASH, "without_impact"]
    assert len(found.answer) == 2
    assert found.answer[1].startswith("No capacity over X:")


def test_orders_that_do_not_grow_have_no_capacity():
    found = run_of(Fixed)
    assert found.edges["why_half"].tolist() == ["fixed_size"]
    assert "do not grow with the capital" in found.answer[0]


def test_without_an_order_there_is_nothing_to_tell():
    found = run_of(Idle)
    assert found.answer == ("No order for shares filled: there is nothing whose size could be told.",)


def test_a_cost_that_no_size_raises_is_refused():
    costs = FREE["costs"] | {"slippage": {"impact": 0.0}}
    with pytest.raises(ConfigError) as caught:
        run_of(costs=costs)
    (problem,) = caught.value.problems
    assert (problem.path, problem.found) == ("costs.slippage.impact", "0")


def test_bars_without_a_volume_are_refused():
    with pytest.raises(DataError, match="no bar of X has a volume"):
        run_of(frame=bars().drop(columns="volume"))


def test_minimum_commissions_that_eat_every_size_below_are_told():
    commission = [{"from": "2000-01-01", "per_share": 0.0, "minimum": 0.0, "maximum": 1.0, "notional": 0.0005}]
    found = run_of(costs=FREE["costs"] | {"commission": commission})
    bare = run_of()
    assert found.edges.loc[CASH, "without_impact"] < bare.edges.loc[CASH, "without_impact"]
    assert found.edges.loc[CASH, "half"] == pytest.approx(bare.edges.loc[CASH, "half"] / 4, rel=0.03)


def test_half_is_never_called_firm_beyond_what_the_law_was_fitted_on():
    """A gain of 4 % a trade is eaten by orders of a quarter of a day only."""
    found = run_of(frame=bars(gain=0.04))
    edge = found.found.edges[0]
    assert edge.half.at.busiest("maximum")[1] > 0.10
    assert not found.edges.loc[CASH, "priced"]
    assert found.answer[0].startswith("Up to ")
    assert "no size to go by" in found.answer[0]
    assert any("of a day of X: the law is fitted" in one for one in found.notices)


def test_the_cap_on_volume_spreads_orders_and_is_counted():
    found = run_of(frame=bars(gain=0.04), fills={"participation": 0.02})
    carried = {size.capital: size.carried for size in found.found.sizes}
    assert carried[SMALLEST] == 0
    assert max(carried.values()) > 0


@pytest.mark.slow
def test_options_are_told_to_have_no_impact():
    found = engine.capacity("configs/vix_hedge_puts_sample.yaml", period={"start": "2017-01-03", "end": "2019-12-31"})
    assert any("Options pay a modelled spread and no impact" in one for one in found.notices)
    assert list(found.found.own.participation) == ["IWM"]


@pytest.mark.slow
def test_a_portfolio_is_one_account():
    found = engine.capacity("configs/portfolio_sample.yaml", period={"start": "2017-01-03", "end": "2019-12-31"})
    assert len(found.found.own.participation) == len(set(found.found.market.symbols.values()))
    document = json.loads(to_json(found.document()))
    jsonschema.validate(document, SCHEMA)


def test_a_strategy_of_another_engine_is_refused():
    backtrader = pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")

    class Theirs(backtrader.Strategy):
        pass

    with pytest.raises(ConfigError, match="backtrader alone"):
        run_of(Theirs, engine="backtrader")


def test_depth_is_what_the_impact_was_measured_by():
    prepared = prepare("configs/vix_hedge_fund_sample.yaml")
    market, config = prepared.market, prepared.config
    depth = daily_depth(market, config)
    costs = build_cost_inputs(market, config)["impact"]
    scale = costs * np.sqrt(depth)  # Y x sigma: free of the volume
    assert np.isnan(depth[0]).all()
    assert (depth[1:] > 0).all()
    later = scale[100:]
    assert ((later > 0.001) & (later < 0.2)).all()
    inverse, small = (list(market.roles).index(role) for role in ("inverse", "small"))
    factors = {role: market.bars[role]["factor"] for role in ("inverse", "small")}  # the sample's fund has splits
    closes = {role: (market.bars[role]["close"] * factors[role])[100:-1] for role in ("inverse", "small")}
    through = (depth[:, small] / factors["small"])[101:] * closes["small"] / closes["inverse"]
    own = (depth[:, inverse] / factors["inverse"])[101:]
    assert (own >= through * (1 - 1e-9)).all()
    assert np.isclose(own, through).mean() > 0.9


def test_participation_is_that_of_the_ledger():
    found = capacity(engine.load_config("configs/spread_sample.yaml", ["period.end=2018-12-31"]))
    run = backtest("configs/spread_sample.yaml", ["period.end=2018-12-31"])
    fills = run.ledger[run.ledger["kind"] == EntryKind.FILL]
    depth = daily_depth(run.market, run.config)
    for role, symbol in enumerate(run.market.symbols.values()):
        mine = fills[fills["role"] == role]
        parts = {}
        for fill in mine:
            entry = parts.setdefault(int(fill["order"]), [0.0, int(fill["t"])])
            entry[0] += abs(fill["qty"])
        told = [shares / depth[t, role] for shares, t in parts.values() if np.isfinite(depth[t, role])]
        one = found.own.participation[symbol]
        assert one.orders == len(told)
        assert one.maximum == pytest.approx(max(told), rel=1e-12)
        assert one.median == pytest.approx(float(np.median(told)), rel=1e-12)


def test_without_impact_there_is_no_cap_either():
    prepared = prepare("configs/spread_sample.yaml", ["period.end=2016-12-30", "costs.slippage.half_spread=0"])
    free = record(prepared, 1e11, 0.0)
    assert free.ledger["slippage"].sum() == 0.0
    full = record(prepared, 1e11)
    assert full.ledger["slippage"].sum() > 0.0


class Tried:
    """Sizes by a rule, without a run."""

    def __init__(self, value):
        self.value = value

    def at(self, capital):
        return Size(capital, edges={CASH: self.value(capital)})


def holds(size):
    return size.edges[CASH] > 0.0


@pytest.mark.parametrize("at", [2e4, 3.21e6, 9.9e10])
@pytest.mark.parametrize("own", [1.5e4, 1e6, 5e7])
def test_the_search_finds_a_crossing_wherever_it_is(at, own):
    crossing = last_with(Tried(lambda capital: at - capital), own, holds)
    assert at / TOLERANCE <= crossing.at.capital < at


def test_the_search_says_where_there_is_none():
    assert last_with(Tried(lambda _: 1.0), 1e6, holds) == Crossing(None, "beyond")
    assert last_with(Tried(lambda _: -1.0), 1e6, holds) == Crossing(None, "below")


def test_a_size_far_off_where_it_holds_by_chance_is_no_answer():
    rule = Tried(lambda capital: 1.0 if capital < 1e7 or capital > 1e10 else -1.0)
    assert last_with(rule, 1e6, holds).at.capital == pytest.approx(1e7, rel=0.006)
    lower = Tried(lambda capital: 1.0 if 3e4 < capital < 2e5 else -1.0)
    assert last_with(lower, 1e6, holds).at.capital == pytest.approx(2e5, rel=0.006)


def test_bisection_ends_below_the_crossing():
    size = bisected(Tried(lambda capital: 5e5 - capital), 1e5, 1e6, holds)
    assert 5e5 / TOLERANCE <= size.capital < 5e5


def test_the_ladder_has_the_own_size_once():
    assert ladder(1e6).count(1e6) == 1
    assert 1_234_567.0 in ladder(1_234_567.0)
    assert ladder(1e12)[-1] == 1e12


def test_the_document_follows_its_schema(found):
    for one in (found, run_of(Idle), run_of(Fixed), run_of(frame=bars(gain=-0.001))):
        jsonschema.validate(json.loads(to_json(one.document())), SCHEMA)


def test_the_command_prints_writes_and_answers_alike(tmp_path):
    words = ["capacity", "configs/spread_sample.yaml", "--set", "period.end=2018-12-31", "--out", str(tmp_path)]
    told = json.loads(CliRunner().invoke(app, [*words, "--json"], catch_exceptions=False).stdout)
    jsonschema.validate({name: part for name, part in told.items() if name != "page"}, SCHEMA)
    page = Path(told["page"])
    first = page.read_bytes()
    assert json.loads((page.parent / "capacity.json").read_text()) == {k: v for k, v in told.items() if k != "page"}
    shown = CliRunner(env={"COLUMNS": "80"}).invoke(app, words, catch_exceptions=False).stdout
    assert page.read_bytes() == first, "the same input gives the same bytes"
    assert "".join(told["answer"][0].split()) in "".join(shown.split())
    text = first.decode()
    assert "Synthetic prices" in text
    assert "By opening deposit" in shown
    assert max(map(len, shown.partition("Page:")[0].splitlines())) <= 80


class Once(engine.Strategy):
    """Buys with half of the equity at the open after its first bar, and holds."""

    roles = ("x",)

    class State:
        n: int = 0

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n == 0:
            orders.market(0, math.floor(0.5 * account.equity / 100.0))
        s.n += 1


def unvolumed(frame):
    """No volume by the session of the first fill."""
    frame = frame.copy()
    frame.loc[frame.index[: BEFORE + 1], "volume"] = np.nan
    return frame


def test_orders_before_any_volume_are_counted_and_no_part_of_a_day():
    """One order, in the second session of the run: whatever it asks, there is no day to hold it against."""
    found = run_of(Once, unvolumed(bars()))
    assert found.answer[0].startswith("No capacity can be told: every order filled before any volume")
    own = found.found.own
    assert (own.unmeasured, dict(own.participation)) == (1, {})
    document = json.loads(to_json(found.document()))
    jsonschema.validate(document, SCHEMA)
    assert {one["unmeasured_orders"] for one in document["sizes"]} == {1}
    grid = sizes_grid(found.found, found.found.sizes)
    columns = [[one.page for one in grid.fields].index(name) for name in ("median", "95 %", "largest", "in")]
    assert {row[at] for row in grid.rows for at in columns} == {NOTHING}
    (loud,) = [one for one in found.notices if "before any volume" in one]
    assert loud.startswith("1 order filled")
    assert found.sizes[["median", "p95", "maximum"]].isna().all(axis=None)
    whole = run_of(Once)
    assert whole.found.own.unmeasured == 0
    assert whole.sizes[["median", "p95", "maximum"]].notna().all(axis=None)


def test_of_some_orders_the_measured_ones_are_told():
    found = run_of(Trader, unvolumed(bars(gain=0.04)))
    own, whole = found.found.own, run_of(Trader, bars(gain=0.04)).found.own
    assert own.unmeasured == 1
    assert own.participation["X"].orders == whole.participation["X"].orders - 1


def fridays(count):
    """The last session of each week, from 2010 on."""
    first, last = (int(np.datetime64(day, "D").astype(int)) for day in ("2010-01-01", "2019-12-31"))
    days = pd.Series(pd.to_datetime(exchange().between(first, last), unit="D"))
    return pd.DatetimeIndex(days.groupby(days.dt.to_period("W-FRI")).last()[:count])


@pytest.mark.parametrize("volume", [5e7, 1e7])
def test_a_part_of_a_day_of_weekly_bars_is_of_a_day(volume):
    """Bars of weeks hold the volume of five sessions or so, and an order asks of one."""
    frame = bars(volume=volume)
    exact = 0.5 * FREE["account"]["cash"] / 100.0 / (volume * 52 / 252)
    found = run_of(Once, frame.set_axis(fridays(len(frame))))
    assert found.found.own.participation["X"].maximum == pytest.approx(exact, rel=1e-12)
    daily = run_of(Once, frame).found.own.participation["X"].maximum
    assert daily == pytest.approx(exact * 52 / 252, rel=1e-12)


def test_the_own_size_is_in_the_table_however_large_its_orders_are():
    found = run_of(Once, bars(volume=1_000.0)).found
    assert found.own.busiest("maximum")[1] > 1
    assert any(cell.endswith(" *") for row in sizes_grid(found, ladder_sizes(found, 1)).rows for cell in row[:1])


def beside(rows, *, before=False):
    """The run compared with a series that doubles from its first bar to its last and has a value on `rows` of them.

    before: it has values on the sessions before the run too.
    """
    frame = bars(gain=0.04)
    days = frame.index[BEFORE:]
    levels = pd.Series(2.0 ** (np.arange(RUN) / (RUN - 1)), index=days).iloc[list(rows)]
    earlier = pd.Series(1.0, index=frame.index[:BEFORE]) if before else None
    given = {"symbol": "B", "stale_after": 0}
    period = {"start": str(days[0].date())}
    return engine.capacity(
        strategy=Trader, roles={"x": "X"}, data={"X": frame, "B": pd.concat([earlier, levels])}, period=period,
        **{**FREE, "benchmark": "b"}, series={"b": given},
    )  # fmt: skip


def test_a_benchmark_with_holes_made_what_it_made():
    """It doubled, whatever lacks between: the holes took their part of it away from the edge over it."""
    made = 2.0 ** (252 / RUN) - 1
    for rows in (range(RUN), [row for row in range(RUN) if not 50 <= row < 120]):
        found = beside(rows)
        own = found.found.own
        assert found.found.edges[1].over == "B"
        assert own.edges["B"] == pytest.approx(own.annual - made, rel=1e-9)


@pytest.mark.parametrize(("first", "last"), [(60, RUN - 1), (0, 200)])
def test_a_benchmark_of_other_years_has_no_edge_over_it(first, last):
    found = beside(range(first, last + 1))
    assert [one.over for one in found.found.edges] == [CASH]
    (said,) = [one for one in found.notices if one.startswith("B has values from")]
    assert "no edge over it is told" in said


def test_a_benchmark_without_a_value_in_the_run_has_no_dates():
    found = beside(range(0), before=True)
    first, last = found.found.market.sessions[[0, -1]]
    assert [one.over for one in found.found.edges] == [CASH]
    assert [one.split(": ")[0] for one in found.notices if one.startswith("B has")] == [
        f"B has no value from {first} to {last}"
    ]


def test_less_than_a_year_is_said_beside_figures_a_year():
    words = "The run is of 240 sessions, less than a year"
    assert any(one.startswith(words) for one in run_of().notices)
