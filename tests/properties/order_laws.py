# SPDX-License-Identifier: Apache-2.0
"""What must hold of every order and fill; each law takes a finished run and asserts."""

import numpy as np

from engine.engines.run_record import RunRecord
from engine.kernel.codes import Cause, EntryKind, OrderKind, OrderStatus
from engine.market.panel import Market
from tests.kernel.instructed import BRACKET, CANCEL_ALL, MOVE, NOTHING, SLOTS
from tests.properties.folds import in_steps, trades

ROLES = ("a", "b")
NEAR = 1e-9


def orders_count_from_one(result: RunRecord) -> None:
    assert result.orders["id"].tolist() == list(range(1, len(result.orders) + 1))


def every_fill_belongs_to_an_order_of_its_role(result: RunRecord) -> None:
    traded = trades(result)
    owners = result.orders[traded["order"] - 1]
    assert np.all(owners["role"] == traded["role"])
    assert np.all(owners["reason"] == traded["reason"])
    assert np.all(np.sign(owners["asked"]) == np.sign(traded["qty"]))
    forced = traded["kind"] == EntryKind.LIQUIDATION
    assert np.all((owners["reason"] < 0) == forced)
    ordered = result.ledger[result.ledger["order"] > 0]  # its costs are the order's too
    assert np.all(result.orders["reason"][ordered["order"] - 1] == ordered["reason"])


def fills_sum_to_the_filled_quantity(result: RunRecord) -> None:
    """In today's shares: what filled before a split counts for what it became."""
    for order in result.orders:
        name = ROLES[order["role"]]
        factor = np.cumprod(result.market.bars[name]["split"])
        last = int(order["ended"]) if order["ended"] >= 0 else len(factor) - 1
        mine = trades(result)[trades(result)["order"] == order["id"]]
        assert np.isclose((mine["qty"] * factor[last] / factor[mine["t"]]).sum(), order["filled"], rtol=NEAR, atol=NEAR)


def an_ended_order_says_why_and_a_filled_one_has_nothing_left(result: RunRecord) -> None:
    orders = result.orders
    live = orders["status"] <= OrderStatus.HELD
    assert np.all((orders["ended"] == -1) == live)
    plain = live | (orders["status"] == OrderStatus.FILLED)
    assert np.all((orders["cause"] == Cause.NONE) == plain)
    assert np.all(orders["qty"][orders["status"] == OrderStatus.FILLED] == 0.0)
    assert np.all(orders["qty"][orders["status"] == OrderStatus.WORKING] != 0.0)


def no_order_fills_before_the_bar_after_its_decision(result: RunRecord) -> None:
    """But for market orders of a same-close run; nor after it has ended."""
    traded = trades(result)
    owners = result.orders[traded["order"] - 1]
    same = (owners["kind"] == OrderKind.MARKET) & (owners["reason"] >= 0) & (result.config.fills.at == "this_close")
    assert np.all(traded["t"] >= owners["born"] + np.where(same, 0, 1))
    assert np.all((owners["ended"] < 0) | (traded["t"] <= owners["ended"]))


def every_price_is_one_the_bar_traded_at_give_or_take_slippage(result: RunRecord) -> None:
    """The spread, and the impact of the order so far less what its earlier parts have paid."""
    slippage, so_far = result.config.costs.slippage, dict.fromkeys(result.orders["id"].tolist(), 0.0)
    for fill in trades(result):
        bar = result.market.bars[fill["t"]][ROLES[fill["role"]]]
        before, shares = so_far[int(fill["order"])] * bar["factor"], float(abs(fill["qty"]))
        so_far[int(fill["order"])] = (before + shares) / bar["factor"]
        added = ((before + shares) ** 1.5 - before**1.5) / shares
        one = impact_of_one_share(result.market, ROLES[fill["role"]], int(fill["t"]))
        fraction = slippage.half_spread + slippage.impact * one * added
        low, high = bar["low"] * max(0.0, 1.0 - fraction), bar["high"] * (1.0 + fraction)
        assert low - NEAR <= fill["price"] <= high + NEAR


def impact_of_one_share(market: Market, role: str, t: int) -> float:
    """Daily volatility over the root of daily volume, of the sessions before that of row t; 0 without a volume."""
    bars = market.bars
    earlier = bars[bars["session"] < bars["session"][t]]
    closes, volumes = [], []
    for session in np.unique(earlier["session"]):
        mine = earlier[earlier["session"] == session][role]
        closes.append(float(mine["close"][-1] * mine["factor"][-1]))
        volumes.append(float(np.sum(mine["volume"] / mine["factor"])))
    known = [volume for volume in volumes if not np.isnan(volume)]
    if not known or np.mean(known) <= 0.0:
        return 0.0
    returns = np.diff(np.log(closes))
    sigma = np.std(returns, ddof=1) if len(returns) >= 5 else 0.02
    return float(sigma / np.sqrt(np.mean(known) * bars[role]["factor"][t]))


def limits_are_kept(result: RunRecord) -> None:
    """A limit order never pays more or gets less than its price, through splits and moves as the order ends."""
    for order in result.orders[np.isin(result.orders["kind"], [OrderKind.LIMIT, OrderKind.STOP_LIMIT])]:
        mine = trades(result)[trades(result)["order"] == order["id"]]
        if len(mine) == 0 or moved(result, int(order["id"])):
            continue
        factor = np.cumprod(result.market.bars[ROLES[order["role"]]]["split"])
        last = int(order["ended"]) if order["ended"] >= 0 else len(factor) - 1
        limit = order["limit"] * factor[last] / factor[mine["t"]]
        side = np.sign(order["asked"])
        assert np.all(side * mine["price"] <= side * limit + NEAR)


def moved(result: RunRecord, order: int) -> bool:
    return any(np.any(result.market.bars[f"c{slot}_order"] == order) for slot in range(6))


def the_participation_cap_holds(result: RunRecord) -> None:
    cap = result.config.fills.participation
    if cap is None:
        return
    traded = trades(result)
    for role, name in enumerate(ROLES):
        done = np.zeros(len(result.market))
        mine = traded[traded["role"] == role]
        np.add.at(done, mine["t"], np.abs(mine["qty"]))
        volume = result.market.bars[name]["volume"]
        known = np.isfinite(volume)
        assert np.all(done[known] <= cap * volume[known] + NEAR)


def one_cancels_other_never_fills_more_than_the_largest(result: RunRecord) -> None:
    """Nor more than the last of them to fill was sent for: each fill before has been taken off it.

    Where nothing had filled before the group was complete, and no split changed what a share is.
    """
    if any(np.any(result.market.bars[name]["split"] != 1.0) for name in ROLES):
        return
    for group in set(result.orders["group"].tolist()) - {0}:
        members = result.orders[result.orders["group"] == group]
        fills = trades(result)[np.isin(trades(result)["order"], members["id"])]
        if len(fills) == 0 or fills["t"].min() <= members["born"].max():
            continue
        assert np.abs(fills["qty"]).sum() <= sent_for(result, result.orders[fills["order"][-1] - 1]) + NEAR


def sent_for(result: RunRecord, order: np.void) -> float:
    """Shares that an order of a group was sent for. `asked` of a child that slept is what its siblings had left it."""
    asked = float(abs(order["asked"]))
    if order["parent"] <= 0:
        return asked
    bar = result.market.bars[order["born"]]
    sent = [slot for slot in range(SLOTS) if bar[f"c{slot}_role"] == order["role"] and sends(bar[f"c{slot}_verb"])]
    sized = all(bar[f"c{slot}_verb"] <= BRACKET for slot in sent)  # the others are sized by what is held or entered
    largest = max(abs(bar[f"c{slot}_qty"]) for slot in sent) if sized else np.inf
    return float(min(largest, asked + taken_asleep(result, order)))


def sends(verb: float) -> bool:
    return NOTHING < verb < MOVE or verb > CANCEL_ALL


def taken_asleep(result: RunRecord, order: np.void) -> float:
    """Shares that siblings filled before its parent's fills came to a share for it; 0 if the parent was no more."""
    parent = result.orders[order["parent"] - 1]
    if 0 <= parent["ended"] <= order["born"]:
        return 0.0
    taken, came = 0.0, 0.0
    for fill in trades(result):
        if result.orders[fill["order"] - 1]["group"] == order["group"] and fill["role"] == order["role"]:
            taken += float(abs(fill["qty"]))
        if fill["order"] == parent["id"]:
            came += float(abs(fill["qty"]))
            if min(came, came * abs(order["asked"] / parent["asked"])) >= result.config.fills.quantity_step - NEAR:
                break
    return taken


def what_may_only_reduce_never_opens_or_adds(result: RunRecord) -> None:
    """Position before each fill of such an order: on the other side, and at least as large as the fill."""
    protective = result.orders["parent"] != 0
    for role, name in enumerate(ROLES):
        held = 0.0
        for entry in result.ledger[result.ledger["role"] == role]:
            order = int(entry["order"])
            if order > 0 and entry["qty"] != 0.0 and protective[order - 1]:
                assert held * entry["qty"] < 0.0
                assert abs(entry["qty"]) <= abs(held) + NEAR, name
            held = in_steps(result, held + entry["qty"])


def what_takes_any_price_waits_for_no_later_bar(result: RunRecord) -> None:
    """Without a cap on volume a market order is over on the next bar, one for the close with the next session's end."""
    if result.config.fills.participation is not None:
        return
    ends = np.flatnonzero(result.market.bars["last"])
    orders = result.orders[np.isin(result.orders["kind"], [OrderKind.MARKET, OrderKind.MARKET_ON_CLOSE])]
    for order in orders[orders["parent"] == 0]:
        due = int(order["born"]) + 1
        if order["kind"] == OrderKind.MARKET_ON_CLOSE:
            due = int(ends[np.searchsorted(ends, due)]) if due <= ends[-1] else len(result.market)
        if due < len(result.market):
            assert 0 <= order["ended"] <= due


def day_orders_live_no_longer_than_their_session(result: RunRecord) -> None:
    """The session of the first bar they work in."""
    sessions = result.market.bars["session"]
    for order in result.orders[result.orders["tif"] == 1]:
        first = int(order["born"]) + 1
        if first >= len(sessions) or order["status"] == OrderStatus.REJECTED:
            continue
        last = int(order["ended"]) if order["ended"] >= 0 else len(sessions) - 1
        assert sessions[last] <= sessions[first]


LAWS = (
    orders_count_from_one,
    every_fill_belongs_to_an_order_of_its_role,
    fills_sum_to_the_filled_quantity,
    an_ended_order_says_why_and_a_filled_one_has_nothing_left,
    no_order_fills_before_the_bar_after_its_decision,
    every_price_is_one_the_bar_traded_at_give_or_take_slippage,
    limits_are_kept,
    the_participation_cap_holds,
    one_cancels_other_never_fills_more_than_the_largest,
    what_may_only_reduce_never_opens_or_adds,
    what_takes_any_price_waits_for_no_later_bar,
    day_orders_live_no_longer_than_their_session,
)
