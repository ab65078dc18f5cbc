# SPDX-License-Identifier: Apache-2.0
"""The account of a walk-forward: the ledger of a run whose parameters change on the way, and of nothing else."""

import numpy as np
import pytest

from engine.kernel.codes import Cause, EngineReason, OrderStatus
from engine.progress import unwatched
from engine.runs.backtest import backtest
from engine.runs.walkforward.stitch import stitch
from engine.runs.walkforward.windows import Span
from tests.runs.walkforward.crossing import SETS, Dated, configured

BEGINS = [np.datetime64(first) for first, _, _ in SETS]
ENDS = [np.datetime64("2018-04-30"), np.datetime64("2018-07-31"), np.datetime64("2018-12-31")]
CHOSEN = [
    (Span(first, last), {"window": window, "least": least})
    for first, last, (_, window, least) in zip(BEGINS, ENDS, SETS, strict=True)
]


def walk(chosen=CHOSEN, closed=False, **keys):
    return stitch(configured(**keys), chosen, closed=closed, watch=unwatched)


def same(one, other):
    for table in ("ledger", "points"):
        mine, yours = getattr(one, table), getattr(other, table)
        assert mine.tobytes() == yours.tobytes(), table
    assert one.state == other.state


def sessions(result, rows):
    return result.market.bars["session"][rows].astype("M8[D]")


def test_one_choice_throughout_is_the_backtest_with_it():
    same(walk([(span, {"window": 30}) for span, _ in CHOSEN]), backtest(configured(["params.window=30"])))


def test_other_parameters_decide_from_the_first_close_of_their_test():
    """Against the walk written as one strategy, which looks its numbers up by the day."""
    same(walk(), backtest(configured(strategy=Dated)))


def test_what_is_the_same_throughout_is_named_as_parameter():
    assert walk().params == {}
    assert walk([(span, {"window": 30}) for span, _ in CHOSEN]).params == {"window": 30, "least": 0.0}


class TestClosed:
    def test_all_is_sold_at_the_first_open_of_the_next_test_and_by_nobody_else(self):
        result = walk(closed=True)
        sold = result.orders[result.orders["reason"] == EngineReason.SEAM]
        assert set(sessions(result, sold["born"])) == set(ENDS[:2])
        assert (sold["status"] == OrderStatus.FILLED).all()
        assert set(sessions(result, sold["ended"])) == set(BEGINS[1:])
        posted = result.ledger[result.ledger["reason"] == EngineReason.SEAM]
        assert set(posted["order"]) == set(sold["id"])
        assert not np.isin(result.orders["id"][np.isin(sessions(result, result.orders["born"]), ENDS[:2])],
                           result.orders["id"][result.orders["reason"] != EngineReason.SEAM]).any()  # fmt: skip

    def test_nothing_is_held_through_the_open_after_it(self):
        """The signed shares of every fill up to the sale add to nothing, role by role."""
        result = walk(closed=True)
        fills = result.ledger[result.ledger["qty"] != 0.0]
        for first in BEGINS[1:]:
            before = sessions(result, fills["t"]) <= first
            own = ~((sessions(result, fills["t"]) == first) & (fills["reason"] != EngineReason.SEAM))
            for role in (0, 1):
                assert fills["qty"][before & own & (fills["role"] == role)].sum() == 0.0

    def test_the_strategy_begins_anew_and_is_asked_at_no_seam(self):
        result = walk(closed=True)
        asked = np.count_nonzero(sessions(result, slice(None)) >= BEGINS[-1])
        assert result.state == {"asked": asked}

    def test_what_works_is_cancelled_and_says_why(self):
        result = walk(closed=True, fills={"at": "next_close", "participation": 1e-9})
        ended = result.orders[result.orders["cause"] == Cause.SEAM]
        assert len(ended)
        assert set(sessions(result, ended["ended"])) <= set(ENDS[:2])


@pytest.mark.parametrize("closed", [False, True])
def test_compiled_it_is_the_same_to_the_byte(closed):
    same(walk(closed=closed, mode="compiled"), walk(closed=closed, mode="interpreted"))
