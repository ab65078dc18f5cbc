# SPDX-License-Identifier: Apache-2.0
"""What a share is declared to be paid when its role ends: by hand, long and short, in sleeves, and in both modes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from engine.analytics.analysis import analyse
from engine.analytics.ledger_paths import fold
from engine.api.given import ready
from engine.engines import native
from engine.engines.notices.ended_roles import ends_of_others
from engine.errors import InputError
from engine.inputs.prepared import prepare
from engine.kernel.codes import Cause, EngineReason, EntryKind, Moment
from engine.market.build import period_rows
from engine.strategy import Strategy, param
from tests.kernel.spans import FRAMES, FREE, LAST, ROLES, given, market_of, table
from tests.kernel.test_spans import PAIR, ROWS, Random, long_market, same

BOUGHT, LAST_CLOSE = 20.5, 25.0
"""Of CCC: the open of row 1, the close of row LAST."""

LATE = {"BBB": {"from": "launch"}}


class Trades(Strategy):
    """Holds `shares` of what ends from row 1 on, with a stop far below."""

    roles = ("whole", "late", "early")

    class Params:
        shares: int = param(100, low=-1000, high=1000)

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            orders.market(2, p.shares)
            orders.stop(2, -p.shares, 1.0 if p.shares > 0 else 900.0)


def run(end, shares=100, mode="interpreted", strategy=Trades, **sections):
    spans = {**LATE, "CCC": {"until": "end", **end}}
    made = given(strategy, params={"shares": shares}, **{"spans": spans, **sections})
    market = market_of(made)
    return native.run(prepare(made.config, made.strategies, market, *period_rows(market, made.config.period)), mode)


def delisting(record):
    (entry,) = record.ledger[record.ledger["kind"] == EntryKind.DELISTING]
    return entry


def told(record, level="loud"):
    said = [one.text for one in record.notices if one.level == level and one.text.startswith("CCC")]
    return [text for text in said if "bars after" not in text]


ENDS = [
    ({"pays": 30.0}, 30.0),
    ({"pays": 0.0}, 0.0),
    ({"pays": 25.0}, 25.0),
    ({"delisting_return": -0.3}, 17.5),
    ({"delisting_return": -1.0}, 0.0),
    ({"delisting_return": 0.5}, 37.5),
]


@pytest.mark.parametrize("shares", [100, -40])
@pytest.mark.parametrize(("end", "paid"), ENDS)
def test_what_is_held_is_paid_for_the_night_after_the_last_bar(end, paid, shares):
    record = run(end, shares)
    entry = delisting(record)
    assert (entry["t"], entry["moment"], entry["role"], entry["order"]) == (LAST + 1, Moment.NIGHT, 2, 0)
    assert (entry["qty"], entry["price"], entry["amount"]) == (-shares, paid, shares * paid)
    assert record.reasons[int(entry["reason"])].name == "delisted"
    wanted = 100_000.0 + shares * (np.array([BOUGHT, 21, 22, 23, 24, 25, *[paid] * 4]) - BOUGHT)
    assert record.points["equity"].tolist() == wanted.tolist()
    assert record.gross[LAST + 1 :].tolist() == [0.0] * 4
    (stop,) = record.orders[record.orders["cause"] == Cause.ROLE_ENDED]
    assert stop["ended"] == LAST + 1
    assert len(record.orders) == 2  # the entry and its stop: nothing was sent for the end


def test_it_costs_nothing_and_ends_the_borrow_fee():
    costs = {**FREE, "commission": [{"per_share": 0.01}], "borrow": {"default": [{"rate": 0.36}]}}
    ledger = run({"pays": 0.0}, -100, costs=costs).ledger
    assert ledger["t"][ledger["kind"] == EntryKind.COMMISSION].tolist() == [1]
    assert ledger["t"][ledger["kind"] == EntryKind.BORROW].tolist() == [2, 3, 4, 5]


def test_trips_and_profits_by_role_hold_it():
    record = run({"pays": 30.0})
    found = analyse(record)
    (trip,) = found.trips
    assert (trip["entry_price"], trip["exit_price"], trip["net_pnl"]) == (BOUGHT, 30.0, 950.0)
    assert (trip["close_row"], trip["exit_reason"], trip["fills"]) == (LAST + 1, EngineReason.DELISTED, 1)
    assert fold(record).role_pnl[-1].tolist() == [0.0, 0.0, 950.0]
    assert fold(record).equity.tolist() == record.points["equity"].tolist()


def test_a_split_before_the_end_leaves_it_in_the_shares_of_the_last_bar():
    split = np.where(np.arange(6) == 3, 2.0, 1.0)
    frame = table(20.0, stop=LAST + 1, split=split)
    frame.loc[frame.index[3:], ["open", "high", "low", "close"]] /= 2.0
    record = run({"pays": 13.0}, frames={**FRAMES, "CCC": frame}, overrides=["data.prices=raw"])
    assert (delisting(record)["qty"], delisting(record)["amount"]) == (-200.0, 2600.0)
    assert record.points["equity"][-1] == 100_000.0 + 200 * 13.0 - 100 * BOUGHT


def test_the_default_is_for_all_that_end_and_an_entry_of_ones_own_takes_nothing_of_it():
    default = {"default": {"from": "launch", "until": "end", "delisting_return": -0.3}}
    assert delisting(run({}, spans=default))["price"] == 17.5
    own = run({}, spans={**default, "CCC": {"until": "end"}})
    assert not (own.ledger["kind"] == EntryKind.DELISTING).any()
    assert own.ledger["price"][own.ledger["reason"] == EngineReason.ROLE_ENDED].tolist() == [LAST_CLOSE]


def opposite_sleeves(mode="interpreted"):
    """One holds 100 of what ends, the other is 60 short of it; a share is paid 30."""
    sleeves = {
        name: {"weight": 0.5, "strategy": Trades, "roles": ROLES, "params": {"shares": shares}}
        for name, shares in (("one", 100), ("two", -60))
    }
    made = ready(
        name="ends", sleeves=sleeves, data=FRAMES, costs=FREE, spans={**LATE, "CCC": {"until": "end", "pays": 30.0}},
        fills={"participation": None},
    )  # fmt: skip
    return native.run(prepare(made.config, made.strategies, market_of(made)), mode)


def test_sleeves_that_stand_against_each_other_are_paid_and_pay():
    record = opposite_sleeves()
    ends = record.ledger[record.ledger["kind"] == EntryKind.DELISTING]
    assert [(one["role"], one["qty"], one["amount"]) for one in ends] == [(2, -100.0, 3000.0), (5, 60.0, -1800.0)]
    assert record.points["equity"][-1] == 1_000_000.0 + 40 * (30.0 - BOUGHT)
    ends = [path.equity[-1] for path in analyse(record).sleeves]
    assert ends == [500_000.0 + 100 * (30.0 - BOUGHT), 500_000.0 - 60 * (30.0 - BOUGHT)]


class TestWhatIsSaid:
    def test_of_what_was_paid(self):
        record = run({"pays": 30.0})
        assert not told(record)
        (said,) = told(record, "note")
        assert said.startswith(
            "CCC: its bars end 2024-03-11 at 25, and 100 shares held then were paid 30 each the night"
        )

    def test_of_a_price_that_may_be_of_other_shares(self):
        (said,) = told(run({"pays": 37.6}))
        assert "were paid 37.6 each the night after, as spans declares: 50% above that close." in said
        assert not told(run({"pays": 37.5}))

    def test_without_a_declaration_how_to_declare(self):
        (said,) = told(run({}))
        assert "spans.CCC.pays says it in cash a share" in said

    @pytest.mark.parametrize("shares", [100, -40])
    def test_of_what_is_not_booked_where_the_last_bar_is_the_runs(self, shares):
        ends = {"period": {"end": "2024-03-11"}}
        record = run({"pays": 0.0}, shares, **ends)
        assert not (record.ledger["kind"] == EntryKind.DELISTING).any()
        (said,) = told(record)
        assert f"{shares} shares are held at its last bar, 2024-03-11, which is the run's too: the 0 a share" in said
        off = "2,500.00 lower" if shares > 0 else "1,000.00 higher"
        assert said.endswith(f"With them the last equity is {off}.")
        assert not told(run({"pays": 0.0}, 0, **ends))

    def test_of_a_sweep_whose_best_holds_none_of_what_ends(self):
        """What the best was closed at its own notices tell; what is declared is no guess."""
        (said,) = [one.text for one in ends_of_others(run({}, 0)) if one.level == "loud"]
        assert said.startswith("CCC: its bars end within the run, when the best holds none.")
        assert "spans.CCC.pays" in said
        assert not ends_of_others(run({}))
        assert not ends_of_others(run({"pays": 1.0}, 0))
        assert not ends_of_others(run({}, 0, period={"end": "2024-03-11"}))

    def test_of_nothing_where_the_run_ends_before(self):
        assert not told(run({"pays": 0.0}, period={"end": "2024-03-08"}))


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ({"pays": 30.0, "delisting_return": -0.3}, "leave one out"),
        ({"until": "common", "pays": 30.0}, "pays counts where the run goes on after the symbol's last bar: add until"),
        ({"until": "common", "delisting_return": -0.3}, "delisting_return counts where"),
        ({"pays": -1.0}, "allowed: a number from 0 to"),
        ({"delisting_return": -1.1}, "-1.1 is -110 % of the last close; found -1.1; allowed: a number from -1"),
        ({"delisting_return": "-30 %"}, "number"),
    ],
)  # fmt: skip
def test_a_declaration_that_cannot_be_meant_is_refused(end, words):
    with pytest.raises(InputError) as caught:
        run(end)
    (problem,) = caught.value.problems
    assert problem.path.startswith("spans.CCC")
    assert words in str(problem)


@settings(max_examples=8)
@drawn(seed=st.integers(0, 2**32 - 1), until=st.integers(4, 18), sizes=st.tuples(*[st.floats(-1.5, 1.5)] * 2))
def test_it_changes_nothing_before_and_is_the_only_entry_for_the_end(seed, until, sizes):
    """Of random paths and positions: the ledger up to the end is the one without, and the sums still hold."""
    chance, bars = np.random.default_rng(seed), long_market().bars.copy()
    for role in PAIR:
        bars[role]["close"] = 50.0 * np.exp(np.cumsum(chance.normal(0.0, 0.05, ROWS)))
        for name in ("open", "high", "low"):
            bars[role][name] = bars[role]["close"]
    for name in ("open", "high", "low", "close", "volume"):
        bars["other"][name][until + 1 :] = np.nan
    market, paid = replace(long_market(), bars=bars), float(chance.uniform(0.0, 80.0))
    params = {"one": sizes[0], "two": sizes[1]}
    records = []
    for end in ({}, {"pays": paid}):
        made = given(Random, roles=PAIR, params=params, spans={"BBB": {"until": "end", **end}})
        records.append(native.run(prepare(made.config, made.strategies, market)))
    without, declared = records
    before = without.ledger[without.ledger["t"] <= until]
    assert declared.ledger[: len(before)].tobytes() == before.tobytes()
    held = before["qty"][(before["role"] == 1)].sum()
    ends = declared.ledger[declared.ledger["kind"] == EntryKind.DELISTING]
    wanted = [(until + 1, -held, held * paid)] if held else []
    assert [(one["t"], one["qty"], one["amount"]) for one in ends] == wanted
    assert fold(declared).equity == pytest.approx(declared.points["equity"], rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(("end", "shares"), [({"pays": 30.0}, 100), ({"delisting_return": -0.3}, -40), ({}, 100)])
def test_both_modes_give_the_same_bytes(end, shares):
    assert same(*(run(end, shares, mode) for mode in ("interpreted", "compiled")))


@pytest.mark.slow
def test_both_modes_give_the_same_bytes_of_sleeves():
    assert same(*map(opposite_sleeves, ("interpreted", "compiled")))
