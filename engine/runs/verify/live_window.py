# SPDX-License-Identifier: Apache-2.0
"""Whether a decision is the same when only the last bars are known, as they are in a live session.

Where it is not, the same bar is decided once more with all bars up to it: what still differs comes from later bars and
is look-ahead; what does not comes from older bars, as of a model that learns from all of its past.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem
from engine.inputs.features import feature_table
from engine.inputs.prepared import Prepared, PreparedSleeve
from engine.market.panel import Market
from engine.strategy.base import Strategy
from engine.strategy.params import declared_params

Window = int | Literal["all"]
"""How many bars are known: the last so many, or all up to the decision."""

Cause = Literal["later bars", "older bars"]

SHORTEST = 750
"""Bars that a live session knows at least: three years of days."""

PART = 2 / 3
"""Of the bars there are that a window chosen here takes at most: the rest has decisions to try it on."""

SAME_SIZE = 0.01
"""Sizes that differ by less than this fraction are the same decision: slow averages forget slowly."""


@dataclass(frozen=True)
class WindowCheck:
    """What was decided on `rows` bars with the last `window` bars alone; `session` is the first that differs.

    wanted   the window that was to be tried, longer than `window` where the bars do not reach
    cause    which bars make the difference, where there is one
    changed  feature -> (its value with all bars, with the window) on that session
    """

    window: Window
    wanted: Window
    rows: int
    session: str = ""
    with_all: tuple[str, ...] = ()
    with_window: tuple[str, ...] = ()
    cause: Cause | None = None
    changed: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether nothing differed; so too where no bar could be tried."""
        return not self.session

    @property
    def shortened(self) -> bool:
        """Whether the bars did not reach as far as was wanted."""
        return self.wanted != self.window

    def document(self) -> dict[str, Any]:
        """For JSON."""
        differs = {
            "session": self.session,
            "cause": self.cause,
            "features": {
                name: {"with_all_bars": both[0], "with_the_window": both[1]} for name, both in self.changed.items()
            },
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


def as_window(asked: object, path: str) -> Window | None:
    """What somebody asks for at `path`: a number of bars or its text, `all`, or None. Raises InputError otherwise."""
    if asked is None:
        return None
    if asked == "all":
        return "all"
    bars = int(asked) if isinstance(asked, str) and asked.isdecimal() else asked
    if isinstance(bars, bool) or not isinstance(bars, int | np.integer) or bars < 2:
        raise InputError(Problem("not a number of bars", path=path, found=str(asked), allowed="2 or more, or all"))
    return int(bars)


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
    prepared: Prepared, market: Market, start: int, full: RunRecord, asked: Window | None, seed: int
) -> WindowCheck:
    """Decide again on some bars with features of the last bars alone, and compare the orders sent.

    market  the whole one, of which `prepared` holds the rows from `start`;  full  the run of `prepared`
    asked   how many bars are known; None leaves it to `default_window`
    The bars are those of decisions, as far as they have the window behind them, and some without.
    """
    (sleeve,) = prepared.sleeves
    default, wanted = default_window(sleeve.strategy, sleeve.params, len(market))
    window, longest = (default, wanted) if asked is None else (asked, asked)
    rows = _rows(full, len(prepared.market), 0 if window == "all" else window - 1 - start, seed)
    features = sleeve.features.copy()
    for row in rows:
        last = start + row + 1
        first = 0 if window == "all" else last - window
        features[row] = feature_table(sleeve.strategy, market.slice(first, last), sleeve.params)[-1]
    again = _decided(prepared, sleeve, features)
    for row in rows:
        before, after = _sent(full, row), _sent(again, row)
        if not _same(before, after):
            changed = _changed(sleeve.features[row], features[row])
            cause: Cause = "later bars"
            if window != "all":
                features[row] = feature_table(sleeve.strategy, market.head(start + row + 1), sleeve.params)[-1]
                known = _decided(prepared, sleeve, features)
                cause = "older bars" if _same(before, _sent(known, row)) else "later bars"
            orders = _words(full, before), _words(again, after)
            session = str(prepared.market.sessions[row])
            return WindowCheck(window, longest, len(rows), session, *orders, cause, changed)
    return WindowCheck(window, longest, len(rows))


def _decided(prepared: Prepared, sleeve: PreparedSleeve, features: NDArray[Any]) -> RunRecord:
    return native.run(replace(prepared, sleeves=(replace(sleeve, features=features),)), "interpreted")


def _changed(full: np.void, window: np.void) -> dict[str, tuple[float, float]]:
    """The features of one bar that are another number with fewer bars, by how much of themselves they differ."""
    both = {name: (float(full[name]), float(window[name])) for name in full.dtype.names or ()}
    odd = {name: two for name, two in both.items() if not np.isclose(*two, rtol=1e-9, atol=0.0, equal_nan=True)}
    return dict(sorted(odd.items(), key=lambda one: -_apart(*one[1])))


def _apart(one: float, two: float) -> float:
    """Difference as a part of the larger, 1 where one of them is no number."""
    apart = abs(one - two) / max(abs(one), abs(two))
    return 1.0 if math.isnan(apart) else apart


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


def _words(result: RunRecord, orders: NDArray[np.void]) -> tuple[str, ...]:
    return tuple(
        f"{order['asked']:+,g} {result.symbol(int(order['role']), int(order['id']))} "
        f"({result.reasons.get(int(order['reason']), ('?', ''))[0]})"
        for order in orders
    )
