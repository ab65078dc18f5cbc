# SPDX-License-Identifier: Apache-2.0
"""A walk-forward as one JSON document; docs/schemas/walkforward.json describes it. Fractions, money, ratios a year."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from engine.analytics.significance.found_ratio import found_ratio
from engine.model.sleeves import told_strategy
from engine.notice import Notice, loud, note
from engine.report.kit.words import counted, percent
from engine.report.run.notices import notices as run_notices
from engine.report.sweep.document import run_metrics, stopped_notices
from engine.report.sweep.idle import idle_axes
from engine.report.sweep.many import many_document, many_notices
from engine.report.sweep.words import cells, score_words, settings
from engine.runs.trials.standing import ratio_of
from engine.runs.walkforward.findings import Fold, WalkForwardFound
from engine.runs.walkforward.windows import Span

FEW = 5
"""Choices below which their means say little."""

SHORT = 20
"""Sessions of a test, a month, below which its ratio a year is no figure to take a mean of."""

HALF = 0.5
"""The rank of a blind choice, and the part of a promise below which most of it is gone."""


def document(found: WalkForwardFound) -> dict[str, Any]:
    """Everything that was found but the paths, which are in the folder's tables."""
    result, plan, after = found.stitched, found.plan, found.after
    market = result.market
    return {
        "name": result.config.name,
        "strategy": told_strategy(result.config),
        "data": {"label": market.label, "synthetic": market.synthetic, "fingerprint": market.fingerprint},
        "first": str(market.sessions[0]),
        "last": str(market.sessions[-1]),
        "plan": plan.model_dump(),
        "objective": after.objective.name,
        "over": [{"name": one.name, "values": cells(one)} for one in found.grid.axes],
        "combinations": {
            "of_the_grid": found.grid.size,
            "tried": len(after.numbers),
            "seed": None if after.complete else after.seed,
        },
        "folds": [_fold(found, one) for one in found.folds],
        "promised": _figure(found, found.promised),
        "kept": _figure(found, found.kept),
        "blind": _figure(found, found.blind),
        "rank": _number(found.rank),
        "changes": found.changes,
        "account": {"metrics": run_metrics(found.analysis), "above_cash": _number(above_cash(found))},
        **many_document(after),
        "paths_below_account": _number(below_account(found)),
        "own": {"metrics": run_metrics(after.own.analysis)},
        "hindsight": {
            "values": settings(after.best.values),
            "metrics": run_metrics(after.best.analysis),
        },
        "notices": [one.as_dict() for one in notices(found)],
    }


def above_cash(found: WalkForwardFound) -> float:
    """Probability, 0 to 1, that the true Sharpe ratio of the account is above 0; NaN where it has no ratio.

    The probabilistic Sharpe ratio of Bailey and Lopez de Prado (2012) of one try, which the account is when nothing
    else was tried: what `tandem report --significance` would say of it.
    """
    return found_ratio(found.analysis.facts).probabilistic


def below_account(found: WalkForwardFound) -> float:
    """Part of the purged paths, 0 to 1, whose ratio is below the account's Sharpe ratio; NaN without either.

    A path's ratio is taken bar by bar with the rate's mean of each stretch, so that the two differ in the third digit.
    """
    own = ratio_of(found.analysis)
    return float(np.mean(found.paths < own)) if len(found.paths) and math.isfinite(own) else math.nan


def notices(found: WalkForwardFound) -> tuple[Notice, ...]:
    """What a reader must see before the account is believed, then what its run says."""
    said = _choice_notices(found)
    said += idle_axes(found.after)
    said += many_notices(found.after.many)
    said += stopped_notices(found.after)
    if len(found.folds) < FEW:
        said.append(note(f"{counted(len(found.folds), 'choice')} alone: their means say little."))
    if not found.after.complete:
        said.append(
            note(
                f"{len(found.after.numbers):,} of {found.grid.size:,} combinations, drawn at random "
                f"(seed {found.after.seed})."
            )
        )
    return tuple(dict.fromkeys((*said, *run_notices(found.stitched, found.analysis))))


def _choice_notices(found: WalkForwardFound) -> list[Notice]:
    """What the choices were worth, where it is little or cannot be said."""
    said: list[Notice] = []
    words = found.after.objective.words
    blind = [str(fold.window.train.first) for fold in found.folds if not math.isfinite(fold.promised)]
    if blind:
        said.append(
            loud(
                f"At {counted(len(blind), 'choice')} of {len(found.folds)} no combination had a {words} over the "
                f"sessions it is made from, those from {blind[0]} on first: nothing was chosen there, the first "
                "one that was run was taken. "
                "Choose from more sessions (walkforward.train), or by another objective."
            )
        )
    if math.isfinite(found.rank) and found.rank <= HALF:
        said.append(
            loud(
                f"The choices did no better than blind ones: on average {percent(found.rank, 0)} of the other "
                "combinations did worse where they were used; of a blind choice it is 50 %."
            )
        )
    if few := _too_short(found):
        said.append(
            loud(
                f"Tests of {counted(few, 'session')}: a {words} a year of so few is mostly chance, and the mean of "
                "such figures says nothing of what was kept. Test for longer (walkforward.test); the rank can be read."
            )
        )
    elif found.promised > 0.0 and found.kept < HALF * found.promised:
        said.append(
            loud(
                f"Most of what was promised is gone: the choices had a {words} of {told(found, found.promised)} where "
                f"they were made and {told(found, found.kept)} where they were used, on average."
            )
        )
    if found.lost:
        said.append(
            loud(
                f"At {counted(found.lost, 'choice')} of {len(found.folds)} what was chosen ruined its account where it "
                f"was used, run by itself, and no {words} tells of that: the means of what was promised and kept are "
                "of the others, and only the rank has it, as the worst."
            )
        )
    if found.unused:
        said.append(
            note(
                f"At {counted(found.unused, 'choice')} of {len(found.folds)} what was chosen has no {words} where it "
                "was used, as without a trade: the means of what was promised and kept, and of the rank, are of "
                "the others."
            )
        )
    return said


def _too_short(found: WalkForwardFound) -> int:
    """Sessions of the median test where they are too few for a ratio, else 0: of two its mean does not even exist."""
    tested = sorted(fold.window.tested for fold in found.folds)[len(found.folds) // 2]
    return tested if found.after.objective.name == "reward_to_variability" and tested < SHORT else 0


def told(found: WalkForwardFound, score: float) -> str:
    """A score as the figure that it is made of, in words."""
    return score_words(found.after, score)


def _fold(found: WalkForwardFound, fold: Fold) -> dict[str, Any]:
    return {
        "train": _span(fold.window.train, fold.window.trained),
        "test": _span(fold.window.test, fold.window.tested),
        "combination": fold.number,
        "values": settings(fold.values),
        "promised": _figure(found, fold.promised),
        "kept": _figure(found, fold.kept),
        "rank": _number(fold.rank),
        "account_return": _number(fold.account),
    }


def _span(span: Span, sessions: int) -> dict[str, Any]:
    return {"first": str(span.first), "last": str(span.last), "sessions": sessions}


def _figure(found: WalkForwardFound, score: float) -> float | None:
    """The figure of a score: a drawdown is scored by less of it."""
    return _number(score if found.after.objective.more else -score)


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
