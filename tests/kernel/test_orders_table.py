# SPDX-License-Identifier: Apache-2.0
"""Replays every case of orders_table.md in both modes."""

import math
import re
from functools import cache

import pytest

from engine.engines import native
from engine.errors import StrategyError
from engine.kernel.codes import Cause, EntryKind, OrderStatus
from tests.kernel.order_table import TABLE, Case, market_of, read_cases
from tests.kernel.replay import instruct, prepare, settings
from tests.kernel.table_words import Event

LEAST = 60
CASES = read_cases(TABLE.read_text(encoding="utf-8"))
CLOSE_ENOUGH = 1e-9  # a decimal such as 52.26 and 52 * 1.005 differ in the last bit


@cache
def replayed(name: str, mode: str):
    case = next(case for case in CASES if case.name == name)
    return native.run(prepare(instruct(market_of(case), case.instructions), settings(case.settings)), mode)


def described(entry) -> str:
    """A ledger entry as the table would write it."""
    kind = EntryKind(int(entry["kind"])).name.lower()
    symbol = "" if entry["role"] < 0 else f" of {'AB'[int(entry['role'])]}"
    trade = f"{entry['qty']:+g}{symbol} at {entry['price']:.10g}" if entry["qty"] else symbol
    return f"bar {int(entry['t']) + 1}: {kind} {trade}, cash {entry['amount']:+.10g}, reason {int(entry['reason'])}"


def matches(event: Event, entry) -> bool:
    trade = event.kind in {"fill", "liquidation"}
    return (
        entry["t"] == event.t
        and EntryKind(int(entry["kind"])).name.lower() == event.kind
        and (event.role is None or entry["role"] == event.role)
        and entry["qty"] == event.qty
        and (event.price is None or math.isclose(entry["price"], event.price, abs_tol=CLOSE_ENOUGH))
        and (event.amount is None or math.isclose(entry["amount"], event.amount, rel_tol=1e-12, abs_tol=1e-9))
        and (not trade or math.isclose(entry["amount"], -entry["qty"] * entry["price"], rel_tol=1e-15))
        and (event.reason is None or entry["reason"] == event.reason)
    )


def check_events(case: Case, result) -> None:
    happened = [entry for entry in result.ledger if entry["kind"] != EntryKind.DEPOSIT]
    told = "\n".join(described(entry) for entry in happened) or "nothing"
    assert len(happened) == len(case.events), told
    for event, entry in zip(case.events, happened, strict=True):
        assert matches(event, entry), f"expected {event}, the run says\n{told}"


def check_orders(case: Case, result) -> None:
    assert set(case.endings) <= set(result.orders["id"].tolist())
    for order in result.orders:
        number = int(order["id"])
        status, cause = OrderStatus(int(order["status"])), Cause(int(order["cause"]))
        said = case.endings.get(number)
        wanted = (said.status, said.cause) if said else (OrderStatus.FILLED, Cause.NONE)
        assert (status, cause) == wanted, f"order {number} is {status.name}: {cause.name}, filled {order['filled']}"
        if said and said.filled is not None:
            assert order["filled"] == said.filled, f"order {number}"


def check_standings(case: Case, result) -> None:
    for standing in case.standings:
        if standing.what == "holds":
            mine = (result.ledger["role"] == standing.role) & (result.ledger["t"] <= standing.t)
            found = result.ledger["qty"][mine].sum()
        else:
            found = result.points[standing.what][standing.t]
        assert math.isclose(found, standing.value, rel_tol=1e-12, abs_tol=1e-9), f"{standing}: {found}"


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, mode: str):
    if case.refused:
        with pytest.raises(StrategyError, match=re.escape(case.refused)):
            replayed(case.name, mode)
        return
    result = replayed(case.name, mode)
    check_events(case, result)
    check_orders(case, result)
    check_standings(case, result)


def test_both_modes_leave_the_same_bytes():
    for case in [case for case in CASES if not case.refused]:
        one, two = replayed(case.name, "interpreted"), replayed(case.name, "compiled")
        for name in ("ledger", "orders", "points"):
            assert getattr(one, name).tobytes() == getattr(two, name).tobytes(), f"{case.name}: {name}"


def test_the_table_is_large_enough_to_mean_something():
    assert len(CASES) >= LEAST
