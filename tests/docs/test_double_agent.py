# SPDX-License-Identifier: Apache-2.0
"""docs/strategies/double_agent.md: tables against the strategy, the episode against a run, figures against the bars."""

import numpy as np
import pandas as pd
import pytest

from engine.kernel.codes import EntryKind
from engine.strategy.params import declared_params
from strategies.agents.orders import Reason
from strategies.double_agent import DoubleAgent, DoubleAgentFund
from tests.docs.conftest import declared_rows, page, reason_rows, script, tables_with

PAGE = "strategies/double_agent.md"
FIRST, LAST = np.datetime64("2017-06-27"), np.datetime64("2017-08-29")


def episode_rows(result):
    """Every decision of the break but stops, with what it stood on and what became of it."""
    sessions, made = result.market.sessions, []
    filled = {int(one["order"]): one for one in result.ledger[result.ledger["kind"] == EntryKind.FILL]}
    for order in result.orders:
        name = result.reasons[int(order["reason"])][0]
        if not FIRST <= sessions[order["born"]] <= LAST or name.endswith("_stop"):
            continue
        fill, row = filled.get(int(order["id"])), int(order["born"])
        made.append({
            "decided": str(sessions[row]), "reason": name, "close": f"{result.market.small.close[row]:.2f}",
            "RSI": f"{result.features['rsi'][row]:.1f}", "IWM": f"{order['asked']:+,.0f}",
            "limit": "" if np.isnan(order["limit"]) else f"{order['limit']:.2f}",
            "filled": "never" if fill is None else f"{sessions[fill['t']]} at {fill['price']:.2f}",
        })  # fmt: skip
    return made


@pytest.fixture(scope="module")
def figures():
    return script("double_agent_figures")


@pytest.fixture(scope="module")
def sample_run():
    return script("page").run("double_agent_sample")


def test_every_parameter_is_on_the_page_as_declared():
    (rows,) = tables_with(PAGE, "parameter", "allowed")
    assert rows == declared_rows(DoubleAgentFund.Params)
    assert list(declared_params(DoubleAgent.Params)) == [row["parameter"].strip("`") for row in rows[:-2]]


def test_every_reason_is_on_the_page_with_its_words():
    (rows,) = tables_with(PAGE, "code", "words")
    assert rows == reason_rows(Reason)


def test_every_rule_has_a_reason_and_every_reason_a_rule():
    (rows,) = tables_with(PAGE, "rule", "reason")
    assert [row["reason"].strip("`") for row in rows] == [one.name.lower() for one in Reason]
    assert all(row["agent"] == row["reason"].strip("`").partition("_")[0] for row in rows)


def test_every_parameter_but_windows_is_in_the_rules():
    told = page(PAGE).partition("## Parameters")[0]
    plain = {"pivot", "tolerance", "memory", "min_strength", "fast", "rsi_window", "low_window", "slow"}
    plain |= {"tier_1", "tier_2", "tier_3"}
    for name in declared_params(DoubleAgentFund.Params):
        assert f"`{name}`" in told or name in told or name in plain or name.startswith("weigh_"), name


def test_the_episode_is_that_of_the_run(sample_run):
    (rows,) = tables_with(PAGE, "decided", "RSI")
    assert episode_rows(sample_run) == rows


def test_weak_sectors_and_what_became_of_the_bears_are_those_of_the_raw_files(real_data):
    """By pandas: closes of each sector carried to the sessions of IWM, against their mean of a hundred."""
    closes = pd.DataFrame({
        name: pd.read_csv(real_data / "daily" / f"{name}.csv", index_col="date")["close"]
        for name in ("IWM", "KRE", "XLE", "XLY")
    }).loc["2000-05-26":"2026-05-01"].dropna(subset="IWM")  # fmt: skip
    sectors = closes[["KRE", "XLE", "XLY"]].ffill()
    mean = sectors.rolling(100).mean()
    score = ((sectors < mean).sum(axis=1) / mean.notna().sum(axis=1)).to_dict()
    (rows,) = tables_with(PAGE, "KRE", "the bear")
    assert len(rows) >= 7
    for row in rows:
        day, after = row["decided"], closes["IWM"].loc[row["decided"] :]
        assert row["close"] == f"{after.iloc[0]:.2f}"
        assert row["score"] == f"{score[day]:.2f}"
        assert row["IWM 20 sessions on"] == f"{100 * (after.iloc[20] / after.iloc[0] - 1):+.1f} %"
        assert row["the bear"] == ("goes in" if score[day] >= 0.5 else "stays out")
        for name in sectors:
            below = "weak" if sectors[name][day] < mean[name][day] else "strong"
            assert row[name] == ("none yet" if np.isnan(mean[name][day]) else below)


@pytest.fixture(scope="module")
def iwm(real_data):
    """Bars of IWM as the file has them."""
    return pd.read_csv(real_data / "daily" / "IWM.csv", index_col="date")["2000-05-26":"2026-05-01"]


def test_what_closes_had_done_to_the_supports_of_april_2025_is_that_of_the_raw_file(iwm):
    """By pandas: bars since a close below, changes of side since the first touch, the lowest close of a month."""
    (rows,) = tables_with(PAGE, "first touch", "crossings")
    after = iwm["close"]["2025-04-03":].iloc[:21].min()
    for row in rows:
        price, before = float(row["support"]), iwm["close"][row["first touch"] : "2025-04-02"]
        below = before < price
        assert float(row["bars since a close below"]) == len(before) - np.flatnonzero(below)[-1]
        assert float(row["crossings"]) == (below != below.shift()).sum() - 1
        title = "lowest close in 21 sessions after"
        assert row[title] == f"{after:.2f}, {'below' if after < price else 'above'}"


def test_every_session_is_that_of_the_raw_file(iwm):
    """By pandas, from the open after a close to a later close."""
    (rows,) = tables_with(PAGE, "cases", "lower after 20")
    moves = [(iwm["close"].shift(-days) / iwm["open"].shift(-1) - 1).iloc[250:].dropna() for days in (5, 20, 60)]
    first, falls = rows[0], moves[1] < 0
    assert first["cases"] == str(len(iwm) - 250)
    assert [first["+5"], first["+20"], first["+60 sessions"]] == [f"{100 * one.mean():.1f} %" for one in moves]
    assert first["lower after 20"] == f"{100 * falls.mean():.0f} %"
    assert [first["mean fall"], first["mean rise"]] == [
        f"{100 * moves[1][chosen].mean():.1f} %" for chosen in (falls, ~falls)
    ]


def test_the_line_at_the_top_says_what_the_tables_do():
    before, _, _, now = next(rows for rows in tables_with(PAGE, "bears", "max drawdown") if len(rows) == 4)
    breaks = {row[""]: row for row in tables_with(PAGE, "cases", "lower after 20")[0]}
    assert float(before["earned by bears"].replace(",", "")) < 0.0 < float(now["earned by bears"].replace(",", ""))
    assert now["bears"] == "7"
    assert "a bear on any support lost money" in page(PAGE)
    assert "As shipped the bear went in seven times and earned a little" in page(PAGE)
    assert int(breaks["every break"]["lower after 20"].rstrip(" %")) < 50
