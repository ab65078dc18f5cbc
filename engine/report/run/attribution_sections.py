# SPDX-License-Identifier: Apache-2.0
"""Sections of the report about what a strategy declares: agents, hedge and regimes, levels."""

from __future__ import annotations

import math
from html import escape

from engine.analytics.analysis import Analysis
from engine.analytics.attribution import RegimeSum
from engine.analytics.hedge_account import HedgeSum
from engine.engines.run_record import RunRecord
from engine.report.kit.markup import Cell, Column, chart, paragraph, section, table
from engine.report.kit.words import NOTHING, money, percent, plain_name, signed
from engine.report.run.level_chart import LAST_BARS, is_long, level_roles
from engine.report.run.replica_section import replica_section
from engine.strategy.interpretation import KnownLevel


def part_sections(result: RunRecord, analysis: Analysis) -> list[str]:
    """The sections that the strategy's declarations ask for; none for a strategy without."""
    found = []
    if analysis.parts.agents:
        found.append(agents_section(result, analysis))
    if analysis.parts.hedge is not None:
        found.append(hedge_section(analysis))
    elif analysis.parts.regimes:
        title, lead = "What the account made in each regime", BY_REGIME
        found.append(section("regimes", title, regime_table(analysis.parts.regimes), lead=lead))
    if analysis.parts.alpha is not None:
        found.append(replica_section(analysis.parts.alpha))
    if level_roles(result):
        found.append(levels_section(result))
    return found


BY_REGIME = (
    "A bar's profit belongs to the regime at the close before it. Per cent are of the equity at each bar's beginning, "
    "summed, not compounded."
)


def agents_section(result: RunRecord, analysis: Analysis) -> str:
    """Each agent's exposure and profit, apart and together."""
    cash = result.config.account.cash
    columns = [Column("agent"), *(Column(name, number=True) for name in (
        "profit", "of the deposit", "fills", "time in market", "mean exposure", "largest exposure"))]  # fmt: skip
    rows: list[list[Cell]] = []
    for one in analysis.parts.agent_sums:
        held = one.time_in_market > 0.0
        exposures = (f"{one.mean_exposure:.2f}x", f"{one.max_exposure:.2f}x") if held else (NOTHING, NOTHING)
        share = percent(one.pnl / cash, 1)
        name = "rest: interest, the broker" if one.name == "rest" else one.name
        time = percent(one.time_in_market, 1) if held else NOTHING
        rows.append([name, money(one.pnl), share, money(one.fills), time, *exposures])
    total = sum(one.pnl for one in analysis.parts.agent_sums)
    rows.append(["account", money(total), percent(total / cash, 1), *["" for _ in range(4)]])
    lead = "Orders belong to the agent that their reason begins with. Exposure is signed, as a multiple of equity."
    return section("agents", "The agents, apart and together", chart("agents", "profit and exposure of each agent"),
                   table(columns, rows), lead=lead)  # fmt: skip


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
        regime_table(parts.regimes),
        "<h3>By episode</h3>" if parts.episodes else "",
        episode_table(parts.episodes) if parts.episodes else "",
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


def regime_table(regimes: tuple[RegimeSum, ...]) -> str:
    """One line a regime."""
    hedged = any(not math.isnan(one.hedge) for one in regimes)
    titles = ["bars", "of all", "times entered", "account", "per cent"]
    titles += ["without the hedge", "hedge", "hedge, per cent"] if hedged else []
    bars = sum(one.bars for one in regimes)
    rows: list[list[Cell]] = []
    for one in regimes:
        if one.name == "none" and one.bars == 0:
            continue
        row: list[Cell] = [plain_name(one.name), money(one.bars), percent(one.bars / bars, 1), money(one.entered)]
        row += [money(one.profit), percent(one.profit_rate, 1)]
        rest = one.profit - one.hedge
        row += [money(rest), money(one.hedge), percent(one.hedge_rate, 1)] if hedged else []
        rows.append(row)
    return table([Column("regime"), *(Column(title, number=True) for title in titles)], rows)


def episode_table(episodes: tuple[HedgeSum, ...]) -> str:
    """One line an episode that lies within the run."""
    titles = ("bars", "without the hedge", "per cent", "hedge", "per cent", "of the loss")
    rows: list[list[Cell]] = []
    for one in episodes:
        if one.base == one.hedge == 0.0:
            rows.append([one.name, money(one.bars), *[NOTHING] * 5])  # nothing was held
            continue
        share = percent(-one.hedge_rate / one.base_rate, 0) if one.base_rate < 0.0 else NOTHING
        rates = percent(one.base_rate, 1), percent(one.hedge_rate, 1)
        rows.append([one.name, money(one.bars), money(one.base), rates[0], money(one.hedge), rates[1], share])
    return table([Column("episode"), *(Column(title, number=True) for title in titles)], rows)


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
    known = result.reading.known
    head = f"<h3>Known at the last close, {result.market.sessions[-1]}</h3>" if known else ""
    body = known_table(result, known) if known else ""
    said = paragraph(missing, "note") if missing else ""
    return section("levels", "Levels, stops and tiers", said, *charts, head, body, lead=lead)


NO_ORDERS = (
    "Prices of stops and limits are noted in interpreted runs of the native engine alone: this run has none to draw."
)


def known_table(result: RunRecord, known: tuple[KnownLevel, ...]) -> str:
    """Dated levels with their distance from the last close."""
    numbers = ("price", "from the close", "touches", "strength")
    columns = [Column("level"), Column("of"), *(Column(name, number=True) for name in numbers)]
    columns += [Column("first touch"), Column("last touch"), Column("")]
    rows: list[list[Cell]] = []
    for one in known:
        close = float(result.market.bars[one.role]["close"][-1])
        touches, strength = money(one.touches) if one.touches else NOTHING, signed_or_dash(one.strength)
        away = percent(one.price / close - 1.0, 1)
        symbol = result.market.symbols[one.role]
        rows.append([one.name, symbol, signed(one.price, 2), away, touches, strength,
                     one.first.isoformat(), one.last.isoformat(), one.note])  # fmt: skip
    return table(columns, rows)


def signed_or_dash(value: float) -> str:
    """One digit, or a dash where it is not said."""
    return NOTHING if math.isnan(value) else signed(value, 1)
