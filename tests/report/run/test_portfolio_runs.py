# SPDX-License-Identifier: Apache-2.0
"""A portfolio with an option sleeve: its run folder, report, summary, and the decision of a day."""

import datetime as dt
import io
import json
from pathlib import Path

import jsonschema
import numpy as np
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from engine.analytics.analysis import analyse
from engine.analytics.attribution.sleeve_result import sleeve_results
from engine.analytics.ledger_paths import fold
from engine.engines import native
from engine.errors import DataError
from engine.inputs.prepared import prepare
from engine.report.folder.read_run import read_run
from engine.report.folder.rebuilt import rebuild_report
from engine.report.kit.encoding import to_json
from engine.report.run.document import document as run_document
from engine.report.run.page import render
from engine.report.run.terminal import show_summary
from engine.report.signals import document, terminal
from engine.runs.backtest import backtest, load_bars, loaded
from engine.runs.signals.decision import read_decision
from engine.runs.signals.run import net_positions, signals

SCHEMAS = Path(__file__).parents[3] / "docs" / "schemas"

CONFIG = {
    "name": "sleeves",
    "sleeves": {
        "spread": {"weight": 0.5, "strategy": "spread_trade", "roles": {"large": "SPY", "small": "IWM"},
                   "params": {"z_window": 60}},
        "calls": {"weight": 0.25, "strategy": "double_agent_calls", "roles": {"small": "IWM"},
                  "params": {"bull_size": 0.02, "score": 0}},
        "hedge": {"weight": 0.25, "strategy": "vix_hedge:VixHedge", "roles": {"small": "IWM", "large": "SPY"}},
    },
    "rebalance": "monthly",
    "series": {"vix": "VIX", "rvx": "RVX"},
    "data": {"source": "sample"},
    "period": {"start": "2015-01-02", "end": "2019-12-31"},
}  # fmt: skip


@pytest.fixture(scope="module")
def run():
    return backtest(CONFIG)


@pytest.fixture(scope="module")
def studied(run):
    return analyse(run)


def test_the_run_is_one_worth_looking_at(run):
    owner = run.sleeve_numbers(run.orders["role"])
    assert set(owner) == {0, 1, 2}
    assert len(run.marks) > 20
    assert run.options == {"calls.bought": "calls.small", "calls.sold": "calls.small"}


def test_the_sleeves_add_up_to_the_account(run, studied):
    total = sum(one.equity for one in studied.sleeves)
    assert np.allclose(total, run.points["equity"], rtol=1e-12)
    assert np.allclose(sum(one["transfers"] for one in studied.sleeves), 0.0, atol=1e-6)
    assert sum(one["deposits"][0] for one in studied.sleeves) == run.config.account.cash


def test_the_report_says_what_each_sleeve_did(run, studied):
    page = render(run, studied)
    assert page.count('id="chart-sleeves"') == 1
    for name in ("spread", "calls", "hedge"):
        assert f"<td>{name}</td>" in page
    assert "Correlation of daily returns" in page
    assert "MODELLED" in page


def test_the_folder_has_a_column_sleeve_and_reads_back(run, written):
    folder = written(run).folder
    for name in ("ledger", "fills", "orders", "round_trips"):
        table = pq.read_table(folder / f"{name}.parquet")
        assert set(table.column("sleeve").to_pylist()) == {"spread", "calls", "hedge"}, name
    again = read_run(folder)
    assert again.ledger.tobytes() == run.ledger.tobytes()
    assert again.orders.tobytes() == run.orders.tobytes()
    assert again.reasons == run.reasons
    assert again.features.dtype == run.features.dtype
    assert rebuild_report(folder, folder / "again.html").page.read_bytes() == (folder / "report.html").read_bytes()


def test_every_column_of_sleeves_parquet_is_described(run, written):
    table = pq.read_table(written(run).folder / "sleeves.parquet")
    page = (SCHEMAS.parent / "run_folder.md").read_text(encoding="utf-8").partition("## sleeves.parquet")[2]
    rows = [line.split("|")[1] for line in page.partition("\n## ")[0].splitlines() if line.startswith("| `")]
    assert [name.strip(" `") for row in rows for name in row.split(", ")] == table.column_names


def test_sleeves_parquet_is_the_fold_of_the_ledgers_own_column(run, written):
    """Whoever doubts the attribution adds up the column `amount` by the column `sleeve`."""
    folder = written(run).folder
    ledger = pq.read_table(folder / "ledger.parquet").to_pydict()
    sleeves = pq.read_table(folder / "sleeves.parquet").to_pydict()
    last = {}
    for name, equity, moved in zip(sleeves["sleeve"], sleeves["equity"], sleeves["transfers"], strict=True):
        last[name] = (equity, moved)
    for name, (equity, moved) in last.items():
        mine = [at for at, sleeve in enumerate(ledger["sleeve"]) if sleeve == name]
        cash = sum(ledger["amount"][at] for at in mine)
        held = {}
        for at in mine:
            if ledger["symbol"][at] in ("SPY", "IWM"):
                held[ledger["symbol"][at]] = held.get(ledger["symbol"][at], 0.0) + ledger["quantity"][at]
        closes = {
            "SPY": run.market.bars["spread.large"]["close"][-1],
            "IWM": run.market.bars["spread.small"]["close"][-1],
        }
        options = sum(ledger["quantity"][at] for at in mine if ledger["symbol"][at] not in ("SPY", "IWM", None))
        assert options == 0.0, "no contract is open at the end"
        worth = sum(quantity * closes[symbol] for symbol, quantity in held.items())
        assert cash + worth == pytest.approx(equity, rel=1e-9)
        transfers = sum(ledger["amount"][at] for at in mine if ledger["kind"][at] == "transfer")
        assert transfers == pytest.approx(moved, abs=1e-6)


def test_the_summary_follows_its_schema_and_fits_a_terminal(run, written):
    published = written(run)
    document = json.loads(to_json(run_document(run, published)))
    jsonschema.validate(document, json.loads((SCHEMAS / "backtest.json").read_text(encoding="utf-8")))
    parts = document["sleeves"]["sleeves"]
    assert sum(part["contribution"] for part in parts.values()) == pytest.approx(
        document["metrics"]["total_return"], abs=1e-9
    )
    out = io.StringIO()
    show_summary(run, published.analysis, Console(file=out, width=80))
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("calls") for line in lines)


def test_a_sleeve_is_a_result_of_its_own(run, studied):
    parts = sleeve_results(run)
    for part, own in zip(parts, studied.sleeves, strict=True):
        again = fold(part)
        assert np.allclose(again.equity + own["transfers"], own.equity, rtol=1e-12)
        assert np.allclose(part.points["equity"], own.equity)
        assert {f"{own.name}.{role}" for role in part.market.roles} <= set(run.market.roles)
        assert {f"{own.name}.{name}" for name in part.features.dtype.names} <= set(run.features.dtype.names)
    exposure = sum(part.net for part in parts)
    assert np.allclose(exposure, run.net, rtol=1e-9, atol=1e-6)


@pytest.mark.parametrize("day", [None, "2017-06-27", "2019-12-31"])
def test_signals_follow_their_schema(day):
    decision = signals(CONFIG, None if day is None else dt.date.fromisoformat(day))
    shown = json.loads(to_json(document.document(decision, 0)))
    jsonschema.validate(shown, json.loads((SCHEMAS / "signals-portfolio.json").read_text(encoding="utf-8")))
    out = io.StringIO()
    terminal.show(decision, 0, Console(file=out, width=80), past=day is not None)
    assert "At the broker" in out.getvalue()
    for name in CONFIG["sleeves"]:
        assert f"Sleeve {name}" in out.getvalue()


def test_signals_of_past_days_are_what_the_backtest_decided():
    ready = loaded(CONFIG)
    market, start, stop = load_bars(ready)
    whole = native.run(prepare(ready.config, ready.strategies, market, start, stop), "interpreted")
    decided = np.unique(whole.orders["born"])
    for row in decided[:: max(1, len(decided) // 12)].tolist():
        decision = signals(ready, market.sessions[start + row].item())
        sent = whole.orders[whole.orders["born"] == row]
        told = np.sort(np.concatenate([one.sent["id"] for one in decision.sleeves.values()]))
        assert told.tolist() == sent["id"].tolist()
        by_id = {int(order["id"]): float(order["asked"]) for one in decision.sleeves.values() for order in one.sent}
        plain = sent[np.isin(sent["kind"], (1, 7))]
        assert [by_id[number] for number in plain["id"].tolist()] == plain["asked"].tolist()


def test_the_net_is_what_the_account_holds(run):
    paths = fold(run)
    decisions = {
        name: read_decision(part, strategy)
        for part, (name, strategy) in zip(sleeve_results(run), loaded(CONFIG).strategies.items(), strict=True)
    }
    net = {one.symbol: one for one in net_positions(decisions)}
    symbols = list(run.market.symbols.values())
    for symbol in ("SPY", "IWM"):
        mine = [place for place, one in enumerate(symbols) if one == symbol]
        assert net[symbol].held == paths.positions[-1, mine].sum()


def test_one_strategy_has_one_decision_without_a_name():
    single = {"name": "x", "strategy": "spread_trade", "roles": {"large": "SPY", "small": "IWM"}}
    assert signals(CONFIG).lone is None
    decision = signals(single)
    assert list(decision.sleeves.values()) == [decision.lone]
    assert decision.lone.result.ledger is decision.result.ledger
    with pytest.raises(DataError, match="no decision that early"):
        signals(CONFIG, dt.date(2014, 1, 2))
