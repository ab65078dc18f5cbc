# SPDX-License-Identifier: Apache-2.0
"""The decision of a day in hand: positions, orders and levels as DataFrames in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.api.card import framed
from engine.api.given import as_day, is_number, ready
from engine.api.result import Result
from engine.api.told import told_in_python
from engine.errors import InputError, Problem
from engine.report.kit.words import counted, money, synthetic_warning
from engine.report.signals.document import document
from engine.runs.backtest import Config
from engine.runs.signals.account_decision import AccountDecision, holdings_of
from engine.runs.signals.run import Signals, sessions_since
from engine.runs.signals.run import signals as decide

if TYPE_CHECKING:
    import pandas as pd

WHAT = (("send", "send"), ("keep", "working"), ("cancel", "cancel"))
"""What is to be done with an order, by its part of the document."""

ORDER = ("do", "id", "symbol", "quantity", "type", "limit", "stop", "trail", "tif", "status", "reason", "why")
POSITION = ("role", "symbol", "close", "held", "target", "weight")
WATCHED = ("feature", "value", "parameter", "threshold")
CONDITION = ("does", "of", "above", "at", "now", "unit", "distance", "when")
LEVEL = ("kind", "role", "name", "symbol", "price", "distance")


class SignalsResult:
    """What each sleeve of an account decided at one close.

    decided  the same for programs
    age      sessions after the last one in the data, up to the day that was asked for, else to those closed by now

    Of sleeves every DataFrame has their names in its first column; that of a single run has none. Quantities are signed
    shares, weights and distances fractions, money in the account's currency; NaN where there is no value.
    """

    def __init__(self, decided: Signals, age: int = 0) -> None:
        self.decided = decided
        self.age = age

    @property
    def asof(self) -> dt.date:
        """The session at whose close this was decided."""
        return self.decided.asof

    @cached_property
    def result(self) -> Result:
        """The run of the account up to that close."""
        return Result(self.decided.result)

    @property
    def equity(self) -> float:
        """Equity at that close, in the account's currency."""
        return float(self.decided.result.points["equity"][-1])

    @property
    def account(self) -> AccountDecision | None:
        """What the decision comes to for an account of one's own; None where none was given."""
        return self.decided.account

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences a reader must see beside the decision, those that can change a figure first."""
        return tuple(text for _, text in self._notices)

    @cached_property
    def positions(self) -> pd.DataFrame:
        """One row a role or option contract: close, held now, target once the orders to send have filled, weight."""
        return self._table("positions", POSITION)

    @cached_property
    def orders(self) -> pd.DataFrame:
        """One row an order; `do` is send, keep (it still stands) or cancel (this decision ended it)."""
        rows = [
            {**sleeve, "do": do, **{key: one[key] for key in one if key != "prices"}, **one["prices"]}
            for sleeve, part in self._parts
            for do, where in WHAT
            for one in part[where]
        ]
        return self._frame(rows, ORDER)

    @cached_property
    def levels(self) -> pd.DataFrame:
        """One row a level that stands: price and distance from the close, as a fraction of it."""
        return self._table("levels", LEVEL)

    @cached_property
    def conditions(self) -> pd.DataFrame:
        """One row what it would do at a later close: at which price or ratio, and how far from now that is."""
        return self._table("conditions", CONDITION)

    @cached_property
    def watched(self) -> pd.DataFrame:
        """One row a feature that the strategy watches and a threshold of it, where it has one."""
        rows = [
            {**sleeve, "feature": one["feature"], "value": one["value"], "parameter": name, "threshold": threshold}
            for sleeve, part in self._parts
            for one in part["watched"]
            for name, threshold in (one["thresholds"] or {"": float("nan")}).items()
        ]
        return self._frame(rows, WATCHED)

    @cached_property
    def regimes(self) -> pd.DataFrame:
        """One row a strategy that declares regimes: the one that holds, since when, for how many sessions."""
        rows = [{**sleeve, **part["regime"]} for sleeve, part in self._parts if part["regime"]]
        return self._frame(rows, ("name", "since", "sessions"))

    @cached_property
    def net(self) -> pd.DataFrame:
        """One row a symbol: what the decisions come to at the broker, over all sleeves."""
        from engine.api.frames import records

        names = ("symbol", "close", "held", "buy", "sell", "target")
        return records([{name: getattr(one, name) for name in names} for one in self.decided.net])

    def document(self) -> dict[str, Any]:
        """Everything as plain data: what `tandem signals --json` prints."""
        return document(self.decided, self.age)

    def __repr__(self) -> str:
        """One line: whose decision, of which close, and how much there is to do."""
        sent = sum(len(part["send"]) for _, part in self._parts)
        made_up = "; synthetic prices" if self.decided.result.market.synthetic else ""
        name = self.decided.result.config.name
        return f"<SignalsResult {name}: close of {self.asof}, {counted(sent, 'order')} to send{made_up}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the warnings, positions and orders."""
        config, market = self.decided.result.config, self.decided.result.market
        loud = [text for level, text in self._notices if level == "loud"]
        about = f"close of {self.asof}, equity {money(self.equity)}; {market.label}"
        shown = [frame.to_html(index=False) for frame in (self.regimes, self.positions, self.orders) if len(frame)]
        return framed(config.name, about, loud, *shown)

    @cached_property
    def _document(self) -> dict[str, Any]:
        return self.document()

    @cached_property
    def _notices(self) -> list[tuple[str, str]]:
        market = self.decided.result.market
        first = [("loud", synthetic_warning(market.label))] if market.synthetic else []
        return [*first, *((one["level"], one["text"]) for one in self._document["notices"])]

    @property
    def _parts(self) -> list[tuple[dict[str, str], dict[str, Any]]]:
        """Each sleeve's part of the document; the only one of a single run has no name."""
        if self.decided.lone:
            return [({}, self._document)]
        return [({"sleeve": name}, part) for name, part in self._document["sleeves"].items()]

    def _table(self, key: str, columns: Sequence[str]) -> pd.DataFrame:
        return self._frame([{**sleeve, **one} for sleeve, part in self._parts for one in part[key]], columns)

    def _frame(self, rows: list[dict[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
        """Rows with these columns at least and in this order, then what else they have."""
        from engine.api.frames import records

        wanted = dict.fromkeys(
            [*([] if self.decided.lone else ["sleeve"]), *columns, *(key for row in rows for key in row)]
        )
        return records(rows).reindex(columns=list(wanted))


@told_in_python
def signals(
    config: Config | None = None,
    overrides: Sequence[str] = (),
    *,
    asof: dt.date | str | None = None,
    equity: float | None = None,
    positions: str | Path | Mapping[str, float] | None = None,
    flat: bool = False,
    **given: Any,
) -> SignalsResult:
    """The decision at the close of `asof`, or of the last session there is; nothing later is read, nothing written.

    config, overrides, given  as `engine.backtest` takes them
    asof                      a date, or text such as 2024-06-28
    equity                    what an account of one's own is worth: the result has its decision as `account`
    positions, flat           what it holds, signed shares by symbol or a file of them; or that it holds nothing

    Raises what `backtest` raises, DataError where `asof` lies before the first bar of the period, and InputError for
    an account that cannot be.
    """
    _check_kinds(equity, positions)
    holdings = holdings_of(equity, Path(positions) if isinstance(positions, str) else positions, flat)
    asked = as_day(asof)
    decided = decide(ready(config, overrides, **given), asked, holdings)
    return SignalsResult(decided, sessions_since(decided.result.market, asked))


def _check_kinds(equity: object, positions: object) -> None:
    """Raise InputError for what is no number, and no shares by symbol: a truth is neither."""
    if equity is not None and not is_number(equity):
        raise InputError(Problem("not a number", path="equity", found=repr(equity), allowed="an amount of money"))
    if positions is None or isinstance(positions, str | Path):
        return
    allowed = 'a file, or signed shares by symbol such as {"SPY": 100}'
    if not isinstance(positions, Mapping):
        raise InputError(Problem("no positions", path="positions", found=type(positions).__name__, allowed=allowed))
    wrong = [
        Problem("not a number of shares", path=f"positions[{symbol!r}]", found=repr(shares), allowed=allowed)
        for symbol, shares in positions.items()
        if not is_number(shares)
    ]
    if wrong:
        raise InputError(wrong)
