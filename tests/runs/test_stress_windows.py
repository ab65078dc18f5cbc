# SPDX-License-Identifier: Apache-2.0
"""One window of a stress by hand: what a run's passage counts, and the worst day and start of a frozen book."""

import datetime as dt
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine.analytics.analysis import analyse
from engine.kernel.codes import EngineReason
from engine.runs.backtest import backtest
from engine.runs.stress.book import Book
from engine.runs.stress.frozen import Moment, uncalled
from engine.runs.stress.passage import passage
from engine.strategy.reasons import ReasonKind

SAMPLE = Path(__file__).resolve().parents[2] / "configs" / "spread_sample.yaml"
FIRST, LAST = 10, 20


@pytest.fixture(scope="module")
def run():
    return backtest(SAMPLE, ["period.start=2008-01-02", "period.end=2009-06-30", "mode=interpreted"], glance=False)


@pytest.fixture(scope="module")
def analysis(run):
    return analyse(run)


def reason_of(run, kind):
    return next(number for number, one in run.reasons.items() if one.kind == kind)


def sent(run, *rows):
    """The run as if it had sent these orders: row, reason, what filled."""
    orders = np.zeros(len(rows), run.orders.dtype)
    orders["born"], orders["reason"], orders["filled"] = zip(*rows, strict=True)
    return replace(run, orders=orders)


def test_a_call_of_two_legs_is_one_and_those_outside_the_window_are_none(run, analysis):
    call = int(EngineReason.MARGIN_CALL)
    rows = [(9, call, -10.0), (10, call, -10.0), (10, call, 20.0), (13, 0, 5.0), (20, call, -5.0), (21, call, 5.0)]
    assert passage(sent(run, *rows), analysis, FIRST, LAST).calls == 2


def test_cuts_are_decisions_of_which_something_filled(run, analysis):
    """Both legs of one close are one decision; a stop that nothing reached, and one before the window, are none."""
    stop = reason_of(run, ReasonKind.STOP)
    rows = [(9, stop, 10.0), (11, stop, -10.0), (11, stop, 20.0), (13, stop, 0.0), (20, stop, 5.0)]
    assert passage(sent(run, *rows), analysis, FIRST, LAST).cuts == ((run.reasons[stop].name, 2),)
    entry = reason_of(run, ReasonKind.ENTRY)
    assert passage(sent(run, (11, entry, 10.0)), analysis, FIRST, LAST).cuts == ()


def test_margin_use_is_of_the_window_and_gross_of_the_close_before(run, analysis):
    use, gross = (money / run.points["equity"] for money in (run.points["maintenance"], run.gross))
    before = int(np.argmax(use[:-30]))  # the window begins behind the highest use of all
    seen = passage(run, analysis, before + 1, before + 20)
    assert seen.margin_use == max(use[before + 1 : before + 21]) < use[before]
    assert seen.gross == gross[before]


CLOSES = (100.0, 92.0, 96.0, 84.0, 90.0)
PAID = (0.0, 3.0, 0.0, 0.0, 0.0)
DAYS = [dt.date(2024, 1, day) for day in (2, 3, 4, 5, 8)]


def walked(weight, *, dividends):
    role = SimpleNamespace(close=np.array(CLOSES), dividend=np.array(PAID))
    sessions = np.array(DAYS, "M8[D]")
    stretch = SimpleNamespace(sessions=sessions, bars={"session": sessions.astype(np.int64)}, roles=("x",), x=role)
    still = SimpleNamespace(equity=np.ones(5), worst=0.0)
    book = Book(np.array([weight]), DAYS[0], DAYS[0], 1.0, 1_000.0)
    return uncalled(book, stretch, (1.0,), lambda _: still, dividends=dividends)


def test_the_worst_day_and_start_of_a_long_with_what_it_is_paid():
    """Days: 5 % down with the 3 paid, up, 12.5 % down. From the opening to the fourth close 13 %, with the 3."""
    found = walked(1.0, dividends=True)
    assert found.day == Moment(DAYS[3], DAYS[3], pytest.approx(0.125))
    assert found.start == Moment(DAYS[0], DAYS[3], pytest.approx(0.13))
    assert found.day.dies_at == pytest.approx(8.0)


def test_the_same_without_dividends():
    found = walked(1.0, dividends=False)
    assert found.day == Moment(DAYS[3], DAYS[3], pytest.approx(0.125))
    assert found.start == Moment(DAYS[0], DAYS[3], pytest.approx(0.16))


def test_a_short_pays_them():
    """Up from 92 to 96 and from 84 to 90; the first day gains 8 less the 3 that are owed."""
    found = walked(-1.0, dividends=True)
    assert found.day == Moment(DAYS[4], DAYS[4], pytest.approx(6 / 84))
    assert found.start == Moment(DAYS[3], DAYS[4], pytest.approx(6 / 84))
