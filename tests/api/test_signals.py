# SPDX-License-Identifier: Apache-2.0
"""A decision in hand: the same as the document that the command prints, in DataFrames."""

import datetime as dt

import pytest

import engine
from engine.errors import DataError, InputError
from tests.api.conftest import CONFIG


@pytest.fixture(scope="module")
def decided(result):
    return engine.signals(CONFIG, asof=str(result.orders["session"].iloc[3])[:10])


@pytest.fixture(scope="module")
def portfolio():
    return engine.signals("configs/portfolio_sample.yaml", asof=dt.date(2024, 11, 29))


def test_the_orders_of_a_day_are_those_of_the_backtest(decided, result):
    sent = decided.orders[decided.orders["do"] == "send"]
    assert len(sent) > 0
    whole = result.orders.set_index("id").loc[sent["id"]]
    assert sent["quantity"].tolist() == whole["quantity"].tolist()
    assert sent["symbol"].tolist() == whole["symbol"].tolist()
    assert decided.asof == decided.result.equity.index[-1].date()
    assert decided.equity == result.equity[str(decided.asof)]


def test_positions_say_where_the_orders_lead(decided):
    positions = decided.positions.set_index("symbol")
    assert list(decided.positions.columns) == ["role", "symbol", "close", "held", "target", "weight"]
    sent = decided.orders[decided.orders["do"] == "send"].groupby("symbol")["quantity"].sum()
    assert (positions["held"].loc[sent.index] + sent).tolist() == positions["target"].loc[sent.index].tolist()
    assert (positions["held"] != 0).all()
    assert decided.net.set_index("symbol")["target"].tolist() == positions["target"].tolist()


def test_what_is_watched_stands_beside_its_threshold(decided):
    row = decided.watched.set_index("parameter").loc["enter"]
    assert (row["feature"], row["threshold"]) == ("z", CONFIG["params"]["enter"])
    assert row["value"] == decided.result.features["z"].iloc[-1]


def test_a_quiet_day_has_empty_frames_with_their_columns():
    quiet = engine.signals(CONFIG, period={"end": "2016-02-01"})
    assert len(quiet.orders) == 0
    assert list(quiet.orders.columns)[:4] == ["do", "id", "symbol", "quantity"]
    assert "levels" not in quiet._repr_html_()


def test_sleeves_are_the_first_column(portfolio):
    assert list(portfolio.positions.columns[:3]) == ["sleeve", "role", "symbol"]
    assert list(dict.fromkeys(portfolio.positions["sleeve"])) == ["spread", "hedge", "agents"]
    held = portfolio.positions.groupby("symbol")["held"].sum()
    assert portfolio.net.set_index("symbol")["held"].to_dict() == held.to_dict()
    assert list(portfolio.regimes["sleeve"]) == ["hedge"]
    assert {"sleeve", "price", "distance"} <= set(portfolio.levels.columns)


def test_it_says_what_it_is(decided, portfolio):
    assert repr(decided).startswith(f"<SignalsResult spread: close of {decided.asof}, ")
    assert "synthetic" in repr(decided)
    assert decided.notices[0].startswith("Synthetic prices")
    for one in (decided, portfolio):
        assert "\n" not in repr(one)
        assert "Synthetic prices, never traded" in one._repr_html_()
        assert "<script" not in one._repr_html_()
    assert decided.document()["asof"] == str(decided.asof)


def test_old_data_is_told_loudly(decided):
    old = type(decided)(decided.decided, age=3)
    assert any("3 sessions have closed since" in one for one in old.notices)
    assert "3 sessions have closed since" in old._repr_html_()


def test_a_day_that_is_none_is_refused():
    with pytest.raises(InputError, match="not a date; found 2019-13-01"):
        engine.signals(CONFIG, asof="2019-13-01")
    with pytest.raises(DataError, match="no decision that early"):
        engine.signals(CONFIG, asof="2015-01-02")


@pytest.mark.parametrize("asof", [20180628, 2018.5, "28/06/2018"])
def test_a_day_is_a_date_or_its_text(asof):
    with pytest.raises(InputError) as caught:
        engine.signals(CONFIG, asof=asof)
    assert (caught.value.problems[0].path, caught.value.problems[0].found) == ("asof", str(asof))


@pytest.mark.parametrize(
    ("account", "path"),
    [
        ({"equity": "abc", "flat": True}, "equity"),
        ({"equity": True, "flat": True}, "equity"),
        ({"equity": 1e5, "positions": {"SPY": "a"}}, "positions['SPY']"),
        ({"equity": 1e5, "positions": [1]}, "positions"),
    ],
)
def test_an_account_of_another_kind_is_told_by_its_name(account, path):
    with pytest.raises(InputError) as caught:
        engine.signals(CONFIG, **account)
    assert [one.path for one in caught.value.problems] == [path]
