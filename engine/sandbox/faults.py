# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between the broker and a client: the words in which a session asks, frame by frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from engine.sandbox.exchange.tickets import Notice

Moment = Literal["read", "handle", "write"]
"""Before a frame is read, before one that was read is handled, before one is written."""


@dataclass(frozen=True)
class Deed:
    """What a session does with the frame at hand.

    pass        goes on as if nothing were
    delay       waits `seconds` of the wall clock, then goes on; frames behind it wait too
    swallow     forgets the frame: what was read is not handled, what was to be written is not
    duplicate   handles or writes it twice
    cut         writes the first `after_bytes` bytes of the frame, its length among them, and drops the connection
    disconnect  drops the connection at once
    answer      says the notices in place of handling or writing it
    """

    do: Literal["pass", "delay", "swallow", "duplicate", "cut", "disconnect", "answer"] = "pass"
    seconds: float = 0.0
    after_bytes: int = 0
    notices: tuple[Notice, ...] = ()


PASS = Deed()


class FrameFaults(Protocol):
    """What a session asks before each frame."""

    def at(self, moment: Moment, client: int, message: str, key: int) -> Deed:
        """What to do with the frame.

        client is -1 before startApi; message its name in the protocol, such as placeOrder or execDetails, "" before it
        is read; key the id of its order or request, -1 where it has none.
        """
        ...


class NoFaults:
    """A session in which nothing goes wrong."""

    def at(self, moment: Moment, client: int, message: str, key: int) -> Deed:
        """Let every frame pass."""
        return PASS
