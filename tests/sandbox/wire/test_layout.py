# SPDX-License-Identifier: Apache-2.0
"""One table reads and writes a message; a field too many or too few is named, and a value without a row is too."""

import pytest

from engine.sandbox.wire.answers import ANSWERS, BY_NUMBER
from engine.sandbox.wire.answers import LAYOUTS as ALL_ANSWERS
from engine.sandbox.wire.fields import DOUBLE, FLAG, INT, TEXT, WireError
from engine.sandbox.wire.layout import Fixed, Layout, Many, Row, When
from engine.sandbox.wire.requests import LAYOUTS as ALL_REQUESTS
from engine.sandbox.wire.requests import REQUESTS, read_request
from engine.sandbox.wire.rows import has

TOY = Layout(
    42,
    "toy",
    (
        Fixed("3"),
        Row("id", INT),
        Row("late", DOUBLE, since=170, blank="0.5"),
        Row("early", TEXT, before=165),
        Row("more", FLAG),
        When(has("more"), (Row("what", TEXT),)),
        Many("pairs", (Row("key", TEXT), Row("number", INT))),
    ),
)
VALUES = {"id": 7, "late": 1.25, "more": True, "what": "x", "pairs": [{"key": "a", "number": 1}]}


def test_a_message_reads_back_at_each_version():
    assert TOY.write(VALUES, 178) == ["42", "3", "7", "1.25", "1", "x", "1", "a", "1"]
    assert TOY.read(TOY.write(VALUES, 178)[1:], 178) == VALUES
    old = {"id": 7, "early": "e", "more": False, "pairs": []}
    assert TOY.write(old, 160) == ["42", "3", "7", "e", "0", "0"]
    assert TOY.read(["3", "7", "e", "0", "0"], 160) == old


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (["3", "7", "1.25", "0", "0", "surplus"], "toy: 1 fields are left over behind the last one: 'surplus'"),
        (["3", "7", "1.25"], "toy: ends after 3 fields, where more is due"),
        ([], "toy: ends after 0 fields, where its version is due"),
        (["4", "7", "1.25", "0", "0"], "toy: field 1, its version, is '4'; it should be 3"),
        (["3", "x", "1.25", "0", "0"], "toy: field 2, id, is 'x'; it should be a whole number of 32 bits"),
        (["3", "7", "1.25", "yes", "0"], "toy: field 4, more, is 'yes'; it should be 0 or 1"),
        (["3", "7", "1.25", "0", "2", "a", "1"], "toy: ends after 7 fields, where key is due"),
        (
            ["3", "7", "1.25", "0", "-1"],
            "toy: field 5, the count of pairs, is '-1'; it should be a count of what follows",
        ),
        (["3", "7", "1.25", "0", "9999999"], "toy: field 5, the count of pairs, is '9999999'"),
        (["3", "7", "1.25", "0", "n"], "toy: field 5, the count of pairs, is 'n'; it should be a whole number"),
    ],
)
def test_what_does_not_fit_is_named(fields, says):
    with pytest.raises(WireError) as wrong:
        TOY.read(fields, 178)
    assert str(wrong.value).startswith(says)


def test_writing_is_as_strict():
    with pytest.raises(KeyError, match="toy lacks id"):
        TOY.write({key: value for key, value in VALUES.items() if key != "id"}, 178)
    with pytest.raises(KeyError, match="toy has no field idd"):
        TOY.write(VALUES | {"idd": 1}, 178)
    with pytest.raises(ValueError, match="toy: late: a NaN"):
        TOY.write(VALUES | {"late": float("nan")}, 178)
    assert TOY.write({key: value for key, value in VALUES.items() if key != "late"}, 178)[3] == "0.5"
    assert TOY.write(VALUES | {"early": "kept for other versions"}, 178)


def test_each_message_has_one_number_and_one_name():
    for layouts in (ALL_ANSWERS, ALL_REQUESTS):
        assert len({layout.number for layout in layouts}) == len(layouts)
        assert len({layout.name for layout in layouts}) == len(layouts)
    assert ANSWERS["openOrder"] is BY_NUMBER[5]
    assert REQUESTS[3].name == "placeOrder"


@pytest.mark.parametrize("version", range(157, 179))
def test_blank_messages_read_back_at_every_version(version):
    for layout in (*ALL_ANSWERS, *ALL_REQUESTS):
        values = {row.name: row.kind.read(row.kind.blank or "") for row in _flat(layout.rows) if isinstance(row, Row)}
        written = layout.write(values, version)
        assert layout.write(layout.read(written[1:], version), version) == written


def _flat(rows):
    for row in rows:
        if isinstance(row, When):
            continue
        yield row


@pytest.mark.parametrize("number", ["", "x", "-1", "3.0", "99999999999", "200", "207", "\u0663"])
def test_a_number_of_no_message_is_refused(number):
    with pytest.raises(WireError, match="no message of versions up to 178 has the number"):
        read_request([number], 178)


def test_a_request_knows_the_id_under_which_it_is_answered():
    assert read_request(["92", "17", "DU1", ""], 178).key == 17
    assert read_request(["4", "1", "9", ""], 178).key == 9
    assert read_request(["61", "1"], 178).key == -1
