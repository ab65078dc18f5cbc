# SPDX-License-Identifier: Apache-2.0
"""A frozen book in the real account: what it holds, what a call does, what it is charged; and the shocks it meets."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from engine.analytics.analysis import analyse
from engine.errors import DataError
from engine.kernel.codes import EntryKind
from engine.market.panel import Market
from engine.records import bar_dtype
from engine.runs.stress.book import Book, book_at
from engine.runs.stress.hold import hold, open_at, run_hold
from engine.runs.stress.liquidity import Liquidity, betas, liquidity
from engine.runs.stress.shocks import AFTER, GRID, LARGE_MOVES, LENGTHS, SIZES, Shock, apart, exposure, shocked
from tests.kernel.replay import draw_market, settings

DAY = dt.date(2024, 1, 5)
SESSION = 19_727  # that Friday


def a_book(*weights, equity=100_000.0):
    return Book(np.array(weights), DAY, DAY, 1.0, equity)


def bars(*closes, volume=1e9):
    """Open at the close before."""
    closes = np.array(closes, float)
    opened = np.append(closes[:1], closes[:-1])
    high, low = np.maximum(opened, closes), np.minimum(opened, closes)
    return np.column_stack([opened, high, low, closes, np.full(len(closes), volume)])


def market_of(a, b, **events):
    return draw_market({"a": a, "b": b}, SESSION + np.arange(len(a)), **events)


def held(book, market, leverage, **given):
    return hold(book, open_at(market), settings(given), leverage)


def test_the_book_stands_at_the_opening_close_without_cost_or_initial_margin():
    market = market_of(bars(100, 100, 100), bars(50, 50, 50))
    dear = {"costs.slippage": {"half_spread": 0.01, "impact": 0.1}, "costs.commission": [{"per_share": 1.0}]}
    result = run_hold(a_book(0.5, -0.5), open_at(market), settings(dear), 3.5)
    entries = [(entry["kind"], entry["role"], entry["qty"], entry["price"]) for entry in result.ledger[1:]]
    assert entries == [(EntryKind.FILL, 0, 1_750, 100.0), (EntryKind.FILL, 1, -3_500, 50.0)]
    assert result.points["equity"].tolist() == [100_000.0] * 3
    assert result.gross.tolist() == [350_000.0] * 3


def test_the_first_night_is_charged():
    market = market_of(bars(100, 100), bars(50, 50))
    result = run_hold(
        a_book(0.5, -0.5), open_at(market), settings({"costs.borrow": {"default": [{"rate": 0.36}]}}), 2.0
    )
    (fee,) = result.ledger[result.ledger["kind"] == EntryKind.BORROW]
    assert (fee["t"], fee["amount"]) == (1, pytest.approx(-51 * 2_000 * 0.36 / 360))


def test_a_call_by_hand():
    """Long 1,500, short 1,500 at 100 on 100,000. The short leg rises to 116: equity 76,000, maintenance
    37,500 + 52,200 = 89,700. keep = 76,000 / 98,670 = 0.770244: 1,155 stay of each; nothing moves afterwards.
    """
    market = market_of(bars(100, 100, 100, 100), bars(100, 116, 116, 116))
    result = run_hold(a_book(0.5, -0.5), open_at(market), settings(), 3.0)
    forced = result.ledger[result.ledger["kind"] == EntryKind.LIQUIDATION]
    assert [(one["t"], one["role"], one["qty"]) for one in forced] == [(2, 0, -345), (2, 1, 345)]
    assert result.points["equity"].tolist() == [100_000.0, 76_000.0, 76_000.0, 76_000.0]
    assert result.points["maintenance"][1] == 89_700.0
    outcome = held(a_book(0.5, -0.5), market, 3.0)
    assert (outcome.fate, outcome.calls, outcome.loss, outcome.worst) == ("called", 1, pytest.approx(0.24), 0.24)


def test_no_margin_check_before_the_close_of_the_second_bar():
    market = market_of(bars(100, 100, 100), bars(100, 100, 100))
    result = run_hold(a_book(0.5, -0.5), open_at(market), settings(), 5.0)
    assert [one["born"] for one in result.orders if one["reason"] < 0] == [1, 1]


@pytest.mark.parametrize(("leverage", "fate"), [(1.0, "alive"), (9.9, "called"), (10.0, "dead"), (12.0, "dead")])
def test_alive_called_dead(leverage, fate):
    market = market_of(bars(100, 100, 100), bars(100, 120, 120))
    assert held(a_book(0.5, -0.5), market, leverage).fate == fate


def test_a_dead_account_stays_dead_when_prices_come_back():
    market = market_of(bars(100, 100, 100, 100), bars(100, 125, 125, 90))
    outcome = held(a_book(0.5, -0.5), market, 9.0)
    assert outcome.fate == "dead"
    assert outcome.loss == outcome.worst == pytest.approx(1.125)


def test_volume_caps_the_liquidation_but_not_the_opening():
    market = market_of(bars(100, 100, 100, 100, volume=1_000), bars(100, 116, 116, 116, volume=1_000))
    result = run_hold(a_book(0.5, -0.5), open_at(market), settings({"fills.participation": 0.1}), 3.0)
    assert result.ledger["qty"][1:3].tolist() == [1_500, -1_500]
    forced = result.ledger[result.ledger["kind"] == EntryKind.LIQUIDATION]
    assert np.abs(forced["qty"]).tolist() == [100.0] * 4


@pytest.mark.parametrize("kind", ["cash", "none"])
def test_an_account_without_calls_carries_the_whole_book(kind):
    market = market_of(bars(100, 100, 100), bars(100, 116, 116))
    outcome = held(a_book(0.5, -0.5), market, 6.0, **{"account.margin.kind": kind})
    assert (outcome.fate, outcome.calls, outcome.loss) == ("alive", 0, pytest.approx(0.48))


def test_shares_that_nobody_lends_any_more_were_borrowed_before():
    market = market_of(bars(100, 100, 100), bars(100, 116, 116))
    none = {"costs.borrow": {"default": [{"rate": 0.0, "available": False}]}}
    assert held(a_book(0.5, -0.5), market, 2.0, **none).loss == pytest.approx(0.16)


def test_the_opening_bar_has_no_event():
    split, dividend = {"a": np.array([2.0, 1, 1])}, {"a": np.array([5.0, 0, 0])}
    market = market_of(bars(100, 100, 100), bars(100, 100, 100), splits=split, dividends=dividend)
    opened = open_at(market)
    first = opened.bars["a"][0]
    assert (first["open"], first["high"], first["dividend"], first["split"]) == (100, 100, 0, 1)
    assert np.isnan(first["volume"])
    assert market.bars["a"]["split"][0] == 2.0  # the market that was given is not changed


def test_splits_inside_are_the_kernels():
    prices = bars(100, 100, 50, 50)
    prices[2] = [50, 50, 50, 50, 1e9]
    market = market_of(prices, bars(100, 100, 100, 100), splits={"a": np.array([1.0, 1, 2, 1])})
    assert held(a_book(0.5, -0.5), market, 2.0).equity.tolist() == [1.0] * 4


def test_book_is_what_was_held_or_the_last_before():
    market = market_of(bars(100, 100, 100, 100), bars(100, 100, 100, 100))
    result = run_hold(a_book(0.75, -0.25), open_at(market), settings(), 1.6)
    positions = analyse(result).paths.positions
    found = book_at(result, positions, 2)
    assert found.weights == pytest.approx([0.75, -0.25])
    assert (found.leverage, found.equity, found.was_flat) == (pytest.approx(1.6), 100_000.0, False)
    positions[2:] = 0.0
    before = book_at(result, positions, 3)
    assert (before.session, before.asked, before.was_flat) == (dt.date(2024, 1, 6), dt.date(2024, 1, 8), True)
    assert book_at(result, positions * 0.0, 3) is None


def test_liquidity_counts_sessions_and_splits():
    rng = np.random.default_rng(1)
    closes = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, 80)))
    ratio = np.where(np.arange(80) == 40, 2.0, 1.0)
    raw = closes / np.cumprod(ratio)
    market = market_of(bars(*raw, volume=1_000), bars(*closes, volume=3_000), splits={"a": ratio})
    known = liquidity(market)
    daily = np.diff(np.log(closes))[-60:].std(ddof=1)
    assert known.sigma == pytest.approx([daily, daily])
    # 60 sessions: 20 before the split, whose 1,000 shares are 2,000 of today's, and 40 after it
    assert known.volume == pytest.approx([(20 * 2_000 + 40 * 1_000) / 60, 3_000])
    with pytest.raises(DataError, match="only 20 sessions"):
        liquidity(market.head(20))


def test_of_weekly_bars_a_day_is_a_day():
    """Sixty weeks of 4.85 sessions each: a day has its part of their volume, and moves by the root of it."""
    wave = 100.0 * np.exp(0.01 * np.sin(np.arange(80.0)))
    market = market_of(bars(*wave, volume=5e6), bars(*wave, volume=1e6))
    daily, weekly = liquidity(market), liquidity(replace(market, sessions_per_year=52.0))
    assert weekly.volume == pytest.approx(daily.volume * 52 / 252, rel=1e-12)
    assert weekly.sigma == pytest.approx(daily.sigma * np.sqrt(52 / 252), rel=1e-12)
    impact = [one.sigma * np.sqrt(1_000 / one.volume) for one in (daily, weekly)]
    assert impact[1] == pytest.approx(impact[0], rel=1e-12), "the law itself does not ask how long a bar is"


def test_the_two_roles_are_their_own_betas():
    rng = np.random.default_rng(2)
    closes = [100 * np.exp(np.cumsum(rng.normal(0, 0.01, 80))) for _ in range(2)]
    market = market_of(bars(*closes[0]), bars(*closes[1]))
    assert betas(market, 0, 1).tolist() == [[1, 0], [0, 1]]


@pytest.mark.parametrize(
    ("weights", "moves"),
    [
        ((0.5, -0.5), (-0.05, 0.10)),
        ((-0.5, 0.5), (0.05, -0.10)),
        ((0.5, 0.5), (-0.05, -0.10)),
        ((-0.5, -0.5), (0.05, 0.10)),
    ],
)
def test_a_shock_is_turned_against_the_book(weights, moves):
    market = market_of(bars(*range(100, 130)), bars(*range(200, 230)))
    meets = exposure(market, np.array(weights))
    assert meets.moves(Shock(0.10, -0.05, 3)) == pytest.approx(moves)
    assert np.array(weights) @ meets.moves(Shock(0.10, -0.05, 3)) < 0


def panel(**closes):
    """A market of any roles, daily."""
    rows = len(next(iter(closes.values())))
    table = np.zeros(rows, bar_dtype(tuple(closes)))
    table["session"] = SESSION + np.arange(rows)
    table["last"], table["days"] = 1, 1
    for role, close in closes.items():
        for name in ("open", "high", "low", "close"):
            table[role][name] = close
        table[role]["split"] = table[role]["factor"] = 1.0
    return Market(bars=table, symbols={role: role.upper() for role in closes})


def walk(seed, rows=300):
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, rows)))


def test_one_role_is_small_caps_and_nothing_else_moves_it():
    meets = exposure(panel(stock=walk(1)), np.array([1.0]))
    assert meets.moves(Shock(0.10, -0.05, 1)) == pytest.approx([-0.10])


@pytest.mark.parametrize("roles", [("bear", "large", "small"), ("small", "bear", "large")])
def test_roles_are_found_by_name_and_others_follow_by_their_betas(roles):
    """An inverse fund of minus twice small caps: a book that holds it loses when they rise."""
    paths = {"large": walk(1), "small": walk(2)}
    paths["bear"] = 1e4 / (paths["small"] / 10) ** 2
    market = panel(**{role: paths[role] for role in roles})
    weights = np.array([{"large": 0.4, "small": 0.2, "bear": 0.4}[role] for role in roles])
    meets = exposure(market, weights)
    moves = dict(zip(roles, meets.moves(Shock(0.10, -0.05, 1)), strict=True))
    assert moves == pytest.approx({"large": -0.05, "small": 0.10, "bear": -0.20})
    assert meets.moves(Shock(0.60, 0.0, 1))[roles.index("bear")] == pytest.approx(-0.99)


def test_the_grid_is_every_size_length_and_large_move():
    pairs = [one for one in GRID if not one.squeeze]
    assert len(set(GRID)) == len(GRID) == len(SIZES) * len(LENGTHS) * (len(LARGE_MOVES) + 1)
    assert len(pairs) == len(SIZES) * len(LENGTHS) * len(LARGE_MOVES)


def test_a_squeeze_lifts_what_the_book_is_short_of_and_nothing_else():
    """A book long of small caps is hurt by a fall of them; its short of large caps is squeezed too."""
    rng = np.random.default_rng(5)
    walks = [100 * np.exp(np.cumsum(rng.normal(0, 0.01, 60))) for _ in range(2)]
    market = market_of(bars(*walks[0]), bars(*walks[1]))  # a is taken for large, b for small caps
    meets = exposure(market, np.array([-0.4, 0.6]))
    assert meets.moves(Shock(0.15, 0.0, 1)).tolist() == [0.0, -0.15]
    assert meets.moves(Shock(0.15, 0.0, 1, squeeze=True)).tolist() == [0.15, 0.0]
    squeezes = [one for one in apart(GRID, meets) if one.squeeze]
    assert len(squeezes) == len(SIZES) * len(LENGTHS)
    short_small = exposure(market, np.array([0.6, -0.4]))  # its squeeze is the rise of small caps, large caps flat
    assert not [one for one in apart(GRID, short_small) if one.squeeze]
    assert not [one for one in apart(GRID, exposure(market, np.array([0.6, 0.4]))) if one.squeeze]


def test_the_path_of_a_shock():
    """From Friday 5 January: four sessions, then quiet ones; half of a day's move overnight; weekends passed over."""
    market = market_of(bars(100, 100), bars(50, 50)).slice(1, 2)
    market.bars["session"][:] = SESSION
    path = shocked(market, np.array([-0.04, 0.08]), 4, Liquidity(np.array([0.01, 0.02]), np.array([7e6, 9e6])))
    assert len(path) == 1 + 4 + AFTER
    assert [str(day) for day in path.sessions[:3]] == ["2024-01-05", "2024-01-08", "2024-01-09"]
    assert path.bars["days"].tolist()[1:] == [3, 1, 1, 1, 1, 3]
    assert path.bars["a"]["close"].tolist() == pytest.approx([100, 99, 98, 97, 96, 96, 96])
    assert path.bars["b"]["close"].tolist() == pytest.approx([50, 51, 52, 53, 54, 54, 54])
    assert path.bars["b"]["open"].tolist() == pytest.approx([50, 50.5, 51.5, 52.5, 53.5, 54, 54])
    assert path.bars["b"]["high"][1] == 51.0
    assert path.bars["a"]["volume"].tolist()[1:] == [7e6] * 6
    assert path.synthetic
    assert (np.diff(path.ts) == path.bars["days"][1:].astype("i8") * 86_400_000_000_000).all()


def test_the_dividend_and_the_split_of_the_last_bar_are_not_repeated():
    events = {"dividends": {"b": np.array([0.0, 3.0])}, "splits": {"a": np.array([1.0, 2.0])}}
    market = market_of(bars(100, 50), bars(100, 100), **events).slice(1, 2)
    path = shocked(market, np.zeros(2), 3, Liquidity(np.array([0.01, 0.02]), np.array([1e9, 1e9])))
    assert hold(a_book(0.5, -0.5), path, settings(), 2.0).equity.tolist() == [1.0] * 6


def test_one_day_shock_by_hand():
    """3x, short leg up 20 %: 150,000 x 20 % = 30,000 of 100,000 lost; called at that close."""
    market = market_of(bars(100, 100), bars(100, 100)).slice(1, 2)
    path = shocked(market, np.array([0.0, 0.20]), 1, Liquidity(np.array([0.01, 0.02]), np.array([1e9, 1e9])))
    outcome = hold(a_book(0.5, -0.5), path, settings(), 3.0)
    assert (outcome.fate, outcome.calls) == ("called", 1)
    assert outcome.equity.tolist() == pytest.approx([1.0, 0.7, 0.7, 0.7])
