# SPDX-License-Identifier: Apache-2.0
"""A walk-forward in hand: each choice as a row of a DataFrame, the account that made them all as a result."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.api.card import framed
from engine.api.paged import Paged
from engine.api.result import Result
from engine.api.runs import warn_of
from engine.api.sweep import configured, values_of
from engine.api.told import told_in_python
from engine.errors import InputError, Problem, nearest_name
from engine.notice import loud
from engine.progress import unwatched
from engine.report.kit.words import counted
from engine.report.sweep.words import settings_words, short
from engine.report.walkforward.document import document, notices
from engine.report.walkforward.folder import count_trials
from engine.report.walkforward.terminal import summary
from engine.runs.backtest import Config
from engine.runs.sweep.grid import grid_of
from engine.runs.walkforward.findings import WalkForwardFound
from engine.runs.walkforward.run import walk_forward as walk

if TYPE_CHECKING:
    import pandas as pd
    from plotly.graph_objects import Figure


FIGURES = ("promised", "kept", "rank", "account_return")


class WalkForwardResult(Paged):
    """Parameters chosen anew as time goes on, each choice judged on sessions that it was not made from.

    found     the same for programs
    promised  mean figure of the choices over what they were made from, in the objective's own unit
    kept      the same where they were used
    blind     mean over the tests of the median of all combinations
    rank      mean part of the other combinations that did worse where the choices were used, 0 to 1; blind: 0.5
    paths     (P,) ratios over cash, a year, of other histories of choosing, from the lowest; empty without any

    NaN where there is none.
    """

    def __init__(self, found: WalkForwardFound) -> None:
        self.found = found
        sign = 1.0 if found.after.objective.more else -1.0
        self.promised, self.kept, self.blind = (sign * one for one in (found.promised, found.kept, found.blind))
        self.rank = found.rank
        self.paths = found.paths

    @cached_property
    def result(self) -> Result:
        """The account that made every choice, from the first test to the last; what it traded is in its ledger."""
        run = self.found.stitched
        own = settings_words({axis.name: run.config.params[short(axis.name)] for axis in self.found.grid.axes})
        text = f"The account of a walk-forward, which goes by its choices: its configuration ({own}) makes another run."
        return Result(replace(run, notices=(loud(text), *run.notices)))

    @cached_property
    def folds(self) -> pd.DataFrame:
        """One row a choice: train and test by first and last session, its values, promised, kept, rank, account.

        account_return is the total return of the account over the test, a fraction; NaN once it is ruined.
        """
        from engine.api.frames import records

        rows = []
        for one in document(self.found)["folds"]:
            spans = {f"{part}_{end}": one[part][end] for part in ("train", "test") for end in ("first", "last")}
            figures = {name: math.nan if one[name] is None else one[name] for name in FIGURES}
            rows.append({**spans, **one["values"], **figures})
        return records(rows)

    def plot(self, what: str = "account") -> Figure:
        """A plotly figure: `account`, its equity; `promise`, each choice before and after; `paths`, other histories.

        Raises InputError for another name, and for paths where there are none.
        """
        from plotly.graph_objects import Figure

        from engine.report.walkforward import charts

        drawn = {"account": charts.account_chart, "promise": charts.promise_chart}
        if len(self.paths):
            drawn["paths"] = charts.paths_chart
        if what not in drawn:
            reason = self.found.after.many.unsaid if what == "paths" else ""
            problem = Problem("nothing of this name to draw", path="plot", found=f"{what}{reason and f': {reason}'}",
                              allowed=", ".join(drawn), nearest=nearest_name(what, list(drawn)))  # fmt: skip
            raise InputError(problem)
        return Figure(drawn[what](self.found))

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences a reader must see beside the figures, those that can change one first."""
        return tuple(one.text for one in notices(self.found))

    def document(self) -> dict[str, Any]:
        """What the command prints with `--json`."""
        return document(self.found)

    def _page(self) -> str:
        from engine.report.walkforward.page import render

        return render(self.found)

    def __repr__(self) -> str:
        return f"{self._title}\n{summary(self.found)}"

    def _repr_html_(self) -> str:
        loud = [one.text for one in notices(self.found) if one.level == "loud"]
        return framed(self._title, summary(self.found), loud, self.folds.to_html(index=False))

    @property
    def _title(self) -> str:
        sessions = self.found.stitched.market.sessions
        name, choices = self.found.stitched.config.name, counted(len(self.found.folds), "choice")
        return f"{name}: walk-forward, {choices}, {sessions[0]} to {sessions[-1]}"


@told_in_python
def walk_forward(
    config: Config | None = None,
    grid: Mapping[str, Iterable[Any]] | None = None,
    *,
    train: int | str | None = None,
    test: int | str | None = None,
    anchored: bool | None = None,
    purge: int | None = None,
    pick: str | None = None,
    seams: str | None = None,
    **given: Any,
) -> WalkForwardResult:
    """Choose the parameters of `grid` on the past, use them on what follows, choose again.

    config as `engine.backtest` takes it; left out, where `strategy` and `roles` are given
    grid   parameters of the strategy to the values to choose from
    train  what a choice is made from: "3y", "6m", or a number of sessions;  test  how long it is kept
    anchored, purge, pick, seams  as in the section `walkforward` of a configuration; what is left out is read there
    given  as `engine.backtest` takes it: strategy, params, data, overrides, other keys

    Every combination counts among the trials of the strategy on its symbols; nothing else is written. Raises what
    `backtest` raises, InputError for a grid or a plan that cannot be.
    """
    plan = {"train": train, "test": test, "anchored": anchored, "purge": purge, "pick": pick, "seams": seams}
    asked = {name: value for name, value in plan.items() if value is not None}
    configure = configured(config, {**given, "walkforward": {**given.get("walkforward", {}), **asked}})
    asked_for = configure(())
    found = walk(asked_for, grid_of(values_of(grid)), configure, unwatched)
    warn_of(count_trials(found, asked_for).problem)
    return WalkForwardResult(found)
