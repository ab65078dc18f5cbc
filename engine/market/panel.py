# SPDX-License-Identifier: Apache-2.0
"""Market: the aligned panel of roles and series that a run sees, one record a bar."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray, fixed
from engine.errors import StrategyError, nearest_name
from engine.market.doubts import Doubt
from engine.market.spacing import SESSIONS_A_YEAR, Spacing, distinct_sessions, spacing
from engine.notice import Notice
from engine.records import Dates, dtype_of, kernel_bar_dtype

SESSION_MINUTES = 390.0

COLUMNS = ("open", "high", "low", "close", "volume", "dividend")
"""What features() sees of a role."""


_DATES = dtype_of(Dates).names or ()


@dataclass(frozen=True)
class RoleColumns:
    """One role's columns, each (T,) float64, split-continuous and causal.

    Prices and dividends are multiplied by the product of the splits so far, volume is divided by it; without
    splits that is the identity. NaN in volume where the source has none, and in prices and volume of bars before
    the role has begun and after it has ended: its dividends are 0 there.
    """

    bars: NDArray[Any] = field(repr=False)
    has_splits: bool = True

    def _column(self, name: str) -> FloatArray:
        column = self.bars[name]
        if self.has_splits:
            factor = self.bars["factor"]
            column = column / factor if name == "volume" else column * factor
        return np.ascontiguousarray(column)

    def read(self, name: str, rows: slice, out: FloatArray) -> None:
        """Write rows of the column `name`, as features() sees it, into `out`: dollars a share, and volume in shares."""
        column = self.bars[name][rows]
        if self.has_splits:
            scale = np.divide if name == "volume" else np.multiply
            scale(column, self.bars["factor"][rows], out=out)
        else:
            out[:] = column

    @property
    def open(self) -> FloatArray:
        """Prices at the open."""
        return self._column("open")

    @property
    def high(self) -> FloatArray:
        """Highest prices."""
        return self._column("high")

    @property
    def low(self) -> FloatArray:
        """Lowest prices."""
        return self._column("low")

    @property
    def close(self) -> FloatArray:
        """Prices at the close."""
        return self._column("close")

    @property
    def volume(self) -> FloatArray:
        """Shares traded, NaN where the source has none."""
        return self._column("volume")

    @property
    def dividend(self) -> FloatArray:
        """Dividends in dollars a share, on the bar they are paid for; 0 on others."""
        return self._column("dividend")

    def __getattr__(self, name: str) -> Any:
        """Only for a name that is none of the columns."""
        if name.startswith("_"):
            raise AttributeError(name)
        hint = nearest_name(name, COLUMNS)
        raise AttributeError(
            f"a role has no column {name!r}; it has {', '.join(COLUMNS)}"
            + (f"; did you mean {hint!r}?" if hint else "")
        )


@dataclass(frozen=True)
class Market:
    """T aligned bars of roles and series.

    bars      (T,) records of `engine.records.bar_dtype(roles, series)`, read-only, possibly memory-mapped
    symbols   role -> symbol;  series: series -> symbol, without the ones in `missing`
    missing   optional series that the run has no data for; their column is all NaN
    label     what the report prints about the data ("csv ../shared/data/daily", "synthetic sample market, seed 7")
    frequency "1d", or an intraday bar length such as "5min"
    prices    "raw", "split_adjusted" or "total_return"
    absent    sessions between the first and the last bar of the whole that have none, days since 1970-01-01
    sessions_per_year  sessions with a bar in a year, of the whole: 252 for daily bars, 52 for weekly ones
    session_minutes  session -> minutes: from that session on, one lasts so long from open to close
    session_opens  session -> minutes: from that session on, one opens so long after midnight UTC of its date
    odd_days  weekdays on which the calendar expected no session, and other days on which it did, from 45 days before
              the first bar to 45 after the last; None where that is not known, as in what a run folder kept
    contained symbol -> [session, ratio] of the splits on record that its prices contain already
    unpaid    symbols whose source says nothing of dividends: no column of them, and no adjusted close
    notices   what a reader must see: what was repaired, filled in or left out of the sources' data
    doubts    what may be wrong in the bars and series, with its sessions; a run's notices say those that it can see
    """

    bars: NDArray[Any] = field(repr=False)
    symbols: dict[str, str]
    series: dict[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    label: str = ""
    fingerprint: str = ""
    frequency: str = "1d"
    calendar: str = "XNYS"
    notices: tuple[Notice, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    prices: str = "split_adjusted"
    contained: dict[str, Any] = field(default_factory=dict)
    unpaid: tuple[str, ...] = ()
    synthetic: bool = False
    absent: tuple[int, ...] = ()
    sessions_per_year: float = float(SESSIONS_A_YEAR)
    session_minutes: dict[str, int] = field(default_factory=dict)
    session_opens: dict[str, int] = field(default_factory=dict)
    odd_days: tuple[int, ...] | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.bars)

    def __getattr__(self, name: str) -> Any:
        """`market.small` is RoleColumns, `market.vix` (T,) float64: NaN before the first value and where stale.

        `market.month_last` and the others of `engine.records.Dates` are (T,) int64, what the calendar says of each bar.
        """
        if name.startswith("_"):
            raise AttributeError(name)
        if name in self.symbols:
            return self._role(name)
        if name in self.series or name in self.missing:
            return np.ascontiguousarray(self.bars[name])
        if name in _DATES:
            from engine.market.bar_dates import date_column

            return date_column(self, name)
        known = [*self.symbols, *self.series]
        hint = nearest_name(name, [*known, *_DATES])
        raise StrategyError(
            f"market has no role or series {name!r}; it has {', '.join(known)}"
            + (f"; did you mean {hint!r}?" if hint else "")
        )

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(self.symbols)

    def at(self, role: str | int) -> RoleColumns:
        """A role's columns by its name, or by its number as on_bar counts roles: those of a list have no other way."""
        name = self.roles[role] if isinstance(role, int) else role
        if name not in self.symbols:
            raise StrategyError(f"market has no role {name!r}; it has {', '.join(self.symbols)}")
        return self._role(name)

    def _role(self, name: str) -> RoleColumns:
        return RoleColumns(self.bars[name], name in self.split_roles)

    @cached_property
    def split_roles(self) -> frozenset[str]:
        """Roles that have a split anywhere; the others need no scaling."""
        return frozenset(role for role in self.symbols if (self.bars[role]["factor"] != 1.0).any())

    @cached_property
    def partial_roles(self) -> tuple[str, ...]:
        """Roles without a price on some of these bars: NaN before a role's first bar, and after its last."""
        bars = self.bars[[0, -1]] if len(self) else self.bars
        return tuple(role for role in self.symbols if np.isnan(bars[role]["close"]).any())

    @property
    def ts(self) -> NDArray[np.int64]:
        """(T,) int64 ns UTC, the close of each bar."""
        return np.ascontiguousarray(self.bars["ts"])

    @property
    def sessions(self) -> NDArray[np.datetime64]:
        """(T,) datetime64[D], the exchange's date of each bar."""
        return self.bars["session"].astype("datetime64[D]")

    @property
    def bars_per_year(self) -> float:
        """252 for daily bars, 52 for weekly ones, 252 * 78 for 5-minute bars: sessions of 390 minutes."""
        length = self.bar_minutes
        return self.sessions_per_year * SESSION_MINUTES / length if length else self.sessions_per_year

    @property
    def bar_minutes(self) -> float:
        """Length of an intraday bar in minutes; 0 for daily ones."""
        for unit, length in {"min": 1.0, "h": 60.0}.items():
            if self.frequency.endswith(unit):
                return float(self.frequency.removesuffix(unit) or 1) * length
        return 0.0

    @cached_property
    def spacing(self) -> Spacing:
        """How far apart the sessions of these bars are, be they all or a slice."""
        return spacing(distinct_sessions(self.bars["session"]), np.asarray(self.absent, np.int64))

    @property
    def kernel_bars(self) -> NDArray[Any]:
        """The same bytes with roles by index."""
        return self.bars.view(kernel_bar_dtype(self.bars.dtype, len(self.symbols)))

    def slice(self, start: int, stop: int) -> Market:
        """Rows start..stop-1, sharing memory. The fingerprint stays that of the whole."""
        return self if start == 0 and stop == len(self) else replace(self, bars=self.bars[start:stop])

    def head(self, rows: int) -> Market:
        """The first `rows` bars: what was known at that time."""
        return self.slice(0, rows)


@dataclass(frozen=True)
class FixedRoleColumns(RoleColumns):
    """The same columns, each made once, into which nobody can write."""

    _made: dict[str, FloatArray] = field(default_factory=dict, repr=False)

    def _column(self, name: str) -> FloatArray:
        if name not in self._made:
            self._made[name] = fixed(super()._column(name))
        return self._made[name]

    def read(self, name: str, rows: slice, out: FloatArray) -> None:
        """The same rows, prices in dollars a share and volume in shares, of what is made already."""
        out[:] = self._column(name)[rows]


@dataclass(frozen=True)
class FixedMarket(Market):
    """The same market for a features() that is asked many times: each column is made once, and nobody can write to it.

    A part of it (`slice`, `head`) makes its own.
    """

    _made: dict[str, Any] = field(init=False, repr=False, compare=False, default_factory=dict)

    @classmethod
    def of(cls, market: Market) -> FixedMarket:
        """The market with the same bars."""
        return cls(**_fields_of(market))

    @property
    def writable(self) -> Market:
        """The market whose columns are made each time that they are asked for."""
        return Market(**_fields_of(self))

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("_made", ()):
            return self._made[name]
        found = super().__getattr__(name)
        if isinstance(found, np.ndarray):
            found = self._made[name] = fixed(found)
        return found

    def _role(self, name: str) -> RoleColumns:
        place = f"role {name}"
        if place not in self._made:
            self._made[place] = FixedRoleColumns(self.bars[name], name in self.split_roles)
        own: RoleColumns = self._made[place]
        return own


def _fields_of(market: Market) -> dict[str, Any]:
    return {one.name: getattr(market, one.name) for one in fields(Market)}
