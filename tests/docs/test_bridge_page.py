# SPDX-License-Identifier: Apache-2.0
"""The page of the bridge names every halt with what ends it and every state; that of paper trading names every gate."""

import re

import pytest

from engine.paper.gates import verdicts_of
from engine.paper.instructions import IntentState
from engine.paper.journal.halts import ACCEPTED_BY_POSITIONS, HaltKind
from tests.paper.gates.test_gates import BUY, facts


@pytest.fixture(scope="module")
def page(request):
    return (request.config.rootpath / "docs" / "bridge.md").read_text()


def rows(page, heading):
    """Rows of the table under a heading, as lists of cells."""
    part = page.partition(f"| {heading} |")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in part.splitlines()[2:]]


def test_every_halt_is_there_with_what_ends_it(page):
    ends = {row[0]: row[2].partition(",")[0] for row in rows(page, "halt")}
    assert ends == {
        kind.value: "`accept-positions`" if kind in ACCEPTED_BY_POSITIONS else "`resume`" for kind in HaltKind
    }


def test_every_gate_is_on_the_page_of_paper_trading(request):
    page = (request.config.rootpath / "docs" / "paper.md").read_text()
    named = [name for row in rows(page, "gate") for name in re.split(", ", row[0])]
    assert sorted(named) == sorted(verdict.gate for verdict in verdicts_of(BUY, facts()))


def test_every_state_is_there(page):
    assert [row[0] for row in rows(page, "state")] == [state.value for state in IntentState]
