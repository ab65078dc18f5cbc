# SPDX-License-Identifier: Apache-2.0
"""Daily volatility and volume before each session: against loops, against what comes later, on bars of any length."""

from dataclasses import replace

import numpy as np
import pytest

from engine.inputs.liquidity import FIRST_SIGMA, SESSIONS, build_cost_inputs, daily, shares_as_traded
from engine.market.panel import Market
from engine.model.run import IMPACT, RunConfig
from engine.records import bar_dtype
from engine.runs.stress.impact import COEFFICIENT
from engine.runs.stress.liquidity import liquidity

MINUTES = 40
"""A short session, so that the loops of the tests are quick."""


def minute_market(sessions: int = 70, symbols: tuple[str, ...] = ("IWM", "RWM"), seed: int = 3) -> Market:
    """Bars of a minute on a random path; the second symbol is dearer and trades a thousandth of the first."""
    draws = np.random.default_rng(seed)
    rows = sessions * MINUTES
    bars = np.zeros(rows, bar_dtype([symbol.lower() for symbol in symbols]))
    bars["session"] = 19_000 + np.repeat(np.arange(sessions), MINUTES)
    bars["last"] = np.arange(rows) % MINUTES == MINUTES - 1
    bars["days"] = np.diff(bars["session"], prepend=bars["session"][:1])
    bars["ts"] = np.arange(rows)
    for number, symbol in enumerate(symbols):
        column = bars[symbol.lower()]
        path = 100.0 * (1 + number) * np.exp(np.cumsum(draws.normal(0.0, 0.002, rows)))
        column["close"], column["open"] = path, np.append(path[:1], path[:-1])
        column["high"], column["low"] = np.maximum(column["open"], path), np.minimum(column["open"], path)
        column["volume"] = draws.integers(1_000, 9_000, rows) / (1 if number == 0 else 1_000)
        column["split"] = column["factor"] = 1.0
    return Market(bars, {symbol.lower(): symbol for symbol in symbols}, frequency="1min")


def longer(market: Market, minutes: int) -> Market:
    """The same path in longer bars."""
    made = market.bars[minutes - 1 :: minutes].copy()
    for role in market.roles:
        column = market.bars[role].reshape(-1, minutes)
        made[role]["open"] = column["open"][:, 0]
        made[role]["high"], made[role]["low"] = column["high"].max(axis=1), column["low"].min(axis=1)
        made[role]["volume"] = column["volume"].sum(axis=1)
    return replace(market, bars=made)


def config(**slippage) -> RunConfig:
    said = {"name": "x", "strategy": "x", "roles": {"iwm": "IWM", "rwm": "RWM"}, "costs": {"slippage": slippage}}
    return RunConfig.model_validate(said)


def test_against_loops_over_the_sessions_before():
    market = minute_market()
    known, bars = daily(market), market.bars
    for number, session in enumerate(np.unique(bars["session"])):
        first = max(0, number - SESSIONS)
        for role, name in enumerate(market.roles):
            days = [bars[name][bars["session"] == 19_000 + day] for day in range(first, number)]
            closes = [float(day["close"][-1]) for day in days]
            if number > SESSIONS:
                closes.insert(0, float(bars[name][bars["session"] == 19_000 + first - 1]["close"][-1]))
            returns = np.diff(np.log(closes))
            sigma = np.std(returns, ddof=1) if len(returns) >= 5 else FIRST_SIGMA
            assert known.sigma[number, role] == pytest.approx(sigma, rel=1e-9)
            if days:
                assert known.volume[number, role] == pytest.approx(np.mean([day["volume"].sum() for day in days]))
        assert session == 19_000 + number
    assert np.isnan(known.volume[0]).all()


def test_rows_of_a_session_know_only_the_sessions_before_it():
    """What comes later changes nothing, and neither do the session's own bars: to the last bit."""
    market = minute_market()
    whole = build_cost_inputs(market, config())
    for rows in (1, 41, 200, 1_234, 2_799):
        assert build_cost_inputs(market.head(rows), config()).tobytes() == whole[:rows].tobytes()
    session = 30
    changed = market.bars.copy()
    for name in ("open", "high", "low", "close", "volume"):
        changed["iwm"][name][session * MINUTES :] *= 7.0
    other = build_cost_inputs(replace(market, bars=changed), config())
    rows = (session + 1) * MINUTES
    assert other[:rows].tobytes() == whole[:rows].tobytes()
    assert (other["impact"][rows:, 0] != whole["impact"][rows:, 0]).all()


@pytest.mark.parametrize("minutes", [5, 10, MINUTES])
def test_the_length_of_the_bars_does_not_matter(minutes):
    market = minute_market()
    one = build_cost_inputs(market, config())["impact"][minutes - 1 :: minutes]
    assert np.allclose(build_cost_inputs(longer(market, minutes), config())["impact"], one, rtol=1e-9)


def test_it_is_the_square_root_law():
    market = minute_market()
    made, known = build_cost_inputs(market, config(impact={"default": 0.7})), daily(market)
    wanted = 0.7 * known.sigma[50] / np.sqrt(known.volume[50])
    assert made["impact"][50 * MINUTES] == pytest.approx(wanted)
    none = build_cost_inputs(market, config(impact=0.0))
    assert len(none) == len(market)
    assert not none["impact"].any()
    assert (none["lot"] == 1.0).all()
    assert none.strides == (0,)  # one record in memory, however many bars


def test_the_first_session_has_no_impact_and_a_source_without_volume_none_at_all():
    market = minute_market(sessions=8)
    made = build_cost_inputs(market, config())["impact"]
    assert not made[:MINUTES].any()
    assert made[MINUTES:].all()
    bars = market.bars.copy()
    bars["iwm"]["volume"] = np.nan
    silent = build_cost_inputs(replace(market, bars=bars), config())["impact"]
    assert not silent[:, 0].any()
    assert silent[MINUTES:, 1].all()


def test_a_fund_follows_the_symbol_it_is_created_against():
    """By dollars: one share of it at 200 dollars, twice levered, moves as much of the index as four at 100."""
    market = minute_market()
    follows = config(follows={"RWM": "IWM"}).model_copy()
    levered = follows.model_copy(
        update={"account": follows.account.model_copy(
            update={"margin": follows.account.margin.model_copy(update={"multiples": {"RWM": 2.0}})})}
    )  # fmt: skip
    known, row = daily(market), 50
    own, other = known.volume[row, 1], known.volume[row, 0] * known.close[row, 0] / known.close[row, 1]
    assert own < other / 2
    for asked, depth in ((config(), own), (follows, other), (levered, other / 2)):
        made = build_cost_inputs(market, asked)["impact"][row * MINUTES]
        assert made[1] == pytest.approx(known.sigma[row, 1] / np.sqrt(depth))
        assert made[0] == pytest.approx(known.sigma[row, 0] / np.sqrt(known.volume[row, 0]))


def test_a_split_of_the_bars_changes_the_shares_and_not_the_cost():
    """Twice as many shares at half the price from session 20 on: an order of the same dollars pays the same."""
    market = minute_market()
    plain = build_cost_inputs(market, config())
    bars, row = market.bars.copy(), 20 * MINUTES
    for name in ("open", "high", "low", "close"):
        bars["iwm"][name][row:] /= 2.0
    bars["iwm"]["volume"][row:] *= 2.0
    bars["iwm"]["split"][row], bars["iwm"]["factor"][row:] = 2.0, 2.0
    made = build_cost_inputs(replace(market, bars=bars), config())
    assert np.allclose(made["impact"][:row], plain["impact"][:row], rtol=1e-12)
    assert np.allclose(made["impact"][row:, 0] * np.sqrt(200.0), plain["impact"][row:, 0] * np.sqrt(100.0), rtol=1e-9)


def test_shares_as_traded_of_bars_that_contain_splits():
    """1 for 4 on session 19,010 and 2 for 1 on 19,020: a share of the first bars was two, one of the next a half."""
    market = replace(minute_market(sessions=30), contained={"RWM": [[19_010, 0.25], [19_020, 2.0]]})
    lots = shares_as_traded(market, "RWM")[::MINUTES]
    assert lots.tolist() == [2.0] * 10 + [0.5] * 10 + [1.0] * 10
    assert build_cost_inputs(market, config())["lot"][::MINUTES, 1].tolist() == lots.tolist()
    assert (shares_as_traded(market, "IWM") == 1.0).all()


def test_a_stress_measures_with_the_same_functions_and_the_same_coefficient():
    market = minute_market()
    found, known = liquidity(market), daily(market)
    assert found.sigma.tolist() == known.sigma[-1].tolist()
    assert found.volume.tolist() == known.volume[-1].tolist()
    assert COEFFICIENT == IMPACT == RunConfig.model_fields["costs"].default.slippage.impact
