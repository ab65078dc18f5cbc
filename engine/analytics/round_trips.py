# SPDX-License-Identifier: Apache-2.0
"""Round trips: one role's position from flat to flat, and spread trades: the legs that were open together.

A round trip begins with the fill that opens a position and ends with the fill that closes the last share of it.
Fills in between that add or cut are part of it, so the staged cut of a position stays one trade and no method of
matching lots (FIFO, average cost) changes its profit. A fill that turns a position round closes one trip and opens
the next; its commission and slippage are shared out by the quantity. Sum of net_pnl + interest + deposits = equity.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.analytics.ledger_paths import leg_closes, of_kind, unit_sizes
from engine.arrays import FloatArray, unsign
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.kernel.flows import CHARGE_KINDS, CHARGES, FILL_KINDS, HELD, SETTLED_KINDS, TRADE_KINDS, kinds_of

PAID = (*CHARGES, *HELD)
"""Flows that fall on a round trip beside its prices."""

TRIP = np.dtype(
    [
        ("role", "i8"),  # number of roles + slot of an option
        ("order", "i8"),  # that opened it
        ("open_row", "i8"),
        ("close_row", "i8"),  # -1 while open
        ("open_moment", "i8"),  # of the bar, a Moment
        ("close_moment", "i8"),
        ("quantity", "f8"),  # signed: shares (of an option, contracts) bought to open a long, sold to open a short,
        # in shares of its end
        ("peak_quantity", "f8"),  # signed: most shares held at a time
        ("entry_price", "f8"),  # average of the fills that opened or added, slippage inside
        ("exit_price", "f8"),  # average of the fills that cut or closed; what is still open counts at the last close
        ("gross_pnl", "f8"),  # quantity * (exit_price - entry_price), times the multiplier of an option
        ("slippage", "f8"),  # memo, >= 0: already inside the prices and gross_pnl
        *((flow.name, "f8") for flow in PAID),  # a cost >= 0; what is also received is signed as cash
        ("net_pnl", "f8"),  # gross_pnl less costs, plus what is signed as cash
        ("fills", "i8"),
        ("entry_reason", "i8"),
        ("exit_reason", "i8"),  # of the fill that made it flat; 0 while open
    ]
)

ENTRIES = (*TRADE_KINDS, *kinds_of(PAID))

SPREAD = np.dtype([("open_row", "i8"), ("close_row", "i8"), ("legs", "i8"), ("net_pnl", "f8")])


def round_trips(result: RunRecord) -> NDArray[Any]:
    """Records of TRIP, ordered by the row they opened and by role. Money in the account's currency."""
    sizes = unit_sizes(result, np.arange(len(result.legs)))
    last = leg_closes(result)[-1] / sizes
    found = [_role_trips(result, number, last[number], sizes[number]) for number in range(len(result.legs))]
    trips = np.concatenate(found) if found else np.empty(0, TRIP)
    return trips[np.lexsort((trips["role"], trips["open_row"]))]


def spread_trades(trips: NDArray[Any]) -> NDArray[Any]:
    """Records of SPREAD: round trips whose times overlap, or that opened in the same bar, are one trade of the book.

    A book that turns round in one bar ends one trade and begins the next; close_row is -1 while a leg is open.
    """
    if len(trips) == 0:
        return np.empty(0, SPREAD)
    trips = trips[np.argsort(trips["open_row"], kind="stable")]
    end = np.where(trips["close_row"] < 0, np.iinfo(np.int64).max, trips["close_row"])
    reach = np.maximum.accumulate(end)
    opened = trips["open_row"]
    starts = np.append(0, np.flatnonzero((opened[1:] >= reach[:-1]) & (opened[1:] != opened[:-1])) + 1)
    trades = np.zeros(len(starts), SPREAD)
    trades["open_row"] = opened[starts]
    last = np.maximum.reduceat(end, starts)
    trades["close_row"] = np.where(last == np.iinfo(np.int64).max, -1, last)
    trades["legs"] = np.diff(np.append(starts, len(trips)))
    trades["net_pnl"] = np.add.reduceat(trips["net_pnl"], starts)
    return trades


def _role_trips(result: RunRecord, number: int, last_close: float, size: float) -> NDArray[Any]:
    """The trips of one leg; last_close is a share's, size the shares of one unit of quantity."""
    ledger = result.ledger[(result.ledger["role"] == number) & of_kind(result.ledger, *ENTRIES)]
    parts = _Parts(ledger)
    if parts.count == 0:
        return np.empty(0, TRIP)
    trips = np.zeros(parts.count, TRIP)
    trips["role"] = number
    _fill_times_and_reasons(trips, parts)
    _fill_quantities_and_prices(trips, parts, last_close, size)
    trips["slippage"] = parts.total(np.where(parts.fills, parts.entries["slippage"], 0.0))
    net = trips["gross_pnl"]
    for flow in PAID:
        amounts = parts.total(np.where(of_kind(parts.entries, *flow.kinds), parts.entries["amount"], 0.0))
        trips[flow.name] = 0.0 + amounts if flow.received else 0.0 - amounts
        net = net + trips[flow.name] if flow.received else net - trips[flow.name]
    trips["net_pnl"] = net
    return unsign(trips)


class _Parts:
    """One role's entries with the fills that turn the position round cut in two, each part with its trip's number.

    entries  records of ENTRY;  trip (n,) number of the round trip;  fills (n,) mask;  after (n,) position
    """

    def __init__(self, ledger: NDArray[Any]) -> None:
        moves = np.where(of_kind(ledger, *TRADE_KINDS), ledger["qty"], 0.0)
        after = np.cumsum(moves)
        after[np.abs(after) <= 1e-9 * np.max(np.abs(after), initial=0.0)] = 0.0
        before = np.append(0.0, after[:-1])
        fills = of_kind(ledger, *FILL_KINDS)
        turns = fills & (before * after < 0)
        closing = np.where(turns, np.abs(before) / np.where(turns, np.abs(moves), 1.0), 0.0)
        shared = _with_charges(ledger, fills, turns)
        share = closing[_latest(fills)] * shared
        self.entries = np.repeat(ledger, 1 + shared)
        first = np.flatnonzero(shared) + np.arange(np.count_nonzero(shared))
        for name in ("qty", "amount", "slippage"):
            whole = ledger[name][shared]
            self.entries[name][first] = whole * share[shared]
            self.entries[name][first + 1] = whole - whole * share[shared]
        self.fills = of_kind(self.entries, *FILL_KINDS)
        self.after = np.repeat(after, 1 + shared)
        self.after[first] = 0.0
        opens = np.repeat(fills & (before == 0) & (after != 0), 1 + shared)
        opens[(first + 1)[turns[shared]]] = True
        self.trip = np.cumsum(opens) - 1
        self.trip[first[~turns[shared]]] -= 1  # charges of a closing part stand after the opening one
        if np.any(self.trip < 0):
            raise ValueError("the ledger charges a role before its first fill")
        self.opens = opens
        self.count = int(np.count_nonzero(opens))

    def total(self, weights: NDArray[Any]) -> FloatArray:
        """Sum of `weights`, (n,), by trip."""
        return np.bincount(self.trip, weights=weights, minlength=self.count).astype(np.float64)


def _latest(mask: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Position of the latest True at or before each element; 0 where there is none yet."""
    return np.maximum.accumulate(np.where(mask, np.arange(len(mask)), 0))


def _with_charges(ledger: NDArray[Any], fills: NDArray[np.bool_], turns: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """`turns` and the commissions and fees that follow each of them under the same order."""
    latest = _latest(fills)
    own = of_kind(ledger, *CHARGE_KINDS) & turns[latest] & (ledger["order"] == ledger["order"][latest])
    return np.asarray(turns | own, np.bool_)


def _fill_times_and_reasons(trips: NDArray[Any], parts: _Parts) -> None:
    entries = parts.entries
    opened = np.flatnonzero(parts.opens)
    moves = parts.fills | of_kind(entries, *SETTLED_KINDS)
    closed = np.flatnonzero(moves & (parts.after == 0))
    trips["open_row"] = entries["t"][opened]
    trips["open_moment"] = entries["moment"][opened]
    trips["order"] = entries["order"][opened]
    trips["entry_reason"] = entries["reason"][opened]
    trips["close_row"] = -1
    trips["close_row"][parts.trip[closed]] = entries["t"][closed]
    trips["close_moment"][parts.trip[closed]] = entries["moment"][closed]
    trips["exit_reason"][parts.trip[closed]] = entries["reason"][closed]
    trips["fills"] = parts.total(parts.fills).astype(np.int64)


def _fill_quantities_and_prices(trips: NDArray[Any], parts: _Parts, last_close: float, size: float) -> None:
    """Quantities are counted in shares of the trip's end, so a split in between changes no profit.

    Prices are a share's; size is what one unit of quantity stands for, in shares.
    """
    entries, trip = parts.entries, parts.trip
    side = np.sign(entries["qty"][parts.opens])
    scale = _later_splits(parts)
    shares = np.where(parts.fills, entries["qty"], 0.0) * scale
    entering = parts.fills & (np.sign(entries["qty"]) == side[trip])
    held = np.zeros(parts.count)
    np.maximum.at(held, trip, np.abs(parts.after) * scale)
    left = np.zeros(parts.count)
    left[trip] = parts.after  # the last part of a trip wins
    left[trips["close_row"] >= 0] = 0.0
    bought = parts.total(np.where(entering, shares, 0.0))
    entry_value = parts.total(np.where(entering, -entries["amount"], 0.0))
    settled = of_kind(entries, *SETTLED_KINDS)
    exit_value = parts.total(np.where((parts.fills & ~entering) | settled, entries["amount"], 0.0))
    exit_value += left * size * last_close
    trips["quantity"] = bought
    trips["peak_quantity"] = side * held
    trips["entry_price"] = entry_value / (bought * size)
    trips["exit_price"] = exit_value / (bought * size)
    trips["gross_pnl"] = exit_value - entry_value


def _later_splits(parts: _Parts) -> FloatArray:
    """Shares at the end of its trip per share at each part, (n,)."""
    splits = of_kind(parts.entries, EntryKind.SPLIT)
    before = parts.after - np.where(splits, parts.entries["qty"], 0.0)
    live = splits & (before != 0) & (parts.after != 0)
    ratio = np.where(live, parts.after / np.where(live, before, 1.0), 1.0)
    so_far = np.cumprod(ratio)
    end = np.empty(parts.count)
    end[parts.trip] = so_far
    return np.asarray(end[parts.trip] / so_far, np.float64)
