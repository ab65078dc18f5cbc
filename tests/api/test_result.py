# SPDX-License-Identifier: Apache-2.0
"""A result in hand says what its run folder says, in pandas, and no more than that is ever imported."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import engine
from engine.analytics.metrics.of_run import definitions
from engine.config.canonical import config_hash, resolved_yaml
from engine.errors import InputError
from engine.kernel.codes import EntryKind
from engine.report.folder.run_folder import publish
from tests.api.conftest import CONFIG

ROOT = Path(__file__).resolve().parents[2]
FILES = {"account": "equity", "fills": "fills", "orders": "orders", "ledger": "ledger", "trades": "round_trips"}
FILES["features"] = "features"


@pytest.mark.parametrize("name", FILES)
def test_a_table_has_the_columns_of_the_run_folder_s_file(result, folder, name):
    table = pq.read_table(folder / f"{FILES[name]}.parquet")
    held = getattr(result, name)
    if name in {"account", "features"}:
        assert held.index.name == "session"
        held = held.reset_index()[table.column_names]
    assert list(held.columns) == table.column_names
    expected = table.to_pandas(date_as_object=False)
    for column in expected:
        pd.testing.assert_series_equal(held[column], expected[column], check_exact=True, check_dtype=False)


@pytest.mark.parametrize("name", [*FILES, "equity", "returns", "drawdown", "metrics"])
def test_a_run_read_back_is_equal_to_the_bit(result, again, name):
    one, two = getattr(result, name), getattr(again, name)
    check = pd.testing.assert_series_equal if isinstance(one, pd.Series) else pd.testing.assert_frame_equal
    check(one, two, check_exact=True)


def test_what_is_no_table_is_read_back_too(result, again, tmp_path):
    assert again.config == result.config
    assert again.notices == result.notices
    assert again.source_hash == result.source_hash != ""
    assert repr(again) == repr(result)
    assert again._repr_html_() == result._repr_html_()
    twice = again.save(tmp_path / "twice")
    assert (twice / "report.html").read_bytes() == result.report(tmp_path / "page.html").read_bytes()


def test_series_stand_on_session_dates_and_follow_from_one_another(result):
    equity, returns, drawdown = result.equity, result.returns, result.drawdown
    assert equity.index.equals(returns.index)
    assert equity.index.equals(drawdown.index)
    assert equity.index[0] == pd.Timestamp("2016-01-04")
    assert equity.index.tz is None
    assert [one.name for one in (equity, returns, drawdown)] == ["equity", "returns", "drawdown"]
    path = np.append(result.config.account.cash, equity.to_numpy())
    assert np.allclose(returns, path[1:] / path[:-1] - 1, rtol=0, atol=1e-15)
    assert np.allclose(drawdown, (1 - path / np.maximum.accumulate(path))[1:], rtol=0, atol=1e-15)
    assert drawdown.max() == result.metrics.max_drawdown > 0


def test_the_ledger_adds_up_to_equity(result):
    ledger, features = result.ledger, result.features
    worth = ledger.groupby("session")["amount"].sum().reindex(result.equity.index, fill_value=0.0).cumsum()
    for role in ("large", "small"):
        moved = ledger[ledger["role"] == role].groupby("session")["quantity"].sum()
        worth += moved.reindex(result.equity.index, fill_value=0.0).cumsum() * features[f"{role}.close"]
    assert np.allclose(worth, result.equity, rtol=1e-12)


def test_words_stand_in_the_place_of_codes(result):
    assert set(result.fills["symbol"]) == {"SPY", "IWM"}
    assert set(result.orders["status"]) <= {"filled", "cancelled", "expired", "rejected", "working"}
    assert set(result.ledger["kind"]) <= {kind.name.lower() for kind in EntryKind}
    assert "enter" in set(result.fills["reason"])


def test_intraday_bars_stand_on_their_closes_in_utc(result):
    market = replace(result.record.market, frequency="5min")
    equity = engine.Result(replace(result.record, market=market)).equity
    assert equity.index.name == "ts"
    assert str(equity.index.tz) == "UTC"
    assert (equity.index.asi8 == market.ts).all()


def test_every_metric_is_an_attribute(result):
    values = result.analysis.metrics.values  # noqa: PD011 - a dictionary
    assert list(result.metrics.index) == [entry.name for entry in definitions()]
    for name, value in values.items():
        held = getattr(result.metrics, name)
        assert held == value or (np.isnan(held) and np.isnan(value)), name
    assert result.metrics.attrs["undefined"] == result.analysis.metrics.undefined
    assert type(result.metrics[["skew", "sharpe"]]) is pd.Series


def test_the_repr_is_one_line_that_says_synthetic(result):
    assert "\n" not in repr(result)
    assert len(repr(result)) < 200
    assert repr(result).startswith("<Result spread: 2016-01-04 to 2019-12-31, ")
    assert "synthetic" in repr(result)


def test_the_card_warns_and_holds_no_script(result):
    card = result._repr_html_()
    assert "Synthetic prices, never traded" in card
    assert "<script" not in card
    assert "http" not in card
    assert len(card) < 40_000
    sharpe = f"{result.metrics.sharpe:.2f}".replace("-", "\N{MINUS SIGN}")
    assert f"<b>{sharpe}</b>" in card
    points = re.findall(r'<path d="M([^"]+)"', card)
    assert len(points) == 2
    assert all(len(path.split()) > 100 for path in points)


def test_what_a_person_wrote_is_no_markup_on_the_card():
    run = engine.backtest(CONFIG | {"name": "a-b", "period": {"start": "2019-01-02", "end": "2019-03-29"}})
    label = run.record.market.label
    market = replace(run.record.market, label=f"<b>{label}</b>")
    assert "<b>synthetic" not in engine.Result(replace(run.record, market=market))._repr_html_()


def test_the_figure_shows_equity_drawdown_and_every_fill(result):
    figure = result.plot()
    by_name = {}
    for trace in figure.data:
        by_name.setdefault(trace.name, []).append(trace)
    assert [len(by_name[name]) for name in ("equity", "drawdown", "SPY", "IWM", "buy", "sell")] == [1, 1, 1, 1, 2, 2]
    shown = sorted(float(price) for side in ("buy", "sell") for trace in by_name[side] for price in trace.y)
    assert shown == sorted(result.fills["price"])
    assert (np.asarray(by_name["equity"][0].y) == result.equity.to_numpy()).all()
    assert "synthetic" in figure.layout.title.text


def test_a_run_is_found_as_on_the_command_line(result, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    published = publish(
        result.record, config_text=resolved_yaml(result.config), config_hash=config_hash(result.config),
        root=tmp_path / "results", source_hash=result.source_hash,
    )  # fmt: skip
    for given in ("spread", "results/spread/latest", published.folder, tmp_path / "results" / "spread"):
        assert engine.read_run(given).equity.equals(result.equity)
    with pytest.raises(InputError, match="no such run") as caught:
        engine.read_run("spred")
    assert caught.value.problems[0].nearest == "spread"


def test_saving_spares_what_is_no_run(result, tmp_path):
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "mine.txt").write_text("mine")
    with pytest.raises(InputError, match="not written over"):
        result.save(tmp_path / "notes")
    assert (tmp_path / "notes" / "mine.txt").read_text() == "mine"
    saved = result.save(tmp_path / "run")
    assert result.save(tmp_path / "run") == saved


def test_a_table_that_the_run_has_not_is_refused(result):
    with pytest.raises(InputError, match="no such table") as caught:
        result.frame("fill")
    assert caught.value.problems[0].nearest == "fills"


def test_an_option_run_has_its_marks():
    run = engine.backtest(
        ROOT / "configs/vix_hedge_puts_sample.yaml", ["period.start=2019-06-03", "period.end=2020-06-30"]
    )
    options = run.frame("options")
    assert len(options)
    assert set(options["right"]) == {"put"}


def test_pandas_waits_until_it_is_asked_for(folder):
    """The sample's bars are in the cache by now: `folder` is a run of them."""
    program = f"""
import sys, engine
assert not any(name in sys.modules for name in ("pandas", "numpy", "plotly"))
run = engine.backtest({CONFIG!r})
again = engine.read_run({str(folder)!r})
print(repr(run), run._repr_html_()[:3], len(run.notices), run.config.name)
assert "pandas" not in sys.modules, "the run"
run.equity
assert "pandas" in sys.modules
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
