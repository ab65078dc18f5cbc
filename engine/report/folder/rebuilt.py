# SPDX-License-Identifier: Apache-2.0
"""The report of a finished run drawn again from its files, with sections that only a person's wish adds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.analytics.analysis import analyse
from engine.analytics.factors.findings import FactorAttribution
from engine.analytics.factors.model import attribute
from engine.analytics.factors.reading import read_factors
from engine.analytics.significance.judged import Significance, judge
from engine.report.folder.run_folder import write_page
from engine.report.run.factor_section import factor_section
from engine.report.run.significance_section import significance_section
from engine.report.run.trials_words import trials_notice
from engine.runs.trials.standing import Standing, standing_of


@dataclass(frozen=True)
class Factors:
    """A file of factor returns and the unit they are in; None is refused, with the two that there are."""

    file: Path
    unit: str | None


@dataclass(frozen=True)
class Rebuilt:
    """Where a report was written, and what was added to it."""

    page: Path
    factors: FactorAttribution | None = None
    significance: Significance | None = None
    trials: Standing | None = None


def rebuild_report(
    folder: Path, out: Path | None = None, factors: Factors | None = None, *, significance: bool = False
) -> Rebuilt:
    """Draw the report again from the files of a run folder alone, and the returns on `factors`.

    significance  whether a section says what the figures are worth, and how many trials stand behind them: with more
                  trials it says something else
    Raises InputError when the folder is not a whole run, `out` is no file, something is wrong with the factors or the
    run cannot be judged; RunError when the disk refuses.
    """
    from engine.report.folder.read_run import read_run
    from engine.report.run.page import render

    given = None if factors is None else read_factors(factors.file, factors.unit)
    result = read_run(folder)
    analysis = analyse(result)
    judged = judge(result, analysis) if significance else None
    trials = standing_of(result, analysis) if significance else None
    attributed = None if given is None else attribute(result, analysis, given)
    added = "" if judged is None or trials is None else significance_section(judged, trials_notice(trials))
    added += "" if attributed is None else factor_section(attributed)
    page = write_page(render(result, analysis, added), out or folder / "report.html")
    return Rebuilt(page, attributed, judged, trials)
