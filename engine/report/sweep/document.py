# SPDX-License-Identifier: Apache-2.0
"""A sweep as one JSON document; docs/schemas/sweep.json describes it. Fractions, money, ratios a year."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from engine.analytics.analysis import Analysis
from engine.analytics.significance.found_ratio import FEWEST
from engine.analytics.significance.sharpe_ratio import SURE
from engine.engines.notices.ended_roles import ends_of_others
from engine.kernel.codes import RunCode
from engine.model.sleeves import told_strategy
from engine.notice import Notice, loud, note
from engine.report.kit.words import counted, decimal, percent
from engine.report.run.notices import notices as run_notices
from engine.report.sweep.front import front_document, objectives_words
from engine.report.sweep.idle import idle_axes, idle_best
from engine.report.sweep.many import many_document, many_notices
from engine.report.sweep.words import cells, chosen_words, score_words, settings
from engine.runs.sweep.figures import FIGURES, ruined, stopped_by
from engine.runs.sweep.findings import Luck, Sweep, Whole
from engine.runs.sweep.grid import neighbours

METRICS = ("total_return", "cagr", "volatility", "sharpe", "max_drawdown", "turnover")
"""Metrics of the runs that are shown whole."""


def document(found: Sweep) -> dict[str, Any]:
    """Everything that was found; the figures of every combination are in the table beside it."""
    result = found.best.result
    market = result.market
    return {
        "name": result.config.name,
        "strategy": told_strategy(result.config),
        "data": {"label": market.label, "synthetic": market.synthetic, "fingerprint": market.fingerprint},
        "first": str(market.sessions[0]),
        "last": str(market.sessions[-1]),
        "objective": found.objective.name,
        "objectives": [one.name for one in found.objectives],
        "over": [{"name": one.name, "values": cells(one)} for one in found.grid.axes],
        "combinations": {
            "of_the_grid": found.grid.size,
            "tried": len(found.numbers),
            "search": "tpe" if found.followed else "all" if found.complete else "random",
            "drawn": found.free,
            "stopped": len(found.stopped),
            "seed": None if found.complete else found.seed,
        },
        "best": [_whole(found, one) for one in found.whole[:-1]],
        "front": front_document(found),
        "middle": _whole(found, found.middle),
        "own": {"metrics": run_metrics(found.own.analysis)},
        "neighbours_of_best": _number(found.around[found.best.place]),
        "spike": found.lonely,
        "luck": None
        if found.luck is None
        else {
            "tries": found.luck.tries,
            "drawn": found.luck.drawn,
            "sharpe": found.luck.sharpe,
            "expected_best": found.luck.expected,
            "deflated": _number(found.luck.deflated),
        },
        **many_document(found),
        "profiles": [
            {
                "name": one.axis.name,
                "values": cells(one.axis),
                "low": one.low.tolist(),
                "median": one.median.tolist(),
                "high": one.high.tolist(),
            }
            for one in found.profiles
        ],
        "notices": [one.as_dict() for one in notices(found)],
    }


def notices(found: Sweep) -> tuple[Notice, ...]:
    """What a reader must see before the best is believed, then what its run says."""
    said = []
    if not len(found.score) - _missing(found):
        said.append(
            loud(f"No combination has a {found.objective.words}: what stands first is the first one that was run.")
        )
    if len(found.objectives) > 1 and len(found.front):
        said.append(
            note(
                f"By {objectives_words(found)} {len(found.front):,} of {len(found.numbers):,} are beaten by no other "
                f"(Pareto front). What is said of the best is of the one with the best {found.objective.words}."
            )
        )
    said += [*idle_best(found), *idle_axes(found)]
    said += luck_notices(found)
    said += many_notices(found.many)
    if found.lonely:
        best, near = (score_words(found, float(one[found.best.place])) for one in (found.score, found.around))
        said.append(
            loud(
                f"The best stands alone: it has {best}, its neighbours {near} on average, which is nearer to the "
                "median of all. A small error in the settings costs most of what it is above the median."
            )
        )
    said += stopped_notices(found)
    if not found.complete:
        said.append(note(f"{len(found.numbers):,}{chosen_words(found)}: neighbours are not judged."))
    said += ends_of_others(found.best.result)
    return tuple(dict.fromkeys((*said, *run_notices(found.best.result, found.best.analysis))))


def stopped_notices(found: Sweep) -> Iterator[Notice]:
    """The runs that have no figures or no ratio, and why."""
    errors = found.figures["error"][found.stopped]
    barred = int((errors == RunCode.CONTRADICTION).sum())
    if barred:
        verbs = ("was", "counts") if barred == 1 else ("were", "count")
        yield loud(
            f"{counted(barred, 'combination')} of {len(found.numbers):,} {verbs[0]} not run and {verbs[1]} nowhere: "
            "parameters contradict each other there, as an entry that lies inside its exit."
        )
    if barred < len(errors):
        first = stopped_by(int(errors[errors != RunCode.CONTRADICTION][0]))
        yield loud(f"{counted(len(errors) - barred, 'run')} stopped before the end and count nowhere ({first}).")
    yield from _ruined_notices(found)


def _ruined_notices(found: Sweep) -> Iterator[Notice]:
    """How many accounts were ruined, and which figures do not know of them."""
    gone = ruined(found.figures)
    if not gone.any():
        return
    number = counted(int(gone.sum()), "combination")
    words = f"{number} of {len(found.numbers):,} ruined the account: equity was not positive at some close"
    if np.isneginf(found.worth[gone]).any():
        words += ", and there is no ratio of that. Medians have it as worse than any"
        words += (
            "; overfitting, the reality check and the paths leave it out and flatter" if found.many.overfitting else ""
        )
    words += "."
    if found.complete and neighbours(found.grid, gone.astype(float))[found.best.place] > 0.0:
        words += " One lies beside the best."
    yield loud(words)


def luck_notices(found: Sweep) -> list[Notice]:
    """What luck alone would have made of so many, or that the sessions are too few to ask."""
    if found.luck is not None:
        return [_luck(found, found.luck)]
    sessions = len(found.best.analysis.facts.returns)
    if sessions >= FEWEST:
        return []
    few = f"{counted(sessions, 'session')} are too few to tell the best from luck, which takes {FEWEST}"
    return [note(f"{few}: its ratio a year is theirs, stretched.")]


def _luck(found: Sweep, luck: Luck) -> Notice:
    if found.followed:
        words = (
            f"{len(found.numbers):,} of {luck.tries:,} combinations tried by a search, which finds no more than the "
            "best of all. Without any merit the best of so many independent ones has a Sharpe ratio of "
            f"{decimal(luck.expected, 2)}, by the spread of the {luck.drawn:,} drawn at random; this one has "
            f"{decimal(luck.sharpe, 2)}."
        )
    else:
        words = (
            f"{counted(luck.tries, 'combination')} tried. Without any merit the best of so many independent ones has a "
            f"Sharpe ratio of {decimal(luck.expected, 2)}; this one has {decimal(luck.sharpe, 2)}."
        )
    words += f" Probability that it is better than luck: {percent(luck.deflated, 0)} (deflated Sharpe ratio)."
    return note(words) if luck.deflated >= SURE else loud(words)


def _missing(found: Sweep) -> int:
    return sum(not math.isfinite(value) for value in found.score.tolist())


def _whole(found: Sweep, one: Whole) -> dict[str, Any]:
    row = found.figures[one.place]
    return {
        "combination": int(found.numbers[one.place]),
        "values": settings(one.values),
        "figures": {name: _number(row[name].item()) for name in (FIGURES.names or ())[:-1]},
        "error": stopped_by(int(row["error"])),
        "metrics": run_metrics(one.analysis),
    }


def run_metrics(one: Analysis) -> dict[str, Any]:
    """The metrics of a run that is shown whole."""
    return {name: one.metrics[name] for name in METRICS}


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
