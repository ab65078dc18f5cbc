# SPDX-License-Identifier: Apache-2.0
"""Many runs over the same bars in one call: parameters in, outcomes out, nothing recorded and no Python between."""

import math
from typing import Any

from engine.kernel.codes import RunCode
from engine.kernel.loop import Inputs, Outputs
from engine.kernel.two_modes import two_modes
from engine.records import Book, Outcome, Rows, Stretch

BLOCK = 1024
"""Bars that one run works at a time."""


@two_modes
def simulate_many(
    simulate: Any,
    decide: Any,
    read: Inputs,
    params: Any,
    states: Any,
    accounts: Any,
    books: Rows[Book],
    write: Outputs,
    outcomes: Rows[Outcome],
    stretches: Rows[Stretch],
) -> None:
    """One outcome per row of `params`; states, accounts and books hold one fresh row a run, accounts viewing books.

    simulate  `loop.simulate`, compiled as it is for one run: the loop is compiled once for both
    stretches  C rows a run, run by run: of T bars stretch c is those from T c // C to T (c + 1) // C
    Every run works a block of bars before any goes on: the block stays in the processor's cache for all of them.
    """
    bars = len(read.bars)
    each = len(stretches) // len(params)
    for stretch in range(each):
        last = bars * (stretch + 1) // each
        for start in range(bars * stretch // each, last, BLOCK):
            stop = min(start + BLOCK, last)
            for run in range(len(params)):
                if books[run].error == RunCode.OK:
                    simulate(
                        decide, read.bars, read.kernel_bars, read.features, read.terms, read.benchmark,
                        read.option_inputs, read.cost_inputs, params[run], states[run], accounts[run], books[run],
                        write.entries, write.log, write.points, write.marks, start, stop,
                    )  # fmt: skip
        for run in range(len(params)):
            sums = stretches[run * each + stretch]
            sums.total = books[run].return_sum
            sums.squares = books[run].return_squares
    for run in range(len(params)):
        summarise(books[run], outcomes[run], bars)


@two_modes
def summarise(book: Book, outcome: Outcome, bars: int) -> None:
    """The outcome of one finished run; see `engine.records.OUTCOME` for the fields. NaN where undefined."""
    outcome.final_equity = book.equity
    outcome.total_return = book.equity / book.rules.cash - 1.0
    mean = book.return_sum / bars
    outcome.mean = mean
    outcome.deviation = math.nan
    if bars > 1:
        outcome.deviation = math.sqrt(max(0.0, (book.return_squares - bars * mean * mean) / (bars - 1)))
    outcome.max_drawdown = book.max_drawdown
    average = book.equity_sum / bars
    outcome.turnover = book.traded / average if average > 0.0 else math.nan
    outcome.costs = book.costs
    outcome.fills = book.fills
    outcome.margin_calls = book.margin_calls
    outcome.error = book.error
