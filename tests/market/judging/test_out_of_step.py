# SPDX-License-Identifier: Apache-2.0
"""Two files beside each other, through the real command: dates a session apart, one file under two names."""

import numpy as np
import pytest

from tests.cases import Case
from tests.cli.test_rows import DATES, HEAD, market
from tests.docs.faulty_files import beside, series

QUIET = ("--set", "costs.dividends=false", "--set", "data.prices=split_adjusted")


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def kin(values, seed=3, size=0.003):
    """Another symbol that moves with the first."""
    noise = np.exp(np.cumsum(np.random.default_rng(seed).normal(0, size, len(values))))[:, None]
    return np.column_stack([values[:, :4] * noise, values[:, 4]])


def early(values):
    """The rows of each session under the date of the one before."""
    return kin(values)[1:]


def late(values):
    return np.concatenate([kin(values)[:1], kin(values)[:-1]])


def test_symbols_that_move_together_are_silent(case):
    assert beside(case, kin).loud == []


@pytest.mark.parametrize(("other", "told", "partner"), [(early, "Y", "X"), (late, "X", "Y")], ids=["early", "late"])
def test_the_symbol_that_knows_tomorrow_is_named(case, other, told, partner):
    (said,) = apart(beside(case, other))
    assert said.startswith(f"{told}: from {DATES[0]} to ")
    assert f"it moves as {partner} a session later (correlation 0.9" in said
    assert "what happens is known before it does" in said
    confirmed = f"data.confirmed={{{told}: [{DATES[0]}]}}"
    assert apart(case.run(*QUIET, "--set", "roles={x: X, y: Y}", "--set", confirmed)) == []


def test_a_part_of_the_file_is_enough(case):
    def from_the_middle(values):
        own = kin(values)
        return np.concatenate([own[:500], own[501:]])

    (said,) = beside(case, from_the_middle).loud
    assert said.startswith("Y: from ")
    assert DATES[300] <= said.split()[2] <= DATES[500]


def test_one_that_moves_by_itself_is_silent(case):
    def stranger(values):
        draws = np.random.default_rng(4).normal(0, 0.01, len(values))
        return np.column_stack([np.tile(50 * np.exp(np.cumsum(draws)), (4, 1)).T, values[:, 4]])

    assert apart(beside(case, stranger)) == []


def test_one_file_under_two_names_is_loud(case):
    (said,) = beside(case, np.copy).loud
    assert said.startswith("X and Y close alike on 1,010 of 1,010 sessions: one file under two names")
    confirmed = f"data.confirmed={{Y: [{DATES[0]}]}}"
    assert case.run(*QUIET, "--set", "roles={x: X, y: Y}", "--set", confirmed).loud == []


def fear(case, shift, symbol="VIX", *words):
    """A run beside a series that falls as X rises, its dates `shift` sessions early (late where below 0)."""
    values = market()
    lines = [f"{date},{','.join(f'{cell:.4f}' for cell in row)}" for date, row in zip(DATES, values, strict=True)]
    case.bars(lines, HEAD)
    index = 20 * (values[:, 3] / values[0, 3]) ** -4
    dates = DATES[: len(DATES) - shift] if shift >= 0 else DATES[-shift:]
    rows = index[shift:] if shift >= 0 else index[:shift]
    series(case, "fear", list(zip(dates, rows, strict=True)), symbol=symbol)
    return case.run(*QUIET, *words)


def apart(done):
    return [one for one in done.loud if "session later" in one or "session earlier" in one]


def test_a_series_with_the_right_dates_is_silent(case):
    assert apart(fear(case, 0)) == []


def test_a_series_a_session_early_is_loud_and_its_remedy_can_be_taken(case):
    done = fear(case, 1)
    (said,) = apart(done)
    assert said.startswith(f"fear (VIX): from {DATES[0]} to ")
    assert "it moves against X a session later (correlation -" in said
    assert "series.fear.lag: {sessions: 1} where each is known a session after its date" in said
    assert apart(case.run(*QUIET, "--set", "series.fear.lag={sessions: 1}")) == []


def test_an_index_of_volatility_a_session_late_is_loud(case):
    (said,) = apart(fear(case, -1))
    assert "it moves against X a session earlier" in said
    assert "its dates look a session late" in said


def test_another_series_may_be_late_by_its_nature(case):
    assert apart(fear(case, -1, "NIKKEI")) == []


@pytest.mark.parametrize("scale", [0.01, 100.0])
def test_the_vix_on_another_scale_is_loud(case, scale):
    values = 20 * scale * (1 + np.arange(len(DATES)) % 5 / 20)
    lines = [f"{date},{','.join(f'{cell:.4f}' for cell in row)}" for date, row in zip(DATES, market(), strict=True)]
    case.bars(lines, HEAD)
    series(case, "fear", list(zip(DATES, values, strict=True)), symbol="^VIX")
    (said,) = case.run(*QUIET).loud
    assert said.startswith(f"fear (^VIX): the middle one of its values is {22 * scale:g} as a rule reads it")
    assert case.run(*QUIET, "--set", "series.fear.symbol=FEAR").loud == []


def test_the_vix_as_per_cent_is_loud(case):
    lines = [f"{date},{','.join(f'{cell:.4f}' for cell in row)}" for date, row in zip(DATES, market(), strict=True)]
    case.bars(lines, HEAD)
    values = [(date, 20 + row % 5) for row, date in enumerate(DATES)]
    series(case, "fear", values, ", unit: percent")
    (said,) = case.run(*QUIET).loud
    assert said.startswith("fear (VIX): the middle one of its values is 0.22 as a rule reads it")
    assert said.endswith("bring it in points, with series.fear.unit: level")
    assert case.run(*QUIET, "--set", "series.fear.unit=level").loud == []
