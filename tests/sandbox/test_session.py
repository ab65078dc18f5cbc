# SPDX-License-Identifier: Apache-2.0
"""A session over bytes: cut anywhere, damaged anyhow, with every fault that can be planned."""

import asyncio
import struct
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.sandbox.exchange.orders import KINDS
from engine.sandbox.faults import PASS, Deed
from engine.sandbox.server import Server
from engine.sandbox.tickets import Notice
from engine.sandbox.wire.answers import BY_NUMBER
from engine.sandbox.wire.frames import FrameReader, frame
from engine.sandbox.wire.requests import LAYOUTS, NAMES
from tests.sandbox.booth import Booth
from tests.sandbox.talk import Talk, message, run, serving
from tests.sandbox.test_server import SPY

HELLO = b"API\0" + frame(b"v157..178")


class Wire(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self):
        super().__init__()
        self.written, self.closed = bytearray(), False

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def write(self, data):
        assert not self.closed
        self.written += data

    def close(self):
        self.closed = True

    abort = close


def order_fields(**changes):
    blank = {row.name: row.kind.read(row.kind.blank) for row in NAMES["placeOrder"].rows if hasattr(row, "kind")}
    return {
        **blank, **SPY, "orderId": 1, "action": "BUY", "totalQuantity": 7.0, "orderType": "MKT", "tif": "DAY",
        "transmit": True, "exemptCode": -1, "conditions": [], **changes,
    }  # fmt: skip


def began(booth=None):
    """A session of a server that listens to nobody, on a wire of ours."""
    session, wire = Server(booth or Booth())._session(), Wire()
    session.connection_made(wire)
    return session, wire


def answers(wire):
    frames = FrameReader(largest=1 << 24).feed(bytes(wire.written))
    return [BY_NUMBER[int(one.split(b"\0")[0])].name for one in frames[1:]]


CONVERSATION = (
    HELLO
    + message("startApi", 178, clientId=1, capabilities="")
    + message("reqPositions", 178)
    + message("placeOrder", 178, **order_fields())
    + message("reqCurrentTime", 178)
)


def test_a_conversation_cut_at_any_byte_is_answered_alike():
    async def scene():
        session, wire = began()
        session.data_received(CONVERSATION)
        whole = bytes(wire.written)
        assert answers(wire)[-4:] == ["commissionReport", "currentTime"] or answers(wire)[-1] == "currentTime"
        assert "execDetails" in answers(wire)
        for at in range(1, len(CONVERSATION)):
            session, wire = began()
            session.data_received(CONVERSATION[:at])
            session.data_received(CONVERSATION[at:])
            assert bytes(wire.written) == whole, at

    run(scene())


def test_a_conversation_dripped_over_tcp_is_answered():
    async def scene():
        async with serving(Booth()) as server, Talk.to(server) as talk:
            for byte in CONVERSATION:
                talk.send(bytes([byte]))
                await asyncio.sleep(0)
            talk.version = int((await talk.frame()).split(b"\0")[0])
            assert (await talk.until("currentTime"))[-1][0] == "currentTime"

    run(scene())


def still_serves(session, wire):
    """Either the session has closed, or it answers the next request."""
    if wire.closed:
        return True
    before = len(answers(wire))
    session.data_received(message("reqCurrentTime", 178))
    return answers(wire)[before:] == ["currentTime"]


JUNK = st.one_of(
    st.sampled_from(
        ["", "0", "1", "-1", "2147483647", "SPY", "nan", "1e308", "1.7976931348623157E308", "\u00e9", "STK", "BUY"]
    ),
    st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=6),
    st.integers(-(2**40), 2**40).map(str),
)


@settings(max_examples=3 * settings().max_examples)
@given(st.lists(st.tuples(st.sampled_from(LAYOUTS), st.lists(JUNK, max_size=30)), min_size=1, max_size=4))
def test_frames_of_junk_never_break_a_session(frames):
    async def scene():
        session, wire = began()
        session.data_received(HELLO + message("startApi", 178, clientId=1, capabilities=""))
        for layout, texts in frames:
            session.data_received(frame("".join(f"{text}\0" for text in (str(layout.number), *texts)).encode()))
            assert still_serves(session, wire)

    run(scene())


@settings(max_examples=3 * settings().max_examples)
@given(st.data())
def test_requests_with_any_values_never_break_a_session(data):
    """They read, so they reach the desk: it answers, refuses, or ends a subscription."""

    async def scene():
        session, wire = began()
        session.data_received(HELLO + message("startApi", 178, clientId=1, capabilities=""))
        for layout in data.draw(st.lists(st.sampled_from(LAYOUTS), min_size=1, max_size=5)):
            session.data_received(message(layout.name, 178, **data.draw(values_of(layout.rows))))
            assert still_serves(session, wire)

    run(scene())


NATURAL = {
    "symbol": st.sampled_from(["SPY", "QQQ", "", "X"]),
    "secType": st.sampled_from(["STK", "OPT", "BAG", ""]),
    "account": st.sampled_from(["", "DU1000001", "All", "U1"]),
    "duration": st.sampled_from(["1 D", "30 D", "0 D", "1 Y", "x"]),
    "barSize": st.sampled_from(["1 day", "5 mins", "1 hour", "x"]),
    "whatToShow": st.sampled_from(["TRADES", "MIDPOINT", "x"]),
    "end": st.sampled_from(
        ["", "20240105 16:00:00 US/Eastern", "20240105-21:00:00", "20241399", "20240105 16:00:00 Mars"]
    ),
    "time": st.sampled_from(["", "20240105 16:00:00", "20240105-21:00:00", "x"]),
    "action": st.sampled_from(["BUY", "SELL", "SSHORT"]),
    "conId": st.sampled_from([0, 1, 2, 9, 77]),
}
OF_KIND = {
    "int": st.integers(-(2**31), 2**31 - 2),
    "long": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "size": st.floats(0, 1e6),
    "flag": st.booleans(),
    "text": st.text(st.characters(blacklist_characters="\0", blacklist_categories=["Cs"]), max_size=8),
}


@st.composite
def values_of(draw, rows):
    values = {}
    for row in rows:
        if hasattr(row, "kind"):
            kind = OF_KIND[row.kind.name.split(" ")[0]]
            natural = NATURAL.get(row.name) if row.kind.name in ("text", "int") else None
            values[row.name] = draw(
                natural if natural is not None and (row.name != "barSize" or row.kind.name == "text") else kind
            )
            if row.name == "action" and row.kind.name == "int":
                values[row.name] = 1
        elif hasattr(row, "name"):
            values[row.name] = draw(st.lists(values_of(row.rows), max_size=2)) if row.name != "conditions" else []
        elif hasattr(row, "test") and row.test(values):
            values |= draw(values_of(row.rows))
    return values


@settings(max_examples=2 * settings().max_examples)
@given(st.binary(max_size=200), st.integers(0, len(CONVERSATION)))
def test_bytes_of_junk_never_break_a_session(junk, at):
    async def scene():
        session, wire = began()
        session.data_received(CONVERSATION[:at] + junk)
        if not wire.closed:
            session.data_received(CONVERSATION[at:])

    run(scene())


class Plan:
    """Does one deed, once, at a moment to a message."""

    def __init__(self, moment, name, deed):
        self.wanted, self.deed, self.asked = (moment, name), deed, []

    def at(self, moment, client, message, key):
        self.asked.append((moment, client, message, key))
        if self.deed and (moment, message) == self.wanted:
            deed, self.deed = self.deed, None
            return deed
        return PASS


def test_faults_are_asked_before_each_frame_is_read_handled_and_written():
    async def scene():
        plan = Plan("", "", None)
        async with serving(Booth(), faults=plan) as server, Talk.to(server, client=3) as talk:
            talk.say("placeOrder", **order_fields(orderId=17))
            await talk.until("commissionReport")
        assert plan.asked[:2] == [("read", -1, "", -1), ("handle", -1, "startApi", -1)]
        assert ("read", 3, "", -1) in plan.asked
        assert ("handle", 3, "placeOrder", 17) in plan.asked
        assert ("write", 3, "orderStatus", 17) in plan.asked
        assert ("write", 3, "error", -1) in plan.asked

    run(scene())


async def _after(deed, moment, name):
    """Answers to an order and to a question for the time behind it under one fault, None where the server dropped."""
    booth = Booth()
    async with serving(booth, faults=Plan(moment, name, deed)) as server, Talk.to(server, client=3) as talk:
        talk.say("placeOrder", **order_fields(orderId=17))
        talk.say("reqCurrentTime")
        try:
            heard = [one for one, _ in await talk.until("currentTime")]
        except (asyncio.IncompleteReadError, ConnectionError):
            return None, booth
        return heard, booth


FILLED = ["openOrder", "orderStatus", "execDetails", "openOrder", "orderStatus", "commissionReport", "currentTime"]


def test_without_a_fault_an_order_fills():
    heard, booth = run(_after(None, "write", "execDetails"))
    assert heard == FILLED
    assert len(booth.done) == 1


@pytest.mark.parametrize(
    ("moment", "name", "deed", "left", "fills"),
    [
        ("handle", "placeOrder", Deed("swallow"), ["currentTime"], 0),
        ("write", "orderStatus", Deed("swallow"), [FILLED[0], *FILLED[2:]], 1),
        ("write", "execDetails", Deed("duplicate"), [*FILLED[:3], *FILLED[2:]], 1),
        ("handle", "placeOrder", Deed("answer", notices=(Notice(201, "no"),)), ["error", "currentTime"], 0),
        (
            "write",
            "openOrder",
            Deed("answer", notices=(Notice(110, "x"), Notice(399, "y"))),
            ["error", "error", *FILLED[1:]],
            1,
        ),
        ("write", "execDetails", Deed("delay", 0.02), FILLED, 1),
        ("handle", "placeOrder", Deed("delay", 0.02), FILLED, 1),
        ("read", "", Deed("delay", 0.02), FILLED, 1),
    ],
)
def test_a_fault_does_what_it_says(moment, name, deed, left, fills):
    began_at = time.perf_counter()
    heard, booth = run(_after(deed, moment, name))
    assert heard == left, "what is behind a delayed frame waits, and nothing overtakes it"
    assert len(booth.done) == fills
    if deed.do == "delay":
        assert time.perf_counter() - began_at >= deed.seconds


@pytest.mark.parametrize(
    ("moment", "name", "fills"), [("handle", "placeOrder", 0), ("write", "openOrder", 1), ("write", "execDetails", 1)]
)
def test_a_connection_that_drops_at_a_moment_leaves_what_was_done(moment, name, fills):
    heard, booth = run(_after(Deed("disconnect"), moment, name))
    assert heard is None
    assert len(booth.done) == fills, "what the exchange took it keeps"


def test_a_frame_is_cut_at_any_byte():
    async def scene(after):
        async with (
            serving(Booth(), faults=Plan("write", "currentTime", Deed("cut", after_bytes=after))) as server,
            Talk.to(server, client=3) as talk,
        ):
            talk.say("reqCurrentTime")
            talk.say("reqIds", count=1)
            return await talk.reader.read()

    whole = frame(b"49\x001\x001704229200\0")
    for after in range(len(whole)):
        assert run(scene(after)) == whole[:after]


def test_a_request_is_never_cut_into_an_answer():
    async def scene():
        async with (
            serving(Booth(), faults=Plan("handle", "reqIds", Deed("cut", after_bytes=5))) as server,
            Talk.to(server, client=3) as talk,
        ):
            talk.say("reqIds", count=1)
            return await talk.reader.read()

    assert run(scene()) == b""


def test_what_an_event_says_waits_behind_a_delayed_frame():
    async def scene():
        booth = Booth()
        plan = Plan("write", "currentTime", Deed("delay", 0.03))
        async with serving(booth, faults=plan) as server, Talk.to(server, client=3) as talk:
            talk.say("reqCurrentTime")
            await asyncio.sleep(0.005)
            booth.tell(Notice(1100, "gone"))
            assert [name for name, _ in await talk.until("error")] == ["currentTime", "error"]

    run(scene())


@pytest.mark.parametrize("field", ["totalQuantity", "lmtPrice", "auxPrice", "trailStopPrice", "trailingPercent"])
@pytest.mark.parametrize("text", ["Infinite", "nan", "inf"])
def test_an_order_of_no_finite_number_does_not_read(field, text):
    async def play():
        booth = Booth()
        async with serving(booth) as server, Talk.to(server, client=3) as talk:
            fields = message("placeOrder", 178, **order_fields(**{field: 12345.5}))[4:]
            talk.send(frame(fields.replace(b"12345.5", text.encode())))
            _, said = (await talk.until("error"))[-1]
        assert said["code"] == 320
        assert f"{field}, is {text!r}" in said["text"]
        assert not booth.orders
        assert not booth.done

    run(play())


def test_the_kinds_of_orders_that_are_offered_are_those_that_are_traded():
    async def scene():
        async with serving(Booth()) as server, Talk.to(server, client=3) as talk:
            talk.say("reqContractDetails", reqId=5, **SPY, includeExpired=False, secIdType="", secId="", issuerId="")
            (details,) = [values for name, values in await talk.until("contractDetails") if name == "contractDetails"]
            assert details["orderTypes"].split(",") == sorted(KINDS)

    run(scene())


def test_a_second_client_with_the_id_of_the_first_is_let_go():
    async def scene():
        async with serving(Booth()) as server, Talk.to(server, client=3), Talk.to(server) as talk:
            await talk.shake("v157..178")
            talk.say("startApi", clientId=3, capabilities="")
            name, values = await talk.read()
            assert (name, values["id"], values["code"]) == ("error", -1, 326)
            assert await talk.ended()
            assert server.clients == [3]

    run(scene())


def test_a_frame_of_the_greatest_length_that_is_read():
    async def scene():
        async with serving(Booth()) as server, Talk.to(server, client=3) as talk:
            payload = b"69\x001\x005\0" + b"x" * ((1 << 20) - 8) + b"\0"
            talk.send(struct.pack(">I", len(payload)) + payload)
            assert (await talk.read())[1]["code"] == 503

    run(scene())
