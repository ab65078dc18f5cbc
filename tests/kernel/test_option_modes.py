# SPDX-License-Identifier: Apache-2.0
"""Random option books: the same bytes interpreted and compiled, and a ledger that adds up."""

import numpy as np
import pytest

from engine.analytics.analysis import analyse
from engine.engines import native
from engine.kernel.codes import EntryKind
from engine.runs.backtest import prepare as prepare_config
from engine.runs.sweep import simulate_sets
from tests.kernel import option_desk as desk
from tests.kernel.option_desk import CALL, CLOSE_OPTION, PUT, SHARES, Order, draw, run

COSTS = {
    "account.cash": 60_000.0,
    "options.skew": 0.5,
    "options.dividend_yield": 0.013,
    "options.commission": 0.65,
    "options.minimum": 1.0,
    "options.spread.premium": 0.02,
    "options.spread.vega": 0.005,
    "options.spread.least": 0.01,
    "costs.benchmark": 0.04,
}
RULES = [
    {},
    {"fills.at": "next_close"},
    {"fills.at": "this_close"},
    {"account.margin.kind": "none"},
    {"account.margin.liquidation": "flat", "account.cash": 15_000.0},
    {"fills.whole_shares": False, "account.margin.kind": "cash"},
]


def random_market(seed, rows=400):
    """A walk with jumps, splits and holes in the volatility; orders for all four slots and for shares."""
    rng = np.random.default_rng(seed)
    closes = 100 * np.exp(np.cumsum(rng.standard_t(4, rows) * 0.012))
    ratios = {int(row): float(rng.choice([2.0, 0.5, 3.0])) for row in rng.choice(np.arange(50, rows), 3, replace=False)}
    opens = closes * np.exp(rng.normal(0, 0.004, rows))
    for row, ratio in ratios.items():
        closes[row:] /= ratio
        opens[row:] /= ratio
    volatility = 20 * np.exp(np.cumsum(rng.normal(0, 0.05, rows)) / 3)
    volatility[rng.random(rows) < 0.05] = np.nan
    days = np.cumsum(rng.choice([1, 1, 1, 1, 3], rows))
    orders = []
    for row in range(rows):
        for _ in range(rng.integers(0, 3)):
            slot = int(rng.integers(0, 4))
            spot = 50.0 if slot == desk.FOUR else closes[row]
            what = rng.random()
            if what < 0.25:
                orders.append(Order(row, CLOSE_OPTION, slot))
            elif what < 0.4:
                orders.append(Order(row, SHARES, int(rng.integers(0, 2)), float(rng.integers(-150, 150))))
            else:
                right = int(rng.choice([CALL, PUT]))
                strike = float(np.round(spot * rng.uniform(0.85, 1.15)))
                expiry = float(days[row] + rng.integers(-1, 45))
                orders.append(desk.buy(row, slot, float(rng.integers(-6, 7)), right, strike, expiry))
    return draw(orders, closes, opens=opens, days=days, iv=volatility, splits=ratios)


@pytest.mark.parametrize("rules", RULES, ids=lambda rules: "-".join(map(str, rules.values())) or "plain")
@pytest.mark.parametrize("seed", range(4))
def test_both_modes_give_the_same_bytes(seed, rules):
    market = random_market(seed)
    plain, fast = (run(market, {**COSTS, **rules}, mode) for mode in ("interpreted", "compiled"))
    for name in ("ledger", "points", "orders", "marks"):
        assert getattr(plain, name).tobytes() == getattr(fast, name).tobytes(), name
    assert plain.state == fast.state


@pytest.mark.parametrize("seed", range(4))
def test_the_random_books_do_what_there_is_to_do(seed):
    kinds = np.bincount(run(random_market(seed), COSTS).ledger["kind"], minlength=12)
    assert kinds[EntryKind.OPTION_FILL] > 40
    assert kinds[EntryKind.OPTION_EXPIRY] > 5
    assert kinds[EntryKind.FILL] > 5


@pytest.mark.parametrize("rules", [{}, {"fills.at": "this_close"}, {"account.margin.liquidation": "flat"}])
@pytest.mark.parametrize("seed", range(4))
def test_cash_and_marked_positions_are_equity(seed, rules):
    result = run(random_market(seed), {**COSTS, "account.cash": 200_000.0, **rules})
    analysis = analyse(result)
    np.testing.assert_allclose(analysis.paths.equity, result.points["equity"], rtol=0, atol=1e-6)
    interest = result.ledger["amount"][result.ledger["kind"] == EntryKind.INTEREST].sum()
    assert analysis.trips["net_pnl"].sum() + interest + 200_000 == pytest.approx(result.points["equity"][-1], abs=1e-6)
    held = analysis.paths.positions[-1, 2:]
    at_end = result.marks[result.marks["t"] == len(result.market) - 1]
    assert np.flatnonzero(held).tolist() == at_end["slot"].tolist()


@pytest.mark.parametrize("seed", range(3))
def test_put_call_parity_of_marks(seed):
    """Long a call, short the put of the same strike and expiry: worth a forward, on every bar."""
    rng = np.random.default_rng(seed)
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.02, 60)))
    orders = [desk.buy(0, desk.ONE, 1, CALL, 95, 80), desk.buy(0, desk.TWO, -1, PUT, 95, 80)]
    result = run(draw(orders, closes, iv=rng.uniform(10, 60, 60)), {**COSTS, "account.cash": 1e6})
    years = (80 - np.arange(1, 60)) / 365
    call, put = (result.marks[result.marks["slot"] == slot] for slot in (desk.ONE, desk.TWO))
    forward = closes[1:] * np.exp(-0.013 * years) - 95 * np.exp(-0.04 * years)
    np.testing.assert_allclose(call["price"] - put["price"], forward, atol=1e-10)
    np.testing.assert_allclose(call["delta"] - put["delta"], np.exp(-0.013 * years), atol=1e-12)


def test_a_sweep_ends_where_the_single_run_ends():
    from engine.inputs.prepared import prepare
    from tests.kernel.option_desk import OptionDesk

    market = random_market(1)
    config = run(market, COSTS).config
    bare = prepare(config, OptionDesk, market, recording=False)
    outcome = simulate_sets(bare, bare.features, bare.params_row())[0]
    result = native.run(prepare(config, OptionDesk, market), "interpreted")
    assert outcome["final_equity"] == result.points["equity"][-1]
    assert outcome["fills"] == np.isin(result.ledger["kind"], [EntryKind.FILL, EntryKind.OPTION_FILL, 9]).sum()


def test_intraday_options_lose_their_last_day_bar_by_bar():
    """On the expiry day of 5-minute bars the time left is that to the session's close, not zero."""
    from dataclasses import replace

    market = draw([desk.buy(0, desk.ONE, 1, CALL, 100, 0)], [100.0] * 5)
    bars = market.bars.copy()
    bars["session"], bars["days"], bars["last"] = bars["session"][0], 0, [0, 0, 0, 0, 1]
    bars["ts"] = bars["ts"][0] + np.arange(5) * 300_000_000_000
    result = run(replace(market, bars=bars, frequency="5min"))
    left = np.array([3, 2, 1]) * 5 / 1440 / 365  # at the closes of bars 1, 2 and 3
    expected = 100 * 0.2 * np.sqrt(left / (2 * np.pi))
    np.testing.assert_allclose(result.marks["price"], expected, rtol=2e-5)
    fill, end = result.ledger[1:]
    assert fill["price"] == pytest.approx(100 * 0.2 * np.sqrt(4 * 5 / 1440 / 365 / (2 * np.pi)), rel=2e-5)
    assert (end["kind"], end["t"]) == (EntryKind.OPTION_EXPIRY, 4)


PUTS = {
    "name": "put",
    "strategy": "tests.kernel.protective_put:ProtectivePut",
    "roles": {"small": "IWM"},
    "series": {"rvx": "RVX"},
    "period": {"start": "2010-06-01", "end": "2011-12-30"},
}


@pytest.fixture(scope="module")
def protected():
    """The small caps of the sample market with a put under them, rolled every month."""
    return native.run(prepare_config(PUTS), "interpreted")


def test_a_protective_put_worked_on_the_sample_market(protected):
    """September 2010: small caps fall from 102.91 to 78.56, open to open, and the put of 100 pays 15 dollars a share.

    Sold at 98 % of its modelled price, which so deep in the money is strike less spot less a little interest.
    """
    trips = analyse(protected).trips
    hedges = trips[trips["role"] == 1]
    best = hedges[np.argmax(hedges["net_pnl"])]
    sessions, opens = protected.market.sessions, protected.market.bars["small"]["open"]
    assert protected.symbol(1, int(best["order"])) == "IWM 2010-10-29 P100"
    assert (str(sessions[best["open_row"]]), str(sessions[best["close_row"]])) == ("2010-09-15", "2010-10-20")
    assert (opens[best["open_row"]], opens[best["close_row"]]) == (102.91, 78.56)
    assert (round(best["entry_price"], 2), round(best["exit_price"], 2)) == (5.86, 20.96)
    assert best["exit_price"] / 0.98 == pytest.approx(100 - 78.56, abs=0.06)
    assert best["net_pnl"] == pytest.approx(1000 * (best["exit_price"] - best["entry_price"]) - 2 * 6.50)


def test_the_protective_put_is_rolled_every_month_and_never_missing(protected):
    fills = protected.ledger[protected.ledger["kind"] == EntryKind.OPTION_FILL]
    rows = np.unique(fills["t"])
    assert np.diff(protected.market.bars["session"][rows]).min() >= 34
    assert (np.bincount(protected.marks["t"], minlength=len(protected.market))[1:] == 1).all()
    assert set(fills["qty"]) == {10.0, -10.0}
