# SPDX-License-Identifier: Apache-2.0
"""The report of a finished run drawn again from its files, with sections that only a person's wish adds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.analytics.analysis import Analysis, analyse
from engine.analytics.factors.findings import FactorAttribution
from engine.analytics.factors.model import attribute
from engine.analytics.factors.reading import read_factors
from engine.analytics.significance.judged import Significance, judge
from engine.engines.run_record import RunRecord
from engine.notice import Notice
from engine.progress import Watch, unwatched
from engine.report.folder.run_folder import write_page
from engine.report.folder.run_index import read_documents
from engine.report.run.chance_section import chance_figures
from engine.report.run.factor_section import factor_section
from engine.report.run.notices import notices
from engine.report.run.significance_section import significance_section
from engine.report.run.trials_words import trials_notice
from engine.runs.chance.again import Again, again
from engine.runs.chance.findings import AgainstChance, Asked, against_chance
from engine.runs.trials.standing import Standing, standing_of


@dataclass(frozen=True)
class Factors:
    """A file of factor returns and the unit they are in; None is refused, with the two that there are."""

    file: Path
    unit: str | None


@dataclass(frozen=True)
class Judged:
    """What the figures of a run are worth, the trials that stand behind it, and what chance makes, as asked."""

    significance: Significance
    trials: Standing
    chance: AgainstChance

    @property
    def section(self) -> str:
        """The section of the page."""
        return significance_section(self.significance, trials_notice(self.trials), self.chance)


@dataclass(frozen=True)
class Rebuilt:
    """Where a report was written, what was added to it, and what is loud of the run that all of it is about."""

    page: Path
    factors: FactorAttribution | None = None
    judged: Judged | None = None
    loud: tuple[Notice, ...] = ()


def rebuild_report(
    folder: Path,
    out: Path | None = None,
    factors: Factors | None = None,
    significance: Asked | None = None,
    watch: Watch = unwatched,
) -> Rebuilt:
    """Draw the report again from the files of a run folder alone, and the returns on `factors`.

    significance  adds a section that says what the figures are worth, how many trials stand behind them, which changes
                  it, and what is asked for beside; against chance the bars of the run are read again
    Raises InputError when the folder is not a whole run, `out` is no file, something is wrong with the factors or the
    run cannot be judged; RunError when the disk refuses.
    """
    from engine.report.folder.read_run import read_run
    from engine.report.run.page import render

    given = None if factors is None else read_factors(factors.file, factors.unit)
    result = read_run(folder)
    analysis = analyse(result)
    judged = (
        None if significance is None else judge_run(result, analysis, significance, made_again(folder, result), watch)
    )
    attributed = None if given is None else attribute(result, analysis, given)
    added = "" if judged is None else judged.section
    added += "" if attributed is None else factor_section(attributed)
    drawn = {} if judged is None else chance_figures(judged.chance)
    page = write_page(render(result, analysis, added, drawn), out or folder / "report.html")
    said = tuple(one for one in notices(result, analysis) if one.level == "loud")
    return Rebuilt(page, attributed, judged, said)


def made_again(folder: Path, result: RunRecord, data: Any = None) -> Callable[[], Again]:
    """What makes the run that `folder` holds again; data: bars for a run whose own came from memory."""

    def run() -> Again:
        manifest, _ = read_documents(folder)
        source = str(manifest.get("source_hash", ""))
        return again(folder / "config.yaml", result.market.fingerprint, source, data)

    return run


def judge_run(result: RunRecord, analysis: Analysis, asked: Asked, run: Callable[[], Again], watch: Watch) -> Judged:
    """A finished run, judged; `run` makes it again, and is asked for what chance makes alone.

    Raises InputError where it cannot be judged, or not be made again as asked.
    """
    judged = judge(result, analysis)
    return Judged(judged, standing_of(result, analysis), against_chance(run, result, analysis, asked, watch))
