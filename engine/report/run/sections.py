# SPDX-License-Identifier: Apache-2.0
"""The report's head: what ran, on what, what must be known first, and the figures at a glance."""

from __future__ import annotations

from html import escape

from engine.analytics.analysis import Analysis
from engine.analytics.metrics.registry import REGISTRY
from engine.engines.run_record import RunRecord
from engine.model.sleeves import told_strategy
from engine.report.kit import markup
from engine.report.kit.words import MARGIN_WORDS, money, per_year, plain_name, worded
from engine.report.run.notices import notices
from engine.report.run.period_words import period

CARDS = (
    "total_return", "cagr", "volatility", "sharpe", "max_drawdown", "calmar", "worst_15_sessions", "alpha", "beta",
    "average_gross", "turnover", "spread_hit_rate", "total_costs_rate",
)  # fmt: skip


def header(result: RunRecord, analysis: Analysis) -> str:
    """Strategy, legs, data, period and convention."""
    config, market = result.config, result.market
    facts = (
        ("Legs", markup.legs(market.symbols)),
        ("Period", escape(period(result, analysis))),
        ("Data", escape(f"{market.label or 'unlabelled'}; prices {plain_name(market.prices)}")),
        ("Fills", escape(result.fill_convention)),
        ("Account", f"{money(config.account.cash)} deposited, {MARGIN_WORDS[config.account.margin.kind]}"),
        ("Engine", escape(f"{result.engine}, {result.mode}")),
    )
    return markup.header(told_strategy(config), config.name, facts, config.description)


def notice_list(result: RunRecord, analysis: Analysis) -> str:
    """Every notice of the run."""
    return markup.notice_list(notices(result, analysis))


def cards(analysis: Analysis) -> str:
    """Where the equity went, and the headline metrics; hovering says how each is computed."""
    first, final = analysis.sessions.nav[0], analysis.facts.equity[-1]
    strategy, interest = analysis.profit
    shown = [
        ("Final equity", money(float(final)), f"from {money(float(first))}", ""),
        ("Strategy", money(strategy), "profit with its costs", "the gain without the interest on cash"),
        ("Interest on cash", money(interest), "earned, less paid on debt", "what the broker paid and took for cash"),
    ]
    for name in CARDS:
        entry = REGISTRY[name]
        small = analysis.metrics.undefined.get(name, "") or per_year(entry.unit).strip()
        title = entry.titled(analysis.sessions.compared_with).removesuffix(", a year")
        hint = f"{entry.formula}; {entry.annualised}".rstrip("; ")
        shown.append((title, worded(analysis.metrics[name], entry.unit), small, hint))
    return markup.cards(shown)
