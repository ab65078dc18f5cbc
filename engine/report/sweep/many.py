# SPDX-License-Identifier: Apache-2.0
"""What all combinations together say of choosing the best: overfitting and the reality check, in words and as data."""

from __future__ import annotations

import math
from typing import Any

from engine.analytics.significance.overfitting import Overfitting
from engine.analytics.significance.purged_paths import PurgedPaths
from engine.analytics.significance.sharpe_ratio import SURE
from engine.analytics.significance.superior import Superior
from engine.notice import Notice, loud, note
from engine.report.kit.grid import Field, Grid
from engine.report.kit.markup import paragraph, section
from engine.report.kit.words import count, decimal, percent
from engine.runs.sweep.findings import Many, Sweep

METHOD = (
    "Overfitting: the bars are cut into 16 groups; for each way to take half of them, the combination with the best "
    "reward to variability there is ranked among all in the other half (combinatorially symmetric cross-validation, "
    "Bailey, Borwein, Lopez de Prado and Zhu 2017). Chance gives a half, of an odd number a little more. Reality check "
    "(White 2000) and superior predictive ability (Hansen 2005) draw the bars anew in blocks, with every mean set to "
    "that of cash, and count how often the best of all is as good as it was: over all combinations, those that were "
    "not chosen too. Purged paths: for each two of the 16 groups the best of the others is chosen, a 64th of the bars "
    "on either side left out (more for a longer purge), and used in the two (combinatorial purged cross-validation, "
    "Lopez de Prado 2018); the tests make 15 paths through all bars."
)


def many_notices(many: Many) -> list[Notice]:
    """A sentence each, loud where the best may be chance; why there is none where there is none."""
    said = []
    if many.overfitting is not None:
        own = many.overfitting
        words = (
            f"In {_chance(own.probability)} of {count(own.splits)} ways to halve the bars the best of one half is no "
            "better than the median of the other half: the probability of backtest overfitting. Chance gives "
            f"{percent(own.chance, 0)}."
        )
        said.append((note if own.probability <= 1.0 - SURE else loud)(words))
    if many.superior is not None:
        own_test = many.superior
        words = (
            f"Were no combination better than cash, the best of {count(own_test.sets)} would be as good in "
            f"{_chance(own_test.consistent)} of {count(own_test.draws)} histories drawn anew (superior predictive "
            "ability)."
        )
        said.append((note if own_test.consistent <= 1.0 - SURE else loud)(words))
    if many.paths is not None:
        own_paths = many.paths
        words = (
            f"Chosen by what lies around, the best combination earns less than cash in {_chance(own_paths.loss)} of "
            f"{count(len(own_paths.paths))} paths through bars that it was not chosen from (purged cross-validation)."
        )
        said.append((loud if own_paths.median <= 0.0 else note)(words))
    if many.unsaid:
        said.append(note(f"{_missing(many)} are left out: {many.unsaid}."))
    return said


def _missing(many: Many) -> str:
    if many.superior is not None:
        return "Purged paths"
    return "The reality check and purged paths" if many.overfitting else "Overfitting, reality check and paths"


def many_section(found: Sweep, *more: str) -> str:
    """The section of the page, `more` below its table; nothing where nothing can be said."""
    rows = _rows(found)
    if not rows:
        return ""
    fields = (Field("What", ""), Field("Figure", ""), Field("Means", "", text=True))
    lead = "What the bars say of choosing by the past, and of the best of so many."
    table = Grid(fields, rows).html("fit")
    return section("worth", "What choosing is worth", table, *more, paragraph(METHOD), lead=lead)


def _rows(found: Sweep) -> list[list[str]]:
    many, root = found.many, math.sqrt(found.best.result.market.bars_per_year)
    rows = []
    if many.overfitting is not None:
        own = many.overfitting
        ordinary = "the best of one half is no better than the median in the other half"
        rows += [
            ["Probability of overfitting", _chance(own.probability), ordinary],
            ["Probability of loss", _chance(own.loss), "the best of one half earns less than cash in the other"],
            ["Ratio where chosen", decimal(root * own.inside, 2), "median reward to variability of the best, a year"],
            ["Ratio elsewhere", decimal(root * own.outside, 2), "the same in the other half"],
        ]
    if many.paths is not None:
        paths = many.paths
        low, high = (decimal(root * float(one), 2) for one in (paths.paths[0], paths.paths[-1]))
        means = f"median a year of {count(len(paths.paths))} paths of choosing, each bar tested; from {low} to {high}"
        rows.append(["Ratio of purged paths", decimal(root * paths.median, 2), means])
    if many.superior is not None:
        test = many.superior
        bounds = f"between {_chance(test.lower)} and {_chance(test.upper)}"
        luck = f"how often luck alone does as well as the best; by Hansen's bounds {bounds}"
        rows += [
            ["Superior predictive ability", _chance(test.consistent), luck],
            ["Reality check", _chance(test.reality_check), "the same by mean return, with every bad combination"],
        ]
    return rows


def _chance(value: float) -> str:
    return percent(value, 0 if value >= 0.1 else 1)


def many_document(found: Sweep) -> dict[str, Any]:
    """All as plain data, ratios a year; null where they cannot be said."""
    many, root = found.many, math.sqrt(found.best.result.market.bars_per_year)
    return {
        "overfitting": None if many.overfitting is None else _overfitting(many.overfitting, root),
        "superior": None if many.superior is None else _superior(many.superior),
        "purged_paths": None if many.paths is None else _paths(many.paths, root),
    }


def _overfitting(own: Overfitting, root: float) -> dict[str, Any]:
    return {
        "combinations": own.sets,
        "probability": own.probability,
        "loss": own.loss,
        "inside": root * own.inside,
        "outside": root * own.outside,
        "splits": own.splits,
        "of_splits": own.of,
    }


def _paths(own: PurgedPaths, root: float) -> dict[str, Any]:
    return {
        "ratios": [root * one for one in own.paths.tolist()],
        "median": root * own.median,
        "loss": own.loss,
        "splits": own.splits,
        "chosen": own.chosen,
    }


def _superior(test: Superior) -> dict[str, Any]:
    return {
        "combinations": test.sets,
        "stretches": test.stretches,
        "block": test.block,
        "draws": test.draws,
        "reality_check": test.reality_check,
        "consistent": test.consistent,
        "lower": test.lower,
        "upper": test.upper,
    }
