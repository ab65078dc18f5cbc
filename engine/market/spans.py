# SPDX-License-Identifier: Apache-2.0
"""Roles that begin later than others or end earlier: the stamps of a panel that has them, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import DataError, Problem
from engine.market.calendar import among, date_of
from engine.market.panel import Market
from engine.model.spans import Span
from engine.notice import Notice, note

Stamps = npt.NDArray[np.int64]


def panel_stamps(given: Mapping[str, Stamps], spans: Mapping[str, Span]) -> Stamps:
    """(T,) stamps of a panel in which roles may begin late and end early, from those of each role.

    It reaches from the last first bar to the first last bar of the roles that are to be there; where all of them may
    begin late from the first bar of any, and likewise to the last. In it stand the bars that every role has whose life
    they fall into: a role's day that is missing in its life is dropped for all.
    """
    firsts = {role: int(ts[0]) for role, ts in given.items()}
    lasts = {role: int(ts[-1]) for role, ts in given.items()}
    begins = max((firsts[role] for role in given if spans[role].since == "common"), default=min(firsts.values()))
    closes = min((lasts[role] for role in given if spans[role].until == "common"), default=max(lasts.values()))
    every: Stamps = reduce(np.union1d, given.values())
    every = every[(every >= begins) & (every <= closes)]
    for role, ts in given.items():
        lives = (every >= firsts[role]) & (every <= lasts[role])
        every = every[~lives | among(every, ts)]
    return every


def refuse_outside(given: Mapping[str, Stamps], stamps: Stamps, symbols: Mapping[str, str]) -> None:
    """Raise DataError for roles without a bar in the panel."""
    problems = []
    for role, ts in given.items():
        if not among(stamps, ts).any():
            found = f"bars from {_day(ts[0])} to {_day(ts[-1])}"
            span = f"the run's bars, {_day(stamps[0])} to {_day(stamps[-1])}" if len(stamps) else "bars in common"
            problems.append(
                Problem(f"{symbols[role]} has no bar among those of the run", path="spans", found=found, allowed=span)
            )
    if problems:
        raise DataError(dict.fromkeys(problems))


def fill_absent(column: npt.NDArray[Any], first: int, stop: int) -> None:
    """Blank one role's rows outside first..stop-1: no price and no volume, nothing paid, nothing split."""
    factor = column["factor"][stop - 1]
    for rows in (slice(0, first), slice(stop, None)):
        for name in ("open", "high", "low", "close", "volume"):
            column[name][rows] = np.nan
        column["dividend"][rows], column["split"][rows] = 0.0, 1.0
    column["factor"][:first], column["factor"][stop:] = 1.0, factor


def span_notices(market: Market, first: int, stop: int) -> list[Notice]:
    """What is said of the roles that begin after the first of the bars first..stop-1 or end before the last."""
    said, window = [], market.slice(first, stop)
    for role in window.partial_roles:
        symbol, there = window.symbols[role], np.flatnonzero(~np.isnan(window.bars[role]["close"]))
        if not len(there):
            said.append(note(f"{symbol}: no price on any bar of the run: orders for it are refused"))
            continue
        begun, ended = int(there[0]), int(there[-1])
        if begun > 0:
            since = window.sessions[begun]
            said.append(note(f"{symbol}: its bars begin {since}: no price on the {begun:,} bars of the run before"))
        if ended < len(window) - 1:
            more = f"the {len(window) - 1 - ended:,} bars after have no price of it"
            said.append(note(f"{symbol}: its bars end {window.sessions[ended]}: {more}"))
    return list(dict.fromkeys(said))


def _day(stamp: int) -> str:
    return str(date_of(int(stamp) // 86_400_000_000_000))
