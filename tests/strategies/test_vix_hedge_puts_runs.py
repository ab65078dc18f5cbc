# SPDX-License-Identifier: Apache-2.0
"""The put hedge over whole runs: episodes by date, the budget against prices, refusals, spreads that stay covered."""

import math
from dataclasses import replace

import numpy as np
import pytest

from engine.engines import native
from engine.indicators.expiries import monthly_expiry
from engine.inputs.prepared import prepare
from engine.inputs.terms import benchmark_rates
from engine.kernel.codes import Cause, EntryKind, OrderStatus
from engine.kernel.options import price_and_delta, skewed, vega
from engine.runs.backtest import backtest
from strategies.hedges.regimes import Regime, regime_path
from strategies.hedges.words import Reason
from tests.strategies.shipped import bars_of, load_shipped

PUTS, INDEX = "vix_hedge_puts:VixHedgePuts", "vix_hedge_puts:VixHedgeIndexPuts"
ALWAYS = tuple(f"params.hedge_{one}=0.5" for one in ("none", "concern", "support", "stress", "divergence", "radar"))


def sent(result, first, last):
    """(session, reason, contracts, strike, expiry) of every option order decided from `first` to `last`."""
    sessions, orders, day = result.market.sessions, result.orders, "M8[D]"
    days = sessions[orders["born"]].astype(str)
    chosen = orders[(orders["role"] >= len(result.market.roles)) & (days >= first) & (days <= last)]
    return [
        (str(sessions[one["born"]]), Reason(one["reason"]), one["asked"], one["strike"], str(one["expiry"].astype(day)))
        for one in chosen
    ]  # fmt: skip


def mark(result, day):
    """(price, delta) of the bought put at the close of a session."""
    (one,) = result.marks[result.marks["t"] == np.searchsorted(result.market.sessions, np.datetime64(day))]
    return one["price"], one["delta"]


def held(result, slot):
    """(T,) contracts in a slot at each close."""
    own = result.ledger[result.ledger["role"] == len(result.market.roles) + slot]
    change = np.zeros(len(result.market))
    np.add.at(change, own["t"], own["qty"])
    return np.cumsum(change)


@pytest.fixture(scope="module")
def sample():
    return backtest(load_shipped(PUTS, "sample"))


@pytest.fixture(scope="module")
def always():
    """A hedge of one half at all times, with all the budget it wants: every kind of roll."""
    return backtest(load_shipped(PUTS, "sample", None, (*ALWAYS, "params.budget=1")))


def test_golden_the_sample_crash(sample):
    november, december = "2010-11-19", "2010-12-17"
    assert sent(sample, "2010-09-01", "2010-10-31") == [
        ("2010-09-13", Reason.BUDGET, 123, 105, november), ("2010-10-01", Reason.BUDGET, 29, 105, november),
        ("2010-10-06", Reason.ROLL_DEEP, -152, 105, november), ("2010-10-06", Reason.ROLL_DEEP, 251, 76, december),
        ("2010-10-15", Reason.HEDGE_NONE, -251, 76, december),
    ]  # fmt: skip


def test_golden_real_february_and_march_2020(real_data):
    """The dates, strikes and marks of docs/strategies/vix_hedge_puts.md."""
    result = backtest(load_shipped(PUTS, "real", real_data))
    april, may = "2020-04-17", "2020-05-15"
    assert sent(result, "2020-02-20", "2020-03-31") == [
        ("2020-02-24", Reason.BUDGET, 77, 154, april), ("2020-03-02", Reason.BUDGET, 67, 154, april),
        ("2020-03-09", Reason.ROLL_DEEP, -144, 154, april), ("2020-03-09", Reason.ROLL_DEEP, 207, 124, may),
        ("2020-03-20", Reason.ROLL_DEEP, -207, 124, may), ("2020-03-20", Reason.ROLL_DEEP, 232, 96, may),
        ("2020-03-30", Reason.HEDGE_OFF_SUPPORT, -232, 96, may),
    ]  # fmt: skip
    path, sessions = regime_path(result.features, result.params), result.market.sessions
    days = {"2020-02-21": Regime.NONE, "2020-02-24": Regime.STRESS, "2020-03-30": Regime.CREDIT_SUPPORT}
    assert {day: path[np.searchsorted(sessions, np.datetime64(day))] for day in days} == days
    assert mark(result, "2020-03-09") == (pytest.approx(24.82, abs=0.005), pytest.approx(-0.87, abs=0.005))
    assert mark(result, "2020-03-18") == (pytest.approx(26.92, abs=0.005), pytest.approx(-0.78, abs=0.005))
    assert len(result.marks[result.marks["t"] == np.searchsorted(sessions, np.datetime64("2020-03-31"))]) == 0


@pytest.mark.parametrize(("strategy", "role", "series"), [(PUTS, "small", "rvx"), (INDEX, "large", "vix")])
def test_a_month_starts_with_what_the_budget_pays_at_the_models_price(strategy, role, series):
    """The first puts of a month, sized again from bars and formula alone."""
    result = backtest(load_shipped(strategy, "sample", None, ("params.stay=5",)))
    rates, options, checked = benchmark_rates(result.market, result.config.costs), result.config.options, 0
    months = result.market.sessions.astype("M8[M]")
    place = len(result.market.roles)
    bought = result.orders[(result.orders["role"] == place) & (result.orders["asked"] > 0)]
    first = {months[one["born"]]: one for one in bought[::-1]}
    contracts = held(result, 0)
    for one in first.values():
        row, strike, volatility = int(one["born"]), one["strike"], getattr(result.market, series)
        if contracts[row] != 0.0 or one["reason"] != Reason.BUDGET or months[row] != months[row + 1]:
            continue  # what is filled in the next month is the next month's
        spot, years = (
            getattr(result.market, role).close[row],
            (one["expiry"] - result.market.bars["session"][row]) / 365,
        )
        iv = skewed(volatility[row] / 100, options.skew, options.floor, spot, strike, years)
        middle, _ = price_and_delta(-1, spot, strike, years, rates[row], options.dividend_yield, iv)
        moved = options.spread.vega * vega(spot, strike, years, rates[row], options.dividend_yield, iv)
        ask = middle + max(options.spread.premium * middle, moved, options.spread.least)
        assert one["asked"] == math.floor(0.02 * result.points["equity"][row] / (100 * ask))
        assert strike == pytest.approx(0.95 * spot, abs=0.5)
        checked += 1
    assert checked > 20


def test_premium_of_a_month_stays_within_the_budget_but_for_gaps(sample):
    """Puts bought while none were held, and added to: no roll among them."""
    fills = sample.ledger[sample.ledger["kind"] == EntryKind.OPTION_FILL]
    orders = {one["id"]: one for one in sample.orders}
    months, paid = sample.market.sessions.astype("M8[M]"), {}
    for fill in fills[fills["qty"] > 0]:
        if not Reason.ROLL_TIME <= orders[fill["order"]]["reason"] <= Reason.ROLL_FAR:
            part = -fill["amount"] / sample.points["equity"][fill["t"] - 1]
            paid[months[fill["t"]]] = paid.get(months[fill["t"]], 0.0) + part
    spent = np.array(list(paid.values()))
    assert len(spent) > 60
    assert np.median(spent) < 0.02
    assert np.quantile(spent, 0.9) < 0.025
    assert spent.max() < 0.06, "a gap of the first open after a decision"


def test_what_the_budget_refused_is_in_the_last_state(sample):
    assert sample.state["refused"] > 1000.0
    free = backtest(load_shipped(PUTS, "sample", None, ("params.budget=1",)))
    assert free.state["refused"] == 0.0
    assert Reason.BUDGET not in set(free.orders["reason"].tolist())


def test_a_hedge_at_all_times_rolls_in_every_way(always):
    reasons = set(always.orders["reason"].tolist())
    assert {Reason.ROLL_TIME, Reason.ROLL_DEEP, Reason.ROLL_FAR} <= reasons
    start = np.flatnonzero(held(always, 0))[0]
    assert (held(always, 0)[start:] > 0.0).all(), "never without puts"
    puts = always.orders[(always.orders["role"] == 2) & (always.orders["asked"] > 0)]
    listed = monthly_expiry(always.market.sessions, 45)
    assert (puts["expiry"] == listed[puts["born"]])[puts["reason"] >= Reason.ROLL_TIME].all()
    days = puts["expiry"] - always.market.bars["session"][puts["born"]]
    assert days.min() >= 45
    left = np.array(
        [
            puts["expiry"][np.searchsorted(puts["ended"], t, side="right") - 1]
            for t in range(start, len(held(always, 0)))
        ]
    )
    left = left - always.market.bars["session"][start:]
    assert left.min() >= 9, "the first close below 14 days, after a long weekend, and the open after that"


@pytest.mark.parametrize("size_by", ["coverage", "delta"])
@pytest.mark.parametrize("base", [1.0, 1.9])
def test_sold_puts_are_always_covered(size_by, base):
    sets = ("params.width=0.1", f"params.size_by={size_by}", f"params.base={base}", "params.budget=0.1")
    result = backtest(load_shipped(PUTS, "sample", None, sets))
    bought, sold = held(result, 0), held(result, 1)
    assert (sold < 0.0).sum() > 500
    assert (bought + sold >= 0.0).all()
    assert Reason.UNCOVERED not in set(result.orders["reason"].tolist())


def test_a_refused_order_is_not_sent_again_at_once():
    """A cash account with 97 % in small caps has no money for puts at the money on half as much again."""
    half_more = tuple(one.replace("0.5", "1.5") for one in ALWAYS)
    budget = ("params.below=0", "params.budget=1", "params.days=90")
    sets = ("account.margin.kind=cash", "params.base=0.97", "params.band=1", *half_more, *budget)
    result = backtest(load_shipped(PUTS, "sample", None, sets))
    refused = result.orders[(result.orders["status"] == OrderStatus.REJECTED) & (result.orders["role"] == 2)]
    assert len(refused) > 50
    assert set(refused["cause"].tolist()) == {Cause.CASH_ACCOUNT}
    assert np.diff(refused["born"]).min() >= 6, "seen a bar later, then five bars of waiting"


def test_a_spread_in_a_cash_account_is_the_bought_put_alone():
    sets = ("account.margin.kind=cash", "params.base=0.9", "params.band=1", "params.width=0.1")
    result = backtest(load_shipped(PUTS, "sample", None, sets))
    orders = result.orders[result.orders["role"] >= 2]
    sold = orders[orders["role"] == 3]
    assert set(sold["cause"].tolist()) == {Cause.CASH_ACCOUNT}
    assert len(sold) <= np.count_nonzero((orders["role"] == 2) & (orders["asked"] > 0)), "asked with a purchase only"
    assert (held(result, 1) == 0.0).all()
    assert (held(result, 0) > 0.0).sum() > 500


def test_without_a_volatility_nothing_is_bought_and_nothing_asked():
    ready, market = load_shipped(PUTS, "sample"), bars_of(PUTS, "sample")
    bars = market.bars.copy()
    rows = (market.sessions >= np.datetime64("2010-09-10")) & (market.sessions <= np.datetime64("2010-09-24"))
    bars["rvx"][rows] = math.nan
    result = native.run(prepare(ready.config, ready.strategy, replace(market, bars=bars)), "interpreted")
    found = sent(result, "2010-09-10", "2010-09-30")
    assert found[0][:2] == ("2010-09-27", Reason.BUDGET)
    assert Cause.NO_VOLATILITY not in set(result.orders["cause"].tolist())
