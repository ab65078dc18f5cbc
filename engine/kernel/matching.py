# SPDX-License-Identifier: Apache-2.0
"""Steps 2 to 4 of a bar's life: the open, the range, the close. Which order meets which price."""

from engine.kernel.book import end_order, is_forced, is_live, known
from engine.kernel.codes import Cause, FillAt, Intrabar, Moment, OrderKind, OrderStatus, TimeInForce
from engine.kernel.fill import execute
from engine.kernel.linked_orders import AFTER_CLOSE, TOMORROW, is_idle
from engine.kernel.netting import net_quantity
from engine.kernel.option_fill import work_option
from engine.kernel.option_marks import close_option_inputs, mark_options
from engine.kernel.order_kinds import becomes_market, is_market, takes_any_price, trail_level
from engine.kernel.two_modes import every_bar, two_modes
from engine.records import AssetBar, Bar, Book, Entry, OptionInputs, Order, Rows, Terms

TRAIL, WORK = 1, 2
"""What a bar asks of the orders."""

ROUNDS = 3
"""Passes over the range of one bar: entries, their children, and a child of a child."""


@every_bar
def to_do(book: Book, bar: Bar) -> int:
    """WORK where an order can fill or end in this bar, TRAIL where one only follows the price, 0 for stops far away."""
    found = 0
    for slot in range(book.orders):
        order = book.order[slot]
        priceless = takes_any_price(order) or order.kind == OrderKind.OPTION
        if priceless or (order.tif == TimeInForce.DAY and bar.last == 1):
            return WORK
        if order.status != OrderStatus.WORKING:
            found = TRAIL if order.entry_bar == TOMORROW else found
            continue
        asset = bar.asset[order.role]
        if order.kind == OrderKind.LIMIT or order.triggered == 1:
            if (order.qty > 0.0 and asset.low <= order.limit) or (order.qty < 0.0 and asset.high >= order.limit):
                return WORK
        elif (order.qty > 0.0 and asset.high >= order.stop) or (order.qty < 0.0 and asset.low <= order.stop):
            return WORK
        elif order.kind != OrderKind.STOP:
            found = TRAIL
    return found


@two_modes
def work_bar(
    book: Book,
    terms: Terms,
    entries: Rows[Entry],
    bar: Bar,
    option_inputs: Rows[OptionInputs],
    benchmark: Rows[float],
) -> None:
    """Open, range and close of one bar, in that order. option_inputs and benchmark price options at the close."""
    book.moment = Moment.OPEN
    for role in range(len(book.asset)):
        book.asset[role].filled = 0.0
        book.asset[role].stood = net_quantity(book, role)
        book.asset[role].close = known(book, bar.asset[role].open)  # the mark that margin sees until the close
    if book.contracts > 0:
        mark_options(book)
    work_open(book, terms, entries, bar)
    if is_waiting(book):  # after a plain rebalance nothing is left to meet the range
        book.moment = Moment.RANGE
        work_range(book, terms, entries, bar)
    book.moment = Moment.CLOSE
    for role in range(len(book.asset)):
        book.asset[role].stood = net_quantity(book, role)
        book.asset[role].close = known(book, bar.asset[role].close)
    if book.rules.options == 1:
        close_option_inputs(book, option_inputs, benchmark)
        mark_options(book)
    if is_waiting(book):
        work_close(book, terms, entries, bar)


@two_modes
def is_waiting(book: Book) -> bool:
    """Whether an order in the book can still fill or end."""
    for slot in range(book.orders):
        order = book.order[slot]
        if is_live(order):
            return True
    return False


@two_modes
def work_range(book: Book, terms: Terms, entries: Rows[Entry], bar: Bar) -> None:
    """Stops and limits against high and low, the worse side first, until nothing more comes of it."""
    pessimistic = book.rules.intrabar == Intrabar.PESSIMISTIC
    for turn in range(ROUNDS):
        fills = book.fills
        if pessimistic:
            work_stops(book, terms, entries, bar)
            work_limits(book, terms, entries, bar)
        else:
            work_limits(book, terms, entries, bar)
            work_stops(book, terms, entries, bar)
        if book.fills == fills and (pessimistic or turn > 0):  # a stop-limit may have turned into a limit
            break


@two_modes
def work_open(book: Book, terms: Terms, entries: Rows[Entry], bar: Bar) -> None:
    """Market orders, those that reduce a position first to free margin for the rest; then what the open gapped."""
    for reducing in (True, False):
        for slot in range(book.orders):
            order = book.order[slot]
            if order.kind == OrderKind.OPTION:
                work_option(book, terms, entries, slot, FillAt.NEXT_OPEN, reducing)
                continue
            working = order.status == OrderStatus.WORKING
            if working and takes_open(book, bar, order) and has_turn(book, order, reducing):
                execute(book, terms, entries, bar, slot, bar.asset[order.role].open, True, Moment.OPEN)
    for slot in range(book.orders):
        order = book.order[slot]
        if order.status == OrderStatus.WORKING and has_stop(order):
            opened = bar.asset[order.role].open
            if reached(order, opened, opened, order.stop):
                trigger(book, terms, entries, bar, slot, opened, Moment.OPEN)
    for slot in range(book.orders):
        order = book.order[slot]
        if order.status == OrderStatus.WORKING and has_limit(order):
            opened = bar.asset[order.role].open
            if better(order, opened, opened, book.rules.limit_through):
                execute(book, terms, entries, bar, slot, opened, False, Moment.OPEN)


@two_modes
def takes_open(book: Book, bar: Bar, order: Order) -> bool:
    """Whether the order fills at the open of this bar, at any price."""
    if order.kind == OrderKind.MARKET_ON_OPEN:
        return bar.days > 0
    at_open = book.rules.fill_at == FillAt.NEXT_OPEN or order.kind != OrderKind.MARKET or is_forced(order)
    return is_market(order) and at_open


@two_modes
def work_stops(book: Book, terms: Terms, entries: Rows[Entry], bar: Bar) -> None:
    """Stops that the bar's range touches. On its entry bar a child's stop fills unless the rules ask for proof."""
    for slot in range(book.orders):
        order = book.order[slot]
        if order.status != OrderStatus.WORKING or not has_stop(order):
            continue
        asset = bar.asset[order.role]
        proof = order.entry_bar == 1 and book.rules.intrabar == Intrabar.OPTIMISTIC
        low = asset.close if proof else asset.low
        high = asset.close if proof else asset.high
        if reached(order, low, high, order.stop):
            trigger(book, terms, entries, bar, slot, stop_price(order, asset), Moment.RANGE)


@two_modes
def work_limits(book: Book, terms: Terms, entries: Rows[Entry], bar: Bar) -> None:
    """Limits that the bar's range touches. On its entry bar a child's limit fills only if the close proves it."""
    for slot in range(book.orders):
        order = book.order[slot]
        if order.status != OrderStatus.WORKING or not has_limit(order):
            continue
        asset = bar.asset[order.role]
        proof = order.entry_bar == 1 and book.rules.intrabar == Intrabar.PESSIMISTIC
        low = asset.close if proof else asset.low
        high = asset.close if proof else asset.high
        if better(order, low, high, book.rules.limit_through):
            price = min(max(order.limit, asset.low), asset.high)  # one that woke up beyond the range fills in it
            execute(book, terms, entries, bar, slot, price, False, Moment.RANGE)


@two_modes
def work_close(book: Book, terms: Terms, entries: Rows[Entry], bar: Bar) -> None:
    """Orders for the close, then the end of day orders."""
    for reducing in (True, False):
        for slot in range(book.orders):
            order = book.order[slot]
            if order.status != OrderStatus.WORKING or order.entry_bar == AFTER_CLOSE:
                continue
            if order.kind == OrderKind.OPTION:
                work_option(book, terms, entries, slot, FillAt.NEXT_CLOSE, reducing)
                continue
            on_close = order.kind == OrderKind.MARKET_ON_CLOSE and bar.last == 1
            next_close = (
                order.kind == OrderKind.MARKET and book.rules.fill_at == FillAt.NEXT_CLOSE and not is_forced(order)
            )
            if (on_close or next_close) and has_turn(book, order, reducing):
                execute(book, terms, entries, bar, slot, bar.asset[order.role].close, True, Moment.CLOSE)
    if bar.last == 1:
        end_day_orders(book)


@two_modes
def end_day_orders(book: Book) -> None:
    """End what is good for the session that ends."""
    for slot in range(book.orders):
        order = book.order[slot]
        if order.tif == TimeInForce.DAY and is_live(order):
            end_order(book, order, OrderStatus.EXPIRED, Cause.END_OF_DAY)


@two_modes
def work_same_close(book: Book, terms: Terms, entries: Rows[Entry], bar: Bar, worked: bool) -> None:
    """`this_close`: what was just decided fills at the close that decided it.

    worked: the bar's range has been worked, and has used its part of the volume. Children wake for the next bar, all
    of which comes after: the moment is its open.
    """
    for role in range(len(book.asset)):
        book.asset[role].stood = net_quantity(book, role)
        if not worked:
            book.asset[role].filled = 0.0
    for reducing in (True, False):
        for slot in range(book.orders):
            order = book.order[slot]
            if order.kind == OrderKind.OPTION:
                work_option(book, terms, entries, slot, FillAt.THIS_CLOSE, reducing)
                continue
            fresh = order.kind == OrderKind.MARKET and order.status == OrderStatus.WORKING and not is_forced(order)
            if fresh and has_turn(book, order, reducing):
                execute(book, terms, entries, bar, slot, bar.asset[order.role].close, True, Moment.OPEN)


@two_modes
def has_turn(book: Book, order: Order, reducing: bool) -> bool:
    """Whether a market order fills in this of two passes: what reduces the account's position, then all the rest.

    The position is that before either pass: what reduces only because another order has filled is of the second. A
    child that woke in one of them waits.
    """
    shrinks = book.asset[order.role].stood * order.qty < 0.0
    return shrinks if reducing else not shrinks or order.parent == 0


@two_modes
def has_stop(order: Order) -> bool:
    """Whether the order waits for a trigger."""
    return order.triggered == 0 and (order.kind == OrderKind.STOP_LIMIT or becomes_market(order))


@two_modes
def has_limit(order: Order) -> bool:
    """Whether the order waits for a price."""
    return order.kind == OrderKind.LIMIT or (order.kind == OrderKind.STOP_LIMIT and order.triggered == 1)


@two_modes
def reached(order: Order, low: float, high: float, stop: float) -> bool:
    """Whether prices from low to high touch the trigger."""
    return high >= stop if order.qty > 0.0 else low <= stop


@two_modes
def better(order: Order, low: float, high: float, through: int) -> bool:
    """Whether prices from low to high reach the limit; strictly beyond it where the rules want it traded through."""
    if order.qty > 0.0:
        return low < order.limit if through == 1 else low <= order.limit
    return high > order.limit if through == 1 else high >= order.limit


@two_modes
def stop_price(order: Order, asset: AssetBar) -> float:
    """Where a stop goes that the bar's range touches: at its trigger, or at the open for one that woke up beyond it."""
    if order.entry_bar == 1:
        return min(max(order.stop, asset.low), asset.high)
    return max(order.stop, asset.open) if order.qty > 0.0 else min(order.stop, asset.open)


@two_modes
def trigger(book: Book, terms: Terms, entries: Rows[Entry], bar: Bar, slot: int, price: float, moment: int) -> None:
    """A stop is touched at `price`: it fills there, or turns into a limit order that may fill there.

    One that may only reduce a position waits for the position.
    """
    order = book.order[slot]
    if is_idle(book, order):
        return
    order.triggered = 1
    if order.kind != OrderKind.STOP_LIMIT or better(order, price, price, 0):
        execute(book, terms, entries, bar, slot, price, True, moment)
    elif moment == Moment.RANGE:
        order.entry_bar = 1  # the way back to the limit is unknown: only the close can prove it in this bar


@every_bar
def ratchet_trails(book: Book, bar: Bar) -> None:
    """End of a bar: trailing stops follow its best price, and children forget that this was their entry bar.

    A child whose parent filled inside the bar follows the close alone: the high may have come before the entry.
    """
    for slot in range(book.orders):
        order = book.order[slot]
        if order.entry_bar == TOMORROW and order.status == OrderStatus.HELD:
            order.status = OrderStatus.WORKING
        trailing = order.kind == OrderKind.TRAIL or order.kind == OrderKind.TRAIL_PERCENT
        if trailing and order.status == OrderStatus.WORKING and order.triggered == 0:
            asset = bar.asset[order.role]
            best = asset.high if order.asked < 0.0 else asset.low
            if order.entry_bar == 1 or order.entry_bar == AFTER_CLOSE:
                best = asset.close
            level = trail_level(order, best)
            order.stop = max(order.stop, level) if order.asked < 0.0 else min(order.stop, level)
        order.entry_bar = 0
