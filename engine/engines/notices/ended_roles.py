# SPDX-License-Identifier: Apache-2.0
"""What a run says of positions that it closed because their role had no more bars, and of those it could not close."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.run_record import RunRecord
from engine.inputs.prepared import Prepared
from engine.inputs.spans import undeclared_ends
from engine.kernel.codes import EngineReason, EntryKind
from engine.kernel.flows import FILL_KINDS, TRADE_KINDS
from engine.notice import Notice, loud, note

FAR = 1.5
"""Times the last close: what is paid above that is more likely counted in other shares than a take-over's price."""


def ended_positions(prepared: Prepared, ledger: NDArray[Any]) -> tuple[Notice, ...]:
    """A notice for each: loud where its price is a guess, or what is declared for it looks wrong or is not booked."""
    declared = prepared.config.spans and not np.isnan(prepared.pays).all()
    if not prepared.market.partial_roles and not declared:
        return ()
    return (*_guessed(prepared, ledger), *_declared(prepared, ledger), *_outlasting(prepared, ledger))


def ends_of_others(best: RunRecord) -> list[Notice]:
    """Of a sweep: roles that end in the run while its best holds none of them, so that its own notices do not tell."""
    closed = set(best.ledger["role"][best.ledger["reason"] == EngineReason.ROLE_ENDED].tolist())
    symbols, roles = best.market.symbols, best.market.roles
    ended = [symbols[one] for one in undeclared_ends(best.market, best.config) if roles.index(one) not in closed]
    return [
        loud(
            f"{symbol}: its bars end within the run, when the best holds none. Combinations that did were closed at "
            f"its last close, which is a guess: spans.{symbol}.pays or delisting_return says what a share was paid."
        )
        for symbol in dict.fromkeys(ended)
    ]


def _guessed(prepared: Prepared, ledger: NDArray[Any]) -> Iterator[Notice]:
    """Positions closed at the last close: nothing in the bars says better."""
    market, symbols = prepared.market, list(prepared.market.symbols.values())
    closed = (ledger["reason"] == EngineReason.ROLE_ENDED) & np.isin(ledger["kind"], FILL_KINDS)
    for fill in ledger[closed]:
        symbol = symbols[fill["role"]]
        yield loud(
            f"{symbol}: its bars end {market.sessions[fill['t'] - 1]}, and {-fill['qty']:,.9g} shares "
            f"held then were closed at that close, {fill['price']:,.6g}. What a holder got is not in the bars: after a "
            f"delisting often far less, in a take-over the offer. spans.{symbol}.pays says it in cash a share, "
            "delisting_return as a return on that close. Where it still trades, bring its later bars."
        )


def _declared(prepared: Prepared, ledger: NDArray[Any]) -> Iterator[Notice]:
    market, symbols = prepared.market, list(prepared.market.symbols.values())
    for entry in ledger[ledger["kind"] == EntryKind.DELISTING]:
        symbol, paid = symbols[entry["role"]], float(entry["price"])
        last = float(market.bars[market.roles[entry["role"]]]["close"][entry["t"] - 1])
        words = (
            f"{symbol}: its bars end {market.sessions[entry['t'] - 1]} at {last:,.6g}, and {-entry['qty']:,.9g} shares "
            f"held then were paid {paid:,.6g} each the night after, as spans declares"
        )
        if paid > FAR * last:
            words += f": {paid / last - 1.0:,.0%} above that close. Are these the shares that the bars count?"
        yield loud(words) if paid > FAR * last else note(words)


def _outlasting(prepared: Prepared, ledger: NDArray[Any]) -> Iterator[Notice]:
    """What is declared for a role whose last bar is the run's own last: no bar follows at which it is booked."""
    market, last = prepared.market, len(prepared.market) - 1
    moves = ledger[np.isin(ledger["kind"], TRADE_KINDS)]
    for number, (role, symbol) in enumerate(market.symbols.items()):
        paid, close = float(prepared.pays[number]), float(market.bars[role]["close"][last])
        held = float(moves["qty"][moves["role"] == number].sum())
        if not np.isnan(paid) and not np.isnan(close) and abs(held) > 1e-9:
            lost = held * (close - paid)
            yield loud(
                f"{symbol}: {held:,.9g} shares are held at its last bar, {market.sessions[last]}, which is the "
                f"run's too: the {paid:,.6g} a share that spans declares are not booked, as no bar follows. With "
                f"them the last equity is {abs(lost):,.2f} {'lower' if lost > 0.0 else 'higher'}."
            )
