# SPDX-License-Identifier: Apache-2.0
"""The spread trade in whole runs: what it promises of its hedges, and what it did in episodes one can look up."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.inputs.prepared import prepare
from engine.kernel.codes import EntryKind
from engine.market.sample.episodes import QUANT_DELEVERAGING, SMALL_CAP_SQUEEZE
from engine.runs.backtest import backtest
from strategies.spread_trade import LARGE, SMALL, Reason
from tests.strategies.shipped import bars_of, load_shipped


def sample_run(*overrides: str) -> RunRecord:
    return backtest(load_shipped("spread_trade", "sample", None, overrides))


def decisions(result: RunRecord, first: str, last: str) -> list[tuple[str, Reason]]:
    """(date of the decision, reason) of what was ordered for the large leg, but for rebalancing."""
    sessions = result.market.sessions
    told = []
    for order in result.orders[result.orders["role"] == LARGE]:
        day = sessions[order["born"]]
        if np.datetime64(first) <= day <= np.datetime64(last) and order["reason"] != Reason.REBALANCE:
            told.append((str(day), Reason(int(order["reason"]))))
    return told


def entries(result: RunRecord) -> list[tuple[int, float, float]]:
    """(row of the decision, dollars of the large leg, of the small leg) of every entry, at the deciding close."""
    found = []
    orders = result.orders[result.orders["reason"] == Reason.ENTER]
    for row in sorted(set(orders["born"].tolist())):
        legs = {int(order["role"]): order["asked"] for order in orders[orders["born"] == row]}
        bar = result.market.bars[row]
        found.append((row, legs[LARGE] * bar["large"]["close"], legs[SMALL] * bar["small"]["close"]))
    return found


def returns_before(result: RunRecord, row: int, window: int) -> tuple[np.ndarray, np.ndarray]:
    """The last `window` log returns of both legs, as of the close of `row`, from prices without splits' jumps."""
    market = result.market
    close = [getattr(market, name).close[row - window : row + 1] for name in ("large", "small")]
    large, small = (np.diff(np.log(leg)) for leg in close)
    return large, small


@pytest.fixture(scope="module", params=["dollar", "beta", "volatility"])
def hedged(request) -> tuple[str, RunRecord]:
    return request.param, sample_run(f"params.hedge={request.param}")


def test_every_entry_is_neutral_in_the_way_its_hedge_promises(hedged):
    """Dollars, beta or volatility of both legs cancel to within a share; measured again here from the bars."""
    hedge, result = hedged
    tried = 0
    for row, large, small in entries(result):
        if row < 130:
            continue  # the run's own bars do not reach far enough back to measure it again
        one, two = returns_before(result, row, 120)
        weight = {
            "dollar": 1.0,
            "beta": np.cov(two, one)[0, 1] / np.var(one, ddof=1),
            "volatility": np.std(two, ddof=1) / np.std(one, ddof=1),
        }[hedge]
        bar = result.market.bars[row]
        share = bar["large"]["close"] + weight * bar["small"]["close"]
        assert large > 0.0 > small
        assert abs(large + weight * small) <= share
        tried += 1
    assert tried >= 10


def test_the_reverse_is_short_large_and_long_small():
    result = sample_run("params.direction=short_large_long_small")
    found = entries(result)
    assert len(found) >= 10
    assert all(large < 0.0 < small for _, large, small in found)
    assert all(result.features["z"][row] <= -0.5 for row, _, _ in found)


def test_entries_stand_beyond_their_band_with_the_trend_and_without_a_shock():
    result = sample_run("params.trend_window=100")
    rows = [row for row, _, _ in entries(result)]
    assert len(rows) >= 5
    f = result.features[rows]
    assert np.all(f["z"] >= 0.5)
    assert np.all(f["momentum"] > 0.0)
    assert np.all(f["trend"] >= 0.0)
    assert np.all(f["shock"] > -1.0)


def test_gross_exposure_at_entry_keeps_to_its_cap():
    for cap in (0.8, 1.6):
        result = sample_run(f"params.gross_cap={cap}", "params.target_volatility=1.0")
        for row, large, small in entries(result):
            assert (abs(large) + abs(small)) / result.points["equity"][row] == pytest.approx(cap, abs=0.001)


def test_a_band_of_everything_never_rebalances_and_a_narrow_one_does_more_often():
    counts = []
    for band in (1.0, 0.2, 0.05):
        result = sample_run(f"params.rebalance_band={band}")
        counts.append(np.count_nonzero(result.orders["reason"] == Reason.REBALANCE))
    assert counts[0] == 0
    assert 0 < counts[1] < counts[2]


def test_no_entry_within_the_cool_down():
    result = sample_run("params.cool_down=40", "params.leg_stop=5")
    cooling = (Reason.UNWIND_FLAT, Reason.RATIO_STOP, Reason.BROKEN_PAIR)
    out = np.unique(result.orders["born"][np.isin(result.orders["reason"], cooling)])
    entered = np.array([row for row, _, _ in entries(result)])
    assert len(out) >= 10
    waits = [(entered[entered > row] - row).min() for row in out if np.any(entered > row)]
    assert min(waits) >= 40


def test_the_pyramid_carries_more_the_further_the_ratio_runs():
    plain, more = (
        sample_run("params.target_volatility=0.04"),
        sample_run("params.target_volatility=0.04", "params.pyramid=follow"),
    )
    beyond = (plain.features["z"] > 2.0) & (plain.gross > 0.0) & (more.gross > 0.0)
    assert beyond.sum() > 50
    leverage = [run.gross[beyond] / run.points["equity"][beyond] for run in (plain, more)]
    assert leverage[1].mean() > 1.5 * leverage[0].mean()


def test_the_ratchet_never_carries_less_than_the_pyramid_that_follows():
    """But for the drift of legs within their band."""
    kept, followed = (
        sample_run("params.target_volatility=0.04", f"params.pyramid={form}", "params.rebalance_band=0.01")
        for form in ("ratchet", "follow")
    )
    both = (kept.gross > 0.0) & (followed.gross > 0.0)
    kept, followed = (run.gross[both] / run.points["equity"][both] for run in (kept, followed))
    assert (kept > 0.9 * followed).mean() > 0.99
    assert (kept > 1.2 * followed).mean() > 0.2


@pytest.fixture(scope="module")
def stopped() -> RunRecord:
    return sample_run("params.leg_stop=5")


class TestLegStops:
    def test_a_leg_that_is_stopped_takes_the_other_with_it(self, stopped):
        """The stop fills within a bar, that close decides the other leg, the next open trades it."""
        fills = stopped.ledger[stopped.ledger["kind"] == EntryKind.FILL]
        hit = fills[fills["reason"] == Reason.LEG_STOP]
        assert len(hit) >= 10
        for fill in hit:
            both = hit[hit["t"] == fill["t"]]
            if len(both) == 2:
                continue  # both legs in one bar: nothing is left to close
            closing = fills[(fills["t"] == fill["t"] + 1) & (fills["reason"] == Reason.BROKEN_PAIR)]
            assert closing["role"].tolist() == [1 - int(fill["role"])]

    def test_every_entry_has_its_stops_from_the_same_close(self, stopped):
        orders = stopped.orders
        for row in np.unique(orders["born"][orders["reason"] == Reason.ENTER]):
            asked = {
                reason: {
                    int(order["role"]): order["asked"]
                    for order in orders[orders["born"] == row]
                    if order["reason"] == reason
                }
                for reason in (Reason.ENTER, Reason.LEG_STOP)
            }
            assert asked[Reason.LEG_STOP] == {role: -qty for role, qty in asked[Reason.ENTER].items()}

    def test_the_leg_is_flat_after_it(self, stopped):
        held = {LARGE: 0.0, SMALL: 0.0}
        for entry in stopped.ledger[stopped.ledger["role"] >= 0]:
            role = int(entry["role"])
            held[role] += entry["qty"]
            if entry["reason"] == Reason.LEG_STOP and entry["qty"] != 0.0:
                assert held[role] == 0.0

    def test_stops_lie_on_the_losing_side(self, stopped):
        """A stop of the short leg is a purchase above the price, one of the long leg a sale below it."""
        for order in stopped.orders[stopped.orders["reason"] == Reason.LEG_STOP]:
            close = stopped.market.bars[order["born"]]["small" if order["role"] == SMALL else "large"]["close"]
            assert (order["stop"] - close) * order["asked"] > 0.0 or order["ended"] > order["born"] + 1


def test_a_split_changes_no_decision():
    """The same bars as traded, with two splits, and adjusted: same orders, same equity."""
    free = (
        "params.leg_stop=6", "fills.whole_shares=false", "fills.participation=null", "costs.commission=none",
        "costs.regulatory=no_fees", "costs.borrow=no_borrow", "costs.slippage.impact=0",
    )  # fmt: skip
    ready = load_shipped("spread_trade", "sample", None, free)
    market = bars_of("spread_trade", "sample").slice(3000, 4500)
    raw = market.bars.copy()
    for role, row, ratio in (("small", 900, 2.0), ("large", 700, 3.0)):
        for name in ("open", "high", "low", "close", "dividend"):
            raw[role][name][:row] *= ratio
        raw[role]["volume"][:row] /= ratio
        raw[role]["split"][row] = ratio
        raw[role]["factor"][row:] = ratio
    one, two = (native.run(prepare(ready.config, ready.strategy, bars)) for bars in (market, replace(market, bars=raw)))
    assert len(one.orders) > 50
    assert np.count_nonzero(two.ledger["kind"] == EntryKind.SPLIT) == 2
    for name in ("born", "ended", "role", "reason", "status", "cause"):
        assert one.orders[name].tolist() == two.orders[name].tolist(), name
    assert np.allclose(one.points["equity"], two.points["equity"], rtol=1e-6, atol=0.0)


class TestScriptedEpisodes:
    """Bands so wide that the trade is on when the episode comes; then the guard alone decides."""

    WIDE = ("params.ratio_stop=0", "params.exit=-3", "params.enter=-1")

    def test_the_squeeze_of_small_caps_in_five_sessions_of_november_2021(self):
        """Small caps gain 11 % on large caps from the 8th to the 12th: flat is decided on the fourth of the five."""
        result = sample_run(*self.WIDE)
        assert decisions(result, "2021-10-01", "2022-03-01") == [
            ("2021-10-25", Reason.ENTER),
            ("2021-11-11", Reason.UNWIND_FLAT),
        ]
        assert str(SMALL_CAP_SQUEEZE.first) < "2021-11-11" < str(SMALL_CAP_SQUEEZE.last)
        at = int(np.searchsorted(result.market.sessions, np.datetime64("2021-11-12")))
        assert result.gross[at] == 0.0

    def test_the_quant_deleveraging_of_february_2006_hits_the_reverse_book(self):
        """Long small, short large: half is cut on the ninth of ten sessions, and restored after the cool-down."""
        result = sample_run(*self.WIDE, "params.direction=short_large_long_small")
        assert decisions(result, "2006-01-01", "2006-05-31") == [
            ("2006-02-16", Reason.UNWIND_HALF),
            ("2006-03-17", Reason.RESTORE),
        ]
        assert str(QUANT_DELEVERAGING.first) < "2006-02-16" < str(QUANT_DELEVERAGING.last)
        row = int(np.searchsorted(result.market.sessions, np.datetime64("2006-02-16")))
        leverage = result.gross / result.points["equity"]
        assert leverage[row + 1] == pytest.approx(leverage[row] / 2, rel=0.1)

    def test_the_same_february_is_a_gain_for_the_crowded_book(self):
        """Short small caps, which fall three times as hard: nothing to guard against."""
        result = sample_run(*self.WIDE)
        told = decisions(result, str(QUANT_DELEVERAGING.first), str(QUANT_DELEVERAGING.last))
        assert Reason.UNWIND_HALF not in [reason for _, reason in told]
        assert Reason.UNWIND_FLAT not in [reason for _, reason in told]


@pytest.fixture(scope="module")
def run(real_data: Path) -> RunRecord:
    return backtest(load_shipped("spread_trade", "real", real_data))


class TestJuly2024:
    """SPY against IWM, as shipped: the soft inflation figure of 11 July sets off the covering of small-cap shorts."""

    def test_the_guard_halves_on_the_23rd_and_is_flat_after_the_26th(self, run):
        assert decisions(run, "2024-06-01", "2024-08-26") == [
            ("2024-07-23", Reason.UNWIND_HALF),
            ("2024-07-26", Reason.UNWIND_FLAT),
        ]

    def test_the_shocks_that_did_it(self, run):
        """In standard deviations over 15 sessions: the first beyond -2.5, the second beyond -3.5."""
        shock = {str(day): value for day, value in zip(run.market.sessions, run.features["shock"], strict=True)}
        assert shock["2024-07-22"] > -2.5 >= shock["2024-07-23"]
        assert shock["2024-07-23"] == pytest.approx(-2.66, abs=0.01)
        assert shock["2024-07-25"] > -3.5 >= shock["2024-07-26"]
        assert shock["2024-07-26"] == pytest.approx(-3.97, abs=0.01)

    def test_every_fill_is_at_the_next_open_within_the_day(self, run):
        """As anyone can check on a chart: half of both legs at the open of the 24th, the rest on Monday the 29th."""
        sessions = run.market.sessions
        fills = run.ledger[run.ledger["kind"] == EntryKind.FILL]
        for day, reason in (("2024-07-24", Reason.UNWIND_HALF), ("2024-07-29", Reason.UNWIND_FLAT)):
            row = int(np.searchsorted(sessions, np.datetime64(day)))
            mine = fills[fills["t"] == row]
            assert mine["reason"].tolist() == [reason, reason]
            assert np.sign(mine["qty"]).tolist() == [-1.0, 1.0]  # sells SPY, buys IWM back
            for fill in mine:
                bar = run.market.bars[row]["large" if fill["role"] == LARGE else "small"]
                assert fill["price"] == pytest.approx(bar["open"], rel=0.001)
        assert run.gross[row] == 0.0

    def test_it_comes_back_a_month_later(self, run):
        assert decisions(run, "2024-07-29", "2024-09-30") == [("2024-08-27", Reason.ENTER)]
