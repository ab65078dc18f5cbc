# SPDX-License-Identifier: Apache-2.0
"""Every row of the example tables in docs/life_of_a_bar.md, replayed in both modes."""

import re

import numpy as np
import pytest
import yaml

from engine.engines import native
from engine.kernel.codes import Cause, EntryKind, OrderKind, OrderStatus
from engine.kernel.orders.api import ORDER_API
from tests.docs.conftest import page, tables_with
from tests.kernel import instructed as verbs
from tests.kernel.replay import Instruction, draw_market, instruct, prepare, settings

CALLS = {name: getattr(verbs, name.upper()) for name in ORDER_API if hasattr(verbs, name.upper())}
FIRST_SESSION = 19_723  # 2024-01-01
PAGE = "life_of_a_bar.md"


def rows():
    found = [row for table in tables_with(PAGE, "hold", "order", "fills") for row in table]
    return [pytest.param(row, id=f"{number} {row['order'].replace('`', '')}") for number, row in enumerate(found, 1)]


def bars_of(row):
    """(T, 5): two quiet bars at 100, then those of the row."""
    drawn = (
        row["bars"].split(";") if "bars" in row else [" ".join(row[name] for name in ("open", "high", "low", "close"))]
    )
    quiet = [[100.0] * 4] * 2
    return np.array([[*prices, 1e9] for prices in [*quiet, *([float(word) for word in bar.split()] for bar in drawn)]])


def orders_of(row):
    """The position is bought at the open of the second bar, at whose close the orders are decided."""
    held, given = int(row["hold"]), []
    if held:
        given.append(Instruction(0, verbs.MARKET, qty=held))
    calls = re.findall(r"`(\w+)\(([^)]*)\)`", row["order"])
    first = 2 if held else 1
    for number, (name, arguments) in enumerate(calls):
        qty, *prices = (float(word) for word in arguments.split(","))
        if name.startswith(("stop_loss", "take_profit", "trailing_stop")):
            qty, prices = 0.0, [qty]
        first_price, second_price = [*prices, 0.0, 0.0][:2]
        parent = first if number else 0
        given.append(Instruction(1, CALLS[name], qty=qty, first=first_price, second=second_price, parent=parent))
    assert len(calls) == 1 + row["order"].count(" then ")
    return given


def replay(bars, given, changed=None, mode="interpreted"):
    quiet = np.tile([100.0, 100.0, 100.0, 100.0, 1e9], (len(bars), 1))
    market = draw_market({"a": bars, "b": quiet}, np.arange(FIRST_SESSION, FIRST_SESSION + len(bars)))
    return native.run(prepare(instruct(market, given), settings(changed)), mode)


def fills_from(result, first_row):
    kinds = (EntryKind.FILL, EntryKind.LIQUIDATION)
    return [(float(e["qty"]), float(e["price"])) for e in result.ledger if e["kind"] in kinds and e["t"] >= first_row]


def changed_by(row):
    return yaml.safe_load(row["settings"].strip("`")) if row.get("settings") else {}


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
@pytest.mark.parametrize("row", rows())
def test_the_row_fills_as_printed(row, mode):
    printed = [tuple(float(word) for word in fill.split(" at ")) for fill in row["fills"].split(";") if fill]
    result = replay(bars_of(row), orders_of(row), changed_by(row), mode)
    assert [(qty, round(price, 9)) for qty, price in fills_from(result, 2)] == printed


def test_the_page_shows_every_kind_of_order():
    shown = {name for row in (param.values[0] for param in rows()) for name in re.findall(r"`(\w+)\(", row["order"])}
    kinds = {kind.name.lower() for kind in OrderKind if kind != OrderKind.OPTION}
    ways = {"stop_loss", "take_profit", "trailing_stop"}
    exits = ways | {f"{way}_percent" for way in ways}
    assert shown == kinds | exits | {"bracket", "bracket_distance", "bracket_percent", "target_quantity"}


def test_reducing_orders_go_first_at_the_open():
    """Sent second, the sale of B still fills before the purchase of A that it makes room for."""
    bars = np.tile([100.0, 100.0, 100.0, 100.0, 1e9], (4, 1))
    result = replay(bars, [
        Instruction(0, verbs.MARKET, role=1, qty=2000), Instruction(1, verbs.MARKET, qty=1500),
        Instruction(1, verbs.MARKET, role=1, qty=-1500),
    ])  # fmt: skip
    assert fills_from(result, 2) == [(-1500, 100), (1500, 100)]


def test_participation_carries_the_rest_into_the_next_bar():
    bars = np.tile([100.0, 100.0, 100.0, 100.0, 400.0], (6, 1))
    result = replay(bars, [Instruction(1, verbs.MARKET, qty=100)], {"fills.participation": 0.1})
    assert fills_from(result, 2) == [(40, 100), (40, 100), (20, 100)]


def test_a_bar_without_volume_fills_nothing_and_unknown_volume_is_no_cap():
    for volume, filled in ((0.0, []), (np.nan, [(100, 100)])):
        bars = np.tile([100.0, 100.0, 100.0, 100.0, volume], (3, 1))
        result = replay(bars, [Instruction(1, verbs.MARKET, qty=100)], {"fills.participation": 0.1})
        assert fills_from(result, 2) == filled


def test_a_fill_that_margin_does_not_carry_is_refused_whole():
    bars = np.tile([100.0, 100.0, 100.0, 100.0, 1e9], (3, 1))
    result = replay(bars, [Instruction(1, verbs.MARKET, qty=2001)])
    assert fills_from(result, 2) == []
    (order,) = result.orders
    assert (order["status"], order["cause"]) == (OrderStatus.REJECTED, Cause.INITIAL_MARGIN)


def margin_call(liquidation):
    """2,000 shares bought at 100 on 100,000 of cash; at 60 the account has 20,000 and needs 30,000."""
    bars = np.array([[100, 100, 100, 100, 1e9], [100, 100, 100, 100, 1e9], *[[60, 60, 60, 60, 1e9]] * 3], float)
    return replay(bars, [
        Instruction(0, verbs.MARKET, qty=2000), Instruction(1, verbs.LIMIT, qty=-1, first=300.0),
        Instruction(2, verbs.MARKET, qty=-5), Instruction(3, verbs.MARKET, qty=-5),
    ], {"account.margin.liquidation": liquidation})  # fmt: skip


@pytest.mark.parametrize(("liquidation", "kept"), [("proportional", 1212), ("flat", 0)])
def test_a_margin_call_cancels_refuses_and_cuts_at_the_next_open(liquidation, kept):
    result = margin_call(liquidation)
    forced = [entry for entry in result.ledger if entry["kind"] == EntryKind.LIQUIDATION]
    assert [(entry["t"], entry["qty"], entry["price"]) for entry in forced] == [(3, kept - 2000, 60.0)]
    _, limit, _, frozen, heard = result.orders
    assert (limit["status"], limit["cause"]) == (OrderStatus.CANCELLED, Cause.MARGIN_CALL)
    assert (frozen["status"], frozen["cause"]) == (OrderStatus.REJECTED, Cause.MARGIN_CALL)
    assert heard["status"] == OrderStatus.FILLED


def test_ruin_sells_all_and_accepts_nothing_more():
    bars = np.array([[100, 100, 100, 100, 1e9], [100, 100, 100, 100, 1e9], *[[40, 40, 40, 40, 1e9]] * 3], float)
    result = replay(bars, [Instruction(0, verbs.MARKET, qty=2000), Instruction(3, verbs.MARKET, qty=1)])
    assert fills_from(result, 2) == [(-2000, 40)]
    assert result.points["equity"][-1] == -20_000
    assert result.orders[-1]["cause"] == Cause.ACCOUNT_RUINED


def test_the_six_steps_of_the_page_are_those_of_the_loop(root):
    """The functions that do the steps are called in the page's order."""
    source = (root / "engine" / "kernel" / "loop.py").read_text(encoding="utf-8")
    calls = ["overnight(book", "work_bar(book", "ratchet_trails(book", "mark(book", "check_maintenance(book", "decide("]
    places = [source.index(call) for call in calls]
    assert places == sorted(places)
    for file in ("overnight.py", "matching.py", "ledger.py", "margin.py"):
        assert f"`{file}`" in page(PAGE)
        assert (root / "engine" / "kernel" / file).exists()
