# SPDX-License-Identifier: Apache-2.0
"""The page of a comparison: one self-contained file, to be kept open."""

from __future__ import annotations

from html import escape

from engine.notice import loud
from engine.report.compare import charts, part_rows, rows, scenario_rows
from engine.report.compare.verdicts import NO_INDEX, NOTHING_FOLLOWED, hedge_verdicts, lead_verdict, response_verdicts
from engine.report.compare.words import episode_kinds, moved, title, units, value
from engine.report.kit.markup import cards, chart, header, notice_list, paragraph, section
from engine.report.kit.page import page
from engine.report.kit.words import decimal, percent, synthetic_warning
from engine.runs.compare import Comparison


def render(found: Comparison, reload: int | None = None) -> str:
    """The whole page as text; the same findings give the same bytes. An open one reads itself anew every `reload` s."""
    parts = (
        _header,
        _notices,
        _cards,
        _levels,
        _standing,
        _correlation,
        _lead,
        _convexity,
        _episodes,
        _hedge,
        _scenarios,
        _method,
    )
    body = "".join(part(found) for part in parts)
    return page(title(found), body, charts.figures(found), reload)


def _header(found: Comparison) -> str:
    sessions = found.pair.sessions
    facts = (
        ("Sessions", escape(f"{sessions[0]} to {sessions[-1]}, {len(sessions):,} that both have")),
        ("Data", escape(found.label)),
        ("Window", escape(f"{found.window} sessions")),
        ("Seen", escape(f"as of {found.aligned.asof}")),
    )
    return header("Side by side", title(found), facts)


def _notices(found: Comparison) -> str:
    said = [loud(synthetic_warning(found.label))] if found.synthetic else []
    return notice_list([*said, *found.notices])


def _cards(found: Comparison) -> str:
    shown = []
    for side, one in zip(found.pair.sides, found.standings, strict=True):
        below = f"{moved(side, one.moves[0])} on the day, {percent(one.ranks[0], 0)} of the last 252 at or below"
        shown.append((f"{side.symbol}, {found.pair.sessions[-1]}", value(one.last), below, ""))
    band = found.band.name if found.band else "one of the two does not move"
    shown.append((f"Correlation, {found.window}", decimal(found.rolling[-1], 2), band, "of daily changes"))
    if found.ratio is not None:
        name = " / ".join(side.symbol for side in found.pair.sides)
        shown.append((name, value(found.ratio.last), f"z-score {decimal(found.ratio.z, 2)}", ""))
    if found.hedge is not None and found.hedge.effects:
        taken = percent(found.hedge.effects[0].effectiveness.value, 0)
        shown.append((f"{found.hedge.of} hedged", taken, f"of variance taken away by {found.hedge.by}", ""))
    verdict = lead_verdict(found).split(":", maxsplit=1)[0]
    shown.append(("Who moves first", verdict, "see below", ""))
    return cards(shown)


def _levels(found: Comparison) -> str:
    return section("levels", "Both lines", chart("levels", f"levels of {title(found)}"))


def _standing(found: Comparison) -> str:
    tables = (
        rows.standing_grid(found).html("fit keep"),
        rows.window_grid(found).html("fit keep"),
        rows.together_grid(found).html("fit keep"),
    )
    lead = f"{units(found.pair)[0]} Percentile: how many of as many last values are at or below the last one."
    return section("standing", "Where each stands", *tables, lead=lead)


def _correlation(found: Comparison) -> str:
    followed = rows.after_grid(found, "band", {one.name: found.following[one.name] for one in found.bands})
    return section(
        "correlation",
        "Rolling correlation",
        chart("correlation", "rolling correlation of changes in its bands"),
        rows.bands_grid(found).html("fit"),
        "<h3>What followed</h3>",
        followed.html("fit") if followed.rows else paragraph(NOTHING_FOLLOWED),
        lead=f"Of daily changes over {found.window} sessions. The edges of the bands are given, not fitted.",
    )


def _lead(found: Comparison) -> str:
    drawn = chart("leads", "correlation by lag") if found.lead_lag and found.lead_lag[0].lags else ""
    return section(
        "leads",
        "Who moves first",
        paragraph(lead_verdict(found), "verdict"),
        drawn,
        part_rows.lead_grid(found).html("fit"),
    )


def _convexity(found: Comparison) -> str:
    drawn = chart("moves", "daily changes of both lines against each other")
    if not found.responses:
        return section("convexity", "Convexity", drawn)
    said = "".join(f"<li>{escape(sentence)}</li>" for sentence in response_verdicts(found))
    return section(
        "convexity",
        "Convexity",
        drawn,
        f'<ul class="notes">{said}</ul>',
        part_rows.sign_grid(found).html("fit"),
        part_rows.size_grid(found).html("fit"),
        lead="Change of the one line for a change of 1 of the other, with errors that respect overlap.",
    )


def _episodes(found: Comparison) -> str:
    if found.pair.index is None:
        return section("episodes", "Episodes", paragraph(NO_INDEX))
    parts = []
    for one in found.episodes:
        said = paragraph(f"{one.words}. {one.rule}: {len(one.found)} times.")
        tables = (
            rows.after_grid(found, "from", episode_kinds(found, one)).html("fit"),
            part_rows.episode_grid(found, one).html("fit dates"),
        )
        parts.append(section(one.name.replace(" ", "-"), one.name.capitalize(), said, *(tables if one.found else ())))
    return "".join(parts)


def _hedge(found: Comparison) -> str:
    first, second = found.pair.by_kind
    said = "".join(map(paragraph, hedge_verdicts(found)))
    grid = part_rows.hedge_grid(found, found.hedge).html("fit keep") if found.hedge is not None else ""
    carry = ""
    if found.carry is not None:
        carry = f"<h3>By {escape(found.carry.symbol)}</h3>{part_rows.hedge_grid(found, found.carry.hedge).html('fit')}"
    return section("hedge", f"{first.symbol} hedged by {second.symbol}", said, grid, carry,
                   lead="With the beta known the day before; regimes are the bands of the correlation.")  # fmt: skip


def _scenarios(found: Comparison) -> str:
    parts = []
    for number, one in enumerate(found.outcomes, start=1):
        book = "".join(map(paragraph, scenario_rows.book_words(one.book))) if one.book is not None else ""
        parts.append(
            section(
                f"scenario-{number}",
                f"Scenario: {escape(one.scenario.text)}",
                scenario_rows.moves_grid(found, one).html("fit"),
                rows.after_grid(found, "from", scenario_rows.scenario_kinds(found, one)).html("fit"),
                book,
                scenario_rows.days_grid(found, one).html("fit dates"),
                lead=scenario_rows.scenario_words(one),
            )
        )
    return "".join(parts)


def _method(found: Comparison) -> str:
    said = "".join(map(paragraph, (*found.aligned.sentences, *units(found.pair))))
    bands = (
        "Bands around a difference are the middle 95 % of 1,000 draws of a stationary bootstrap; one band in twenty "
        "leaves out 0 by chance. docs/compare.md says how each figure is made."
    )
    return section("method", "When each value is known", said, paragraph(bands))
