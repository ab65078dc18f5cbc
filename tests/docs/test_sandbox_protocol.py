# SPDX-License-Identifier: Apache-2.0
"""docs/sandbox_protocol.md says what the server does: versions, bounds, requests, fields of orders."""

import re

from engine.sandbox import session
from engine.sandbox.desk import tickets_in
from engine.sandbox.desk.counter import HANDLERS
from engine.sandbox.server import PATIENCE
from engine.sandbox.wire import frames, versions
from engine.sandbox.wire.rows import SOUGHT
from tests.docs.conftest import page, tables_with

PAGE = "sandbox_protocol.md"


def names(text):
    return re.findall(r"`(\w+)`", text)


def test_the_page_has_the_requests_that_are_offered():
    (rows,) = tables_with(PAGE, "offered")
    listed = [name for row in rows for name in names(" ".join(row.values()))]
    assert sorted(listed) == sorted(HANDLERS)


def test_the_page_has_the_fields_that_are_acted_on_and_carried():
    ((row,),) = tables_with(PAGE, "acted on", "carried along and shown again")
    contract = {one.name for one in SOUGHT} | {"orderId"}
    assert set(names(row["acted on"])) == tickets_in._ACTED_ON - contract
    assert set(names(row["carried along and shown again"])) == tickets_in._CARRIED


def test_the_page_has_the_bounds():
    (rows,) = tables_with(PAGE, "bound")
    bounds = [row["bound"] for row in rows]
    assert bounds[0].startswith(f"{frames.LARGEST:,} bytes a frame")
    assert bounds[1].startswith(f"{PATIENCE:g} seconds for a handshake")
    assert bounds[2].startswith(f"{session.MOST_UNREAD:,} bytes that a client has not read")


def test_the_page_has_the_versions():
    said = f"Versions {versions.OLDEST} to {versions.NEWEST} of the protocol are spoken, without {versions.DISPUTED}"
    assert said in page(PAGE)
