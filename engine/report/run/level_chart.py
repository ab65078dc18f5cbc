# SPDX-License-Identifier: Apache-2.0
"""The price of a role with the levels that the strategy went by, each drawn where it stood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.engines.run_record import RunRecord
from engine.report.kit import chart_style as style
from engine.report.kit.chart_rows import ChartRows
from engine.report.kit.encoding import Figure, packed
from engine.report.kit.words import decimal, plain_name
from engine.strategy.base import ReasonKind
from engine.strategy.interpretation import Stretch

LAST_BARS = 504
"""Of a run more than twice as long, these are drawn once more: two years of days."""

MOST_STRETCHES = 3_000
"""Most stretches one trace draws; the latest are kept."""

MOST_DOTTED = 8
"""Known levels of one role that are drawn; the table beside has all."""

FEATURE_COLOURS = (style.BLUE, style.GREEN, "#b39a16")
"""By first appearance; none is the colour of an order."""


def level_figures(result: RunRecord, shown: ChartRows) -> dict[str, Figure]:
    """By the ids of places, a chart of the run for each role that has levels; of a long run one of its end too."""
    drawn = {}
    for role in level_roles(result):
        drawn[f"levels-{role}"] = levels_chart(result, role, shown, 0)
        if is_long(result):
            drawn[f"levels-{role}-now"] = levels_chart(result, role, shown, len(result.market) - LAST_BARS)
    return drawn


def is_long(result: RunRecord) -> bool:
    """Whether the last bars need a chart of their own."""
    return len(result.market) > 2 * LAST_BARS


def level_roles(result: RunRecord) -> list[str]:
    """Roles with a level, in the order of the roles."""
    found = {one.role for one in result.interpretation.levels} | {one.role for one in result.interpretation.known}
    return [role for role in result.market.roles if role in found]


def levels_chart(result: RunRecord, role: str, shown: ChartRows, first: int) -> Figure:
    """Closes of one role from row `first` on; levels from features and orders where they stood.

    Dotted, where it is the run's last chart of the role, is what is known at the end.
    """
    bars, last = result.market.bars[role], len(result.market) - 1
    close = np.asarray(bars["close"] * bars["factor"])
    rows = shown.rows[shown.rows >= first] if first == 0 or shown.daily else np.arange(first, last + 1)
    x = packed(shown.times(result, rows), "f8")
    symbol = style.label(result.market.symbols[role])
    traces = [style.line(x, close[rows], symbol, style.GREY, width=1.2, hovertemplate="%{y:.2f}")]
    levels = [one for one in result.interpretation.levels if one.role == role]
    features = list(dict.fromkeys(one.name for one in levels if not one.order))
    own = [one for one in levels if one.last_row >= first]
    for name in list(dict.fromkeys(one.name for one in sorted(own, key=lambda one: one.order > 0))):
        stretches = [one for one in own if one.name == name]
        if name in features:
            colour = FEATURE_COLOURS[features.index(name) % len(FEATURE_COLOURS)]
            traces.append(_trace(result, shown, name, stretches, colour, 2.4))
        else:
            traces.append(_trace(result, shown, name, stretches, _order_colour(result, name), 1.4))
    span = shown.times(result, np.array([first, last]))
    known = _known(result, role, float(span[0]), float(span[1])) if first or not is_long(result) else []
    return style.figure(
        traces,
        height=460,
        hovermode="closest",
        xaxis=style.time_axis(range=span.tolist()),
        yaxis={"automargin": True, "hoverformat": ".2f", "range": _window(close[first:])},
        shapes=known,
    )


def _window(close: np.ndarray) -> list[float]:
    """From the lowest to the highest close with a little air: a target far away must not flatten the price."""
    low, high = float(close.min()), float(close.max())
    air = 0.08 * (high - low) or 0.01 * high
    return [low - air, high + air]


def _order_colour(result: RunRecord, name: str) -> str:
    """Stops stand out; where agents share a role, those of the first in red."""
    if not any(one.name == name and one.kind == ReasonKind.STOP for one in result.reasons.values()):
        return style.ORANGE
    return style.PURPLE if name.partition("_")[0] in result.interpretation.agents[1:] else style.RED


def _trace(
    result: RunRecord, shown: ChartRows, name: str, stretches: Sequence[Stretch], colour: str, width: float
) -> style.Trace:
    """One trace of stairs: a stretch that begins where the same order's one before it ends is joined to it."""
    kept = stretches[-MOST_STRETCHES:]
    last = len(result.market) - 1
    rows, prices, said = [], [], []
    for number, one in enumerate(kept):
        before = kept[number - 1] if number else None
        joined = before is not None and one.order > 0 and (before.order, before.last_row) == (one.order, one.first_row)
        if number and not joined:
            rows.append(one.first_row)
            prices.append(np.nan)
            said.append("")
        words = _words(result, one)
        rows += [one.first_row, min(one.last_row + (not one.order), last)]
        prices += [one.price, one.price]
        said += [words, words]
    label = f"{plain_name(name)} ({len(stretches):,})"
    trace = style.line(
        packed(shown.times(result, np.array(rows, np.int64)), "f8"), np.array(prices), style.label(label), colour
    )
    trace["line"]["width"] = width
    return {**trace, "text": said, "hovertemplate": "%{text}<extra></extra>"}


def _words(result: RunRecord, one: Stretch) -> str:
    first, last = result.market.bars["session"][[one.first_row, one.last_row]].astype("datetime64[D]")
    span = f"{first} to {last}"
    more = "".join(f", {plain_name(name)} {decimal(value, 1)}" for name, value in one.said.items())
    return style.label(f"{plain_name(one.name)} {decimal(one.price, 2)}, {span}{more}")


def _known(result: RunRecord, role: str, first: float, last: float) -> list[dict[str, object]]:
    """A dotted line for the levels nearest to the last close, from their first touch or the chart's first bar on."""
    bars = result.market.bars[role]
    close, factor = float(bars["close"][-1]), float(bars["factor"][-1])
    own = [one for one in result.interpretation.known if one.role == role]
    lines = []
    for one in sorted(own, key=lambda one: abs(one.price - close))[:MOST_DOTTED]:
        since = float(np.datetime64(one.first, "ms").astype(np.int64))
        lines.append(style.dotted(x0=max(since, first), x1=last, y0=one.price * factor, y1=one.price * factor))
    return lines
