# SPDX-License-Identifier: Apache-2.0
"""A capacity test in hand: the answer, and what every size earned, as DataFrames."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.api.card import framed
from engine.api.given import ready
from engine.api.paged import Paged
from engine.report.capacity.document import document
from engine.report.capacity.words import answer
from engine.report.kit.words import synthetic_warning
from engine.runs.backtest import Config
from engine.runs.capacity import capacity as test
from engine.runs.capacity.findings import Capacity

if TYPE_CHECKING:
    import pandas as pd


class CapacityResult(Paged):
    """The size at which costs eat the edge.

    found  the same for programs

    Sizes are opening deposits in the account's currency, returns fractions a year, participation parts of a day's
    volume.
    """

    def __init__(self, found: Capacity) -> None:
        self.found = found

    @property
    def answer(self) -> tuple[str, ...]:
        """The answer in sentences, over cash first, then over the benchmark."""
        return tuple(answer(self.found))

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences a reader must see beside the figures, those that can change one first."""
        return (*self._synthetic, *(one.text for one in self.found.notices))

    @cached_property
    def edges(self) -> pd.DataFrame:
        """One row a comparison, by its name: edge without impact and as configured, t, and the sizes that take it.

        `half` and `gone` are NaN where there is no such size, and `why_half`, `why_gone` say why; `priced` is whether
        the largest order at `half` lies within what the law is taken at its word for.
        """
        from engine.api.frames import records

        rows = []
        for one in document(self.found)["edges"]:
            half, gone = one["half"], one["gone"]
            rows.append(
                {name: one[name] for name in ("over", "without_impact", "own", "t")}
                | {"half": _known(half["capital"]), "gone": _known(gone["capital"]), "priced": bool(half["priced"])}
                | {"largest_order": _known(half["largest_order"]), "why_half": half["why"], "why_gone": gone["why"]}
            )
        return records(rows).set_index("over")

    @cached_property
    def sizes(self) -> pd.DataFrame:
        """One row a size that was run, by its opening deposit; `over_NAME` is the edge over cash or the benchmark.

        `median`, `p95` and `maximum` are parts of a day's volume, NaN where no order has one.
        """
        from engine.api.frames import records

        rows = []
        for told, one in zip(document(self.found)["sizes"], self.found.sizes, strict=True):
            plain = {name: value for name, value in told.items() if name not in ("over", "participation")}
            over = {f"over_{name}": one.edges.get(name, math.nan) for name in self.found.own.edges}
            busy = {name: one.busiest(name) for name in ("median", "p95", "maximum")}
            parts = {name: part if symbol else math.nan for name, (symbol, part) in busy.items()}
            rows.append(plain | over | parts)
        return records(rows).set_index("capital")

    def document(self) -> dict[str, Any]:
        """Everything as plain data: what `tandem capacity --json` prints."""
        return document(self.found)

    def _page(self) -> str:
        from engine.report.capacity.page import render

        return render(self.found)

    def __repr__(self) -> str:
        """One line: the answer over cash."""
        made_up = "; synthetic prices" if self._synthetic else ""
        return f"<CapacityResult {self.found.config.name}: {self.answer[0]}{made_up}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the warnings, the answer, the edges."""
        loud = [*self._synthetic, *(one.text for one in self.found.notices if one.level == "loud")]
        about = f"{' '.join(self.answer)} {self.found.market.label}"
        return framed(self.found.config.name, about, loud, self.edges.to_html())

    @property
    def _synthetic(self) -> list[str]:
        market = self.found.market
        return [synthetic_warning(market.label)] if market.synthetic else []


def capacity(config: Config | None = None, overrides: Sequence[str] = (), **given: Any) -> CapacityResult:
    """Run a strategy at other sizes until market impact has eaten its edge; nothing is written.

    config, overrides, given  as `engine.backtest` takes them

    The runs are native and compiled. Raises what `backtest` raises, ConfigError for a bt.Strategy and without market
    impact, DataError where no bar has a volume.
    """
    return CapacityResult(test(ready(config, overrides, **given)))


def _known(value: float | None) -> float:
    return math.nan if value is None else value
