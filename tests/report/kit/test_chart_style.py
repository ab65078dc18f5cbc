# SPDX-License-Identifier: Apache-2.0
"""Labels of an axis: two ticks of one never read alike, however small what it shows is."""

import re

import numpy as np
import pytest

from engine.report.kit import chart_style as style
from engine.report.sweep.charts import objective_axis
from engine.runs.sweep.figures import OBJECTIVES


def written(kind, value):
    """What d3-format writes for the kinds that the charts use: https://d3js.org/d3-format."""
    digits, trimmed, unit = re.fullmatch(r"(?:\.(\d+))?(~?)([%rf])", kind).groups()
    places = int(digits or 6)
    if unit == "r":
        text = np.format_float_positional(value, precision=places, fractional=False, unique=False)
    else:
        text = f"{100 * value if unit == '%' else value:.{places}f}"
    text = text.rstrip("0").rstrip(".") if trimmed and "." in text else text
    return text + ("%" if unit == "%" else "")


AXES = [style.percent_axis(), *(objective_axis(one) for one in OBJECTIVES.values())]


@pytest.mark.parametrize("step", [0.0005, 0.005, 0.01, 0.02, 0.25, 5.0])
@pytest.mark.parametrize("axis", AXES)
def test_every_tick_has_a_label_of_its_own(axis, step):
    """A drawdown of 2 % has ticks half a per cent apart: they read 0, -1, -1, -2 and -2 %."""
    ticks = -step * np.arange(5)
    assert len({written(axis["tickformat"], tick) for tick in ticks}) == 5


def test_a_label_has_no_digits_that_say_nothing():
    kinds = [(style.PERCENTS, 0.3, "30%"), (style.PERCENTS, 0.1 + 0.2, "30%"), (style.PERCENTS, 0.015, "1.5%"),
             (style.RATIOS, 100.0, "100"), (style.RATIOS, 0.205, "0.205"), (style.RATIOS, 1.0, "1")]  # fmt: skip
    assert [written(kind, value) for kind, value, _ in kinds] == [text for *_, text in kinds]
