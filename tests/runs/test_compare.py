# SPDX-License-Identifier: Apache-2.0
"""Two lines side by side: figures of real pairs against pandas, what the alignment leaves out, what is refused."""

import datetime as dt
import json
from functools import lru_cache

import jsonschema
import numpy as np
import pandas as pd
import pytest

from engine.errors import DataError, InputError
from engine.market.calendar import date_of
from engine.report.compare.document import document
from engine.report.kit.encoding import to_json
from engine.runs.compare import Question, where
from engine.runs.compare import compare as answer
from tests.cli.data_desk import session_days
from tests.conftest import ROOT
from tests.runs.compare_by_pandas import figures

SCHEMA = json.loads((ROOT / "docs" / "schemas" / "compare.json").read_text(encoding="utf-8"))
PAIRS = (("IWM", "VIX"), ("IWM", "SPY"), ("SPY", "TLT"), ("KRE", "SPY"))
DAYS = [date_of(day) for day in session_days("2019-01-02", 500)]
DAYS_INDEX = pd.DatetimeIndex(DAYS, name="date")


def compare(first, second, *, data, prices=None, **asked):
    return answer(Question(first, second, **asked), where(None, data, prices))


@lru_cache(maxsize=4)
def told(folder, first, second):
    return json.loads(to_json(document(compare(first, second, data=folder))))


def at(tree, path):
    """The value at a path such as `ratio.z` or `bands.1.days`."""
    for name in path.split("."):
        tree = tree[int(name)] if isinstance(tree, list) else tree[name]
    return tree


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_figures_are_those_of_an_independent_script(real_data, first, second):
    found = told(real_data, first, second)
    expected = figures(real_data, first, second)
    assert len(expected) == 22
    for path, figure in expected.items():
        assert at(found, path) == pytest.approx(figure, rel=1e-9, abs=1e-12), path
    jsonschema.validate(found, SCHEMA)


def bars(prices, days=DAYS):
    index = pd.DatetimeIndex(days[: len(prices)])
    return pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), prices) | {"volume": 1e6}, index=index)


def walk(seed, count=500, drift=0.0):
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(drift, 0.01, count)))


def test_a_line_against_itself_moves_as_one():
    one = walk(1)
    found = compare("A", "B", data={"A": bars(one), "B": bars(2 * one)}, asof=DAYS[-1])
    assert found.together.changes.value == pytest.approx(1)
    assert found.together.first_on_second.value == pytest.approx(1)
    assert found.ratio.last == pytest.approx(0.5)
    assert np.isnan(found.ratio.z), "a ratio that does not move has no z-score"
    assert found.band.name == "together"
    assert [int(band.inside.sum()) for band in found.bands] == [0, 0, 410]


def test_a_day_that_one_lacks_is_left_out_of_both_and_said():
    one, two = walk(1), walk(2)
    lacking = bars(two).drop(pd.Timestamp(DAYS[300]))
    found = compare("A", "B", data={"A": bars(one), "B": lacking}, asof=DAYS[-1])
    assert len(found.pair.sessions) == 499
    assert found.aligned.alone == {"A": (DAYS[300],), "B": ()}
    assert any(f"A has 1 within them that B lacks ({DAYS[300]})" in said for said in found.aligned.sentences)
    spanning = found.pair.first.changes[299]
    assert spanning == pytest.approx(np.log(one[301] / one[299])), "the next change spans the day, on both sides"


def test_dividends_are_in_the_changes_and_not_in_the_levels():
    one = walk(1)
    paying = bars(one)
    paying["dividend"] = 0.0
    paying.iloc[250, paying.columns.get_loc("dividend")] = 1.0
    found = compare("A", "B", data={"A": paying, "B": bars(walk(2))}, asof=DAYS[-1])
    assert found.pair.first.changes[249] == pytest.approx(np.log((one[250] + 1) / one[249]))
    assert found.pair.first.level[250] == pytest.approx(one[250])


def test_a_volatility_index_is_known_by_its_symbol_or_declared():
    data = {"A": bars(walk(1)), "^VIX": bars(walk(2)), "FEAR": bars(walk(3))}
    assert compare("A", "^VIX", data=data, asof=DAYS[-1]).pair.index.symbol == "^VIX"
    assert compare("A", "FEAR", data=data, asof=DAYS[-1]).pair.index is None
    declared = compare("FEAR", "A", data=data, asof=DAYS[-1], volatility=["FEAR"])
    assert [side.symbol for side in declared.pair.by_kind] == ["A", "FEAR"]
    assert not any("16:15" in said for said in declared.aligned.sentences), "when FEAR is final, nobody has said"


def test_moves_of_a_volatility_index_are_points():
    values = np.linspace(15, 25, 500)
    found = compare("A", "VIX", data={"A": bars(walk(1)), "VIX": pd.Series(values, DAYS_INDEX)}, asof=DAYS[-1])
    assert found.standings[1].moves[2] == pytest.approx(values[-1] - values[-22])
    assert found.standings[1].percent[2] == pytest.approx(values[-1] / values[-22] - 1)


def test_a_series_below_zero_changes_in_points_and_has_no_ratio():
    spread = np.sin(np.arange(500) / 9)
    found = compare("A", "SPREAD", data={"A": bars(walk(1)), "SPREAD": pd.Series(spread, DAYS_INDEX)}, asof=DAYS[-1])
    assert found.ratio is None
    assert found.standings[1].drawdown is None
    assert found.pair.second.changes == pytest.approx(np.diff(spread))
    said = json.loads(to_json(document(found)))
    assert said["standing"]["SPREAD"]["unit_of_changes"] == "points"
    jsonschema.validate(said, SCHEMA)


def test_nothing_after_asof_is_seen():
    one, two = walk(1), walk(2)
    whole = {"A": bars(one), "B": bars(two)}
    short = {"A": bars(one[:400]), "B": bars(two[:400])}
    then = document(compare("A", "B", data=whole, asof=DAYS[399]))
    assert to_json(then) == to_json(document(compare("A", "B", data=short, asof=DAYS[399])))


def test_an_old_value_is_loud():
    data = {"A": bars(walk(1)), "B": bars(walk(2)[:450])}
    found = compare("A", "B", data=data, asof=DAYS[-1])
    assert found.aligned.age == 50
    assert any(f"A goes on to {DAYS[-1]}" in said for said in found.aligned.sentences)
    (loud,) = [one for one in found.notices if one.level == "loud"]
    assert loud.text.startswith(f"B: the last value is of {DAYS[449]}, 50 sessions ago")


@pytest.mark.parametrize("scale", [1e-59, 1e50])
def test_a_unit_however_odd_changes_no_figure(scale):
    """Within what is not refused: correlations and z-scores are those of the same line in its own unit."""
    plain, scaled = (
        json.loads(
            to_json(document(compare("A", "B", data={"A": bars(walk(1)), "B": pd.Series(by * walk(2), DAYS_INDEX)})))
        )
        for by in (1.0, scale)
    )
    for path in ("together.correlation_levels.value", "together.correlation_changes.value", "ratio.z"):
        assert at(scaled, path) == pytest.approx(at(plain, path), rel=1e-9), path


@pytest.mark.parametrize(
    ("second", "says"),
    [
        (bars(np.full(500, 50.0)), "never changes"),
        (bars(walk(2)[:60]), "too few sessions in common"),
        (bars(walk(2)[:1]), "too few sessions in common"),
        (bars(walk(2)[:250], [date_of(day) for day in session_days("2010-01-04", 250)]), "no session in common"),
        (pd.Series(np.nan, DAYS_INDEX), "no value at all"),
        (pd.Series(1e-300 * walk(2), DAYS_INDEX), "the values of B are too small to be computed with"),
        (
            pd.Series(1e-70 * walk(2), DAYS_INDEX),
            "between 1e-60 and 1e.60: put the file into another unit",
        ),
        (pd.Series(1e290 * walk(2), DAYS_INDEX), "the values of B are too large to be computed with"),
    ],
)
def test_lines_that_cannot_be_compared_are_refused(second, says):
    with pytest.raises(DataError, match=says):
        compare("A", "B", data={"A": bars(walk(1)), "B": second}, asof=DAYS[-1])


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"window": 5}, "--window"),
        ({"volatility": ["C"]}, "--volatility"),
        ({"edges": (0.5, -0.5)}, "--bands"),
        ({"prices": "nett"}, "--prices"),
        ({"asof": dt.date(1999, 1, 4)}, "no value that early"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(asked, says):
    with pytest.raises(InputError, match=says):
        compare("A", "B", data={"A": bars(walk(1)), "B": bars(walk(2))}, **({"asof": DAYS[-1]} | asked))
    with pytest.raises(InputError, match="one symbol"):
        compare("A", "A", data={"A": bars(walk(1))})


def futures_fund(index):
    """What follows half of the index's changes and loses a tenth of a per cent a day on top."""
    return 50 * np.exp(np.cumsum(np.append(0.0, 0.5 * np.diff(np.log(index)) - 0.001)))


def test_a_fund_in_place_of_the_index_shows_its_carry():
    fund = walk(1)
    index = 20 * np.exp(np.cumsum(np.append(0.0, -4 * np.diff(np.log(fund)))) * 0.5)
    data = {"A": bars(fund), "VIX": pd.Series(index, DAYS_INDEX), "VXX": bars(futures_fund(index))}
    found = compare("A", "VIX", data=data, asof=DAYS[-1], carry="VXX")
    years = 499 / 252
    assert found.carry.held == pytest.approx((data["VXX"]["close"].iloc[-1] / 50) ** (1 / years) - 1)
    assert found.carry.index_held == pytest.approx((index[-1] / index[0]) ** (1 / years) - 1)
    assert found.carry.correlation == pytest.approx(1, abs=1e-3)
    assert found.carry.beta.value == pytest.approx(0.5, abs=0.01)
    assert found.carry.hedge.effects[0].effectiveness.value == pytest.approx(1, abs=1e-3)
    assert found.carry.hedge.beta == pytest.approx(-1, abs=0.02)
    assert found.carry.hedge.earned < found.hedge.earned, "what is bought pays the carry, the index does not"
    said = json.loads(to_json(document(found)))
    assert said["carry"]["symbol"] == "VXX"
    jsonschema.validate(said, SCHEMA)


def test_carry_is_of_a_volatility_index_and_a_third_line():
    data = {"A": bars(walk(1)), "B": bars(walk(2)), "VIX": pd.Series(walk(3), DAYS_INDEX), "NEW": bars(walk(4)[:100])}
    with pytest.raises(InputError, match="have not one of those"):
        compare("A", "B", data=data, asof=DAYS[-1], carry="NEW")
    with pytest.raises(InputError, match="one of the two"):
        compare("A", "VIX", data=data, asof=DAYS[-1], carry="A")
    with pytest.raises(DataError, match="NEW shares too few sessions"):
        compare("A", "VIX", data=data, asof=DAYS[-1], carry="NEW")


def test_small_caps_and_the_vix_move_on_the_same_day(real_data):
    found = told(real_data, "IWM", "VIX")["lead_lag"]
    assert found["leaders"] == []
    assert found["verdict"].startswith("Neither leads: the largest correlation within 10 sessions is 0.064 ")
    (whole, *_) = found["regimes"]
    assert next(lag["beyond"] for lag in whole["lags"] if lag["sessions"] == 1) == pytest.approx(0.009, abs=5e-4)
    apart = [abs(lag["value"]) for lag in whole["lags"] if lag["sessions"]]
    assert max(apart) < 0.065
    assert min(lag["value"] for lag in whole["lags"]) == pytest.approx(-0.682, abs=5e-4)


def test_weekly_values_are_not_called_daily():
    weekly = DAYS[::5]
    data = {"A": bars(walk(1)[:100], weekly), "B": bars(walk(2)[:100], weekly)}
    found = compare("A", "B", data=data, window=40, asof=weekly[-1])
    assert found.pair.per_year == 52
    (said,) = [one.text for one in found.notices if one.level == "loud"]
    assert said.startswith("the values are weekly, 52 a year: ")
    assert "252 of them are 4.8 years" in said
    assert found.standings[0].volatility == pytest.approx(found.pair.first.changes[-40:].std(ddof=1) * 52**0.5)


def test_the_fewest_sessions_that_a_window_takes():
    data = {"A": bars(walk(1)[:25]), "B": bars(walk(2)[:25])}
    found = compare("A", "B", data=data, window=20, asof=DAYS[24])
    assert found.hedge is None
    assert found.responses == ()
    said = json.loads(to_json(document(found)))
    jsonschema.validate(said, SCHEMA)
    assert said["lead_lag"]["verdict"].startswith("Who leads cannot be said")


def loud_of(found, start):
    return [one.text for one in found.notices if one.level == "loud" and one.text.startswith(start)]


@pytest.mark.parametrize("late", ["A", "B"])
def test_dates_a_session_off_are_loud_as_in_a_run(late):
    """The same walk with noise of its own: a session apart it moves alike, on one day it does not."""
    own, noise = walk(1), np.exp(np.random.default_rng(3).normal(0, 0.002, 500))
    data = {"A": bars(own), "B": bars(own * noise)}
    assert loud_of(compare("A", "B", data=data, asof=DAYS[-1]), "") == []
    data[late] = data[late].shift(1).iloc[1:]
    early = "B" if late == "A" else "A"
    (said,) = loud_of(compare("A", "B", data=data, asof=DAYS[-1]), f"{early}: from ")
    assert f"it moves as {late} a session later" in said
    assert f"or a configuration with data.confirmed: {{{early}: [" in said


@pytest.mark.parametrize("name", ["VIX", "^VIX"])
def test_a_volatility_index_a_session_early_is_loud(name):
    own = walk(1, 501)
    index = 20 * (own / own[0]) ** -4 * np.exp(np.random.default_rng(3).normal(0, 0.005, 501))
    right, early = ({"A": bars(own[:500]), name: bars(part)} for part in (index[:500], index[1:]))
    assert loud_of(compare("A", name, data=right, asof=DAYS[-1]), f"{name} ({name}): from") == []
    (said,) = loud_of(compare("A", name, data=early, asof=DAYS[-1]), f"{name} ({name}): from")
    assert "it moves against A a session later" in said
    assert "or a configuration with series.VIX.lag: {sessions: 1}" in said


def test_one_file_under_two_names_is_loud():
    data = {"A": bars(walk(1)), "B": bars(walk(1))}
    (said,) = loud_of(compare("A", "B", data=data, asof=DAYS[-1]), "A and B close alike")
    assert "on 500 of 500 sessions: one file under two names" in said


def half_hours(prices, lacking):
    """Bars of 30 minutes, each session's closes at its price; of the sessions of `lacking` the first two bars alone."""
    rows = [
        (stamp, price)
        for day, price in zip(DAYS, prices, strict=False)
        for number, stamp in enumerate(
            pd.date_range(f"{day} 09:30", f"{day} 15:30", freq="30min", tz="America/New_York").tz_convert("UTC")
        )
        if DAYS.index(day) not in lacking or number < 2
    ]
    stamps, closes = zip(*rows, strict=True)
    made = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), closes) | {"volume": 1e6})
    return made.set_index(pd.DatetimeIndex(stamps, name="datetime"))


@pytest.mark.parametrize("lacking", [(), (30,), (30, 31, 45)])
def test_an_intraday_session_without_its_closing_auction_has_no_value(lacking):
    """Its last bar is of the morning, and no close: the next change spans it."""
    prices = walk(1)[:60]
    data = {"A": half_hours(prices, lacking), "B": bars(walk(2)[:60])}
    found = compare("A", "B", data=data, window=20, asof=DAYS[59])
    left = [DAYS[row] for row in range(60) if row not in lacking]
    assert [day.item() for day in found.pair.sessions] == left
    assert found.pair.first.level.tolist() == [prices[row] for row in range(60) if row not in lacking]
    said = loud_of(found, "A: the bars of ")
    days = ", ".join(str(DAYS[row]) for row in lacking)
    words = "end before the session does, and none holds its closing auction: left out, and the next change spans it"
    assert said == ([f"A: the bars of {days} {words}. Complete the file"] if lacking else [])


@pytest.mark.parametrize("count", [1, 60])
def test_intraday_bars_without_any_closing_auction_are_refused(count):
    data = {"A": half_hours(walk(1)[:count], range(count)), "B": bars(walk(2)[:60])}
    with pytest.raises(DataError) as error:
        compare("A", "B", data=data, window=20, asof=DAYS[59])
    (problem,) = error.value.problems
    assert (problem.message, problem.path) == ("no session with its closing auction", "A")
    assert problem.found == f"{2 * count} bars of 30min"


@pytest.mark.parametrize(("count", "told"), [(21, "; or --window 20 or shorter"), (20, ""), (8, "")])
def test_a_shorter_window_is_told_where_there_is_one(count, told):
    data = {"A": bars(walk(1)[:count]), "B": bars(walk(2)[:count])}
    with pytest.raises(DataError) as error:
        compare("A", "B", data=data)
    assert error.value.problems[0].allowed == f"91 or more, for 90 changes{told}"
