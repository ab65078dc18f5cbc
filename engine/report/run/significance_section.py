# SPDX-License-Identifier: Apache-2.0
"""What a run is worth, in words: a section of the page, tables of the terminal, a part of the document."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from engine.analytics.metrics.registry import REGISTRY
from engine.analytics.significance.found_ratio import FoundRatio
from engine.analytics.significance.judged import Significance
from engine.analytics.significance.sharpe_ratio import SURE
from engine.notice import Notice
from engine.report.kit.grid import Field, Grid
from engine.report.kit.markup import notice_list, paragraph, section
from engine.report.kit.terminal import DIM, say, say_notices
from engine.report.kit.words import NOTHING, count, counted, decimal, percent, worded
from engine.report.run.chance_section import chance_document, chance_html, show_chance
from engine.runs.chance.findings import AgainstChance

if TYPE_CHECKING:
    from rich.console import Console


def significance_section(found: Significance, trials: Notice, chance: AgainstChance) -> str:
    """The section of the page."""
    parts = (notice_list((*found.notices, trials)), intervals_grid(found).html(), paragraph(method_words(found)),
             chance_html(chance))  # fmt: skip
    return section("significance", "What the figures are worth", *parts, lead=answer(found))


def show_significance(found: Significance, trials: Notice, chance: AgainstChance, screen: Console) -> None:
    """The same on a terminal."""
    screen.print(f"\n[bold]What the figures are worth[/]  {found.first} to {found.last}", highlight=False)
    say(answer(found), screen)
    say_notices((*found.notices, trials), screen)
    screen.print(intervals_grid(found).on_terminal())
    say(method_words(found), screen, DIM)
    show_chance(chance, screen)


def answer(found: Significance) -> str:
    """How sure the Sharpe ratio is, and how long a record would make it so."""
    own = found.ratio
    sure = percent(own.probabilistic, 0)
    if 0.995 <= own.probabilistic < 1.0:
        sure = percent(math.floor(own.probabilistic * 1e4) / 1e4, 2)
    return (
        f"A Sharpe ratio of {decimal(own.sharpe, 2)} in {counted(own.sessions, 'session')}: were this the only "
        f"try, the true ratio would be above 0 with a probability of {sure}. {_needed(own)}"
    )


def _needed(found: FoundRatio) -> str:
    if not math.isfinite(found.needed):
        return "No length of record would show it, for it is not above 0."
    years = decimal(found.needed / found.per_year, 1)
    return f"{percent(SURE, 0)} take {years} years of such returns ({count(math.ceil(found.needed))} sessions)."


def method_words(found: Significance) -> str:
    """How the figures come about."""
    own, ratio = found.intervals, found.ratio
    return (
        "Probabilistic Sharpe ratio and minimum track record: Bailey and Lopez de Prado (2012), with skew "
        f"{decimal(ratio.skew, 2)} and kurtosis {decimal(ratio.kurtosis, 1)} of the returns over the benchmark rate. "
        f"Intervals: what {percent(own.level, 0)} of {count(own.draws)} series lie between that are drawn from the "
        f"run's own sessions in blocks, {decimal(own.block, 1)} long on average (stationary bootstrap, Politis and "
        f"Romano 1994; length by Politis and White), seed {found.seed}. They know nothing of what the run has not "
        "seen, nor of other settings that were tried."
    )


def intervals_grid(found: Significance) -> Grid:
    """One line a metric."""
    level = percent(found.intervals.level, 0)
    fields = (Field("figure", "figure"), Field("of the run", "run"), Field(f"{level} from", "from"), Field("to", "to"))
    rows = []
    for one in found.intervals.of:
        entry = REGISTRY[one.name]
        numbers = (one.value, one.low, one.high)
        rows.append([entry.title, *(worded(number, entry.unit) if math.isfinite(number) else NOTHING
                                    for number in numbers)])  # fmt: skip
    return Grid(fields, rows)


def significance_document(found: Significance, chance: AgainstChance) -> dict[str, Any]:
    """Everything as plain data; null where undefined or without end."""
    own, ratio = found.intervals, found.ratio
    return {
        "first": found.first,
        "last": found.last,
        "sessions": ratio.sessions,
        "sharpe": ratio.sharpe,
        "skew": ratio.skew,
        "kurtosis": ratio.kurtosis,
        "probabilistic_sharpe": _number(ratio.probabilistic),
        "minimum_track_record": _number(ratio.needed),
        "sure": SURE,
        "intervals": {
            "level": own.level,
            "block": own.block,
            "draws": own.draws,
            "seed": found.seed,
            "of": {
                one.name: {"value": _number(one.value), "low": _number(one.low), "high": _number(one.high)}
                for one in own.of
            },
        },
        "notices": [one.as_dict() for one in found.notices],
        **({"chance": told} if (told := chance_document(chance)) else {}),
    }


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
