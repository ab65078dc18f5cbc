# SPDX-License-Identifier: Apache-2.0
"""`tandem sandbox`: a broker as a person starts it."""

import asyncio
import json
import re
import signal
import socket
import time
from contextlib import ExitStack

import ib_async
import pytest

from tests.cli.conftest import SCREEN, lines_of_bars
from tests.sandbox.clients.checks import until


@pytest.fixture
def started(desk):
    """Starts sandboxes, each with its port and that of its control channel; ends what is left of them."""
    running = []

    def start(*words):
        process = desk.start("sandbox", "--config", "run.yaml", "--port", "0", "--control-port", "0", *words)
        running.append(process)
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            said += line
        port, control = re.findall(r"127\.0\.0\.1:(\d+)", said)
        return process, said, int(port), int(control)

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.fixture
def beside(desk):
    """A sandbox whose end is nothing to the test: what it said, its ports, and what it says from then on."""
    with ExitStack() as ends:

        def start(*words):
            said, printed = ends.enter_context(desk.sandbox("--control-port", "0", *words))
            port, control = re.findall(r"127\.0\.0\.1:(\d+)", said)
            return said, int(port), int(control), printed

        yield start


def say(port, **line):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as channel:
        channel.sendall(json.dumps(line).encode() + b"\n")
        return json.loads(channel.makefile().readline())


def test_it_says_where_it_is_and_ends_in_order(started):
    process, said, port, _ = started("--speed", "step")
    assert "Account    DU1000001" in said
    assert f'ib.connect("127.0.0.1", {port}, clientId=1)' in said
    assert "AAA, BBB, bars of 1 day, it moves by the control channel alone" in said
    assert "2020-01-21 has closed; the last session is 2020-01-31" in said
    assert max(map(len, said.splitlines())) <= SCREEN[0]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (0, "The sandbox has ended.\n", "")


def test_at_the_other_address_of_this_machine_it_says_that_one(desk):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no ::1")
    words = ("--port", "0", "--control-port", "0", "--speed", "step", "--host", "::1")
    process = desk.start("sandbox", "--config", "run.yaml", *words)
    try:
        said = ""
        while "Ctrl-C" not in said:
            line = process.stdout.readline()
            assert line, process.stderr.read()
            said += line
        (port,) = re.findall(r"A broker on this machine, \[::1\]:(\d+), clients of versions 157 to 178\n", said)
        (control,) = re.findall(r"Control    \[::1\]:(\d+),", said)
        assert f'ib.connect("::1", {port}, clientId=1)' in said
        for one in (port, control):
            socket.create_connection(("::1", int(one)), timeout=10).close()
    finally:
        process.kill()
        process.communicate()


def test_it_ends_in_order_while_somebody_is_on_the_control_channel(started):
    process, *_, control = started("--speed", "step")
    with socket.create_connection(("127.0.0.1", control), timeout=10) as channel:
        channel.sendall(b'{"do": "state"}\n')
        assert json.loads(channel.makefile().readline())["ok"]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
    assert "Traceback" not in err
    assert "Exception" not in err


def test_it_says_what_is_doubtful_of_the_bars(desk, beside):
    for symbol, price in (("AAA", 100.0), ("BBB", 50.0)):
        desk.bars(symbol, [line for row, line in enumerate(lines_of_bars(price)) if row != 4])
    said, *_ = beside("--speed", "step")
    assert "! 1 of 9 sessions of XNYS have no bar: 2020-01-27" in said
    assert max(map(len, said.splitlines())) <= SCREEN[0]


def test_the_five_lines_that_it_prints_trade(beside):
    said, _, control, _ = beside("--speed", "step")
    (code,) = re.findall(r"(from ib_async.*?)\n\n", said, re.DOTALL)

    async def play():
        head, rest = code.split("ib.connect", 1)
        names = {}
        exec(head, names)
        ib = names["ib"]
        address, rest = rest.split("\n", 1)
        await eval(f"ib.connectAsync{address}", names)
        share, order = re.findall(r"(Stock\(.*?\)|MarketOrder\(.*?\))", rest)
        (contract,) = await ib.qualifyContractsAsync(eval(share, names))
        trade = ib.placeOrder(contract, eval(order, names))
        await until(lambda: trade.order.permId)
        await asyncio.to_thread(say, control, do="step")
        await until(trade.isDone)
        ib.disconnect()
        return trade

    trade = asyncio.run(asyncio.wait_for(play(), 30))
    assert (trade.orderStatus.status, trade.filled()) == ("Filled", 10.0)
    assert say(control, do="state")["session"] == "2020-01-22"


def test_at_a_speed_the_market_moves_by_itself_to_its_end(beside):
    said, _, control, printed = beside("--speed", "20d/s", "--seed", "3")
    assert "at 20d/s" in said
    assert printed.readline() == "The market is over; orders stay where they are. Ctrl-C ends the sandbox.\n"
    assert say(control, do="state")["session"] == "2020-01-31"


def test_a_book_goes_on_after_a_kill(desk, started):
    process, *_, control = started("--speed", "step", "--book", "book.db")
    assert say(control, do="trade", symbol="AAA", quantity=7, price=10.0)["ok"]
    say(control, do="step", bars=3)
    process.kill()
    process.wait()
    process, said, _, control = started("--speed", "step", "--book", "book.db")
    assert "2020-01-24 has closed" in said
    assert [one["quantity"] for one in say(control, do="dump")["executions"]] == [7.0]
    desk.refused("sandbox", "--config", "run.yaml", "--port", "0", "--speed", "step", "--book", "book.db",
                 says=("another sandbox has this book open",))  # fmt: skip
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 128 + signal.SIGTERM


def test_a_plan_of_faults_strikes(desk, beside):
    desk.write("plan.yaml", "faults:\n  - fault: notice\n    code: 10197\n")
    _, _, control, _ = beside("--speed", "step", "--faults", "plan.yaml")
    assert [one["fault"] for one in say(control, do="faults")["waiting"]] == ["notice"]
    say(control, do="step")
    assert say(control, do="faults")["waiting"] == []


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--speed", "fast"), ("no such speed", "found fast")),
        (("--host", "0.0.0.0"), ("this machine alone", "its protocol has no password")),
        (("--faults", "none.yaml"), ("none.yaml", "cannot be read")),
        (("--set", "fills.at=this_close"), ("no order that is sent after a close can fill at it",)),
        (("--account", "DU1", "--account", "DU1"), ("the same account twice",)),
        (("--account", "my account"), ("no account id",)),
    ],
)
def test_what_cannot_be_meant_is_refused(desk, words, says):
    desk.refused("sandbox", "--config", "run.yaml", "--port", "0", *words, says=says)


def test_a_plan_with_a_mistake_is_refused_at_its_line(desk):
    desk.write("plan.yaml", "faults:\n  - fault: rejekt\n")
    desk.refused("sandbox", "--config", "run.yaml", "--port", "0", "--faults", "plan.yaml",
                 says=("faults[0].fault: no such fault at plan.yaml:2:12", "did you mean reject?"))  # fmt: skip


def test_a_port_that_is_taken_is_refused(desk):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        desk.refused("sandbox", "--config", "run.yaml", "--port", port, says=("the port is taken", "another port"))


def test_an_order_is_taken_within_a_second_of_connecting(started):
    *_, port, _ = started("--speed", "step")

    async def play():
        ib = ib_async.IB()
        begun = time.perf_counter()
        await ib.connectAsync("127.0.0.1", port, clientId=1)
        trade = ib.placeOrder(ib_async.Stock("AAA", "SMART", "USD"), ib_async.MarketOrder("BUY", 1, tif="GTC"))
        await until(lambda: trade.order.permId)
        took = time.perf_counter() - begun
        ib.disconnect()
        return took

    assert asyncio.run(asyncio.wait_for(play(), 30)) < 1.0
