# SPDX-License-Identifier: Apache-2.0
"""What a run with roles that begin late or end early says, and what refuses it."""

import datetime as dt

import numpy as np
import pytest

import engine
from engine.errors import InputError
from engine.inputs.spans import check_spans
from engine.paper.bars import SourceBars
from engine.runs.capacity.run import capacity
from engine.runs.chance.again import once_more
from engine.runs.signals import signals
from engine.runs.stress.moves import standing_book
from engine.runs.stress.run import stress
from engine.runs.verify import NO_SPANS, verify
from engine.sandbox.exchange.replay import replay_of
from engine.strategy import Strategy
from tests.kernel.spans import FRAMES, SPANS, Holds, given, market_of, table


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

    def test_a_decision_on_a_day_without_a_price(self):
        assert "CCC" in refused(lambda: signals(given(Holds))).found
        assert "BBB" in refused(lambda: signals(given(Holds), dt.date(2024, 3, 6))).found
        assert signals(given(Holds), dt.date(2024, 3, 8)).lone.held == (0.0, 10.0, 100.0)


class Puts(Strategy):
    """Declares an option."""

    roles = ("whole", "late", "early")
    options = {"put": "whole"}  # noqa: RUF012

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        orders.close_option(0)
