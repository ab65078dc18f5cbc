# SPDX-License-Identifier: Apache-2.0
"""A run with options, written and read: names, marks, notices, the same page again, signals."""

import datetime as dt
import io
import json
import math
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from rich.console import Console

from engine.analytics.analysis import analyse
from engine.errors import ConfigError
from engine.kernel.options import price_and_delta
from engine.report.folder.read_run import read_run
from engine.report.folder.rebuilt import rebuild_report
from engine.report.folder.tables import tables
from engine.report.kit.encoding import to_json
from engine.report.run.notices import notices
from engine.report.run.terminal import show_summary
from engine.report.signals.document import document
from engine.report.signals.terminal import show
from engine.runs.backtest import backtest, loaded
from engine.runs.signals.run import signals

CONFIG = {
    "name": "puts",
    "strategy": "tests.kernel.protective_put:ProtectivePut",
    "roles": {"small": "IWM"},
    "series": {"rvx": "RVX", "tbill": {"symbol": "TBILL", "unit": "percent"}},
    "costs": {"benchmark": "tbill"},
    "period": {"start": "2010-06-01", "end": "2011-06-30"},
}


@pytest.fixture(scope="module")
def puts():
    return backtest(CONFIG)


@pytest.fixture(scope="module")
def made(puts):
    return tables(puts, analyse(puts))


def test_contracts_have_their_names_everywhere(made):
    for name, rows in (("orders", "type"), ("ledger", "kind"), ("fills", "kind"), ("round_trips", "side")):
        table = made[name].to_pylist()
        options = [row for row in table if row["role"] == "hedge"]
        assert options, name
        assert all(row["symbol"].startswith("IWM 201") and " P" in row["symbol"] for row in options), rows
        assert {row["symbol"] for row in table if row["role"] == "small"} == {"IWM"}


def test_every_mark_can_be_modelled_again_from_its_columns(made, puts):
    options = made["options"].to_pylist()
    assert len(options) == len(puts.market) - 1
    for row in options[::7]:
        years = (row["expiry"] - row["session"]).days / 365
        terms = (row["spot"], row["strike"], years, row["rate"], 0.013, row["volatility"])
        assert price_and_delta(-1, *terms) == (row["price"], row["delta"])
        assert row["value"] == pytest.approx(row["quantity"] * 100 * row["price"])
        assert row["right"] == "put"


def test_equity_can_be_recomputed_from_the_tables(made):
    ledger, equity, shares = made["ledger"].to_pylist(), made["equity"].to_pydict(), made["features"]["small.close"]
    cash, held = np.zeros(len(shares)), np.zeros(len(shares))
    for entry in ledger:
        cash[entry["row"]] += entry["amount"]
        held[entry["row"]] += entry["quantity"] if entry["role"] == "small" else 0.0
    options = np.zeros(len(shares))
    for row in made["options"].to_pylist():
        options[row["row"]] += row["value"]
    total = np.cumsum(cash) + np.cumsum(held) * shares.to_numpy() + options
    np.testing.assert_allclose(total, equity["equity"], atol=0.005)


def test_every_column_of_options_is_in_the_documentation(made):
    text = (Path(__file__).parents[3] / "docs" / "run_folder.md").read_text(encoding="utf-8")
    section = text.split("## options.parquet")[1]
    assert all(f"`{name}`" in section for name in made["options"].column_names)


def test_a_folder_reads_back_to_the_same_run_and_the_same_page(puts, written, tmp_path):
    published = written(puts)
    again = read_run(published.folder)
    assert again.options == {"hedge": "small"}
    for name in ("ledger", "points", "orders", "marks"):
        ours, theirs = getattr(puts, name), getattr(again, name)
        assert all(np.array_equal(ours[part], theirs[part], equal_nan=True) for part in ours.dtype.names), name
    page = rebuild_report(published.folder, tmp_path / "again.html").page
    assert page.read_bytes() == published.report.read_bytes()
    assert "hedge (options on IWM)" in page.read_text(encoding="utf-8")


def test_report_and_terminal_say_that_prices_are_modelled(puts, written):
    analysis = analyse(puts)
    loud = [one.text for one in notices(puts, analysis) if one.level == "loud"]
    assert any("MODELLED, never quoted" in text and "IWM at rvx" in text for text in loud)
    assert "MODELLED, never quoted" in written(puts).report.read_text(encoding="utf-8")
    console = Console(file=io.StringIO(), width=200)
    show_summary(puts, analysis, console)
    assert "! Option prices are MODELLED" in console.file.getvalue()


def test_a_run_without_options_has_no_word_of_them(result, analysis):
    assert "options" not in tables(result, analysis)
    assert not any("MODELLED" in one.text for one in notices(result, analysis))


def test_signals_name_the_contracts_of_a_roll():
    decision = signals(CONFIG, dt.date(2010, 10, 19))
    closed, opened = decision.lone.contracts
    assert (closed.contract, closed.held, closed.target) == ("IWM 2010-10-29 P100", 10.0, 0.0)
    assert (opened.held, opened.target) == (0.0, 10.0)
    assert closed.price > 20
    assert math.isnan(opened.price)
    shown = json.loads(to_json(document(decision, 0)))
    jsonschema.validate(shown, json.loads(Path("docs/schemas/signals.json").read_text(encoding="utf-8")))
    assert [one["role"] for one in shown["positions"]] == ["small", "hedge", "hedge"]
    assert [order["symbol"] for order in shown["send"]] == [closed.contract, opened.contract]
    assert [order["prices"] for order in shown["send"]] == [{}, {}]
    assert any("MODELLED" in one["text"] and one["level"] == "loud" for one in shown["notices"])
    console = Console(file=io.StringIO(), width=120)
    show(decision, 0, console)
    assert f"sell 10 {closed.contract} option" in console.file.getvalue()


def test_the_second_engine_refuses_options():
    pytest.importorskip("backtrader")
    with pytest.raises(ConfigError, match="trades options, which backtrader does not have"):
        backtest({**CONFIG, "engine": "backtrader"})


def test_a_volatility_series_may_be_bound_though_the_strategy_reads_none():
    with pytest.raises(ConfigError, match="reads no such series"):
        loaded({**CONFIG, "series": {**CONFIG["series"], "short": "SHORT_INTEREST"}})
    bound = {**CONFIG, "series": {**CONFIG["series"], "mine": "VIX"}, "options": {"volatility": "mine"}}
    with pytest.raises(ConfigError, match=r"series.rvx"):  # a named series leaves the others idle
        loaded(bound)
    del bound["series"]["rvx"]
    assert loaded(bound).config.options.volatility == "mine"


def test_options_without_a_volatility_stop_before_anything_runs():
    with pytest.raises(ConfigError, match="nothing to take the implied volatility of options on small"):
        backtest({**CONFIG, "series": {"tbill": CONFIG["series"]["tbill"]}})
