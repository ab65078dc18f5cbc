# SPDX-License-Identifier: Apache-2.0
"""How many trials stand behind a result, in one sentence and as data. Never part of a run's folder: the count grows."""

from __future__ import annotations

import math
from typing import Any

from engine.analytics.significance.found_ratio import FEWEST
from engine.notice import Notice, loud, note
from engine.report.kit.words import counted, decimal, percent
from engine.runs.trials.standing import Standing


def trials_notice(found: Standing) -> Notice:
    """What a reader must know of the search; loud where it could not be counted."""
    what = f"{found.family.strategy} on {found.family.legs}"
    if found.problem:
        return loud(f"This trial of {what} is not counted: {found.problem}. Figures look better than they are.")
    if not found.tried:
        return note(f"No trial of {what} is on record here: a Sharpe ratio is as if this were the only one.")
    words = f"{counted(found.tried, 'trial')} of {what} since {found.since}"
    if not math.isfinite(found.deflated):
        return note(f"{words}; {_unjudged(found)}.")
    if found.tried == 1:
        return note(f"{words}. Probability that the Sharpe ratio is above 0: {percent(found.deflated, 0)}.")
    return note(
        f"{words}. Without any merit the best of so many has a Sharpe ratio of {decimal(found.expected, 2)}; "
        f"probability that this one is better than luck: {percent(found.deflated, 0)} (deflated Sharpe ratio)."
        f"{_search(found)}"
    )


def _unjudged(found: Standing) -> str:
    """Why there is no probability."""
    if found.sessions < FEWEST:
        few = f"{counted(found.sessions, 'return')} of this one are too few"
        return f"{few} for a probability that its Sharpe ratio is no luck, which takes {FEWEST}"
    if not math.isfinite(found.ratio):
        return "this one has no Sharpe ratio"
    return "the returns of this one are too far from normal ones for a probability that its Sharpe ratio is no luck"


def _search(found: Standing) -> str:
    if not found.searched:
        return ""
    return (
        f" A search tried {found.searched:,} of them, and finds more than as many at random: luck explains more than "
        "this says."
    )


def trials_document(found: Standing) -> dict[str, Any]:
    """The same as plain data; null where undefined."""
    return {
        "family": found.family.id,
        "counted": not found.problem,
        "problem": found.problem,
        "tried": found.tried,
        "backtests": found.backtests,
        "sweeps": found.sweeps,
        "searched": found.searched,
        "since": found.since,
        "expected_best": found.expected,
        "deflated_sharpe": found.deflated if math.isfinite(found.deflated) else None,
    }
