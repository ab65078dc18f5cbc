# SPDX-License-Identifier: Apache-2.0
"""What can go wrong between the broker and a client: a list of faults, each waiting for its occasion.

They are armed one after the other: the second waits until the first has struck. A test that throws faults at a queue
would only ever see the first of them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from engine.sandbox.tickets import Notice
from engine.sandbox.wire.requests import NAMES as REQUESTS

Moment = Literal["read", "handle", "write"]
"""Before a frame is read, before one that was read is handled, before one is written."""

Occasion = Literal["frame", "place", "modify", "fill", "ids", "step"]
"""What a fault waits for: a frame, a new order, a change of one, a fill, a question for the next id, a step."""


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


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong, once, at the nth occasion that fits.

    fault   its name, one of FAULTS
    nth     which occasion: 1 is the next
    client  of a client alone; None for any
    symbol  of a symbol alone; "" for any
    on      the message of the protocol whose frame it strikes
    moment  read, handle or write; "" is write for what the broker says and handle for what a client says
    """

    fault: str
    nth: int = 1
    client: int | None = None
    symbol: str = ""
    on: str = ""
    moment: str = ""
    seconds: float = 0.0
    after_bytes: int = 0
    code: int = 0
    text: str = ""
    part: float = 0.5
    by: float = 0.01
    steps: int = 1
    ids: int = 10


COMMON = ("nth", "client")
FRAME = ("on", "moment")

FAULTS: dict[str, tuple[Occasion, tuple[str, ...]]] = {
    "disconnect": ("frame", FRAME),
    "cut": ("frame", (*FRAME, "after_bytes")),
    "swallow": ("frame", FRAME),
    "slow": ("frame", (*FRAME, "seconds")),
    "twice": ("frame", FRAME),
    "answer": ("frame", (*FRAME, "code", "text")),
    "reject": ("place", ("symbol", "code", "text")),
    "held": ("place", ("symbol",)),
    "preset": ("place", ("symbol", "code", "text")),
    "forked_modify": ("modify", ("symbol",)),
    "partial": ("fill", ("symbol", "part")),
    "duplicate_execution": ("fill", ("symbol",)),
    "corrected_execution": ("fill", ("symbol", "by")),
    "missing_status": ("fill", ("symbol",)),
    "missed_execution": ("fill", ("symbol",)),
    "late_commission": ("fill", ("symbol", "steps")),
    "id_rollback": ("ids", ("ids",)),
    "link_lost": ("step", ()),
    "link_restored": ("step", ("code",)),
    "farm_broken": ("step", ()),
    "farm_restored": ("step", ()),
    "nightly": ("step", ("ids",)),
    "notice": ("step", ("code", "text")),
}
"""Name of a fault -> what it waits for, and its parameters beside nth and client."""

TEXTS = {
    162: "Historical Market Data Service error message:Historical data request pacing violation",
    201: "Order rejected - reason:The order was rejected by the plan of faults",
    326: "Unable to connect as the client id is already in use. Retry with a unique client id.",
    354: "Requested market data is not subscribed.",
    10167: "Requested market data is not subscribed. Displaying delayed market data.",
    10197: "No market data during competing live session",
    10349: "Order TIF was set to DAY based on order preset.",
    1100: "Connectivity between IBKR and Trader Workstation has been lost.",
    1101: "Connectivity between IBKR and Trader Workstation has been restored - data lost.",
    1102: "Connectivity between IBKR and Trader Workstation has been restored - data maintained.",
    2110: "Connectivity between Trader Workstation and server is broken. It will be restored automatically.",
    2103: "Market data farm connection is broken:usfarm",
    2104: "Market data farm connection is OK:usfarm",
}
"""The broker's words, where a plan gives a code alone."""


class Faults:
    """The faults that have not struck yet, in their order, and those that have."""

    def __init__(self, plan: Iterable[Fault] = ()) -> None:
        self.waiting: deque[Fault] = deque(plan)
        self.struck: list[Fault] = []
        self._seen = 0

    def add(self, fault: Fault) -> bool:
        """Arm one more; False where one is waiting still."""
        if self.waiting:
            return False
        self.waiting.append(fault)
        return True

    def clear(self) -> None:
        """Forget what has not struck."""
        self.waiting.clear()
        self._seen = 0

    def take(self, occasion: Occasion, client: int | None = None, symbol: str = "") -> Fault | None:
        """The fault that strikes now, or None."""
        fault = self.waiting[0] if self.waiting else None
        if fault is None or FAULTS[fault.fault][0] != occasion:
            return None
        if occasion == "frame" or (fault.client not in {None, client} or fault.symbol not in {"", symbol}):
            return None
        return self._count(fault)

    def at(self, moment: Moment, client: int, message: str, key: int) -> Deed:
        """What a session does with the frame at hand."""
        fault = self.waiting[0] if self.waiting else None
        if fault is None or FAULTS[fault.fault][0] != "frame" or fault.client not in {None, client}:
            return PASS
        if moment != (fault.moment or _moment_of(fault.on)) or (moment != "read" and fault.on != message):
            return PASS
        return PASS if self._count(fault) is None else _deed(fault)

    def _count(self, fault: Fault) -> Fault | None:
        self._seen += 1
        if self._seen < fault.nth:
            return None
        self._seen = 0
        self.waiting.popleft()
        self.struck.append(fault)
        return fault


def _moment_of(message: str) -> str:
    return "handle" if message in REQUESTS else "write"


def _deed(fault: Fault) -> Deed:
    match fault.fault:
        case "slow":
            return Deed("delay", seconds=fault.seconds)
        case "twice":
            return Deed("duplicate")
        case "cut":
            return Deed("cut", after_bytes=fault.after_bytes)
        case "answer":
            return Deed("answer", notices=(notice_of(fault),))
        case "swallow":
            return Deed("swallow")
        case _:
            return Deed("disconnect")


def notice_of(fault: Fault, code: int = 0) -> Notice:
    """The notice that a fault says, under `code` where it gives none."""
    number = fault.code or code
    return Notice(number, fault.text or TEXTS.get(number, "A fault of the plan"))
