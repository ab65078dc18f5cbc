# SPDX-License-Identifier: Apache-2.0
"""`tandem compare` as a person types it: 80 columns, one document, sentences in place of tracebacks."""

import json
import math

import jsonschema
import numpy as np
import pytest

from tests import programs
from tests.cli.data_desk import bars_text, session_days
from tests.conftest import ROOT

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "compare.json").read_text(encoding="utf-8"))
DAYS = [str(np.datetime64(day, "D")) for day in session_days("2019-01-02", 400)]


def text(prices, days=DAYS):
    return bars_text(days[: len(prices)], [round(price, 4) for price in prices])


def series(values, days=DAYS):
    return "\n".join(["date,value", *(f"{day},{value}" for day, value in zip(days, values, strict=False))]) + "\n"


GOOD = [100 + 5 * math.sin(day / 7) + day * 0.01 for day in range(400)]
FEAR = [round(20 - 3 * math.sin(day / 7) + 0.5 * math.cos(day), 2) for day in range(400)]
OLD = [str(np.datetime64(day, "D")) for day in session_days("2009-01-02", 400)]
FILES = {
    "GOOD": text(GOOD),
    "OTHER": text([100 + 5 * math.sin(day / 6) for day in range(400)]),
    "VIX": series(FEAR),
    "FLAT": text([50.0] * 400),
    "SHORT": text(GOOD[:40]),
    "ONE": text(GOOD[:1]),
    "OLD": text(GOOD, OLD),
    "NAN": series([""] * 400),
    "GAPPY": text(GOOD[:200] + GOOD[202:], DAYS[:200] + DAYS[202:]),
    "EMPTY": "",
    "HEAD": "date,open,high,low,close,volume\n",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("compare")
    for name, content in FILES.items():
        (made / f"{name}.csv").write_text(content)
    return made


def compare(folder, *words, asof=DAYS[-1]):
    return programs.tandem("compare", *words, "--data", ".", "--asof", asof, cwd=folder, env={"COLUMNS": "80"})


@pytest.fixture(scope="module")
def shown(folder):
    return compare(folder, "GOOD", "VIX")


def test_the_screen_holds_every_line_and_says_the_units(shown):
    done = shown
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    said = " ".join(done.stdout.split())
    assert "VIX is final at 16:15 New York, GOOD at 16:00" in said
    assert "Moves of VIX over some sessions are in points" in said
    assert "counted from the close of the next session" in said
    for band in ("stress", "risk-on", "breakdown"):
        assert band in done.stdout
    assert "VIX cannot be bought" in said
    assert "Credit support" in said


def test_two_funds_have_no_episodes_of_fear(folder):
    said = " ".join(compare(folder, "GOOD", "GAPPY").stdout.split())
    assert f"GOOD has 2 within them that GAPPY lacks ({DAYS[200]}, {DAYS[201]})" in said
    assert "neither of the two is one (--volatility SYMBOL says which, where it is)" in said
    assert "cannot be bought" not in said


def test_one_document_and_nothing_else(folder):
    told = json.loads(compare(folder, "GOOD", "VIX", "--json").stdout)
    jsonschema.validate(told, SCHEMA)
    assert told["volatility_index"] == "VIX"
    assert told["standing"]["VIX"]["moves"]["21"] == pytest.approx(FEAR[-1] - FEAR[-22])
    days = sum(band["days"] for band in told["correlation"]["bands"])
    assert days == 400 - 90


def test_the_same_input_gives_the_same_bytes(folder):
    one, two = (compare(folder, "GOOD", "OTHER", "--json").stdout for _ in range(2))
    assert one == two
    assert json.loads(one)["volatility_index"] is None


@pytest.mark.parametrize(
    ("second", "says"),
    [
        ("FLAT", "FLAT never changes: there is nothing to compare"),
        ("SHORT", "too few sessions in common"),
        ("ONE", "too few sessions in common"),
        ("OLD", "the two have no session in common"),
        ("NAN", "NAN: no value at all"),
        ("EMPTY", "empty file"),
        ("HEAD", "no data lines"),
        ("GODO", "did you mean GOOD?"),
        ("GOOD", "the two are one symbol"),
    ],
)
def test_what_cannot_be_compared_is_told_in_a_sentence(folder, second, says):
    done = compare(folder, "GOOD", second)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert " ".join(says.split()) in " ".join(done.stderr.split())


def test_an_old_value_is_said_first(folder):
    done = compare(folder, "GOOD", "OTHER", asof="2021-06-01")
    assert "! GOOD: the last value is of" in done.stdout
    assert "nothing here is today's" in " ".join(done.stdout.split())


def test_a_line_that_stands_still_of_late_has_no_correlation(folder):
    (folder / "HALT.csv").write_text(text([*GOOD[:250], *[GOOD[249]] * 150]))
    done = compare(folder, "GOOD", "HALT", "--json")
    told = json.loads(done.stdout)
    jsonschema.validate(told, SCHEMA)
    assert told["together"]["correlation_changes"] == {"value": None, "low": None, "high": None}
    assert told["correlation"]["band"] is None
    assert any("HALT does not move in the last 90 sessions" in one["text"] for one in told["notices"])


def test_roles_and_series_of_a_configuration(folder):
    (folder / "run.yaml").write_text(
        "name: t\nstrategy: 'vix_hedge:VixHedge'\nroles: {small: GOOD, large: OTHER}\n"
        "series: {vix: {symbol: VIX, path: VIX.csv, column: value, lag: {sessions: 1}}}\n"
        "data: {source: csv, path: .}\n"
    )
    words = ("compare", "small", "vix", "--config", "run.yaml", "--asof", DAYS[-1], "--json")
    done = programs.tandem(*words, cwd=folder, env={})
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["first"], told["second"]) == ("GOOD", "VIX")
    assert told["standing"]["VIX"]["last"] == FEAR[-2], "with a lag of one session the last value is yesterday's"
    both = programs.tandem("compare", "small", "vix", "--config", "run.yaml", "--data", ".", cwd=folder, env={})
    assert both.returncode == 2
    assert "not both" in both.stderr


def test_a_volatility_index_is_declared_not_guessed(folder):
    (folder / "FEAR.csv").write_text(series(FEAR))
    assert json.loads(compare(folder, "GOOD", "FEAR", "--json").stdout)["volatility_index"] is None
    told = json.loads(compare(folder, "GOOD", "FEAR", "--volatility", "FEAR", "--json").stdout)
    assert told["volatility_index"] == "FEAR"
    assert "When FEAR is final is not known here" in " ".join(told["alignment"]["sentences"])
