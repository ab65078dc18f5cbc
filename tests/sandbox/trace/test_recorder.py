# SPDX-License-Identifier: Apache-2.0
"""A relay before a Gateway, which the sandbox plays: what it passes on, what it writes down, what it keeps back."""

import asyncio
import json

import ib_async
import pytest

from engine.errors import InputError, RunError
from engine.sandbox.server import Server
from engine.sandbox.trace.recorder import Gateway, Recorder
from engine.sandbox.wire.frames import frame, joined
from tests.sandbox.booth import REAL, Booth
from tests.sandbox.clients.checks import until
from tests.sandbox.talk import Talk, run

ACCOUNT = "DU7654321"


async def recorded(booth, act):
    """Entries of a trace, as JSON has them, and why recording ended."""
    entries = []
    async with Server(booth) as server:
        recorder = Recorder(
            Gateway("127.0.0.1", server.port), lambda entry: entries.append(json.loads(json.dumps(entry)))
        )
        await recorder.start()
        try:
            await act(recorder)
        finally:
            await recorder.stop()
    return entries, recorder.trouble


async def trade(recorder):
    ib = ib_async.IB()
    await ib.connectAsync("127.0.0.1", recorder.port, clientId=4, raiseSyncErrors=True)
    assert ib.managedAccounts() == [ACCOUNT], "the client sees its own account"
    for ref in ("my secret-1.a1", "my secret-2.a1", "my secret-1.a1"):
        order = ib_async.MarketOrder("BUY", 7, tif="DAY", account=ACCOUNT, orderRef=ref)
        done = ib.placeOrder(ib_async.Stock("SPY", "SMART", "USD"), order)
        await until(done.isDone)
    ib.disconnect()


def test_what_both_say_is_written_down_without_whose_it_is():
    entries, trouble = run(recorded(Booth((ACCOUNT,)), trade))
    assert not trouble
    text = json.dumps(entries)
    assert ACCOUNT not in text
    assert "secret" not in text
    assert not [entry for entry in entries if "problem" in entry]
    assert [(entry["from"], entry["message"]) for entry in entries[:5]] == [
        ("client", "offer"), ("broker", "handshake"), ("client", "startApi"), ("broker", "managedAccounts"),
        ("broker", "nextValidId"),
    ]  # fmt: skip
    assert entries[0]["values"] == {"versions": "v157..178"}
    assert entries[3]["values"] == {"accounts": "DU0000001"}
    placed = [entry["values"] for entry in entries if entry["message"] == "placeOrder"]
    assert [(one["account"], one["orderRef"], one["totalQuantity"]) for one in placed] == [
        ("DU0000001", "ref-1", 7.0), ("DU0000001", "ref-2", 7.0), ("DU0000001", "ref-1", 7.0),
    ]  # fmt: skip
    filled = [entry["values"]["orderRef"] for entry in entries if entry["message"] == "execDetails"]
    assert filled == ["ref-1", "ref-2", "ref-1"], "the same stand-in wherever it comes again"
    assert [entry["seconds"] for entry in entries] == sorted(entry["seconds"] for entry in entries)
    assert {entry["connection"] for entry in entries} == {1}


def test_of_an_account_that_is_not_a_paper_account_nothing_is_written():
    async def act(recorder):
        ib = ib_async.IB()
        with pytest.raises((ConnectionError, TimeoutError)):
            await ib.connectAsync("127.0.0.1", recorder.port, clientId=4, timeout=0.5)
        await asyncio.wait_for(recorder.ended.wait(), 2)

    entries, trouble = run(recorded(Booth((ACCOUNT, REAL)), act))
    assert entries == []
    assert trouble == "an account that begins with 'U' is no paper account: nothing is recorded"


def test_a_newer_client_is_made_to_speak_what_can_be_compared():
    async def act(recorder):
        async with Talk.to(recorder) as talk:
            assert (await talk.shake("v100..225 +PACEAPI"))[0] == "178"
            talk.say("startApi", clientId=1, capabilities="mine")
            await talk.until("nextValidId")

    entries, _ = run(recorded(Booth((ACCOUNT,)), act))
    assert entries[0]["values"] == {"versions": "v100..178 +PACEAPI"}
    assert entries[2]["values"] == {"clientId": 1, "capabilities": "capabilities-1"}


def test_a_handshake_and_requests_in_one_piece_or_dripped_pass_whole():
    hello = b"API\0" + frame(b"v157..178") + joined(["71", "2", "1", ""]) + joined(["49", "1"])

    async def act(recorder, size):
        async with Talk.to(recorder) as talk:
            for at in range(0, len(hello), size):
                talk.send(hello[at : at + size])
                await asyncio.sleep(0.001)
            talk.version = int((await talk.frame()).split(b"\0")[0])
            assert (await talk.until("currentTime"))[-1][1]["time"] == 1704229200

    for size in (1, 7, 20, 1000):
        entries, _ = run(recorded(Booth((ACCOUNT,)), lambda recorder, size=size: act(recorder, size)))
        assert [entry["message"] for entry in entries if entry["from"] == "client"] == [
            "offer",
            "startApi",
            "reqCurrentTime",
        ]


def test_what_the_tables_do_not_read_is_kept_without_its_words():
    """The finding that a trace is made for: a Gateway that says more than the sandbox knows."""

    async def gateway(reader, writer):
        await reader.readexactly(4 + 4 + len("v157..178"))
        writer.write(joined(["178", "20240105 16:00:00 US/Eastern"]))
        await reader.read(100)
        writer.write(joined(["15", "1", ACCOUNT]) + joined(["9", "1", "1"]))
        writer.write(joined(["205", "1", "2.5", "Jane Doe", ACCOUNT, ""]))
        writer.write(joined(["6", "2", "Owner", "Jane Doe", "", ACCOUNT, "one more"]))
        await reader.read(100)
        writer.close()

    async def scene():
        entries = []
        server = await asyncio.start_server(gateway, "127.0.0.1", 0)
        recorder = Recorder(Gateway("127.0.0.1", server.sockets[0].getsockname()[1]), entries.append)
        await recorder.start()
        async with Talk.to(recorder) as talk:
            await talk.shake("v157..178")
            talk.say("startApi", clientId=1, capabilities="")
            await talk.until("nextValidId")
            await talk.frame()
            await talk.frame()
        await recorder.stop()
        server.close()
        return entries[-2:]

    unknown, longer = run(scene())
    assert unknown["fields"] == ["205", "1", "2.5", "<8>", "<9>", ""]
    assert unknown["problem"] == "no answer that the sandbox gives has the number '...'"
    assert longer["message"] == "updateAccountValue"
    assert longer["problem"].startswith("updateAccountValue: 1 fields are left over")
    assert "Jane" not in json.dumps([unknown, longer])
    assert "one more" not in json.dumps(longer)


def test_a_gateway_that_is_not_there_is_said_before_any_client_comes():
    async def scene():
        spare = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
        port = spare.sockets[0].getsockname()[1]
        spare.close()
        await spare.wait_closed()
        recorder = Recorder(Gateway("127.0.0.1", port), [].append)
        with pytest.raises(RunError, match=f"the Gateway at 127.0.0.1:{port} does not answer: "):
            await recorder.start()
        assert recorder.ended.is_set()

    run(scene())


def test_a_gateway_that_has_gone_ends_the_recording():
    async def scene():
        spare = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        port = spare.sockets[0].getsockname()[1]
        recorder = Recorder(Gateway("127.0.0.1", port), [].append)
        await recorder.start()
        spare.close()
        async with Talk.to(recorder) as talk:
            assert await talk.ended()
        await asyncio.wait_for(recorder.ended.wait(), 2.0)
        await recorder.stop()
        return recorder.trouble, port

    trouble, port = run(scene())
    assert trouble.startswith(f"the Gateway at 127.0.0.1:{port} does not answer: ")


def test_the_recorder_listens_to_this_machine_alone():
    async def scene():
        with pytest.raises(InputError, match="this machine alone"):
            await Recorder(Gateway("127.0.0.1", 1), [].append).start("0.0.0.0")

    run(scene())


def test_what_is_no_client_is_let_go():
    async def act(recorder):
        async with Talk.to(recorder) as talk:
            talk.send(b"GET / HTTP/1.1\r\n\r\n")
            assert await talk.ended()

    entries, trouble = run(recorded(Booth((ACCOUNT,)), act))
    assert entries == []
    assert trouble.startswith("what came is not the protocol: a client begins with")
