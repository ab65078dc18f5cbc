# SPDX-License-Identifier: Apache-2.0
"""A sweep's table draws itself: medians and bands by hand, one setting, two, or all of them; a part of it does too."""

import itertools
import math

import numpy as np
import pandas as pd
import pytest

from engine.api.frames import swept
from engine.errors import InputError

ENTER, WINDOW, AT = [1.0, 0.5], [20, 40, 60], ["next_open", "next_close"]


def table(over, rows):
    made = [dict(zip(over, values, strict=True)) | {"fills": place, "error": ""} for place, values in enumerate(rows)]
    ratios = [0.1 * place**1.5 for place in range(len(made))]
    told = [one | {"reward_to_variability": ratio} for one, ratio in zip(made, ratios, strict=True)]
    return swept(pd.DataFrame(told), over)


@pytest.fixture
def two():
    return table(["params.enter", "z_window"], itertools.product(ENTER, WINDOW))


def test_over_one_setting_the_median_stands_in_a_band(two):
    low, high, middle = two.plot(over="z_window").data
    assert list(middle.x) == WINDOW
    for place, window in enumerate(WINDOW):
        own = sorted(two["reward_to_variability"][two["z_window"] == window])
        assert middle.y[place] == pytest.approx((own[0] + own[1]) / 2)
        assert low.y[place] == pytest.approx(own[0] + 0.1 * (own[1] - own[0]))
        assert high.y[place] == pytest.approx(own[0] + 0.9 * (own[1] - own[0]))


def test_over_two_it_is_a_heat_map_with_numbers_in_their_order(two):
    (heat,) = two.plot("fills").data
    assert list(heat.y) == [0.5, 1.0]
    assert list(heat.x) == WINDOW
    assert np.array(heat.z).tolist() == [[3, 4, 5], [0, 1, 2]]


def test_words_and_truths_stand_in_the_order_of_the_table():
    made = table(["fills.at", "z_window", "data.daily"], itertools.product(AT, [20, 40], [True, False]))
    (heat,) = made.plot(over=["fills.at", "data.daily"]).data
    assert list(heat.y) == AT
    assert list(heat.x) == ["true", "false"]
    assert [round(one, 9) for one in heat.z[0]] == [
        round((0.0 + 0.1 * 2**1.5) / 2, 9),
        round((0.1 + 0.1 * 3**1.5) / 2, 9),
    ]
    assert made.plot(over="fills.at").layout.xaxis.title.text == "fills.at"


def test_over_more_each_combination_is_a_line():
    made = table(["params.enter", "z_window", "fills.at"], itertools.product(ENTER, WINDOW, AT))
    (lines,) = made.plot().data
    assert [one.label for one in lines.dimensions] == ["enter", "z_window", "fills.at", "reward_to_variability"]
    assert list(lines.dimensions[0]["values"]) == [1] * 6 + [0] * 6
    assert list(lines.dimensions[2].ticktext) == AT


def test_a_run_that_stopped_is_left_out_and_a_part_of_the_table_draws_too(two):
    two.loc[0, "reward_to_variability"] = math.nan
    (heat,) = two.plot().data
    assert math.isnan(heat.z[1][0])
    part = two[two["params.enter"] == 0.5]
    assert list(part.plot().data[2].x) == WINDOW
    assert list(part.plot().data[2].y) == pytest.approx(part["reward_to_variability"].tolist())


def test_settings_of_one_value_are_not_drawn_over():
    made = table(["params.enter", "z_window"], itertools.product([1.0], WINDOW))
    assert made.plot().layout.xaxis.title.text == "z_window"
    assert len(table(["params.enter"], [(1.0,)]).plot().data) == 3


def test_it_is_a_dataframe_as_any(two):
    assert isinstance(two, pd.DataFrame)
    assert two.equals(pd.DataFrame(two))
    assert two.nlargest(1, "fills")["z_window"].tolist() == [60]


@pytest.mark.parametrize(
    ("figure", "over", "said"),
    [
        ("sharp", None, "figure: not in the table; found sharp; allowed: fills, reward_to_variability"),
        ("error", None, "figure: not in the table; found error"),
        (None, "enter", "over: not in the table; found enter; allowed: params.enter, z_window"),
        (None, [], "over: not in the table; found nothing"),
    ],
)
def test_what_is_not_there_is_told(two, figure, over, said):
    with pytest.raises(InputError) as caught:
        two.plot(figure, over)
    assert said in str(caught.value)


def test_columns_that_were_dropped_are_not_drawn(two):
    with pytest.raises(InputError, match="nothing is left"):
        two[["fills"]].plot()
