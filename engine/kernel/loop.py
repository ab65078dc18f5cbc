# SPDX-License-Identifier: Apache-2.0
"""The life of a bar, in six steps, and the loop over bars. One source: interpreted here, compiled in `compiled`."""

from typing import Any

from engine.kernel.book import clear_ended
from engine.kernel.codes import FillAt, RunCode
from engine.kernel.ledger import mark, post_deposit
from engine.kernel.linked_orders import end_orphans
from engine.kernel.margin import check_maintenance, stays_frozen
from engine.kernel.matching import WORK, ratchet_trails, to_do, work_bar, work_same_close
from engine.kernel.option_life import expire_options
from engine.kernel.option_marks import add_options, close_option_inputs, open_option_inputs, record_marks
from engine.kernel.overnight import overnight
from engine.kernel.sleeves import close_ruined, mark_sleeves, rebalance
from engine.kernel.two_modes import every_bar, two_modes
from engine.records import LIVE_ORDERS, OPTION_SLOTS

ENTRIES_A_BAR = 12 * LIVE_ORDERS
"""Most ledger entries that the orders of one bar can post: three fills an order with commission and fee."""

ENTRIES_A_ROLE = 5
"""Most that a role can post overnight: borrow fee, split, dividend; and, for each sleeve, interest and transfer."""

CLOSED_A_BAR = 2 * LIVE_ORDERS
"""Most orders that can end in one bar."""


@two_modes
def simulate(
    decide: Any,
    bars: Any,
    kernel_bars: Any,
    features: Any,
    p: Any,
    s: Any,
    account: Any,
    book: Any,
    rules: Any,
    terms: Any,
    benchmark: Any,
    option_inputs: Any,
    entries: Any,
    log: Any,
    points: Any,
    marks: Any,
    start: int,
    stop: int,
) -> int:
    """Run bars start..stop-1; returns the row where it stopped: `stop`, or where room ran out or an error stands.

    All state is in the records: the caller makes `entries`, `log` and `marks` larger and calls again with that row.
    option_inputs and marks are for runs with option slots; the others give one row of each.
    """
    options = rules.options == 1
    for t in range(start, stop):
        if rules.recording == 1 and (
            len(entries) - book.entries < ENTRIES_A_BAR + ENTRIES_A_ROLE * len(book.asset)
            or len(log) - book.closed < CLOSED_A_BAR
            or (options and len(marks) - book.marks < OPTION_SLOTS)
        ):
            return t
        bar = kernel_bars[t]
        book.t = t
        if t == 0:
            post_deposit(book, rules, entries)
            adopt_terms(book, terms, bar.session)
        elif bar.days > 0:
            overnight(book, rules, terms[book.terms], entries, bar, benchmark[min(t, len(benchmark)) - 1])
            adopt_terms(book, terms, bar.session)
        now = terms[book.terms]
        if options:
            open_option_inputs(book, rules, bar, option_inputs[t])
        worked = False
        if book.orders > 0:
            asked = to_do(book, bar)
            worked = asked == WORK
            if worked:
                work_bar(book, rules, now, entries, bar, option_inputs, benchmark)
            if asked > 0:
                ratchet_trails(book, bar)
        if book.frozen == 1:
            book.frozen = stays_frozen(book)
        if options:
            close_option_inputs(book, option_inputs, benchmark)
            if book.contracts > 0 and bar.last == 1:
                expire_options(book, rules, entries, bar)
        peak = book.peak
        mark(book, bar)
        if options:
            add_options(book, rules, peak)
        check_maintenance(book, rules, now)
        if len(book.sleeve) > 1:
            mark_sleeves(book, rules, now, False)
            rebalance(book, rules, now, entries)
            close_ruined(book)
        if book.ended > 0:
            end_orphans(book)
            clear_ended(book, log, rules)
        decide(bars[t], features[t], p, s, account, book)
        if book.error != RunCode.OK:
            return t
        if rules.fill_at == FillAt.THIS_CLOSE and book.orders > 0:
            work_same_close(book, rules, now, entries, bar, worked)
            book.peak = peak  # the close before these fills is on no path
            mark(book, bar)
            if options:
                add_options(book, rules, peak)
            if book.frozen == 0:
                check_maintenance(book, rules, now)
            if len(book.sleeve) > 1:
                mark_sleeves(book, rules, now, True)
        if book.ended > 0:
            end_orphans(book)
            clear_ended(book, log, rules)
        if rules.recording == 1:
            point = points[t]
            point.cash = book.cash
            point.equity = book.equity
            point.gross = book.gross
            point.net = book.net
            point.maintenance = book.maintenance
            if options:
                record_marks(book, marks)
        else:
            tally(book, t, rules.cash)
    return stop


@every_bar
def adopt_terms(book: Any, terms: Any, session: int) -> None:
    """Bring the broker's terms up to `session`; a new month starts a new count of shares."""
    while book.terms + 1 < len(terms) and terms[book.terms + 1].session <= session:
        book.terms += 1
    month = terms[book.terms].month
    if month != book.month:
        book.month = month
        book.month_shares = 0.0


@every_bar
def tally(book: Any, t: int, cash: float) -> None:
    """Running sums of the returns, equity and drawdown, for a run that keeps no path."""
    equity = book.equity
    previous = book.last_equity if t > 0 else cash
    change = equity / previous - 1.0 if previous > 0.0 else 0.0
    book.last_equity = equity
    book.return_sum += change
    book.return_squares += change * change
    book.equity_sum += equity
    if book.peak > 0.0:
        book.max_drawdown = max(book.max_drawdown, 1.0 - equity / book.peak)
