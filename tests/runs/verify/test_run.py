# SPDX-License-Identifier: Apache-2.0
"""`tandem verify`: what holds, what does not, and what is said about it."""

import json
import os
import textwrap
from pathlib import Path

import jsonschema
import numpy as np
import pytest

pytest.importorskip("backtrader", reason="the extra `backtrader` is not installed")

from engine.config.loader import config_from_dict, load_config
from engine.engines.backtrader.engine import refuse_splits
from engine.engines.backtrader.splits import splits_of
from engine.engines.backtrader.subset import left_out, reduced, taken_out
from engine.errors import DataError
from engine.market.panel import Market
from engine.records import bar_dtype
from engine.runs.backtest import backtest, prepare
from engine.runs.verify.live_window import default_window
from engine.runs.verify.run import verify
from engine.strategy import Strategy, lookback
from tests import programs
from tests.strategies.shipped import load_shipped, shipped

ROOT = Path(__file__).resolve().parents[3]
SCHEMA = json.loads((ROOT / "docs" / "schemas" / "verify.json").read_text(encoding="utf-8"))

LEAN = """
import numpy as np

from engine.indicators import zscore
from engine.strategy import Strategy, lookback, param

LARGE, SMALL = 0, 1


class Lean(Strategy):
    roles = ("large", "small")

    class Params:
        window: int = lookback(60, low=10, doc="look-back")

    class State:
        on: bool = False

    def features(self, market, p):
        ratio = np.log(market.large.close / market.small.close)
        return {{"z": {z}}}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if not s.on and f.z > 1.0:
            orders.target(LARGE, 0.5)
            orders.target(SMALL, -0.5)
            s.on = True
        elif s.on and f.z < 0.0:
            orders.close(LARGE)
            orders.close(SMALL)
            s.on = False
"""
CLEAN = LEAN.format(z="zscore(ratio, p.window)")
LEAKING = LEAN.format(z="np.roll(zscore(ratio, p.window), -1)")
REMEMBERING = LEAN.format(z="5.0 * np.sin(np.cumsum(ratio))")

BRACKETS = """
        if account.large.qty == 0.0:
            orders.bracket_percent(0, 100.0, 0.005, 0.008)
"""

STOP_LIMITS = """
        price = bar.large.close
        if account.large.qty == 0.0 and bar.session % 5 == 0:
            orders.cancel_all(0)
            orders.stop_limit(0, 100.0, price * 1.002, price)
        elif account.large.qty != 0.0:
            orders.close(0)
"""


def tandem(*words, **environment):
    return programs.tandem(*words, cwd=ROOT, env={**os.environ, "COLUMNS": "100", **environment})


def judged(*given, **more):
    """The verdict on a single run."""
    return verify(*given, **more).lone


def test_a_clean_strategy_passes(written):
    verdict = judged(written(CLEAN))
    assert verdict.passed
    assert verdict.engines.fills > 20
    assert verdict.engines.equity[0] == pytest.approx(verdict.engines.equity[1], rel=1e-12)
    assert verdict.window.rows > 20
    jsonschema.validate(verdict.document(), SCHEMA)


def test_a_margin_that_never_binds_leaves_your_run(written, tmp_path):
    """Fees, interest and dividends are in both engines, so that the equity compared is the run's own, to the cent."""
    engines = judged(written(CLEAN)).engines
    assert engines.taken_out == ("Reg-T margin",)
    assert engines.your_run
    assert engines.equity == pytest.approx((engines.own_equity, engines.own_equity), rel=1e-12)
    said = " ".join(tandem("verify", tmp_path / "mine.yaml").stdout.split())
    assert (
        f"bars; your run: {engines.fills} fills compared; Reg-T margin, which backtrader does not have, changed" in said
    )
    assert "; your run 1" not in said


def test_a_margin_that_refuses_orders_is_not_your_run(written, tmp_path):
    ready = written(CLEAN.replace("0.5)", "1.5)"))
    engines = judged(ready).engines
    assert engines.difference is None
    assert not engines.your_run
    assert abs(engines.own_equity / engines.equity[0] - 1.0) > 1e-3
    assert engines.own_equity == pytest.approx(backtest(ready).points["equity"][-1])
    done = tandem("verify", tmp_path / "mine.yaml")
    assert f"not your run: {engines.fills} fills compared without Reg-T margin" in done.stdout.splitlines()[0]
    assert f"your run {engines.own_equity:,.2f}" in done.stdout
    document = judged(ready).document()
    jsonschema.validate(document, SCHEMA)
    assert document["engines"]["your_run"] is False


def test_without_margin_it_is_your_run(written):
    engines = judged(written(CLEAN, "mine.py", "account.margin.kind=none")).engines
    assert engines.taken_out == ()
    assert engines.your_run


def test_brackets_are_compared_to_their_end(written, tmp_path):
    """Their stops and limits fill on the entry bar in the run, and on the next in both engines that are compared."""
    code = CLEAN[: CLEAN.index("        if ")] + BRACKETS
    engines = judged(written(code, "mine.py", "account.margin.kind=none")).engines
    assert engines.difference is None
    assert engines.taken_out == ("the entry bar of brackets and attached orders",)
    assert not engines.your_run
    assert engines.fills > 200
    done = tandem("verify", tmp_path / "mine.yaml", "--set", "account.margin.kind=none")
    assert done.returncode == 0, done.stdout
    said = " ".join(done.stdout.split())
    assert f"not your run: {engines.fills} fills compared without the entry bar of brackets and attached orders" in said


def test_a_leak_is_caught(written):
    verdict = judged(written(LEAKING))
    assert verdict.engines.difference is None, "both engines are fooled alike"
    assert verdict.look_ahead.leak is not None
    assert not verdict.passed
    document = verdict.document()
    jsonschema.validate(document, SCHEMA)
    assert document["look_ahead"]["first_leak"]["feature"] == "z"


def test_a_long_memory_is_caught(written):
    verdict = judged(written(REMEMBERING), window=100)
    assert verdict.look_ahead.leak is None
    assert not verdict.window.passed
    assert verdict.window.with_all != verdict.window.with_window
    jsonschema.validate(verdict.document(), SCHEMA)


def test_older_bars_are_told_from_later_ones(written):
    """The sine of a sum since the first bar is honest, and nothing that a window can know."""
    window = judged(written(REMEMBERING), window=100).window
    assert window.cause == "older bars"
    assert set(window.changed) == {"z"}
    leaking = judged(written(LEAKING)).window
    assert leaking.cause == "later bars"


def test_all_bars_before_each_decision(written):
    """What learns from all of its past passes where a session loads all of it; what looks ahead does not."""
    verdict = judged(written(REMEMBERING), window="all")
    assert verdict.passed
    assert verdict.window.rows > 20
    assert verdict.document()["live_window"]["window"] == "all"
    jsonschema.validate(verdict.document(), SCHEMA)
    verdict = judged(written(LEAKING), window="all")
    assert (verdict.window.passed, verdict.window.cause) == (False, "later bars")
    jsonschema.validate(verdict.document(), SCHEMA)


def test_a_bar_that_sent_an_order_is_cut(written):
    """A leak on the bars of orders alone, which no change of a flag and no extreme would show."""
    code = CLEAN.replace(
        '{"z": zscore(ratio, p.window)}',
        '{"z": ahead(zscore(ratio, p.window))}',
    ) + textwrap.dedent(
        """
        def ahead(z):
            seen = z.copy()
            days = np.arange(len(z)) % 97 == 13
            after = np.append(z[1:], np.nan)
            seen[days & (np.abs(z) < 3.0) & (after > 1.0)] = 1.001
            return seen
        """
    )
    leak = judged(written(code)).look_ahead.leak
    assert leak.feature == "z"
    assert leak.revised == 1.001


def test_the_window_grows_with_the_longest_look_back(written):
    assert judged(written(CLEAN)).window.window == 750
    assert judged(written(CLEAN, "mine.py", "params.window=300")).window.window == 900


def test_a_window_that_the_bars_do_not_reach_is_shortened(written):
    """Three times 2,500 are more than the sample market has: two thirds of it leave decisions to try."""
    window = judged(written(CLEAN, "mine.py", "params.window=2500", period="{start: 2017-01-02}")).window
    assert window.wanted == 7500
    assert 2500 < window.window < 5000
    assert window.rows > 5
    assert window.passed


def test_a_look_back_of_more_than_two_thirds_of_the_bars():
    class Params:
        window: int = lookback(60, low=10, doc="look-back")

    strategy = type("Far", (Strategy,), {"Params": Params})
    assert default_window(strategy, {"window": 800}, 1000) == (801, 2400), "a shorter one would differ for no reason"
    assert default_window(strategy, {"window": 400}, 1000) == (666, 1200)
    assert default_window(strategy, {"window": 100}, 10_000) == (750, 750)


def test_a_run_without_a_bar_to_try(written):
    verdict = judged(written(CLEAN), window=10_000)
    assert verdict.window.rows == 0
    assert verdict.window.passed
    document = verdict.document()
    assert document["live_window"]["passed"] is None, "nothing was tried, so nothing held"
    jsonschema.validate(document, SCHEMA)


PUTS = {
    "name": "puts",
    "strategy": "tests.kernel.protective_put:ProtectivePut",
    "roles": {"small": "IWM"},
    "series": {"rvx": "RVX"},
    "period": {"start": "2010-06-01", "end": "2011-06-30"},
}


class TestOptionSlots:
    """backtrader has no options: what needs no second engine is tried all the same."""

    def test_the_other_two_checks_run(self):
        verdict = judged(config_from_dict(PUTS, ROOT), window=500)
        assert verdict.engines is None
        assert verdict.passed
        assert verdict.look_ahead.cuts > 5
        assert verdict.window.rows > 20
        document = verdict.document()
        jsonschema.validate(document, SCHEMA)
        assert document["engines"] is None

    def test_another_strike_is_another_decision(self, written):
        code = (ROOT / "tests" / "kernel" / "protective_put.py").read_text(encoding="utf-8")
        drifting = code.replace("round(bar.small.close * (1.0 - p.below))", "round(f.strike)").replace(
            "    @staticmethod",
            "    def features(self, market, p):\n"
            "        bars = len(market.small.close)\n"
            "        return {'strike': 0.9 * market.small.close - (bars < 700)}\n\n    @staticmethod",
        )
        ready = written(drifting, "mine.py", roles="{small: IWM}", series="{rvx: RVX}",
                        period="{start: 2010-06-01, end: 2011-06-30}")  # fmt: skip
        window = judged(ready, window=500).window
        assert not window.passed
        assert window.with_all != window.with_window
        assert " P" in " ".join(window.with_all)

    def test_in_words(self, written, tmp_path):
        code = (ROOT / "tests" / "kernel" / "protective_put.py").read_text(encoding="utf-8")
        written(code, "mine.py", roles="{small: IWM}", series="{rvx: RVX}",
                period="{start: 2010-06-01, end: 2011-06-30}")  # fmt: skip
        done = tandem("verify", tmp_path / "mine.yaml", COLUMNS="80")
        assert done.returncode == 0, done.stderr
        assert "Engines  not compared: backtrader has no options" in done.stdout
        assert "Left out" not in done.stdout
        assert max(map(len, done.stdout.splitlines())) <= 80


def test_what_both_leave_out_is_said(written):
    ready = written(CLEAN)
    words = " | ".join(left_out(ready.config))
    for said in ("Reg-T", "want of shares to borrow", "entry bar of brackets", "may only reduce"):
        assert said in words
    for said in ("interest", "dividend", "fee"):
        assert said not in words, "backtrader's adapter works these out"
    bare = written(
        CLEAN, "mine.py", "account.margin.kind=none", "fills.participation=null",
    )  # fmt: skip
    assert taken_out(bare.config) == {}
    assert len(left_out(bare.config)) == 2
    assert "cash account" in left_out(written(CLEAN, "mine.py", "account.margin.kind=cash").config)[0]
    through = left_out(written(CLEAN, "mine.py", "fills.limit=through").config)
    assert any("traded through" in said for said in through)
    late = left_out(written(CLEAN, "mine.py", "fills.at=this_close").config)
    assert any("last bar" in said for said in late)


def test_reducing_twice_changes_nothing_more(written):
    once = reduced(prepare(written(CLEAN)))
    assert reduced(once).config == once.config
    once = once.config
    assert once.account.margin.kind == "none"
    assert once.fills.participation == written(CLEAN).config.fills.participation


def test_splits_are_refused_to_a_strategy_written_for_backtrader():
    bars = np.zeros(3, bar_dtype(("large",)))
    bars["days"] = [0, 1, 1]
    bars["large"]["split"] = [2.0, 1.0, 1.0]
    market = Market(bars=bars, symbols={"large": "AAA"})
    assert not splits_of(market), "nothing is held on the first bar"
    bars["large"]["split"][2] = 0.5
    assert splits_of(market) == {2: [(0, 0.5)]}
    with pytest.raises(DataError, match="adjusted for splits"):
        refuse_splits(market)


class TestTheCommand:
    def test_in_words(self, tmp_path, written):
        written(CLEAN)
        done = tandem("verify", tmp_path / "mine.yaml")
        assert done.returncode == 0, done.stderr
        assert "fills agree one by one in time, symbol, quantity and price" in done.stdout
        assert "no feature changes when later bars become known" in done.stdout
        assert "watched: features open no file or connection" in done.stdout
        assert done.stderr == ""

    def test_which_bars_make_the_difference(self, tmp_path, written):
        written(REMEMBERING)
        done = tandem("verify", tmp_path / "mine.yaml", "--window", "100")
        assert done.returncode == 1, done.stderr
        words = " ".join(done.stdout.split())
        assert "Older bars change this decision, later ones do not" in words
        assert "`--window all` tests that" in words
        done = tandem("verify", tmp_path / "mine.yaml", "--window", "all")
        assert done.returncode == 0, done.stdout
        assert "the bars up to each decision decide as all bars do" in " ".join(done.stdout.split())

    @pytest.mark.parametrize("window", ["1", "-3", "none", "2.5"])
    def test_a_window_that_is_none(self, tmp_path, written, window):
        written(CLEAN)
        done = tandem("verify", tmp_path / "mine.yaml", f"--window={window}")
        assert done.returncode == 2
        assert "2 or more, or all" in done.stderr

    def test_as_json(self, tmp_path, written):
        written(LEAKING)
        done = tandem("verify", tmp_path / "mine.yaml", "--json")
        assert done.returncode == 1
        document = json.loads(done.stdout)
        jsonschema.validate(document, SCHEMA)
        assert document["look_ahead"]["passed"] is False

    def test_the_first_difference(self, tmp_path, written):
        """A stop-limit whose limit is better than its trigger: backtrader also wants the open on the other side."""
        written(CLEAN[: CLEAN.index("        if ")] + STOP_LIMITS)
        done = tandem("verify", tmp_path / "mine.yaml")
        assert done.returncode == 1
        assert "is the first that differs" in done.stdout
        assert "FAILS" in done.stdout

    def test_wrong_input(self, tmp_path, written):
        written(CLEAN)
        done = tandem("verify", tmp_path / "mine.yaml", "--set", "params.windw=3")
        assert done.returncode == 2
        assert "window" in done.stderr
        assert "Traceback" not in done.stderr


def test_the_sample_run_of_the_house():
    verdict = judged(load_config(ROOT / "configs" / "spread_sample.yaml"))
    assert verdict.passed
    assert verdict.engines.fills > 100


@pytest.mark.slow
@pytest.mark.parametrize("strategy", sorted(shipped("sample")))
def test_every_shipped_run_on_the_sample_market(strategy):
    holds(judged(load_shipped(strategy, "sample")))


@pytest.mark.slow
@pytest.mark.parametrize("strategy", sorted(shipped("real")))
def test_every_shipped_run_on_real_bars(real_data, strategy):
    holds(judged(load_shipped(strategy, "real", real_data)))


def holds(verdict):
    """And it is told of enough: the Double Agent on a fund has 41 fills and 19 days to compare, the fewest of all."""
    assert verdict.passed, verdict.document()
    assert verdict.window.rows > 15
    assert verdict.engines is None or verdict.engines.fills > 40
