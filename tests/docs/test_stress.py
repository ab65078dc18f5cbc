# SPDX-License-Identifier: Apache-2.0
"""docs/stress.md: the rounds by hand; and its windows against pandas on the raw files, which shares no code.

The measured tables are held by test_measured_pages.
"""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from engine.model.run import Margin
from engine.report.kit.words import percent
from engine.runs.backtest import backtest, loaded
from engine.runs.stress.asked import Asked
from engine.runs.stress.impact import Covering
from engine.runs.stress.liquidity import Liquidity
from engine.runs.stress.spiral import Shocked, run_spiral
from engine.runs.stress.through import through
from engine.runs.stress.windows import windows_of
from tests.docs.conftest import ROOT, tables_with

PAGE = "stress.md"
MINUS = "\N{MINUS SIGN}"
SYMBOLS = ("SPY", "IWM")
EIGHT = 8.0


def test_the_rounds_by_hand():
    from tests.runs.test_stress_spiral import rates

    (rows,) = tables_with(PAGE, "round", "covered")
    quantities, prices = np.array([10_000.0, -10_000.0]), np.array([100.0, 110.0])
    market = Liquidity(np.array([0.01, 0.02]), np.array([1e6, 1e6]))
    start = Shocked(quantities, prices, 400_000.0, Margin(cushion=0.1), rates())
    steps = run_spiral(start, Covering.of(quantities, 99.0, market, 1.0)).steps
    for row, step in zip(rows, steps, strict=False):
        large, small = (percent(move, 4, plus=True).replace(MINUS, "-").lstrip("+") for move in step.moves)
        assert (row["covered"], row["large moved"], row["small moved"]) == (f"{step.covered:.4f}", large, small)
        assert (row["equity"], row["maintenance"]) == (f"{step.equity:,.2f}", f"{step.maintenance:,.2f}")
    assert len(rows) == 3


@pytest.fixture(scope="module")
def passed(real_data):
    """July and August 2007, 10 October 2008 and 11 July 2024 in a book of SPY against IWM, by name."""
    days = ", ".join(
        f"{{name: {name}, first: {first}, last: {last}}}"
        for name, first, last in (
            ("quake", "2007-07-02", "2007-08-31"),
            ("october", "2008-10-10", "2008-10-10"),
            ("july", "2024-07-11", "2024-07-11"),
        )
    )
    at_the_cap = "params.target_volatility=0.1"  # as the page says
    sets = [f"data.path={real_data}", "stress.history=none", f"stress.windows=[{days}]", at_the_cap]
    ready = loaded(ROOT / "configs" / "spread_real.yaml", sets)
    asked = Asked(ready, backtest(ready, glance=False), (1.0, EIGHT), 1.0, None)
    return {one.name: through(asked, one, 1.6) for one in windows_of(ready)}


@pytest.fixture(scope="module")
def raw(real_data):
    """Closes and dividends as the files have them, a column a symbol."""
    files = {symbol: pd.read_csv(real_data / "daily" / f"{symbol}.csv", index_col="date") for symbol in SYMBOLS}
    return tuple(pd.DataFrame({symbol: file[name] for symbol, file in files.items()}) for name in ("close", "dividend"))


def path_of(raw, weights, first, last, leverage):
    """Equity at each close of a book that stood at the close before `first`, shares fixed, nobody calling."""
    closes, dividends = (frame.dropna() for frame in raw)
    before = closes.index[closes.index < first][-1]
    inside = closes.loc[before:last]
    shares = leverage * pd.Series(weights, SYMBOLS) / inside.iloc[0]
    paid = dividends.loc[before:last].iloc[1:].cumsum().reindex(inside.index, fill_value=0.0)
    return 1.0 + ((inside + paid - inside.iloc[0]) * shares).sum(axis=1)


def deepest(path):
    fall = 1.0 - path / path.cummax()
    return fall.max(), path.loc[: fall.idxmax()].idxmax(), fall.idxmax()


@pytest.mark.parametrize("turned", [1.0, -1.0], ids=["as held", "turned"])
@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("quake", "2007-07-02", "2007-08-31"),
        ("october", "2008-10-10", "2008-10-10"),
        ("july", "2024-07-11", "2024-07-11"),
    ],
)
def test_the_frozen_book_falls_as_the_raw_files_say(passed, raw, name, first, last, turned):
    """At 8x: within a tenth of what fees and interest leave out, on the same days."""
    one = passed[name]
    met = one.frozen.uncalled if turned > 0 else one.frozen.reverse
    path = path_of(raw, turned * one.book.weights, first, last, EIGHT)
    size, start, end = deepest(path)
    fall = met.falls[1]
    assert fall.size == pytest.approx(size, rel=0.1, abs=0.002)
    if size > 0.01:
        assert (str(fall.start), str(fall.end)) == (start, end)


def test_july_and_august_2007_at_8x(passed, raw):
    """What a loss against the opening equity hides: the book gained in July, and fell from 6 to 16 August."""
    one = passed["quake"]
    path = path_of(raw, one.book.weights, "2007-07-02", "2007-08-31", EIGHT)
    assert 1.0 - path.min() < 0.03
    assert deepest(path)[0] == pytest.approx(0.14, abs=0.01)
    assert (one.frozen.uncalled.falls[1].start, one.frozen.uncalled.falls[1].end) == (
        dt.date(2007, 8, 6), dt.date(2007, 8, 16),
    )  # fmt: skip


@pytest.mark.parametrize(("name", "day"), [("october", "2008-10-10"), ("july", "2024-07-11")])
def test_what_a_day_alone_kills(passed, raw, name, day):
    closes = raw[0].dropna()
    moves = closes.loc[:day].iloc[-1] / closes.loc[:day].iloc[-2] - 1.0
    one = passed[name]
    lost = -float((moves * pd.Series(one.book.weights, SYMBOLS)).sum())
    met = one.frozen.uncalled
    assert (str(met.day.session), met.day.lost) == (day, pytest.approx(lost, rel=1e-9))
    assert met.day.dies_at == pytest.approx(1.0 / lost)
    assert met.dies_at == pytest.approx(1.0 / lost, rel=0.01)
    assert one.frozen.ladder.dies_at == pytest.approx(1.0 / lost, rel=0.01)  # a call comes only behind the day


def test_the_worst_start_of_2007(passed, raw):
    """Every close of the window tried by itself, dividends behind it added."""
    one = passed["quake"]
    closes, dividends = (frame.dropna().loc["2007-06-29":"2007-08-31"] for frame in raw)
    weights = pd.Series(one.book.weights, SYMBOLS)
    worst = {
        start: min(
            float(
                (((closes.loc[end] + dividends.loc[start:end].iloc[1:].sum()) / closes.loc[start] - 1) * weights).sum()
            )
            for end in closes.index[closes.index > start]
        )
        for start in closes.index[:-1]
    }
    start = min(worst, key=worst.get)
    met = one.frozen.uncalled.start
    assert (str(met.session), met.lost) == (start, pytest.approx(-worst[start], rel=1e-9))
