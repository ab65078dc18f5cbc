# SPDX-License-Identifier: Apache-2.0
"""The stretches of history that a strategy is put through, with what happened in each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from engine.model.run import RunConfig, SampleData


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of history, first and last session inclusive."""

    name: str
    title: str
    first: dt.date
    last: dt.date
    words: str


def _window(name: str, title: str, first: str, last: str, words: str) -> Window:
    return Window(name, title, dt.date.fromisoformat(first), dt.date.fromisoformat(last), words)


WINDOWS: tuple[Window, ...] = (
    _window(
        "july_august_2007", "Jul-Aug 2007", "2007-07-02", "2007-08-31",
        "Crowded long/short books are cut; small caps fall 7 % in July, large caps 3 %; the quant quake of August.",
    ),
    _window(
        "crisis_2008", "2008", "2008-01-02", "2008-12-31",
        "The credit crisis: Lehman fails on 15 September, shorts in financials are banned, deleveraging for months.",
    ),
    _window(
        "august_2011", "Aug 2011", "2011-08-01", "2011-08-31",
        "The debt ceiling and the downgrade of the United States on 5 August; small caps fall 9 %, large caps 5.5 %.",
    ),
    _window(
        "february_march_2020", "Feb-Mar 2020", "2020-02-03", "2020-03-31",
        "The pandemic: small caps fall 41 % in 23 sessions, large caps 34 %; both gain 9 % on 24 March.",
    ),
    _window(
        "november_2020", "Nov 2020", "2020-11-02", "2020-11-30",
        "Vaccine news on 9 November: rotation out of large technology; IWM gains 18 %, its best month ever.",
    ),
    _window(
        "january_2021", "Jan 2021", "2021-01-04", "2021-01-29",
        "Heavily shorted small companies are squeezed; long/short funds cut both sides of their books.",
    ),
    _window(
        "july_2024", "Jul 2024", "2024-07-01", "2024-07-31",
        "A soft inflation print on 11 July: shorts are covered, small caps win back five months of relative loss.",
    ),
)  # fmt: skip
"""In order of time. Dates are sessions of the New York Stock Exchange."""


def windows_of(config: RunConfig) -> tuple[Window, ...]:
    """The windows of history; on the sample market, which has no history, its scripted episodes."""
    if not isinstance(config.data, SampleData):
        return WINDOWS
    from engine.market.sample.episodes import EPISODES

    titles = [one.title for one in EPISODES]
    return tuple(
        Window(
            one.name,
            one.title if titles.count(one.title) == 1 else f"{one.title} {one.first.year}",
            one.first,
            one.last,
            one.summary,
        )
        for one in EPISODES
    )
