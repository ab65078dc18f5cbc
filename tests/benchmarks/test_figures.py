# SPDX-License-Identifier: Apache-2.0
"""Each benchmark runs, small, and measures what it says: trades happen, accounts live, outcomes differ."""

import json

import pytest

from benchmarks import (
    agents,
    bridge,
    cluster,
    hedges,
    kernel,
    memory,
    moved,
    options,
    process,
    roles,
    rules,
    sets,
    significance,
    steps,
    sweep,
)
from benchmarks.__main__ import NAMES, main
from benchmarks.market import minute_market
from benchmarks.spread import missing_series
from engine.engines import native
from engine.kernel.codes import OrderKind, OrderStatus
from engine.runs.sweep.figures import FEW, kept_dtype


def test_kernel_times_a_run_that_trades_to_the_end():
    figures = kernel.measure(repeats=2, sizes=(4_000, 16_000))
    assert set(figures["run_ns"]) == set(figures["outcome_ns"]) == {4_000, 16_000}
    assert figures["bars"] == 16_000
    assert figures["growth"] == figures["run_ns"][16_000]["median"] / figures["run_ns"][4_000]["median"]
    assert figures["stop_orders"] > 10
    assert figures["ledger"]["fill"] > 20
    assert {"commission", "fee", "borrow", "interest"} <= set(figures["ledger"])
    assert figures["final_equity"] > 500_000
    assert figures["share_of_bars_invested"] > 0.3


@pytest.mark.slow
def test_steps_add_one_thing_each_to_the_run_before():
    figures = steps.measure(repeats=2, bars=6_000)
    fills = figures["fills"]
    assert (fills["nothing"], fills["holds"], fills["guards"]) == (0, 2, 2)
    assert fills["bare"] > 1_000
    assert (
        abs(fills["trades"] - fills["bare"]) <= 4
    )  # where a whole share is not the bare loop's part of one, or a margin refuses
    assert set(figures["outcome_ns"]) == set(figures["run_ns"]) == set(figures["times_bare"]) == set(steps.STEPS)
    for name, ratio in figures["times_bare"].items():
        assert 0.0 < ratio["low"] <= ratio["median"] <= ratio["high"], name


def test_the_stops_of_a_step_stay_in_the_book():
    market = minute_market(6_000, missing=missing_series())
    ended = native.run(steps.prepared_step("guards", market, recording=True), "compiled").orders
    stops = ended[ended["kind"] == OrderKind.STOP]
    assert stops["status"].tolist() == [OrderStatus.WORKING] * 2


@pytest.mark.slow
def test_roles_grow_by_less_than_their_number():
    figures = roles.measure(repeats=9)
    assert figures["few"]["growth"] < 12.0
    assert figures["half"]["growth"] < 25.0
    orders = {name: figures[name]["activity"][50]["orders"] for name in ("few", "half")}
    assert 1_000 < orders["few"] < orders["half"]


@pytest.mark.slow
def test_options_times_two_contracts_on_every_bar():
    figures = options.measure(repeats=2, bars=16_000)
    assert figures["options_a_bar"] == pytest.approx(2, abs=0.01)
    assert figures["share_of_bars_with_two"] > 0.99
    assert figures["ledger"]["option_fill"] >= 6
    assert figures["final_equity"] > 500_000


@pytest.mark.slow
def test_agents_times_both_bulls_to_the_end():
    figures = agents.measure(repeats=2, bars=16_000)
    for kind in ("run_ns", "outcome_ns", "activity"):
        assert set(figures[kind]) == {"shares", "calls"}
    for activity in figures["activity"].values():
        assert activity["stop_orders"] > 50
        assert activity["final_equity"] > 500_000
    assert figures["activity"]["shares"]["ledger"]["fill"] > 100
    assert figures["activity"]["calls"]["ledger"]["option_fill"] > 50


@pytest.mark.slow
def test_hedges_times_every_instrument_with_contracts_on_most_bars():
    figures = hedges.measure(repeats=2, bars=16_000)
    held = {"net": 0, "puts": 1, "spreads": 2}
    for kind in ("run_ns", "outcome_ns", "activity"):
        assert set(figures[kind]) == set(held)
    for name, contracts in held.items():
        activity = figures["activity"][name]
        assert activity["options_a_bar"] >= 0.8 * contracts
        assert activity["final_equity"] > 500_000
        assert activity["ledger"].get("option_fill", 100) > 10
    assert figures["activity"]["net"]["ledger"]["fill"] > 20


@pytest.mark.slow
def test_rules_times_them_beside_the_same_rules_in_python():
    figures = rules.measure(repeats=2, sets=20, works=["rsi"])
    assert figures["outcome"]["rsi"][0] == figures["outcome"]["rsi"][1]
    assert figures["outcome"]["rsi"][0][1] > 300
    assert 0.2 < figures["ratio"]["rsi"] < 5


@pytest.mark.slow
def test_cluster_times_one_worker_and_two_to_the_same_figures():
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    figures = cluster.measure(repeats=1, sets=2_000, tasks=20)
    assert figures["ratio"]["median"] == figures["one_s"]["median"] / figures["two_s"]["median"]
    row = kept_dtype(FEW).itemsize
    assert row < figures["answer_bytes"]["each"] < row + 0.1  # pickle says the length of a thousand rows in more bytes
    assert 0 < figures["job_bytes"] < 50_000
    assert 0.0 < figures["task_ms"]["one"]["median"] < 1_000.0


def test_bridge_sends_fills_and_forgets_every_order():
    pytest.importorskip("ib_async", reason="the extra `paper` is not installed")
    figures = bridge.measure(orders=500, repeats=2)
    assert (figures["orders"], figures["fills"], figures["first_order_s"]["n"]) == (500, 500, 2)
    assert 0.0 < figures["first_order_s"]["median"] < 20.0
    assert figures["order_ms"] == 2.0 * figures["orders_s"]
    assert len(figures["resident_mb"].split()) == bridge.POINTS
    assert figures["growth_mb"] < 20.0


def test_sweep_runs_every_combination():
    figures = sweep.measure(repeats=2, bars=600)
    assert figures["sets"] == 1000
    assert figures["errors"] == 0
    assert figures["fills"] > 1000
    assert figures["different_outcomes"] > 100
    assert figures["bar_step_ns"]["median"] == pytest.approx(figures["call_s"]["median"] / 600 / 1000 * 1e9)


def test_a_sweep_by_every_core_is_the_same_sweep():
    one, cores = sweep.measure(repeats=1, bars=600), sweep.measure_cores(repeats=1, bars=600)
    assert {name: cores[name] for name in ("sets", "fills", "different_outcomes", "median_final_equity", "errors")} == {
        name: one[name] for name in ("sets", "fills", "different_outcomes", "median_final_equity", "errors")
    }


@pytest.mark.slow
def test_sets_grow_without_memory_and_in_proportion():
    figures = sets.measure(repeats=1, sizes=(40, 640), bars=600)
    assert figures["linear"] == figures["set_us"][640]["median"] / figures["set_us"][40]["median"]
    assert figures["growth_mb"] < 50.0
    assert figures["fills"][640] > figures["fills"][40] > 100


def test_the_statistics_know_noise_from_an_edge_and_intervals_hold_what_they_should():
    figures = significance.measure(sweeps=12, planted=4, runs=20, draws=60)
    assert min(figures["noise_called_noise"].values()) > 0.8
    assert figures["noise_called_noise"]["deflated_and_overfitting"] == 1.0
    assert min(figures["planted_found"].values()) >= 0.5
    assert min(figures["coverage_of_95"].values()) >= 0.75


def test_memory_is_that_of_a_process_of_its_own():
    figures = memory.measure(bars=20_000)
    assert figures["data_mb"] == pytest.approx(20_000 * 144 / 2**20, rel=0.05)
    assert figures["peak_mb"] >= figures["base_mb"] > 30
    assert figures["fills"] > 20


@pytest.mark.parametrize("mode", ["interpreted", pytest.param("compiled", marks=pytest.mark.slow)])
def test_what_a_run_moves_is_counted_by_stages(mode: str):
    """Compiled it takes a kernel of one role, which no other test needs."""
    figures = moved.measure(bars=20_000, repeats=2, mode=mode)
    stages = figures["stages"]
    assert figures["bars_mb"] == pytest.approx(20_000 * 80 / 1e6)
    assert stages["features"]["moved_mb"] == pytest.approx(20_000 * (80 + 24) / 1e6)
    assert stages["run"]["moved_mb"] > 20_000 * (80 + 24 + 24) / 1e6
    assert stages["call"]["moved_mb"] == pytest.approx(stages["features"]["moved_mb"] + stages["run"]["moved_mb"])
    assert stages["call"]["ms"]["low"] > 0.0
    assert figures["fills"] > 100
    assert figures["final_equity"] > 500_000


def test_a_missing_program_is_said(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(process.sys, "executable", str(tmp_path / "python"))
    assert main(["process"]) == 1
    assert "make run" in capsys.readouterr().err


def test_list_names_every_benchmark(capsys):
    assert main(["list"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(NAMES)


def test_json_is_one_document_and_nothing_else(monkeypatch, capsys):
    monkeypatch.delenv("TANDEM_PEERS_HARNESS", raising=False)
    assert main(["peers", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["benchmark"] == "peers"
    assert "skipped" in document["figures"]
    assert document["machine"]["cores"] >= 1


def test_figures_are_shown_with_their_spread(monkeypatch, capsys):
    spread = {"median": 2.0, "low": 1.0, "high": 3.0, "n": 5}
    monkeypatch.setattr(sweep, "measure", lambda repeats=7: {"call_s": spread, "repeats": repeats})
    assert main(["sweep", "--repeats", "4"]) == 0
    shown = capsys.readouterr().out
    assert "2  (1 to 3, n=5)" in shown
    assert "repeats                  4" in shown


@pytest.mark.parametrize("arguments", [["kernle"], ["kernel", "--repeats", "0"], []])
def test_wrong_words_are_refused(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage" in capsys.readouterr().err
