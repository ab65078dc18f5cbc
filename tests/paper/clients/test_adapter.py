# SPDX-License-Identifier: Apache-2.0
"""The adapter against the sandbox: with each library in an environment of its own, and where a library fails it."""

import asyncio
import builtins
import json
import math
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from engine.errors import MissingExtra
from engine.paper.broker import ib_client
from engine.paper.broker.ib_client import IbClient, library
from engine.paper.broker.ib_words import as_number, as_session, parse_hours
from engine.paper.broker.port import BrokerSilent, ClientInUse, Link, LinkSeen, Told
from engine.sandbox.exchange.exchange import PAPER
from engine.sandbox.server import Server
from tests.sandbox.clients.pipe import python_of
from tests.sandbox.stage import FLAT, Stage
from tests.sandbox.talk import run

ROOT = Path(__file__).parents[3]
PROGRAM = Path(__file__).with_name("program.py")
INSYNC = python_of("ib_insync")

PYTHONS = [
    pytest.param("ib_async", sys.executable, id="ib_async"),
    pytest.param(
        "ib_insync",
        str(INSYNC),
        id="ib_insync",
        marks=[
            pytest.mark.skipif(sys.version_info >= (3, 14), reason="ib_insync cannot be imported from Python 3.14 on"),
            pytest.mark.skipif(INSYNC is None, reason="no environment with ib_insync (make .venv/.clients-ready)"),
        ],
    ),
]


async def converse(python, name, stage, server):
    bare = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    child = await asyncio.create_subprocess_exec(
        python, "-W", "error", str(PROGRAM), str(ROOT), name, str(server.port), PAPER, env=bare,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, limit=2**20,
    )  # fmt: skip
    try:
        if (await child.stdout.readline()).strip() == b'"step"':
            stage.exchange.step()
        line = await child.stdout.readline()
        assert line, (await child.stderr.read()).decode()
        return json.loads(line)
    finally:
        if child.returncode is None:
            await child.wait()


@pytest.mark.parametrize(("name", "python"), PYTHONS)
def test_every_question_and_an_order(name, python):
    pytest.importorskip("ib_async")

    async def scene():
        stage = Stage({"X": [FLAT] * 4})
        async with Server(stage.exchange) as server:
            return await converse(python, name, stage, server)

    said = run(scene())
    assert said["library"] == name
    assert said["accounts"] == [PAPER]
    assert float(said["values"]["NetLiquidation"]) == float(said["values"]["TotalCashValue"]) == 100_000.0
    assert [math.isclose(said["quote"][key], 100.0) for key in ("last", "bid", "ask")] == [True] * 3
    assert (said["quote"]["kind"], said["quote"]["shortable"]) == (1, 3.0)
    opens, closes = said["hours"]["sessions"][0]
    assert closes - opens == 6.5 * 3600 * 10**9
    assert [bar["close"] for bar in said["bars"]] == [100.0]
    assert said["bars"][0]["session"] == "2024-01-02"
    assert said["what_if"]["equity_after"] == 100_000.0
    assert 0 < said["what_if"]["initial_after"] <= 1_000.0
    alive = {one["ref"]: one for one in said["alive"]}
    assert {ref: (one["quantity"], one["client"], one["account"]) for ref, one in alive.items()} == {
        "a-1.a1": (10.0, 7, PAPER),
        "b": (10.0, 7, PAPER),
    }
    assert [one["order_id"] for one in said["alive"]] == [said["id"], said["id"] + 1]
    (live,) = said["filled"]
    assert (live["symbol"], live["quantity"], live["price"], live["ref"]) == ("X", 10.0, 100.0, "a-1.a1")
    assert [one["exec_id"] for one in said["executions"]] == [live["exec_id"]]
    assert live["time"] == said["executions"][0]["time"]
    for key, what in (("ended", ("b", "Cancelled", 0.0)), ("completed", ("a-1.a1", "Filled", 10.0))):
        (ended,) = said[key]
        assert (ended["ref"], ended["status"], ended["filled"]) == what
        assert (ended["quantity"], ended["order_id"], ended["listed"]) == (10.0, 0, "ended")
    assert [(one["symbol"], one["quantity"], one["kind"]) for one in said["positions"]] == [("X", 10.0, "STK")]
    assert (said["free"], said["up"], said["down"]) == (True, True, False)


def without(*names):
    """An import that does not find these."""
    real = builtins.__import__

    def find(name, *rest, **more):
        if name in names:
            raise ImportError(name)
        return real(name, *rest, **more)

    return find


def test_without_a_client_it_says_in_one_line_what_to_install(monkeypatch):
    monkeypatch.setattr(builtins, "__import__", without("ib_async", "ib_insync"))
    monkeypatch.setattr(sys, "version_info", (3, 13, 0))
    with pytest.raises(MissingExtra) as told:
        library()
    assert "\n" not in str(told.value)
    assert "ib_async is not installed: it is the broker's client; install it with `pip install" in str(told.value)
    assert "[paper]" in str(told.value)


def test_from_3_14_on_it_says_which_client_there_is(monkeypatch):
    monkeypatch.setattr(builtins, "__import__", without("ib_async"))
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    with pytest.raises(MissingExtra, match=r"ib_insync cannot be imported on Python 3\.14 .*: ib_async is the broker"):
        library()


def heard_by(client):
    heard = []
    client.listen(heard.append)
    return heard


def test_nobody_at_the_port_is_said_in_words():
    pytest.importorskip("ib_async")

    async def scene():
        with pytest.raises(BrokerSilent, match=r"no broker at 127\.0\.0\.1:1 "):
            await IbClient("127.0.0.1", 1, 7).connect()

    run(scene())


@pytest.mark.parametrize("frame", [b"5\x00nonsense\x00", b"11\x00-1\x00", b"59\x001\x00"])
def test_a_message_that_cannot_be_read_breaks_the_link(frame):
    """The library logs it and goes on: an execution would be lost without a word."""
    pytest.importorskip("ib_async")

    async def scene():
        stage = Stage({"X": [FLAT] * 4})
        async with Server(stage.exchange) as server:
            client = IbClient("127.0.0.1", server.port, 7)
            heard = heard_by(client)
            await client.connect()
            client._client._onSocketHasData(len(frame).to_bytes(4, "big") + frame)
            await asyncio.sleep(0)
            assert [one.link for one in heard if isinstance(one, LinkSeen)] == [Link.LOST]
            assert any("cannot read a message" in one.text for one in heard if isinstance(one, Told))
            assert not client.up()
            await client.connect()
            assert client.up()
            await client.disconnect()

    run(scene())


def test_an_endless_message_is_refused(monkeypatch):
    pytest.importorskip("ib_async")
    monkeypatch.setattr(ib_client, "LARGEST_FRAME", 100)

    async def scene():
        stage = Stage({"X": [FLAT] * 4})
        async with Server(stage.exchange) as server:
            client = IbClient("127.0.0.1", server.port, 7)
            heard = heard_by(client)
            await client.connect()
            client._client.conn.hasData.emit((2**31).to_bytes(4, "big") + b"x" * 200)
            assert [one.link for one in heard if isinstance(one, LinkSeen)] == [Link.LOST]
            assert not client.up()

    run(scene())


def test_questions_fail_when_the_link_breaks():
    pytest.importorskip("ib_async")

    async def scene():
        stage = Stage({"X": [FLAT] * 4})
        async with Server(stage.exchange) as server:
            client = IbClient("127.0.0.1", server.port, 7)
            await client.connect()
            asked = asyncio.create_task(client.positions())
            await asyncio.sleep(0)
            client._lost()
            with pytest.raises(BrokerSilent, match="the link to the broker is lost"):
                await asked
            await client.disconnect()
            with pytest.raises(BrokerSilent, match="down"):
                await client.open_orders()
            with pytest.raises(ConnectionError):
                client.cancel(1)

    run(scene())


def test_figures_in_another_currency_are_not_taken_for_dollars():
    pytest.importorskip("ib_async")

    async def scene():
        client = IbClient("127.0.0.1", 1, 7)

        async def answer(*_):
            return [
                ("TotalCashValue", "10000000", "JPY"), ("TotalCashBalance", "10100000", "BASE"),
                ("TotalCashBalance", "700.5", "USD"), ("AccountType", "INDIVIDUAL", ""),
            ]  # fmt: skip

        client._ask = answer
        return await client.account_values(PAPER)

    assert run(scene()) == {"TotalCashBalance": "700.5", "AccountType": "INDIVIDUAL"}


def test_hours_are_read_with_their_zone():
    assert parse_hours("20260105:0930-20260105:1600;20260106:CLOSED", "US/Eastern") == (
        (1_767_623_400_000_000_000, 1_767_646_800_000_000_000),
    )
    assert parse_hours("20260105:0930-20260105:1600", "No/Where") == ()
    assert parse_hours("", "US/Eastern") == ()


@pytest.mark.parametrize(("text", "value"), [("1.5", 1.5), ("", None), ("1.7976931348623157E308", None)])
def test_unset_figures_are_no_numbers(text, value):
    read = as_number(text)
    assert read == value or (value is None and math.isnan(read))


def test_sessions_of_bars():
    assert [as_session(text) for text in ("20260105", "2026-01-05")] == ["2026-01-05"] * 2


async def _greet(server):
    began = asyncio.get_running_loop().time()
    with pytest.raises(BrokerSilent) as found:
        await IbClient("127.0.0.1", server.port, 17, patience=9.0).connect()
    assert asyncio.get_running_loop().time() - began < 4.0, "it does not wait for its patience to end"
    return found.value


def test_a_client_id_in_use_is_told_at_once():
    async def scene():
        async with Server(Stage({"X": [FLAT] * 3}).exchange) as server:
            first = IbClient("127.0.0.1", server.port, 17)
            await first.connect()
            refused = await _greet(server)
            assert isinstance(refused, ClientInUse)
            assert str(refused) == f"client 17 is connected to the broker at 127.0.0.1:{server.port} already"
            assert first.up(), "the other one is not disturbed"
            await first.disconnect()

    run(scene())


def test_a_gateway_that_closes_the_door_is_told_at_once():
    """Such as one that does not take this address: it closes the socket and says nothing."""

    async def scene():
        async def shut(reader, writer):
            await reader.read(4)
            writer.close()

        async with await asyncio.start_server(shut, "127.0.0.1", 0) as door:
            refused = await _greet(SimpleNamespace(port=door.sockets[0].getsockname()[1]))
            assert not isinstance(refused, ClientInUse)
            assert "(it closed the socket)" in str(refused)

    run(scene())
