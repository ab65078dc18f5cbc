# SPDX-License-Identifier: Apache-2.0
"""Which sessions a choice is made from and where it is used."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import ConfigError
from engine.model.walkforward import WalkForward
from engine.runs.walkforward.windows import LEAST, windows_of


def weekdays(first: str, last: str):
    days = np.arange(np.datetime64(first), np.datetime64(last) + 1)
    return days[np.is_busday(days)]


def told(windows):
    return [tuple(str(day) for span in (one.train, one.test) for day in span) for one in windows]


def test_years_by_hand():
    """Three years, then one at a time; the first of January 2020 is a Wednesday, 2022-01-01 a Saturday."""
    windows = windows_of(weekdays("2017-01-02", "2022-06-30"), WalkForward(train="3y", test="1y"))
    assert told(windows) == [
        ("2017-01-02", "2020-01-01", "2020-01-02", "2021-01-01"),
        ("2018-01-02", "2021-01-01", "2021-01-04", "2021-12-31"),
        ("2019-01-02", "2021-12-31", "2022-01-03", "2022-06-30"),
    ]


def test_anchored_with_a_purge_by_hand():
    windows = windows_of(
        weekdays("2020-01-01", "2020-12-31"), WalkForward(train="6m", test="3m", anchored=True, purge=5)
    )
    assert told(windows) == [
        ("2020-01-01", "2020-06-23", "2020-07-01", "2020-09-30"),
        ("2020-01-01", "2020-09-23", "2020-10-01", "2020-12-31"),
    ]


def test_a_month_too_short_ends_with_its_last_day():
    """One month after the 31st of January 2021 is the 28th of February, a Sunday."""
    days = weekdays("2020-12-31", "2021-04-30")
    windows = windows_of(days, WalkForward(train="2m", test="1m"))
    assert told(windows)[0][2:] == ("2021-03-01", "2021-03-26")
    assert told(windows)[1][2:] == ("2021-03-29", "2021-04-27")


def test_a_last_session_alone_goes_to_the_test_before_it():
    days = weekdays("2021-01-01", "2021-12-31")[:61]
    windows = windows_of(days, WalkForward(train=40, test=10))
    assert [one.tested for one in windows] == [10, 11]


@pytest.mark.parametrize(
    ("plan", "where"),
    [
        (WalkForward(train="3y"), "walkforward.train"),
        (WalkForward(train=10, test=10), "walkforward.train"),
        (WalkForward(train=60, test=10, purge=41), "walkforward.purge"),
        (WalkForward(train=261), "walkforward.train"),
    ],
)
def test_too_little_is_refused_with_its_place(plan, where):
    with pytest.raises(ConfigError) as caught:
        windows_of(weekdays("2021-01-01", "2021-12-31"), plan)
    assert [one.path for one in caught.value.problems] == [where]


@pytest.mark.parametrize(("train", "purge"), [(LEAST, 0), (LEAST + 7, 7)])
def test_the_fewest_sessions_that_a_choice_is_made_from_are_enough(train, purge):
    days = weekdays("2021-01-01", "2021-03-31")
    first = windows_of(days, WalkForward(train=train, test=10, purge=purge))[0]
    assert (first.trained, str(first.test.first)) == (LEAST, str(days[train]))
    with pytest.raises(ConfigError, match=f"found {LEAST - 1} sessions before {days[train - 1]}"):
        windows_of(days, WalkForward(train=train - 1, test=10, purge=purge))


LENGTHS = st.one_of(st.integers(20, 300), st.sampled_from(["1m", "2m", "7m", "1y"]))


@given(
    train=LENGTHS, test=LENGTHS, anchored=st.booleans(), purge=st.integers(0, 30), missing=st.sets(st.integers(0, 699))
)
def test_every_session_after_the_first_train_is_tested_once_and_never_trained_on_before(
    train, test, anchored, purge, missing
):
    days = np.delete(weekdays("2019-01-01", "2021-09-06"), sorted(missing))
    plan = WalkForward(train=train, test=test, anchored=anchored, purge=purge)
    try:
        windows = windows_of(days, plan)
    except ConfigError as refused:
        (problem,) = refused.problems
        if isinstance(train, int):
            assert len(days) < train + 2 if "nothing is left" in problem.message else train - purge < LEAST
        return
    tested = [days[(days >= one.test.first) & (days <= one.test.last)] for one in windows]
    assert np.array_equal(np.concatenate(tested), days[days >= windows[0].test.first])
    for one, of_test in zip(windows, tested, strict=True):
        trained = days[(days >= one.train.first) & (days <= one.train.last)]
        assert one.trained == len(trained) >= LEAST
        assert one.tested == len(of_test) >= 2
        assert np.count_nonzero((days > one.train.last) & (days < one.test.first)) == purge
        if isinstance(train, int) and not anchored:
            assert one.trained == min(train, np.count_nonzero(days < one.test.first)) - purge
        if anchored:
            assert one.train.first == days[0]
