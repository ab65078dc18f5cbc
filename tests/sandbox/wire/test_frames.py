# SPDX-License-Identifier: Apache-2.0
"""Frames, however the bytes arrive; what is no frame is refused with what is wrong."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sandbox.wire.fields import WireError
from engine.sandbox.wire.frames import LARGEST, FrameReader, frame, joined, split

TWO = b"API\0" + frame(b"v157..178") + joined(["71", "2", "1", ""]) + joined(["61", "1"])
PAYLOADS = [b"v157..178", b"71\x002\x001\0\0", b"61\x001\0"]


@pytest.mark.parametrize("at", range(len(TWO) + 1))
def test_a_stream_cut_at_any_byte_gives_the_same_frames(at):
    reader = FrameReader(b"API\0")
    assert reader.feed(TWO[:at]) + reader.feed(TWO[at:]) == PAYLOADS
    assert not reader.within


def test_a_stream_that_drips_gives_the_same_frames():
    reader = FrameReader(b"API\0")
    found = [one for byte in TWO for one in reader.feed(bytes([byte]))]
    assert found == PAYLOADS


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=6), st.lists(st.integers(1, 50), max_size=20))
def test_any_cutting_gives_the_same_frames(payloads, cuts):
    stream, reader, found = b"".join(map(frame, payloads)), FrameReader(), []
    for cut in cuts:
        found += reader.feed(stream[:cut])
        stream = stream[cut:]
    found += reader.feed(stream)
    assert found == payloads
    assert not reader.within


def test_a_frame_longer_than_the_bound_is_refused_at_its_length():
    with pytest.raises(WireError, match=f"a frame of {LARGEST + 1} bytes; the longest that is read has {LARGEST}"):
        FrameReader().feed(struct.pack(">I", LARGEST + 1))
    reader = FrameReader()
    assert reader.feed(struct.pack(">I", LARGEST)) == []
    assert reader.within


def test_a_frame_of_no_bytes_is_refused():
    with pytest.raises(WireError, match="no bytes"):
        FrameReader().feed(bytes(4))


@pytest.mark.parametrize("hello", [b"GET / HTTP/1.1\r\n", b"API ", b"AP\0", b"\x16\x03\x01"])
def test_what_does_not_begin_as_a_client_does_is_refused(hello):
    with pytest.raises(WireError, match="a client begins with"):
        FrameReader(b"API\0").feed(hello)


def test_a_greeting_is_waited_for():
    reader = FrameReader(b"API\0")
    assert reader.within
    assert reader.feed(b"AP") == []
    assert reader.within
    assert reader.feed(b"I\0") == []
    assert not reader.within


def test_fields_end_with_a_nul_and_are_text():
    assert split(b"61\x001\0") == ["61", "1"]
    assert split("7\0é\0\0".encode()) == ["7", "é", ""]
    with pytest.raises(WireError, match="does not end with a NUL"):
        split(b"61\x001")
    with pytest.raises(WireError, match="UTF-8, this one is not at byte 3"):
        split(b"61\0\xff\0")
