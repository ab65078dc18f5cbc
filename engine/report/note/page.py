# SPDX-License-Identifier: Apache-2.0
"""The note as one self-contained page: no script, no picture, nothing from the network."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from engine.notice import loud
from engine.report.kit.markup import Column, cards, header, notice_list, paragraph, section, table
from engine.report.kit.page import plain_page
from engine.report.kit.words import counted
from engine.report.note import rows


def render(shown: Mapping[str, Any]) -> str:
    """The whole page as text; the same document gives the same bytes."""
    wrong = [loud(rows.broken_words(one)) for one in shown["broken"]]
    wrong += [loud(f"{one['name']}: {one['other']}") for one in shown["strategies"] if one["other"]]
    wrong += [loud(f"{name}: {text}") for name, text in rows.said(shown, "alarms")]
    facts = (("Made", escape(rows.made(shown))), ("Of", counted(shown["counts"]["configurations"], "configuration")))
    head = header(shown["headline"], rows.title(shown), facts)
    body = (
        head,
        notice_list(wrong),
        _cards(shown),
        _orders(shown, "send", "Orders to send"),
        _orders(shown, "cancel", "Orders to take back"),
        _sentences("changed", "Changed since the close before", rows.said(shown, "changes")),
        _sentences("near", f"Within {100 * shown['near']:g} % of the close", rows.near(shown)),
        _books(shown),
        _sentences("paper", "Paper accounts", rows.papers(shown)),
        _sentences("data", "Data", rows.ages(shown), *_doubts(shown)),
    )
    return plain_page(rows.title(shown), "".join(body))


def _cards(shown: Mapping[str, Any]) -> str:
    counts = shown["counts"]
    return cards(
        [
            ("Orders to send", str(counts["orders"]), "", ""),
            ("Alarms", str(counts["alarms"]), "", ""),
            ("Stale", str(counts["stale"]), f"of {counts['configurations']}", ""),
            ("Broken", str(counts["broken"]), f"of {counts['configurations']}", ""),
        ]
    )


def _orders(shown: Mapping[str, Any], part: str, heading: str) -> str:
    found = list(rows.orders(shown, part))
    if not found:
        return section(part, heading, paragraph("None.")) if part == "send" and shown["strategies"] else ""
    items = "".join(
        f"<li><b>{escape(order)}</b><br><span>{escape(name)}: {escape(why)}</span></li>" for name, order, why in found
    )
    return section(part, heading, f'<ul class="lines">{items}</ul>')


def _sentences(anchor: str, heading: str, found: Iterable[tuple[str, str]], *more: str) -> str:
    items = "".join(f"<li><b>{escape(name)}</b> {escape(text)}</li>" for name, text in found)
    return section(anchor, heading, f'<ul class="lines">{items}</ul>', *more) if items or more else ""


def _books(shown: Mapping[str, Any]) -> str:
    if not shown["strategies"]:
        return ""
    return section(
        "books",
        "Books",
        rows.books_grid(shown).html("fit keep"),
        "<h3>Held</h3>",
        table([Column("strategy"), Column("holds")], list(rows.held(shown)), "fit"),
        lead=rows.BOOK_LEAD,
    )


def _doubts(shown: Mapping[str, Any]) -> list[str]:
    found = [loud(rows.doubt_words(doubt)) for doubt in shown["doubts"]]
    return [notice_list(found)] if found else []
