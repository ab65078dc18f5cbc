# SPDX-License-Identifier: Apache-2.0
"""A judged run in hand: how sure its figures are, what stands behind it, what chance makes, as DataFrames."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.analytics.analysis import Analysis, analyse
from engine.api.card import framed
from engine.api.given import refuse_no_numbers
from engine.api.paged import Paged
from engine.api.result import Result
from engine.api.runs import named
from engine.api.told import told_in_python
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem
from engine.progress import unwatched
from engine.report.folder.read_run import read_run
from engine.report.folder.rebuilt import Judged, judge_run, made_again
from engine.report.folder.run_index import find_run
from engine.report.run.chance_section import chance_figures, chance_notices, kinds
from engine.report.run.notices import notices
from engine.report.run.order_words import order_notices
from engine.report.run.significance_section import answer, significance_document
from engine.report.run.trials_words import trials_document, trials_notice
from engine.runs.chance.again import Again, unchanged
from engine.runs.chance.findings import Asked

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure


class SignificanceResult(Paged):
    """What the figures of a run are worth.

    found  the same for programs: significance, trials, chance

    Ratios are a year, p and probabilities 0 to 1, drawdowns fractions.
    """

    def __init__(self, record: RunRecord, analysis: Analysis, found: Judged) -> None:
        self.record, self.analysis, self.found = record, analysis, found

    @property
    def answer(self) -> str:
        """How sure the Sharpe ratio is, and how long a record would make it so."""
        return answer(self.found.significance)

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences a reader must see beside the figures: first what is loud of the run that all of it is about."""
        chance = self.found.chance
        loud = (one for one in notices(self.record, self.analysis) if one.level == "loud")
        order = order_notices(chance.order) if chance.order else ()
        judged = (*self.found.significance.notices, trials_notice(self.found.trials), *chance_notices(chance), *order)
        return tuple(one.text for one in (*loud, *judged))

    @cached_property
    def intervals(self) -> pd.DataFrame:
        """One row a metric, by its name: value, low, high, in the metric's unit; NaN where undefined."""
        from engine.api.frames import records

        own = self.found.significance.intervals.of
        rows = [{"metric": one.name, "value": one.value, "low": one.low, "high": one.high} for one in own]
        return records(rows).set_index("metric")

    @cached_property
    def chance(self) -> pd.DataFrame:
        """One row a question that was asked, by its title: own, median, high (95 % of the others), as_high, runs, p."""
        from engine.api.frames import records

        rows = [
            {"against": title, "own": one.own, "median": one.median, "high": one.high, "as_high": one.as_high,
             "runs": len(one.drawn), "p": one.p}
            for title, one in kinds(self.found.chance).items()
        ]  # fmt: skip
        columns = ["against", "own", "median", "high", "as_high", "runs", "p"]
        return records(rows or {name: [] for name in columns}).set_index("against")

    def plot(self) -> Figure:
        """How the ratios of each question lie, the run a dotted line. Raises InputError where none was asked."""
        from plotly.graph_objects import Figure

        drawn = chance_figures(self.found.chance)
        if not drawn:
            allowed = "null_markets=200 or random_entries=200"
            raise InputError(Problem("nothing was asked of chance", path="significance", allowed=allowed))
        return Figure(drawn["chance"])

    def document(self) -> dict[str, Any]:
        """What `tandem report --significance --json` has under `significance`."""
        worth = significance_document(self.found.significance, self.found.chance)
        return {**worth, "trials": trials_document(self.found.trials)}

    def _page(self) -> str:
        from engine.report.run.page import render

        return render(self.record, self.analysis, self.found.section, chance_figures(self.found.chance))

    def __repr__(self) -> str:
        return f"<SignificanceResult {self.record.config.name}: {self.answer}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: the answer, the notices, the intervals."""
        return framed(self.record.config.name, self.answer, list(self.notices), self.intervals.to_html())


@told_in_python
def significance(
    run: str | Path | Result,
    results: str | Path = "results",
    *,
    null_markets: int | None = None,
    null_block: float | None = None,
    random_entries: int | None = None,
    trip_orders: int | None = None,
    data: Any = None,
) -> SignificanceResult:
    """Judge a finished run: a Result, a run folder, NAME/RUN, or NAME for its latest in `results`; nothing is written.

    null_markets, random_entries, trip_orders  how many of each: docs/significance.md;  null_block  mean length in bars
    data  the DataFrames that engine.backtest was given: a run folder keeps none, and null markets are made of them. The
          Result of `engine.backtest` has them, and the class of a strategy that stands in no file

    Raises InputError where there is no such run, and where it cannot be judged or made again as asked.
    """
    refuse_no_numbers(null_block=null_block)
    asked = Asked(
        _count(null_markets, "null_markets"), null_block, _count(random_entries, "random_entries"),
        _count(trip_orders, "trip_orders"),
    )  # fmt: skip
    if isinstance(run, Result):
        record, analysis = run.record, run.analysis
        made: Callable[[], Again] = partial(_once_more, run)
        if data is not None:
            raise InputError(Problem("a result has its bars itself", path="data", allowed="no data; or a run folder"))
    else:
        folder = find_run(named(run), Path(results))
        record = read_run(folder)
        analysis, made = analyse(record), made_again(folder, record, data)
    return SignificanceResult(record, analysis, judge_run(record, analysis, asked, made, unwatched))


def _count(asked: object, name: str) -> int | None:
    if asked is None or (isinstance(asked, int | np.integer) and not isinstance(asked, bool)):
        return None if asked is None else int(asked)
    raise InputError(
        Problem("not a number of runs", path=name, found=repr(asked), allowed="a whole number such as 200")
    )


def _once_more(result: Result) -> Again:
    if result.asked is None:
        found = "one that was read back or pickled, or is of another call than engine.backtest"
        allowed = "the result of engine.backtest itself; or its run folder"
        raise InputError(Problem("this result cannot be run again", path="run", found=found, allowed=allowed))
    remedy, place = "engine.backtest, and ask of its result", result.config.name
    return unchanged(result.asked, result.record.market.fingerprint, result.source_hash, place, remedy)
