# SPDX-License-Identifier: Apache-2.0
"""The page of a stress test: one self-contained file in the report's style."""

from __future__ import annotations

from html import escape

from engine.notice import loud
from engine.report.kit.encoding import Figure
from engine.report.kit.markup import cards, chart, header, legs, notice_list, paragraph, section
from engine.report.kit.page import page
from engine.report.kit.words import MARGIN_WORDS, percent, synthetic_warning
from engine.report.stress import charts, tables
from engine.report.stress.rows import frozen_rows, sensitivity_grid, shock_blocks, spiral_rows, windows_grid
from engine.report.stress.words import (
    LEGEND,
    book_words,
    crowd_words,
    pair_words,
    rung,
    shock_words,
    times,
    volatility_words,
)
from engine.runs.stress.findings import Stress
from engine.runs.stress.run import REFERENCE

FROZEN = (
    "What the strategy held at the close before, frozen and scaled to each gross over equity, in the real account: "
    "costs, borrow fees, maintenance, and margin calls that cut it at the next open."
)


def render(found: Stress) -> str:
    """The whole page as text. The same findings give the same bytes."""
    body = "".join((_header(found), _notices(found), _cards(found), _history(found), _shocks(found), _spiral(found)))
    return page(f"{found.result.config.name}: stress", body + _method(found), _figures(found))


def _figures(found: Stress) -> dict[str, Figure]:
    drawn = {"windows": charts.windows_chart(found)} if any(one.passage for one in found.windows) else {}
    if found.sensitivity is not None:
        drawn |= {"spiral": charts.spiral_chart(found), "survival": charts.survival_chart(found)}
    return drawn


def _header(found: Stress) -> str:
    config, market = found.result.config, found.result.market
    own = f"own leverage {rung(found.own)}, from {found.own_words}"
    facts = (
        ("Legs", legs(market.symbols)),
        ("Run", escape(f"{market.sessions[0]} to {market.sessions[-1]}; {market.label or 'unlabelled'}")),
        ("Account", escape(f"{MARGIN_WORDS[config.account.margin.kind]}; {own}")),
        ("Book", escape(_book_words(found))),
    )
    return header(config.strategy, f"{config.name}: stress", facts)


def _book_words(found: Stress) -> str:
    book = found.book
    if book is None:
        return f"nothing was held by {found.asof}"
    flat = f" (flat on {book.asked})" if book.was_flat else ""
    return f"{book_words(found, book)}, as held on {book.session}{flat}"


def _notices(found: Stress) -> str:
    market = found.result.market
    said = [loud(synthetic_warning(market.label))] if market.synthetic else []
    return notice_list([*said, *found.notices])


def _cards(found: Stress) -> str:
    known = [(one.window.title, one.passage) for one in found.windows if one.passage is not None]
    shown: list[tuple[str, str, str, str]] = []
    if known:
        title, worst = min(known, key=lambda pair: -pair[1].drawdown)
        shown.append(("Deepest window", percent(-worst.drawdown, 1), f"{title}, the strategy as configured", ""))
        shown.append(("Margin calls", str(sum(one.calls for _, one in known)), "in all windows", ""))
    one = charts.reference(found)
    if one is not None:
        move = shock_words(found, REFERENCE)
        shown.append(("First call", times(one.ladder.called_at), move, ""))
        if one.spiral is not None:
            shown.append(("Dies in the spiral", times(one.spiral.dies_at), move, ""))
            shown.append(("Dies without impact", times(one.spiral.dies_alone_at), move, ""))
    return cards(shown)


def _history(found: Stress) -> str:
    if not any(one.passage for one in found.windows):
        return section("windows", "The strategy in history", windows_grid(found).html(), tables.windows_list(found))
    lead = "As configured, over its whole period; measured from the close before each window. A long window starts "
    parts = [
        section(
            "windows",
            "The strategy in history",
            chart("windows", "equity inside each window"),
            windows_grid(found).html(),
            tables.windows_list(found),
            lead=f"{lead}hidden: click its name.",
        )
    ]
    frozen = frozen_rows(found)
    if frozen:
        lead = (
            f"{FROZEN} Largest loss at any close. {LEGEND} The spiral's column puts the worst of the window into one "
        )
        parts.append(
            section(
                "frozen",
                "Its book through history",
                tables.heat_table(found, "window", frozen, "called at", "dies at", "dies in the spiral at"),
                lead=f"{lead}sudden move.",
            )
        )
    return "".join(parts)


def _shocks(found: Stress) -> str:
    if found.book is None or not found.shocks:
        return ""
    blocks = [
        (f"<h3>{escape(about)}</h3>" if about else "") + tables.heat_table(found, "shock", rows, "called at", "dies at")
        if rows
        else paragraph(about)
        for about, rows in shock_blocks(found)
    ]
    lead = f"{FROZEN} A straight line, half of each day's move overnight. {LEGEND}"
    return section("shocks", f"Shocks: {pair_words(found)}", *blocks, lead=lead)


def _spiral(found: Stress) -> str:
    one = charts.reference(found)
    if found.sensitivity is None or one is None or one.spiral is None:
        return ""
    called = [pair for pair in zip(one.spiral.leverages, one.spiral.spirals, strict=True) if len(pair[1].steps) > 1]
    rounds = ""
    if called:
        leverage, spiral = called[0]
        rounds = f"<h3>{rung(leverage)}, {spiral.ending}, round by round</h3>{tables.rounds_table(found, spiral)}"
    return "".join(
        (
            section(
                "spiral",
                "The deleveraging spiral",
                chart("spiral", "equity by round of covering"),
                rounds,
                lead=f"{shock_words(found, REFERENCE)}. Equity, per cent of that before. {crowd_words(found)}",
            ),
            section(
                "spirals",
                "Loss when the spiral is over",
                tables.heat_table(
                    found,
                    "sudden move",
                    spiral_rows(found),
                    "called at",
                    "dies of the move alone",
                    "dies in the spiral",
                ),
                lead=f"By sudden move and gross over equity. {LEGEND}",
            ),
            section(
                "survival",
                "The leverage at which the book dies",
                chart("survival", "leverage of call and death by size of the shock"),
                f"<h3>Other laws and crowds, {escape(shock_words(found, REFERENCE))}</h3>",
                sensitivity_grid(found).html(),
                lead="Gross over equity at which the first call comes and at which equity is gone, one-day moves, "
                "large caps flat.",
            ),
        )
    )


def _method(found: Stress) -> str:
    """How the figures come about and what they leave out."""
    law = (
        f"Covering moves a price by {found.coefficient:g} x daily volatility x sqrt(shares covered by book and crowd / "
        "daily volume), against whoever covers, and does not come back. A called book covers until equity is "
        "maintenance x (1 + cushion) at the prices that its covering makes."
    )
    account = (
        "The frozen book is run by the same kernel as a backtest. It stands at the opening close without having been "
        "bought, so no initial margin is asked; the first margin check is at the close of the next session."
    )
    left_out = (
        "Not modelled: intraday calls, house and portfolio margins, borrow recalls, prices that recover after forced "
        "selling, impact that grows as volatility rises and volume dries up. docs/stress.md says which way each errs."
    )
    options = volatility_words(found, REFERENCE)
    said = (paragraph(text) for text in (account, law, options, left_out) if text)
    return section("method", "How these numbers come about", *said)
