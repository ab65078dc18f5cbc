# SPDX-License-Identifier: Apache-2.0
"""The comparison of two symbols or series: read, put on common sessions, described. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.analytics.pair import bands as banded
from engine.analytics.pair.afterwards import After, afterwards
from engine.analytics.pair.bands import Band
from engine.analytics.pair.convexity import Response, responses
from engine.analytics.pair.episodes import Episodes, episodes
from engine.analytics.pair.hedge import Hedge, hedge
from engine.analytics.pair.lead_lag import LeadLag, lead_lag
from engine.analytics.pair.levels import Standing, Window, standing, window_of
from engine.analytics.pair.relation import Ratio, Together, ratio, rolling_correlation, together
from engine.analytics.pair.sides import Pair, flat
from engine.arrays import FloatArray
from engine.clock import now
from engine.errors import InputError, Problem
from engine.market.calendar import date_of, day_of
from engine.market.doubts import said
from engine.market.lines import Line
from engine.notice import Notice, loud_first, note
from engine.progress import Watch, unwatched
from engine.runs.compare.alignment import Aligned, aligned
from engine.runs.compare.carry import Carry, carry_of
from engine.runs.compare.outcome import Outcome, doubts, outcome, under
from engine.runs.compare.question import Question
from engine.runs.compare.scenario import scenario
from engine.runs.compare.where import Where, is_volatility


@dataclass(frozen=True)
class Comparison:
    """Everything that was found of two lines.

    rolling    (T,) correlation of changes over the window, by session
    following  band -> what came after its days, name of episodes -> what came after their first days
    hedge      of the first line by the second, of the fund by the volatility index where there is one; None where a
               line rests or has too few days
    carry      what was given to be bought in the index's place
    outcomes   of the scenarios; `following` has what came after their days under their words
    """

    aligned: Aligned
    label: str
    synthetic: bool
    window: int
    standings: tuple[Standing, Standing]
    windows: tuple[Window, Window]
    together: Together
    ratio: Ratio | None
    rolling: FloatArray = field(repr=False)
    bands: tuple[Band, ...]
    following: Mapping[str, tuple[After, ...]]
    responses: tuple[Response, ...]
    episodes: tuple[Episodes, ...]
    lead_lag: tuple[LeadLag, ...]
    hedge: Hedge | None
    carry: Carry | None
    outcomes: tuple[Outcome, ...]
    notices: tuple[Notice, ...]

    @property
    def pair(self) -> Pair:
        return self.aligned.pair

    @property
    def band(self) -> Band | None:
        """The band of the last session; None where the window did not move."""
        return next((one for one in self.bands if one.inside[-1]), None)


def compare(asked: Question, place: Where, watch: Watch = unwatched) -> Comparison:
    """Answer the question from the lines at `place`.

    Raises InputError for a question that does not fit the lines, DataError for data that cannot answer it.
    """
    watch("reading")
    kinds = [is_volatility(name, place.roles, asked.volatility) for name in asked.names[:2]]
    lines = place.lines(asked.names, asked.volatility)
    if lines[0].symbol == lines[1].symbol:
        raise InputError(Problem("the two are one symbol", found=lines[0].symbol, allowed="two different ones"))
    if asked.carry and kinds[0] == kinds[1]:
        message = "this is bought in place of a volatility index, and the two have not one of those"
        raise InputError(Problem(message, path="--carry", found=asked.carry, allowed="--volatility SYMBOL says which"))
    newest = date_of(max(int(one.sessions[-1]) for one in lines[:2]))
    today = asked.asof or (newest if place.source.synthetic else now().date())
    found = aligned(lines[0], lines[1], kinds, asked.window, asked.asof, today)
    watch("describing the two")
    described = _described(found, place, lines, asked)
    if place.ready is None or not described.outcomes:
        return described
    if place.ready.config.sleeves:
        words = "the book of several sleeves is not put under scenarios; one sleeve's own configuration is"
        return replace(described, notices=(*described.notices, note(f"{place.ready.config.name}: {words}")))
    books, more = under(found.pair, described.outcomes, place.ready, watch)
    with_books = tuple(replace(one, book=book) for one, book in zip(described.outcomes, books, strict=True))
    return replace(described, outcomes=with_books, notices=tuple(loud_first([*described.notices, *more])))


def _described(found: Aligned, place: Where, lines: Sequence[Line], asked: Question) -> Comparison:
    pair, window = found.pair, asked.window
    rolling = rolling_correlation(pair, window)
    default = banded.OTHERS if pair.index is None else banded.VOLATILITY
    parts = banded.bands(pair, rolling, asked.edges or default)
    regimes = {one.name: one.inside for one in parts}
    named = episodes(pair)
    outcomes = tuple(outcome(pair, scenario(words, pair, place.symbols)) for words in dict.fromkeys(asked.scenarios))
    kinds = regimes | {name: days for one in named for name, days in one.kinds.items()}
    kinds |= {one.scenario.text: one.is_one for one in outcomes}
    fund, index = pair.by_kind
    return Comparison(
        aligned=found,
        label=place.source.label,
        synthetic=place.source.synthetic,
        window=window,
        standings=(standing(pair.first, window, pair.per_year), standing(pair.second, window, pair.per_year)),
        windows=(window_of(pair.first, window), window_of(pair.second, window)),
        together=together(pair, window),
        ratio=ratio(pair, window),
        rolling=rolling,
        bands=parts,
        following=afterwards(pair, kinds),
        responses=responses(pair),
        episodes=named,
        lead_lag=lead_lag(pair, regimes),
        hedge=hedge(fund, index, regimes, window, pair.per_year),
        carry=carry_of(pair, lines[2], regimes, window) if asked.carry else None,
        outcomes=outcomes,
        notices=tuple(
            loud_first([*found.notices, *_of_the_lines(pair, lines), *_still(pair, window), *doubts(outcomes)])
        ),
    )


def _of_the_lines(pair: Pair, lines: Sequence[Line]) -> list[Notice]:
    first, last = (day_of(day) for day in pair.sessions[[0, -1]].astype(object))
    return [notice for one in lines for notice in (*one.notices, *said(one.doubts, first, last))]


def _still(pair: Pair, window: int) -> list[Notice]:
    words = f"does not move in the last {window} sessions: correlation, beta and z-score of them are not defined"
    return [note(f"{side.symbol} {words}") for side in pair.sides if flat(side.changes[-window:])]
