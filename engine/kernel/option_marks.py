# SPDX-License-Identifier: Apache-2.0
"""What the account's option contracts are worth: the market they are modelled in, and their marks."""

from engine.kernel.option_price import mark_contract
from engine.kernel.two_modes import two_modes
from engine.records import OPTION_SLOTS, Bar, Book, Contract, Mark, OptionInputs, Rows


@two_modes
def open_option_inputs(book: Book, bar: Bar, inputs: OptionInputs) -> None:
    """At the open: the clock moves, volatility and rate stay those of the last close."""
    book.session = bar.session
    book.settles = max(bar.session, inputs.until)
    book.option_days = inputs.left + book.rules.bar_days


@two_modes
def close_option_inputs(book: Book, option_inputs: Rows[OptionInputs], benchmark: Rows[float]) -> None:
    """At the close: the bar's volatilities, rate and time."""
    inputs = option_inputs[book.t]
    rate = benchmark[min(book.t, len(benchmark) - 1)]
    book.option_days = inputs.left
    book.option_rate = rate
    for role in range(len(book.asset)):
        book.asset[role].volatility = inputs.volatility[role]


@two_modes
def mark_options(book: Book) -> tuple[float, float, float]:
    """Mark every contract; returns (value, net, gross), exposures as the shares it moves like."""
    total = 0.0
    net = 0.0
    gross = 0.0
    for slot in range(OPTION_SLOTS):
        contract = book.contract[slot]
        if contract.qty != 0.0:
            mark_contract(book, contract)
            moves = contract.qty * book.multiplier * contract.delta * book.asset[contract.role].close
            total += contract.value
            net += moves
            gross += abs(moves)
    return total, net, gross


@two_modes
def add_options(book: Book, peak: float) -> None:
    """Mark the contracts and add them to an account that `mark` has valued without; peak is the one before."""
    value, net, gross = mark_options(book)
    book.equity += value
    book.net += net
    book.gross += gross
    book.peak = max(peak, book.equity)


@two_modes
def record_marks(book: Book, marks: Rows[Mark]) -> None:
    """Write the marks of this close, one row a contract."""
    for slot in range(OPTION_SLOTS):
        contract = book.contract[slot]
        if contract.qty != 0.0:
            row = marks[book.marks]
            row.t = book.t
            row.slot = slot
            row.price = contract.price
            row.delta = contract.delta
            row.volatility = contract.volatility
            book.marks += 1


@two_modes
def empty_slot(contract: Contract) -> None:
    """Forget the terms of a contract that is no longer held; the underlying stays."""
    contract.strike = 0.0
    contract.price = 0.0
    contract.value = 0.0
    contract.delta = 0.0
    contract.avg_price = 0.0
    contract.volatility = 0.0
    contract.at_money = 0.0
    contract.expiry = 0
    contract.right = 0
    contract.order = 0
