# SPDX-License-Identifier: Apache-2.0
"""Random bars, random orders, random settings: what the properties of the kernel are tried on.

Prices stand on a grid of quarter dollars and quantities are whole, so that sums are exact and ties do happen: an open
at the stop, a high at the limit, a bar that does not move.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.inputs.prepared import Prepared
from engine.market.panel import Market
from tests.kernel import instructed
from tests.kernel.replay import Instruction, draw_market, instruct, prepare, settings
from tests.properties.digits import Digits, digits

GRID = 0.25
FIRST = (date(2024, 1, 24) - date(1970, 1, 1)).days  # a Wednesday, days before the month turns
MOST_ROWS = 12

ORDERS = (
    *(verb for verb in range(instructed.MARKET, instructed.MOVE) if verb != instructed.TRAIL_ATR),
    *[instructed.MARKET] * 2,
)
"""Every verb that sends, market orders more often; a distance by the average range is one in price (TRAIL)."""

CHANGES = (instructed.MOVE, instructed.CANCEL)
ALL = (*ORDERS, *CHANGES)

DEAR: dict[str, Any] = {
    "costs.commission": [
        {"per_share": 0.005, "minimum": 1.0, "maximum": 0.01, "clearing": 0.0002, "pass_through": 0.1}
    ],
    "costs.regulatory": [{"sec": 0.0000278, "taf": 0.000166, "taf_cap": 8.30}],
    "costs.slippage": {"half_spread": 0.0005, "impact": 1.0},
    "costs.borrow": {"default": [{"rate": 0.05}]},
    "costs.interest": [{"debit": [{"upto": 10_000.0, "rate": 0.02}, {"rate": 0.01}], "credit_exempt": 1_000.0}],
    "costs.benchmark": 0.04,
    "costs.withholding": 0.15,
}
"""Every cost there is."""


@dataclass(frozen=True, repr=False)
class Scenario:
    market: Market
    instructions: tuple[Instruction, ...]
    given: dict[str, Any]

    @property
    def prepared(self) -> Prepared:
        return prepare(instruct(self.market, list(self.instructions)), settings(self.given))

    def run(self, mode: str = "compiled") -> RunRecord:
        return native.run(self.prepared, mode)

    def __repr__(self) -> str:
        """What a person needs to draw the case by hand."""
        names = ("open", "high", "low", "close", "volume", "dividend", "split")
        lines = [f"\n{path}: {value}" for path, value in self.given.items()]
        for t, bar in enumerate(self.market.bars):
            sides = "   ".join(" ".join(f"{bar[role][name]:g}" for name in names) for role in ("a", "b"))
            lines.append(f"\nrow {t}, {self.market.sessions[t]}: {sides}")
        return "".join([*lines, *(f"\n{one}" for one in self.instructions)])


PRICE_BYTES = 5
"""Of a row: opened, closed, high, low, volume."""


def role_prices(chosen: Digits, rows: int) -> np.ndarray:
    """(rows, 5): open, high, low, close, volume; a jumpy walk that never falls below four dollars."""
    close = chosen.between(40, 400)
    table = []
    for _ in range(rows):
        opened = max(16, close + chosen.about(16))
        close = max(16, opened + chosen.about(24))
        high = max(opened, close) + chosen.between(0, 8)
        low = max(15, min(opened, close) - chosen.between(0, 8))
        volume = chosen.one([100_000.0, 5_000.0, 1_000.0, 400.0, np.nan, 0.0])
        table.append((opened * GRID, high * GRID, low * GRID, close * GRID, volume))
    return np.array(table)


@st.composite
def markets(draw: st.DrawFn, *, splits: bool = True, dividends: bool = True, intraday: bool = True) -> Market:
    rows = draw(st.integers(4, MOST_ROWS))
    chosen = draw(digits(rows - 1 + 2 * (2 * rows + 2 + PRICE_BYTES * rows)))
    steps = [0, 1, 1, 1, 3] if intraday else [1, 1, 3]
    days = np.cumsum([0, *(chosen.one(steps) for _ in range(rows - 1))]) + FIRST
    new_day = np.append(True, np.diff(days) > 0)
    paid, ratios = {}, {}
    for role in ("a", "b"):
        amounts = [chosen.one([0.0, 0.0, 0.0, 0.5] if dividends else [0.0]) for _ in range(rows)]
        paid[role] = np.where(new_day, amounts, 0.0)
        wanted = [chosen.one([1.0] * 8 + [2.0, 0.5] if splits else [1.0]) for _ in range(rows)]
        ratios[role] = np.where(new_day, wanted, 1.0)
    prices = {role: role_prices(chosen, rows) for role in ("a", "b")}
    return draw_market(prices, days, paid, ratios)


KIN = [0] * 6 + [instructed.LATEST, instructed.LATEST, instructed.EARLIER]


@st.composite
def instructions(draw: st.DrawFn, market: Market, verbs: tuple[int, ...] = ALL) -> Instruction:
    chosen = draw(digits(17))
    t = chosen.between(0, len(market) - 2)
    role = chosen.between(0, 1)
    verb = chosen.one(verbs)
    qty = chosen.between(1, 300) * chosen.one([-1.0, 1.0, 0.1, -0.1])
    close = float(market.bars["ab"[role]][t]["close"])
    first, second = (max(GRID, close + GRID * chosen.about(16)) for _ in range(2))
    own = chosen.below(256)
    if verb == instructed.TRAIL:
        first = GRID * (1 + own % 15)  # less than any price
    elif verb == instructed.TRAIL_PERCENT:
        first = [0.01, 0.03, 0.1][own % 3]
    elif verb == instructed.TARGET:
        first = [-1.0, -0.5, -0.1, 0.0, 0.3, 0.7, 1.5][own % 7]
    parent = chosen.one(KIN)
    any_kin = chosen.one([KIN, [0, 1, 2, 3, 4]])
    stranger = chosen.one(any_kin)
    return Instruction(
        t,
        verb,
        role,
        qty,
        first,
        second,
        sibling=chosen.one([stranger, stranger, parent]),
        reason=chosen.between(0, 3),
        day=chosen.one([0, 0, 0, 1]),
        order=chosen.between(1, 8),
        reduce=chosen.one([0, 0, 0, 0, 1]),
        parent=parent,
    )


@st.composite
def families(draw: st.DrawFn, market: Market) -> list[Instruction]:
    """Orders of one close: one that surely fills, its child that is its sibling as well, and others that wait."""
    first = draw(instructions(market, (instructed.MARKET,)))
    child = draw(instructions(market, (instructed.LIMIT, instructed.STOP)))
    others = draw(
        st.lists(instructions(market, (instructed.MARKET_ON_CLOSE, instructed.LIMIT)), min_size=1, max_size=3)
    )
    free = {"t": first.t, "parent": 0, "sibling": 0}
    both = {"t": first.t, "role": first.role, "parent": instructed.LATEST, "sibling": instructed.LATEST}
    return [
        replace(first, **free, reduce=0),
        replace(child, **both, day=draw(st.integers(0, 1))),
        *(replace(one, **free, day=1) for one in others),
    ]


@st.composite
def given_settings(draw: st.DrawFn, *, margins: tuple[str, ...] = ("reg_t", "cash", "none")) -> dict[str, Any]:
    chosen = draw(digits(9))
    return {
        "account.cash": chosen.one([2_000.0, 20_000.0, 1_000_000.0]),
        "account.margin.kind": chosen.one(margins),
        "account.margin.liquidation": chosen.one(["proportional", "flat"]),
        "fills.at": chosen.one(["next_open", "next_close", "this_close"]),
        "fills.intrabar": chosen.one(["pessimistic", "optimistic"]),
        "fills.limit": chosen.one(["touch", "through"]),
        "fills.participation": chosen.one([None, 0.1, 0.1]),
        **chosen.one([{}, {"fills.whole_shares": False}, {"fills.whole_shares": False, "fills.step": 0.1}]),
        **chosen.one([{}, DEAR]),
    }


@st.composite
def scenarios(
    draw: st.DrawFn,
    *,
    splits: bool = True,
    dividends: bool = True,
    intraday: bool = True,
    verbs: tuple[int, ...] = ALL,
    margins: tuple[str, ...] = ("reg_t", "cash", "none"),
    **fixed: Any,
) -> Scenario:
    """`fixed` are settings by name, two underscores for a dot: `fills__at="next_open"`."""
    market = draw(markets(splits=splits, dividends=dividends, intraday=intraday))
    wanted = draw(families(market)) if verbs == ALL and draw(st.sampled_from([True, False, False])) else []
    wanted += draw(st.lists(instructions(market, verbs), min_size=0 if wanted else 4, max_size=20))
    kept, used = [], dict.fromkeys(range(len(market)), 0)
    for one in sorted(wanted, key=lambda each: each.t):
        if used[one.t] < instructed.SLOTS:
            used[one.t] += 1
            kept.append(one)
    given = draw(given_settings(margins=margins))
    return Scenario(market, tuple(kept), {**given, **{name.replace("__", "."): value for name, value in fixed.items()}})
