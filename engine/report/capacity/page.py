# SPDX-License-Identifier: Apache-2.0
"""The page of a capacity test: one self-contained file in the report's style."""

from __future__ import annotations

from html import escape

from engine.model.sleeves import told_strategy
from engine.notice import loud
from engine.report.capacity import charts
from engine.report.capacity.rows import (
    edges_grid,
    ladder_sizes,
    passing_grid,
    sensitivity_grid,
    sizes_grid,
    symbols_grid,
)
from engine.report.capacity.words import amount, answer, bound, largest
from engine.report.kit.encoding import Figure
from engine.report.kit.markup import cards, chart, header, legs, notice_list, paragraph, section
from engine.report.kit.page import page
from engine.report.kit.words import MARGIN_WORDS, percent, synthetic_warning
from engine.runs.capacity.findings import Capacity

RUNS = (
    "The configuration runs again with other opening deposits, from 10,000 to 100 billion, natively and compiled, over "
    "the same bars. Every order pays Y x daily volatility x sqrt(shares / daily volume), both of up to 60 sessions "
    "before it. The edge is the compound return a year less that of cash (costs.benchmark) or of the benchmark. It is "
    "compared with the edge of the configuration's own deposit without impact and without a cap on volume. From the "
    "own size the search goes outward to the first size that loses it, and bisects in the logarithm."
)
LAW = (
    "The law was fitted on orders of up to about a tenth of a day. It is a mean: a single order pays more or less. It "
    "has no memory: orders of many days in one direction, and others who trade the same rule, cost more than it says."
)
ACCOUNT = (
    "The volume is that of the past, and the deposit that of the first day: an account that grows asks for more than "
    "its deposit says, which is why the mean equity stands beside it. Margin, refused orders and the cap on volume are "
    "those of the configuration; what they change by size is counted in the tables. Interest has steps by size. Small "
    "accounts trade whole shares and pay minimum commissions."
)


def render(found: Capacity) -> str:
    """The whole page as text. The same findings give the same bytes."""
    body = "".join((_header(found), _notices(found), _cards(found), _edge(found), _orders(found), _laws(found)))
    method = section("method", "How these numbers come about", *map(paragraph, (RUNS, LAW, ACCOUNT)))
    figures: dict[str, Figure] = {"edge": charts.edge_chart(found), "participation": charts.participation_chart(found)}
    return page(f"{found.config.name}: capacity", body + method, figures)


def _header(found: Capacity) -> str:
    config, market = found.config, found.market
    facts = (
        ("Legs", legs(market.symbols)),
        ("Run", escape(f"{market.sessions[0]} to {market.sessions[-1]}; {market.label or 'unlabelled'}")),
        ("Own size", escape(f"{amount(found.own.capital)}, {MARGIN_WORDS[config.account.margin.kind]}")),
    )
    return header(told_strategy(config), f"{config.name}: capacity", facts, lead=" ".join(answer(found)))


def _notices(found: Capacity) -> str:
    market = found.market
    said = [loud(synthetic_warning(market.label))] if market.synthetic else []
    return notice_list([*said, *found.notices])


def _cards(found: Capacity) -> str:
    edge, limit = found.edges[0], bound(found)
    shown = [
        ("Edge over cash", percent(edge.free, plus=True), "a year, without impact", ""),
        ("As configured", percent(edge.own, plus=True), f"at {amount(found.own.capital)}", ""),
    ]
    if edge.half.at is not None:
        shown.append(("Half is gone at", amount(edge.half.at.capital), f"largest order {largest(edge.half.at)}", ""))
    if edge.gone.at is not None:
        shown.append(("All is gone at", amount(edge.gone.at.capital), f"largest order {largest(edge.gone.at)}", ""))
    if limit is not None:
        shown.append(("The law reaches to", amount(limit.capital), f"largest order {largest(limit)}", ""))
    return cards(shown)


def _edge(found: Capacity) -> str:
    return section(
        "edge",
        "What is left of the edge",
        chart("edge", "edge a year by opening deposit"),
        edges_grid(found).html(),
        "<h3>Size by size</h3>",
        sizes_grid(found, ladder_sizes(found)).html(),
        lead="By the opening deposit; * is the configuration's own. Dotted: the edge over cash without impact, and "
        "half of it. Right of the red line orders ask for more than 10 % of a day.",
    )


def _orders(found: Capacity) -> str:
    passing = passing_grid(found)
    return section(
        "orders",
        "What the orders ask of a day's volume",
        chart("participation", "orders as parts of a day's volume by opening deposit"),
        "<h3>The largest deposit at which no symbol's orders ask for more</h3>" if passing.rows else "",
        passing.html() if passing.rows else "",
        "<h3>By symbol</h3>",
        symbols_grid(found).html(),
        lead="All the shares that an order asked for, over the mean volume a day of the 60 sessions before its first "
        "fill, which the law takes too. A fund that follows another has the other's depth. The busiest symbol.",
    )


def _laws(found: Capacity) -> str:
    grid = sensitivity_grid(found)
    if not grid.rows:
        return ""
    lead = "Studies put the coefficient between half of 1 and 1, and single markets lie outside. Over cash."
    return section("laws", "With less and with more impact", grid.html(), lead=lead)
