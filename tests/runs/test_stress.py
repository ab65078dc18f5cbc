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
import yaml
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
from engine.runs.stress import stress, under
from engine.runs.stress.asked import Asked
from engine.runs.stress.shocks import GRID, Shock
from engine.runs.stress.survival import MOST_LEVERAGE
from engine.runs.stress.through import through
from engine.runs.stress.under import REFERENCE
from engine.runs.stress.windows import scan_rates, shipped_windows, windows_of

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "configs" / "spread_sample.yaml"
NO_WINDOWS = ["stress.history=none"]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "stress.json").read_text())


SHORT = [one for one in EPISODES if one.last - one.first < dt.timedelta(days=365)]
"""Without the episode of four years: a frozen book is walked through a window at a hundred leverages."""


def own_windows():
    """Overrides under which the windows are those of SHORT."""
    rows = [f"{{name: {one.name}, title: {one.name}, first: {one.first}, last: {one.last}}}" for one in SHORT]
    return [*NO_WINDOWS, f"stress.windows=[{', '.join(rows)}]"]


@pytest.fixture(scope="module")
def found():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(under, "GRID", tuple(one for one in GRID if one.sessions in (1, 15)))
        return stress(loaded(SAMPLE, own_windows()))


@pytest.fixture
def few_shocks(monkeypatch):
    """Two shocks in place of the grid's, for what is no question of shocks."""
    monkeypatch.setattr(under, "GRID", (REFERENCE, Shock(0.30, 0.0, 15)))


def test_windows_of_the_sample_are_its_episodes_and_of_real_bars_the_list(tmp_path):
    shown = windows_of(loaded(SAMPLE))
    assert [(one.first, one.last) for one in shown] == [(one.first, one.last) for one in EPISODES]
    assert len({one.title for one in shown}) == len(shown)
    listed = shipped_windows()
    assert len({one.title for one in listed}) == len({one.name for one in listed}) == len(listed) == 14
    assert [one.first for one in listed] == sorted(one.first for one in listed)
    assert all(one.words.endswith(".") for one in listed)
    csv = [f"data={{source: csv, path: '{tmp_path}'}}", "series={}", "costs.benchmark=0.02"]
    assert windows_of(loaded(SAMPLE, csv)) == listed


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
        assert seen.gross == pytest.approx(result.gross[first - 1] / inside[0])
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
    assert found.leverages == (1.0, 1.6, 2.0, 3.0, 4.0, 6.0, 8.0)
    assert (found.own, found.own_words) == (1.6, "params.gross_cap")
    for one in found.shocks:
        assert tuple(held.leverage for held in one.ladder.held) == found.leverages
        losses = [held.loss for held in one.ladder.held]
        assert losses == sorted(losses)
        held = dict(zip(found.leverages, one.ladder.held, strict=True))
        assert all((held[leverage].worst >= 1) <= (leverage >= one.path_dies_at) for leverage in found.leverages)
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
    assert len(plain["windows"]) == len(SHORT)
    paths = plain["windows"][0]["strategy"]["path"]
    assert len(paths["session"]) == len(paths["equity"])
    assert paths["equity"][0] == 1.0


def test_the_page_asks_nothing_of_the_network_and_shows_every_part(found):
    page = stress_page.render(found)
    head = page.partition("<script>")[0]
    assert "http" not in head
    for anchor in (
        "figures",
        "windows",
        "trading",
        "books",
        "frozen",
        "deaths",
        "shocks",
        "spiral",
        "spirals",
        "survival",
        "method",
    ):
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


@pytest.mark.usefixtures("few_shocks")
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


@pytest.mark.usefixtures("few_shocks")
def test_without_margin_rules_nobody_is_called():
    free = stress(loaded(SAMPLE, ["account.margin.kind=none", *NO_WINDOWS]), leverages=[4.0])
    assert any("no margin calls" in notice.text for notice in free.notices)
    for one in free.shocks:
        assert [held.fate for held in one.ladder.held] == ["alive", "alive"]
        if one.spiral is not None:
            assert one.spiral.dies_at == one.spiral.dies_alone_at


@pytest.mark.usefixtures("few_shocks")
def test_bars_without_volume_have_no_law_of_impact(tmp_path):
    """Random walks of two symbols in a csv folder; nothing else is left out."""
    rng = np.random.default_rng(3)
    sessions = exchange("XNYS").between(day_of(dt.date(2020, 1, 6)), day_of(dt.date(2022, 4, 29)))
    days = sessions.astype("M8[D]")
    for symbol in ("SPY", "IWM"):
        close = 100 * np.exp(np.cumsum(rng.normal(0, 0.01, len(days))))
        rows = [f"{day},{one:.4f},{one:.4f},{one:.4f},{one:.4f}" for day, one in zip(days, close, strict=True)]
        (tmp_path / f"{symbol}.csv").write_text("date,open,high,low,close\n" + "\n".join(rows) + "\n")
    settings = [
        f"data={{source: csv, path: '{tmp_path}'}}",
        "costs.benchmark=0.02",
        "params.enter=-5",
        "params.exit=-5",
    ]
    found = stress(loaded(SAMPLE, [*settings, *NO_WINDOWS, "series={}"]), leverages=[2.0])
    assert any(notice.text.startswith("no volume for SPY, IWM") for notice in found.notices)
    assert found.sensitivity is None
    assert found.shocks
    assert all(one.spiral is None for one in found.shocks)
    assert '<section id="spiral">' not in stress_page.render(found)
    stress_terminal.show(found, Console(file=io.StringIO()))
    jsonschema.validate(json.loads(to_json(document(found))), SCHEMA)


@pytest.mark.usefixtures("few_shocks")
def test_asof_takes_the_book_of_that_day(found):
    day = dt.date(2015, 6, 30)
    then = stress(loaded(SAMPLE, NO_WINDOWS), asof=day, leverages=[2.0])
    assert then.asof == then.book.asked == day
    assert then.liquidity.sigma.tolist() != found.liquidity.sigma.tolist()


def test_numbers_out_of_range_are_told_together():
    with pytest.raises(InputError) as error:
        stress(SAMPLE, leverages=[0.0, 200.0], crowd=-1.0, coefficient=float("nan"))
    assert [problem.path for problem in error.value.problems] == ["--leverage", "--leverage", "--crowd", "--impact"]


def test_the_command_gives_the_same_to_the_byte(found, tmp_path):
    """Another process, another way in: one document on stdout, the page and the document in the folder."""
    code = (
        "import sys; from engine.cli import main; from engine.runs.stress import under; sys.argv[0] = 'tandem'; "
        "under.GRID = tuple(one for one in under.GRID if one.sessions in (1, 15)); main()"
    )
    command = [sys.executable, "-c", code, "stress", str(SAMPLE), "--json", "--out", str(tmp_path)]
    command += [word for one in own_windows() for word in ("--set", one)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    shown = json.loads(done.stdout)
    jsonschema.validate(shown, SCHEMA)
    page = Path(shown.pop("page"))
    assert shown == json.loads(to_json(document(found)))
    assert page.read_text() == stress_page.render(found)
    assert (page.parent / "stress.json").read_text() == to_json(document(found)) + "\n"
    assert sorted(path.name for path in page.parent.iterdir()) == ["config.yaml", "stress.html", "stress.json"]


def test_a_fall_within_a_window_is_that_of_the_path_and_no_smaller_than_the_loss(found):
    for one in found.windows:
        met = one.frozen
        for fallen, held in zip(met.uncalled.falls, met.ladder.held, strict=True):
            if held.fate == "alive":  # nobody called, so that the two accounts are one
                path = np.append(held.equity, 1.0)[:-1]
                assert fallen.size == pytest.approx(max(1 - path / np.maximum.accumulate(path)))
                assert fallen.size >= held.worst - 1e-12
            assert one.first - dt.timedelta(days=5) <= fallen.start <= fallen.end <= one.last


def test_the_leverage_that_a_path_kills_kills_it_and_a_little_less_does_not(found):
    crash = next(one for one in found.windows if one.window.name == "small_cap_squeeze")
    dies_at = crash.frozen.uncalled.dies_at
    asked = Asked(loaded(SAMPLE), found.result, (0.98 * dies_at, 1.02 * dies_at), 1.0, None)
    below, above = through(asked, crash.window, found.own).frozen.uncalled.falls
    assert below.size < 1.0 <= above.size


def test_the_strategy_trading_is_its_daily_returns_times_as_large(found):
    """By hand from the equity of the run, and at its own leverage the run itself."""
    own = found.leverages.index(found.own)
    at = found.leverages.index(4.0)
    for one in found.windows:
        equity = one.passage.path
        returns = np.diff(equity) / equity[:-1]
        path = np.cumprod(np.append(1.0, 1.0 + 4.0 / found.own * returns))
        assert one.trading.falls[own].size == pytest.approx(one.passage.drawdown)
        assert one.trading.falls[at].size == pytest.approx(max(1 - path / np.maximum.accumulate(path)))
        if returns.min() < 0:
            kills = found.own / -returns.min()
            assert one.trading.day.lost == pytest.approx(1 / kills)
            assert one.trading.day.dies_at == (pytest.approx(kills) if kills <= MOST_LEVERAGE else None)


def test_the_first_call_of_the_strategy_trading(found):
    """The bar at which maintenance is most of equity, times as large; found again by trying."""
    one = next(each for each in found.windows if each.trading.called_at)
    rows = slice(one.passage.first, one.passage.last + 1)
    points = found.result.points
    equity = points["equity"][one.passage.before : one.passage.last + 1]
    returns, asked = np.diff(equity) / equity[:-1], points["maintenance"][rows] / equity[:-1]

    def called(leverage):
        times = leverage / found.own
        return ((times * asked > 1.0 + times * returns) & (asked > 0)).any()

    assert called(one.trading.called_at * 1.0001)
    assert not called(one.trading.called_at * 0.9999)


def test_which_book_went_in_since_when_and_until_when(found):
    positions = analyse(found.result).paths.positions
    sessions = found.result.market.sessions
    for one in found.windows:
        held = int(np.searchsorted(sessions, np.datetime64(one.book.session)))
        since = int(np.searchsorted(sessions, np.datetime64(one.standing.since)))
        sides = np.sign(positions[held])
        assert (np.sign(positions[since : held + 1]) == sides).all()
        assert since == 0 or (np.sign(positions[since - 1]) != sides).any()
        if one.standing.left:
            left = int(np.searchsorted(sessions, np.datetime64(one.standing.left)))
            assert (np.sign(positions[left]) != sides).any()
            assert (np.sign(positions[held:left]) == sides).all()
        else:
            assert not one.book.was_flat


def test_portfolio_margin_calls_later_and_the_turned_book_loses_what_the_book_wins(found):
    for one in found.windows:
        met = one.frozen
        assert met.portfolio.called_at > met.ladder.called_at
        own, turned = met.uncalled, met.reverse
        lost = [day for day in (own.day, turned.day) if day]
        assert len({day.session for day in lost}) == len(lost) > 0


@pytest.mark.usefixtures("few_shocks")
def test_windows_and_shocks_of_ones_own(tmp_path):
    """A day, a leftover's window and two shocks in the YAML; a list beside it by its name."""
    (tmp_path / "mine.yaml").write_text("- {name: spring, first: 2008-03-03, last: 2008-03-31}\n")
    asked = {
        "history": "mine",
        "windows": [{"name": "a_day", "title": "A day", "first": "2008-10-10", "last": "2008-10-10"}],
        "shocks": [{"moves": {"IWM": 0.1, "SPY": -0.02}, "sessions": 2}, {"moves": {"IWM": -0.3}}],
    }
    (tmp_path / "own.yaml").write_text(yaml.safe_dump({**yaml.safe_load(SAMPLE.read_text()), "stress": asked}))
    own = stress(tmp_path / "own.yaml", leverages=[2.0])
    assert [(one.window.title, one.first) for one in own.windows] == [
        ("spring", dt.date(2008, 3, 3)), ("A day", dt.date(2008, 10, 10)),
    ]  # fmt: skip
    large, small = own.book.weights.tolist()
    assert [one.moves for one in own.own_shocks] == [(-0.02, 0.1), (0.0, -0.3)]
    against, gain = own.own_shocks
    at = own.leverages.index(2.0)
    lost = -2.0 * (large * -0.02 + small * 0.1)
    assert against.ladder.held[at].worst == pytest.approx(lost, abs=2e-3)
    assert against.path_dies_at == pytest.approx(2.0 / lost, rel=0.01)
    assert (gain.path_dies_at, gain.ladder.dies_at) == (None, None)
    told = json.loads(to_json(document(own)))
    jsonschema.validate(told, SCHEMA)
    assert [one["words"] for one in told["own_shocks"]] == [
        "IWM +10 %, SPY \N{MINUS SIGN}2 % in 2 days", "IWM \N{MINUS SIGN}30 % in 1 day",
    ]  # fmt: skip
    assert "Of the configuration" in stress_page.render(own)
    console = Console(width=80, highlight=False, file=io.StringIO())
    stress_terminal.show(own, console)
    assert "IWM +10 %, SPY \N{MINUS SIGN}2 % in 2 days" in console.file.getvalue()


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("stress.windows=[{name: a, first: 2009-02-02, last: 2009-01-05}]", "ends before it starts: 2009-02-02 to"),
        ("stress.windows=[{name: a, first: 1999-02-02, last: 1999-03-01}]", "the run has no bar of the window a"),
        ("stress.windows=[{name: a, first: 2009-01-03, last: 2009-01-04}]", "the run has no bar of the window a"),
        ("stress.windows=[{name: crash, first: 2009-01-05, last: 2009-02-02}]", "two windows of one name"),
        ("stress.windows=[{nam: a, first: 2009-01-05, last: 2009-02-02}]", "stress.windows[0].nam"),
        ("stress.shocks=[{moves: {IWN: 0.1}}]", "a shock of a symbol that is not in the book"),
        ("stress.shocks=[{moves: {}}]", "stress.shocks[0].moves"),
        ("stress.shocks=[{moves: {IWM: -1}}]", "stress.shocks[0].moves.IWM"),
        ("stress.shocks=[{moves: {IWM: 0.1}, sessions: 0}]", "stress.shocks[0].sessions"),
        ("stress.history=histery", "no list of windows of this name"),
        ("stress.history=portfolio_margin", "configs/stress/portfolio_margin.yaml"),
        ("stress.portfolio_margin={IWM: {long: 0, short: 0.1}}", "stress.portfolio_margin.IWM.long"),
    ],
)
def test_what_cannot_be_asked_is_refused_in_words(setting, words):
    with pytest.raises(InputError) as error:
        stress(loaded(SAMPLE, ["period.start=2006-02-10", "period.end=2010-09-20", setting]))
    assert words in str(error.value)


def test_a_shock_of_what_the_book_does_not_hold_is_refused():
    """The Double Agent's book is of IWM alone; the hedge holds no large caps on that day."""
    hedge = loaded(ROOT / "configs" / "vix_hedge_sample.yaml", ["stress.shocks=[{moves: {SPY: 0.1}}]", *NO_WINDOWS])
    with pytest.raises(InputError, match="holds nothing that this shock moves") as error:
        stress(hedge)
    assert error.value.problems[0].path == "stress.shocks[0]"


def test_rates_of_portfolio_margin_are_the_shipped_ones_the_users_and_times_a_funds_multiple():
    given = ["roles.small=TNA", "stress.portfolio_margin={SPY: {long: 0.2, short: 0.1}}", "data.seed=7"]
    rates = scan_rates(loaded(SAMPLE, given))
    assert (rates["SPY"].long, rates["SPY"].short) == (0.2, 0.1)
    assert (rates["TNA"].long, rates["TNA"].short) == (pytest.approx(0.45), pytest.approx(0.45))
    assert scan_rates(loaded(SAMPLE))["IWM"].long == 0.10


@pytest.mark.usefixtures("few_shocks")
def test_a_portfolio_is_one_book_netted_by_symbol():
    """Three sleeves trade IWM; what they hold of it stands at its first role, and gross is that of the account."""
    crash = ["stress.windows=[{name: here, first: 2008-09-15, last: 2008-11-20}]", *NO_WINDOWS]
    found = stress(loaded(ROOT / "configs" / "portfolio_sample.yaml", crash), leverages=[1.0, 3.0])
    symbols = list(found.result.market.symbols.values())
    row = found.windows[0].passage.before
    book = found.windows[0].book
    positions = analyse(found.result).paths.positions[row]
    value = {}
    for symbol, role, shares in zip(symbols, found.result.market.roles, positions.tolist(), strict=True):
        value[symbol] = value.get(symbol, 0.0) + shares * found.result.market.bars[role]["close"][row]
    gross = sum(map(abs, value.values()))
    assert gross == pytest.approx(found.result.gross[row])
    assert book.leverage == pytest.approx(gross / found.result.points["equity"][row])
    for number, symbol in enumerate(symbols):
        first = symbols.index(symbol) == number
        assert book.weights[number] == pytest.approx(value[symbol] / gross if first else 0.0)
    jsonschema.validate(json.loads(to_json(document(found))), SCHEMA)
    assert "portfolio of spread, hedge, agents" in stress_page.render(found)
