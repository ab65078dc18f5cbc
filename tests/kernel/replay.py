# SPDX-License-Identifier: Apache-2.0
"""Hand-drawn bars and instructions in, the run's RunRecord out, interpreted or compiled."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from engine.inputs import prepared
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.records import bar_dtype
from tests.kernel import instructed
from tests.kernel.instructed import COLUMNS, Instructed

DAY = 86_400_000_000_000
CLOSE_OF_DAY = 21 * 3_600_000_000_000
MINUTE = 60_000_000_000
ROLES = ("a", "b")

FREE = {
    "commission": [{"per_share": 0.0}],
    "regulatory": [{"sec": 0.0}],
    "borrow": {"default": [{"rate": 0.0}]},
    "interest": [{"debit": [{"rate": 0.0}], "credit_spread": 0.0, "credit_exempt": 0.0}],
    "benchmark": 0.0,
    "slippage": {"half_spread": 0.0, "impact": 0.0},
}
"""No costs at all."""

PLAIN = {
    "name": "replay",
    "strategy": "tests.kernel.instructed:Instructed",
    "roles": {"a": "A", "b": "B"},
    "costs": FREE,
    "account": {"cash": 100_000.0, "margin": {"kind": "reg_t", "table": [{}]}},
    "fills": {"participation": None},
}
"""The settings of a replay where nothing else is said: no costs, Reg-T margin, whole shares, no cap on volume."""


@dataclass(frozen=True)
class Instruction:
    """One order, move or cancellation, given after the close of row `t`; see `instructed.FIELDS`."""

    t: int
    verb: int
    role: int = 0
    qty: float = 0.0
    first: float = 0.0
    second: float = 0.0
    reason: int = 0
    day: int = 0
    order: int = 0
    reduce: int = 0
    parent: int = 0
    sibling: int = 0


def draw_market(prices: dict[str, np.ndarray], sessions: np.ndarray, dividends=None, splits=None) -> Market:
    """prices: role -> (T, 5) open, high, low, close, volume; sessions: (T,) days since 1970-01-01."""
    rows = len(sessions)
    bars = np.zeros(rows, bar_dtype(ROLES, COLUMNS))
    bars["session"] = sessions
    bars["last"] = np.append(np.diff(sessions) != 0, True)
    bars["days"] = np.diff(sessions, prepend=sessions[:1])
    bars["ts"] = np.asarray(sessions).astype("i8") * DAY + CLOSE_OF_DAY + np.arange(rows) * MINUTE
    for role in ROLES:
        for column, name in enumerate(("open", "high", "low", "close", "volume")):
            bars[role][name] = prices[role][:, column]
        bars[role]["dividend"] = (dividends or {}).get(role, 0.0)
        bars[role]["split"] = (splits or {}).get(role, 1.0)
        bars[role]["factor"] = np.cumprod(bars[role]["split"])
    return Market(bars=bars, symbols={"a": "A", "b": "B"}, series={name: name for name in COLUMNS})


def instruct(market: Market, instructions: list[Instruction]) -> Market:
    """The same market with the instructions in its columns. Raises ValueError when a bar gets more than SLOTS."""
    bars = market.bars.copy()
    for name in COLUMNS:
        bars[name] = 0.0
    used = np.zeros(len(bars), int)
    for given in instructions:
        slot = used[given.t]
        if slot == instructed.SLOTS:
            raise ValueError(f"more than {instructed.SLOTS} instructions after bar {given.t + 1}")
        for name in instructed.FIELDS:
            bars[f"c{slot}_{name}"][given.t] = getattr(given, name)
        used[given.t] += 1
    return replace(market, bars=bars)


def settings(given: dict[str, Any] | None = None) -> RunConfig:
    """PLAIN with `given` (path with dots -> value) on top."""
    data: dict[str, Any] = {key: dict(value) if isinstance(value, dict) else value for key, value in PLAIN.items()}
    data["account"] = {**PLAIN["account"], "margin": dict(PLAIN["account"]["margin"])}
    data["costs"] = {**FREE, "slippage": dict(FREE["slippage"])}
    for path, value in (given or {}).items():
        *above, last = path.split(".")
        place = data
        for name in above:
            place = place.setdefault(name, {})
        place[last] = value
    return RunConfig.model_validate(data, by_alias=True)


def prepare(market: Market, config: RunConfig, *, recording: bool = True) -> prepared.Prepared:
    return prepared.prepare(config, Instructed, market, recording=recording)
