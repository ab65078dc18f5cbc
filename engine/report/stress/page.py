# SPDX-License-Identifier: Apache-2.0
"""The page of a stress test: one self-contained file in the report's style."""

from __future__ import annotations

from html import escape

from engine.model.sleeves import told_strategy
from engine.notice import loud
from engine.report.kit.encoding import Figure
from engine.report.kit.markup import cards, chart, header, legs, notice_list, paragraph, section
from engine.report.kit.page import page
from engine.report.kit.words import MARGIN_WORDS, percent, synthetic_warning
from engine.report.stress import charts, tables
from engine.report.stress.rows import (
    books_grid,
    calls_grid,
    deaths_grid,
    fallen_rows,
    own_shock_rows,
    sensitivity_grid,
    shock_blocks,
    spiral_rows,
    trading_rows,
    windows_grid,
)
from engine.report.stress.words import (
    CALLS,
    DEATHS,
    LEFTOVER,
    LEGEND,
    UNCALLED,
    book_words,
    crowd_words,
    pair_words,
    rules_words,
    rung,
    shock_words,
    times,
    volatility_words,
)
from engine.runs.stress.findings import Stress
from engine.runs.stress.under import REFERENCE

FROZEN = "What the strategy held at the close before, frozen, at each gross over equity, with fees and interest."

SHOCK_ENDS = ("called at", "dies at", "dies where nobody calls")


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
    return header(told_strategy(config), f"{config.name}: stress", facts)


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
    return "".join((*parts, _trading(found), _frozen(found)))


def _trading(found: Stress) -> str:
    rows = trading_rows(found)
    if not rows:
        return ""
    lead = (
        f"The strategy as it decided, at other gross over equity than its own {rung(found.own)}: each day's return is "
        f"as many times as large. {UNCALLED}"
    )
    heat = tables.heat_table(found, "window", rows, "worst day kills", "on", "called at")
    return section("trading", "The strategy trading through, at other sizes", heat, lead=lead)


def _frozen(found: Stress) -> str:
    rows = fallen_rows(found)
    if not rows:
        return ""
    leftover = any(one.book is not None and one.book.was_flat for one in found.windows)
    return "".join(
        (
            section(
                "books",
                "The book that entered each window",
                books_grid(found).html(),
                paragraph(LEFTOVER if leftover else ""),
                lead="What the strategy held at the close before, and the first close at which it held it no more.",
            ),
            section(
                "frozen",
                "Its book through history, frozen",
                tables.heat_table(found, "window", rows, "from", "to"),
                lead=f"{FROZEN} Here nobody calls: how far it falls within the window. {UNCALLED} from and to are "
                f"those of {rung(found.own)}.",
            ),
            section(
                "deaths",
                "The leverage at which it dies",
                deaths_grid(found).html(),
                f"<h3>By the rule of calls: {escape(rules_words(found))}</h3>",
                calls_grid(found).html(),
                paragraph(CALLS),
                lead=f"Gross over equity. {DEATHS}",
            ),
        )
    )


def _shocks(found: Stress) -> str:
    if found.book is None or not found.shocks:
        return ""
    blocks = [
        (f"<h3>{escape(about)}</h3>" if about else "") + tables.heat_table(found, "shock", rows, *SHOCK_ENDS)
        if rows
        else paragraph(about)
        for about, rows in shock_blocks(found)
    ]
    lead = (
        f"{FROZEN} Margin calls cut it at the next open. A straight line, half of each day's move overnight. {LEGEND}"
    )
    if found.own_shocks:
        own = tables.heat_table(found, "shock", own_shock_rows(found), *SHOCK_ENDS)
        blocks.append(f"<h3>Of the configuration</h3>{own}")
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
        "Not modelled: intraday calls, house margins, offsets of portfolio margin, borrow recalls, prices that recover "
        "after forced selling, impact that grows as volatility rises and volume dries up. docs/stress.md says which "
        "way each errs."
    )
    options = volatility_words(found, REFERENCE)
    said = (paragraph(text) for text in (account, law, options, left_out) if text)
    return section("method", "How these numbers come about", *said)
