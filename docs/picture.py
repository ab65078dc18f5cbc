# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (what the scripts beside share)
"""Pictures of a run as SVG: strips under one another over one axis of time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord

WIDTH, LEFT, RIGHT = 1000, 70, 900
TOP, BETWEEN = 78, 44
FONT = "Helvetica, Arial, sans-serif"
INK, SOFT, GRID = "#1f2430", "#5b6472", "#e3e6eb"
BLUE, GREEN, RED, GREY = "#2f6fb0", "#0f8a6d", "#c8581c", "#8a8f98"


@dataclass(frozen=True)
class Panel:
    """A strip of the picture, `top` to `top + height`, that shows values from `low` to `high`."""

    title: str
    top: float
    height: float
    low: float
    high: float

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def y(self, value: float) -> float:
        return self.top + self.height * (self.high - value) / (self.high - self.low)

    def frame(self, ticks: Iterable[tuple[float, str]]) -> list[str]:
        """The title, and a line with its words at each tick's value."""
        lines = [text(LEFT, self.top - 9, self.title, weight="700")]
        for value, words in ticks:
            y = self.y(value)
            lines.append(f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{GRID}"/>')
            lines.append(text(LEFT - 8, y + 4, words, anchor="end", colour=SOFT))
        return lines

    def level(self, value: float, words: str, colour: str = RED) -> list[str]:
        """A dashed line at a parameter's value, named at its end."""
        y = self.y(value)
        dash = 'stroke-dasharray="5 4"'
        return [
            f'<line x1="{LEFT}" x2="{RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="{colour}" {dash}/>',
            text(RIGHT + 6, y + 4, words, colour=colour),
        ]

    def curve(self, x: FloatArray, values: FloatArray, colour: str) -> str:
        points = " ".join(f"{a:.1f},{self.y(b):.1f}" for a, b in zip(x, values, strict=True))
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.8" stroke-linejoin="round"/>'

    def dot(self, x: float, value: float, colour: str, look: str = 'r="5"', edge: str = "") -> str:
        return f'<circle cx="{x:.1f}" cy="{self.y(value):.1f}" {look} fill="{colour}" stroke="#ffffff"{edge}/>'


class Episode:
    """Some sessions of a run: `rows` are theirs, `x` where each stands. What is added is drawn layer by layer."""

    def __init__(self, result: RunRecord, first: str, last: str) -> None:
        """`first` to `last` are dates, YYYY-MM-DD."""
        sessions = result.market.sessions
        self.rows = between(sessions, first, last)
        self.label = result.market.label
        self.x = np.linspace(LEFT, RIGHT, self.rows.stop - self.rows.start)
        self.panels: list[Panel] = []
        self.frames: list[str] = []
        self.levels: list[str] = []
        self.curves: list[str] = []
        self.marks: list[str] = []
        self._sessions = sessions[self.rows]

    def panel(
        self, title: str, height: float, limits: tuple[float, float], ticks: Sequence[float], form: str = "{}"
    ) -> Panel:
        """One more strip, below the last."""
        top = self.panels[-1].bottom + BETWEEN if self.panels else TOP
        self.panels.append(Panel(title, top, height, *limits))
        self.frames += self.panels[-1].frame((value, form.format(value)) for value in ticks)
        return self.panels[-1]

    def level(self, panel: Panel, value: float, words: str, colour: str = RED) -> None:
        self.levels += panel.level(value, words, colour)

    def curve(self, panel: Panel, values: FloatArray, colour: str) -> None:
        """A line through the values of this episode's rows; NaN parts it, and a lone value is not drawn."""
        known = np.concatenate([[False], np.isfinite(values), [False]])
        edges = np.flatnonzero(known[1:] != known[:-1])
        for first, end in zip(edges[::2], edges[1::2], strict=True):
            if end - first > 1:
                self.curves.append(panel.curve(self.x[first:end], values[first:end], colour))

    def mark(self, row: int, words: str, colour: str, *, y: float = 92, dot: tuple[Panel, float] | None = None) -> None:
        """A line through every strip at a row of the run, named at `y`; a dot at a panel's value."""
        at = self.at(row)
        top, bottom = self.panels[0].top, self.panels[-1].bottom
        place = f'x1="{at:.1f}" x2="{at:.1f}" y1="{top:g}" y2="{bottom:g}"'
        line = f'<line {place} stroke="{colour}" stroke-opacity="0.4"/>'
        dots = [dot[0].dot(at, dot[1], colour)] if dot else []
        self.marks += [line, *dots, text(at + 5, y, words, colour=colour)]

    def at(self, row: int) -> float:
        """Where a row of the run stands."""
        return float(self.x[row - self.rows.start])

    def svg(self, title: str, words: str, foot: float = 34) -> str:
        """The picture; `words` begin its heading, `foot` is the room under the last strip."""
        heading = f"{words}, drawn from a run on the {self.label}: not history"
        parts = [*self._months(), *self.frames, *self.levels, *self.curves, *self.marks]
        return drawn(title, heading, self.panels[-1].bottom + foot, parts)

    def _months(self) -> list[str]:
        """A light line and a name where each month begins."""
        names = self._sessions.astype("datetime64[M]")
        lines = []
        for row in np.flatnonzero(names[1:] != names[:-1]) + 1:
            lines += grid(self.panels, self.x[row], str(names[row]))
        return lines


def between(sessions: NDArray[np.datetime64], first: str, last: str) -> slice:
    """The rows from the first session on or after `first` to the first on or after `last`, that one with them."""
    start, stop = np.searchsorted(sessions, [np.datetime64(first), np.datetime64(last)])
    return slice(int(start), int(stop) + 1)


def grid(panels: Sequence[Panel], x: float, words: str) -> list[str]:
    """A light line through every strip, named below unless `words` is empty."""
    at = f'x1="{x:.1f}" x2="{x:.1f}"'
    lines = [f'<line {at} y1="{one.top:g}" y2="{one.bottom:g}" stroke="{GRID}"/>' for one in panels]
    return [*lines, text(x, panels[-1].bottom + 18, words, anchor="middle", colour=SOFT)] if words else lines


def text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = INK, weight: str = "400") -> str:
    """One line of words at (x, y)."""
    look = f'font-size="13" font-weight="{weight}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{words.replace("&", "&amp;").replace("<", "&lt;")}</text>'


def drawn(title: str, heading: str, height: float, parts: Sequence[str]) -> str:
    """The whole SVG."""
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" role="img" font-family="{FONT}">',
        f"<title>{title}</title>",
        f'<rect width="{WIDTH}" height="{height:g}" rx="10" fill="#fbfbf9"/>',
        text(LEFT, 32, heading, weight="700"),
    ]
    return "\n".join([*head, *parts, "</svg>\n"])
