# SPDX-License-Identifier: Apache-2.0
"""The control channel: what may be said to a sandbox from behind, and what is answered."""

import asyncio
import contextlib
import json

import ib_async
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError
from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.sandbox import Sandbox
from engine.sandbox.tickets import Notice, OrderKey
from tests.sandbox.clients.checks import until
from tests.sandbox.stage import Stage
from tests.sandbox.talk import run

BARS = [(100.0 + row, 102.0 + row, 98.0 + row, 101.0 + row) for row in range(6)]


class Behind:
    """A sandbox of one stage with its control channel, which is spoken to by lines."""

    def __init__(self, **rest):
        self.stage = Stage({"SPY": BARS, "IWM": BARS}, **rest)
        self.box = Sandbox(self.stage.exchange, control_port=0)

    async def __aenter__(self):
        await self.box.__aenter__()
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.box.control.port)
        return self

    async def __aexit__(self, *rest):
        self.writer.close()
        await self.box.__aexit__(*rest)

    async def line(self, text):
        self.writer.write(text.encode() + b"\n")
        return json.loads(await asyncio.wait_for(self.reader.readline(), 5))

    async def say(self, do, **rest):
        return await self.line(json.dumps({"do": do, **rest}))


def scene(function):
    def test():
        async def play():
            async with Behind() as behind:
                await function(behind, behind.stage)

        run(play())

    test.__name__ = function.__name__
    return test


@scene
async def test_it_says_where_the_market_is_and_steps_it(behind, stage):
    state = await behind.say("state")
    assert (state["ok"], state["session"], state["row"], state["over"]) == (True, "2024-01-02", 0, False)
    assert state["prices"] == {"SPY": 101.0, "IWM": 101.0}
    assert (await behind.say("step"))["session"] == "2024-01-03"
    stepped = await behind.say("step", bars=10)
    assert (stepped["stepped"], stepped["over"]) == (4, True)
    assert stage.exchange.over


@scene
async def test_prices_trades_and_fills_by_hand(behind, stage):
    key = stage.place(1, "BUY", 10, "LMT", symbol="SPY", limit=99.0, tif="GTC")
    assert (await behind.say("fill", client=1, order=1, quantity=4, price=98.5))["ok"]
    assert (await behind.say("tick", prices={"SPY": 98.0}))["prices"] == {"SPY": 98.0, "IWM": 101.0}
    assert stage.fills() == [(4.0, 98.5), (6.0, 98.0)]
    assert stage.statuses(key)[-1] == "Filled"
    assert (await behind.say("trade", symbol="IWM", quantity=-5, price=101.5))["order"] == -1
    assert [(one.contract.symbol, one.quantity) for one in stage.exchange.positions(PAPER)] == [
        ("SPY", 10.0), ("IWM", -5.0),
    ]  # fmt: skip
    assert [one.quantity for one, _ in stage.exchange.executions()] == [4.0, 6.0, 5.0]


@scene
async def test_without_a_book_there_is_no_dump_of_what_was_forgotten(behind, stage):
    stage.place(1, "BUY", 10, symbol="SPY", tif="GTC")
    await behind.say("step", bars=3)
    said = await behind.say("dump")
    assert said["ok"] is False
    assert "start it with --book FILE" in said["error"]


def test_a_dump_of_the_book_has_the_fills_of_earlier_days(tmp_path):
    async def play():
        async with Behind(book=tmp_path / "book.db") as behind:
            behind.stage.place(1, "BUY", 10, symbol="SPY", tif="GTC")
            await behind.say("step", bars=3)
            assert [one["quantity"] for one in (await behind.say("dump"))["executions"]] == [10.0]

    run(play())


def test_who_is_still_there_does_not_outlive_the_channel():
    """One who waits for nothing, and one who never reads: no task is left for the loop to cancel."""

    async def play():
        before = asyncio.all_tasks()
        async with Behind() as behind:
            await behind.say("state")
            _, deaf = await asyncio.open_connection("127.0.0.1", behind.box.control.port)
            deaf.write(b'{"do": "state"}\n' * 50_000)
            await asyncio.sleep(0.1)
            await behind.box.control.stop()
            left = {one for one in asyncio.all_tasks() - before if "_serve" in repr(one)}
            assert not left
            deaf.close()

    run(play())


def test_who_reads_on_while_the_channel_closes_ends_it_quietly():
    """What is left to say then goes out after the farewell, and no further line is answered into nothing."""

    async def play():
        async with Behind() as behind:
            reader, late = await asyncio.open_connection("127.0.0.1", behind.box.control.port)
            late.write(b'{"do": "state"}\n' * 50_000)
            await asyncio.sleep(0.1)
            talks = [one for one in asyncio.all_tasks() if "_serve" in repr(one)]
            assert len(talks) == 2
            closing = asyncio.ensure_future(behind.box.control.stop())
            with contextlib.suppress(ConnectionError):  # of lines that nobody answers any more
                while await reader.read(1 << 20):
                    pass
            await closing
            assert [one.exception() for one in talks] == [None] * len(talks)
            late.close()

    run(play())


@scene
async def test_faults_are_armed_one_at_a_time(behind, stage):
    assert (await behind.say("fault", fault="reject"))["ok"]
    second = await behind.say("fault", fault="held")
    assert second == {"ok": False, "error": "one fault at a time: reject has not struck yet"}
    stage.place(1, "BUY", 1, symbol="SPY")
    faults = await behind.say("faults")
    assert ([one["fault"] for one in faults["struck"]], faults["waiting"]) == (["reject"], [])
    await behind.say("fault", fault="held", symbol="IWM")
    assert [one["symbol"] for one in (await behind.say("faults"))["waiting"]] == ["IWM"]
    await behind.say("clear")
    assert (await behind.say("faults"))["waiting"] == []
    assert "no such fault" in (await behind.say("fault", fault="hold"))["error"]


@scene
async def test_words_of_the_broker(behind, stage):
    await behind.say("error", code=10197)
    await behind.say("error", code=399, text="Order Message", client=1, order=4)
    await behind.say("link", up=False)
    await behind.say("link", up=True, data_lost=True)
    await behind.say("farm", up=False)
    await behind.say("farm", up=True)
    assert [one.code for one in stage.told(Notice)] == [10197, 399, 1100, 1101, 2103, 2104]
    assert stage.told(Notice)[1] == Notice(399, "Order Message", OrderKey(1, 4))


@scene
async def test_what_is_lent(behind, stage):
    await behind.say("lend", symbol="SPY", **{"as": "refused"})
    assert stage.statuses(stage.place(1, "SELL", 1, symbol="SPY")) == ["Inactive"]
    await behind.say("lend", symbol="SPY")
    assert stage.statuses(stage.place(2, "SELL", 1, symbol="SPY")) == ["PreSubmitted"]


@scene
async def test_connections_are_dropped_of_one_client_or_of_all(behind, stage):
    clients = []
    for number in (1, 2, 3):
        ib = ib_async.IB()
        await ib.connectAsync("127.0.0.1", behind.box.server.port, clientId=number)
        clients.append(ib)
    assert (await behind.say("state"))["clients"] == [1, 2, 3]
    received = await behind.say("received", last=1)
    assert received["counts"]["startApi"] == 3
    assert len(received["requests"]) == 1
    await behind.say("disconnect", client=2)
    await until(lambda: not clients[1].isConnected())
    assert [ib.isConnected() for ib in clients] == [True, False, True]
    stage.place(20, "BUY", 1, symbol="SPY", client=3)
    await behind.say("nightly", ids=5)
    await until(lambda: not any(ib.isConnected() for ib in clients))
    assert stage.exchange.next_order_id(3) == 16


@scene
async def test_the_timer_is_started_and_paused(behind, stage):
    assert (await behind.say("run", speed="200d/s"))["ok"]
    await until(lambda: stage.exchange.market.clock.row > 0)
    row = (await behind.say("pause"))["row"]
    await asyncio.sleep(0.05)
    assert stage.exchange.market.clock.row == row


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("no json", "no line of JSON"),
        ("[]", "no such command; there are state, step"),
        ('{"do": "jump"}', "no such command"),
        ('{"do": "step", "bars": "two"}', "bars is no int: 'two'"),
        ('{"do": "step", "bars": true}', "bars is no int: True"),
        ('{"do": "step", "days": 2}', "no key 'days' here; there are bars"),
        ('{"do": "link"}', "up is missing"),
        ('{"do": "run", "speed": "step"}', "step is no speed to run at"),
        ('{"do": "run", "speed": "fast"}', "no such speed"),
        ('{"do": "tick", "prices": {"QQQ": 1}}', "no symbol QQQ; there are SPY, IWM"),
        ('{"do": "tick", "prices": {"SPY": 0}}', "the price of SPY is no number above 0: 0"),
        ('{"do": "tick", "prices": {"SPY": 1}, "seconds": -1}', "time does not run back"),
        ('{"do": "fill", "client": 1, "order": 9, "quantity": 1, "price": 1}', "client 1 has no order 9 that works"),
        ('{"do": "fill", "client": 1, "order": 9, "quantity": 0, "price": 1}', "quantity is above 0"),
        ('{"do": "trade", "symbol": "SPY", "quantity": 0, "price": 1}', "quantity is signed shares, not 0"),
        ('{"do": "trade", "symbol": "SPY", "quantity": 1, "price": 1, "account": "X"}', "no account X"),
        ('{"do": "trade", "symbol": "SPY", "quantity": 1.5, "price": 1}', "quantity is a multiple of 1 shares: 1.5"),
        ('{"do": "fill", "client": 1, "order": 9, "quantity": 0.5, "price": 1}', "quantity is a multiple of 1 shares"),
        ('{"do": "error", "code": 399, "client": 1}', "an error is about an order, which needs client and order"),
        ('{"do": "error", "code": 399, "order": 4}', "an error is about an order, which needs client and order"),
        ('{"do": "error", "code": 399, "client": -1, "order": 4}', "client is not below 0: -1"),
        ('{"do": "error", "code": 399, "client": 1, "order": -4}', "order is not below 0: -4"),
        ('{"do": "error", "code": 399, "client": null, "order": 4}', "client is no int: None"),
        ('{"do": "disconnect", "client": 7}', "no client 7 is connected; there are none"),
        ('{"do": "disconnect", "client": -1}', "no client -1 is connected"),
        ('{"do": "step", "bars": -1}', "steps is not below 0: -1"),
        ('{"do": "leg", "legs": -1}', "steps is not below 0: -1"),
        ('{"do": "nightly", "ids": -1}', "ids is not below 0: -1"),
        ('{"do": "received", "last": -1}', "last is not below 0: -1"),
        ('{"do": "lend", "symbol": "SPY", "as": "gift"}', 'as is "held", "refused" or ""'),
    ],
)
def test_what_cannot_be_done_is_said(line, says):
    async def play():
        async with Behind() as behind:
            answer = await behind.line(line)
            assert not answer["ok"]
            assert says in answer["error"]
            assert (await behind.say("state"))["row"] == 0, "the channel goes on"

    run(play())


def test_where_fractions_are_traded_a_trade_by_hand_is_in_their_steps():
    fills = {"whole_shares": False, "step": 0.1, "participation": None}
    control = Sandbox(Stage(BARS, settings={"fills": fills}).exchange, control_port=0).control
    trade = {"do": "trade", "symbol": "X", "price": 100.0}
    assert json.loads(control.answer(json.dumps({**trade, "quantity": -0.3}).encode()))["ok"]
    refused = json.loads(control.answer(json.dumps({**trade, "quantity": 0.25}).encode()))
    assert refused["error"] == "quantity is a multiple of 0.1 shares: 0.25"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8), lambda one: st.lists(one, max_size=3)
)
COMMANDS = ("step", "leg", "tick", "fault", "error", "lend", "fill", "trade", "received", "run")
KEYS = (
    "bars",
    "legs",
    "prices",
    "seconds",
    "fault",
    "nth",
    "on",
    "code",
    "client",
    "order",
    "symbol",
    "as",
    "quantity",
)
LINES = st.fixed_dictionaries(
    {"do": st.sampled_from(COMMANDS)},
    optional=dict.fromkeys((*KEYS, "quantity", "price", "account", "last", "speed"), VALUES),
)


@pytest.fixture(scope="module")
def control():
    return Sandbox(Stage(BARS).exchange, control_port=0).control


@settings(max_examples=200)
@given(line=st.binary(max_size=30) | LINES.map(lambda said: json.dumps(said).encode()))
def test_no_line_breaks_the_channel(control, line):
    answer = json.loads(control.answer(line))
    assert answer["ok"] or answer["error"]


def test_a_line_of_brackets_is_no_line(control):
    assert "no line of JSON" in json.loads(control.answer(b"[" * 100_000))["error"]


def test_it_listens_to_this_machine_alone():
    async def play():
        stage = Stage(BARS)
        with pytest.raises(InputError, match="this machine alone"):
            await Sandbox(stage.exchange, host="0.0.0.0", control_port=0).__aenter__()

    run(play())


def test_a_line_without_end_is_let_go():
    async def play():
        async with Behind() as behind:
            behind.writer.write(b"x" * (1 << 21))
            with contextlib.suppress(ConnectionError):
                assert await asyncio.wait_for(behind.reader.read(), 5) == b""
            behind.reader, behind.writer = await asyncio.open_connection("127.0.0.1", behind.box.control.port)
            assert (await behind.say("state"))["ok"]

    run(play())
