# SPDX-License-Identifier: Apache-2.0
"""A run against chance, in words: a part of the section on what its figures are worth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.analytics.significance.chance import Chance
from engine.analytics.significance.sharpe_ratio import SURE
from engine.notice import Notice, loud, note
from engine.report.kit import chart_style as style
from engine.report.kit.encoding import Figure
from engine.report.kit.grid import Field, Grid
from engine.report.kit.markup import chart, notice_list, paragraph
from engine.report.kit.terminal import DIM, say, say_notices
from engine.report.kit.words import count, counted, decimal, percent
from engine.report.run.order_words import order_document, order_grid, order_notices, order_words
from engine.runs.chance.findings import AgainstChance

if TYPE_CHECKING:
    from rich.console import Console

BINS = 40


def chance_html(found: AgainstChance) -> str:
    """What the section has of it."""
    parts = []
    if kinds(found):
        label = "ratios of the run and of runs by chance"
        parts += ["<h3>Against chance</h3>", notice_list(chance_notices(found)), chance_grid(found).html("fit"),
                  chart("chance", label), paragraph(method_words(found))]  # fmt: skip
    if found.order:
        parts += ["<h3>The trades in another order</h3>", notice_list(order_notices(found.order)),
                  order_grid(found.order).html("fit"), paragraph(order_words(found.order))]  # fmt: skip
    return "".join(parts)


def chance_figures(found: AgainstChance) -> dict[str, Figure]:
    """The chart by the id of its place: how the ratios of each kind lie, the run a dotted line."""
    shown = kinds(found)
    known = {title: one.drawn[np.isfinite(one.drawn)] for title, one in shown.items()}
    if not any(map(len, known.values())):
        return {}
    every = np.concatenate([*known.values(), [next(iter(shown.values())).own]])
    edges = np.linspace(every.min() - 1e-9, every.max() + 1e-9, BINS + 1)
    middle = ((edges[1:] + edges[:-1]) / 2).tolist()
    traces: list[style.Trace] = [
        {"type": "bar", "name": title, "x": middle, "y": np.histogram(values, edges)[0].tolist(),
         "marker": {"color": colour}, "opacity": 0.65, "hovertemplate": "%{y} near %{x:.2f}<extra></extra>"}
        for colour, (title, values) in zip(style.SERIES, known.items(), strict=False)
    ]  # fmt: skip
    own = next(iter(shown.values())).own
    return {
        "chance": style.figure(
            traces, height=280, hovermode="closest", barmode="overlay", bargap=0.05, showlegend=True,
            xaxis={"title": {"text": "reward to variability a year; dotted: the run", "font": {"size": 11}}},
            yaxis={"automargin": True, "title": {"text": "runs", "font": {"size": 11}}},
            shapes=[style.dotted(style.RED, yref="paper", x0=own, x1=own, y0=0, y1=1)],
            margin={"l": 56, "r": 12, "t": 50, "b": 44},
        )
    }  # fmt: skip


def show_chance(found: AgainstChance, screen: Console) -> None:
    """The same on a terminal."""
    if kinds(found):
        screen.print("\n[bold]Against chance[/]")
        say_notices(chance_notices(found), screen)
        screen.print(chance_grid(found).on_terminal())
        say(method_words(found), screen, DIM)
    if found.order:
        screen.print("\n[bold]The trades in another order[/]")
        say_notices(order_notices(found.order), screen)
        screen.print(order_grid(found.order).on_terminal())
        say(order_words(found.order), screen, DIM)


def kinds(found: AgainstChance) -> dict[str, Chance]:
    """Each question that was asked, by its title."""
    shown: dict[str, Chance] = {}
    if found.null:
        shown["null markets"] = found.null.together
        if found.null.apart:
            shown["null markets, symbols apart"] = found.null.apart
    if found.entries:
        shown["random entries"] = found.entries.chance
    return shown


def chance_grid(found: AgainstChance) -> Grid:
    """One line a question."""
    fields = (
        Field("against", "against"),
        Field("runs", "runs"),
        Field("the run", "the run", "mean return over cash to its deviation, a year"),
        Field("half above", "half above", "median of the others"),
        Field("one in 20 above", "1 in 20 above", "95 % quantile of the others"),
        Field("as high", "as high", "others that are as high as the run"),
        Field("p", "p"),
    )
    rows = [
        [title, count(len(one.drawn)), *(_ratio(value) for value in (one.own, one.median, one.high)),
         count(one.as_high), p_words(one.p)]
        for title, one in kinds(found).items()
    ]  # fmt: skip
    return Grid(fields, rows)


def p_words(p: float) -> str:
    """A p-value with the digits that a reader can use: 0.43, 0.012, 0.0010."""
    return decimal(p, 2 if p >= 0.1 else 3 if p >= 0.01 else 4)


def chance_notices(found: AgainstChance) -> tuple[Notice, ...]:
    """What must be read beside the figures."""
    said: list[Notice] = []
    for title, one in kinds(found).items():
        runs, level = len(one.drawn), 1.0 - SURE
        if one.p > level and runs + 1 >= 1 / level:
            text = f"Chance makes as much: {count(one.as_high)} of {counted(runs, 'run')} ({title}) are as high."
            said.append(loud(f"{text} p {p_words(one.p)}, above {percent(level, 0)}."))
        elif one.p > level:
            said.append(note(f"{counted(runs, 'run')} ({title}) cannot give a p below {p_words(1 / (1 + runs))}."))
        if one.stopped:
            said.append(
                loud(f"{counted(one.stopped, 'run')} ({title}) stopped at an order of the strategy that cannot be: "
                     "they count as higher than the run.")
            )  # fmt: skip
        if one.idle > runs / 2:
            said.append(note(f"{count(one.idle)} of {counted(runs, 'run')} ({title}) never traded, and count as 0."))
    if found.null and found.null.refused:
        said.append(note(f"No null markets with symbols apart: {found.null.refused}."))
    return tuple(said)


def method_words(found: AgainstChance) -> str:
    """How the figures come about."""
    ratio = "Reward to variability: mean return of a bar over cash to its deviation, a year."
    said = [ratio, "p: the share of runs as high as this one, itself among them (Phipson and Smyth 2010)."]
    if found.null:
        said.append(
            f"Null markets: the same strategy, costs and dates on the run's own bars from {found.null.first} on, drawn "
            f"in blocks of {decimal(found.null.block, 1)} bars on average (stationary bootstrap, Politis and Romano "
            "1994). What a bar says stays, so does the premium of holding; what reaches beyond a block is gone. "
            "Symbols apart: each symbol, and all series, drawn by itself, so that pairs are gone too. Series keep "
            "their values, not their changes."
        )
    if found.entries:
        entries = found.entries
        left = f" {counted(entries.within, 'trade')} within one bar left out." if entries.within else ""
        said.append(
            f"Random entries: the run's {counted(entries.trades, 'trade')} with their legs, sides, holding times and "
            f"sizes as shares of equity, which is invested at {percent(entries.held, 0)} of the closes, on days drawn "
            "at random, by market orders through the same engine with all costs. On their own days these orders have "
            f"a ratio of {decimal(entries.kept, 2)}.{left}"
        )
    return " ".join(said)


def chance_document(found: AgainstChance) -> dict[str, Any]:
    """Everything as plain data; a ratio is null in a run that stopped."""
    told: dict[str, Any] = {}
    if found.null:
        null = found.null
        apart = None if null.apart is None else _chance(null.apart)
        told["null_markets"] = {
            "block": null.block, "first": null.first, "together": _chance(null.together), "apart": apart,
        }  # fmt: skip
    if found.entries:
        entries = found.entries
        told["random_entries"] = {
            "trades": entries.trades, "within": entries.within, "held": entries.held, "kept": _number(entries.kept),
            **_chance(entries.chance),
        }  # fmt: skip
    if found.order:
        told["trip_orders"] = order_document(found.order)
    if told:
        order = order_notices(found.order) if found.order else ()
        told["notices"] = [one.as_dict() for one in (*chance_notices(found), *order)]
    return told


def _chance(one: Chance) -> dict[str, Any]:
    return {
        "own": one.own,
        "runs": len(one.drawn),
        "as_high": one.as_high,
        "p": one.p,
        "median": _number(one.median),
        "high": _number(one.high),
        "idle": one.idle,
        "stopped": one.stopped,
        "fills": _number(one.fills),
        "own_fills": one.own_fills,
        "ratios": [_number(value) for value in one.drawn.tolist()],
    }


def _ratio(value: float) -> str:
    return decimal(value, 2) if math.isfinite(value) else "stopped"


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None
