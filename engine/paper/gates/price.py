# SPDX-License-Identifier: Apache-2.0
"""Gates on prices and on how long an order lives."""

from __future__ import annotations

import math

from engine.kernel.codes import OrderKind
from engine.paper.broker.wire import LIVES
from engine.paper.gates.answers import REDUCES, accept, refuse
from engine.paper.gates.facts import Facts
from engine.paper.instructions import Instruction
from engine.paper.verdict import Verdict

NEEDS = {
    OrderKind.MARKET: (),
    OrderKind.MARKET_ON_OPEN: (),
    OrderKind.MARKET_ON_CLOSE: (),
    OrderKind.LIMIT: ("limit",),
    OrderKind.STOP: ("stop",),
    OrderKind.STOP_LIMIT: ("limit", "stop"),
    OrderKind.TRAIL: ("trail",),
    OrderKind.TRAIL_PERCENT: ("trail",),
}
"""Prices that each kind has, and no other but those of MAY."""

MAY = {OrderKind.TRAIL: ("stop",), OrderKind.TRAIL_PERCENT: ("stop",)}
"""Prices that a kind may have: the level that a trailing stop starts from."""


def known_kind(one: Instruction, facts: Facts) -> Verdict:  # noqa: ARG001  (gates have one shape)
    """A kind that the bridge sends, with its prices, each above 0; options are not sent."""
    needs = NEEDS.get(one.kind)
    if needs is None:
        return refuse(one, "kind", f"the bridge sends no {one.kind.name.lower()} orders", kind=one.kind.name)
    prices = {"limit": one.limit, "stop": one.stop, "trail": one.trail}
    wrong = [
        name
        for name, price in prices.items()
        if (price is None and name in needs)
        or (price is not None and name not in (*needs, *MAY.get(one.kind, ())))
        or (price is not None and not (math.isfinite(price) and price > 0))
    ]
    if wrong:
        text = f"{', '.join(wrong)} of a {one.kind.name.lower()} order"
        return refuse(one, "kind", f"{text}: it needs {', '.join(needs) or 'no price'}, above 0", **prices)
    return accept(one, "kind", **prices)


def explicit_tif(one: Instruction, facts: Facts) -> Verdict:  # noqa: ARG001  (gates have one shape)
    """Every order says how long it lives, as long as its kind can; a preset of the broker's must not decide it."""
    lives = LIVES.get(one.kind, ())
    if one.tif in lives:
        return accept(one, "tif", tif=one.tif)
    said = f"it lives {one.tif}" if one.tif else "it does not say how long it lives"
    text = f"{said}; a {one.kind.name.lower()} order lives {' or '.join(lives) or 'not here'}"
    return refuse(one, "tif", text, tif=one.tif, kind=one.kind.name)


def collar(one: Instruction, facts: Facts) -> Verdict:
    """The market has not run away from the close that decided, and no limit stands far on its costly side.

    A limit that costs nothing may be as far as it likes, and so may a stop. What only reduces a position passes: it is
    wanted most where the market has moved.
    """
    most, close, limit = facts.limits.collar, facts.close.get(one.symbol), one.limit
    quote = facts.quotes.get(one.symbol)
    if facts.reduces(one):
        return accept(one, "price collar", REDUCES, close=close, limit=most)
    if close is None or close <= 0:
        return refuse(one, "price collar", "the close that decided is not known", close=close)
    if limit is not None:
        base = close if one.stop is None else one.stop
        costly = (limit - base) * (1.0 if one.quantity > 0 else -1.0)
        if costly > most * base:
            text = f"its limit {limit:g} is {costly / base:.2%} beyond {base:g}, more than {most:.2%}"
            return refuse(one, "price collar", text, limit_price=limit, base=base, value=costly / base, limit=most)
    last = None if quote is None else quote.last
    if last is None or not last > 0:
        return refuse(one, "price collar", "the broker shows no price", close=close, last=last, limit=most)
    moved = abs(last - close) / close
    if moved <= most:
        return accept(one, "price collar", close=close, last=last, value=moved, limit=most)
    text = f"{one.symbol} is at {last:g}, {moved:.2%} from the close of {close:g} that decided, more than {most:.2%}"
    return refuse(one, "price collar", text, close=close, last=last, value=moved, limit=most)
