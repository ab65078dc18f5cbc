# SPDX-License-Identifier: Apache-2.0
"""The tables of a comparison, in words, as page and terminal both show them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from engine.analytics.pair.afterwards import After
from engine.analytics.pair.levels import SPANS, YEARS, Drawdown
from engine.report.compare.words import edges, estimate, moved, unit_words, value, verdict
from engine.report.kit.grid import Field, Grid
from engine.report.kit.words import NOTHING, count, counted, decimal, percent
from engine.runs.compare import Comparison

IN_YEARS = {252: "1 year", 1260: "5 years", None: "all years"}
DAILY = 200
"""Values a year from which 252 of them are called a year."""


def standing_grid(found: Comparison) -> Grid:
    """Where each of the two stands."""
    both = list(zip(found.pair.sides, found.standings, strict=True))
    rows = [
        ("last value", *(value(one.last) for _, one in both)),
        ("of", *[str(found.pair.sessions[-1])] * 2),
        (f"sessions ago, on {found.aligned.asof}", *[count(found.aligned.age)] * 2),
    ]
    for place, span in enumerate(SPANS):
        rows.append((f"over {counted(span, 'session')}", *(_move(found, n, place) for n in (0, 1))))
    for place, years in enumerate(YEARS):
        rows.append((f"percentile, {_years(found, years)}", *(percent(one.ranks[place], 0) for _, one in both)))
    rows.append(
        (
            f"volatility a year, {found.window} sessions",
            *(
                percent(one.volatility, 1) if side.logs else f"{decimal(one.volatility, 2)} points"
                for side, one in both
            ),
        )
    )
    downs = [one.drawdown for _, one in both]
    rows.append(("below its highest, now", *(NOTHING if one is None else percent(one.now, 1) for one in downs)))
    rows.append(("worst ever", *(NOTHING if one is None else percent(one.worst, 1) for one in downs)))
    rows.append(("from", *(_day(found, one, "peak") for one in downs)))
    rows.append(("to", *(_day(found, one, "trough") for one in downs)))
    return Grid(_fields(found, "now"), rows)


def window_grid(found: Comparison) -> Grid:
    """The last values of each."""
    sessions, both = found.pair.sessions, found.windows
    rows = (
        ("mean", *(value(one.mean) for one in both)),
        ("deviation", *(value(one.deviation) for one in both)),
        ("lowest", *(value(one.lowest) for one in both)),
        ("on", *(str(sessions[one.lowest_row]) for one in both)),
        ("highest", *(value(one.highest) for one in both)),
        ("on", *(str(sessions[one.highest_row]) for one in both)),
        ("skew", *(decimal(one.skew, 2) for one in both)),
    )
    return Grid(_fields(found, f"{found.window} sessions"), rows)


def together_grid(found: Comparison) -> Grid:
    """Correlations, betas and the ratio."""
    one, (first, second) = found.together, (side.symbol for side in found.pair.sides)
    rows = [
        ("correlation of levels", estimate(one.levels)),
        ("correlation of changes", estimate(one.changes)),
        (f"beta of {first} on {second}", estimate(one.first_on_second)),
        (f"beta of {second} on {first}", estimate(one.second_on_first)),
    ]
    if found.ratio is not None:
        rows.append((f"{first} / {second}", value(found.ratio.last)))
        rows.append((f"its z-score, {found.window} sessions", decimal(found.ratio.z, 2)))
        for years, rank in zip(YEARS, found.ratio.ranks, strict=True):
            rows.append((f"its percentile, {_years(found, years)}", percent(rank, 0)))
    return Grid((Field("together", "together"), Field("95 % interval in brackets", "95 % interval in brackets")), rows)


def bands_grid(found: Comparison) -> Grid:
    """The bands of the rolling correlation, and how often it was in each."""
    known = sum(int(one.inside.sum()) for one in found.bands)
    rows = [
        (
            one.name + (" (now)" if one.inside[-1] else ""),
            edges(one),
            percent(one.inside.sum() / known if known else None, 1),
            count(int(one.inside.sum())),
            one.words,
        )
        for one in found.bands
    ]
    fields = (
        Field("band", "band"), Field("correlation", "correlation"), Field("share of time", "share"),
        Field("sessions", "sessions"), Field("what it means", text=True),
    )  # fmt: skip
    return Grid(fields, rows)


def after_grid(found: Comparison, head: str, kinds: Mapping[str, Iterable[After]]) -> Grid:
    """What followed the days of each kind."""
    fields = (
        Field(head, head), Field("line", "line"), Field("after", "after", "sessions"), Field("days", "days"),
        Field("mean", "mean"), Field("all days", "all days"),
        Field("mean - all, 95 %", "difference, 95 %", "stationary bootstrap of days"),
        Field("above 0", hint="share of these moves"), Field("so it", "so it", text=True),
    )  # fmt: skip
    rows = [_after(found, name, one) for name, told in kinds.items() for one in told if one.days]
    return Grid(fields, rows)


def _after(found: Comparison, name: str, one: After) -> Sequence[str]:
    side = found.pair.at[one.symbol]
    interval = NOTHING
    if one.differs is not None:
        interval = f"{moved(side, one.low, unit=False)} to {moved(side, one.high, unit=False)}"
    return (
        name,
        f"{one.symbol} {unit_words(side)}",
        str(one.sessions),
        count(one.days),
        moved(side, one.mean, unit=False),
        moved(side, one.baseline, unit=False),
        interval,
        percent(one.positive, 0),
        verdict(one),
    )


def _years(found: Comparison, count: int | None) -> str:
    """`1 year`; of values that are further apart `the last 252`."""
    return IN_YEARS[count] if count is None or found.pair.per_year >= DAILY else f"the last {count:,}"


def _fields(found: Comparison, head: str) -> tuple[Field, ...]:
    return (Field(head, head), *(Field(side.symbol, side.symbol) for side in found.pair.sides))


def _move(found: Comparison, number: int, place: int) -> str:
    """A move in its unit; of a volatility index in per cent too, which it is often told in."""
    side, one = found.pair.sides[number], found.standings[number]
    words = moved(side, one.moves[place])
    return f"{words} ({percent(one.percent[place], 1, plus=True)})" if side.points and side.logs else words


def _day(found: Comparison, one: Drawdown | None, end: str) -> str:
    return NOTHING if one is None else str(found.pair.sessions[getattr(one, end)])
