# SPDX-License-Identifier: Apache-2.0
"""Two sleeves that do random things with the same two symbols: sleeve one's a is sleeve two's b, and the other way."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.inputs.prepared import Prepared, prepare
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.records import bar_dtype
from tests.kernel import instructed
from tests.kernel.instructed import COLUMNS
from tests.kernel.instructed_pair import SECOND, First, Second
from tests.kernel.replay import Instruction, instruct, settings
from tests.properties.scenarios import CHANGES, ORDERS, given_settings, instructions, markets

SYMBOLS = {"one.a": "A", "one.b": "B", "two.a": "B", "two.b": "A"}
ROLES = tuple(SYMBOLS)
SLEEVES = ("one", "two")
STRATEGIES = {"one": First, "two": Second}


def paired(market: Market) -> Market:
    """The bars of `market`, roles a and b, for both sleeves."""
    bars = np.zeros(len(market), bar_dtype(ROLES, COLUMNS))
    for name in ("ts", "session", "days", "last", *COLUMNS):
        bars[name] = market.bars[name]
    for role, symbol in SYMBOLS.items():
        bars[role] = market.bars[symbol.lower()]
    return replace(market, bars=bars, symbols=dict(SYMBOLS))


def pair_settings(given: dict[str, Any], weights: tuple[float, float] = (0.5, 0.5)) -> RunConfig:
    """The settings of a replay, with two sleeves in place of its strategy."""
    data = settings(given).model_dump(by_alias=True, exclude={"strategy", "roles", "params"}, exclude_unset=True)
    sleeves = {
        name: {"weight": weight, "strategy": "tests.kernel.instructed_pair", "roles": {"a": "A", "b": "B"}}
        for name, weight in zip(SLEEVES, weights, strict=True)
    }
    return RunConfig.model_validate({**data, "sleeves": sleeves})


@dataclass(frozen=True, repr=False)
class Pair:
    market: Market
    instructions: tuple[Instruction, ...]
    given: dict[str, Any]
    weights: tuple[float, float]

    @property
    def prepared(self) -> Prepared:
        market = paired(instruct(self.market, list(self.instructions)))
        return prepare(pair_settings(self.given, self.weights), STRATEGIES, market)

    def run(self, mode: str = "compiled") -> RunRecord:
        return native.run(self.prepared, mode)

    def __repr__(self) -> str:
        """What a person needs to draw the case by hand."""
        names = ("open", "high", "low", "close", "volume", "dividend", "split")
        lines = [f"\n{path}: {value}" for path, value in self.given.items()]
        for t, bar in enumerate(self.market.bars):
            sides = "   ".join(" ".join(f"{bar[role][name]:g}" for name in names) for role in ("a", "b"))
            lines.append(f"\nrow {t}, {self.market.sessions[t]}: {sides}")
        return "".join([*lines, f"\nweights {self.weights}", *(f"\n{one}" for one in self.instructions)])


@st.composite
def pairs(draw: st.DrawFn, **fixed: Any) -> Pair:
    """`fixed` are settings by name, two underscores for a dot."""
    market = draw(markets())
    wanted = draw(st.lists(instructions(market, (*ORDERS, *CHANGES)), min_size=6, max_size=24))
    kept, used = [], dict.fromkeys(range(len(market)), 0)
    for one in sorted(wanted, key=lambda each: each.t):
        if used[one.t] < instructed.SLOTS:
            used[one.t] += 1
            kept.append(replace(one, role=SECOND + 1 - one.role) if draw(st.booleans()) else one)
    given = draw(given_settings())
    given["rebalance"] = draw(st.sampled_from(["never", "monthly", "yearly"]))
    weights = draw(st.sampled_from([(0.5, 0.5), (0.75, 0.25), (0.1, 0.9)]))
    fixed = {name.replace("__", "."): value for name, value in fixed.items()}
    return Pair(market, tuple(kept), {**given, **fixed}, weights)
