# SPDX-License-Identifier: Apache-2.0
"""The sentences of orders_table.md: what is ordered after a bar, what must happen, how an order ends.

Each reader raises ValueError (KeyError for a name that does not exist) where a sentence cannot be read.
"""

import re
from dataclasses import dataclass

from engine.kernel.codes import Cause, OrderStatus
from tests.kernel import instructed
from tests.kernel.replay import Instruction

SYMBOLS = {"A": 0, "B": 1}

NUMBER = r"-?[\d,]*\.?\d+"
OF = r"(?: of (?P<symbol>[AB]))?"
TAIL = r"(?P<tail>(?:, .+)?)"


@dataclass(frozen=True)
class Event:
    """One ledger entry that must happen: a trade, a cash flow or a split, on row t."""

    t: int
    kind: str  # fill, liquidation, or the ledger's word for a cash flow
    role: int | None = None  # None: any
    qty: float = 0.0
    price: float | None = None
    amount: float | None = None
    reason: int | None = None


@dataclass(frozen=True)
class Standing:
    """The account at a close: cash, equity or the shares held of a symbol."""

    t: int
    what: str
    value: float
    role: int = 0


@dataclass(frozen=True)
class Ending:
    """How an order ends."""

    status: OrderStatus
    cause: Cause = Cause.NONE
    filled: float | None = None


def number(text: str) -> float:
    return float(text.replace(",", ""))


def instruction(words: str) -> Instruction:
    match = re.fullmatch(r"after bar (\d+): (.+)", words)
    if not match:
        raise ValueError("an instruction starts with `after bar N:`")
    t, said = int(match[1]) - 1, match[2]
    for read in (_trade, _bracket, _holding, _change):
        made = read(t, said)
        if made is not None:
            return made
    raise ValueError("no such instruction")


def _trade(t: int, said: str) -> Instruction | None:
    match = re.fullmatch(rf"(?P<side>buy|sell) (?P<qty>{NUMBER}){OF}(?P<how>[^,]*){TAIL}", said)
    if not match:
        return None
    qty = number(match["qty"]) * (1 if match["side"] == "buy" else -1)
    verb, first, second = _kind(match["how"].strip())
    role = SYMBOLS[match["symbol"] or "A"]
    return Instruction(t, verb, role, qty, first, second, **_modifiers(match["tail"]))


KINDS = (
    (r"", instructed.MARKET),
    (r"on open", instructed.MARKET_ON_OPEN),
    (r"on close", instructed.MARKET_ON_CLOSE),
    (rf"limit ({NUMBER})", instructed.LIMIT),
    (rf"stop ({NUMBER})", instructed.STOP),
    (rf"stop ({NUMBER}) limit ({NUMBER})", instructed.STOP_LIMIT),
    (rf"trail ({NUMBER})", instructed.TRAIL),
    (rf"trail ({NUMBER})%", instructed.TRAIL_PERCENT),
    (rf"trail ({NUMBER}) x ATR ({NUMBER})", instructed.TRAIL_ATR),
)


def _kind(how: str) -> tuple[int, float, float]:
    for pattern, verb in KINDS:
        if match := re.fullmatch(pattern, how):
            numbers = [number(text) for text in match.groups()] + [0.0, 0.0]
            if verb == instructed.TRAIL_PERCENT:
                numbers[0] /= 100.0
            return verb, numbers[0], numbers[1]
    raise ValueError(f"no such kind of order: {how!r}")


def _modifiers(tail: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in filter(None, tail.split(", ")):
        if text in ("day", "reduce only"):
            found["day" if text == "day" else "reduce"] = 1
        elif text == "child of no order":
            found["parent"] = instructed.NO_ORDER
        elif match := re.fullmatch(r"(child of order|or order|reason) (\d+)", text):
            found[{"child of order": "parent", "or order": "sibling", "reason": "reason"}[match[1]]] = int(match[2])
        else:
            raise ValueError(f"no such modifier: {text!r}")
    return found


def _bracket(t: int, said: str) -> Instruction | None:
    pattern = rf"bracket: (buy|sell) (?P<qty>{NUMBER}){OF}, stop (?P<stop>{NUMBER}), target (?P<target>{NUMBER}){TAIL}"
    match = re.fullmatch(pattern, said)
    if not match:
        return None
    qty = number(match["qty"]) * (1 if match[1] == "buy" else -1)
    role = SYMBOLS[match["symbol"] or "A"]
    prices = (number(match["stop"]), number(match["target"]))
    return Instruction(t, instructed.BRACKET, role, qty, *prices, **_modifiers(match["tail"]))


def _holding(t: int, said: str) -> Instruction | None:
    if match := re.fullmatch(rf"hold (?P<size>{NUMBER})(?P<unit>%| shares){OF}{TAIL}", said):
        role, size = SYMBOLS[match["symbol"] or "A"], number(match["size"])
        if match["unit"] == "%":
            return Instruction(t, instructed.TARGET, role, 0.0, size / 100.0, **_modifiers(match["tail"]))
        return Instruction(t, instructed.TARGET_QUANTITY, role, size, **_modifiers(match["tail"]))
    if match := re.fullmatch(rf"close (?P<symbol>[AB]){TAIL}", said):
        return Instruction(t, instructed.CLOSE, SYMBOLS[match["symbol"]], **_modifiers(match["tail"]))
    return None


def _change(t: int, said: str) -> Instruction | None:
    if match := re.fullmatch(rf"move order (\d+) to ({NUMBER})", said):
        return Instruction(t, instructed.MOVE, first=number(match[2]), order=int(match[1]))
    if match := re.fullmatch(r"cancel order (\d+)", said):
        return Instruction(t, instructed.CANCEL, order=int(match[1]))
    if match := re.fullmatch(r"cancel all of ([AB])", said):
        return Instruction(t, instructed.CANCEL_ALL, SYMBOLS[match[1]])
    return None


FORCED = {"forced by a margin call": -1, "forced by ruin": -2}
FLOWS = ("commission", "fee", "dividend", "borrow", "interest", "withholding")


def event(t: int, said: str) -> Event:
    pattern = rf"(?P<side>buy|sell) (?P<qty>{NUMBER}){OF} at (?P<price>{NUMBER})(?:, (?P<why>.+))?"
    if match := re.fullmatch(pattern, said):
        qty = number(match["qty"]) * (1 if match["side"] == "buy" else -1)
        role, why = SYMBOLS[match["symbol"] or "A"], match["why"] or "reason 0"
        if why in FORCED:
            return Event(t, "liquidation", role, qty, number(match["price"]), reason=FORCED[why])
        if not re.fullmatch(r"reason \d+", why):
            raise ValueError(f"no such reason: {why!r}")
        return Event(t, "fill", role, qty, number(match["price"]), reason=int(why.removeprefix("reason ")))
    if match := re.fullmatch(rf"(pays|receives) ({NUMBER}) (\w+){OF}", said):
        if match[3] not in FLOWS:
            raise ValueError(f"no such cash flow: {match[3]!r}")
        role = SYMBOLS[match["symbol"]] if match["symbol"] else None
        return Event(t, match[3], role, amount=number(match[2]) * (-1 if match[1] == "pays" else 1))
    pattern = rf"split (adds|takes) ({NUMBER}) shares(?:, receives ({NUMBER}) in lieu|, pays ({NUMBER}) in lieu)?{OF}"
    if match := re.fullmatch(pattern, said):
        amount = number(match[3]) if match[3] else -number(match[4]) if match[4] else 0.0
        qty = number(match[2]) * (1 if match[1] == "adds" else -1)
        return Event(t, "split", SYMBOLS[match["symbol"] or "A"], qty, amount=amount)
    raise ValueError("no such event")


def ending(said: str) -> Ending:
    match = re.fullmatch(rf"(?P<status>\w+)(?:: (?P<cause>[a-z ]+))?(?:, filled (?P<filled>{NUMBER}))?", said)
    if not match:
        raise ValueError("an ending is `STATUS`, `STATUS: CAUSE`, with `, filled N` where it matters")
    cause = Cause[match["cause"].strip().replace(" ", "_").upper()] if match["cause"] else Cause.NONE
    filled = number(match["filled"]) if match["filled"] else None
    return Ending(OrderStatus[match["status"].upper()], cause, filled)
