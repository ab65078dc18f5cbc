# SPDX-License-Identifier: Apache-2.0
"""What is decided in place of a strategy at the last bar of its parameters, where the next ones begin anew."""

import math
from typing import Any

from engine.kernel.book import cancel_everything, enter_order, force_order
from engine.kernel.codes import Cause, EngineReason, OrderKind
from engine.kernel.option_book import close_contract
from engine.kernel.two_modes import two_modes
from engine.records import OPTION_SLOTS, Book


@two_modes
def close_book(bar: Any, f: Any, p: Any, s: Any, account: Any, book: Book) -> None:  # noqa: ARG001
    """Cancel what works and sell all that is held, at the run's fill price; the signature is that of an on_bar.

    After a margin call the broker sells: the account's own orders would be refused until that is done.
    """
    called = book.frozen == 1
    reason = EngineReason.MARGIN_CALL if called else EngineReason.NONE
    cancel_everything(book, Cause.MARGIN_CALL if called else Cause.SEAM)
    for role in range(len(book.asset)):
        held = book.asset[role].qty
        if held != 0.0 and called:
            force_order(book, role, -held, reason)
        elif held != 0.0:
            enter_order(book, role, OrderKind.MARKET, -held, math.nan, math.nan, math.nan, 0, reason)
    if book.contracts > 0:
        for slot in range(OPTION_SLOTS):
            close_contract(book, slot, -book.contract[slot].qty, reason)
