# SPDX-License-Identifier: Apache-2.0
"""Bytes on the adapter's side: cut, split and damaged anywhere, they bring no wrong word and no hang."""

import asyncio
import struct

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.paper.broker.ib_client import IbClient
from engine.paper.broker.ib_ears import ears
from engine.paper.broker.port import Link, LinkSeen

pytest.importorskip("ib_async")

EXECUTION = [
    *("11", "-1", "5", "1", "X", "STK", "", "0.0", "", "", "SMART", "USD", "X", "X", "e0.1.01"),
    *("20240103 09:30:00 US/Eastern", "DU1000001", "SMART", "BOT", "10.0", "100.5", "77", "7", "0", "10.0", "100.5"),
    *("a-1.a1", "", "", "", "2", "0"),
]
MESSAGES = [
    ["3", "5", "Filled", "10.0", "0.0", "100.5", "77", "0", "100.5", "7", "", "0.0"],
    EXECUTION,
    ["59", "1", "e0.1.01", "1.25", "USD", "1.7976931348623157E308", "0.0", ""],
    ["4", "2", "5", "399", "Order message", ""],
    ["61", "3", "DU1000001", "1", "X", "STK", "", "0.0", "", "", "", "USD", "X", "X", "10.0", "100.5"],
    ["62", "1"],
    ["15", "1", "DU1000001"],
]
STREAM_IDS = [1, 3, 4, 5, 6, 7, 9, 10, 11, 15, 17, 45, 46, 52, 53, 55, 58, 59, 61, 62, 73, 74, 101, 102, 999]


def frame(fields):
    body = "".join(f"{one}\0" for one in fields).encode()
    return struct.pack(">I", len(body)) + body


def connected():
    """A client behind its greeting, without a socket: bytes are put into its ear."""
    client, heard = IbClient("127.0.0.1", 1, 7), []
    client.listen(heard.append)
    inner = client._client
    inner.conn.sendMsg = heard.append
    ears("ib_async", client._misheard)
    for greeting in (["178", "20240102 16:00:00 EST"], ["15", "1", "DU1000001"], ["9", "1", "1"]):
        inner.conn.hasData.emit(frame(greeting))
    assert client.up()
    heard.clear()
    return client, heard


def in_a_loop(scene):
    async def whole():
        try:
            return await scene()
        finally:
            ears("ib_async", None)

    return asyncio.run(asyncio.wait_for(whole(), 60))


def test_however_a_stream_is_split_the_same_is_heard():
    async def scene():
        stream = b"".join(frame(one) for one in MESSAGES)
        whole, heard = connected()
        whole._client.conn.hasData.emit(stream)
        assert len(heard) == 5
        for cut in range(1, len(stream)):
            client, pieces = connected()
            client._client.conn.hasData.emit(stream[:cut])
            client._client.conn.hasData.emit(stream[cut:])
            assert pieces == heard, cut
        client, pieces = connected()
        for byte in stream:
            client._client.conn.hasData.emit(bytes([byte]))
        assert pieces == heard

    in_a_loop(scene)


def test_a_frame_that_is_cut_says_nothing():
    async def scene():
        for cut in range(len(frame(EXECUTION))):
            client, heard = connected()
            client._client.conn.hasData.emit(frame(EXECUTION)[:cut])
            client._client.conn.disconnected.emit("reset by peer")
            assert heard == [LinkSeen(Link.LOST)], cut
            assert not client.up()

    in_a_loop(scene)


FIELDS = st.lists(st.one_of(st.integers(-(2**40), 2**40).map(str), st.text(max_size=8), st.just("")), max_size=40)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(STREAM_IDS), FIELDS)
def test_whatever_comes_the_link_stands_or_is_lost_and_nothing_is_raised(number, fields):
    async def scene():
        client, heard = connected()
        client._client.conn.hasData.emit(frame([str(number), *fields]))
        await asyncio.sleep(0)
        lost = any(isinstance(one, LinkSeen) and one.link is Link.LOST for one in heard)
        assert client.up() or lost or client._heard.link_broken

    in_a_loop(scene)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_damaged_message_is_read_in_no_other_way_than_it_was_meant_or_breaks_the_link(data):
    """A field that is missing or too many shifts no number into another's place."""
    fields = list(data.draw(st.sampled_from(MESSAGES[1:3])))
    place = data.draw(st.integers(1, len(fields) - 1))
    damaged = fields[:place] + fields[place + 1 :]

    async def scene():
        client, heard = connected()
        client._client.conn.hasData.emit(frame(damaged))
        await asyncio.sleep(0)
        assert any(isinstance(one, LinkSeen) for one in heard), heard

    in_a_loop(scene)
