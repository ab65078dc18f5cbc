# SPDX-License-Identifier: Apache-2.0
"""What a capacity test found. Fractions and money inside; the report words them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from engine.engines.run_record import RunRecord
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.notice import Notice

LEVELS = (0.01, 0.05, 0.10)
"""Parts of a day's volume whose passing is told."""

STATISTICS = ("median", "p95", "maximum")

CASH = "cash"
"""What the first edge is over: `costs.benchmark`, compounded."""

Why = Literal["", "no_edge", "below", "beyond", "fixed_size", "no_shares", "unmeasured"]
"""Why there is no size.

no_edge     nothing is earned over it, even without impact
below       the edge is that small at every size tried below the configuration's own too
beyond      not even the largest size tried, or the largest that ran, takes it
fixed_size  the orders do not grow with the capital
no_shares   no order for shares filled: options alone, or nothing at all
unmeasured  orders for shares filled, all before a volume of their symbol was known
"""


@dataclass(frozen=True)
class Participation:
    """Shares asked of one symbol by each order that filled, as parts of the mean day's volume before it.

    maximum_on  session of the largest, ISO
    """

    orders: int
    median: float
    p95: float
    maximum: float
    maximum_on: str

    def __getitem__(self, statistic: str) -> float:
        return float(getattr(self, statistic))


@dataclass(frozen=True)
class Size:
    """One run of the configuration with another opening deposit.

    annual         compound return a year; -1 where the account was ruined, NaN where the run stopped
    edges          annual less what each comparison made a year, by its name
    mean_equity    over the bars, money: what traded, where the deposit grew or shrank
    slippage       half the spread and impact that fills paid, a part of mean equity a year
    gross          mean gross exposure over equity
    refused        orders that were rejected or cut by a rule of the account
    carried        orders that took more than one session to fill, under the cap on volume
    forced         fills that margin calls forced
    unmeasured     orders for shares that filled before a volume of their symbol was known
    participation  by symbol, of those with other orders for shares
    stopped        why the run stopped before its end; empty where it did not
    """

    capital: float
    annual: float = math.nan
    edges: Mapping[str, float] = field(default_factory=dict)
    mean_equity: float = math.nan
    slippage: float = math.nan
    gross: float = math.nan
    refused: int = 0
    carried: int = 0
    forced: int = 0
    unmeasured: int = 0
    participation: Mapping[str, Participation] = field(default_factory=dict, repr=False)
    stopped: str = ""

    def busiest(self, statistic: str) -> tuple[str, float]:
        """(symbol, fraction of a day) of the symbol whose statistic is the largest; ("", 0) without an order."""
        pairs = ((symbol, one[statistic]) for symbol, one in self.participation.items())
        return max(pairs, key=lambda pair: pair[1], default=("", 0.0))


@dataclass(frozen=True)
class Crossing:
    """The largest size, found by bisection, at which something still holds; `at` is None where `why` says so.

    The size tried next, at most TOLERANCE larger, no longer has it.
    """

    at: Size | None
    why: Why = ""


@dataclass(frozen=True)
class Edge:
    """What is earned a year over cash, or over the benchmark.

    over   CASH or the benchmark's symbol
    free   edge of the configuration's own capital without impact and without a cap on volume
    own    edge of the configuration as it is
    t      mean over standard error of the sessions' returns over it, at the configuration's own capital; NaN where
           they do not vary
    half   where half of `free` is left; gone: where nothing is
    again  sizes tried above `half` at which more than half is left again
    """

    over: str
    free: float
    own: float
    t: float
    half: Crossing
    gone: Crossing
    again: tuple[float, ...] = ()


@dataclass(frozen=True)
class Sensitivity:
    """The sizes of the edge over cash under `factor` times the configured impact."""

    factor: float
    half: Crossing
    gone: Crossing


@dataclass(frozen=True)
class Capacity:
    """The whole test. edges begins with the one over cash.

    result      the configuration's own run, and `own` in a few figures
    sizes       every size that was run at the configured impact, ascending
    passing     by (statistic, level): the smallest size tried at which the busiest symbol passes the level
    at_limits   part of the traded value that filled at limits, which pay no impact, at the own size
    """

    result: RunRecord = field(repr=False)
    own: Size
    edges: tuple[Edge, ...]
    sizes: tuple[Size, ...]
    passing: Mapping[tuple[str, float], Crossing]
    sensitivity: tuple[Sensitivity, ...]
    at_limits: float
    notices: tuple[Notice, ...]

    @property
    def config(self) -> RunConfig:
        return self.result.config

    @property
    def market(self) -> Market:
        return self.result.market
