# SPDX-License-Identifier: Apache-2.0
"""Signals of a past day are what the backtest decided that day."""

import datetime as dt
import io
import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from rich.console import Console

from engine.engines import native
from engine.errors import DataError
from engine.inputs.prepared import prepare
from engine.kernel.codes import OrderKind
from engine.report.kit.encoding import to_json
from engine.report.signals.document import document
from engine.report.signals.terminal import show
from engine.runs.backtest import load_bars, loaded
from engine.runs.signals.decision import read_decision
from engine.runs.signals.run import signals

CONFIG = Path("configs/spread_sample.yaml")
DECIDED = ("id", "role", "kind", "reason", "born")
"""What an order is from its decision on; prices and sizes of resting orders may move later."""


BARS = 3500
"""Of the market's end: each of the days computes all features again, from the first of these."""


EVERY = (
    (CONFIG, ["params.leg_stop=6"]), (Path("configs/double_agent_sample.yaml"), []),
    (Path("configs/double_agent_fund_sample.yaml"), []), (Path("configs/double_agent_calls_sample.yaml"), []),
    (Path("configs/vix_hedge_sample.yaml"), []), (Path("configs/vix_hedge_fund_sample.yaml"), []),
    (Path("configs/vix_hedge_puts_sample.yaml"), ["params.width=0.1"]),
    (Path("configs/vix_hedge_index_puts_sample.yaml"), ["params.size_by=delta"]),
    (Path("configs/fund_replica_sample.yaml"), ["params.cut_to=0.5", "account.orders=1024"]),
)  # fmt: skip
"""The replica with room for as many orders as tests/kernel/test_working_orders.py asks for: one kernel serves both."""

FEW = [
    one for one in EVERY if not one[0].stem.startswith(("double_agent_fund", "double_agent_calls", "vix_hedge_fund"))
]
"""Without those whose kernels nothing else of the quick tests compiles."""
DAYS = 250


@pytest.mark.parametrize(("config", "given"), FEW)
def test_past_days_agree_with_the_backtest(config: Path, given: list[str]):
    """Every tenth of the days that the long test takes."""
    check_past_days(config, given, 10)


@pytest.mark.slow
@pytest.mark.parametrize(("config", "given"), EVERY)
def test_250_past_days_agree_with_the_backtest(config: Path, given: list[str]):
    check_past_days(config, given, 1)


def check_past_days(config: Path, given: list[str], step: int) -> None:
    ready = loaded(config, [*given, "mode=compiled"])
    market = load_bars(ready)[0]
    market = market.slice(len(market) - BARS, len(market))
    whole = native.run(prepare(ready.config, ready.strategy, market), "compiled")
    decisions = np.unique(whole.orders["born"])
    others = np.linspace(300, len(market) - 1, DAYS - min(120, len(decisions)), dtype=int)
    rows = np.unique(np.concatenate([decisions[:: max(1, len(decisions) // 120)], others]))[:DAYS]
    assert len(rows) >= 240
    for row in rows[::step].tolist():
        cut = prepare(ready.config, ready.strategy, market.head(row + 1))
        decision = read_decision(native.run(cut, "compiled"), ready.strategy)
        sent = whole.orders[whole.orders["born"] == row]
        for name in DECIDED:
            assert decision.sent[name].tolist() == sent[name].tolist()
        plain = np.isin(sent["kind"], (1, 7, 8))  # market, market on close, option
        assert decision.sent["asked"][plain].tolist() == sent["asked"][plain].tolist()
        contracts = sent["kind"] == OrderKind.OPTION
        for name in ("strike", "expiry", "right"):
            assert decision.sent[name][contracts].tolist() == sent[name][contracts].tolist()


def test_targets_are_what_is_held_after_the_next_open():
    ready = loaded(CONFIG)
    market, start, stop = load_bars(ready)
    whole = native.run(prepare(ready.config, ready.strategy, market, start, stop), "interpreted")
    row = int(whole.orders["born"][10])
    decision = signals(CONFIG, market.sessions[row].item())
    later = signals(CONFIG, market.sessions[row + 1].item())
    assert decision.lone.targets == later.lone.held != decision.lone.held


def test_the_document_follows_its_schema():
    schema = json.loads(Path("docs/schemas/signals.json").read_text())
    jsonschema.validate(json.loads(to_json(document(signals(CONFIG), 3))), schema)


@pytest.mark.parametrize("name", [
    "double_agent", "double_agent_fund", "double_agent_calls", "vix_hedge", "vix_hedge_fund",
    "vix_hedge_puts", "vix_hedge_index_puts", "fund_replica",
])  # fmt: skip
def test_every_strategys_document_follows_its_schema(name):
    schema = json.loads(Path("docs/schemas/signals.json").read_text())
    for asof in (None, dt.date(2017, 7, 3)):
        jsonschema.validate(json.loads(to_json(document(signals(f"configs/{name}_sample.yaml", asof), 3))), schema)


def _levels(asof, *given):
    """The levels of the Double Agent at a close, by kind."""
    shown = document(signals(loaded("configs/double_agent_sample.yaml", given), asof), 0)
    return {kind: [one for one in shown["levels"] if one["kind"] == kind] for kind in ("known", "rule", "order")}


BREACH = dt.date(2017, 6, 27)
"""The close on which the sample's support line breaks decisively."""


def test_levels_of_a_past_day_are_what_was_known_then():
    """The same with and without the bars that came later; no touch is later than the bars that confirm it."""
    asked = _levels(BREACH)
    ended = _levels(None, f"period.end={BREACH}")
    assert asked == ended
    assert len(asked["known"]) > 3
    confirmed = np.busday_offset(np.datetime64(BREACH), -10, roll="backward").item()
    assert all(one["first"] <= one["last"] <= str(confirmed) for one in asked["known"])
    assert any(one["last"] > str(confirmed) for one in _levels(None)["known"])


def test_levels_are_the_nearest_first_with_stop_and_tiers():
    levels = _levels(BREACH)
    shown = document(signals("configs/double_agent_sample.yaml", BREACH), 0)["levels"]
    assert [abs(one["distance"]) for one in shown] == sorted(abs(one["distance"]) for one in shown)
    orders = {one["name"]: one for one in levels["order"]}
    assert set(orders) == {"bear_tier_2", "bear_tier_3", "bear_stop"}
    assert [round(orders[name]["price"], 2) for name in ("bear_tier_2", "bear_tier_3")] == [67.82, 68.43]
    assert orders["bear_stop"]["quantity"] == -sum(orders[f"bear_tier_{k}"]["quantity"] for k in (2, 3)) + 6460
    assert orders["bear_stop"]["first"] == str(BREACH)
    close = 67.22
    for one in shown:
        assert one["distance"] == pytest.approx(one["price"] / close - 1.0, abs=1e-4)


def test_the_level_of_the_rules_is_the_one_that_the_decision_read():
    decision = signals("configs/double_agent_sample.yaml", dt.date(2017, 6, 26))
    rules = {one["name"]: one["price"] for one in document(decision, 0)["levels"] if one["kind"] == "rule"}
    assert rules == {name: decision.lone.result.features[name][-1] for name in ("support", "neckline")}
    assert decision.lone.result.features["target"][-1] == 0.0  # no price, no level


def test_the_regime_is_that_of_the_state_since_it_began():
    config = "configs/vix_hedge_sample.yaml"
    whole = signals(config)
    path, sessions = whole.lone.result.interpretation.regimes, whole.result.market.sessions
    for code, first, last in path.spans()[1::40]:
        row = (first + last) // 2
        shown = document(signals(config, sessions[row].item()), 0)
        assert shown["regime"] == {
            "name": path.names[code], "since": str(sessions[first]), "sessions": row - first + 1,
        }  # fmt: skip
        assert shown["state"]["regime"] == path.names[code]


def test_agents_hold_what_the_account_holds():
    decision = signals("configs/double_agent_sample.yaml", dt.date(2017, 8, 16))
    shown = document(decision, 0)
    bear, bull, rest = shown["agents"]
    (position,) = shown["positions"]
    assert bear["exposure"] < 0.0 < bull["exposure"]
    held = position["held"] * position["close"] / shown["equity"]
    assert bear["exposure"] + bull["exposure"] == pytest.approx(held)
    assert bear["pnl"] + bull["pnl"] + rest["pnl"] == pytest.approx(shown["equity"] - 1_000_000)


def test_a_strategy_without_declarations_has_no_such_parts():
    shown = document(signals(CONFIG), 0)
    assert (shown["regime"], shown["levels"], shown["agents"]) == (None, [], [])


def test_the_detector_of_forced_selling_shows_with_its_thresholds():
    ready = loaded("configs/fund_replica_sample.yaml", ["params.cut_to=0.5"])
    shown = document(signals(ready, dt.date(2006, 2, 13)), 0)
    seen = {one["feature"]: one for one in shown["watched"]}
    assert seen["deleveraging"]["value"] == 1.0
    for name, threshold, sign in (("fall", "fall_times", 1), ("gap", "fall_spread", 1), ("vix_rise", "fall_calm", -1)):
        assert sign * seen[name]["value"] >= sign * seen[name]["thresholds"][threshold]
    assert shown["send"][0]["reason"] == "deleveraging"


@pytest.mark.parametrize(("day", "told"), [(dt.date(2006, 2, 13), True), (dt.date(2006, 1, 13), False)])
def test_the_detector_raises_an_alarm_where_it_only_reports(day, told):
    """In signals and in the note; the replica is held as it is."""
    shown = document(signals("configs/fund_replica_sample.yaml", day), 0)
    assert [words.startswith("small caps are sold") for words in shown["alarms"]] == [True] * told
    assert "deleveraging" not in [order["reason"] for order in shown["send"]]
    console = Console(width=200, file=io.StringIO())
    show(signals("configs/fund_replica_sample.yaml", day), 0, console, past=True)
    assert ("! alarm: small caps are sold" in console.file.getvalue()) == told


def test_a_series_says_how_old_its_last_value_is():
    shown = document(signals("configs/fund_replica_sample.yaml", dt.date(2006, 2, 13)), 0)["data"]["series"]
    fund = next(one for one in shown if one["series"] == "fund")
    assert (fund["last"], fund["age_sessions"]) == ("2006-02-03", 6)  # January's, carried over three bars
    assert {one["series"]: one["age_sessions"] for one in shown if one["series"] != "fund"} == {
        "tbill": 0, "vix": 0, "rvx": 0,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["double_agent", "double_agent_fund", "vix_hedge_fund", "fund_replica"])
def test_the_terminal_keeps_to_80_columns(name):
    decision = signals(f"configs/{name}_sample.yaml", dt.date(2017, 8, 16))
    console = Console(width=80, file=io.StringIO(), highlight=False)
    show(decision, 0, console, past=True)
    said = console.file.getvalue()
    assert max(len(line.rstrip()) for line in said.splitlines()) <= 80
    wanted = {
        "double_agent": ("levels of IWM", "support", "bear stop: buy", "bull stop: sell", "agent", "Working"),
        "double_agent_fund": ("levels of IWM", "levels of TWM", "bear stop: sell"),
        "vix_hedge_fund": ("Regime", "since", "stress rank 0.9"),
        "fund_replica": ("deleveraging", "fall times 2.5", "fund (FUND): no value since"),
    }[name]
    assert all(words in said for words in wanted), said


@pytest.mark.parametrize(("age", "past", "words"), [
    (2, False, "! 2 sessions have closed since 2024-12-31: this is not today's decision"),
    (1, False, "! 1 session closed since 2024-12-31: this"),
    (0, False, "the data has every session that has closed"),
    (0, True, "a past day, as asked"),
])  # fmt: skip
def test_the_age_of_the_data_is_said(age, past, words):
    decision = signals(CONFIG)
    real = replace(decision, result=replace(decision.result, market=replace(decision.result.market, synthetic=False)))
    console = Console(width=80, file=io.StringIO(), highlight=False)
    show(real, age, console, past=past)
    assert words in console.file.getvalue()


def test_a_day_before_the_first_bar_is_refused():
    with pytest.raises(DataError, match="no decision that early"):
        signals(CONFIG, dt.date(1990, 1, 1))
