# SPDX-License-Identifier: Apache-2.0
"""Strategy: what an author writes. A decision is a pure function of one row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from typing import Any, ClassVar, Self

from engine.arrays import FloatArray
from engine.market.panel import Market
from engine.strategy.conditions import Condition
from engine.strategy.interpretation import DatedLevel, Level, Regimes, Replica
from engine.strategy.seen import Account, Bar, Orders

CALL = 1
PUT = -1
"""The right of an option, for `orders.option`."""


class ReasonKind(StrEnum):
    """What an order of a reason does to the book: by it reports draw trades, count cuts and tell unwinds."""

    OTHER = "other"
    ENTRY = "entry"
    EXIT = "exit"
    REBALANCE = "rebalance"
    ROLL = "roll"
    STOP = "stop"
    CUT = "cut"
    FORCED = "forced"


class ReasonCode(IntEnum):
    """Base of a strategy's reasons: `ENTER = 1, "the ratio left its band", ReasonKind.ENTRY`. Codes are 1 and up.

    The member goes on the order, its lower-case name into the result files, the words into reports. Without a kind
    it is OTHER: drawn by whether it bought or sold, and counted neither as a stop nor as a cut.
    """

    words: str
    kind: ReasonKind

    def __new__(cls, code: int, words: str = "", kind: ReasonKind = ReasonKind.OTHER) -> Self:
        member = int.__new__(cls, code)
        member._value_ = code
        member.words = words
        member.kind = kind
        return member


class Strategy:
    """Base of every strategy. Subclass it, name the roles, declare Params and State, write features and on_bar.

    roles            tradable inputs, bound to symbols in YAML; `orders` takes their position in this tuple
    series           untradable inputs the strategy cannot do without
    optional_series  untradable inputs that are all NaN where the run has none: a tuple of names, or better a mapping
                     from each name to what the strategy does without it, in words that end no sentence
    rates            those of the series that are interest rates: their unit must be said, and no rate may be absurd
    options          option slots: name -> role of the underlying; `orders.option` takes their position in this mapping
    inverse_funds    role of an inverse fund -> the role that it moves against, and the parameter that is its factor,
                     which is taken from the table of leveraged funds, and a fund that moves the other way is refused
    Reason           why orders are sent; on_bar reads it from the module, so it is declared there and named here
    watch            feature -> parameters that are its thresholds: what `tandem signals` shows side by side
    benchmark        the role that a run is compared with, where it is not the first: a hedge of small caps with these
    gross_cap        the parameter that holds the most gross exposure, in times equity: the leverage of `tandem stress`

    These say how the result is to be read, in reports and signals, and change no result:

    agents           first words of reasons (`bear` of `bear_stop`): each one's exposure and profit are told apart
    regimes          the regimes it tells apart, and what is the hedge: what that cost and paid in each
    replica          the features of a replicated fund: how much of its return the replica does not earn
    levels           feature -> the role whose price it is; with it, the prices of its working orders are told too
    alarms           feature -> what a person should look at where the feature is 1 at a close; signals and note tell it
    remembers        field of State -> words with its value at `{}`: what signals tell of it, all else is left out.
                     A pair of words and a role tells a price of that role as traded
    """

    roles: ClassVar[tuple[str, ...]] = ()
    series: ClassVar[tuple[str, ...]] = ()
    optional_series: ClassVar[tuple[str, ...] | Mapping[str, str]] = ()
    rates: ClassVar[tuple[str, ...]] = ()
    options: ClassVar[Mapping[str, str]] = {}
    inverse_funds: ClassVar[Mapping[str, tuple[str, str]]] = {}
    Reason: ClassVar[type[ReasonCode]] = ReasonCode
    watch: ClassVar[Mapping[str, tuple[str, ...]]] = {}
    benchmark: ClassVar[str] = ""
    gross_cap: ClassVar[str] = ""
    agents: ClassVar[tuple[str, ...]] = ()
    regimes: ClassVar[Regimes | None] = None
    replica: ClassVar[Replica | None] = None
    levels: ClassVar[Mapping[str, Level]] = {}
    alarms: ClassVar[Mapping[str, str]] = {}
    remembers: ClassVar[Mapping[str, str | tuple[str, str]]] = {}

    class Params:
        """Fields made with `param(...)`."""

    class State:
        """What on_bar remembers between bars: float, int or bool fields, with their first value."""

    def features(self, market: Market, p: Any) -> Mapping[str, FloatArray]:
        """Vectorised inputs of on_bar, each (T,) float64 in its own unit, NaN while there is not enough history.

        Must be causal: row t may depend on rows 0..t alone, which `tandem verify` checks.
        """
        return {}

    def known_levels(self, market: Market, p: Any) -> Iterable[DatedLevel]:
        """Dated levels of which the strategy knows at the last bar of `market`; read by reports and signals alone."""
        return ()

    def conditions(self, market: Market, f: Any, p: Any, s: Any) -> Iterable[Condition]:
        """What it would do at which later close: entries while out, exits while in; read by signals alone.

        market ends at the close of the decision, f are the features of that bar, s the state after the decision.
        """
        return ()

    @staticmethod
    def on_bar(bar: Bar, f: Any, p: Any, s: Any, account: Account, orders: Orders) -> None:
        """The decision at the close of one bar: reads bar, f, p, account; writes s; speaks through orders."""
        raise NotImplementedError
