# SPDX-License-Identifier: Apache-2.0
"""The price of a role with the levels that the strategy went by, each drawn where it stood."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.report import chart_style as style
from engine.report.chart_rows import ChartRows
from engine.report.encoding import Figure, packed
from engine.report.words import plain_name, signed
from engine.result import Result
from engine.strategy.reading import Stretch

MOST_STRETCHES = 3_000
"""Most stretches one trace draws; the latest are kept."""

FEATURE_COLOURS = (style.BLUE, style.GREEN, style.SKY)


def level_figures(result: Result, shown: ChartRows) -> dict[str, Figure]:
    """A chart a role that has levels, by the id of its place."""
    return {f"levels-{role}": levels_chart(result, role, shown) for role in level_roles(result)}


def level_roles(result: Result) -> list[str]:
    """Roles with a level, in the order of the roles."""
    found = {one.role for one in result.reading.levels} | {one.role for one in result.reading.known}
    return [role for role in result.market.roles if role in found]


def levels_chart(result: Result, role: str, shown: ChartRows) -> Figure:
    """Closes of one role; levels from features, orders where they waited, and dotted what is known at the end."""
    bars = result.market.bars[role]
    close = np.asarray(bars["close"] * bars["factor"])
    name = style.label(result.market.symbols[role])
    traces = [style.line(shown.x, close[shown.rows], name, style.GREY, width=1.2, hovertemplate="%{y:.2f}")]
    own = [one for one in result.reading.levels if one.role == role]
    features = list(dict.fromkeys(one.name for one in own if not one.order))
    for name in list(dict.fromkeys(one.name for one in sorted(own, key=lambda one: one.order > 0))):
        stretches = [one for one in own if one.name == name]
        if name in features:
            colour = FEATURE_COLOURS[features.index(name) % len(FEATURE_COLOURS)]
            traces.append(_trace(result, shown, name, stretches, colour, 2.4))
        else:
            traces.append(_trace(result, shown, name, stretches, _order_colour(name), 1.4))
    axis = {"automargin": True, "hoverformat": ".2f", "range": _window(close)}
    return style.figure(
        traces,
        height=460,
        hovermode="closest",
        xaxis=shown.axis(),
        yaxis=axis,
        shapes=_known(result, role, shown),
    )


def _window(close: np.ndarray) -> list[float]:
    """From the lowest to the highest close with a little air: a target far away must not flatten the price."""
    low, high = float(close.min()), float(close.max())
    air = 0.08 * (high - low) or 0.01 * high
    return [low - air, high + air]


def _order_colour(name: str) -> str:
    if "stop" in name:
        return style.PURPLE if name.startswith("bull") else style.RED
    return style.ORANGE


def _trace(
    result: Result, shown: ChartRows, name: str, stretches: Sequence[Stretch], colour: str, width: float
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


def _words(result: Result, one: Stretch) -> str:
    sessions = result.market.sessions
    span = f"{sessions[one.first_row]} to {sessions[one.last_row]}"
    more = "".join(f", {plain_name(name)} {signed(value, 1)}" for name, value in one.said.items())
    return style.label(f"{plain_name(one.name)} {signed(one.price, 2)}, {span}{more}")


def _known(result: Result, role: str, shown: ChartRows) -> list[dict[str, object]]:
    """A dotted line from the first touch of each known level, or from the run's first bar, to its last bar."""
    factor = float(result.market.bars[role]["factor"][-1])
    first, last = shown.span
    lines: list[dict[str, object]] = []
    for one in result.reading.known:
        if one.role == role:
            since = float(np.datetime64(one.first, "ms").astype(np.int64))
            price = one.price * factor
            stroke = {"color": style.GREY, "width": 1, "dash": "dot"}
            lines.append(
                {"type": "line", "x0": max(since, first), "x1": last, "y0": price, "y1": price, "line": stroke}
            )
    return lines
