# SPDX-License-Identifier: Apache-2.0
"""Files of the sample market, damaged: a run gives the same result, refuses, is loud, or is silent about another one.

`python -m tests.properties.damage 2000` tries so many and prints a table by kind.
"""

import os
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from engine.config.loader import load_config
from engine.errors import InputError
from engine.market.export import write_csv
from engine.market.sources import open_source
from engine.model.run import SampleData
from engine.runs.backtest import backtest

SYMBOLS = ("SPY", "IWM", "VIX", "TBILL")
FIRST, ROWS = 1500, 500
PRICES = ["open", "high", "low", "close"]
CONFIG = """\
name: damaged
strategy: rule.py
roles: {large: SPY, small: IWM}
data: {source: csv, path: ., prices: raw}
series: {vix: VIX, tbill: {symbol: TBILL, unit: percent}}
costs: {benchmark: tbill}
"""
RULE = """\
from engine.strategy import Strategy

LARGE, SMALL = 0, 1


class Rule(Strategy):
    roles = ("large", "small")
    series = ("vix",)

    class State:
        n: int = 0

    def features(self, market, p):
        return {"vix": market.vix, "ratio": market.large.close / market.small.close}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        s.n += 1
        if s.n % 5 == 1:
            orders.target(LARGE, 0.3 + 0.002 * f.vix)
            orders.target(SMALL, 0.05 * f.ratio)
"""

Frames = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Damage:
    """One kind: what it does to the frames, and why it may pass in silence, "" where it may not."""

    name: str
    do: Callable[[np.random.Generator, Frames], str]
    excuse: str = ""


def sound() -> Frames:
    """Two years of the sample market, as `tandem data build-sample` writes them."""
    source = open_source(SampleData(seed=7), Path())
    return {symbol: source.read(symbol).frame.iloc[FIRST : FIRST + ROWS] for symbol in SYMBOLS}


def outcome(folder: Path, frames: Frames, truth: np.ndarray | None = None) -> tuple[str, np.ndarray | None, str]:
    """(same, refused, loud or silent), the equity bar by bar, and what was said."""
    source = open_source(SampleData(seed=7), Path())
    for symbol, frame in frames.items():
        if isinstance(frame, str):
            (folder / f"{symbol}.csv").write_text(frame, encoding="utf-8")
        else:
            table = source.read(symbol)
            write_csv(type(table)(symbol, frame), folder / f"{symbol}.csv")
    (folder / "rule.py").write_text(RULE, encoding="utf-8")
    (folder / "run.yaml").write_text(CONFIG, encoding="utf-8")
    try:
        result = backtest(load_config(folder / "run.yaml", ("mode=interpreted",)))
    except InputError as error:
        return "refused", None, str(error)
    equity = np.array(result.points["equity"])
    said = " ".join(one.text for one in result.notices if one.level == "loud")
    if truth is not None and equity.shape == truth.shape and np.array_equal(equity, truth):
        return "same", equity, said
    return ("loud" if said else "silent"), equity, said


def _row(rng: np.random.Generator, frame: pd.DataFrame) -> int:
    return int(rng.integers(12, len(frame) - 12))


def _cell(symbols: tuple[str, ...], columns: list[str], change: Callable[[float], float]) -> Callable:
    def do(rng: np.random.Generator, frames: Frames) -> str:
        symbol, column = str(rng.choice(symbols)), str(rng.choice(columns))
        frame = frames[symbol].copy()
        row = _row(rng, frame)
        if column == "dividend":
            row = int(rng.choice(np.flatnonzero(frame["dividend"] > 0)))
        frame.iloc[row, frame.columns.get_loc(column)] = change(float(frame[column].iloc[row]))
        frames[symbol] = frame
        return f"{symbol} {column} {frame.index[row]:%Y-%m-%d}"

    return do


def _bar(change: Callable[[np.random.Generator], float]) -> Callable:
    def do(rng: np.random.Generator, frames: Frames) -> str:
        symbol = str(rng.choice(SYMBOLS[:2]))
        frame, factor = frames[symbol].copy(), change(rng)
        row = _row(rng, frame)
        frame.iloc[row, [frame.columns.get_loc(name) for name in PRICES]] *= factor
        frames[symbol] = frame
        return f"{symbol} x{factor:.3g} {frame.index[row]:%Y-%m-%d}"

    return do


def _rows(change: Callable[[np.random.Generator, pd.DataFrame, int], pd.DataFrame]) -> Callable:
    def do(rng: np.random.Generator, frames: Frames) -> str:
        symbol = str(rng.choice(SYMBOLS))
        row = _row(rng, frames[symbol])
        frames[symbol] = change(rng, frames[symbol], row)
        return f"{symbol} row {row}"

    return do


def _lost(_: np.random.Generator, frame: pd.DataFrame, row: int) -> pd.DataFrame:
    return frame.drop(frame.index[row])


def _doubled(_: np.random.Generator, frame: pd.DataFrame, row: int) -> pd.DataFrame:
    return pd.concat([frame.iloc[: row + 1], frame.iloc[row:]])


def _swapped(_: np.random.Generator, frame: pd.DataFrame, row: int) -> pd.DataFrame:
    order = np.arange(len(frame))
    order[[row, row + 1]] = order[[row + 1, row]]
    return frame.iloc[order]


def _another_day(rng: np.random.Generator, frames: Frames) -> str:
    """A midnight read in another zone is the evening before, or the next day's."""
    symbol, days = str(rng.choice(SYMBOLS)), int(rng.choice([-1, 1]))
    frame = frames[symbol].copy()
    frame.index = frame.index + pd.Timedelta(days=days)
    frames[symbol] = frame
    return f"{symbol} {days:+d} day"


def _split(ratios: tuple[float, ...]) -> Callable:
    def do(rng: np.random.Generator, frames: Frames) -> str:
        symbol, ratio = str(rng.choice(SYMBOLS[:2])), float(rng.choice(ratios))
        frame = frames[symbol].copy()
        row = _row(rng, frame)
        columns = [frame.columns.get_loc(name) for name in PRICES]
        frame.iloc[row:, columns] /= ratio
        frame.iloc[row:, frame.columns.get_loc("volume")] *= ratio
        frames[symbol] = frame
        return f"{symbol} {ratio:g} for 1 {frame.index[row]:%Y-%m-%d}"

    return do


def _held(rng: np.random.Generator, frames: Frames) -> str:
    """Adjusted for a split that no column tells, though `data.prices` says raw."""
    symbol, ratio = str(rng.choice(SYMBOLS[:2])), float(rng.choice([2.0, 3.0, 1.5, 0.5, 0.25]))
    frame = frames[symbol].copy()
    row = int(rng.integers(100, len(frame) - 100))
    columns = [frame.columns.get_loc(name) for name in PRICES]
    cents = rng.integers(0, 7, (row, 1)) / 100.0  # as traded, prices end on any cent
    frame.iloc[:row, columns] = (frame.iloc[:row, columns] * ratio + cents).round(2) / ratio
    frames[symbol] = frame
    return f"{symbol} {ratio:g} for 1 {frame.index[row]:%Y-%m-%d}"


def _not_split(rng: np.random.Generator, frames: Frames) -> str:
    symbol, ratio = str(rng.choice(SYMBOLS[:2])), float(rng.choice([1.1, 1.25, 1.5, 2.0, 3.0, 0.5, 0.25]))
    frame = frames[symbol].copy()
    row = _row(rng, frame)
    frame.iloc[row, frame.columns.get_loc("split")] = ratio
    frames[symbol] = frame
    return f"{symbol} {ratio:g} for 1 {frame.index[row]:%Y-%m-%d}"


def _rate(factor: float) -> Callable:
    def do(_: np.random.Generator, frames: Frames) -> str:
        frames["TBILL"] = frames["TBILL"].assign(**{name: frames["TBILL"][name] * factor for name in PRICES})
        return f"TBILL x{factor:g}"

    return do


def _frozen(least: int, most: int) -> Callable:
    def do(rng: np.random.Generator, frames: Frames) -> str:
        symbol, count = str(rng.choice(SYMBOLS[:2])), int(rng.integers(least, most))
        frame = frames[symbol].copy()
        row = int(rng.integers(12, len(frame) - count - 12))
        columns = [frame.columns.get_loc(name) for name in PRICES]
        frame.iloc[row : row + count, columns] = frame.iloc[row, columns].to_numpy()
        frames[symbol] = frame
        return f"{symbol} {count} sessions from {frame.index[row]:%Y-%m-%d}"

    return do


BARS = ("SPY", "IWM")
KINDS = (
    *(Damage(f"price cell x{k:g}", _cell(BARS, PRICES, lambda v, k=k: v * k)) for k in (10, 100, 0.1, 0.01)),
    Damage("price cell 0", _cell(BARS, PRICES, lambda _: 0.0)),
    Damage("price cell blank", _cell(BARS, PRICES, lambda _: np.nan)),
    Damage("price cell negative", _cell(BARS, PRICES, lambda v: -v)),
    *(Damage(f"bar x{k:g}", _bar(lambda _, k=k: k)) for k in (10, 100, 0.1, 0.01)),
    Damage("bar off by 25 to 60 %", _bar(lambda rng: float(rng.choice([-1, 1]) * rng.uniform(0.25, 0.6) + 1))),
    Damage(
        "bar off by 0.3 to 25 %",
        _bar(lambda rng: float(rng.choice([-1, 1]) * rng.uniform(0.003, 0.25) + 1)),
        "in a crisis a market moves so and comes back",
    ),
    Damage("volume cell 0", _cell(BARS, ["volume"], lambda _: 0.0)),
    Damage("volume cell blank", _cell(BARS, ["volume"], lambda _: np.nan)),
    Damage("volume cell negative", _cell(BARS, ["volume"], lambda v: -v)),
    Damage(
        "volume cell x10", _cell(BARS, ["volume"], lambda v: v * 10), "funds trade fifty times as much on some days"
    ),
    Damage("dividend cell x10", _cell(BARS, ["dividend"], lambda v: v * 10)),
    Damage("dividend cell x100", _cell(BARS, ["dividend"], lambda v: v * 100)),
    Damage("dividend cell 0", _cell(BARS, ["dividend"], lambda _: 0.0), "fewer than four on a side: no rule is broken"),
    Damage("dividend cell negative", _cell(BARS, ["dividend"], lambda v: -v)),
    *(Damage(f"VIX cell x{k:g}", _cell(("VIX",), ["close"], lambda v, k=k: v * k)) for k in (10, 100, 0.1)),
    Damage("VIX cell 0", _cell(("VIX",), ["close"], lambda _: 0.0)),
    Damage("VIX cell blank", _cell(("VIX",), ["close"], lambda _: np.nan)),
    Damage("VIX cell negative", _cell(("VIX",), ["close"], lambda v: -v)),
    *(Damage(f"rate cell x{k:g}", _cell(("TBILL",), ["close"], lambda v, k=k: v * k)) for k in (10, 100)),
    Damage(
        "rate cell blank",
        _cell(("TBILL",), ["close"], lambda _: np.nan),
        "rates have no value on holidays of their market: the day before stands",
    ),
    Damage("row lost", _rows(_lost), "a rate's, as above"),
    Damage("row doubled", _rows(_doubled)),
    Damage("rows swapped", _rows(_swapped)),
    Damage("dates a day off", _another_day),
    Damage("split not on record, 1.5 and more", _split((1.5, 2.0, 3.0, 4.0, 5.0, 10.0, 0.5, 0.25, 0.1))),
    Damage("split not on record, 1.2 to 1.4", _split((1.2, 1.25, 4 / 3))),
    Damage("split on record, prices without it", _not_split),
    Damage("split in raw prices, not on record", _held),
    Damage("rate in hundredths of its unit", _rate(0.01)),
    Damage("rate a hundred times", _rate(100.0)),
    Damage("five or more sessions frozen", _frozen(5, 60)),
    Damage("three or four sessions frozen", _frozen(3, 5), "a quiet fund stands still for as long"),
)


def tried(kind: Damage, number: int, truth: np.ndarray) -> tuple[str, float, str]:
    """How the damage ended, the part of the last equity that it moved, and what it was."""
    frames = sound()
    what = kind.do(np.random.default_rng([number, KINDS.index(kind)]), frames)
    with tempfile.TemporaryDirectory() as folder:
        how, equity, _ = outcome(Path(folder), frames, truth)
    moved = 0.0 if equity is None else abs(float(equity[-1] / truth[-1]) - 1.0)
    return how, moved, what


def truth_of_sound() -> tuple[np.ndarray, str]:
    """The equity of the sound files, and what is said loudly of them."""
    with tempfile.TemporaryDirectory() as folder:
        _, equity, said = outcome(Path(folder), sound())
    return equity, said


def say(words: str) -> None:
    """One line on stdout."""
    sys.stdout.write(f"{words}\n")


def main(count: int) -> None:
    """Try `count` damages, the kinds in turn, and print how each kind ended and what silence cost at most."""
    truth, said = truth_of_sound()
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    cost: dict[str, float] = defaultdict(float)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        how, moved, what = tried(kind, number // len(KINDS), truth)
        ends[kind.name][how] += 1
        if how == "silent":
            cost[kind.name] = max(cost[kind.name], moved)
            if not kind.excuse:
                say(f"SILENT {kind.name}: {what}, the end moved by {moved:.4%}")
    say(f"sound files: {said or 'nothing is loud'}")
    say(f"{'kind':38} same refused loud silent  most that silence moved")
    for name, ended in ends.items():
        numbers = " ".join(f"{ended[how]:6d}" for how in ("same", "refused", "loud", "silent"))
        say(f"{name:38} {numbers}  {cost[name]:.4%}" if ended["silent"] else f"{name:38} {numbers}")
    total = sum(ends.values(), Counter())
    say(f"{count} damages: {dict(total)}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tandem-damage-") as own:
        os.environ["TANDEM_CACHE_DIR"] = own
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10 * len(KINDS))
