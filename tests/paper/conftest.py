# SPDX-License-Identifier: Apache-2.0
"""A journal on the disk with a clock that stands still until a test moves it."""

import pytest

from engine.paper.journal.journal import Journal
from tests.paper.words import Clock


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def journal(tmp_path, clock):
    with_journal = Journal(tmp_path / "journal.db", clock)
    yield with_journal
    with_journal.close()
