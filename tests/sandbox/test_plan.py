# SPDX-License-Identifier: Apache-2.0
"""A plan of faults in a file: read in order, every mistake told at its line."""

import pytest

from engine.errors import ConfigError
from engine.sandbox.faults import FAULTS, Fault
from engine.sandbox.plan import fault_of, read_plan

PLAN = """\
faults:
  - fault: reject            # the first order of anybody
  - fault: partial
    symbol: IWM
    part: 0.3
  - fault: disconnect
    on: placeOrder
    nth: 2
    client: 1
  - {fault: cut, on: execDetails, after_bytes: 7}
  - {fault: slow, on: orderStatus, seconds: 2}
  - {fault: answer, on: reqHistoricalData, code: 162}
  - {fault: disconnect, moment: read}
  - fault: nightly
"""


def test_a_plan_is_its_faults_in_order(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text(PLAN)
    assert read_plan(path) == [
        Fault("reject"),
        Fault("partial", symbol="IWM", part=0.3),
        Fault("disconnect", on="placeOrder", nth=2, client=1),
        Fault("cut", on="execDetails", after_bytes=7),
        Fault("slow", on="orderStatus", seconds=2.0),
        Fault("answer", on="reqHistoricalData", code=162),
        Fault("disconnect", moment="read"),
        Fault("nightly"),
    ]


@pytest.mark.parametrize(
    ("said", "line", "says"),
    [
        ("fault: rejekt", 2, "no such fault; found 'rejekt'"),
        ("fault: rejekt", 2, "did you mean 'reject'?"),
        ("part: 0.3", 2, "no such fault"),
        ("{fault: partial, parts: 0.3}", 2, "not a key of partial"),
        ("{fault: partial, parts: 0.3}", 2, "did you mean 'part'?"),
        ("{fault: partial, part: 1.5}", 2, "above 0 and below 1"),
        ("{fault: reject, nth: 0}", 2, "1 or more"),
        ("{fault: reject, nth: first}", 2, "not a whole number; found 'first'"),
        ("{fault: reject, nth: true}", 2, "not a whole number; found True"),
        ("{fault: slow, on: orderStatus, seconds: -1}", 2, "0 or more"),
        ("{fault: slow, seconds: 1}", 2, "slow needs the message whose frame it strikes"),
        ("{fault: twice, on: placeOrders}", 2, "did you mean 'placeOrder'?"),
        ("{fault: disconnect, on: placeOrder, moment: then}", 2, "allowed: read, handle, write"),
        ("{fault: disconnect, on: placeOrder, moment: read}", 2, "before a frame is read its message is not known"),
        ("{fault: disconnect, on: orderStatus, moment: handle}", 2, "orderStatus is said by the broker"),
        ("{fault: disconnect, on: placeOrder, moment: write}", 2, "placeOrder is said by clients"),
        (f"{{fault: slow, on: orderStatus, seconds: {1 << 62}}}", 2, "too much"),
        ("{fault: answer, on: reqIds}", 2, "answer needs the broker's code"),
        ("[reject]", 2, "no such fault"),
    ],
)
def test_each_mistake_is_told_at_its_line(tmp_path, said, line, says):
    path = tmp_path / "plan.yaml"
    path.write_text(f"faults:\n  - {said}\n")
    with pytest.raises(ConfigError) as refused:
        read_plan(path)
    assert says in str(refused.value)
    assert refused.value.problems[0].line == line


@pytest.mark.parametrize("text", ["", "reject", "faults: reject", "faults: []\nmore: 1\n", "- fault: reject\n"])
def test_what_is_no_plan_is_refused(tmp_path, text):
    path = tmp_path / "plan.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match="a plan is a list under the one key `faults`"):
        read_plan(path)


def test_all_mistakes_are_told_at_once(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_text("faults:\n  - fault: no\n  - {fault: reject, nth: 0}\n")
    with pytest.raises(ConfigError) as refused:
        read_plan(path)
    assert [one.line for one in refused.value.problems] == [2, 3]


@pytest.mark.parametrize("key", ["on", "moment", "seconds", "nth", "client"])
@pytest.mark.parametrize(
    "value", [None, [], {}, True, float("nan"), float("inf"), pytest.param(10**400, id="googols"), "x"]
)
def test_a_value_of_another_kind_is_refused(key, value):
    with pytest.raises(ConfigError):
        fault_of({"fault": "slow", "on": "orderStatus", key: value})


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_can_be_said_by_a_program(name):
    rest = {"on": "placeOrder"} if FAULTS[name][0] == "frame" else {}
    rest |= {"code": 1} if name in {"answer", "notice"} else {}
    assert fault_of({"fault": name, **rest}).fault == name
