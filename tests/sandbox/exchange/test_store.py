# SPDX-License-Identifier: Apache-2.0
"""The book on disk: an exchange that is ended anywhere goes on as if it had not been."""

import gc
import os
import random
import signal
import sqlite3
import subprocess
import sys

import pytest

from engine.errors import InputError
from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.faults import Fault, Faults
from tests.sandbox.stage import FLAT, Stage, replay

WILD = [(100.0 + row % 7, 106.0 + row % 5, 94.0 - row % 3, 100.0 + row % 4) for row in range(60)]
WILD[20] = (50.0, 53.0, 46.0, 50.0, 0.5, 2.0)
FEES = {"costs": {"commission": "ibkr_fixed", "borrow": "us_borrow", "interest": "ibkr_interest", "benchmark": 0.03}}


def everything(exchange):
    return [
        exchange.now,
        exchange.account_values(PAPER),
        exchange.positions(PAPER),
        exchange.open_orders(),
        exchange.completed(),
        exchange.executions(),
        [exchange.next_order_id(client) for client in range(3)],
    ]


def trade(stage, throw, number):
    """One of many things that a client may do."""
    side, size = throw.choice(["BUY", "SELL"]), throw.randint(1, 90)
    kind, rest = throw.choice([
        ("MKT", {}), ("MOC", {}), ("LMT", {"limit": 97.0 + throw.random() * 6, "tif": "GTC"}),
        ("STP", {"aux": 97.0 + throw.random() * 6, "tif": "GTC"}), ("TRAIL", {"aux": 3.3, "tif": "GTC"}),
    ])  # fmt: skip
    key = stage.place(number, side, size, kind, client=number % 3, ref=f"r-{number}", **rest)
    if throw.random() < 0.3:
        stage.place(1000 + number, "SELL", size, "STP", client=number % 3, aux=90.0, tif="GTC", parent=number)
    if throw.random() < 0.2:
        stage.exchange.cancel(key)


@pytest.mark.parametrize("seed", [1])
@pytest.mark.parametrize("walk", [None, 5])
def test_an_exchange_that_is_ended_at_every_turn_is_the_one_that_never_was(tmp_path, seed, walk):
    book = tmp_path / "book.db"
    throw, twin = random.Random(seed), random.Random(seed)
    bars = replay({"X": WILD}, FEES)
    steady, broken = Stage(bars, seed=walk), Stage(bars, seed=walk, book=book)
    for number in range(1, 50):
        trade(steady, throw, number)
        trade(broken, twin, number)
        broken.exchange.close()
        broken = Stage(bars, seed=walk, book=book)
        steady.exchange.step()
        broken.exchange.step()
        assert everything(broken.exchange) == everything(steady.exchange)
    assert len(broken.exchange.dump()["executions"]) > 30


def test_what_waits_is_there_after_a_restart(tmp_path):
    book, faults = tmp_path / "book.db", Faults([Fault("late_commission", steps=3)])
    stage = Stage(WILD, book=book, faults=faults)
    stage.exchange.operator.lend("X", "held")
    held = stage.place(1, "SELL", 5, tif="GTC")
    unsent = stage.place(2, "BUY", 5, transmit=False)
    stage.place(3, "BUY", 7)
    stage.exchange.step()
    stage.exchange.operator.set_link(up=False)
    stage.exchange.close()
    stage = Stage(WILD, book=book)
    assert [(one.key, one.status) for one in stage.exchange.open_orders()] == [
        (held, "PreSubmitted"), (unsent, "PendingSubmit"),
    ]  # fmt: skip
    assert not stage.exchange.telling.link
    assert stage.exchange.executions()[0][1] is None
    stage.exchange.operator.set_link(up=True)
    stage.exchange.operator.lend("X")
    stage.exchange.step()
    assert stage.exchange.positions(PAPER)[0].quantity == 2.0


def test_a_day_that_was_forgotten_stays_forgotten(tmp_path):
    book = tmp_path / "book.db"
    stage = Stage(WILD, book=book)
    stage.place(1, "BUY", 5)
    stage.exchange.step()
    stage.exchange.operator.restart_nightly()
    stage.exchange.close()
    stage = Stage(WILD, book=book)
    assert stage.exchange.executions() == []
    assert stage.exchange.completed() == []
    assert [one["quantity"] for one in stage.exchange.dump()["executions"]] == [5.0]


def test_the_books_hold_a_correction_once_and_every_order(tmp_path):
    stage = Stage(WILD, book=tmp_path / "book.db", faults=Faults([Fault("corrected_execution", by=1.0)]))
    stage.place(1, "SELL", 5, ref="a")
    stage.place(2, "BUY", 3, "LMT", limit=1.0, ref="b")
    stage.exchange.step()
    dump = stage.exchange.dump()
    assert [(one["ref"], one["quantity"], one["price"]) for one in dump["executions"]] == [("a", -5.0, 101.0)]
    assert dump["executions"][0]["exec_id"].endswith(".02")
    assert [(one["ref"], one["status"]) for one in dump["orders"]] == [("a", "Filled"), ("b", "Cancelled")]


def test_a_book_is_of_one_market_one_sandbox_and_one_kind(tmp_path):
    book = tmp_path / "book.db"
    stage = Stage(WILD, book=book)
    with pytest.raises(InputError, match="another sandbox has this book open"):
        Stage(WILD, book=book)
    stage.exchange.close()
    with pytest.raises(InputError, match="kept under another bars"):
        Stage(WILD[:50], book=book)
    with pytest.raises(InputError, match="kept under another seed"):
        Stage(WILD, book=book, seed=1)
    with pytest.raises(InputError, match="kept under another configuration"):
        Stage(WILD, book=book, settings=FEES)
    with pytest.raises(InputError, match="kept under another accounts"):
        Stage(WILD, book=book, accounts=("DU5",))
    other = tmp_path / "notes.txt"
    other.write_text("these are notes, and no book at all " * 40)
    with pytest.raises(InputError, match="no book of a sandbox"):
        Stage(WILD, book=other)
    with pytest.raises(InputError, match="cannot be written"):
        Stage(WILD, book=tmp_path / "nowhere" / "book.db")


def test_a_book_goes_on_under_another_label_of_the_same_configuration(tmp_path):
    book = tmp_path / "book.db"
    stage = Stage(WILD, book=book)
    stage.exchange.step()
    now = stage.exchange.now
    stage.exchange.close()
    assert Stage(WILD, book=book, settings={"name": "later", "results": "elsewhere"}).exchange.now == now


CALM = [(100.0, 106.0, 94.0, 101.0)] * 3_000
TRADER = """
import sys
from pathlib import Path
from tests.sandbox.exchange.test_store import CALM
from tests.sandbox.stage import Stage
stage = Stage(CALM, book=Path(sys.argv[1]))
stage.exchange.listen(lambda event: print("told", getattr(event, "exec_id", ""), flush=True))
number = stage.exchange.next_order_id(1)
while stage.place(number, "BUY" if number % 2 else "SELL", 1, ref=f"r{number}") and stage.exchange.step():
    print("placed", number, flush=True)
    number += 1
"""


def test_a_kill_loses_nothing_that_was_told(tmp_path, request):
    """Killed again and again at any moment, the books hold every order and execution that came out, once."""
    book, lines = tmp_path / "book.db", []
    env = {**os.environ, "PYTHONPATH": str(request.config.rootpath)}
    throw = random.Random(1)
    for _ in range(3):
        command = [sys.executable, "-c", TRADER, str(book)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
            lines += [process.stdout.readline() for _ in range(throw.randint(20, 120))]
            process.send_signal(signal.SIGKILL)
            lines += process.stdout
    words = [line.split() for line in lines if line.endswith("\n")]
    told = {word[1] for word in words if word[0] == "told" and len(word) == 2}
    placed = {int(word[1]) for word in words if word[0] == "placed"}
    base = sqlite3.connect(book)
    kept = [row[0] for row in base.execute("SELECT exec_id FROM executions")]
    numbers = [row[0] for row in base.execute("SELECT number FROM orders")]
    filled = base.execute("SELECT SUM(quantity) FROM executions").fetchone()[0]
    base.close()
    assert len(told) > 5
    assert told <= set(kept)
    assert placed <= set(numbers)
    assert len(numbers) == len(set(numbers)), "no order was taken twice"
    held = Stage(CALM, book=book).exchange.positions(PAPER)
    assert filled == (held[0].quantity if held else 0.0)


def grown(tmp_path, orders):
    """Containers more after so many orders than after the first fifth of them."""
    stage = Stage([FLAT] * (orders // 2 + 2), book=tmp_path / "book.db", settings={"account": {"cash": 1e9}})
    stage.exchange.telling._listeners.clear()
    counts = []
    for row in range(orders // 2):
        stage.place(2 * row + 1, "BUY", 1)
        stage.place(2 * row + 2, "SELL", 1, "LMT", limit=200.0)
        stage.exchange.step()
        if row in {orders // 10, orders // 2 - 1}:
            gc.collect()
            counts.append(len(gc.get_objects()))
    assert len(stage.exchange.dump()["orders"]) == orders
    assert stage.exchange.positions(PAPER)[0].quantity == orders / 2
    return counts[1] - counts[0]


def test_orders_that_have_ended_take_no_memory(tmp_path):
    assert grown(tmp_path, 1_000) < 500


@pytest.mark.slow
def test_ten_thousand_orders_take_no_more_memory_than_two_thousand(tmp_path):
    assert grown(tmp_path, 10_000) < 500


def test_orders_whose_time_passed_while_the_sandbox_was_down_end_without_a_fill(tmp_path):
    """A dated one before the next bar, one of the day at its end: each is told as cancelled, and asked for as ended."""
    bars = replay({"X": [FLAT, (90.0, 90.0, 90.0, 90.0), (100.0, 100.0, 80.0, 80.0)]})
    first = Stage(bars, book=tmp_path / "book.db")
    dated = first.place(1, "BUY", 10, "LMT", limit=95.0, tif="GTD", good_till="20240102 23:00:00 US/Eastern")
    day = first.place(2, "BUY", 10, "LMT", limit=85.0, tif="DAY")
    first.exchange.close()
    second = Stage(bars, book=tmp_path / "book.db")
    assert {one.key for one in second.exchange.open_orders()} == {dated, day}
    second.exchange.step()
    assert [(one.key, one.status, one.filled) for one in second.exchange.completed()] == [
        (dated, "Cancelled", 0.0), (day, "Cancelled", 0.0),
    ]  # fmt: skip
    second.exchange.close()
    third = Stage(bars, book=tmp_path / "book.db")
    assert third.exchange.open_orders() == []
    assert {one.key for one in third.exchange.completed()} == {dated, day}
    third.exchange.step()
    assert (third.exchange.executions(), third.exchange.positions(PAPER)) == ([], [])
