# SPDX-License-Identifier: Apache-2.0
"""What must hold of every ledger; each law takes a finished run and asserts."""

import numpy as np

from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from tests.properties.folds import cash_path, in_steps, of_kind, quantity_path, trades, values

TINY = 1e-8
ROLES = ("a", "b")


def cash_and_marked_positions_are_equity(result: RunRecord) -> None:
    points, held = result.points, values(result)
    room = TINY * (1.0 + np.abs(held).sum(axis=1) + np.abs(points["cash"]))
    assert np.all(np.abs(cash_path(result) - points["cash"]) <= room)
    assert np.all(np.abs(points["cash"] + held.sum(axis=1) - points["equity"]) <= room)
    assert np.all(np.abs(np.abs(held).sum(axis=1) - result.gross) <= room)
    assert np.all(np.abs(held.sum(axis=1) - result.net) <= room)


def the_deposit_comes_first_and_once(result: RunRecord) -> None:
    kinds = result.ledger["kind"]
    assert kinds[0] == EntryKind.DEPOSIT
    assert np.count_nonzero(kinds == EntryKind.DEPOSIT) == 1
    assert result.ledger["amount"][0] == result.config.account.cash


def entries_are_in_the_order_of_time(result: RunRecord) -> None:
    assert np.all(np.diff(result.ledger["t"]) >= 0)


def only_trades_and_splits_move_shares(result: RunRecord) -> None:
    moving = np.isin(result.ledger["kind"], [EntryKind.FILL, EntryKind.LIQUIDATION, EntryKind.SPLIT])
    assert np.all(result.ledger["qty"][~moving] == 0.0)
    traded = trades(result)
    assert np.all(traded["qty"] != 0.0)
    assert np.allclose(traded["amount"], -traded["qty"] * traded["price"], rtol=1e-15, atol=0.0)


def whole_shares_stay_whole(result: RunRecord) -> None:
    if result.config.fills.whole_shares:
        for role in range(2):
            held = quantity_path(result, role)
            assert np.all(held == np.round(held))


def quantities_are_whole_steps(result: RunRecord) -> None:
    """Fills, what is asked and what is left: each the float nearest to a multiple of the step, so that sums reach 0."""
    moved = of_kind(result, EntryKind.FILL, EntryKind.LIQUIDATION)["qty"]
    for found in (moved, result.orders["asked"], result.orders["qty"]):
        assert np.array_equal(found, in_steps(result, found))


def a_position_is_flat_or_a_step_at_least(result: RunRecord) -> None:
    """Where both symbols are sold to the last step nothing is exposed: dust is no position."""
    flat = np.all([quantity_path(result, role) == 0.0 for role in range(2)], axis=0)
    assert np.all(result.gross[flat] == 0.0)
    assert np.all(result.gross[~flat] > 0.0)


def a_split_changes_nobodys_wealth(result: RunRecord) -> None:
    """Shares at the new price and the cash for a fraction make up the value at the close before."""
    for entry in of_kind(result, EntryKind.SPLIT):
        t, role = int(entry["t"]), int(entry["role"])
        bars = result.market.bars[ROLES[role]]
        before, worth = quantity_path(result, role)[t - 1], float(bars["close"][t - 1])
        after = (before + entry["qty"]) * worth / float(bars["split"][t]) + entry["amount"]
        assert abs(after - before * worth) <= TINY * (1.0 + abs(after))


def dividends_go_to_longs_and_come_from_shorts(result: RunRecord) -> None:
    """Whoever held over the night gets or owes it, on the shares after that morning's split, and nobody else."""
    entries = of_kind(result, EntryKind.DIVIDEND)
    splits = of_kind(result, EntryKind.SPLIT)
    for role, name in enumerate(ROLES):
        held = np.append(0.0, quantity_path(result, role)[:-1])
        np.add.at(held, splits["t"][splits["role"] == role], splits["qty"][splits["role"] == role])
        paid = np.zeros(len(held))
        np.add.at(paid, entries["t"][entries["role"] == role], entries["amount"][entries["role"] == role])
        assert np.allclose(paid, held * result.market.bars[name]["dividend"], rtol=1e-12, atol=1e-12)


def tax_is_withheld_from_dividends_received_and_from_no_other(result: RunRecord) -> None:
    """The same part of each, beside it."""
    rate = result.config.costs.withholding
    received = of_kind(result, EntryKind.DIVIDEND)
    received = received[received["amount"] > 0.0]
    taxed = of_kind(result, EntryKind.WITHHOLDING)
    if rate == 0.0:
        assert len(taxed) == 0
        return
    assert taxed[["t", "role", "price"]].tolist() == received[["t", "role", "price"]].tolist()
    assert np.allclose(taxed["amount"], -rate * received["amount"], rtol=1e-12, atol=0.0)


def costs_are_never_earned(result: RunRecord) -> None:
    costs = of_kind(result, EntryKind.COMMISSION, EntryKind.FEE, EntryKind.BORROW, EntryKind.WITHHOLDING)
    assert np.all(costs["amount"] <= 0.0)
    assert np.all(result.ledger["slippage"] >= 0.0)


def borrow_is_charged_on_shorts_held_over_night(result: RunRecord) -> None:
    """ceil(1.02 x close) x shares x rate x days / 360, from the close before."""
    (row,) = result.config.costs.borrow["default"]
    days = result.market.bars["days"].astype(float)
    entries = of_kind(result, EntryKind.BORROW)
    for role, name in enumerate(ROLES):
        short = np.append(0.0, np.maximum(0.0, -quantity_path(result, role)[:-1]))
        collateral = np.append(0.0, np.ceil(1.02 * result.market.bars[name]["close"][:-1]))
        paid = np.zeros(len(short))
        np.add.at(paid, entries["t"][entries["role"] == role], -entries["amount"][entries["role"] == role])
        assert np.allclose(paid, collateral * short * row.rate * days / 360.0, rtol=1e-12, atol=1e-12)


LAWS = (
    cash_and_marked_positions_are_equity,
    the_deposit_comes_first_and_once,
    entries_are_in_the_order_of_time,
    only_trades_and_splits_move_shares,
    whole_shares_stay_whole,
    quantities_are_whole_steps,
    a_position_is_flat_or_a_step_at_least,
    a_split_changes_nobodys_wealth,
    dividends_go_to_longs_and_come_from_shorts,
    tax_is_withheld_from_dividends_received_and_from_no_other,
    costs_are_never_earned,
    borrow_is_charged_on_shorts_held_over_night,
)
