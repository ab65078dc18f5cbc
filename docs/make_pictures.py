# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the pictures it draws)
"""Draws the pictures of docs/images that show a run: `python docs/make_pictures.py`.

spread_episode.svg comes from the run alone; report.png is a screenshot and needs chromium, and is left as it is where
there is none. Both show the synthetic sample market. The other pictures are drawn by hand.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.runs.backtest import backtest

HERE = Path(__file__).resolve().parent
IMAGES = HERE / "images"
CONFIG = HERE.parent / "configs" / "spread_sample.yaml"
FIRST, LAST = "2013-12-16", "2014-08-29"

WIDTH, LEFT, RIGHT = 1000, 70, 900
FONT = "Helvetica, Arial, sans-serif"
INK, SOFT, GRID = "#1f2430", "#5b6472", "#e3e6eb"
BLUE, GREEN, RED, GREY = "#2f6fb0", "#0f8a6d", "#c8581c", "#8a8f98"
COLOURS = {"enter": GREEN, "restore": GREEN, "rebalance": BLUE, "unwind_half": RED, "unwind_flat": RED}


@dataclass(frozen=True)
class Panel:
    """A strip of the picture, `top` to `top + height`, that shows values from `low` to `high`."""

    title: str
    top: float
    height: float
    low: float
    high: float

    def y(self, value: float) -> float:
        return self.top + self.height * (self.high - value) / (self.high - self.low)

    def frame(self, ticks: Sequence[tuple[float, str]]) -> list[str]:
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


def text(x: float, y: float, words: str, *, anchor: str = "start", colour: str = INK, weight: str = "400") -> str:
    """One line of words at (x, y)."""
    look = f'font-size="13" font-weight="{weight}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{words.replace("&", "&amp;").replace("<", "&lt;")}</text>'


def episode(result: RunRecord) -> str:
    """The unwind of the sample market's June 2014 as SVG: ratio with fills, z-score, shock, gross exposure."""
    sessions, p = result.market.sessions, result.params
    start, stop = np.searchsorted(sessions, [np.datetime64(FIRST), np.datetime64(LAST)])
    rows = slice(int(start), int(stop) + 1)
    x = np.linspace(LEFT, RIGHT, rows.stop - rows.start)
    ratio = result.market.large.close[rows] / result.market.small.close[rows]
    points, features = result.points[rows], result.features[rows]
    room = 0.06 * float(ratio.max() - ratio.min())
    panels = (
        Panel("SPY / IWM, and what filled", 78, 200, float(ratio.min()) - room, float(ratio.max()) + 3 * room),
        Panel("z-score of the log ratio, 250 sessions", 322, 110, -1.6, 3.0),
        Panel("15-day shock of the ratio, sigma", 476, 130, -4.2, 4.2),
        Panel("gross exposure, times equity, at the close", 650, 80, 0.0, 2.0),
    )
    top, z, shock, gross = panels
    parts = [
        *months(sessions[rows], x, panels),
        *top.frame([(value, f"{value:.1f}") for value in np.arange(3.0, 4.0, 0.1) if top.low < value < top.high]),
        *z.frame([(value, f"{value:g}") for value in (-1, 0, 1, 2)]),
        *shock.frame([(value, f"{value:g}") for value in (-4, -2, 0, 2, 4)]),
        *gross.frame([(value, f"{value:.0f}x") for value in (0, 1, 2)]),
        *z.level(p["enter"], f"enter {p['enter']:g}", GREEN),
        *z.level(p["exit"], f"exit {p['exit']:g}"),
        *shock.level(p["reentry_shock"], f"re-entry {p['reentry_shock']:g}", GREEN),
        *shock.level(p["unwind_shock"], f"half {p['unwind_shock']:g}"),
        *shock.level(p["unwind_flat"], f"flat {p['unwind_flat']:g}"),
        top.curve(x, ratio, GREY),
        z.curve(x, features["z"], BLUE),
        shock.curve(x, features["shock"], BLUE),
        gross.curve(x, points["gross"] / points["equity"], BLUE),
        *marks(result, rows, x, top, panels[-1]),
    ]
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} 764" role="img" font-family="{FONT}">',
        "<title>An unwind in the synthetic sample market</title>",
        f'<rect width="{WIDTH}" height="764" rx="10" fill="#fbfbf9"/>',
        text(LEFT, 32, f"An unwind, drawn from a run on the {result.market.label}: not history", weight="700"),
    ]
    return "\n".join([*head, *parts, "</svg>\n"])


def months(sessions: NDArray[np.datetime64], x: FloatArray, panels: Sequence[Panel]) -> list[str]:
    """A light line and a name where each month begins."""
    names = sessions.astype("datetime64[M]")
    bottom = panels[-1].top + panels[-1].height
    lines = []
    for row in np.flatnonzero(names[1:] != names[:-1]) + 1:
        at = f'x1="{x[row]:.1f}" x2="{x[row]:.1f}"'
        lines += [f'<line {at} y1="{one.top:g}" y2="{one.top + one.height:g}" stroke="{GRID}"/>' for one in panels]
        lines.append(text(x[row], bottom + 18, str(names[row]), anchor="middle", colour=SOFT))
    return lines


def marks(result: RunRecord, rows: slice, x: FloatArray, top: Panel, bottom: Panel) -> list[str]:
    """A dot on the ratio, a name above it and a line down for each session in which the large leg traded."""
    entries = result.ledger
    fills = entries[(entries["kind"] == EntryKind.FILL) & (entries["role"] == 0)]
    lines = []
    for fill in fills[(fills["t"] >= rows.start) & (fills["t"] < rows.stop)]:
        row = int(fill["t"])
        at, name = x[row - rows.start], result.reasons[int(fill["reason"])][0]
        colour = COLOURS.get(name, INK)
        y = top.y(float(result.market.large.close[row] / result.market.small.close[row]))
        last = bottom.top + bottom.height
        lines += [
            f'<line x1="{at:.1f}" x2="{at:.1f}" y1="{y:.1f}" y2="{last:g}" stroke="{colour}" stroke-opacity="0.35"/>',
            f'<circle cx="{at:.1f}" cy="{y:.1f}" r="6" fill="{colour}" stroke="#ffffff" stroke-width="1.5"/>',
        ]
        dx, dy, anchor = {"unwind_half": (-10, 18, "end"), "unwind_flat": (10, -10, "start")}.get(
            name, (-9, -12, "end")
        )
        lines.append(text(at + dx, y + dy, name, anchor=anchor, colour=colour))
    return lines


def report(target: Path, height: int = 1674) -> bool:
    """A screenshot of the top of the sample run's report, 1280 wide; False where there is no chromium."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        tandem = [sys.executable, "-c", "from engine.cli import main; main()"]
        subprocess.run([*tandem, "backtest", str(CONFIG), "--out", folder], check=True, capture_output=True)  # noqa: S603
        (page,) = Path(folder).glob("*/2*/report.html")
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--virtual-time-budget=8000"]
        size = [f"--window-size=1280,{height}", f"--screenshot={target}"]
        subprocess.run([browser, *options, *size, page.as_uri()], check=True, capture_output=True)  # noqa: S603
    return True


if __name__ == "__main__":
    (IMAGES / "spread_episode.svg").write_text(episode(backtest(CONFIG)), encoding="utf-8")
    if not report(IMAGES / "report.png"):
        sys.exit("No chromium on PATH: report.png is left as it was.")
