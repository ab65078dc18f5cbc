# SPDX-License-Identifier: Apache-2.0
"""What a run did that nobody else does is said on its result."""

import pytest

from engine.analytics.analysis import analyse
from engine.engines import native
from engine.inputs.rules import fill_convention
from engine.report.run.notices import notices
from tests.kernel import instructed
from tests.kernel.order_table import TABLE, market_of, read_cases
from tests.kernel.replay import Instruction, instruct, prepare, settings

CASE = read_cases(TABLE.read_text(encoding="utf-8"))[0]


def loud(given: dict) -> str:
    market = instruct(market_of(CASE), [Instruction(0, instructed.MARKET, 0, 100.0)])
    result = native.run(prepare(market, settings(given)), "interpreted")
    return " ".join(each.text for each in notices(result, analyse(result)) if each.level == "loud")


def test_an_ordinary_run_has_nothing_loud_to_say():
    assert loud({}) == ""


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("account.margin.kind", "none", "borrow without limit"),
        ("fills.at", "this_close", "Same-bar fills"),
        ("fills.intrabar", "optimistic", "Optimistic fills"),
    ],
)
def test_what_no_broker_offers_is_said_aloud(setting: str, value: str, said: str):
    assert said in loud({setting: value})


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("fills.at", "next_open", "filled at the next open"),
        ("fills.at", "next_close", "filled at the next close"),
        ("fills.at", "this_close", "SAME-BAR"),
        ("fills.intrabar", "pessimistic", "the adverse side first"),
        ("fills.intrabar", "optimistic", "the favourable side first (optimistic)"),
        ("fills.limit", "through", "only when traded through"),
        ("fills.participation", 0.25, "at most 25% of a bar's volume"),
        ("fills.participation", None, "no cap on volume"),
        ("fills.whole_shares", False, "fractional shares in steps of 1e-06"),
    ],
)
def test_the_fill_convention_names_its_rules(setting: str, value: object, said: str):
    assert said in fill_convention(settings({setting: value}))
