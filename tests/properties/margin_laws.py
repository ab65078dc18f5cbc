# SPDX-License-Identifier: Apache-2.0
"""What an account may carry, computed again here from Regulation T and FINRA 4210; each law takes a run and asserts."""

import numpy as np

from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind, OrderKind
from tests.properties.folds import in_steps, quantity_path, trades

ROLES = ("a", "b")
NEAR = 1e-7


def initial(qty: float, price: float) -> float:
    """Equity that a position needs to be opened: half of it, and never less than its maintenance."""
    return max(0.5 * abs(qty) * price, maintenance(qty, price))


def maintenance(qty: float, price: float) -> float:
    """Longs 25 %; shorts 30 % and $5 a share, below $5 the whole value and $2.50 a share."""
    if qty >= 0.0:
        return 0.25 * qty * price
    each = max(0.30 * price, 5.0) if price >= 5.0 else max(price, 2.5)
    return each * -qty


def a_cash_account_is_never_short_and_never_in_debt(result: RunRecord) -> None:
    """After every single entry, and by no rounding: the fill asks with the sums that the ledger makes."""
    if result.config.account.margin.kind != "cash":
        return
    cash = 0.0
    for amount in result.ledger["amount"].tolist():
        cash += amount
        assert cash >= 0.0
    for role in range(2):
        assert np.all(quantity_path(result, role) >= 0.0)


def accepted_fills_leave_the_initial_margin_covered(result: RunRecord) -> None:
    """Or lower what is needed. At the marks of the moment: the open within the bar, the close at the close."""
    if result.config.account.margin.kind != "reg_t":
        return
    cash, held = 0.0, {"a": 0.0, "b": 0.0}
    for entry in result.ledger:
        role = ROLES[entry["role"]] if entry["role"] >= 0 else ""
        before = dict(held)
        cash += entry["amount"]
        if role:
            held[role] = float(in_steps(result, held[role] + entry["qty"]))
        if entry["kind"] != EntryKind.FILL:
            continue
        marks = {name: marked(result, entry, name) for name in ROLES}
        marks[role] = float(entry["price"])
        equity = cash + sum(held[name] * marks[name] for name in ROLES)
        needed = sum(initial(held[name], marks[name]) for name in ROLES)
        needed_before = sum(initial(before[name], marks[name]) for name in ROLES)
        assert needed <= max(equity, needed_before) + NEAR


def marked(result: RunRecord, entry: np.void, role: str) -> float:
    kind = int(result.orders["kind"][entry["order"] - 1])
    at_close = kind == OrderKind.MARKET_ON_CLOSE or (
        kind == OrderKind.MARKET and result.config.fills.at in {"next_close", "this_close"}
    )
    return float(result.market.bars[role]["close" if at_close else "open"][entry["t"]])


def the_requirement_at_each_close_is_the_rule_book(result: RunRecord) -> None:
    required = np.zeros(len(result.market))
    for role, name in enumerate(ROLES):
        held, closes = quantity_path(result, role), result.market.bars[name]["close"]
        required += [maintenance(float(qty), float(close)) for qty, close in zip(held, closes, strict=True)]
    assert np.allclose(result.points["maintenance"], required, rtol=1e-9, atol=NEAR)


def a_close_below_maintenance_is_followed_by_a_forced_order(result: RunRecord) -> None:
    if result.config.account.margin.kind != "reg_t":
        return
    forced = result.orders[result.orders["reason"] < 0]
    points = result.points
    for t in np.flatnonzero((points["equity"] < points["maintenance"] - NEAR) & (points["maintenance"] > 0.0)):
        assert t in forced["born"]


def forced_orders_only_reduce_and_never_turn_a_position(result: RunRecord) -> None:
    held = np.zeros(2)
    for entry in result.ledger[result.ledger["role"] >= 0]:
        role = int(entry["role"])
        after = in_steps(result, held[role] + entry["qty"])
        if entry["kind"] == EntryKind.LIQUIDATION:
            assert abs(after) < abs(held[role])
            assert after * held[role] >= 0.0
        held[role] = after


def the_ruined_trade_no_more(result: RunRecord) -> None:
    """After the first close without equity nothing fills but what closes the account."""
    gone = np.flatnonzero(result.points["equity"] <= 0.0)
    if len(gone):
        later = trades(result)[trades(result)["t"] > gone[0]]
        assert np.all(later["kind"] == EntryKind.LIQUIDATION)


LAWS = (
    a_cash_account_is_never_short_and_never_in_debt,
    accepted_fills_leave_the_initial_margin_covered,
    the_requirement_at_each_close_is_the_rule_book,
    a_close_below_maintenance_is_followed_by_a_forced_order,
    forced_orders_only_reduce_and_never_turn_a_position,
    the_ruined_trade_no_more,
)
