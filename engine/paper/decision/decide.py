# SPDX-License-Identifier: Apache-2.0
"""The strategy on the account that is there: one bar at a time, on the kernel's own book, interpreted.

What `on_bar` changes in the book is what the broker is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.engines.interpreted_run import AUTHORS_ERRORS
from engine.engines.notices.cut_orders import cut_words
from engine.engines.order_mistakes import Fault, stopped
from engine.errors import DataError, InputError, Problem
from engine.inputs.prepared import Prepared
from engine.kernel import rows
from engine.kernel.codes import RunCode
from engine.kernel.listed_rows import BOOK_METHODS, bars_for, features_for
from engine.kernel.sleeves import close_ruined
from engine.paper.account.splits import Lived, splits_since
from engine.paper.decision.account_book import Activity, Life, Mind
from engine.paper.decision.revised import let_stand, refuse_prices_of_before, revisions
from engine.paper.decision.wanted import Place, living, standing, wanted
from engine.paper.instructions import Decision, Mark
from engine.paper.memory import Memory, check_identity, fields_of, read_memory, set_fields, write_memory
from engine.strategy.compile_errors import explain_decision_error
from engine.strategy.reasons import reason_table

NOTHING: Mapping[str, float] = {}

MOST_FILLS = 200
"""Fills that the memory keeps for corrections; a later one shows as a difference of positions."""


class Decider:
    """A prepared configuration, ready to decide at any of its rows."""

    def __init__(self, prepared: Prepared, identity: str, tolerance: float = 0.0, former: str = "") -> None:
        """A memory of another `identity`, which names strategy and configuration, is refused.

        tolerance  how far the closes of the decision before may have been revised since, of the price
        former     the identity in the words of older journals, which is not refused either
        """
        self.prepared, self.identity, self.life = prepared, identity, Life(prepared)
        self.tolerance, self.former = tolerance, former
        self.revised: tuple[str, ...] = ()
        """What the last decision said of such closes."""
        self.sleeves, self.symbols = prepared.sleeves, self.life.symbols
        self.ts = prepared.market.bars["ts"]

    def decide(
        self, memory: str | None, activity: Activity, row: int = -1, accepted: Mapping[str, float] = NOTHING
    ) -> Decision:
        """What the close of `row` decides, the last one by default.

        memory    of the decision before; None where this is the first: the account begins with what it is told to hold
        accepted  closes of the decision before, by symbol, that a person has accepted though they were revised

        Raises InputError for a memory that is not this configuration's, DataError where the bars of the decision before
        are not what they were, and what a backtest raises for a mistake of the strategy.
        """
        row = row % len(self.ts)
        kept = None if memory is None else read_memory(memory)
        mind = self.life.begin(activity, row) if kept is None else self._recall(kept)
        self.revised = ()
        lived = Lived({}, {}, ()) if kept is None else splits_since(self.prepared, row, kept)
        first = row if kept is None else self._row_after(kept, row, accepted, lived)
        for at in range(first, row + 1):
            inside = lived.contained.get(at, ())
            last = at == row
            self.life.live_through(mind, at, activity, last=last, begun=kept is not None, contained=inside)
        before = standing(mind.book, mind.sent, activity, mind.split)
        if len(mind.book.sleeve) > 1:
            close_ruined(mind.book)
            self.life.clear(mind.book)
        self._on_bar(mind, row)
        self.life.clear(mind.book)
        place = self._place(row)
        send, cancel, given = wanted(mind.book, before, mind.sent, place)
        mind.sent = given
        memory, bar = self._remembered(mind, row), self.life.bar(row)
        closes = {symbol: bar.asset[role].close for role, symbol in enumerate(self.symbols)}
        marks = tuple(Mark(symbol, close, place.decided) for symbol, close in closes.items())
        return Decision(place.decided, place.session, send, cancel, memory, marks, mind.seen, self._cut(mind.book, row))

    def _cut(self, book: Any, row: int) -> tuple[str, ...]:
        """What this bar asked for that is less than a step, in words."""
        wanted = [role for role, at in enumerate(book.cut_at) if at == book.t]
        return tuple(cut_words(self.prepared, role, book.cut[role], row, book.equity) for role in wanted)

    def _recall(self, kept: Memory) -> Mind:
        check_identity(kept, self.identity, former=self.former)
        mind = self.life.blank()
        book = dict(kept.book)
        orders = book.pop("living")
        set_fields(mind.book, book)
        for slot, order in enumerate(orders):
            set_fields(mind.book.order[slot], order)
        mind.book.orders = len(orders)
        for name, state in mind.states.items():
            set_fields(state, kept.state[name], ())
        mind.count, mind.seen = mind.book.t + 1, kept.seen
        mind.sent, mind.fills = dict(kept.sent), dict(kept.fills)
        return mind

    def _row_after(self, kept: Memory, row: int, accepted: Mapping[str, float], lived: Lived) -> int:
        """The first row that has not been lived through. Bars that were not decided are lived through and no more."""
        at = int(np.searchsorted(self.ts, kept.decided))
        when = np.datetime64(kept.decided, "ns").astype("datetime64[m]")
        if at >= len(self.ts) or self.ts[at] != kept.decided:
            raise DataError(Problem("the bar of the decision before is not in the data any more", found=f"{when} UTC"))
        if at >= row:
            raise InputError(Problem("this bar has been decided already", found=f"{when} UTC"))
        bar = self.life.bar(at)
        now = {symbol: bar.asset[role].close for role, symbol in enumerate(self.symbols)}
        then = lived.rebased(kept.closes)
        refuse_prices_of_before(self.prepared, kept, lived.bases)
        self.revised = let_stand(revisions(kept.decided, then, now), self.tolerance, accepted)
        return at + 1

    def _on_bar(self, mind: Mind, row: int) -> None:
        """Ask every strategy, in the order of the sleeves. Raises what a backtest would."""
        book = mind.book
        for number, sleeve in enumerate(self.sleeves):
            own = book if self.prepared.lone else rows.sleeve_row(book, sleeve.part, len(self.sleeves), BOOK_METHODS)
            bar = bars_for(sleeve.part, sleeve.market.bars[row : row + 1], own)[0]
            features = features_for(sleeve.part, sleeve.features[row : row + 1], own)[0]
            params = rows.rows_of(sleeve.params_row())[0]
            book.deciding = number
            try:
                sleeve.strategy.on_bar(bar, features, params, mind.states[sleeve.part.name], own, own)
            except AUTHORS_ERRORS as error:
                session = str(self.prepared.market.sessions[row])
                raise explain_decision_error(error, sleeve.strategy.on_bar, session) from error
            if book.error != RunCode.OK:
                raise stopped(self.prepared, number, Fault(book.error, book.error_role, book.error_number), row)

    def _place(self, row: int) -> Place:
        market, owner = self.prepared.market, self.prepared.first_book()["owner"][0].tolist()
        words = {
            (number, code): one.words or one.name
            for number, sleeve in enumerate(self.sleeves)
            for code, one in reason_table(sleeve.strategy).items()
        }
        return Place(
            name=self.prepared.config.name,
            decided=int(self.ts[row]),
            session=str(market.sessions[row]),
            ends_session=bool(self.life.bar(row).last),
            symbols=self.symbols,
            words=words,
            owner=tuple(owner),
        )

    def _remembered(self, mind: Mind, row: int) -> str:
        bar, book = self.life.bar(row), mind.book
        memory = Memory(
            identity=self.identity,
            decided=int(self.ts[row]),
            closes={symbol: bar.asset[role].close for role, symbol in enumerate(self.symbols)},
            seen=mind.seen,
            book={**fields_of(book), "living": [fields_of(order) for order in living(book)]},
            state={name: fields_of(state, ()) for name, state in mind.states.items()},
            sent=mind.sent,
            fills=dict(list(mind.fills.items())[-MOST_FILLS:]),
        )
        return write_memory(memory)
