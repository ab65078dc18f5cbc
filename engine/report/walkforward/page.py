# SPDX-License-Identifier: Apache-2.0
"""The page of a walk-forward: one self-contained file in the report's style."""

from __future__ import annotations

import math
from html import escape

from engine.model.sleeves import told_strategy
from engine.report.kit.encoding import Figure
from engine.report.kit.markup import cards, chart, header, legs, notice_list, paragraph, section
from engine.report.kit.page import page
from engine.report.kit.words import count, counted, percent
from engine.report.sweep.many import many_section
from engine.report.sweep.words import short
from engine.report.walkforward import charts
from engine.report.walkforward.document import above_cash, notices, told
from engine.report.walkforward.rows import folds_grid, runs_grid
from engine.report.walkforward.terminal import summary
from engine.report.walkforward.words import plan_words
from engine.runs.walkforward.findings import WalkForwardFound

METHOD = (
    "Each choice is the combination with the highest score over sessions before those on which it is used; every "
    "combination is run there by itself, with all costs, from an account without positions. The account goes through "
    "all tests once: at each test's first close the parameters change, its cash goes on, and costs are charged as in "
    "any run. Where chosen and where used compare the same kind of run. The rank is the part of the other combinations "
    "that did worse in the test: of blind choices it is 50 % on average. The probability is the probabilistic Sharpe "
    "ratio of Bailey and Lopez de Prado (2012) of one try; plans and grids that were tried before are not counted. "
    "Hindsight is the best combination over all tests, which nobody could know. Overfitting, reality check and purged "
    "paths look at all combinations over the sessions that are tested. A path is put together of runs of their own: it "
    "is chosen by reward to variability whatever the objective, and what a change from one to the next costs is not in "
    "it."
)


def render(found: WalkForwardFound) -> str:
    """The whole page as text. The same findings give the same bytes."""
    name = found.stitched.config.name
    body = "".join(
        (_header(found), notice_list(notices(found)), _cards(found), _account(found), _worth(found), _folds(found),
         _choices(found), section("method", "How it was made", paragraph(METHOD)))
    )  # fmt: skip
    return page(f"{name}: walk-forward", body, _figures(found))


def _any_score(found: WalkForwardFound) -> bool:
    """Whether any choice has a score to draw."""
    return any(math.isfinite(score) for fold in found.folds for score in (fold.promised, fold.kept))


def _figures(found: WalkForwardFound) -> dict[str, Figure]:
    drawn = {"account": charts.account_chart(found)}
    if _any_score(found):
        drawn["promise"] = charts.promise_chart(found)
    if len(found.paths):
        drawn["paths"] = charts.paths_chart(found)
    for number, one in enumerate(found.grid.axes):
        drawn[f"axis-{number}"] = charts.choice_chart(found, one)
    return drawn


def _header(found: WalkForwardFound) -> str:
    result, after = found.stitched, found.after
    market = result.market
    facts = [
        ("Legs", legs(market.symbols)),
        ("Tested", escape(f"{market.sessions[0]} to {market.sessions[-1]}; {market.label or 'unlabelled'}")),
        ("Choices", escape(f"{count(len(found.folds))} among {counted(len(after.numbers), 'combination')}")),
        ("Plan", escape(plan_words(found.plan))),
        ("By", escape(after.objective.words)),
    ]
    return header(told_strategy(result.config), f"{result.config.name}: walk-forward", facts)


def _cards(found: WalkForwardFound) -> str:
    words = found.after.objective.words
    shown = [
        ("Where chosen", told(found, found.promised), f"{words}, mean of the choices", ""),
        ("Where used", told(found, found.kept), f"median combination: {told(found, found.blind)}", ""),
    ]
    if math.isfinite(found.rank):
        shown.append(("Others below", percent(found.rank, 0), "did worse where used; of a blind choice 50 %", ""))
    sure = above_cash(found)
    if math.isfinite(sure):
        shown.append(
            ("Better than cash", percent(sure, 0), "probability, of the account", "probabilistic Sharpe ratio")
        )
    return cards(shown)


def _account(found: WalkForwardFound) -> str:
    drawn = chart("account", "equity of the walk-forward, the configuration as it is, and hindsight")
    lead = "One account through all tests, beside the configuration as it is and the best in hindsight."
    return section("account", "The account that made every choice", runs_grid(found).html(), drawn, lead=lead)


def _worth(found: WalkForwardFound) -> str:
    drawn = [chart("paths", "ratio of each purged path, beside the account")] if len(found.paths) else []
    return many_section(found.after, *drawn)


def _folds(found: WalkForwardFound) -> str:
    drawn = [chart("promise", "score of each choice where it was made and where it was used")]
    drawn = drawn if _any_score(found) else []
    return section("choices", "Choice by choice", *drawn, folds_grid(found).html(), lead=summary(found))


def _choices(found: WalkForwardFound) -> str:
    changed = f"{counted(found.changes, 'change')} in {counted(len(found.folds), 'choice')}"
    parts = [
        f"<h3>{escape(short(one.name))}</h3>" + chart(f"axis-{number}", f"{short(one.name)} at each choice")
        for number, one in enumerate(found.grid.axes)
    ]
    lead = f"{changed}. A setting that jumps from end to end was chosen by noise."
    return section("drift", "What was chosen", *parts, lead=lead)
