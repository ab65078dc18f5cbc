# SPDX-License-Identifier: Apache-2.0
"""`tandem stress` as a whole: windows read off the backtest, the page, the document, what is refused."""

import datetime as dt
import io
import itertools
import json
import subprocess
import sys
from pathlib import Path

import jsonschema
import numpy as np
import pytest
from rich.console import Console

from engine.analytics.analysis import analyse
from engine.analytics.events import unwind_events
from engine.errors import InputError
from engine.market.calendar import day_of, exchange
from engine.market.sample.episodes import EPISODES
from engine.report.kit.encoding import to_json
from engine.report.stress import page as stress_page
from engine.report.stress import terminal as stress_terminal
from engine.report.stress.document import document
from engine.runs.backtest import backtest, loaded
from engine.runs.stress import stress
from engine.runs.stress.run import REFERENCE
from engine.runs.stress.windows import WINDOWS, windows_of

ROOT = Path(__file__).resolve().parents[2]
SAMPLE, REAL = ROOT / "configs" / "spread_sample.yaml", ROOT / "configs" / "spread_real.yaml"
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "stress.json").read_text())


@pytest.fixture(scope="module")
def found():
    return stress(SAMPLE)


@pytest.fixture(scope="module")
def real(real_data):
    return stress(loaded(REAL, [f"data.path={real_data}"]))


def test_windows_of_the_sample_are_its_episodes_and_of_real_bars_history(real_data):
    assert [(one.first, one.last) for one in windows_of(loaded(SAMPLE).config)] == [
        (one.first, one.last) for one in EPISODES
    ]
    shown = [one.title for one in windows_of(loaded(SAMPLE).config)]
    assert len(set(shown)) == len(shown)
    names = [one.title for one in WINDOWS]
    assert len(set(names)) == len(names)
    assert all(one.first <= one.last and one.words.endswith(".") for one in WINDOWS)
    assert windows_of(loaded(REAL, [f"data.path={real_data}"]).config) is WINDOWS


def test_the_strategy_in_a_window_is_the_backtest(found):
    result = backtest(SAMPLE)
    analysis = analyse(result)
    equity, sessions = result.points["equity"], result.market.sessions
    for one in found.windows:
        first = int(np.searchsorted(sessions, np.datetime64(one.window.first)))
        last = int(np.searchsorted(sessions, np.datetime64(one.window.last)))
        inside = equity[first - 1 : last + 1]
        seen = one.passage
        assert (seen.first, seen.last, one.whole) == (first, last, True)
        assert seen.total == pytest.approx(inside[-1] / inside[0] - 1)
        assert seen.worst_day == pytest.approx(min(np.diff(inside) / inside[:-1]))
        assert seen.drawdown == pytest.approx(max(1 - inside / np.maximum.accumulate(inside)))
        if len(inside) > 15:
            assert seen.worst_15 == pytest.approx(min(inside[15:] / inside[:-15]) - 1)
        else:
            assert np.isnan(seen.worst_15)
        assert seen.gross == pytest.approx(result.points["gross"][first - 1] / inside[0])
        paths = analysis.paths
        gained = (paths["price"].sum(axis=1)[last] - paths["price"].sum(axis=1)[first - 1]) / inside[0]
        assert gained - seen.trading_costs - seen.borrow + seen.carry == pytest.approx(seen.total, abs=1e-12)


def test_cuts_in_windows_are_the_strategys_own_reasons(found):
    result = backtest(SAMPLE)
    rows = {
        (event.row, event.stage)
        for event in unwind_events(result, analyse(result).sessions)
        if event.filled_row >= 0 and event.stage != "margin_call"
    }
    sessions = result.market.sessions
    for one in found.windows:
        within = [
            stage
            for row, stage in rows
            if np.datetime64(one.window.first) <= sessions[row] <= np.datetime64(one.window.last)
        ]
        guards = {name: count for name, count in one.passage.cuts if name.startswith("unwind")}
        assert guards == {stage: within.count(stage) for stage in sorted(set(within))}


def test_ladders_run_from_the_lowest_leverage_up_and_hold_the_configs_own(found):
    assert found.leverages == (1.0, 1.6, 2.0, 3.0, 4.0, 5.0, 6.0)
    assert (found.own, found.own_words) == (1.6, "params.gross_cap")
    for one in found.shocks:
        assert tuple(held.leverage for held in one.ladder.held) == found.leverages
        losses = [held.loss for held in one.ladder.held]
        assert losses == sorted(losses)
        for held in one.ladder.held:
            assert (held.fate != "alive") == (held.leverage >= one.ladder.called_at)


def test_a_larger_shock_of_the_same_length_costs_more(found):
    by_size = {}
    for one in found.shocks:
        by_size.setdefault((one.shock.large, one.shock.sessions), []).append(one)
    for shocks in by_size.values():
        for smaller, larger in itertools.pairwise(shocks):
            assert all(
                small.loss < large.loss for small, large in zip(smaller.ladder.held, larger.ladder.held, strict=True)
            )
            assert larger.ladder.called_at <= smaller.ladder.called_at


def test_the_spiral_kills_earlier_than_the_move_and_no_call_comes_earlier_than_in_the_account(found):
    sudden = [one for one in found.shocks if one.spiral is not None]
    assert sudden
    for one in sudden:
        assert one.spiral.dies_at < one.spiral.dies_alone_at
        assert one.spiral.called_at == pytest.approx(one.ladder.called_at, abs=0.03)  # the account pays its nights too
        for held, loss in zip(one.ladder.held, one.spiral.losses, strict=True):
            if held.fate == "alive":
                assert loss == pytest.approx(held.loss, abs=2e-3)
    table = np.array(found.sensitivity.dies_at)
    assert (np.diff(table, axis=0) <= 0.01).all()
    assert (np.diff(table, axis=1) <= 0.01).all()
    reference = next(one for one in sudden if one.shock == REFERENCE)
    assert found.sensitivity.dies_at[2][2] == reference.spiral.dies_at


def test_the_document_follows_its_schema(found):
    plain = json.loads(to_json(document(found)))
    jsonschema.validate(plain, SCHEMA)
    assert len(plain["windows"]) == len(EPISODES)
    paths = plain["windows"][0]["strategy"]["path"]
    assert len(paths["session"]) == len(paths["equity"])
    assert paths["equity"][0] == 1.0


def test_the_page_asks_nothing_of_the_network_and_shows_every_part(found):
    page = stress_page.render(found)
    head = page.partition("<script>")[0]
    assert "http" not in head
    for anchor in ("figures", "windows", "frozen", "shocks", "spiral", "spirals", "survival", "method"):
        assert f'<section id="{anchor}">' in head
    for name in ("windows", "spiral", "survival"):
        assert f'id="chart-{name}"' in head
    assert "Synthetic prices" in head


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_terminal_cuts_no_figure_and_keeps_to_80_columns(found, width):
    console = Console(width=width, highlight=False, file=io.StringIO())
    stress_terminal.show(found, console)
    text = console.file.getvalue()
    assert "…" not in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80


def test_a_period_says_which_windows_it_has():
    config = loaded(SAMPLE, ["period.start=2006-02-10", "period.end=2010-09-20"])
    cut = stress(config, crowd=0.0)
    data = {one["name"]: one["data"] for one in document(cut)["windows"]}
    assert data == {
        "vix_decoupling": "none",
        "quant_deleveraging": "part",
        "quant_rebound": "whole",
        "crash": "part",
        "crash_rebound": "none",
        "support_line": "none",
        "support_break": "none",
        "small_cap_squeeze": "none",
    }
    assert "no data" in stress_page.render(cut)
    jsonschema.validate(json.loads(to_json(document(cut))), SCHEMA)


def test_a_strategy_that_never_held_anything_has_no_book():
    never = stress(loaded(SAMPLE, ["period.start=2024-01-02", "params.enter=5"]), asof=dt.date(2024, 7, 10))
    assert (never.book, never.shocks, never.sensitivity) == (None, (), None)
    assert "nothing was held by 2024-07-10" in stress_page.render(never)
    jsonschema.validate(json.loads(to_json(document(never))), SCHEMA)


def test_without_margin_rules_nobody_is_called():
    free = stress(loaded(SAMPLE, ["account.margin.kind=none"]), leverages=[4.0])
    assert any("no margin calls" in notice.text for notice in free.notices)
    for one in free.shocks:
        assert [held.fate for held in one.ladder.held] == ["alive", "alive"]
        if one.spiral is not None:
            assert one.spiral.dies_at == one.spiral.dies_alone_at


def test_bars_without_volume_have_no_law_of_impact(tmp_path):
    """Random walks of two symbols in a csv folder; nothing else is left out."""
    rng = np.random.default_rng(3)
    sessions = exchange("XNYS").between(day_of(dt.date(2020, 1, 6)), day_of(dt.date(2022, 4, 29)))
    days = sessions.astype("M8[D]")
    for symbol in ("SPY", "IWM"):
        close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, len(days))))
        rows = [f"{day},{one:.4f},{one:.4f},{one:.4f},{one:.4f}" for day, one in zip(days, close, strict=True)]
        (tmp_path / f"{symbol}.csv").write_text("date,open,high,low,close\n" + "\n".join(rows) + "\n")
    settings = ["data={source: csv, path: " + str(tmp_path) + "}", "costs.benchmark=0.02", "params.enter=-5"]
    found = stress(loaded(SAMPLE, [*settings, "series={}"]), leverages=[2.0])
    assert any(notice.text.startswith("no volume for SPY, IWM") for notice in found.notices)
    assert found.sensitivity is None
    assert found.shocks
    assert all(one.spiral is None for one in found.shocks)
    assert '<section id="spiral">' not in stress_page.render(found)
    stress_terminal.show(found, Console(file=io.StringIO()))
    jsonschema.validate(json.loads(to_json(document(found))), SCHEMA)


def test_asof_takes_the_book_of_that_day(found):
    day = dt.date(2015, 6, 30)
    then = stress(SAMPLE, asof=day, leverages=[2.0])
    assert then.asof == then.book.asked == day
    assert then.liquidity.sigma.tolist() != found.liquidity.sigma.tolist()


def test_numbers_out_of_range_are_told_together():
    with pytest.raises(InputError) as error:
        stress(SAMPLE, leverages=[0.0, 200.0], crowd=-1.0, coefficient=float("nan"))
    assert [problem.path for problem in error.value.problems] == ["--leverage", "--leverage", "--crowd", "--impact"]


def test_the_command_gives_the_same_to_the_byte(found, tmp_path):
    """Another process, another way in: one document on stdout, the page and the document in the folder."""
    code = "import sys; from engine.cli import main; sys.argv[0] = 'tandem'; main()"
    command = [sys.executable, "-c", code, "stress", str(SAMPLE), "--json", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    shown = json.loads(done.stdout)
    jsonschema.validate(shown, SCHEMA)
    page = Path(shown.pop("page"))
    assert shown == json.loads(to_json(document(found)))
    assert page.read_text() == stress_page.render(found)
    assert (page.parent / "stress.json").read_text() == to_json(document(found)) + "\n"
    assert sorted(path.name for path in page.parent.iterdir()) == ["config.yaml", "stress.html", "stress.json"]


def test_july_2024_on_real_bars(real):
    """The guard cut twice; the frozen book is called from three times equity on; docs/stress.md has the figures."""
    july = next(one for one in real.windows if one.window.name == "july_2024")
    assert dict(july.passage.cuts) == {"unwind_half": 1, "unwind_flat": 1}
    assert (july.whole, july.passage.calls) == (True, 0)
    assert july.passage.total == pytest.approx(-0.064, abs=0.002)
    assert july.ladder.called_at == pytest.approx(2.99, abs=0.05)
    assert july.spiral.dies_at == pytest.approx(16.0, abs=0.5)
