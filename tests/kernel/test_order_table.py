# SPDX-License-Identifier: Apache-2.0
"""The reader of the table refuses what it cannot read: a case that is skipped by mistake would test nothing."""

import pytest

from engine.kernel.codes import Cause, OrderStatus
from tests.kernel import instructed
from tests.kernel.order_table import TableError, market_of, read_cases
from tests.kernel.replay import Instruction, instruct

GOOD = """\
# A chapter

## A case
Why it matters.

- with account.cash: 5_000

| bar | open | high | low | close | volume |
|-----|------|------|-----|-------|--------|
| 1   | 50   | 51   | 49  | 50    | none   |
| 2   | 52   | 53   | 51  | 53    | 1,000  |

- after bar 1: buy 100 of A stop 51, day, reason 2

expect:
- bar 1: nothing
- bar 2: buy 100 at 52, reason 2
- bar 2: pays 1.00 commission
- bar 2: equity 5,099
- order 1 filled
"""


def test_a_good_case_is_read_in_full():
    (case,) = read_cases(GOOD)
    assert case.settings == {"account.cash": 5000}
    assert case.instructions == [Instruction(0, instructed.STOP, 0, 100.0, 51.0, reason=2, day=1)]
    assert [event.kind for event in case.events] == ["fill", "commission"]
    assert case.events[1].amount == -1.0
    assert case.quiet == [0]
    assert case.endings[1].status == OrderStatus.FILLED
    assert case.endings[1].cause == Cause.NONE


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("buy 100 of A stop 51, day, reason 2", "buy 100 of A at once", "no such kind of order: 'at once'"),
        ("buy 100 of A stop 51, day, reason 2", "purchase 100", "no such instruction"),
        ("stop 51, day", "stop 51, daily", "no such modifier: 'daily'"),
        ("- after bar 1:", "- after bar one:", "starts with `after bar N:`"),
        ("- after bar 1:", "- after bar 3:", "speaks of a bar"),
        ("- bar 2: buy 100 at 52, reason 2", "- bar 2: bought 100 at 52", "no such event"),
        ("- bar 2: buy 100 at 52, reason 2", "- bar 2: buy 100 at 52, by chance", "no such reason: 'by chance'"),
        ("- bar 2: buy 100 at 52, reason 2", "- bar 1: buy 100 at 52", "on a bar of `nothing`"),
        ("1.00 commission", "1.00 tip", "no such cash flow: 'tip'"),
        ("order 1 filled", "order 1 vanished", "'VANISHED'"),
        ("order 1 filled", "refused: no", "leaves nothing to expect"),
        ("order 1 filled", "order 1 cancelled: bad luck", "'BAD_LUCK'"),
        ("order 1 filled", "the order is filled", "starts with `bar N:`, `order N` or `refused:`"),
        ("| 2   | 52   |", "| 3   | 52   |", "bar 2 comes next"),
        ("| 2   | 52   |", "| 2   | 54   |", "between low and high"),
        ("| 2   | 52   |", "| 2   | ?    |", "could not convert"),
        ("| close | volume |", "| close | colour |", "unknown ['colour']"),
        ("| 53    | 1,000  |", "| 53    |", "zip"),
        ("- with account.cash: 5_000", "- with account.cash", "not enough values"),
        ("Why it matters.", "", "no sentence says why"),
        ("- after bar 1: buy 100 of A stop 51, day, reason 2", "", "nothing is ordered"),
        ("expect:", "expected:", "neither a table, an instruction nor an expectation"),
        ("- order 1 filled", "order 1 filled", "neither a table, an instruction nor an expectation"),
    ],
)
def test_a_malformed_case_is_refused_with_its_place(right: str, wrong: str, said: str):
    assert GOOD.count(right) == 1
    with pytest.raises(TableError, match=r"^line \d+: ") as refused:
        read_cases(GOOD.replace(right, wrong))
    assert said in str(refused.value)


def test_two_cases_of_one_name_are_refused():
    with pytest.raises(TableError, match="two cases are called 'A case'"):
        read_cases(GOOD + GOOD)


def test_more_instructions_than_a_bar_has_room_for_are_refused():
    with pytest.raises(ValueError, match="more than 6 instructions after bar 1"):
        instruct(market_of(read_cases(GOOD)[0]), [Instruction(0, instructed.MARKET, 0, 1.0)] * 7)
