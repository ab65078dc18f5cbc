# SPDX-License-Identifier: Apache-2.0
"""What every test of the sandbox gets: whatever it has opened is closed."""

import pytest

from tests.sandbox.stage import Stage


@pytest.fixture(autouse=True)
def _books_closed():
    """An exchange that a test has left lets go of its book."""
    yield
    for exchange in Stage.opened:
        exchange.close()
    Stage.opened.clear()
