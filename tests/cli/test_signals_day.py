# SPDX-License-Identifier: Apache-2.0
"""`tandem signals --asof` of a day that has no decision says so first, and exits with 1."""

import json
import re

import pytest

from tests import programs
from tests.cases import Case, days, flat

OTHER = "this is the decision at the close of"


@pytest.fixture
def case(tmp_path) -> Case:
    """Sessions of 2024-07-01 to 07-26 but the 12th; the 4th is a holiday."""
    made = Case(tmp_path)
    made.bars(flat([day for day in days("2024-07-01", 19) if day != "2024-07-12"]))
    return made


def signals(case: Case, *words: str):
    env = {"PATH": "/usr/bin:/bin", "HOME": str(case.folder), "TANDEM_CACHE_DIR": str(case.folder / "cache")}
    return programs.tandem("signals", "case.yaml", *words, cwd=case.folder, env=env)


@pytest.mark.parametrize(
    ("asked", "decided", "why", "age"),
    [
        ("2024-07-04", "2024-07-03", "2024-07-04 is no session of XNYS", 0),
        ("2024-07-27", "2024-07-26", "2024-07-27 is no session of XNYS", 0),
        ("2024-07-13", "2024-07-11", "the bars lack the session of 2024-07-12", 1),
        ("2024-07-12", "2024-07-11", "the bars lack the session of 2024-07-12", 1),
        ("2024-07-29", "2024-07-26", "the bars end on 2024-07-26", 1),
        ("2024-09-03", "2024-07-26", "the bars end on 2024-07-26", 26),
        ("2025-01-01", "2024-07-26", "the bars end on 2024-07-26", 109),
    ],
    ids=["holiday", "weekend", "Saturday", "lacking", "after the bars", "after Labor Day", "a holiday later"],
)
def test_another_day(case, asked, decided, why, age):
    done = signals(case, "--asof", asked)
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    late = {0: "", 1: ", 1 session later"}.get(age, f", {age} sessions later")
    assert said.startswith(f"! {why}: {OTHER} {decided}, not of {asked}{late} "), done.stdout
    assert said.count(OTHER) == 1
    told = signals(case, "--asof", asked, "--json")
    document = json.loads(told.stdout)
    assert (told.returncode, document["asked"], document["asof"]) == (1, asked, decided)
    assert document["notices"][0] == {"level": "loud", "text": f"{why}: {OTHER} {decided}, not of {asked}{late}"}
    assert (document["data"]["age_sessions"], document["data"]["stale"]) == (age, age > 0)


def test_after_the_end_of_the_period(case):
    case.add("period: {end: 2024-07-10}")
    done = signals(case, "--asof", "2024-07-16")
    assert done.returncode == 1
    assert " ".join(done.stdout.split()).startswith(f"! the period ends on 2024-07-10: {OTHER} 2024-07-10")


def test_a_session_that_is_there_is_what_was_asked(case):
    done = signals(case, "--asof", "2024-07-11", "--json")
    document = json.loads(done.stdout)
    assert (done.returncode, document["asked"], document["asof"]) == (0, "2024-07-11", "2024-07-11")
    assert OTHER not in done.stdout


def test_the_last_one_is_stale_and_says_so_first(case):
    done = signals(case)
    assert done.returncode == 1
    first = " ".join(done.stdout.split())
    assert re.match(r"! [\d,]+ sessions have closed since 2024-07-26: this is not today's decision ", first)
    told = signals(case, "--json")
    document = json.loads(told.stdout)
    assert (told.returncode, document["asked"], document["data"]["stale"]) == (1, None, True)
    assert document["notices"][0]["text"].endswith("this is not today's decision")
