# SPDX-License-Identifier: Apache-2.0
"""The Double Agent in whole runs: episodes one can look up on a chart, and what holds in every trade."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.errors import StrategyError
from engine.inputs.prepared import prepare
from engine.kernel.codes import EntryKind, OrderStatus
from engine.market.sample.episodes import SUPPORT_BREAK
from engine.runs.backtest import backtest
from strategies.agents.orders import SMALL, Reason
from tests.strategies.shipped import bars_of, load_shipped

ALONE, WITH_FUND = "double_agent:DoubleAgent", "double_agent:DoubleAgentFund"
STOPS = (Reason.BEAR_STOP, Reason.BULL_STOP)


@cache
def sample_run(strategy: str = ALONE, *overrides: str) -> RunRecord:
    return backtest(load_shipped(strategy, "sample", None, overrides))


def decisions(result: RunRecord, first: str, last: str) -> list[tuple[str, Reason, float]]:
    """(date of the decision, reason, shares) of every order but stops."""
    sessions, told = result.market.sessions, []
    for order in result.orders[~np.isin(result.orders["reason"], STOPS)]:
        day = sessions[order["born"]]
        if np.datetime64(first) <= day <= np.datetime64(last):
            told.append((str(day), Reason(int(order["reason"])), float(order["asked"])))
    return told


def fills(result: RunRecord, first: str, last: str) -> list[tuple[str, Reason, float]]:
    """(date, reason, price) of every fill."""
    sessions, told = result.market.sessions, []
    for entry in result.ledger[result.ledger["kind"] == EntryKind.FILL]:
        day = sessions[entry["t"]]
        if np.datetime64(first) <= day <= np.datetime64(last):
            told.append((str(day), Reason(int(entry["reason"])), float(entry["price"])))
    return told


def at(result: RunRecord, day: str) -> int:
    return int(np.searchsorted(result.market.sessions, np.datetime64(day)))


class TestTheBreakOf2017:
    """The sample's line of four years breaks on 2017-06-26."""

    def test_by_dates_and_actions(self):
        """The level gives way on the 26th by a tenth of an ATR, and on the 27th decisively."""
        assert decisions(sample_run(), "2017-06-01", "2017-09-30") == [
            ("2017-06-27", Reason.BEAR_BREACH, -6460.0),
            ("2017-06-27", Reason.BEAR_TIER_2, -3230.0),
            ("2017-06-27", Reason.BEAR_TIER_3, -3230.0),
            ("2017-07-06", Reason.BEAR_REDUCE, 2196.0),
            ("2017-08-10", Reason.BEAR_REDUCE, 2196.0),
            ("2017-08-14", Reason.BULL_BOUNCE, 3982.0),
            ("2017-08-18", Reason.BEAR_REDUCE, 2068.0),
            ("2017-08-28", Reason.BULL_TIME, -3982.0),
        ]

    def test_the_first_close_through_the_line_is_not_decisive(self):
        result = sample_run()
        first, second = result.features[at(result, "2017-06-26")], result.features[at(result, "2017-06-27")]
        close = result.market.small.close
        assert str(SUPPORT_BREAK.first) == "2017-06-26"
        assert first["depth"] == pytest.approx(0.05, abs=0.01)
        assert close[at(result, "2017-06-23")] > first["support"] == pytest.approx(68.43, abs=0.01)
        assert (first["support"] - close[at(result, "2017-06-27")]) / second["atr"] > 0.5
        assert first["age"] > 1000

    def test_the_rebound_never_comes_so_the_tiers_are_cancelled(self):
        result = sample_run()
        here = result.orders[result.orders["born"] == at(result, "2017-06-27")]
        tiers = here[np.isin(here["reason"], (Reason.BEAR_TIER_2, Reason.BEAR_TIER_3))]
        assert tiers["status"].tolist() == [OrderStatus.CANCELLED] * 2
        assert tiers["limit"].tolist() == pytest.approx([67.8, 68.4], abs=0.1)

    def test_the_fund_does_the_same_on_the_same_days_with_other_shares(self):
        """Until the fund's own stop or sizes differ: the trigger is that of the small caps."""
        alone, fund = (decisions(sample_run(one), "2017-06-01", "2017-08-31") for one in (ALONE, WITH_FUND))
        assert [one[:2] for one in alone] == [one[:2] for one in fund]
        assert fund[0][2] > 0.0


class TestEveryTrade:
    @pytest.mark.parametrize("strategy", [ALONE, WITH_FUND])
    def test_all_there_is_happens(self, strategy):
        happened = {Reason(int(code)) for code in np.unique(sample_run(strategy).orders["reason"])}
        assert happened == set(Reason) - {Reason.BEAR_TARGET, Reason.BOTH_CLOSED, Reason.BULL_LEG}

    def test_the_measured_move_covers_where_it_is_taken(self):
        result = sample_run(ALONE, "params.take_target=true")
        covered = result.orders["born"][result.orders["reason"] == Reason.BEAR_TARGET]
        assert len(covered) >= 1
        assert (result.market.small.close[covered] < result.features["slow"][covered]).all()

    def test_tiers_fill_at_their_price_or_better_within_their_life(self):
        result = sample_run()
        tiers = result.orders[np.isin(result.orders["reason"], (Reason.BEAR_TIER_2, Reason.BEAR_TIER_3))]
        assert np.count_nonzero(tiers["status"] == OrderStatus.FILLED) > 40
        life = np.where(tiers["reason"] == Reason.BEAR_TIER_2, 10, 20)
        assert (tiers["ended"] - tiers["born"] <= life).all()
        filled = result.ledger[np.isin(result.ledger["order"], tiers["id"]) & (result.ledger["kind"] == EntryKind.FILL)]
        limits = dict(zip(tiers["id"].tolist(), tiers["limit"].tolist(), strict=True))
        assert all(entry["price"] >= limits[int(entry["order"])] for entry in filled)

    @pytest.mark.parametrize("strategy", [ALONE, WITH_FUND])
    def test_a_holding_has_its_stop_in_the_book_from_the_bar_that_enters(self, strategy):
        result = sample_run(strategy)
        for entry, stop in ((Reason.BEAR_BREACH, Reason.BEAR_STOP), (Reason.BULL_BOUNCE, Reason.BULL_STOP)):
            opened = result.orders["born"][result.orders["reason"] == entry]
            stops = result.orders["born"][result.orders["reason"] == stop]
            assert len(opened) >= 20
            assert set(opened) <= set(stops)

    def test_a_stop_gapped_through_fills_at_the_open(self):
        result, gapped = sample_run(), 0
        stops = {int(order["id"]): order for order in result.orders if order["reason"] in STOPS}
        for entry in result.ledger[result.ledger["kind"] == EntryKind.FILL]:
            order = stops.get(int(entry["order"]))
            if order is None:
                continue
            opened = result.market.bars["small"]["open"][entry["t"]]
            beyond = (opened - order["stop"]) * order["asked"] >= 0.0
            reference = opened if beyond else order["stop"]
            assert entry["price"] == pytest.approx(reference, rel=0.002)
            gapped += beyond
        assert gapped >= 3

    def test_no_new_bear_within_the_cool_down(self):
        result = sample_run(ALONE, "params.bear_stop=1.0", "params.whipsaws=1", "params.cool_down=100")
        hit = [
            int(entry["t"]) for entry in result.ledger if entry["reason"] == Reason.BEAR_STOP and entry["qty"] != 0.0
        ]
        born = result.orders["born"][result.orders["reason"] == Reason.BEAR_BREACH]
        waits = [int((born[born >= row] - row).min()) for row in hit if (born >= row).any()]
        assert len(waits) > 15
        assert min(waits) >= 100

    def test_exposure_keeps_to_the_cap(self):
        result = sample_run(ALONE, "params.target_volatility=2", "params.cap=0.6", "params.bull_size=0")
        opened = result.orders[result.orders["reason"] == Reason.BEAR_BREACH]
        rows = opened["born"]
        weight = -opened["asked"] * result.market.bars["small"]["close"][rows] / result.points["equity"][rows]
        assert 0.25 < weight.max() < 0.301  # half of 0.6
        assert weight.min() >= 0.149

    @pytest.mark.parametrize("factor", [1.0, 2.0, 3.0])
    def test_the_fund_bear_has_the_exposure_that_the_short_has(self, factor):
        fund = {1.0: "RWM", 2.0: "TWM", 3.0: "SRTY"}[factor]
        given = (f"roles.inverse={fund}", f"params.factor={factor}", "params.most_decay=20")
        result, alone = sample_run(WITH_FUND, *given), sample_run()
        row = at(result, "2017-06-27")
        exposures = []
        for run, role in ((result, "inverse"), (alone, "small")):
            (order,) = run.orders[(run.orders["born"] == row) & (run.orders["reason"] == Reason.BEAR_BREACH)]
            exposures.append(abs(order["asked"]) * run.market.bars[role]["close"][row] / run.points["equity"][row])
        assert exposures[0] * factor == pytest.approx(exposures[1], rel=0.001)


class TestMissingSeries:
    SERIES = ("short_interest", "kre", "xle", "xly")

    def without(self, names, *overrides):
        ready = load_shipped(ALONE, "sample", None, overrides)
        left = {name: symbol for name, symbol in ready.config.series.items() if name not in names}
        return replace(ready, config=ready.config.model_copy(update={"series": left}))

    def test_runs_without_and_says_so(self):
        result = backtest(self.without(self.SERIES))
        assert result.market.missing == self.SERIES
        assert np.isnan(result.features["interest"]).all()
        assert np.isnan(result.features["sectors"]).all()
        assert np.count_nonzero(result.orders["reason"] == Reason.BEAR_BREACH) > 20

    @pytest.mark.parametrize(
        ("weights", "asked"),
        [
            ((), "interest and sectors"),
            (("params.weigh_sectors=0",), "interest"),
            (("params.weigh_interest=0", "params.weigh_sectors=2"), "sectors"),
        ],
    )
    def test_a_score_that_nobody_can_give_is_refused(self, weights, asked):
        with pytest.raises(StrategyError) as refused:
            backtest(self.without(self.SERIES, "params.score=0.5", *weights))
        (problem,) = refused.value.problems
        assert problem.message == f"a score is asked of {asked}, and this run has no series for them"
        assert (problem.path, problem.found) == ("params.score", "0.5")

    def test_one_validator_of_two_is_asked_for_the_same_score_and_the_run_says_so(self):
        result = backtest(self.without(("short_interest", "xle", "xly"), "params.score=0.5"))
        said = [one.text for one in result.notices if one.level == "note"]
        assert (
            "Ran without the optional series short_interest: short interest does not count, "
            "and the score is asked of the validators that are left." in said
        )
        sectors = "weak sectors are those of the others; without all three they do not count"
        assert f"Ran without the optional series xle, xly: {sectors}." in said
        assert np.array_equal(result.features["score"], result.features["sectors"], equal_nan=True)
        born = result.orders["born"][result.orders["reason"] == Reason.BEAR_BREACH]
        assert len(born) > 10
        assert (result.features["sectors"][born] == 1.0).all()

    def test_volume_needs_no_series(self):
        weights = ("params.weigh_volume=1", "params.score=0.5")
        born = (result := backtest(self.without(self.SERIES, *weights))).orders["born"]
        born = born[result.orders["reason"] == Reason.BEAR_BREACH]
        assert len(born) > 10
        assert (result.features["volume"][born] >= 1.2).all()

    def test_a_score_that_is_asked_for_thins_the_breaks_out(self):
        counts = []
        for score in (0.0, 0.5, 0.9):
            result = sample_run(ALONE, f"params.score={score}")
            born = result.orders["born"][result.orders["reason"] == Reason.BEAR_BREACH]
            assert (result.features["score"][born] >= score).all()
            counts.append(len(born))
        assert counts[0] > counts[1] > counts[2] > 0


@pytest.mark.parametrize("strategy", [ALONE, WITH_FUND])
def test_a_split_changes_no_decision(strategy):
    """The same bars as traded, with a split in the middle of trades, and adjusted: same orders, same equity."""
    free = (
        "fills.whole_shares=false", "fills.participation=null", "costs.commission=none", "costs.regulatory=no_fees",
        "costs.borrow=no_borrow", "costs.slippage.impact=0",
    )  # fmt: skip
    ready = load_shipped(strategy, "sample", None, free)
    market = bars_of(strategy, "sample").slice(3000, 5000)
    plain = native.run(prepare(ready.config, ready.strategy, market))
    busy = np.flatnonzero((plain.gross > 0.0) & (np.abs(plain.net) < plain.gross * 2))
    raw = market.bars.copy()
    row = int(busy[len(busy) // 2])
    for name in ("open", "high", "low", "close", "dividend"):
        raw["small"][name][:row] *= 2.0
    raw["small"]["volume"][:row] /= 2.0
    raw["small"]["split"][row] *= 2.0
    raw["small"]["factor"][row:] *= 2.0
    if strategy == WITH_FUND:
        raw["inverse"]["split"][row] *= 0.25
        raw["inverse"]["factor"][row:] *= 0.25
        for name in ("open", "high", "low", "close", "dividend"):
            raw["inverse"][name][row:] *= 4.0
        raw["inverse"]["volume"][row:] /= 4.0
    split = native.run(prepare(ready.config, ready.strategy, replace(market, bars=raw)))
    assert len(plain.orders) > 50
    for name in ("born", "ended", "role", "reason", "status", "cause"):
        assert plain.orders[name].tolist() == split.orders[name].tolist(), name
    assert np.allclose(plain.points["equity"], split.points["equity"], rtol=1e-6, atol=0.0)


def test_a_refused_order_closes_both_and_the_run_goes_on():
    """Three times equity is more than Reg T opens: the tiers are refused, and the agents notice at the next close."""
    result = sample_run(ALONE, "params.cap=3", "params.target_volatility=2")
    refused = result.orders[result.orders["status"] == OrderStatus.REJECTED]
    assert len(refused) > 5
    closed = result.orders["born"][result.orders["reason"] == Reason.BOTH_CLOSED]
    assert len(closed) > 5
    for row in np.unique(closed):
        assert result.gross[row + 1] == 0.0
    later = result.orders["born"][result.orders["reason"] == Reason.BEAR_BREACH]
    assert (later > closed[0]).sum() > 5


@pytest.fixture(scope="module")
def run(real_data: Path) -> RunRecord:
    """With any support, as the rules were."""
    any_level = ("params.role=any", "params.fresh=0", "params.step_pause=5", "params.measure=price")
    return backtest(load_shipped(ALONE, "real", real_data, any_level))


class TestFebruaryAndMarch2020:
    """IWM: the top of 20 February, the low of 18 to 23 March."""

    def test_by_dates_and_actions(self, run):
        assert [one[:2] for one in decisions(run, "2020-02-01", "2020-03-31")] == [
            ("2020-02-25", Reason.BEAR_BREACH),
            ("2020-02-25", Reason.BEAR_TIER_2),
            ("2020-02-25", Reason.BEAR_TIER_3),
            ("2020-03-04", Reason.BEAR_REDUCE),
            ("2020-03-06", Reason.BULL_BOUNCE),
            ("2020-03-11", Reason.BEAR_REDUCE),
            ("2020-03-19", Reason.BULL_BOUNCE),
            ("2020-03-19", Reason.BEAR_REDUCE),
        ]

    def test_what_filled_and_where(self, run):
        """Sold at 157 and 158, covered on the way down to 99; the first bounce is bought into the gap of 9 March."""
        told = fills(run, "2020-02-01", "2020-04-03")
        assert [one[:2] for one in told] == [
            ("2020-02-26", Reason.BEAR_BREACH),
            ("2020-02-26", Reason.BEAR_TIER_2),
            ("2020-03-05", Reason.BEAR_REDUCE),
            ("2020-03-09", Reason.BULL_BOUNCE),
            ("2020-03-09", Reason.BULL_STOP),
            ("2020-03-12", Reason.BEAR_REDUCE),
            ("2020-03-20", Reason.BULL_BOUNCE),
            ("2020-03-20", Reason.BEAR_REDUCE),
            ("2020-04-03", Reason.BULL_TIME),
        ]
        opened = run.market.bars["small"]["open"]
        for day, reason, price in told:
            if reason not in (Reason.BEAR_TIER_2, *STOPS):
                assert price == pytest.approx(opened[at(run, day)], rel=0.001)
        assert told[1][2] == pytest.approx(157.905, abs=0.01)  # half of the way back from 156.31 to 159.50

    def test_the_level_that_broke(self, run):
        row = at(run, "2020-02-25")
        assert run.features["support"][row] == pytest.approx(159.50, abs=0.01)
        assert run.market.small.close[row] == pytest.approx(156.31, abs=0.01)
        assert run.features["depth"][row] == pytest.approx(1.31, abs=0.01)
        assert run.features["sectors"][row] == 1.0

    def test_nothing_is_held_of_the_bear_at_the_low(self, run):
        """The steps had covered it all: by the open of the 20th the account is long the bounce alone."""
        assert run.net[at(run, "2020-03-19")] < 0.0 < run.net[at(run, "2020-03-20")]
        assert SMALL == 0
