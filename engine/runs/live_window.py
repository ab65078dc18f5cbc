# SPDX-License-Identifier: Apache-2.0
"""Whether a decision is the same when only the last bars are known, as they are in a live session."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.inputs.features import feature_table
from engine.inputs.prepared import Prepared
from engine.market.panel import Market
from engine.strategy.base import Strategy
from engine.strategy.params import declared_params

SHORTEST = 750
"""Bars that a live session knows at least: three years of days."""

PART = 2 / 3
"""Of the bars there are that a window chosen here takes at most: the rest has decisions to try it on."""

SAME_SIZE = 0.01
"""Sizes that differ by less than this fraction are the same decision: slow averages forget slowly."""


@dataclass(frozen=True)
class WindowCheck:
    """What was decided on `rows` bars with the last `window` bars alone; `session` is the first that differs.

    wanted  the window that was to be tried, longer than `window` where the bars do not reach
    """

    window: int
    wanted: int
    rows: int
    session: str = ""
    with_all: tuple[str, ...] = ()
    with_window: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether nothing differed; so too where no bar could be tried."""
        return not self.session

    def document(self) -> dict[str, Any]:
        """For JSON."""
        differs = {
            "session": self.session,
            "with_all_bars": list(self.with_all),
            "with_the_window": list(self.with_window),
        }
        return {
            "passed": self.passed if self.rows else None,
            "window": self.window,
            "wanted": self.wanted,
            "bars_tried": self.rows,
            "first_difference": None if self.passed else differs,
        }


def default_window(strategy: type[Strategy], params: dict[str, int | float], bars: int) -> tuple[int, int]:
    """(window, wanted): wanted is three times the longest look-back of the parameters, never less than SHORTEST.

    The look-backs are the parameters that declare one. Where `bars`, all that there are, do not reach, the
    window is PART of them; yet longer than the longest look-back, so that it may be that no bar can be tried.
    """
    specs = declared_params(strategy.Params)
    lengths = (int(params[name]) * spec.lookback for name, spec in specs.items())
    longest = max(lengths, default=0)
    wanted = max(SHORTEST, 3 * longest)
    return min(wanted, max(int(PART * bars), longest + 1)), wanted


def check_window(
    prepared: Prepared, market: Market, start: int, full: RunRecord, asked: int | None, seed: int
) -> WindowCheck:
    """Decide again on some bars with features of the last bars alone, and compare the orders sent.

    market  the whole one, of which `prepared` holds the rows from `start`;  full  the run of `prepared`
    asked   how many bars are known; None leaves it to `default_window`
    The bars are those of decisions, as far as they have the window behind them, and some without.
    """
    (sleeve,) = prepared.sleeves
    default, wanted = default_window(sleeve.strategy, sleeve.params, len(market))
    window, wanted = (default, wanted) if asked is None else (asked, asked)
    rows = _rows(full, len(prepared.market), window - 1 - start, seed)
    features = sleeve.features.copy()
    for row in rows:
        last = start + row + 1
        seen = market.slice(last - window, last)
        features[row] = feature_table(sleeve.strategy, seen, sleeve.params)[-1]
    again = native.run(replace(prepared, sleeves=(replace(sleeve, features=features),)), "interpreted")
    for row in rows:
        before, after = _sent(full, row), _sent(again, row)
        if not _same(before, after):
            told = ((full, before), (again, after))
            words = (tuple(_words(result, order) for order in orders) for result, orders in told)
            return WindowCheck(window, wanted, len(rows), str(prepared.market.sessions[row]), *words)
    return WindowCheck(window, wanted, len(rows))


def _rows(full: RunRecord, bars: int, first: int, seed: int) -> list[int]:
    """Up to 24 bars of decisions, evenly spread, and 8 drawn ones, from row `first` on."""
    first = max(0, first)
    born = np.unique(full.orders["born"])
    born = born[born >= first]
    chosen = set(born[np.unique(np.linspace(0, len(born) - 1, 24).astype(int))].tolist()) if len(born) else set()
    if first < bars:
        chosen |= set(np.random.default_rng(seed).integers(first, bars, 8).tolist()) | {bars - 1}
    return sorted(chosen)


def _sent(result: RunRecord, row: int) -> NDArray[np.void]:
    sent: NDArray[np.void] = result.orders[(result.orders["born"] == row) & (result.orders["reason"] >= 0)]
    return sent


def _same(one: NDArray[np.void], two: NDArray[np.void]) -> bool:
    return len(one) == len(two) and all(
        (a["role"], a["kind"], a["reason"]) == (b["role"], b["kind"], b["reason"])
        and abs(a["asked"] - b["asked"]) <= max(1.0, SAME_SIZE * abs(a["asked"]))
        and _same_contract(a, b)
        for a, b in zip(one, two, strict=True)
    )


def _same_contract(a: np.void, b: np.void) -> bool:
    """Whether two orders are about one strike, expiry and right; true of orders for shares."""
    return all(a[name] == b[name] for name in ("strike", "expiry", "right"))


def _words(result: RunRecord, order: np.void) -> str:
    symbol = result.symbol(int(order["role"]), int(order["id"]))
    return f"{order['asked']:+,g} {symbol} ({result.reasons.get(int(order['reason']), ('?', ''))[0]})"
