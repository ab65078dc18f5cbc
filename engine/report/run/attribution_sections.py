# SPDX-License-Identifier: Apache-2.0
"""Sections of the report about what a strategy declares: agents, hedge and regimes, levels."""

from __future__ import annotations

from html import escape

from engine.analytics.analysis import Analysis
from engine.analytics.attribution.parts import RegimeSum
from engine.engines.run_record import RunRecord
from engine.report.kit.markup import Cell, Column, chart, numbers, paragraph, section, table
from engine.report.kit.words import NOTHING, count, decimal, money, percent, plain_name
from engine.report.run.level_chart import LAST_BARS, is_long, level_roles
from engine.report.run.part_tables import agents_grid, episodes_grid, regimes_grid
from engine.report.run.replica_section import replica_section
from engine.strategy.interpretation import KnownLevel


def part_sections(result: RunRecord, analysis: Analysis) -> list[str]:
    """The sections that the strategy's declarations ask for; none for a strategy without."""
    found = []
    if analysis.parts.agents:
        found.append(agents_section(analysis))
    if analysis.parts.hedge is not None:
        found.append(hedge_section(analysis))
    elif analysis.parts.regimes:
        title, lead = "What the account made in each regime", BY_REGIME
        found.append(section("regimes", title, regimes_grid(analysis.parts.regimes).html(), lead=lead))
    if analysis.parts.alpha is not None:
        found.append(replica_section(analysis.parts.alpha))
    if level_roles(result):
        found.append(levels_section(result))
    return found


BY_REGIME = (
    "A bar's profit belongs to the regime at the close before it. Per cent are of the equity at each bar's beginning, "
    "summed, not compounded."
)


def agents_section(analysis: Analysis) -> str:
    """Each agent's exposure and profit, apart and together."""
    lead = "Orders belong to the agent that their reason begins with. Exposure is signed, as a multiple of equity."
    grid = agents_grid(analysis.parts.agent_sums, float(analysis.sessions.nav[0]))
    drawn = chart("agents", "profit and exposure of each agent")
    return section("agents", "The agents, apart and together", drawn, grid.html(), lead=lead)


def hedge_section(analysis: Analysis) -> str:
    """What the hedge cost and paid: in all, by regime, by episode."""
    parts = analysis.parts
    words = hedge_words(parts.regimes)
    return section(
        "hedge",
        "What the hedge cost, and what it paid",
        paragraph(words),
        chart("hedge", "profit without the hedge and of the hedge, regimes below"),
        "<h3>By regime</h3>",
        regimes_grid(parts.regimes).html(),
        "<h3>By episode</h3>" if parts.episodes else "",
        episodes_grid(parts.episodes).html() if parts.episodes else "",
        lead=BY_REGIME,
    )


def hedge_words(regimes: tuple[RegimeSum, ...]) -> str:
    """One sentence: what the hedge made in all, where it paid, where it cost."""
    said = [f"The hedge made {money(sum(one.hedge for one in regimes))} in all, its trading costs and fees inside."]
    for verb, sign in (("paid", 1.0), ("cost", -1.0)):
        found = [one for one in regimes if sign * one.hedge > 0.0]
        parts = ", ".join(f"{money(abs(one.hedge))} in {plain_name(one.name)}" for one in found)
        said.append(f"It {verb} {parts}." if found else f"It {verb} in no regime.")
    return " ".join(said)


def levels_section(result: RunRecord) -> str:
    """Prices with the levels the strategy went by, and those known at the end."""
    lead = (
        "A level is drawn from the close at which it was known to its next change, an order's price while it waited; "
        "dotted are the nearest of those known at the last close. Drag over a stretch to see it closer."
    )
    missing = "" if result.mode == "interpreted" and result.engine == "native" else NO_ORDERS
    charts = []
    for role in level_roles(result):
        symbol = result.market.symbols[role]
        charts.append(f"<h3>{escape(symbol)}</h3>" if len(level_roles(result)) > 1 else "")
        charts.append(chart(f"levels-{role}", f"price of {symbol} with levels"))
        if is_long(result):
            charts.append(f"<h3>{escape(symbol)}, the last {LAST_BARS} bars</h3>")
            charts.append(chart(f"levels-{role}-now", f"the last prices of {symbol} with levels"))
    known = result.interpretation.known
    head = f"<h3>Known at the last close, {result.market.sessions[-1]}</h3>"
    body = head + known_table(result, known) if known else ""
    return section("levels", "Levels, stops and tiers", paragraph(missing, "note"), *charts, body, lead=lead)


NO_ORDERS = (
    "Prices of stops and limits are noted in interpreted runs of the native engine alone: this run has none to draw."
)


def known_table(result: RunRecord, known: tuple[KnownLevel, ...]) -> str:
    """Dated levels with their distance from the last close."""
    columns = [Column("level"), Column("of"), *numbers("price", "from the close", "touches", "strength")]
    columns += [Column("first touch"), Column("last touch"), Column("")]
    rows: list[list[Cell]] = []
    for one in known:
        close = float(result.market.bars[one.role]["close"][-1])
        touches, strength = count(one.touches) if one.touches else NOTHING, decimal(one.strength, 1)
        away = percent(one.price / close - 1.0, 1)
        symbol = result.market.symbols[one.role]
        rows.append([one.name, symbol, decimal(one.price, 2), away, touches, strength,
                     one.first.isoformat(), one.last.isoformat(), one.note])  # fmt: skip
    return table(columns, rows)
