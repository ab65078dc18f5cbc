# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (a script beside the page it writes)
"""Measures the leveraged-fund model against real funds: the tables and the picture of docs/leveraged_funds.md.

    python docs/leveraged_funds_figures.py FOLDER

FOLDER holds daily/RWM.csv, TWM.csv, SRTY.csv, TNA.csv and IWM.csv with a column adj_close, rates/DTB3.csv, and
DEFECTS_return_mismatch.csv, the days on which two vendors disagree.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from page import Page, Table, percent
from picture import BLUE, GREEN, GREY, LEFT, RED, RIGHT, Panel, drawn, grid, text

from engine.market.leveraged import leveraged_path

FUNDS = {"RWM": (-1.0, 0.0095), "TWM": (-2.0, 0.0095), "SRTY": (-3.0, 0.0095), "TNA": (3.0, 0.0100)}
"""Factor and expense ratio."""

COLOURS = {"RWM": BLUE, "TWM": GREEN, "SRTY": RED, "TNA": "#a0569b"}
MONTH, FULL_YEAR = 21, 200
"""Sessions."""


@dataclass(frozen=True)
class Life:
    """One fund's life: daily simple total returns of fund, index and model, by session, days of dispute left out."""

    name: str
    factor: float
    fund: pd.Series
    index: pd.Series
    model: pd.Series
    free: pd.Series  # the model without expenses and swap spread

    @property
    def missed(self) -> pd.Series:
        """What the model did not make of the fund's return."""
        return self.fund - self.model


def lives(given: Sequence[str]) -> list[Life]:
    """Every fund of FUNDS against the model with its default swap spread, IWM as the index; the folder is given."""
    if len(given) != 1:
        sys.exit(__doc__)
    folder = Path(given[0])
    bill = pd.read_csv(folder / "rates" / "DTB3.csv", parse_dates=["date"], index_col="date").dtb3_pct / 100.0
    listed = pd.read_csv(folder / "DEFECTS_return_mismatch.csv", parse_dates=["date"])
    index = _returns(folder, "IWM")
    found = []
    for name, (factor, expense) in FUNDS.items():
        both = pd.DataFrame({"fund": _returns(folder, name), "index": index}).dropna()
        both["bill"] = bill.reindex(both.index.union(bill.index)).ffill().shift().reindex(both.index)
        both = both.drop(listed.date[listed.ticker == name], errors="ignore").loc[: bill.index[-1]]
        model = leveraged_path(both["index"], factor, both.bill, expense)
        free = leveraged_path(both["index"], factor, both.bill, 0.0, 0.0)
        paths = (pd.Series(values, both.index) for values in (model, free))
        found.append(Life(name, factor, both.fund, both["index"], *paths))
    return found


def _returns(folder: Path, name: str) -> pd.Series:
    bars = pd.read_csv(folder / "daily" / f"{name}.csv", parse_dates=["date"], index_col="date")
    return bars.adj_close.pct_change()


def tracking(funds: list[Life]) -> Table:
    """How close the model comes, day by day and over a fund's life."""
    table = [["fund", "factor", "from", "to", "sessions", "correlation", "beta", "daily error, a year",
              "monthly error, a year", "fund less model, a year", "fund's wealth / model's"]]  # fmt: skip
    for one in funds:
        fund, model, missed = one.fund, one.model, one.missed
        beta = np.cov(fund, model)[0, 1] / model.var(ddof=1)
        monthly = missed.rolling(MONTH).sum().std() * np.sqrt(252.0 / MONTH)
        wealth = float(np.prod(1.0 + fund) / np.prod(1.0 + model))
        table.append([
            one.name, f"{one.factor:+g}", *(f"{fund.index[at].date()}" for at in (0, -1)), f"{len(fund):,}",
            f"{np.corrcoef(fund, model)[0, 1]:.4f}", f"{beta:.3f}", percent(missed.std() * np.sqrt(252.0)),
            percent(monthly), percent(missed.mean() * 252.0), f"{wealth:.2f}",
        ])  # fmt: skip
    return table


def years(funds: list[Life]) -> Table:
    """Fund less model by calendar year, sums of daily differences, of years with FULL_YEAR sessions at least."""
    table = [["year", *(one.name for one in funds)]]
    seen = [pd.DatetimeIndex(one.missed.index).year.to_numpy() for one in funds]
    for year in range(min(map(min, seen)), max(map(max, seen)) + 1):
        cells = [
            percent(float(one.missed[own == year].sum())) if np.count_nonzero(own == year) >= FULL_YEAR else ""
            for one, own in zip(funds, seen, strict=True)
        ]
        if any(cells):
            table.append([str(year), *cells])
    return table


def reset(funds: list[Life]) -> Table:
    """Log growth a year of the index and the fund, and what lies between the factor times one and the other."""
    table = [["fund", "index", "volatility", "factor x index", "daily reset", "interest", "costs", "left over", "fund"]]
    for one in funds:
        index, fund, model, free = (
            252.0 * float(np.log1p(path).mean()) for path in (one.index, one.fund, one.model, one.free)
        )
        variance = float(one.index.var() * 252.0)
        scaled, taken = one.factor * index, -0.5 * one.factor * (one.factor - 1.0) * variance
        parts = (scaled, taken, free - scaled - taken, model - free, fund - model, fund)
        table.append([one.name, percent(index), percent(np.sqrt(variance)), *map(percent, parts)])
    return table


def worst(funds: list[Life]) -> Table:
    """The three sessions on which each model was furthest off."""
    table = [["fund", "session", "index", "fund", "model", "missed"]]
    for one in funds:
        for day in one.missed.abs().nlargest(3).index:
            moves = (one.index[day], one.fund[day], one.model[day], one.missed[day])
            table.append([one.name, f"{day.date()}", *(percent(value, 2) for value in moves)])
    return table


def picture(funds: list[Life]) -> str:
    """Wealth of each real fund and of its model on a log scale, month by month, and one over the other below."""
    first = min(one.fund.index[0] for one in funds)
    last = max(one.fund.index[-1] for one in funds)
    place = _scale(first, last)
    panels, parts = [], []
    for number, one in enumerate(funds):
        wealth = [np.log10((1.0 + path).cumprod().resample("ME").last().dropna()) for path in (one.fund, one.model)]
        low, high = (float(limit) for limit in (min(map(min, wealth)), max(map(max, wealth))))
        room = 0.06 * (high - low)
        title = f"{one.name}, {one.factor:+g}x the index: wealth of 1 invested; the fund in colour, the model in grey"
        panel = Panel(title, 78 + 168 * number, 112, low - room, high + room)
        panels.append(panel)
        parts += panel.frame((float(np.log10(value)), f"{value:g}") for value in _ticks(low, high))
        for path, colour in zip(wealth, (COLOURS[one.name], GREY), strict=True):
            parts.append(panel.curve(np.array([place(day) for day in path.index]), path.to_numpy(), colour))
        parts[-1], parts[-2] = parts[-2], parts[-1]  # the model below, the fund above it
    ratio = Panel("wealth of the fund over the model's", 78 + 168 * len(funds), 130, 0.90, 1.14)
    panels.append(ratio)
    parts += ratio.frame((value, f"{value:.2f}") for value in (0.9, 0.95, 1.0, 1.05, 1.1))
    for one in funds:
        path = ((1.0 + one.fund).cumprod() / (1.0 + one.model).cumprod()).resample("ME").last().dropna()
        x = np.array([place(day) for day in path.index])
        parts.append(ratio.curve(x, path.to_numpy(), COLOURS[one.name]))
        below = 18 if one.name == "SRTY" else 4  # TNA goes on where SRTY ends
        parts.append(text(x[-1] + 5, ratio.y(float(path.iloc[-1])) + below, one.name, colour=COLOURS[one.name]))
    return _drawn(panels, parts, place, first.year, last.year)


def _drawn(panels: list[Panel], parts: list[str], place: Callable[[pd.Timestamp], float], first: int, last: int) -> str:
    lines = []
    for year in range(first + 1, last + 1):
        lines += grid(panels, place(pd.Timestamp(year, 1, 1)), "" if year % 2 else str(year))
    heading = "The model against four real funds, month ends, IWM as the index"
    height = panels[-1].bottom + 34
    return drawn("The leveraged-fund model against RWM, TWM, SRTY and TNA", heading, height, [*lines, *parts])


def _scale(first: pd.Timestamp, last: pd.Timestamp) -> Callable[[pd.Timestamp], float]:
    return lambda day: LEFT + (RIGHT - LEFT) * ((day - first) / (last - first))


def _ticks(low: float, high: float) -> list[float]:
    """Powers of ten, with 3 between them where there is room."""
    values = [factor * 10.0**power for power in range(-5, 5) for factor in (1.0, 3.0)]
    return [value for value in values if low <= np.log10(value) <= high]


PAGE = Page[list[Life]](
    "leveraged_funds.md", (tracking, years, reset, worst), {"leveraged_funds.svg": picture}, read=lives
)

if __name__ == "__main__":
    PAGE.main()
