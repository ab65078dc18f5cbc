# SPDX-License-Identifier: Apache-2.0
"""What `tandem signals` says of five days on real bars is what it said: docs of a strategy that a trader acts on.

A strategy's change shows here line by line: `python -m tests.golden.signals NAME --because "..."` takes it over.
"""

import pytest

from tests.golden.signals import NAMES, TEXTS, days_of, file_of, main, text_of
from tests.strategies.shipped import REAL_DATA

IN_SUITE = ("2007-07-24", "2024-08-05")
"""The other days are in the long tests."""


def check(name: str, days) -> None:
    kept = file_of(name).read_text(encoding="utf-8")
    for day in days:
        assert text_of(name, day) in kept, f"{name} of {day}: python -m tests.golden.signals {name} --because ..."


@pytest.fixture(autouse=True)
def real_bars():
    if not (REAL_DATA / "daily").is_dir():
        pytest.skip(f"no real bars in {REAL_DATA}")


@pytest.mark.parametrize("name", NAMES)
def test_two_days_are_what_they_were(name):
    check(name, [day for day in days_of(name) if str(day) in IN_SUITE])


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_day_is_what_it_was(name):
    check(name, days_of(name))
    assert file_of(name).read_text(encoding="utf-8").count("=====\n") == len(days_of(name))


def test_every_file_is_of_a_strategy():
    assert sorted(file.stem for file in TEXTS.glob("*.txt")) == sorted(NAMES)


@pytest.mark.parametrize("words", [["spread"], ["no_such", "--because", "a b c"], ["spread", "--because", "so"]])
def test_a_reason_and_a_known_name_are_asked_for(words, capsys):
    with pytest.raises(SystemExit):
        main(words)
    assert "usage" in capsys.readouterr().err
