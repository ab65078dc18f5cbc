# SPDX-License-Identifier: Apache-2.0
"""What a run with roles that begin late or end early says, and what refuses it."""

import datetime as dt
import io

import numpy as np
import pytest
from rich.console import Console

import engine
from engine.errors import InputError
from engine.inputs.spans import check_spans
from engine.notice import loud
from engine.paper.decision.bars import SourceBars
from engine.report.signals.document import document
from engine.report.signals.terminal import show
from engine.runs.capacity.run import capacity
from engine.runs.chance.again import once_more
from engine.runs.signals.account_decision import Holdings
from engine.runs.signals.run import signals
from engine.runs.stress.moves import standing_book
from engine.runs.stress.run import stress
from engine.runs.verify.run import NO_SPANS, verify
from engine.sandbox.exchange.replay import replay_of
from engine.strategy import Strategy
from tests.kernel.spans import FRAMES, SPANS, EveryOrder, Holds, given, market_of, table


def refused(ask):
    with pytest.raises(InputError) as caught:
        ask()
    (problem,) = caught.value.problems
    return problem


class TestTheBars:
    def test_a_role_is_blank_outside_its_life(self):
        market = market_of(given(Holds))
        assert market.partial_roles == ("late", "early")
        assert np.isnan(market.late.close).tolist() == [True] * 3 + [False] * 7
        assert np.isnan(market.early.volume).tolist() == [False] * 6 + [True] * 4
        assert market.late.dividend.tolist() == [0.0] * 10
        assert market.slice(3, 6).partial_roles == ()

    @pytest.mark.parametrize(
        ("spans", "first", "count"),
        [
            ({}, "2024-03-07", 3),
            ({"BBB": {"from": "launch"}}, "2024-03-04", 6),
            ({"CCC": {"until": "end"}}, "2024-03-07", 7),
            ({"default": {"from": "launch", "until": "end"}}, "2024-03-04", 10),
            ({"default": {"from": "launch", "until": "end"}, "BBB": {}}, "2024-03-07", 7),
        ],
    )
    def test_the_panel_reaches_as_far_as_the_roles_that_must_be_there(self, spans, first, count):
        market = market_of(given(Holds, spans=spans))
        assert (str(market.sessions[0]), len(market)) == (first, count)

    def test_a_day_that_is_missing_in_a_life_is_dropped_for_all_and_one_before_it_is_not(self):
        frames = {
            **FRAMES,
            "BBB": FRAMES["BBB"].drop(FRAMES["BBB"].index[2]),
            "CCC": FRAMES["CCC"].drop(FRAMES["CCC"].index[1]),
        }
        market = market_of(given(Holds, frames=frames))
        assert "2024-03-05" not in market.sessions.astype(str)
        assert "2024-03-11" not in market.sessions.astype(str)
        assert len(market) == 8
        assert market.late.close[2:].tolist() == [53.0, 54.0, 56.0, 57.0, 58.0, 59.0]

    def test_splits_and_dividends_of_a_late_role_stand_in_its_own_shares(self):
        split = np.where(np.arange(7) == 2, 2.0, 1.0)
        late = table(50.0, begins=3, split=split)
        late.loc[late.index[2:], ["open", "high", "low", "close"]] /= 2.0
        market = market_of(given(Holds, frames={**FRAMES, "BBB": late}, overrides=["data.prices=raw"]))
        assert market.bars["late"]["factor"].tolist() == [1.0] * 5 + [2.0] * 5
        assert market.late.close[3:].tolist() == [53.0, 54.0, 55.0, 56.0, 57.0, 58.0, 59.0]

    def test_two_sets_of_spans_are_two_panels(self):
        counts = [len(market_of(given(Holds, spans=spans))) for spans in ({}, SPANS, {})]
        assert counts == [3, 10, 3]


class TestWhatIsSaid:
    def test_of_where_they_begin_and_end(self):
        notes = [one.text for one in market_of(given(Holds)).notices]
        assert "BBB: its bars begin 2024-03-07: no price on the 3 bars of the run before" in notes
        assert "CCC: its bars end 2024-03-11: the 4 bars after have no price of it" in notes

    def test_of_the_period_alone(self):
        whole = market_of(given(Holds, period={"start": "2024-03-07", "end": "2024-03-11"}))
        assert not [one for one in whole.notices if "its bars" in one.text]
        after = market_of(given(Holds, period={"start": "2024-03-12"}))
        assert "CCC: no price on any bar of the run: orders for it are refused" in [one.text for one in after.notices]


class TestWhatIsRefused:
    def test_a_symbol_that_no_role_has(self):
        problem = refused(lambda: market_of(given(Holds, spans={"BB": {"from": "launch"}})))
        assert (problem.path, problem.nearest) == ("spans.BB", "BBB")

    @pytest.mark.parametrize("span", [{"from": "lunch"}, {"until": "launch"}, {"since": 3}, "launch"])
    def test_what_is_no_span(self, span):
        assert refused(lambda: given(Holds, spans={"BBB": span})).path.startswith("spans.BBB")

    def test_a_role_without_a_bar_in_the_run(self):
        early = {**FRAMES, "CCC": table(20.0, stop=3)}
        problem = refused(lambda: market_of(given(Holds, frames=early, spans={"CCC": {"until": "end"}})))
        assert "CCC has no bar among those of the run" in problem.message

    def test_to_be_compared_with_what_has_no_price(self):
        problem = refused(lambda: engine.backtest(given(Holds, benchmark="late")))
        assert (problem.path, problem.allowed) == ("benchmark", "AAA, none")
        assert engine.backtest(given(Holds, benchmark="none")).record.market.partial_roles

    def test_options(self):
        problem = refused(lambda: engine.backtest(given(Puts, options={"volatility": 0.2})))
        assert problem.path == "spans"
        assert "options" in problem.message

    def test_funds_that_are_measured_against_each_other(self):
        class Fund(Holds):
            replica = object()

        ready = given(Holds)
        problem = refused(lambda: check_spans(market_of(ready), ready.config, [Fund]))
        assert problem.message == "Fund measures funds against each other, which needs every role on every bar"

    def test_the_second_engine(self):
        assert "backtrader needs" in refused(lambda: engine.backtest(given(Holds, engine="backtrader"))).message
        found = verify(given(Holds)).lone
        assert found.engines is None
        assert found.not_compared == NO_SPANS

    @pytest.mark.parametrize(
        ("ask", "who"),
        [
            (stress, "the stress test"),
            (capacity, "the search for its capacity"),
            (replay_of, "the broker sandbox"),
            (once_more, "a run against chance"),
            (lambda config: standing_book(config, dt.date(2024, 3, 8)), "a book under a scenario"),
            (lambda config: SourceBars(config).latest(2**62), "paper trading"),
        ],
    )
    def test_what_needs_every_role(self, ask, who):
        problem = refused(lambda: ask(given(Holds)))
        assert problem.message == f"{who} needs every role on every bar"
        assert (problem.path, problem.found) == ("spans", "BBB, CCC")

    def test_a_decision_soon_after_a_role_s_last_bar_for_its_file_may_be_late(self):
        problem = refused(lambda: signals(given(Holds)))
        assert problem.message == "no price on 2024-03-15: the role is over, or its bars are late"
        assert problem.found == "CCC to 2024-03-11"
        assert signals(given(Holds), dt.date(2024, 3, 8)).lone.held == (0.0, 10.0, 100.0)


class TestADecisionWithoutARole:
    """CCC ends on the fourth bar, six sessions before the last; BBB begins on that bar."""

    OVER = {"frames": {**FRAMES, "CCC": FRAMES["CCC"].iloc[:4]}}  # noqa: RUF012

    def test_leaves_out_what_is_over(self):
        shown = document(signals(given(Holds, **self.OVER)), 0)
        assert [(one["symbol"], one["held"], one["target"]) for one in shown["positions"]] == [
            ("AAA", 0.0, 0.0),
            ("BBB", 10.0, 10.0),
        ]
        assert shown["send"] == []

    def test_and_what_has_not_begun(self):
        shown = document(signals(given(Holds, **self.OVER), dt.date(2024, 3, 6)), 0)
        assert [one["symbol"] for one in shown["positions"]] == ["AAA", "CCC"]

    def test_is_carried_to_an_account_of_one_s_own(self):
        """The backtest of 100,000 holds 10: half as much money is to hold 4, for it has gained a little."""
        own = signals(given(Holds, **self.OVER), holdings=Holdings(50_000.0, {"BBB": 2.0})).account
        assert own.cash == 50_000.0 - 2.0 * 59.0
        assert [(one.symbol, one.held, one.target) for one in own.positions] == [("AAA", 0.0, 0.0), ("BBB", 2.0, 4.0)]
        assert (own.margin.initial_before, own.margin.initial_after) == (59.0, 118.0)  # half of 118 and of 236

    def test_which_cannot_hold_it(self):
        problem = refused(lambda: signals(given(Holds, **self.OVER), holdings=Holdings(50_000.0, {"CCC": 5.0})))
        assert (problem.path, problem.message, problem.found) == ("--positions", "no price on 2024-03-15", "CCC")
        flat = signals(given(Holds, **self.OVER), holdings=Holdings(50_000.0, {"CCC": 0.0})).account
        assert flat.cash == 50_000.0

    def test_tells_orders_that_are_refused_and_lists_none_of_them_to_send(self):
        pair = {"roles": {"whole": "AAA", "other": "BBB"}, "spans": {"BBB": {"from": "launch"}}}
        decided = signals(given(EveryOrder, params={"at": 2}, **pair), dt.date(2024, 3, 6))
        assert document(decided, 0)["send"] == []
        assert loud("BBB: 15 orders of this decision are refused (no price) and not to be sent") in decided.lone.notices
        assert "Nothing to send" in printed(decided)

    def test_and_so_of_what_a_cash_account_refuses_at_the_close_that_decides(self):
        account = {"cash": 100_000.0, "margin": {"kind": "cash"}}
        asked = given(Shorts, spans={}, frames=WHOLE, account=account, fills={"at": "this_close"})
        decided = signals(asked, dt.date(2024, 3, 5))
        assert document(decided, 0)["send"] == []
        told = loud("CCC: an order of this decision is refused (cash account) and not to be sent")
        assert told in decided.lone.notices

    def test_and_so_of_what_is_sent_at_the_close_of_a_margin_call(self):
        """9,000 bought at 20 with 100,000; at 11 the equity is 19,000, below a quarter of 99,000."""
        fallen = table(20.0)
        fallen[["open", "high", "low", "close"]] = 20.0
        fallen.loc[fallen.index[3:], ["open", "high", "low", "close"]] = 11.0
        asked = given(Averages, roles={"fund": "CCC"}, spans={}, frames={"CCC": fallen})
        decided = signals(asked, dt.date(2024, 3, 7))
        (forced,) = document(decided, 0)["send"]
        assert (forced["reason"], forced["quantity"] < 0.0) == ("margin_call", True)
        told = loud("CCC: an order of this decision is refused (margin call) and not to be sent")
        assert told in decided.lone.notices


class Averages(Strategy):
    """Buys on the first bar, and more where it has fallen."""

    roles = ("fund",)

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            orders.market(0, 9_000)
        if bar.fund.close < 15.0:
            orders.market(0, 100)


WHOLE = {"AAA": table(100.0), "BBB": table(50.0), "CCC": table(20.0)}


class Shorts(Strategy):
    """Sells short on the second bar."""

    roles = ("whole", "late", "early")

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 1:
            orders.market(2, -100)


def printed(decided):
    screen = Console(file=io.StringIO(), width=80)
    show(decided, 0, screen)
    return screen.file.getvalue()


class Puts(Strategy):
    """Declares an option."""

    roles = ("whole", "late", "early")
    options = {"put": "whole"}  # noqa: RUF012

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        orders.close_option(0)
