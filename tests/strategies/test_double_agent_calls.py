# SPDX-License-Identifier: Apache-2.0
"""The Double Agent with call spreads: whole runs, legs that are refused, and episodes by dates."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from engine.analytics.ledger_paths import fold
from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.inputs.prepared import prepare
from engine.kernel.codes import EntryKind, OrderKind, OrderStatus
from engine.runs.backtest import backtest
from strategies.agents.calls import SOLD
from strategies.agents.orders import Reason
from tests.strategies.shipped import bars_of, load_shipped

CALLS = "double_agent_calls"
CLOSING = (Reason.BULL_LEG, Reason.BOTH_CLOSED)


@cache
def sample_run(*overrides: str) -> RunRecord:
    return backtest(load_shipped(CALLS, "sample", None, overrides))


def contracts(result: RunRecord) -> tuple[np.ndarray, np.ndarray]:
    """(T,) contracts bought and sold, both signed."""
    held = fold(result).positions
    return held[:, 1], held[:, 2]


def opened(result: RunRecord) -> np.ndarray:
    return np.unique(result.orders["born"][result.orders["reason"] == Reason.BULL_BOUNCE])


class TestRuns:
    def test_every_reason_happens(self):
        happened = {Reason(int(code)) for code in np.unique(sample_run().orders["reason"])}
        assert happened == set(Reason) - {Reason.BEAR_TARGET, Reason.BOTH_CLOSED, Reason.BULL_LEG}

    def test_legs_are_held_together_and_the_bulls_bounces_hold_no_shares(self):
        bought, sold = contracts(sample_run())
        assert np.array_equal(bought, -sold)
        assert np.count_nonzero(bought) > 200
        shares = sample_run().orders[sample_run().orders["reason"] == Reason.BULL_BOUNCE]
        assert (shares["kind"] == OrderKind.OPTION).all()

    def test_a_spread_loses_its_premium_at_most_and_that_is_what_was_asked_for(self):
        """Quoted at the close it costs the budget less than one spread; the open may ask for another price."""
        result, unit, paid = sample_run(), 100.0, []
        fills = result.ledger[result.ledger["kind"] == EntryKind.OPTION_FILL]
        for born in opened(result):
            ids = result.orders["id"][(result.orders["born"] == born) & (result.orders["kind"] == OrderKind.OPTION)]
            own = fills[np.isin(fills["order"], ids)]
            budget = 0.01 * result.points["equity"][born]
            assert len(own) == 2
            paid.append(-own["amount"].sum() / budget)
            low, high = (result.contracts[int(one)].strike for one in ids)
            close = result.market.bars["small"]["close"][born]
            assert abs(low - close) <= 0.5
            assert high - low == pytest.approx(0.05 * close, abs=0.5)
            assert -own["amount"].sum() <= own["qty"][0] * unit * (high - low)
        assert np.median(paid) == pytest.approx(0.97, abs=0.05)
        assert len(paid) > 20

    def test_expiries_are_the_monthly_ones_at_least_thirty_days_ahead(self):
        result = sample_run()
        orders = result.orders[result.orders["reason"] == Reason.BULL_BOUNCE]
        ahead = orders["expiry"] - result.market.bars["session"][orders["born"]]
        assert ((ahead >= 30) & (ahead <= 65)).all()

    def test_one_that_is_held_to_its_expiry_is_settled_and_over(self):
        result = sample_run("params.days=1", "params.bull_hold=250", "params.bull_done=100")
        expired = result.ledger[result.ledger["kind"] == EntryKind.OPTION_EXPIRY]
        assert len(expired) >= 40
        bought, sold = contracts(result)
        assert np.array_equal(bought, -sold)
        assert not bought[np.unique(expired["t"])].any()
        assert not (result.orders["reason"] == Reason.BULL_LEG).any()

    def test_without_a_volatility_there_is_no_spread_and_no_refused_order(self):
        """From row 2000 on there is no RVX: the bull buys no spread any more, the bear goes on."""
        ready, market = load_shipped(CALLS, "sample"), bars_of(CALLS, "sample")
        bars = market.bars.copy()
        bars["rvx"][2000:] = np.nan
        result = native.run(prepare(ready.config, ready.strategy, replace(market, bars=bars)))
        assert 5 < len(opened(result)) < len(opened(sample_run())) / 2
        assert opened(result).max() < 2000
        assert not (result.orders["status"] == OrderStatus.REJECTED).any()
        assert result.state["too_dear"] == 0
        assert (result.orders["born"][result.orders["reason"] == Reason.BEAR_BREACH] > 2000).sum() > 20

    def test_an_account_too_small_for_one_spread_counts_what_it_missed(self):
        result = sample_run("account.cash=3000")
        assert result.state["too_dear"] > 20
        assert len(opened(result)) < 10


class TestRefusedLegs:
    def test_a_cash_account_writes_no_call_so_the_bought_one_is_sold_again(self):
        result = sample_run("account.margin.kind=cash")
        legs = result.orders[(result.orders["reason"] == Reason.BULL_BOUNCE)]
        refused = legs[legs["status"] == OrderStatus.REJECTED]
        assert (refused["role"] == 1 + SOLD).all()
        assert len(refused) > 10
        bought, sold = contracts(result)
        assert not sold.any()
        closed = result.orders[np.isin(result.orders["reason"], CLOSING)]
        assert np.isin(refused["ended"], closed["born"]).all()
        assert not bought[refused["ended"] + 1].any()

    @pytest.mark.parametrize(("rules", "spreads"), [
        (("account.margin.kind=none",), 20), (("fills.at=next_close",), 20), (("fills.at=this_close",), 20),
        (("params.bull_size=0.2", "params.cap=3", "params.target_volatility=2"), 10),
        (("params.bull_size=0.2", "params.cap=2", "account.margin.liquidation=flat", "options.volatility=0.6"), 5),
        (("params.bull_size=0.05", "options.volatility=3.0"), 5),
        (("params.bull_size=0.12", "options.volatility=3.0"), 0),
        (("params.days=1", "params.bull_hold=250", "params.strike=0.1", "options.volatility=1.0"), 20),
    ])  # fmt: skip
    def test_no_call_is_ever_naked(self, rules, spreads):
        """Under other rules, beside a bear at the limit of its margin, and at a volatility no index has had."""
        result = sample_run(*rules)
        bought, sold = contracts(result)
        assert (bought >= -sold).all()
        assert (sold <= 0.0).all()
        assert len(opened(result)) >= spreads

    def test_a_sold_call_that_was_not_bought_back_keeps_its_cover(self):
        """Beside a bear of three times equity: the bought call is sold a bar after the sold one has been bought."""
        result = sample_run("params.bull_size=0.2", "params.cap=3", "params.target_volatility=2")
        bought, sold = contracts(result)
        alone = np.flatnonzero(bought > -sold)
        assert len(alone) >= 2
        assert set(alone) <= set(result.orders["born"][np.isin(result.orders["reason"], CLOSING)])
        assert not bought[alone + 1].any()


@pytest.fixture(scope="module")
def run(real_data: Path) -> RunRecord:
    return backtest(load_shipped(CALLS, "real", real_data))


def trades(result: RunRecord, first: str, last: str) -> list[tuple[str, str, float, Reason]]:
    """(date, contract, contracts, reason) of what changed a position in options."""
    told = []
    for place, entry in enumerate(result.ledger):
        day = result.market.sessions[entry["t"]]
        option = entry["kind"] in {EntryKind.OPTION_FILL, EntryKind.OPTION_EXPIRY}
        if option and np.datetime64(first) <= day <= np.datetime64(last):
            contract = str(result.entry_contracts[place])
            told.append((str(day), contract, float(entry["qty"]), Reason(int(entry["reason"]))))
    return told


def paid(result: RunRecord, first: str, last: str) -> float:
    """Cash of the options between two sessions."""
    ledger, sessions = result.ledger, result.market.sessions
    own = np.isin(ledger["kind"], [EntryKind.OPTION_FILL, EntryKind.OPTION_EXPIRY])
    own &= (sessions[ledger["t"]] >= np.datetime64(first)) & (sessions[ledger["t"]] <= np.datetime64(last))
    return float(ledger["amount"][own].sum())


class TestEpisodes:
    """IWM: the low of Christmas Eve 2018, bought on the day after; March 2020, bought two weeks before the low."""

    def test_december_2018(self, run):
        """Closes: 125.88 on 24 December with an RSI below 20, 139.36 on 7 January."""
        assert trades(run, "2018-12-01", "2019-01-31") == [
            ("2018-12-26", "IWM 2019-02-15 C126", 34.0, Reason.BULL_BOUNCE),
            ("2018-12-26", "IWM 2019-02-15 C132", -34.0, Reason.BULL_BOUNCE),
            ("2019-01-08", "IWM 2019-02-15 C132", 34.0, Reason.BULL_DONE),
            ("2019-01-08", "IWM 2019-02-15 C126", -34.0, Reason.BULL_DONE),
        ]
        assert paid(run, "2018-12-01", "2019-01-31") == pytest.approx(3942, abs=10)

    def test_march_2020_costs_the_premium_and_no_more(self, run):
        assert trades(run, "2020-03-01", "2020-04-30") == [
            ("2020-03-09", "IWM 2020-04-17 C144", 30.0, Reason.BULL_BOUNCE),
            ("2020-03-09", "IWM 2020-04-17 C151", -30.0, Reason.BULL_BOUNCE),
            ("2020-03-23", "IWM 2020-04-17 C151", 30.0, Reason.BULL_TIME),
            ("2020-03-23", "IWM 2020-04-17 C144", -30.0, Reason.BULL_TIME),
        ]
        lost = -paid(run, "2020-03-01", "2020-04-30")
        row = int(np.searchsorted(run.market.sessions, np.datetime64("2020-03-06")))
        assert lost == pytest.approx(7095, abs=10)
        assert lost < 0.01 * run.points["equity"][row]
