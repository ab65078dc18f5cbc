# SPDX-License-Identifier: Apache-2.0
"""Roles that begin later and end earlier, by hand, in both modes, and against markets in which they cannot matter."""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from engine.analytics.analysis import analyse
from engine.analytics.ledger_paths import fold
from engine.api.given import ready
from engine.engines import native
from engine.inputs.prepared import prepare
from engine.kernel.codes import Cause, EngineReason, EntryKind, OrderKind, OrderStatus
from engine.strategy import Strategy, param
from tests.kernel.spans import (
    FRAMES,
    FREE,
    KINDS,
    LAST,
    LAUNCH,
    ROLES,
    SPANS,
    EveryOrder,
    Holds,
    given,
    market_of,
    table,
)

PAIR = {"whole": "AAA", "other": "BBB"}
SHORT_LIFE = {"AAA": table(100.0), "BBB": table(50.0, LAUNCH, 8)}
OWN = {"BBB": {"from": "launch", "until": "end"}}


def run(strategy, mode="interpreted", market=None, **sections):
    ready = given(strategy, **sections)
    market = market_of(ready) if market is None else market
    return native.run(prepare(ready.config, ready.strategies, market), mode)


def same(one, other):
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in ("ledger", "points", "orders")
    )


@pytest.fixture(scope="module")
def record():
    return run(Holds)


class TestByHand:
    def test_the_account_at_each_close(self, record):
        early, late = 20.0 + np.arange(10.0), 50.0 + np.arange(10.0)
        early[LAST + 1 :] = early[LAST]
        wanted = 100_000.0 + np.zeros(10)
        wanted[1:] += 100.0 * (early[1:] - 20.5)
        wanted[4:] += 10.0 * (late[4:] - 53.5)
        assert record.points["equity"].tolist() == wanted.tolist()
        held = np.where(np.arange(10) <= LAST, 100.0 * early, 0.0)
        held[0] = 0.0
        held[4:] += 10.0 * late[4:]
        assert record.net.tolist() == record.gross.tolist() == held.tolist()

    def test_what_was_held_is_closed_at_the_last_close_before_the_first_bar_without_it(self, record):
        (closed,) = record.ledger[record.ledger["reason"] == EngineReason.ROLE_ENDED]
        assert (closed["t"], closed["role"], closed["qty"], closed["price"]) == (LAST + 1, 2, -100.0, 25.0)
        assert closed["kind"] == EntryKind.FILL
        assert record.reasons[EngineReason.ROLE_ENDED].name == "role_ended"
        assert record.state["held"] == 0.0
        (loud,) = [one.text for one in record.notices if one.level == "loud"]
        assert "CCC: its bars end 2024-03-11, and 100 shares held then were closed at that close, 25." in loud

    def test_its_orders_end_with_it(self, record):
        ended = record.orders[record.orders["cause"] == Cause.ROLE_ENDED]
        assert [(one["kind"], one["status"], one["ended"]) for one in ended] == [
            (OrderKind.STOP, OrderStatus.CANCELLED, LAST + 1),
            (OrderKind.LIMIT, OrderStatus.CANCELLED, LAST + 1),
        ]

    def test_what_has_not_begun_is_blank_and_cannot_be_bought(self, record):
        (refused,) = record.orders[record.orders["status"] == OrderStatus.REJECTED]
        assert (refused["role"], refused["cause"], refused["born"]) == (1, Cause.NO_PRICE, 0)
        assert np.isnan(refused["asked"])
        assert record.state["blank"] == LAUNCH
        assert np.flatnonzero(np.isnan(record.features["double"])).tolist() == [0, 1, 2]
        assert np.flatnonzero(np.isnan(record.features["other"])).tolist() == [6, 7, 8, 9]

    def test_the_ledger_sums_to_the_account(self, record):
        assert np.cumsum(record.ledger["amount"])[-1] == record.points["cash"][-1]

    def test_nothing_is_paid_for_the_night_and_what_an_order_costs_is(self):
        costs = {**FREE, "commission": [{"per_share": 0.01}], "interest": "ibkr_interest", "benchmark": 0.05}
        costs["slippage"] = {"half_spread": 0.01, "impact": 0.0}
        record = run(Holds, costs=costs)
        at = record.ledger[record.ledger["t"] == LAST + 1]
        assert at["kind"].tolist()[:2] == [EntryKind.FILL, EntryKind.COMMISSION]
        assert at["amount"].tolist()[:2] == [2_500.0, -1.0]
        assert at["slippage"][0] == 0.0

    def test_a_short_position_is_bought_back_and_its_borrow_fee_ends(self):
        costs = {**FREE, "borrow": {"default": [{"rate": 0.36}]}}
        record = run(Shorts, costs=costs)
        fees = record.ledger[record.ledger["kind"] == EntryKind.BORROW]
        assert fees["t"].tolist() == [2, 3, 4, 5]  # filled at the open of row 1; closed before the night to row 6
        assert record.gross[LAST + 1 :].tolist() == [0.0] * 4
        assert record.points["equity"][-1] == 100_000.0 - 100.0 * (25.0 - 20.5) + fees["amount"].sum()

    def test_at_the_last_bar_of_all_nothing_is_closed(self):
        record = run(Holds, frames={**FRAMES, "CCC": table(20.0)})
        assert not (record.ledger["reason"] == EngineReason.ROLE_ENDED).any()
        assert record.net[-1] == 100.0 * 29.0 + 10.0 * 59.0


class Shorts(Strategy):
    """Sells 100 of what ends."""

    roles = ("whole", "late", "early")

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            orders.market(2, -100)


class TestEveryOrder:
    @pytest.mark.parametrize("at", [0, LAUNCH - 1, 8, 9])
    def test_is_refused_while_the_role_has_no_price(self, at):
        record = run(EveryOrder, roles=PAIR, frames=SHORT_LIFE, spans=OWN, params={"at": at})
        assert record.orders["kind"].tolist() == [OrderKind[kind.upper()] for kind in KINDS]
        assert set(record.orders["status"].tolist()) == {OrderStatus.REJECTED}
        assert set(record.orders["cause"].tolist()) == {Cause.NO_PRICE}
        assert (record.points["equity"] == 100_000.0).all()

    def test_on_its_last_bar_ends_with_the_role(self):
        record = run(EveryOrder, roles=PAIR, frames=SHORT_LIFE, spans=OWN, params={"at": 7})
        left = record.orders[record.orders["ended"] == 8]
        assert set(left["cause"].tolist()) == {Cause.ROLE_ENDED}
        assert not (record.ledger["kind"] == EntryKind.FILL).any()

    @pytest.mark.slow
    def test_both_modes_give_the_same_bytes(self):
        """On the first bar of the role: entries, guards and trails live, and end with it or before."""
        sections = {"roles": PAIR, "frames": SHORT_LIFE, "spans": OWN}
        for at in (1, LAUNCH, 7):
            runs = [run(EveryOrder, mode, params={"at": at}, **sections) for mode in ("interpreted", "compiled")]
            assert same(*runs), at
        assert (run(EveryOrder, params={"at": LAUNCH}, **sections).ledger["reason"] == EngineReason.ROLE_ENDED).any()


class Rotates(Strategy):
    """Weighs the second role alike whether it is there or not, and never holds more than two."""

    roles = ("whole", "late", "early")

    class Params:
        ranks: int = param(0, low=0, high=1)

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        for role in range(3):
            orders.weigh(role, float(role) if p.ranks == 1 else 0.3)
        if p.ranks == 1:
            orders.top(2, 0.3)
        orders.targets()


def test_weights_and_ranks_leave_out_what_has_no_price():
    for ranks in (0, 1):
        record = run(Rotates, params={"ranks": ranks})
        assert not (record.orders["cause"] == Cause.NO_PRICE).any()
        held = fold(record).positions > 0.0
        there = np.ones((10, 3), bool)
        there[: LAUNCH + 1, 1] = False  # decided on its first bar, filled on its second
        there[LAST + 1 :, 2] = False
        there[0] = False
        if (
            ranks == 1
        ):  # of the two with the highest scores, the roles' own numbers, the first is left out where all are
            there[LAUNCH + 1 : LAST + 2, 0] = False
        assert held.tolist() == there.tolist()


class Random(Strategy):
    """Two roles at changing weights, the second only from row `since` to row `until`."""

    roles = ("whole", "other")

    class Params:
        one: float = param(0.5, low=-3.0, high=3.0)
        two: float = param(0.5, low=-3.0, high=3.0)
        since: int = param(0, low=0, high=40)
        until: int = param(40, low=0, high=40)

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        sign = 1.0 if account.t % 3 else -1.0
        orders.target(0, sign * p.one)
        if p.since <= account.t <= p.until:
            orders.target(1, sign * p.two if account.t < p.until - 2 else 0.0)


ROWS = 24


@cache
def long_market():
    """Two roles at one price on every bar."""
    days = {"AAA": table(100.0), "BBB": table(50.0)}
    market = market_of(given(Random, roles=PAIR, frames=days, spans={}))
    bars = np.repeat(market.bars[:1], ROWS)
    bars["session"] += np.arange(ROWS, dtype="i4")
    bars["ts"] += np.arange(ROWS) * 86_400_000_000_000
    bars["days"] = np.arange(ROWS) > 0
    return replace(market, bars=bars)


@settings(max_examples=15)
@drawn(
    seed=st.integers(0, 2**32 - 1), since=st.integers(1, 14), life=st.integers(5, 12),
    sizes=st.tuples(*[st.floats(-2.5, 2.5)] * 2), kind=st.sampled_from(["reg_t", "none", "cash"]),
)  # fmt: skip
def test_prices_before_and_after_the_role_is_traded_do_not_matter(seed, since, life, sizes, kind):
    """The run in which they are not there is the run in which they are anything, to the last bit of the ledger."""
    chance, until = np.random.default_rng(seed), min(since + life, ROWS - 3)
    bars = long_market().bars.copy()
    for role in PAIR:
        close = 50.0 * np.exp(np.cumsum(chance.normal(0.0, 0.08, ROWS)))
        bars[role]["open"], bars[role]["close"] = close * np.exp(chance.normal(0.0, 0.02, ROWS)), close
        bars[role]["high"] = np.maximum(bars[role]["open"], close) * 1.01
        bars[role]["low"] = np.minimum(bars[role]["open"], close) * 0.99
        bars[role]["dividend"][chance.integers(0, ROWS, 3)] = 0.5
    blank = bars.copy()
    away = (np.arange(ROWS) < since) | (np.arange(ROWS) > until + 1)
    for name in ("open", "high", "low", "close", "volume"):
        blank["other"][name][away] = np.nan
    blank["other"]["dividend"][away] = 0.0
    params = {"one": sizes[0], "two": sizes[1], "since": since, "until": until}
    costs = {"slippage": {"half_spread": 0.0005, "impact": 0.0}}
    account = {"cash": 100_000.0, "margin": {"kind": kind}}
    runs = [
        run(Random, market=replace(long_market(), bars=one), roles=PAIR, params=params, costs=costs, account=account)
        for one in (bars, blank)
    ]
    with_prices, without = runs
    if not (without.ledger["reason"] == EngineReason.ROLE_ENDED).any():  # flat by its last bar, as it means to be
        assert with_prices.ledger.tobytes() == without.ledger.tobytes()
        assert with_prices.points.tobytes() == without.points.tobytes()
    assert np.isfinite(without.points["equity"]).all()
    cash = np.cumsum(without.ledger["amount"])[-1]
    assert cash == pytest.approx(without.points["cash"][-1], rel=1e-12, abs=1e-6)


def test_each_sleeve_closes_what_it_holds_and_they_sum_to_the_account():
    sleeves = {
        "one": {"weight": 0.5, "strategy": Holds, "roles": ROLES},
        "two": {"weight": 0.5, "strategy": Shorts, "roles": ROLES},
    }
    portfolio = ready(
        name="spans", sleeves=sleeves, data=FRAMES, costs=FREE, spans=SPANS, fills={"participation": None}
    )
    record = native.run(prepare(portfolio.config, portfolio.strategies, market_of(portfolio)))
    closed = record.ledger[record.ledger["reason"] == EngineReason.ROLE_ENDED]
    assert [(one["role"], one["qty"], one["price"], one["t"]) for one in closed] == [
        (2, -100.0, 25.0, LAST + 1),
        (5, 100.0, 25.0, LAST + 1),
    ]
    late = 50.0 + np.arange(10.0)
    assert record.points["equity"][4:].tolist() == (1_000_000.0 + 10.0 * (late - 53.5))[4:].tolist()
    assert (record.orders["cause"] == Cause.NO_PRICE).sum() == 1
    sums = sum(path.equity for path in analyse(record).sleeves)
    assert sums == pytest.approx(record.points["equity"], rel=1e-12)
