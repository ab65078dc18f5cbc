# SPDX-License-Identifier: Apache-2.0
"""What one look for a bar to decide has come to."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from engine.market.calendar import Calendar
from engine.paper.decision.bars import Latest
from engine.paper.decision.timely import late_words
from engine.paper.instructions import Decision
from engine.paper.journal.journal import Intent
from engine.paper.verdict import Verdict


class Step(StrEnum):
    """What came of looking for a bar to decide."""

    DECIDED = "decided"
    JUDGED = "judged"  # a dry run: shown, neither kept nor sent
    NOTHING_NEW = "nothing new"
    NO_BARS = "no bars"
    TOO_EARLY = "too early"  # the newest bar may not be final
    NOT_COMPARED = "not compared"  # the broker did not answer all questions
    DATA_DIFFER = "data differ"
    NOT_AGREED = "not agreed"  # journal and broker, on what the account is
    NO_VALUE = "no value"  # of a series that the strategy reads
    UNWRITABLE = "unwritable"  # the journal


UNDECIDED = frozenset(Step) - {Step.DECIDED, Step.JUDGED, Step.NOTHING_NEW}
"""Something is missing or wrong: the bar waits for a decision."""


@dataclass(frozen=True)
class Report:
    """One look. verdicts are the gates' words on its orders, sent what went out; why is of a refusal or a late bar.

    notices  what is loud of the data, as far as this session has not said it yet
    """

    step: Step
    decision: Decision | None = None
    verdicts: tuple[Verdict, ...] = ()
    sent: tuple[Intent, ...] = ()
    why: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    latest: Latest | None = field(default=None, repr=False)


def timely(report: Report, calendar: Calendar, frequency: str, now: int) -> Report:
    """The report, with a word where the newest bar of the data is not the one that has closed last at `now`, ns UTC."""
    if report.why or report.latest is None:
        return report
    words = late_words(report.latest, calendar, frequency, now)
    return replace(report, why=(words,)) if words else report
