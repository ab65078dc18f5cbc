# SPDX-License-Identifier: Apache-2.0
"""The page of a study of funds: one self-contained file in the report's style."""

from __future__ import annotations

import math
from html import escape

from engine.report.funds import tables
from engine.report.funds.charts import figures
from engine.report.funds.words import claim_words, commentary, frictions_words, sides_words
from engine.report.kit.encoding import Figure
from engine.report.kit.markup import cards, chart, header, notice_list, paragraph, section
from engine.report.kit.page import page
from engine.report.kit.words import counted, decimal, percent
from engine.runs.funds import Funds


def render(found: Funds) -> str:
    """The whole page as text. The same findings give the same bytes."""
    drawn = figures(found)
    body = (
        _header(found), notice_list(found.notices), _cards(found), _commentary(found), _index(found, drawn),
        _parts(drawn), _funds(found), _weights(drawn), _sides(found, drawn), _claim(found), _effects(found),
        _members(found), _method(found),
    )  # fmt: skip
    return page(f"{found.title}: funds", "".join(body), drawn)


def _header(found: Funds) -> str:
    panel, terms = found.panel, found.study.terms
    facts = (
        ("Funds", escape(f"{counted(len(panel.names), 'fund')}, {panel.months[0]} to {panel.months[-1]}")),
        ("Market", escape(panel.benchmark_name)),
        ("Cash", escape(panel.bill_name or "earns nothing")),
        ("Window", escape(f"{terms.window} months")),
    )
    return header("Fund index and Return Structure", found.title, facts)


def _cards(found: Funds) -> str:
    one, study = found.against, found.study
    shown = [("Index", decimal(float(study.index.level[-1]), 2), f"from {decimal(study.index.base, 0)}", "")]
    if one is not None:
        month = str(found.panel.months[one.row])
        market = found.panel.benchmark_name
        shown += [
            (month, percent(one.month[0], plus=True), f"{market} {percent(one.month[1], plus=True)}", ""),
            (
                "Year to date",
                percent(one.year_to_date[0], plus=True),
                f"{market} {percent(one.year_to_date[1], plus=True)}",
                "",
            ),
            ("Market sensitivity", percent(one.beta, 0), "beta of 12 months", ""),
            ("Alpha", percent(12 * one.alpha, 1, plus=True), "a year, of 12 months", ""),
        ]
        if not math.isnan(one.calmer):
            shown.append(("Calmer", f"{decimal(one.calmer, 1)} times", f"than {market}, 12 months", ""))
    return cards(shown)


def _commentary(found: Funds) -> str:
    return section("commentary", "The month", *(paragraph(sentence) for sentence in commentary(found)))


def _index(found: Funds, drawn: dict[str, Figure]) -> str:
    lead = "Both from the same level where both begin; log scale."
    label = "level of the index and of the market"
    return section(
        "index",
        "The index against its market",
        _place(drawn, "index", label),
        tables.year_grid(found).html(),
        lead=lead,
    )


def _parts(drawn: dict[str, Figure]) -> str:
    if "parts" not in drawn:
        return ""
    lead = "Mean alpha and beta returns over the members, each a mean of its window, compounded month by month."
    return section("parts", "Alpha index, beta index", _place(drawn, "parts", "alpha index and beta index"), lead=lead)


def _funds(found: Funds) -> str:
    month = found.panel.months[tables.decided_row(found)]
    lead = (
        f"As known once {month} was reported; returns in per cent a month, averaged over 6 months; weights of "
        f"{month + 1} in per cent."
    )
    return section("funds", "Funds, Return Structure, weights", tables.funds_grid(found).html(), lead=lead)


def _weights(drawn: dict[str, Figure]) -> str:
    if "weights" not in drawn:
        return ""
    lead = "Portfolio by Return Structure, held during each month and known from the months before it."
    return section("weights", "Weights over time", _place(drawn, "weights", "weights by fund"), lead=lead)


def _sides(found: Funds, drawn: dict[str, Figure]) -> str:
    if "portfolios" not in drawn:
        return ""
    made = tables.sides_grid(found).html() if found.sides else ""
    picture = _place(drawn, "portfolios", "the portfolios, the index and the market")
    return section("portfolios", "Three portfolios, the index, the market", picture, made, lead=sides_words(found))


def _claim(found: Funds) -> str:
    if not found.shares:
        return ""
    said = [paragraph(sentence) for sentence in claim_words(found)]
    lead = "The claim: true alpha is 20 to 25 % of what the industry returns. In per cent, returns a year."
    return section("claim", "How much of it is alpha", tables.shares_grid(found).html(), *said, lead=lead)


def _effects(found: Funds) -> str:
    lead = "One choice at a time, in per cent a year; regressions over all months with Newey-West errors."
    made = section("effects", "What each choice does", tables.effects_grid(found).html(), lead=lead)
    if not found.frictions:
        return made
    lead = (
        "Notice: months between a decision and its month. Locked: capital lies in so many parts, one is renewed a "
        f"month. Per cent. {frictions_words(found)}"
    )
    return made + section("frictions", "Notice and lock-up", tables.frictions_grid(found).html("fit"), lead=lead)


def _members(found: Funds) -> str:
    lead = "Every month in which a fund entered or was out for the first time."
    made = chart("members", "number of members of the index")
    return section("members", "History of membership", made, tables.changes_grid(found).html(), lead=lead)


def _method(found: Funds) -> str:
    lines = "".join(f"<li>{escape(rule)}</li>" for rule in found.rules)
    return section("method", "How it is made", f'<ul class="notes">{lines}</ul>')


def _place(drawn: dict[str, Figure], name: str, label: str) -> str:
    return chart(name, label) if name in drawn else ""
