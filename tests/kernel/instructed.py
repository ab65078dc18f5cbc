# SPDX-License-Identifier: Apache-2.0
"""A strategy that does what it is told, bar by bar: the orders are data, so that one kernel replays them all."""

from engine.strategy import ReasonCode, Strategy

SLOTS = 6
"""Most instructions after one bar."""

FIELDS = ("verb", "role", "qty", "first", "second", "reason", "day", "order", "reduce", "parent", "sibling")
"""Columns of one instruction.

first, second  the prices, distance, fraction or weight that the verb takes
order          the order that `move` and `cancel` mean
reduce         1: the new order may only shrink the position
parent         the order whose fill wakes the new one; 0: none; NO_ORDER: one that was never sent; LATEST: the last one
               sent for the same role; EARLIER: the one before that
sibling        the order with which the new one is one-cancels-other; 0: none; LATEST and EARLIER as for parent
"""

NOTHING, MARKET, MARKET_ON_OPEN, MARKET_ON_CLOSE, LIMIT, STOP, STOP_LIMIT, TRAIL, TRAIL_PERCENT, TRAIL_ATR = range(10)
BRACKET, TARGET, TARGET_QUANTITY, CLOSE, MOVE, CANCEL, CANCEL_ALL = range(TRAIL_ATR + 1, TRAIL_ATR + 8)
BRACKET_PERCENT, BRACKET_DISTANCE = range(CANCEL_ALL + 1, CANCEL_ALL + 3)
STOP_LOSS, STOP_LOSS_PERCENT, TAKE_PROFIT, TAKE_PROFIT_PERCENT = range(BRACKET_DISTANCE + 1, BRACKET_DISTANCE + 5)
TRAILING_STOP, TRAILING_STOP_PERCENT = range(TAKE_PROFIT_PERCENT + 1, TAKE_PROFIT_PERCENT + 3)
"""What `verb` may be: methods of the order API by their names; those below MOVE and above CANCEL_ALL send an order.

The last six take `first` from the fill of their `parent`.
"""

NO_ORDER, LATEST, EARLIER = -9, -1, -2

COLUMNS = tuple(f"c{slot}_{field}" for slot in range(SLOTS) for field in FIELDS)


class Instructed(Strategy):
    """Two symbols, a and b; every order comes from the columns of the bar."""

    roles = ("a", "b")
    series = COLUMNS

    class Reason(ReasonCode):
        ONE = 1, "the first reason"
        TWO = 2, "the second reason"
        THREE = 3, "the third reason"

    class State:
        latest_a: int = 0
        earlier_a: int = 0
        latest_b: int = 0
        earlier_b: int = 0

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        carry_out(bar, s, orders, 0, True)


def carry_out(bar, s, orders, start, alone):
    """The instructions after this bar, for the two roles from `start` on where there are others.

    One call in a loop: six of them are compiled as six copies of every order method.
    """
    for slot in range(SLOTS):
        verb = told(slot, bar.c0_verb, bar.c1_verb, bar.c2_verb, bar.c3_verb, bar.c4_verb, bar.c5_verb)
        role = told(slot, bar.c0_role, bar.c1_role, bar.c2_role, bar.c3_role, bar.c4_role, bar.c5_role) - start
        if verb != NOTHING and (alone or (role >= 0.0 and role < 2.0)):
            act(
                s, orders, verb, role,
                told(slot, bar.c0_qty, bar.c1_qty, bar.c2_qty, bar.c3_qty, bar.c4_qty, bar.c5_qty),
                told(slot, bar.c0_first, bar.c1_first, bar.c2_first, bar.c3_first, bar.c4_first, bar.c5_first),
                told(slot, bar.c0_second, bar.c1_second, bar.c2_second, bar.c3_second, bar.c4_second, bar.c5_second),
                told(slot, bar.c0_reason, bar.c1_reason, bar.c2_reason, bar.c3_reason, bar.c4_reason, bar.c5_reason),
                told(slot, bar.c0_day, bar.c1_day, bar.c2_day, bar.c3_day, bar.c4_day, bar.c5_day),
                told(slot, bar.c0_order, bar.c1_order, bar.c2_order, bar.c3_order, bar.c4_order, bar.c5_order),
                told(slot, bar.c0_reduce, bar.c1_reduce, bar.c2_reduce, bar.c3_reduce, bar.c4_reduce, bar.c5_reduce),
                told(slot, bar.c0_parent, bar.c1_parent, bar.c2_parent, bar.c3_parent, bar.c4_parent, bar.c5_parent),
                told(
                    slot, bar.c0_sibling, bar.c1_sibling, bar.c2_sibling, bar.c3_sibling, bar.c4_sibling, bar.c5_sibling
                ),
            )  # fmt: skip


def told(slot, zero, one, two, three, four, five):
    """The column of a slot."""
    if slot < 3:
        if slot == 0:
            return zero
        return one if slot == 1 else two
    if slot == 3:
        return three
    return four if slot == 4 else five


def act(s, orders, verb, role, qty, first, second, reason, day, order, reduce, parent, sibling):
    """Carry out one instruction."""
    if verb == MOVE:
        orders.move(int(order), first)
    elif verb == CANCEL:
        orders.cancel(int(order))
    elif verb == CANCEL_ALL:
        orders.cancel_all(int(role))
    elif verb >= STOP_LOSS:
        made = leave(orders, verb, named(s, int(role), int(parent)), first, int(reason))
        if sibling != 0.0:
            orders.oco(named(s, int(role), int(sibling)), made)
        if made > 0:
            remember(s, int(role), made)
    else:
        made = submit(orders, verb, int(role), qty, first, second, int(reason), int(day))
        if reduce > 0.0:
            orders.reduce_only(made)
        if parent != 0.0:
            orders.attach(made, named(s, int(role), int(parent)))
        if sibling != 0.0:
            orders.oco(named(s, int(role), int(sibling)), made)
        if made > 0:
            remember(s, int(role), made)


def leave(orders, verb, entry, first, reason):
    """Send an exit from the fill of `entry`; its id."""
    if verb == STOP_LOSS:
        return orders.stop_loss(entry, first, reason)
    if verb == STOP_LOSS_PERCENT:
        return orders.stop_loss_percent(entry, first, reason)
    if verb == TAKE_PROFIT:
        return orders.take_profit(entry, first, reason)
    if verb == TAKE_PROFIT_PERCENT:
        return orders.take_profit_percent(entry, first, reason)
    if verb == TRAILING_STOP:
        return orders.trailing_stop(entry, first, reason)
    return orders.trailing_stop_percent(entry, first, reason)


def named(s, role, order):
    """The order that a number names; 0 where there is none."""
    if order == LATEST:
        return s.latest_a if role == 0 else s.latest_b
    if order == EARLIER:
        return s.earlier_a if role == 0 else s.earlier_b
    return max(0, order)


def remember(s, role, made):
    """Note the last two orders of each role."""
    if role == 0:
        s.earlier_a = s.latest_a
        s.latest_a = made
    else:
        s.earlier_b = s.latest_b
        s.latest_b = made


def submit(orders, verb, role, qty, first, second, reason, day):
    """Send the order that `verb` names; its id."""
    if verb == MARKET:
        return orders.market(role, qty, reason)
    if verb == MARKET_ON_OPEN:
        return orders.market_on_open(role, qty, reason)
    if verb == MARKET_ON_CLOSE:
        return orders.market_on_close(role, qty, reason)
    if verb == LIMIT:
        return orders.limit(role, qty, first, reason, day)
    if verb == STOP:
        return orders.stop(role, qty, first, reason, day)
    if verb == STOP_LIMIT:
        return orders.stop_limit(role, qty, first, second, reason, day)
    if verb == TRAIL:
        return orders.trail(role, qty, first, reason, day)
    if verb == TRAIL_PERCENT:
        return orders.trail_percent(role, qty, first, reason, day)
    if verb == TRAIL_ATR:
        return orders.trail_atr(role, qty, first, second, reason, day)
    if verb == BRACKET_PERCENT:
        return orders.bracket_percent(role, qty, first, second, reason)
    if verb == BRACKET_DISTANCE:
        return orders.bracket_distance(role, qty, first, second, reason)
    if verb == BRACKET:
        return orders.bracket(role, qty, first, second, reason)
    if verb == TARGET:
        return orders.target(role, first, reason)
    if verb == TARGET_QUANTITY:
        return orders.target_quantity(role, qty, reason)
    return orders.close(role, reason)
