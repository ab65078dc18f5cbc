# SPDX-License-Identifier: Apache-2.0
"""What is less than a step is remembered alike by interpreted and compiled code."""

import numpy as np
import pytest

from engine.engines import native
from tests.kernel import instructed
from tests.kernel.replay import Instruction, draw_market, instruct, prepare, settings

FIRST = 19_000
STILL = np.tile([10.0, 10.0, 10.0, 10.0, 100_000.0], (4, 1))


@pytest.mark.parametrize("mode", ["interpreted", "compiled"])
def test_both_modes_say_what_came_to_no_order(mode):
    market = draw_market({"a": STILL, "b": STILL}, np.arange(FIRST, FIRST + 4))
    asked = [Instruction(1, instructed.MARKET, role=1, qty=-0.4)]
    result = native.run(prepare(instruct(market, asked), settings()), mode)
    (text,) = [one.text for one in result.notices if "are less than" in one.text]
    assert text.startswith("B: -0.4 shares (4.00 of an equity of 100,000.00) are less than a whole share, which costs")
    assert len(result.orders) == 0
