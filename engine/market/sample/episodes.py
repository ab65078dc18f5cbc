# SPDX-License-Identifier: Apache-2.0
"""What happens in the sample market on dates that are the same under every seed.

None of the dates is that of the historical event it is modelled on: nobody can mistake the sample for history.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

FIRST_SESSION = dt.date(2000, 1, 3)
LAST_SESSION = dt.date(2024, 12, 31)


@dataclass(frozen=True, slots=True)
class Episode:
    """A scripted stretch of the sample market, first and last session inclusive."""

    name: str
    first: dt.date
    last: dt.date
    title: str
    summary: str


DECOUPLING = Episode(
    "vix_decoupling",
    dt.date(2003, 5, 1),
    dt.date(2003, 8, 29),
    "VIX decouples",
    "The VIX creeps up while the index does not fall: day by day their changes are hardly correlated.",
)
QUANT_DELEVERAGING = Episode(
    "quant_deleveraging",
    dt.date(2006, 2, 6),
    dt.date(2006, 2, 17),
    "Quant deleveraging",
    "Crowded books are cut: small caps fall about 10 %, three times as much as large caps, within ten sessions, while "
    "VIX and RVX stay quiet.",
)
QUANT_REBOUND = Episode(
    "quant_rebound",
    dt.date(2006, 2, 21),
    dt.date(2006, 2, 27),
    "Rebound",
    "When the selling ends, small caps win back about half of their loss within five sessions.",
)
CRASH = Episode(
    "crash",
    dt.date(2010, 9, 7),
    dt.date(2010, 10, 8),
    "Crash",
    "Large caps lose a third and small caps two fifths in five weeks; the VIX rises to about 80.",
)
CRASH_REBOUND = Episode(
    "crash_rebound",
    dt.date(2010, 10, 11),
    dt.date(2010, 12, 3),
    "Rebound",
    "About half of the crash is won back in eight weeks, with large moves both ways.",
)
SUPPORT_LINE = Episode(
    "support_line",
    dt.date(2013, 3, 4),
    dt.date(2017, 6, 23),
    "Support holds",
    "IWM comes down to the same price six times in four years and never closes below it (sample.support_level).",
)
SUPPORT_BREAK = Episode(
    "support_break",
    dt.date(2017, 6, 26),
    dt.date(2017, 9, 22),
    "Support breaks",
    "IWM closes through the line, is 8 % below it within six sessions and does not come back to it in three months.",
)
SMALL_CAP_SQUEEZE = Episode(
    "small_cap_squeeze",
    dt.date(2021, 11, 8),
    dt.date(2021, 11, 12),
    "Small-cap squeeze",
    "After months of rising short interest small caps gain 11 % on large caps in five sessions.",
)

EPISODES: tuple[Episode, ...] = (
    DECOUPLING,
    QUANT_DELEVERAGING,
    QUANT_REBOUND,
    CRASH,
    CRASH_REBOUND,
    SUPPORT_LINE,
    SUPPORT_BREAK,
    SMALL_CAP_SQUEEZE,
)
"""Every scripted episode in order of time; they do not overlap."""

SUPPORT_START = 0.10
"""Log distance of IWM's close from the line on the session before SUPPORT_LINE begins: this sets the line's price."""

SUPPORT_ANCHORS: tuple[tuple[dt.date, float], ...] = (
    (dt.date(2013, 6, 17), 0.004),
    (dt.date(2013, 10, 14), 0.14),
    (dt.date(2014, 2, 24), 0.006),
    (dt.date(2014, 7, 7), 0.18),
    (dt.date(2014, 11, 3), 0.003),
    (dt.date(2015, 3, 23), 0.17),
    (dt.date(2015, 7, 13), 0.005),
    (dt.date(2015, 11, 9), 0.12),
    (dt.date(2016, 3, 21), 0.004),
    (dt.date(2016, 8, 15), 0.16),
    (dt.date(2016, 12, 5), 0.006),
    (dt.date(2017, 3, 13), 0.10),
    (SUPPORT_LINE.last, 0.015),
    (dt.date(2017, 7, 3), -0.085),
    (SUPPORT_BREAK.last, -0.12),
)
"""Log distance of IWM's close from the line on these sessions; the path wanders freely from one to the next."""

SUPPORT_TESTS: tuple[dt.date, ...] = tuple(date for date, distance in SUPPORT_ANCHORS[:12] if distance < 0.01)
"""The six sessions on which IWM closes within 1 % of the line."""
