# SPDX-License-Identifier: Apache-2.0
"""A strategy whose option and share orders are data, and hand-drawn bars to run it on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.inputs.prepared import prepare
from engine.market.panel import Market
from engine.records import bar_dtype
from engine.strategy import ReasonCode, Strategy
from tests.kernel.replay import CLOSE_OF_DAY, DAY, settings

NOTHING, OPTION, CLOSE_OPTION, SHARES, CANCEL, ATTACH, OCO, MOVE, REDUCE = range(9)
ONE, TWO, THREE, FOUR = range(4)
CALL, PUT = 1, -1
SLOTS = 4
FIELDS = ("verb", "slot", "qty", "right", "strike", "expiry")
COLUMNS = tuple(f"c{number}_{field}" for number in range(SLOTS) for field in FIELDS)
FIRST = 19_723  # Monday, 2024-01-01


class Reason(ReasonCode):
    TOLD = 1, "it was told to"


class OptionDesk(Strategy):
    """Two symbols; three option slots on a, one on b."""

    roles = ("a", "b")
    series = (*COLUMNS, "iv")
    options: ClassVar = {"one": "a", "two": "a", "three": "a", "four": "b"}
    Reason = Reason

    class State:
        seen: float = 0.0  # everything an author can read of the slots, added up

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.seen += account.one.qty * account.one.price + account.two.delta + account.three.value + account.four.strike
        s.seen += account.one.expiry + account.two.right + account.three.avg_price + account.one.volatility
        if account.a.volatility > 0.0:
            s.seen += account.a.volatility
        act(orders, bar.c0_verb, bar.c0_slot, bar.c0_qty, bar.c0_right, bar.c0_strike, bar.c0_expiry)
        act(orders, bar.c1_verb, bar.c1_slot, bar.c1_qty, bar.c1_right, bar.c1_strike, bar.c1_expiry)
        act(orders, bar.c2_verb, bar.c2_slot, bar.c2_qty, bar.c2_right, bar.c2_strike, bar.c2_expiry)
        act(orders, bar.c3_verb, bar.c3_slot, bar.c3_qty, bar.c3_right, bar.c3_strike, bar.c3_expiry)


def act(orders, verb, slot, qty, right, strike, expiry):
    """Carry out one instruction."""
    if verb == OPTION:
        orders.option(int(slot), qty, int(right), strike, expiry, Reason.TOLD)
    elif verb == CLOSE_OPTION:
        orders.close_option(int(slot), Reason.TOLD)
    elif verb == SHARES:
        orders.market(int(slot), qty, Reason.TOLD)
    elif verb == CANCEL:
        orders.cancel(int(qty))
    elif verb == ATTACH:
        orders.attach(int(slot), int(qty))
    elif verb == OCO:
        orders.oco(int(slot), int(qty))
    elif verb == MOVE:
        orders.move(int(slot), qty)
    elif verb == REDUCE:
        orders.reduce_only(int(slot))


@dataclass(frozen=True)
class Order:
    """One instruction after the close of row `t`; expiry counts days from the first session."""

    t: int
    verb: int
    slot: int = 0
    qty: float = 0.0
    right: int = 0
    strike: float = 0.0
    expiry: float = 0.0


def buy(t: int, slot: int, qty: float, right: int, strike: float, expiry: float) -> Order:
    """An option order; a negative qty sells."""
    return Order(t, OPTION, slot, qty, right, strike, expiry)


def draw(
    orders: Sequence[Order],
    closes: Sequence[float],
    *,
    opens: Sequence[float] | None = None,
    days: Sequence[int] | None = None,
    iv: Sequence[float] | float = 20.0,
    splits: dict[int, float] | None = None,
    b: Sequence[float] | float = 50.0,
) -> Market:
    """One bar a session. a opens where it closed before unless `opens` says; days count from the first session."""
    rows = len(closes)
    bars = np.zeros(rows, bar_dtype(("a", "b"), (*COLUMNS, "iv")))
    bars["session"] = FIRST + (np.arange(rows) if days is None else np.asarray(days))
    bars["last"] = 1
    bars["days"] = np.diff(bars["session"], prepend=bars["session"][:1])
    bars["ts"] = bars["session"].astype("i8") * DAY + CLOSE_OF_DAY
    split = np.ones(rows)
    for row, ratio in (splits or {}).items():
        split[row] = ratio
    first = np.append(closes[0], np.asarray(closes)[:-1] / split[1:]) if opens is None else np.asarray(opens)
    other = np.broadcast_to(b, rows)
    for role, opened, closed in (("a", first, np.asarray(closes)), ("b", other, other)):
        bars[role]["open"], bars[role]["close"] = opened, closed
        bars[role]["high"], bars[role]["low"] = np.maximum(opened, closed), np.minimum(opened, closed)
        bars[role]["volume"], bars[role]["split"] = 1e6, 1.0
    bars["a"]["split"] = split
    for role in ("a", "b"):
        bars[role]["factor"] = np.cumprod(bars[role]["split"])
    bars["iv"] = iv
    used = np.zeros(rows, int)
    for given in orders:
        for name in FIELDS:
            value = getattr(given, name)
            bars[f"c{used[given.t]}_{name}"][given.t] = value + FIRST if name == "expiry" else value
        used[given.t] += 1
    return Market(bars=bars, symbols={"a": "A", "b": "B"}, series={name: name for name in (*COLUMNS, "iv")})


PLAIN_OPTIONS: dict[str, Any] = {
    "strategy": "tests.kernel.option_desk:OptionDesk",
    "series": {"iv": "iv"},
    "options": {
        "volatility": "iv",
        "skew": 0.0,
        "dividend_yield": 0.0,
        "commission": 0.0,
        "minimum": 0.0,
        "spread": {"premium": 0.0, "vega": 0.0, "least": 0.0},
    },
}
"""No skew, no yield, no spread, no commission; settings of tests.kernel.replay otherwise."""


def run(market: Market, given: dict[str, Any] | None = None, mode: str = "interpreted") -> RunRecord:
    """`given` is path with dots -> value, on top of PLAIN_OPTIONS; values of `options` are merged into it."""
    own = {key: value for key, value in (given or {}).items() if not key.startswith("options.")}
    options = {**PLAIN_OPTIONS["options"], "spread": dict(PLAIN_OPTIONS["options"]["spread"])}
    for key, value in (given or {}).items():
        parts = key.split(".")
        if parts[0] == "options":
            place = options["spread"] if parts[1] == "spread" else options
            place[parts[-1]] = value
    config = settings({**PLAIN_OPTIONS, "options": options, **own})
    return native.run(prepare(config, OptionDesk, market), mode)
