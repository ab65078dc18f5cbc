# SPDX-License-Identifier: Apache-2.0
"""What the sets of a sweep share: each result once, the same bits as without; nobody's writing is another's number."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from engine.arrays import fixed, is_fixed
from engine.indicators import by_name, double_tops, price_levels, rolling_mean, share_below_mean, shared, zscore
from engine.indicators.sharing import Memory

CLOSE = 100.0 * np.exp(np.cumsum(np.random.default_rng(5).normal(0.0, 0.01, 600)))


def test_what_is_made_from_the_same_is_made_once():
    memory = Memory()
    with memory.used():
        first, again = rolling_mean(CLOSE, 20), rolling_mean(CLOSE.copy(), n=20)
        assert first is again
        assert memory.made == 1
        rolling_mean(CLOSE, 21)
        by_name("sma", n=20)(CLOSE)
        rolling_mean(first, 5)
        rolling_mean(again, 5)
    assert memory.made == 4
    assert first.tobytes() == rolling_mean(CLOSE, 20).tobytes()


def test_another_content_is_another_result():
    memory = Memory()
    with memory.used():
        one = zscore(CLOSE, 20).copy()
        other = CLOSE.copy()
        other[300] += 1e-9
        assert zscore(other, 20).tobytes() != one.tobytes()
        other[300] = CLOSE[300]
        assert zscore(other, 20).tobytes() == one.tobytes()
    assert memory.made == 2


def test_outside_of_a_sweep_nothing_is_kept_and_all_is_the_asker_s():
    first, again = rolling_mean(CLOSE, 20), rolling_mean(CLOSE, 20)
    assert first is not again
    first[:] = 0.0
    assert again[-1] != 0.0


def test_nobody_can_write_into_what_is_shared():
    with Memory().used():
        mean = rolling_mean(CLOSE, 20)
        with pytest.raises(ValueError, match="read-only"):
            mean[0] = 1.0
        with pytest.raises(ValueError, match="WRITEABLE"):
            mean.flags.writeable = True


def test_private_results_are_copies_and_still_made_once():
    memory = Memory()
    memory.private = True
    with memory.used():
        first = rolling_mean(CLOSE, 20)
        first[:] = 0.0
        assert rolling_mean(CLOSE, 20).tobytes() == rolling_mean(CLOSE, 20).tobytes() != first.tobytes()
    assert memory.made == 1


def test_what_was_asked_for_longest_ago_makes_way():
    memory = Memory(room=3 * CLOSE.nbytes)
    with memory.used():
        for window in (5, 6, 7, 5, 8):  # 6 goes, not 5
            rolling_mean(CLOSE, window)
        assert memory.made == 4
        rolling_mean(CLOSE, 5)
        assert memory.made == 4
        rolling_mean(CLOSE, 6)
        assert memory.made == 5


def test_an_array_that_is_gone_is_not_taken_for_one_at_its_place():
    memory = Memory()
    with memory.used():
        for shift in range(200):
            series = fixed(CLOSE + shift)
            assert rolling_mean(series, 5)[-1] == pytest.approx(CLOSE[-5:].mean() + shift)
            del series
    assert memory.made == 200


def test_memory_is_flat_in_the_number_of_results():
    memory = Memory(room=10 * CLOSE.nbytes)
    with memory.used():
        for window in range(2, 202):
            rolling_mean(rolling_mean(CLOSE, window), 3)
    assert memory.made == 400
    assert len(memory._kept) <= 10
    assert len(memory._known) <= 12


def test_levels_and_patterns_are_shared_too():
    high, low, volume = CLOSE * 1.01, CLOSE * 0.99, np.full(len(CLOSE), 1e6)
    memory = Memory()
    with memory.used():
        for _ in range(3):
            levels = price_levels(high, low, CLOSE, volume, min_age=20, left=3, right=3)
            tops = double_tops(high, low, CLOSE, left=3, right=3, apart=5)
            share = share_below_mean([CLOSE, high], 20)
    assert memory.made == 3
    alone = price_levels(high, low, CLOSE, volume, min_age=20, left=3, right=3)
    assert levels.support.price.tobytes() == alone.support.price.tobytes()
    assert tops.active.tobytes() == double_tops(high, low, CLOSE, left=3, right=3, apart=5).active.tobytes()
    assert share.tobytes() == share_below_mean([CLOSE, high], 20).tobytes()
    assert not levels.support.price.flags.writeable
    assert alone.support.price.flags.writeable


class Pair(NamedTuple):
    one: np.ndarray
    other: tuple


@dataclass
class Band:
    low: np.ndarray
    words: str


CALLS = []


@shared
def parts(values, window, how="mean", **more):
    CALLS.append((window, *more.values())[0])
    total = values * window
    return {"pair": Pair(total, (total + 1.0, 3)), "band": Band(total + 2.0, how), "list": [total]}


def test_a_function_of_your_own_is_shared_by_its_arguments():
    CALLS.clear()
    memory = Memory()
    with memory.used():
        found = [parts(CLOSE, 2), parts(CLOSE, 2), parts(CLOSE, 2.0), parts(CLOSE, True), parts(CLOSE, 2, how="max")]
        found[0]["list"].append("mine")
        assert len(parts(CLOSE, 2)["list"]) == 1
    assert CALLS == [2, 2.0, True, 2]
    assert found[1]["pair"].other[0].tobytes() == (CLOSE * 2 + 1.0).tobytes()
    assert found[4]["band"].words == "max"
    assert parts.__name__ == "parts"


def test_what_has_no_content_is_computed_each_time():
    CALLS.clear()
    memory = Memory()
    with memory.used():
        parts(CLOSE, 2, how=lambda: 0)
        parts(CLOSE, 2, more=object())
        parts(np.array([1, "a", None], dtype=object)[:1], 2)
        parts(np.ma.masked_array(CLOSE, CLOSE > 100.0), 2)
    assert len(CALLS) == 4
    assert memory.made == 0


@shared
def spoils(values):
    values -= values.mean()
    return values


@shared
def same(values):
    return values


@pytest.mark.parametrize("memory", [None, Memory()])
def test_a_shared_function_cannot_write_into_its_arguments_in_any_run(memory):
    series = CLOSE.copy()
    if memory is None:
        with pytest.raises(ValueError, match="read-only"):
            spoils(series)
        assert same(series).flags.writeable
    else:
        with memory.used(), pytest.raises(ValueError, match="read-only"):
            spoils(series)
    same(series)
    series[0] = 1.0  # it is still the caller's
    assert same(CLOSE)[0] == CLOSE[0]


def test_fixed_arrays_are_told_from_views_of_what_can_be_written():
    own = CLOSE.copy()
    view = own.view()
    view.flags.writeable = False
    assert not is_fixed(own)
    assert not is_fixed(view)
    assert is_fixed(fixed(own))
    assert is_fixed(fixed(CLOSE[3:])[2:])
    assert CLOSE.flags.writeable


def test_errors_are_not_kept():
    memory = Memory()
    with memory.used():
        for _ in range(2):
            with pytest.raises(ValueError, match="read-only"):
                spoils(CLOSE)
    assert memory.made == 0
