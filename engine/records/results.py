# SPDX-License-Identifier: Apache-2.0
"""What a run leaves: the ledger, the account at each close, the marks of options, and the outcome of a sweep's run."""

from engine.records.layout import F8, I4, I8, dtype_of


class Entry:
    """One posted change of cash or of a position."""

    t: I8  # row of bars
    kind: I4  # EntryKind
    role: I4  # number of roles + slot for an option's; -1 - sleeve where the entry concerns no role
    qty: F8  # signed change of position; contracts of an option
    price: F8
    amount: F8  # signed change of cash
    slippage: F8  # memo, already inside price: cost >= 0 against the reference price
    order: I8  # an option's contract is in its order; entries without an order of their own name the opening one
    reason: I4
    moment: I4  # when in the bar, a Moment


class Point:
    """The account at the close of one bar: what the ledger and the bars do not say at once."""

    cash: F8
    equity: F8
    maintenance: F8  # margin required


class Mark:
    """The modelled price of one open option at the close of one bar."""

    t: I8
    slot: I8
    price: F8  # a share
    delta: F8
    volatility: F8  # a year, skew inside


class Outcome:
    """What a sweep keeps of each run; computed inside the kernel."""

    final_equity: F8
    total_return: F8
    mean: F8  # of the simple returns bar to bar
    deviation: F8  # sample standard deviation of the same
    max_drawdown: F8  # fraction of the peak, >= 0
    turnover: F8  # traded notional / mean equity
    costs: F8  # all that was paid to trade and to hold, as the metric total_costs: nothing is netted
    fills: I8
    margin_calls: I8
    error: I8  # RunCode


class Stretch:
    """Running sums at the end of one of the stretches that a sweep cuts its bars into."""

    total: F8  # of the simple returns bar to bar
    squares: F8  # of the same, squared


ENTRY, POINT, MARK = dtype_of(Entry), dtype_of(Point), dtype_of(Mark)
OUTCOME, STRETCH = dtype_of(Outcome), dtype_of(Stretch)
