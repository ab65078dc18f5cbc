# SPDX-License-Identifier: Apache-2.0
"""The report's head: what ran, on what, what must be known first, and the figures at a glance."""

from __future__ import annotations

from html import escape

from engine.analytics.analysis import Analysis
from engine.analytics.registry import REGISTRY
from engine.engines.run_record import RunRecord
from engine.model.sleeves import told_strategy
from engine.report.kit.markup import section
from engine.report.kit.words import money, per_year, worded
from engine.report.run.notices import notices

CARDS = (
    "total_return", "cagr", "volatility", "sharpe", "max_drawdown", "calmar", "worst_15_sessions", "alpha", "beta",
    "average_gross", "turnover", "spread_hit_rate", "total_costs_rate",
)  # fmt: skip

MARGIN_WORDS = {"reg_t": "Reg-T margin", "cash": "cash account", "none": "no margin rules"}


def header(result: RunRecord, analysis: Analysis) -> str:
    """Strategy, legs, data, period and convention."""
    config, market, sessions = result.config, result.market, analysis.sessions
    legs = " · ".join(f"{role} <b>{escape(symbol)}</b>" for role, symbol in market.symbols.items())
    period = f"{sessions.dates[0]} to {sessions.dates[-1]}, {len(sessions):,} sessions"
    bars = "" if len(sessions) == len(market) else f", {len(market):,} bars of {market.frequency}"
    facts = (
        ("Legs", legs),
        ("Period", escape(period + bars)),
        ("Data", escape(f"{market.label or 'unlabelled'}; prices {market.prices.replace('_', ' ')}")),
        ("Fills", escape(result.fill_convention)),
        ("Account", escape(f"{money(config.account.cash)} deposited, {MARGIN_WORDS[config.account.margin.kind]}")),
        ("Engine", escape(f"{result.engine}, {result.mode}")),
    )
    rows = "".join(f"<div><dt>{title}</dt><dd>{text}</dd></div>" for title, text in facts)
    about = f'<p class="lead">{escape(config.description)}</p>' if config.description else ""
    name = escape(config.name)
    title = f'<p class="kicker">{escape(told_strategy(config))}</p><h1>{name}</h1>'
    return f'<header>{title}{about}<dl class="facts">{rows}</dl></header>'


def notice_list(result: RunRecord, analysis: Analysis) -> str:
    """Loud notices as banners, the others as a list."""
    found = notices(result, analysis)
    loud = "".join(f'<p class="loud" role="alert">{escape(one.text)}</p>' for one in found if one.level == "loud")
    notes = "".join(f"<li>{escape(one.text)}</li>" for one in found if one.level == "note")
    return loud + (f'<ul class="notes">{notes}</ul>' if notes else "")


def cards(analysis: Analysis) -> str:
    """The headline metrics; hovering says how each is computed."""
    shown = []
    for name in CARDS:
        entry = REGISTRY[name]
        value = worded(analysis.metrics[name], entry.unit)
        hint = escape(f"{entry.formula}; {entry.annualised}".rstrip("; "))
        reason = analysis.metrics.undefined.get(name, "")
        small = escape(reason or per_year(entry.unit).strip())
        title = escape(entry.titled(analysis.sessions.leg).removesuffix(", a year"))
        shown.append(f'<div class="card" title="{hint}"><span>{title}</span><b>{value}</b><small>{small}</small></div>')
    final = money(float(analysis.facts.equity[-1]))
    first = money(float(analysis.sessions.nav[0]))
    shown.insert(0, f'<div class="card"><span>Final equity</span><b>{final}</b><small>from {first}</small></div>')
    return section("figures", "At a glance", f'<div class="cards">{"".join(shown)}</div>')
