# SPDX-License-Identifier: Apache-2.0
"""Where the bars of a decision come from, and whether the broker has seen the same ones."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from engine.config.loader import LoadedConfig
from engine.inputs.prepared import Prepared, prepare
from engine.inputs.spans import refuse_spans
from engine.market.hours import still_trading
from engine.paper.account.splits import split_words
from engine.paper.broker.port import DailyBar
from engine.runs.backtest import load_bars, placed


@dataclass(frozen=True)
class Latest:
    """A prepared configuration and its newest row whose bar has closed."""

    prepared: Prepared
    row: int

    @property
    def stamp(self) -> int:
        """The row's stamp, ns UTC."""
        return int(self.prepared.market.bars["ts"][self.row])


class Bars(Protocol):
    """Gives the newest bars that have closed."""

    def latest(self, now: int) -> Latest | None:
        """At a moment, ns UTC; None before the first bar of the run. Raises what reading a market raises."""
        ...


class SourceBars:
    """What the configuration's `data` reads, anew each time: a file may have grown."""

    def __init__(self, ready: LoadedConfig) -> None:
        self.ready = ready

    def latest(self, now: int) -> Latest | None:
        """See Bars. A bar that is still forming is left out."""
        with placed(self.ready):
            refuse_spans(self.ready.config, "paper trading")
            market, start, stop = load_bars(self.ready, fewest=1)
            stop = min(stop, int(np.searchsorted(market.ts, now, side="right")))
            if stop <= start:
                return None
            known = still_trading(market.head(stop), now)
            prepared = prepare(self.ready.config, self.ready.strategies, known, start, stop)
        return Latest(prepared, stop - start - 1)


class ReplayedBars:
    """Bars that are all known, told one by one: what a sandbox replays. Features see no later bar at any of them."""

    def __init__(self, prepared: Prepared) -> None:
        self.prepared = prepared

    def latest(self, now: int) -> Latest | None:
        """See Bars."""
        row = int(np.searchsorted(self.prepared.market.ts, now, side="right")) - 1
        return Latest(self.prepared, row) if row >= 0 else None


def differences(
    latest: Latest, history: Callable[[str], Iterable[DailyBar]], sessions: int, tolerance: float
) -> tuple[str, ...]:
    """What the last sessions of the data and the broker's own history disagree on, in words; nothing where they agree.

    history  the broker's daily bars of a symbol, continuous over the splits up to now, as the closes of the data are
    made here; a session that only one side has counts, those after the data's last do not, nor does one in progress
    """
    market, found = latest.prepared.market, []
    bars = market.bars[: latest.row + 1]
    ends = np.flatnonzero(np.append(np.diff(bars["session"]) != 0, bars["last"][-1] == 1))[-sessions:]
    if not len(ends):
        return ()
    dates = bars["session"][ends].astype("datetime64[D]").astype(str).tolist()
    for symbol, role in {symbol: role for role, symbol in market.symbols.items()}.items():
        scale = bars[role]["factor"][ends] / bars[role]["factor"][-1]
        ours = dict(zip(dates, (bars[role]["close"][ends] * scale).tolist(), strict=True))
        theirs = {one.session: one.close for one in history(symbol) if dates[0] <= one.session <= dates[-1]}
        found += [f"{symbol} {day}: the broker has no bar" for day in ours if day not in theirs]
        found += [f"{symbol} {day}: the data has no bar, the broker has one" for day in theirs if day not in ours]
        for day in (day for day in ours if day in theirs):
            ratio = ours[day] / theirs[day] if theirs[day] > 0.0 else math.nan
            if not abs(ratio - 1.0) <= tolerance:
                split = split_words(ratio)
                split = f"{split}, which one of them does not have" if split else ""
                found.append(f"{symbol} {day}: the data has {ours[day]:g}, the broker {theirs[day]:g}{split}")
    return tuple(found)
