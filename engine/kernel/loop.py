# SPDX-License-Identifier: Apache-2.0
"""The life of a bar, in six steps, and the loop over bars. One source: interpreted here, compiled in `compiled`."""

from typing import Any, NamedTuple

from engine.kernel.book import clear_ended
from engine.kernel.codes import FillAt, RunCode
from engine.kernel.costs import open_cost_inputs
from engine.kernel.ledger import mark, post_deposit
from engine.kernel.linked_orders import end_orphans
from engine.kernel.margin import check_maintenance, stays_frozen
from engine.kernel.matching import WORK, ratchet_trails, to_do, work_bar, work_same_close
from engine.kernel.option_life import expire_options
from engine.kernel.option_marks import add_options, close_option_inputs, open_option_inputs, record_marks
from engine.kernel.overnight import overnight
from engine.kernel.sleeves import close_ruined, mark_sleeves, rebalance
from engine.kernel.spans import end_roles
from engine.kernel.two_modes import every_bar, rows_between, two_modes
from engine.records import OPTION_SLOTS, Bar, Book, CostInputs, Entry, Mark, OptionInputs, Order, Point, Rows, Terms

ENTRIES_AN_ORDER = 12
"""Most ledger entries that a place of the book posts in a bar: three fills with commission and fee, some to spare."""

ENTRIES_A_ROLE = 6
"""Most that a role can post overnight: borrow fee, split, dividend, tax on it; and, a sleeve, interest and transfer."""

ENDS_A_BAR = 2
"""Most orders that can end in one place of the book in a bar: before the decision, and in it."""


class Inputs(NamedTuple):
    """What a run of T bars reads: bars in the author's and the kernel's view, features, broker's terms, rates.

    option_inputs has T rows in runs with option slots, one in the others; cost_inputs has T.
    """

    bars: Rows[Any]
    kernel_bars: Rows[Bar]
    features: Rows[Any]
    terms: Rows[Terms]
    benchmark: Rows[float]
    option_inputs: Rows[OptionInputs]
    cost_inputs: Rows[CostInputs]


class Outputs(NamedTuple):
    """What a run writes beside its records: ledger, order log, (T,) account at each close, option marks."""

    entries: Rows[Entry]
    log: Rows[Order]
    points: Rows[Point]
    marks: Rows[Mark]


@two_modes
def simulate(
    decide: Any, bars: Any, kernel_bars: Any, features: Any, all_terms: Any, benchmark: Any, option_inputs: Any,
    cost_inputs: Any, p: Any, s: Any, account: Any, book: Book, entries: Any, log: Any, points: Any, marks: Any,
    start: int, stop: int,
) -> int:  # fmt: skip
    """Run bars start..stop-1; returns the row where it stopped: `stop`, or where room ran out or an error stands.

    All state is in the records: the caller makes what is written larger and calls again with that row.
    """
    rules = book.rules
    options = rules.options == 1
    terms = all_terms[book.terms]
    for t in rows_between(start, stop):
        if rules.recording == 1 and (
            len(entries) - book.entries < ENTRIES_AN_ORDER * len(book.order) + ENTRIES_A_ROLE * len(book.asset)
            or len(log) - book.closed < ENDS_A_BAR * len(book.order)
            or (options and len(marks) - book.marks < OPTION_SLOTS)
        ):
            return t
        bar = kernel_bars[t]
        book.t = t
        end_roles(book, terms, entries, log, bar)
        if t == 0:
            post_deposit(book, entries)
            book.last_equity = book.trough = rules.cash
            adopt_terms(book, all_terms, bar.session)
            terms = all_terms[book.terms]
        elif bar.days > 0:
            night = benchmark[min(book.t, len(benchmark)) - 1]
            overnight(book, terms, entries, bar, night, cost_inputs)
            adopt_terms(book, all_terms, bar.session)
            terms = all_terms[book.terms]
        if options:
            open_option_inputs(book, bar, option_inputs[t])
        worked = False
        if book.orders > 0:
            asked = to_do(book, bar)
            worked = asked == WORK
            if worked:
                open_cost_inputs(book, cost_inputs[t])
                work_bar(book, terms, entries, bar, option_inputs, benchmark)
            if asked > 0:
                ratchet_trails(book, bar)
        if book.frozen == 1:
            book.frozen = stays_frozen(book)
        if options:
            close_option_inputs(book, option_inputs, benchmark)
            if book.contracts > 0 and bar.last == 1:
                expire_options(book, entries, bar)
        peak = book.peak
        mark(book, bar)
        if options and book.contracts > 0:
            add_options(book, peak)
        check_maintenance(book, terms)
        if len(book.sleeve) > 1:
            mark_sleeves(book, terms, False)
            rebalance(book, terms, entries)
            close_ruined(book)
        if book.ended > 0:
            end_orphans(book)
            clear_ended(book, log)
        decide(bars[t], features[t], p, s, account, book)
        if book.error != RunCode.OK:
            return t
        if rules.fill_at == FillAt.THIS_CLOSE and book.orders > 0:
            open_cost_inputs(book, cost_inputs[t])
            work_same_close(book, terms, entries, bar, worked)
            book.peak = peak  # the close before these fills is on no path
            mark(book, bar)
            if options and book.contracts > 0:
                add_options(book, peak)
            if book.frozen == 0:
                check_maintenance(book, terms)
            if len(book.sleeve) > 1:
                mark_sleeves(book, terms, True)
        if book.ended > 0:
            end_orphans(book)
            clear_ended(book, log)
        if rules.recording == 1:
            point = points[t]
            point.cash = book.cash
            point.equity = book.equity
            point.maintenance = book.maintenance
            if options and book.contracts > 0:
                record_marks(book, marks)
        else:
            tally(book)
    return stop


@every_bar
def adopt_terms(book: Book, terms: Rows[Terms], session: int) -> None:
    """Bring the broker's terms up to `session`; a new month starts a new count of shares."""
    while book.terms + 1 < len(terms) and terms[book.terms + 1].session <= session:
        book.terms += 1
    month = terms[book.terms].month
    if month != book.month:
        book.month = month
        book.month_shares = 0.0


@every_bar
def tally(book: Book) -> None:
    """Running sums of the returns, equity and drawdown, for a run that keeps no path.

    Divisions are most of it, so they are left out where they change nothing: of an equity that has not moved, and of
    one that is not the lowest since its peak.
    """
    equity = book.equity
    previous = book.last_equity
    if equity != previous:
        book.last_equity = equity
        change = equity / previous - 1.0 if previous > 0.0 else 0.0
        book.return_sum += change
        book.return_squares += change * change
        if equity >= book.peak:
            book.trough = equity
        elif equity < book.trough:
            book.trough = equity
            if book.peak > 0.0:
                book.max_drawdown = max(book.max_drawdown, 1.0 - equity / book.peak)
    book.equity_sum += equity
