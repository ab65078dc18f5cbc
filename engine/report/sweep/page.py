# SPDX-License-Identifier: Apache-2.0
"""The page of a sweep: one self-contained file in the report's style."""

from __future__ import annotations

import math
from html import escape

import numpy as np

from engine.model.sleeves import told_strategy
from engine.report.kit.encoding import Figure
from engine.report.kit.markup import cards, chart, header, legs, notice_list, paragraph, section
from engine.report.kit.page import page
from engine.report.kit.words import count, counted, decimal, percent
from engine.report.sweep import charts
from engine.report.sweep.document import notices
from engine.report.sweep.front import front_chart, front_section, objectives_words
from engine.report.sweep.many import many_section
from engine.report.sweep.rows import profile_grid, runs_grid
from engine.report.sweep.words import chosen_words, score_words, settings_words, short, value_words
from engine.runs.sweep.findings import Sweep
from engine.runs.sweep.grid import Axis

FIRST_VALUES = 6
"""Values of an axis that the head of the page names."""

METHOD = (
    "Every combination is one run of the compiled kernel with all costs, over the same bars. Reward to variability is "
    "the mean return of a bar less that of cash, over the deviation of the bars' returns, a year (Sharpe 1966). The "
    "expected best of so many tries without merit and the deflated ratio are those of Bailey and Lopez de Prado "
    "(2014), with the combinations taken as independent tries; neighbours are not, so there are fewer in truth. What "
    "was tried by hand or in other sweeps is not counted here: `tandem trials list` has it."
)

METHOD_OF_A_SEARCH = (
    "A search draws a first part at random and chooses the others in batches of 16 where those before them did well: "
    "the tree-structured Parzen estimator of Bergstra and others (2011), by Optuna. Its choice has seen all of the "
    "bars, so overfitting, the reality check and purged paths, which need combinations chosen without them, are left "
    "out. The expected best is that of all combinations that it could have chosen, by the spread of the part that was "
    "drawn: no search finds more. The median combination is that of the part that was drawn; the medians setting by "
    "setting are of all that was tried, which lies mostly where it is good."
)


def render(found: Sweep) -> str:
    """The whole page as text. The same findings give the same bytes."""
    name = found.best.result.config.name
    scored = (_scores, _axes, _pairs, _all) if _any_score(found) else ()
    parts = (
        _header,
        lambda one: notice_list(notices(one)),
        _cards,
        front_section,
        _runs,
        many_section,
        *scored,
        _method,
    )
    body = "".join(part(found) for part in parts)
    return page(f"{name}: sweep", body, _figures(found))


def _any_score(found: Sweep) -> bool:
    """Whether there is anything to draw by its score."""
    return bool(np.isfinite(found.score).any())


def _figures(found: Sweep) -> dict[str, Figure]:
    drawn = {"runs": charts.equity_chart(found)}
    if not _any_score(found):
        return drawn
    drawn |= {"scores": charts.scores_chart(found), "all": charts.all_axes_chart(found)}
    if front_section(found):
        drawn["front"] = front_chart(found)
    for number, one in enumerate(found.profiles):
        if charts.any_median(one):
            drawn[f"axis-{number}"] = charts.profile_chart(found, one)
    for first, second in charts.pairs(found):
        drawn[f"pair-{first}-{second}"] = charts.pair_chart(found, first, second)
    return drawn


def _header(found: Sweep) -> str:
    result = found.best.result
    config, market = result.config, result.market
    tried = counted(len(found.numbers), "combination")
    facts = [
        ("Legs", legs(market.symbols)),
        ("Run", escape(f"{market.sessions[0]} to {market.sessions[-1]}; {market.label or 'unlabelled'}")),
        ("Tried", escape(f"{tried}{chosen_words(found)}")),
        *((escape(short(one.name)), escape(_values(one))) for one in found.grid.axes),
    ]
    return header(told_strategy(config), f"{config.name}: sweep", facts)


def _values(axis: Axis) -> str:
    """What an axis tries: all of few values, first, second and last of many."""
    words = [value_words(value) for value in axis.values]
    if len(words) > FIRST_VALUES:
        return f"{words[0]}, {words[1]} … {words[-1]} ({len(words)} values)"
    return ", ".join(words)


def _cards(found: Sweep) -> str:
    best, middle = (float(found.score[one.place]) for one in (found.best, found.middle))
    words = found.objective.words
    several = len(found.objectives) > 1
    shown = [
        (
            f"Best {words}" if several else "Best",
            score_words(found, best),
            f"{words}: {settings_words(found.best.values)}",
            "",
        ),
        ("Median", score_words(found, middle), f"{words} of the combination in the middle", ""),
    ]
    if several:
        shown.insert(1, ("Pareto front", count(len(found.front)), f"combinations, by {objectives_words(found)}", ""))
    near = float(found.around[found.best.place])
    if math.isfinite(near):
        shown.append(("Neighbours of the best", score_words(found, near), f"{words}, their mean", ""))
    if found.luck is not None:
        expected = f"best of {count(found.luck.tries)} without merit: {decimal(found.luck.expected, 2)}"
        shown.append(("Better than luck", percent(found.luck.deflated, 0), expected, "deflated Sharpe ratio"))
    if found.many.overfitting is not None:
        splits = f"in {count(found.many.overfitting.splits)} ways to halve the bars"
        shown.append(("Overfitting", percent(found.many.overfitting.probability, 0), splits, "PBO by CSCV"))
    return cards(shown)


def _runs(found: Sweep) -> str:
    several = len(found.objectives) > 1
    which = f"Some of the front, the best {found.objective.words} first" if several else "The best"
    lead = f"{which}, the median combination and the configuration as it is, each run whole with all its metrics."
    drawn = chart("runs", "equity of the best, the median and the configured run")
    title = "The front beside the median" if several else "The best beside the median"
    return section("runs", title, runs_grid(found).html(), drawn, lead=lead)


def _scores(found: Sweep) -> str:
    lead = f"How many combinations have which {found.objective.words}."
    return section("scores", "Where all of them lie", chart("scores", "how the scores are spread"), lead=lead)


def _axes(found: Sweep) -> str:
    lead = "The median of all combinations with a value, and the band from their 10th to their 90th percentile."
    lead += (
        " A ruined account is below any; where one is the median there is none."
        if np.isneginf(found.worth).any()
        else ""
    )
    parts = [
        f"<h3>{escape(short(one.axis.name))}</h3>"
        + (chart(f"axis-{number}", f"score by {short(one.axis.name)}") if charts.any_median(one) else "")
        + profile_grid(found, one).html()
        for number, one in enumerate(found.profiles)
    ]
    return section("axes", "Setting by setting", *parts, lead=lead)


def _pairs(found: Sweep) -> str:
    drawn = charts.pairs(found)
    if not drawn:
        return ""
    names = [short(one.name) for one in found.grid.axes]
    parts = [
        f"<h3>{escape(names[first])} and {escape(names[second])}</h3>"
        + chart(f"pair-{first}-{second}", f"median score by {names[first]} and {names[second]}")
        for first, second in drawn
    ]
    lead = "The median over all values of the other settings. A plateau is a setting that need not be hit exactly."
    return section("pairs", "Two settings at a time", *parts, lead=lead)


def _method(found: Sweep) -> str:
    more = [paragraph(METHOD_OF_A_SEARCH)] if found.followed else []
    return section("method", "How it was made", paragraph(METHOD), *more)


def _all(_: Sweep) -> str:
    lead = "Each line is a combination; drag along an axis to keep only the lines through that stretch."
    return section("all", "All settings at once", chart("all", "combinations over all axes"), lead=lead)
