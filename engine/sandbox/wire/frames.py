# SPDX-License-Identifier: Apache-2.0
"""Frames: four bytes of length, big-endian, then fields that each end with a NUL. No sockets here."""

from __future__ import annotations

import struct

from engine.sandbox.wire.fields import WireError

LARGEST = 1 << 20
"""Bytes of the longest frame that a client may send. The longest order of the clients has a few thousand."""

_LENGTH = struct.Struct(">I")


class FrameReader:
    """Cuts a stream of bytes into frames, however the bytes arrive, and holds at most one frame's worth of them.

    greeting is what must precede the first frame, nothing by default.
    """

    def __init__(self, greeting: bytes = b"", largest: int = LARGEST) -> None:
        self._greeting = greeting
        self._largest = largest
        self._held = bytearray()

    @property
    def within(self) -> bool:
        """Whether the stream stands within the greeting or a frame."""
        return bool(self._held) or bool(self._greeting)

    @property
    def held(self) -> bytes:
        """Bytes of a frame that is not whole yet."""
        return bytes(self._held)

    def feed(self, data: bytes) -> list[bytes]:
        """Whole frames, without their length, that data completes. Raises WireError for what is no frame."""
        self._held += data
        if self._greeting and not self._greeted():
            return []
        frames, at = [], 0
        while len(self._held) - at >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(self._held, at)
            self._check(length)
            if len(self._held) - at - _LENGTH.size < length:
                break
            at += _LENGTH.size
            frames.append(bytes(self._held[at : at + length]))
            at += length
        del self._held[:at]
        return frames

    def _greeted(self) -> bool:
        here = bytes(self._held[: len(self._greeting)])
        if not self._greeting.startswith(here):
            raise WireError(f"a client begins with {self._greeting!r}, not with {here!r}")
        if len(here) < len(self._greeting):
            return False
        del self._held[: len(here)]
        self._greeting = b""
        return True

    def _check(self, length: int) -> None:
        if not length:
            raise WireError("a frame of no bytes: every message has at least its number")
        if length > self._largest:
            raise WireError(f"a frame of {length} bytes; the longest that is read has {self._largest}")


def frame(payload: bytes) -> bytes:
    """Payload with its length before it."""
    return _LENGTH.pack(len(payload)) + payload


def joined(fields: list[str]) -> bytes:
    """Fields as one frame."""
    return frame("".join(f"{text}\0" for text in fields).encode())


def split(payload: bytes) -> list[str]:
    """Fields of one frame. Raises WireError where its last field does not end or its bytes are no text."""
    if not payload.endswith(b"\0"):
        raise WireError("the last field of a message does not end with a NUL")
    try:
        return payload.decode().split("\0")[:-1]
    except UnicodeDecodeError as error:
        raise WireError(f"a message is UTF-8, this one is not at byte {error.start}") from error
