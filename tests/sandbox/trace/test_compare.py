# SPDX-License-Identifier: Apache-2.0
"""Two traces held against each other: what one broker says and the other never does."""

import json

import pytest

from engine.errors import InputError
from engine.sandbox.trace.compare import differences, read_trace, summary
from engine.sandbox.trace.privacy import NotPaper, Privacy


def said(message, **values):
    return {"seconds": 0.0, "connection": 1, "from": "broker", "message": message, "values": values}


def status(order, text):
    return said("orderStatus", orderId=order, status=text, whyHeld="")


OURS = [said("error", code=2104, text="ok"), status(1, "Submitted"), status(1, "Submitted"), status(1, "Filled")]


def test_a_trace_does_not_differ_from_itself():
    assert differences(summary(OURS), summary(OURS)) == []


@pytest.mark.parametrize(
    ("more", "finding"),
    [
        (said("orderBound", permId=5), "orderBound: the Gateway sends it (1 times), the sandbox did not"),
        (said("error", code=2158, text="ok"), "error 2158: said by the Gateway alone"),
        (
            said("orderStatus", orderId=1, status="Filled", whyHeld="locate"),
            "orderStatus: the Gateway fills whyHeld; blank in the sandbox",
        ),
        (status(2, "Inactive"), "an order's life at the Gateway alone: orderStatus Inactive"),
        (
            {**said(""), "problem": "openOrder: 1 fields are left over", "fields": ["5"]},
            "not read by the sandbox's tables, 1 times: openOrder: 1 fields are left over",
        ),
    ],
)  # fmt: skip
def test_what_the_gateway_says_beyond_is_found(more, finding):
    assert finding in differences(summary(OURS), summary([*OURS, more]))


def test_what_the_sandbox_says_beyond_is_found():
    more = [*OURS, said("pnl", daily=1.5), said("error", code=1100, text="x"), status(2, "Inactive")]
    assert differences(summary(more), summary(OURS)) == [
        "pnl: the sandbox sends it (1 times), the Gateway did not",
        "error 1100: said by the sandbox alone",
        "an order's life in the sandbox alone: orderStatus Inactive",
    ]


def test_what_clients_say_is_not_compared():
    request = {**said("placeOrder", orderId=1), "from": "client"}
    assert differences(summary(OURS), summary([*OURS, request])) == []


def test_a_file_that_is_no_trace_is_refused_with_its_line(tmp_path):
    path = tmp_path / "trace.jsonl"
    path.write_text("\n".join(map(json.dumps, OURS)) + "\nhello\n")
    with pytest.raises(InputError, match=r"trace.jsonl:5: no entry of a trace; found hello"):
        list(read_trace(path))
    with pytest.raises(InputError, match="cannot be read"):
        list(read_trace(tmp_path / "none.jsonl"))
    path.write_text("\n".join(map(json.dumps, OURS)))
    assert list(read_trace(path)) == OURS


def test_the_longest_account_is_replaced_first():
    privacy = Privacy()
    privacy.learn("DU12,DU123,DF9")
    assert privacy.text("DU123 and DU12 under DF9") == "DU0000002 and DU0000001 under DF0000003"
    assert privacy.values({"offset": float("inf"), "legs": [{"account": "DU12", "faGroup": "Jane"}]}) == {
        "offset": "Infinite", "legs": [{"account": "DU0000001", "faGroup": "advisor-1"}],
    }  # fmt: skip
    with pytest.raises(NotPaper, match="begins with 'U' is no paper account"):
        privacy.learn("DU12,U555")


def test_of_a_list_with_real_money_no_account_is_learned():
    privacy = Privacy()
    with pytest.raises(NotPaper):
        privacy.learn("DU1,U2")
    assert not privacy.knows_accounts
    assert privacy.text("DU1") == "DU1"
