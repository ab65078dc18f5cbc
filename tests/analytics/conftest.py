# SPDX-License-Identifier: Apache-2.0
"""Hand-written runs: bars and a ledger in, a RunRecord out. Points are added up here, entry by entry, on purpose."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind, Moment
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.records import ENTRY, ORDER, POINT, bar_dtype
from engine.strategy.base import ReasonKind
from engine.strategy.reasons import ENGINE_REASONS, ReasonWords

DAY = 86_400_000_000_000
FIRST = int(np.datetime64("2024-01-02").astype("datetime64[D]").astype(int))
REASONS = ENGINE_REASONS | {
    1: ReasonWords("enter", "the ratio left its band", ReasonKind.ENTRY),
    2: ReasonWords("exit", "the ratio came back", ReasonKind.EXIT),
    3: ReasonWords("half", "the crowd is leaving", ReasonKind.CUT),
    4: ReasonWords("unwind_done", "the crowd has left"),
}


def make_bars(closes, *, sessions=None, dividends=None, splits=None):
    """closes: role -> prices. dividends and splits: role -> {row: value}. Sessions count from 2 January 2024."""
    rows = len(next(iter(closes.values())))
    bars = np.zeros(rows, bar_dtype(tuple(closes)))
    bars["session"] = FIRST + (np.arange(rows) if sessions is None else np.asarray(sessions))
    bars["ts"] = bars["session"].astype("i8") * DAY + np.arange(rows) * 60_000_000_000 + 21 * 3_600_000_000_000
    bars["days"] = np.diff(bars["session"], prepend=bars["session"][:1])
    bars["last"] = np.append(bars["session"][1:] != bars["session"][:-1], True)
    for role, prices in closes.items():
        for name in ("open", "high", "low", "close"):
            bars[role][name] = prices
        bars[role]["volume"], bars[role]["split"] = 1e6, 1.0
        for row, paid in (dividends or {}).get(role, {}).items():
            bars[role]["dividend"][row] = paid
        for row, ratio in (splits or {}).get(role, {}).items():
            bars[role]["split"][row] = ratio
        bars[role]["factor"] = np.cumprod(bars[role]["split"])
    return bars


def add_up(bars, roles, ledger):
    """Points by walking the ledger once, in plain Python."""
    points = np.zeros(len(bars), POINT)
    cash, held, at = 0.0, dict.fromkeys(range(len(roles)), 0.0), 0
    for row in range(len(bars)):
        while at < len(ledger) and ledger[at]["t"] == row:
            cash += float(ledger[at]["amount"])
            if ledger[at]["role"] >= 0:
                held[int(ledger[at]["role"])] += float(ledger[at]["qty"])
            at += 1
        values = [held[number] * float(bars[row][role]["close"]) for number, role in enumerate(roles)]
        gross = sum(abs(value) for value in values)
        points[row] = (cash, cash + sum(values), 0.3 * gross)
    return points


def make_result(bars, entries, *, orders=(), cash=10_000.0, benchmark=0.0):
    """entries: (row, kind, role, qty, price, amount, slippage, order, reason) after the opening deposit."""
    roles = tuple(name for name in bars.dtype.names if name not in ("ts", "session", "days", "last"))
    deposit = (0, EntryKind.DEPOSIT, -1, 0.0, np.nan, cash, 0.0, 0, 0)
    ledger = np.array([(*entry, Moment.CLOSE) for entry in (deposit, *entries)], ENTRY)
    log = np.zeros(len(orders), ORDER)
    for number, order in enumerate(orders):
        for name, value in order.items():
            log[number][name] = value
    return RunRecord(
        config=RunConfig(
            name="hand",
            strategy="hand",
            roles={role: role.upper() for role in roles},
            account={"cash": cash},
            costs={"benchmark": benchmark},
        ),
        market=Market(bars=bars, symbols={role: role.upper() for role in roles}, label="written by hand"),
        ledger=ledger,
        points=add_up(bars, roles, ledger),
        orders=log,
        features=np.zeros(len(bars), [("unused", "f8")]),
        params={},
        reasons=REASONS,
        engine="native",
        mode="interpreted",
        fill_convention="orders fill at the next open",
    )


def fill(row, role, qty, price, *, order, reason=1, commission=0.0, fee=0.0, slippage=0.0, kind=EntryKind.FILL):
    """A fill and the charges that follow it."""
    entries = [(row, kind, role, qty, price, -qty * price, slippage, order, reason)]
    if commission:
        entries.append((row, EntryKind.COMMISSION, role, 0.0, price, -commission, 0.0, order, reason))
    if fee:
        entries.append((row, EntryKind.FEE, role, 0.0, price, -fee, 0.0, order, reason))
    return entries


def charge(row, kind, role, amount):
    """A cash flow that belongs to no order."""
    return [(row, kind, role, 0.0, np.nan, amount, 0.0, 0, 0)]


@pytest.fixture(scope="session")
def hand():
    """The builders above."""
    return SimpleNamespace(bars=make_bars, result=make_result, fill=fill, charge=charge, reasons=REASONS)


@pytest.fixture(scope="session")
def worked(hand):
    """Six sessions worked by hand.

    large: bought 20 at 100.10 (slippage 2.00), paid 1.00; dividend 10.00; half sold at 110, rest sold at 99 less fee.
    small: sold 40 at 50; borrow 3.00; pays 8.00 in lieu; turned round by buying 60 at 45 (paid 3.00); open, 20 long.
    """
    bars = hand.bars({"large": [100, 102, 104, 110, 100, 99], "small": [50, 49, 48, 45, 46, 47.0]})
    entries = [
        *hand.fill(1, 0, 20, 100.10, order=1, commission=1.0, slippage=2.0),
        *hand.fill(1, 1, -40, 50, order=2, commission=1.0, fee=0.5),
        *hand.charge(2, EntryKind.BORROW, 1, -3.0),
        *hand.charge(2, EntryKind.INTEREST, -1, 1.25),
        *hand.charge(2, EntryKind.DIVIDEND, 0, 10.0),
        *hand.charge(2, EntryKind.DIVIDEND, 1, -8.0),
        *hand.fill(3, 0, -10, 110, order=3, reason=3, commission=1.0),
        *hand.fill(3, 1, 60, 45, order=4, reason=2, commission=3.0, slippage=6.0),
        *hand.charge(4, EntryKind.INTEREST, -1, -0.25),
        *hand.fill(5, 0, -10, 99, order=5, reason=2, commission=1.0, fee=0.1),
    ]
    orders = [
        {"id": 1, "role": 0, "born": 0, "reason": 1, "status": 2, "asked": 20, "filled": 20, "ended": 1},
        {"id": 2, "role": 1, "born": 0, "reason": 1, "status": 2, "asked": -40, "filled": -40, "ended": 1},
        {"id": 3, "role": 0, "born": 2, "reason": 3, "status": 2, "asked": -10, "filled": -10, "ended": 3},
        {"id": 4, "role": 1, "born": 2, "reason": 2, "status": 2, "asked": 60, "filled": 60, "ended": 3},
        {"id": 5, "role": 0, "born": 4, "reason": 2, "status": 2, "asked": -10, "filled": -10, "ended": 5},
        {"id": 6, "role": 0, "born": 4, "reason": 1, "status": 5, "cause": 8, "asked": 900, "ended": 5},
    ]
    return hand.result(bars, entries, orders=orders)
