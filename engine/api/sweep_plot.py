# SPDX-License-Identifier: Apache-2.0
"""A sweep's table as one plotly figure: along one setting, over two, or a line a combination through all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from plotly.graph_objects import Figure, Heatmap, Parcoords, Scatter

from engine.errors import InputError, Problem, nearest_name
from engine.report.kit import chart_style as style
from engine.report.sweep.words import short, value_words

if TYPE_CHECKING:
    import pandas as pd

FIRST = "reward_to_variability"
BAND = (0.1, 0.5, 0.9)
"""Quantiles of the combinations that share a value: the band and the median in it."""


def sweep_figure(table: pd.DataFrame, names: Sequence[str], figure: str | None, over: Sequence[str] | None) -> Figure:
    """Draw `figure` of a sweep's table by the settings `over`, some of `names`; a row without a figure is left out.

    One setting: the median of all combinations with a value, and the band that eight in ten lie in. Two: a heat map of
    the median. More: a line a combination. None: every setting that takes more than one value.
    Raises InputError for a figure or a setting that is not in the table.
    """
    figures = [name for name in table.columns if name not in names and table[name].dtype.kind in "fi"]
    chosen = figure or (FIRST if FIRST in figures else next(iter(figures), ""))
    _refuse("figure", [chosen], figures)
    there = [name for name in names if name in table.columns]
    varied = [name for name in there if len(_keys(table[name]).unique()) > 1]
    asked = list(varied or there[:1]) if over is None else [over] if isinstance(over, str) else list(over)
    _refuse("over", asked or [""], there)
    drawn = (_along, _across)[len(asked) - 1] if len(asked) < 3 else _all
    made: Figure = drawn(table[table[chosen].notna()], asked, chosen)
    made.update_layout(height=380, margin={"l": 70, "r": 40, "t": 60, "b": 50})
    return made


def _along(table: pd.DataFrame, over: Sequence[str], figure: str) -> Figure:
    (name,) = over
    keys = _keys(table[name])
    groups = table[figure].groupby(keys, sort=_ordered(keys))
    low, middle, high = (groups.quantile(one).to_numpy() for one in BAND)
    x = groups.size().index.tolist()
    band = {"x": x, "mode": "lines", "line": {"width": 0}, "hoverinfo": "skip", "showlegend": False}
    traces = [
        Scatter(y=low, name="low", **band),
        Scatter(y=high, name="high", fill="tonexty", fillcolor="rgba(47,134,197,.18)", **band),
        Scatter(x=x, y=middle, name="median", mode="lines+markers", line={"color": style.BLUE, "width": 1.6}),
    ]
    return _titled(Figure(traces), name, figure, showlegend=False)


def _across(table: pd.DataFrame, over: Sequence[str], figure: str) -> Figure:
    up, across = (_keys(table[name]).rename(place) for place, name in enumerate(over))
    cells = table.pivot_table(index=up, columns=across, values=figure, aggfunc="median", sort=False)
    rows, columns = (_in_order(one, axis) for one, axis in ((up, cells.index), (across, cells.columns)))
    cells = cells.loc[rows, columns]
    heat = Heatmap(x=columns, y=rows, z=cells.to_numpy(), colorscale="Cividis", colorbar={"thickness": 12})
    made = _titled(Figure([heat]), over[1], over[0], title=figure)
    made.update_xaxes(type="linear" if _ordered(across) else "category")
    made.update_yaxes(type="linear" if _ordered(up) else "category")
    return made


def _all(table: pd.DataFrame, over: Sequence[str], figure: str) -> Figure:
    dimensions: list[dict[str, Any]] = []
    for name in over:
        keys = _keys(table[name])
        values = _in_order(keys, keys.unique())
        places = keys.map({value: place for place, value in enumerate(values)})
        step = max(1, -(-len(values) // 8))
        dimensions.append(
            {
                "label": style.label(short(name)),
                "values": places.to_numpy(),
                "range": [0, max(1, len(values) - 1)],
                "tickvals": list(range(0, len(values), step)),
                "ticktext": [value_words(value) for value in values[::step]],
            }
        )
    told = table[figure].to_numpy()
    dimensions.append({"label": figure, "values": told})
    return Figure([Parcoords(dimensions=dimensions, line={"color": told, "colorscale": "Cividis"})])


def _titled(made: Figure, across: str, up: str, **layout: Any) -> Figure:
    made.update_layout(xaxis_title=style.label(short(across)), yaxis_title=style.label(short(up)), **layout)
    return made


def _keys(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column's values as what they are grouped by: numbers as they are, all else in words."""
    return column if column.dtype.kind in "fi" else column.map(value_words)


def _ordered(keys: pd.Series[Any]) -> bool:
    return bool(keys.dtype.kind in "fi")


def _in_order(keys: pd.Series[Any], values: Any) -> list[Any]:
    """Numbers from the lowest, words as they stand in the table."""
    return np.sort(np.asarray(values)).tolist() if _ordered(keys) else keys.drop_duplicates().tolist()


def _refuse(path: str, asked: Sequence[str], known: Sequence[str]) -> None:
    wrong = [
        Problem("not in the table", path=path, found=one or "nothing", allowed=", ".join(known) or "nothing is left",
                nearest=nearest_name(one, list(known)))
        for one in asked if one not in known
    ]  # fmt: skip
    if wrong:
        raise InputError(wrong)
