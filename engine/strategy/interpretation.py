# SPDX-License-Identifier: Apache-2.0
"""How a strategy's result is to be read: what its class declares beside its rules, and what a run makes of that.

Nothing here reaches a simulation: on_bar sees none of it, and orders, fills and equity are the same without.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

UNKNOWN_REGIME = "unknown"
"""What the bars are told under that are in no regime of the strategy: those before its features are known."""


@dataclass(frozen=True, slots=True)
class Regimes:
    """The regimes a strategy tells apart, and which part of the account is the hedge.

    names   an IntEnum; a regime is told by its member's name
    path    a feature, or a static method `(features, params) -> (T,) codes` of the class: the regime after each bar.
            What is no code of `names`, NaN included, is no regime
    hedged  the role that the hedge is for; left out, the account is told by regime as a whole
    hedge   the role or option slot that is the hedge, or several; left out, the hedge is netted in `hedged`
    base    the parameter that is the weight of `hedged` before any hedge; needed where the hedge is netted
    """

    names: type[IntEnum]
    path: str = "regime"
    hedged: str = ""
    hedge: str | tuple[str, ...] = ""
    base: str = ""

    @property
    def hedges(self) -> tuple[str, ...]:
        """All roles and slots that are the hedge; empty where it is netted."""
        named = (self.hedge,) if isinstance(self.hedge, str) else self.hedge
        return tuple(one for one in named if one)


@dataclass(frozen=True, slots=True)
class Replica:
    """The features of a replicated fund: what it returned month by month, and what its replica did out of sample.

    published             1 on the bar on which a month's return is known, else 0
    fund, replica, bill   the returns of the month published last, simple fractions, bills inside all three
    factors               roles that the fund is regressed on, each with the feature of its weight: a run says loudly
                          where they move together
    """

    published: str = "published"
    fund: str = "fund_month"
    replica: str = "replica_month"
    bill: str = "bill_month"
    factors: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def features(self) -> dict[str, str]:
        """The features by what they are, without the weights."""
        return {name: getattr(self, name) for name in ("published", "fund", "replica", "bill")}


@dataclass(frozen=True, slots=True)
class Level:
    """A feature that is a price of `role`, on the scale of `market.<role>.close`; NaN, 0 and less are no level.

    said  features told beside it, such as its strength
    """

    role: str
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DatedLevel:
    """A level of `role` that is known at the last bar of a market, what `known_levels` gives back.

    price is on the scale of `market.<role>.close`, first_row and last_row are rows of that market: the first and the
    last touch. touches 0 and strength NaN are not said; note is a word or two, such as "was a ceiling".
    """

    role: str
    name: str
    price: float
    first_row: int
    last_row: int
    touches: int = 0
    strength: float = math.nan
    note: str = ""


@dataclass(frozen=True, slots=True)
class KnownLevel:
    """A level by its dates, not by rows of the run; price is as traded at the close that it was known at."""

    role: str
    name: str
    price: float
    first: dt.date
    last: dt.date
    touches: int
    strength: float
    note: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """One price that stood from the close of bar `first_row` to `last_row`, both rows of the run.

    price is continuous over splits, as `market.<role>.close` is. name is the feature, or the reason of the working
    order whose price it is; order is that order's id, 0 for a feature. said are the features told beside it, as they
    stood at last_row.
    """

    role: str
    name: str
    price: float
    first_row: int
    last_row: int
    order: int = 0
    said: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class RegimePath:
    """codes (T,) int64: the regime after each bar, none where it is not in `names`. base is a weight, or 0."""

    names: dict[int, str]
    codes: NDArray[np.int64] = field(repr=False)
    hedged: str = ""
    hedge: tuple[str, ...] = ()
    base: float = 0.0

    def spans(self) -> list[tuple[int, int, int]]:
        """(code, first row, last row) of each stretch in one regime, in order; stretches without a regime too."""
        edges = np.flatnonzero(np.diff(self.codes)) + 1
        starts = np.append(0, edges).tolist() if len(self.codes) else []
        ends = [*edges.tolist(), len(self.codes)]
        return [(int(self.codes[start]), start, end - 1) for start, end in zip(starts, ends, strict=False)]


@dataclass(frozen=True)
class Interpretation:
    """What the declarations of a strategy came to in one run; all empty where it declares nothing.

    agents   first words of reasons
    replica  which features are a replicated fund's
    levels   prices that stood for a while, in order of time
    known    dated levels at the last close
    """

    agents: tuple[str, ...] = ()
    regimes: RegimePath | None = None
    levels: tuple[Stretch, ...] = field(default=(), repr=False)
    known: tuple[KnownLevel, ...] = field(default=(), repr=False)
    replica: Replica | None = None
