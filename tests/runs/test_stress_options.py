# SPDX-License-Identifier: Apache-2.0
"""A book with option contracts under stress: frozen it is the backtest, shocked it is the formula."""

import datetime as dt
import io
import json
import math
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import jsonschema
import numpy as np
import pytest
from rich.console import Console

from engine.analytics.analysis import analyse
from engine.kernel.codes import EntryKind
from engine.kernel.options import price_and_delta, skewed
from engine.model.run import Margin
from engine.records import option_input_dtype
from engine.report.kit.encoding import to_json
from engine.report.stress.document import document
from engine.report.stress.page import render
from engine.report.stress.terminal import show
from engine.runs.backtest import backtest, load_bars, loaded
from engine.runs.stress import stress
from engine.runs.stress.book import Book, book_at
from engine.runs.stress.hold import OptionInputs, hold, open_at, run_hold
from engine.runs.stress.impact import Covering
from engine.runs.stress.liquidity import Liquidity
from engine.runs.stress.option_desk import OptionDesk
from engine.runs.stress.option_legs import HeldOptions, OptionLeg
from engine.runs.stress.option_side import OptionSide
from engine.runs.stress.shocks import shocked
from engine.runs.stress.spiral import Shocked, run_spiral
from engine.runs.stress.volatility import VolatilityRule, last_known, volatility_rule
from tests.kernel.option_desk import PLAIN_OPTIONS, draw
from tests.kernel.replay import settings

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs" / "schemas" / "stress.json").read_text("utf-8"))
DAY = dt.date(2024, 1, 5)
PUTS = {
    "name": "puts",
    "strategy": "tests.kernel.protective_put:ProtectivePut",
    "roles": {"small": "IWM"},
    "series": {"rvx": "RVX", "tbill": {"symbol": "TBILL", "unit": "percent"}},
    "costs": {"benchmark": "tbill"},
    "params": {"shares": 5000},
    "period": {"start": "2006-01-03", "end": "2012-12-31"},
}
SLOTS = {"one": "a", "two": "a"}


def leg(slot=0, right=-1, moneyness=1.0, days=30, weight=1.0, delta=-0.5):
    return OptionLeg(slot, 0, right, moneyness, days, weight, delta)


def a_book(*legs, shares=(1.0, 0.0), equity=100_000.0):
    return Book(np.array(shares), DAY, DAY, 1.0, equity, legs)


def config(**given):
    return settings({**PLAIN_OPTIONS, **given})


def flat(rows, volatility=0.2):
    made = np.zeros(rows, option_input_dtype(2))
    made["volatility"] = volatility
    return OptionInputs(SLOTS, made)


def value(right, spot, strike, days, volatility):
    return price_and_delta(right, spot, strike, days / 365.0, 0.0, 0.0, volatility)[0]


@pytest.fixture(scope="module")
def run():
    result = backtest(PUTS)
    positions = analyse(result).paths.positions
    return result, positions, HeldOptions.of(result, positions)


@pytest.fixture(scope="module")
def found():
    return stress(PUTS, leverages=[1.0, 2.25, 3.25, 4.25, 5.25, 6.25, 7.25])


class TestTheBookOfARun:
    """Weights, contracts and exposures are those of the account at that close."""

    def test_gross_and_net_are_the_ledgers(self, run):
        result, positions, options = run
        for row in (40, 500, 1200):
            book = book_at(result, positions, row, options)
            assert book.leverage * book.equity == pytest.approx(result.gross[row], rel=1e-12)
            assert book.exposures.sum() == pytest.approx(result.net[row] / result.gross[row], rel=1e-12)
            assert book.legs[0].weight > 0.5

    def test_at_its_own_leverage_it_is_what_was_held(self, run):
        result, positions, options = run
        book = book_at(result, positions, 700, options)
        prices = np.array([result.market.bars["small"]["close"][700]])
        (one,) = book.legs
        assert one.contracts(book.leverage * book.equity, prices, 100.0) == pytest.approx(50.0)
        order = result.orders[(result.orders["role"] == 1) & (result.orders["ended"] <= 700)][-1]
        assert one.strike(prices) == pytest.approx(order["strike"])
        assert one.days == order["expiry"] - result.market.bars["session"][700]
        assert one.right == -1

    def test_on_another_day_the_strike_goes_with_the_price(self):
        assert leg(moneyness=0.95).strike(np.array([200.0, 1.0])) == 190.0
        assert leg(moneyness=0.95, weight=2.0).contracts(1e6, np.array([200.0, 1.0]), 100.0) == 100.0

    def test_worthless_options_alone_are_no_book(self, run):
        """A thousandth of a share's move is not scaled to six times equity: the last real book is taken."""
        result, positions, options = run
        none = positions.copy()
        none[700:, 0] = 0.0
        faint = replace(options, gross=np.where(np.arange(len(none)) >= 700, 1.0, options.gross))
        book = book_at(result, none, 720, faint)
        assert book.was_flat
        assert book.session == result.market.sessions[699].item()

    def test_frozen_at_its_own_leverage_it_is_the_backtest(self, run):
        """Until the strategy trades again: the same contracts, marks, dividends, interest, to the cent."""
        result, positions, options = run
        side = OptionSide.of(loaded(PUTS), result, positions)
        fills = result.ledger[result.ledger["kind"] == EntryKind.OPTION_FILL]["t"]
        first = int(fills[fills > 650][0])  # the row on which a new put was bought
        last = int(fills[fills > first][0]) - 1
        assert last - first > 15
        book = book_at(result, positions, first, options)
        market = result.market.slice(first, last + 1)
        prices = np.array([market.bars["small"]["close"][0]])
        assert book.quantities(prices, book.leverage)[0] == pytest.approx(5000.0)
        whole = replace(
            book,
            weights=book.weights * (1 + 1e-12),
            legs=(replace(book.legs[0], weight=book.legs[0].weight * (1 + 1e-12)),),
        )
        held = run_hold(whole, open_at(market), result.config, book.leverage, side.through(first, last))
        assert held.points["equity"] == pytest.approx(result.points["equity"][first : last + 1], rel=1e-9)
        assert held.points["maintenance"][1:] == pytest.approx(
            result.points["maintenance"][first + 1 : last + 1], rel=1e-9
        )


class TestTheFrozenBook:
    """In the kernel: opened for free, marked, settled at expiry, called and closed with the shares."""

    def test_it_stands_without_cost(self):
        dear = {**PLAIN_OPTIONS["options"], "commission": 5.0, "minimum": 50.0, "spread": {"premium": 0.5}}
        market = draw([], [100.0] * 4)
        result = run_hold(a_book(leg()), open_at(market), config(options=dear), 1.0, flat(4))
        assert result.points["equity"][0] == 100_000.0
        fills = result.ledger[result.ledger["kind"] == EntryKind.OPTION_FILL]
        assert (fills["qty"].tolist(), fills["slippage"].tolist()) == ([10.0], [0.0])
        assert fills["price"][0] == pytest.approx(value(-1, 100.0, 100.0, 30, 0.2))
        assert not (result.ledger["kind"] == EntryKind.COMMISSION).any()

    def test_days_pass_and_the_volatility_is_the_stretches(self):
        quoted = flat(3)
        quoted.option_inputs["volatility"][1:] = 0.5
        equity = hold(a_book(leg()), open_at(draw([], [100.0, 90.0, 90.0])), config(), 1.0, quoted).equity
        bought = value(-1, 100.0, 100.0, 30, 0.2)
        for row in (1, 2):
            now = value(-1, 90.0, 100.0, 30 - row, 0.5)
            assert equity[row] == pytest.approx(1.0 - 0.10 + 1_000 * (now - bought) / 100_000.0)

    def test_an_expiry_inside_the_stretch_is_settled_at_its_intrinsic_value(self):
        market = draw([], [100.0, 95.0, 90.0, 80.0, 80.0])
        equity = hold(a_book(leg(days=2)), open_at(market), config(), 1.0, flat(5)).equity
        premium = value(-1, 100.0, 100.0, 2, 0.2)
        assert equity[3:] == pytest.approx(1.0 - 0.20 + 1_000 * (10.0 - premium) / 100_000.0), (
            "nothing protects 90 to 80"
        )

    @pytest.mark.parametrize("leverage", [0.4, 3.0, 60.0, 100.0])
    def test_it_can_be_opened_at_any_leverage(self, leverage):
        """Puts that cost more than the account has, naked calls: asked for margin a day later, not before."""
        legs = (leg(moneyness=1.4, days=300, weight=1.0), leg(slot=1, right=1, moneyness=0.8, days=300, weight=-1.0))
        result = run_hold(a_book(*legs), open_at(draw([], [100.0] * 3)), config(), leverage, flat(3))
        assert result.points["equity"][0] == pytest.approx(100_000.0)

    def test_a_call_by_hand(self):
        """Naked calls at 100 on 10,000 shares: 20 % of 130 x 10,000 = 260,000 is asked of what the move has left."""
        book = a_book(leg(right=1, weight=-10.0, delta=0.5), shares=(0.0, 0.0))
        result = run_hold(book, open_at(draw([], [100.0, 101.0, 101.0, 101.0])), config(), 1.0, flat(4))
        lost = 10_000 * (value(1, 101.0, 100.0, 29, 0.2) - value(1, 100.0, 100.0, 30, 0.2))
        assert result.points["equity"][1] == pytest.approx(100_000.0 - lost)
        assert result.points["maintenance"][1] == pytest.approx(0.20 * 101.0 * 10_000)
        forced = result.ledger[(result.ledger["kind"] == EntryKind.OPTION_FILL) & (result.ledger["t"] == 2)]
        assert 0 < forced["qty"].sum() < 100, "bought back at the next open, in part"

    def test_a_spread_requires_what_it_can_still_lose(self):
        legs = (leg(moneyness=1.0, weight=1.0), leg(slot=1, moneyness=0.9, weight=-1.0))
        result = run_hold(a_book(*legs), open_at(draw([], [100.0] * 2)), config(), 1.0, flat(2))
        spread = value(-1, 100.0, 100.0, 29, 0.2) - value(-1, 100.0, 90.0, 29, 0.2)
        assert result.points["maintenance"][1] == pytest.approx(0.25 * 100_000.0 + 1_000 * spread)

    def test_whole_contracts_only(self):
        result = run_hold(a_book(leg(weight=0.159)), open_at(draw([], [100.0] * 2)), config(), 1.0, flat(2))
        assert result.ledger[result.ledger["kind"] == EntryKind.OPTION_FILL]["qty"].tolist() == [1.0]


class TestVolatility:
    def test_it_moves_with_the_price_and_stays_in_its_bounds(self):
        rule = VolatilityRule(*(np.array(part) for part in ([0.2], [100.0], [-4.0], [0.1], [0.5])))
        assert rule.at(np.array([90.0])) == pytest.approx([0.2 * 0.9**-4])
        assert rule.at(np.array([50.0])) == [0.5]
        assert rule.at(np.array([150.0])) == [0.1]
        seen = rule.seen(np.array([0.8]), np.array([60.0]))
        assert seen.at(np.array([60.0])) == [0.8], "a moment that was seen is not cut to what was known before"

    def test_beta_is_measured(self):
        rng = np.random.default_rng(5)
        closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 300)))
        market = draw([], closes)
        volatility = np.column_stack([0.2 * (closes / 100) ** -3.0, np.full(300, np.nan)])
        rule = volatility_rule(market, volatility)
        assert rule.beta == pytest.approx([-3.0, 0.0])
        assert (rule.low[0], rule.high[0]) == (volatility[:, 0].min(), volatility[:, 0].max())
        assert rule.start[0] == volatility[-1, 0]

    def test_a_number_does_not_move(self):
        market = draw([], 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.01, 300))))
        rule = volatility_rule(market, np.full((300, 2), 0.3))
        assert rule.at(rule.prices * 0.7) == pytest.approx([0.3, 0.3])

    def test_the_last_known_stands_in(self):
        made = np.zeros(4, option_input_dtype(2))
        made["volatility"] = [[np.nan, 0.1], [0.2, np.nan], [np.nan, np.nan], [0.3, 0.4]]
        filled = last_known(made)["volatility"]
        assert np.array_equal(filled, [[np.nan, 0.1], [0.2, 0.1], [0.2, 0.1], [0.3, 0.4]], equal_nan=True)


def test_the_desk_prices_as_the_formula_with_the_skew():
    given = config(options={**PLAIN_OPTIONS["options"], "skew": 0.5, "dividend_yield": 0.01})
    desk = OptionDesk(a_book(leg(moneyness=0.9, days=73, weight=0.5)), np.array([100.0, 50.0]), 2.0, given, 0.03)
    worth, required = desk.worth(np.array([80.0, 50.0]), np.array([0.4, np.nan]))
    implied = skewed(0.4, 0.5, 0.5, 80.0, 90.0, 0.2)
    assert worth == pytest.approx(1_000.0 * price_and_delta(-1, 80.0, 90.0, 0.2, 0.03, 0.01, implied)[0])
    assert required == worth, "a long option lends nothing"


class TestTheSpiral:
    def start(self, options=None):
        terms = SimpleNamespace(
            asset=[SimpleNamespace(maintenance_long=0.25, maintenance_short=0.30, floor_high=0.0, floor_low=0.0)]
        )
        return Shocked(np.array([10_000.0]), np.array([100.0]), 150_000.0, Margin(cushion=0.1), terms, options)

    def covering(self, coefficient=1.0):
        known = Liquidity(sigma=np.array([0.02]), volume=np.array([1e6]))
        return Covering.of(np.array([10_000.0]), 99.0, known, coefficient)

    def test_contracts_that_move_like_shares_gain_what_shares_lose(self):
        """Short 10,000 shares by way of contracts: what the long ones lose at every step they gain."""
        spiral = run_spiral(self.start(lambda prices: (-10_000.0 * float(prices[0]), 0.0)), self.covering())
        assert spiral.steps[-1].covered > 0.4
        assert [step.equity for step in spiral.steps] == pytest.approx([150_000.0] * len(spiral.steps))

    def test_a_put_softens_it_and_its_value_is_asked_for(self):
        def put(prices):
            worth = 10_000.0 * value(-1, float(prices[0]), 100.0, 30, 0.3)
            return worth, worth

        bare, hedged = run_spiral(self.start(), self.covering()), run_spiral(self.start(put), self.covering())
        assert hedged.steps[0].maintenance == pytest.approx(bare.steps[0].maintenance + put([100.0])[0])
        assert hedged.equity > bare.equity

    def test_without_impact_nothing_is_gained_on_the_way(self):
        start = self.start(lambda prices: (-10_000.0 * float(prices[0]), 0.0))
        assert start.option_gain(self.covering(0.0), 0.5) == 0.0


def test_a_shock_of_one_day_by_hand():
    """IWM -20 %: shares lose a fifth, the puts gain at the volatility that the rule gives, a session later."""
    market = draw([], [100.0, 100.0]).slice(1, 2)
    path = shocked(market, np.array([-0.20, 0.0]), 1, Liquidity(np.array([0.01, 0.01]), np.array([1e9, 1e9])))
    rule = VolatilityRule(*(np.array(part) for part in ([0.2] * 2, [100.0, 50.0], [-4.0] * 2, [0.1] * 2, [0.9] * 2)))
    made = np.zeros(len(path), option_input_dtype(2))
    made["volatility"] = rule.at(np.column_stack([path.bars[role]["close"] for role in ("a", "b")]))
    equity = hold(a_book(leg()), path, config(), 1.0, OptionInputs(SLOTS, made)).equity
    days = int(path.bars["session"][1] - path.bars["session"][0])
    gained = value(-1, 80.0, 100.0, 30 - days, 0.2 * 0.8**-4) - value(-1, 100.0, 100.0, 30, 0.2)
    assert equity[1] == pytest.approx(1.0 - 0.20 + 1_000 * gained / 100_000.0)


class TestTheWholeTest:
    def test_the_hedge_is_in_the_shocks_and_in_the_spiral(self, found):
        """IWM -30 % in a day at 1x: what is in the book of that day, by the formula; in the kernel a night later."""
        worst = next(one for one in found.shocks if (one.shock.small, one.shock.sessions) == (0.30, 1))
        (put,), shares = found.book.legs, float(found.book.weights[0])
        given, spot = found.result.config.options, float(found.volatility.prices[0])
        strike, rate = put.strike(found.volatility.prices), float(found.result.market.tbill[-1])

        def price(now, implied):
            volatility = skewed(implied, given.skew, given.floor, now, strike, put.days / 365.0)
            return price_and_delta(-1, now, strike, put.days / 365.0, rate, given.dividend_yield, volatility)[0]

        after = float(found.volatility.at(found.volatility.prices * 0.7)[0])
        gained = put.weight * (price(0.7 * spot, after) - price(spot, float(found.volatility.start[0]))) / spot
        at = found.leverages.index(1.0)
        assert worst.spiral.losses[at] == pytest.approx(0.30 * shares - gained)
        assert worst.ladder.held[at].equity[1] == pytest.approx(1.0 - 0.30 * shares + gained, abs=0.002)
        assert gained > 0.5 * 0.30 * shares, "a hedge worth the name"

    def test_the_worst_moment_of_a_window_counts_the_puts(self, found):
        crash = next(one for one in found.windows if one.window.title == "Crash")
        alone = crash.spiral.moves[0] * float(crash.book.weights[0])
        assert 0.0 < crash.spiral.losses[found.leverages.index(1.0)] < 0.6 * -alone

    def test_its_document_and_its_page(self, found):
        written = json.loads(to_json(document(found)))
        jsonschema.validate(written, SCHEMA)
        (put,) = written["book"]["options"]
        assert (put["slot"], put["role"], put["right"]) == ("hedge", "small", "put")
        assert written["volatility"]["small"]["beta"] < -1
        page = render(found)
        assert "puts on IWM for +" in page
        assert "Option prices are modelled; their volatility follows the price: IWM" in page

    def test_the_terminal(self, found):
        """Eight leverages do not fit: the largest go, the configuration's own stays, and what went is named."""
        console = Console(width=80, highlight=False, file=io.StringIO())
        show(found, console)
        text = console.file.getvalue()
        assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
        assert "puts on IWM for +" in " ".join(text.split())
        assert "Option prices are MODELLED, never quoted" in " ".join(text.split())
        frozen = text.partition("The same, frozen")[2]
        head = next(line.split() for line in frozen.splitlines() if line.startswith("window"))
        left_out = next(line for line in frozen.splitlines() if line.endswith(": on the page."))
        rungs = [f"{one:g}x" for one in found.leverages]
        assert sorted([*head[1:-2], *left_out.removesuffix(": on the page.").split(", ")]) == sorted(rungs)
        assert f"{found.own:g}x" in head
        assert "7.25x" in left_out

    def test_the_volatility_is_the_runs(self, found):
        market, start, stop = load_bars(loaded(PUTS))
        assert found.volatility.start[0] == pytest.approx(market.bars["rvx"][stop - 1] / 100.0)
        assert found.volatility.high[0] <= math.nextafter(market.bars["rvx"][start:stop].max() / 100.0, 1.0)
