# SPDX-License-Identifier: Apache-2.0
"""Stops of rules that follow the price: where they stand in the bar of the fill, and after it."""

import pytest

from tests.rules.desk import fills, flat, run

QUIET = [(100, 101, 99, 100)] * 6
"""A range of 2: two ranges are 4."""

DECIDES = (100, 101, 99, 100.5)
"""The bar at whose close an entry is decided; 7 is the bar of its fill."""


def out(folder, stop, *bars, side="long", more="", given=()):
    """(bar, shares, price, reason) of the way out of 10 shares that are bought, or sold short, in bar 7."""
    rules = f"enter: {{{side}: x.close == 100.5}}\nsize: {{shares: 10}}\nstop: {{{stop}, trailing: true}}\n{more}"
    entry, *rest = fills(run(folder, rules, *given, x=[*QUIET, DECIDES, *bars, *[bars[-1][:4]] * 2]))
    assert entry[4] == f"enter_{side}"
    assert len(rest) == 1
    return (rest[0][0], *rest[0][2:])


FRACTION, RANGES = "fraction: 0.05", "atr: 2, window: 2"


@pytest.mark.parametrize(
    ("side", "stop", "bars", "found"),
    [
        # in the bar of the fill, from the fill: 5 % of 105, of 100, two ranges of 2
        ("long", FRACTION, [(105, 106, 99, 105)], (7, 99.75)),
        ("short", FRACTION, [(100, 106, 98, 99)], (7, 105.0)),
        ("long", RANGES, [(103, 104, 98.5, 102)], (7, 99.0)),
        ("short", RANGES, [(98, 102.5, 97, 98)], (7, 102.0)),
        # a close worse than the fill, without a better price than it: the stop stays where the fill has put it
        ("long", FRACTION, [(100, 100, 96, 96), (96, 97, 94, 95)], (8, 95.0)),
        ("short", FRACTION, [(100, 104, 100, 104), (104, 106, 103, 105)], (8, 105.0)),
        ("long", RANGES, [(103, 103, 100, 100), (100, 101, 98, 98)], (8, 99.0)),
        ("short", RANGES, [(98, 101, 98, 101), (101, 103, 100, 103)], (8, 102.0)),
        # a rise and a fall: 5 % from 120, from 80; 4 from 108, from 90. The fall that follows does not loosen it
        ("long", FRACTION, [(105, 110, 104, 109), (109, 120, 108, 118), (116, 117, 113, 115)], (9, 114.0)),
        ("short", FRACTION, [(105, 106, 100, 101), (101, 102, 80, 82), (83, 85, 82, 84)], (9, 84.0)),
        ("long", RANGES, [(103, 108, 102, 107), (107, 107, 105, 105), (105, 106, 103, 104)], (9, 104.0)),
        ("short", RANGES, [(98, 98, 90, 91), (91, 93, 91, 93), (93, 95, 92, 94)], (9, 94.0)),
        # through a gap at the open: the stop is at 104, at 94
        ("long", RANGES, [(103, 108, 102, 107), (101, 102, 100, 101)], (8, 101.0)),
        ("short", RANGES, [(98, 98, 90, 91), (97, 98, 96, 97)], (8, 97.0)),
    ],
)
def test_from_the_fill_and_then_from_the_best_price(side, stop, bars, found, tmp_path):
    shares = -10.0 if side == "long" else 10.0
    assert out(tmp_path, stop, *bars, side=side) == (found[0], shares, pytest.approx(found[1]), "stop")


@pytest.mark.parametrize(
    ("side", "stop", "bars", "found"),
    [
        # two for one after the fill: 104.5 becomes 52.25, and is hit; a short's 105 becomes 52.5
        ("long", FRACTION, [(105, 110, 104, 109), (54, 54.5, 51, 52, 2)], (8, 52.25)),
        ("short", FRACTION, [(105, 106, 100, 101), (51, 53, 51, 52, 2)], (8, 52.5)),
        # 104 becomes 52 and the distance 2: a high of 55 makes it 53; a short's 94 is 47, a low of 44 makes it 46
        ("long", RANGES, [(103, 108, 102, 107), (53, 55, 52.5, 54, 2), (54, 54, 52, 53)], (9, 53.0)),
        ("short", RANGES, [(98, 98, 90, 91), (45, 45.5, 44, 45, 2), (45, 47, 45, 46)], (9, 46.0)),
        # in the night before the fill, at 51.5: 2 below it
        ("long", RANGES, [(51.5, 52, 49, 50, 2)], (7, 49.5)),
    ],
)
def test_over_a_split(side, stop, bars, found, tmp_path):
    shares = -20.0 if side == "long" else 20.0
    assert out(tmp_path, stop, *bars, side=side) == (found[0], shares, pytest.approx(found[1]), "stop")


def test_a_fill_at_the_close_knows_nothing_of_the_high_before_it(tmp_path):
    """In at the close of 102 with a high of 130 behind it; 103 is the best price since, and 97.85 is 5 % below."""
    bars = [(101, 130, 100, 102), (102, 103, 97, 98), (98, 98, 97, 97.5)]
    found = out(tmp_path, FRACTION, *bars, given=["fills.at=next_close"])
    assert found == (9, -10.0, pytest.approx(97.85), "stop")


def test_a_fill_at_the_close_that_decides_has_the_whole_next_bar(tmp_path):
    """In at 100.5, so 95.475; the bar after it makes 110 and 104.5."""
    bars = [(101, 110, 96, 108), (106, 107, 104, 105)]
    found = out(tmp_path, FRACTION, *bars, given=["fills.at=this_close"])
    assert found == (8, -10.0, pytest.approx(104.5), "stop")


def test_a_target_and_a_stop_that_follows_end_each_other(tmp_path):
    more = "target: {fraction: 0.1}"
    gain = [(100, 104, 99, 103), (103, 111, 102, 110), (110, 110, 80, 80)]
    assert out(tmp_path, FRACTION, *gain, more=more) == (8, -10.0, pytest.approx(110.0), "target")
    loss = [(100, 104, 99, 103), (103, 104, 98, 99), (99, 120, 99, 119)]
    assert out(tmp_path, FRACTION, *loss, more=more) == (8, -10.0, pytest.approx(98.8), "stop")


def test_where_the_range_is_more_than_the_price_there_is_no_stop(tmp_path):
    rules = "enter: x.close == 100.5\nsize: {shares: 10}\nstop: {atr: 60, window: 2, trailing: true}"
    bars = [*QUIET, DECIDES, (100, 101, 99, 100), (100, 100, 1, 2)]
    assert [one[4] for one in fills(run(tmp_path, rules, x=[*bars, *flat(2, 2)]))] == ["enter_long"]


def test_the_reason_tells_which_price_the_distance_is_from(tmp_path):
    rules = "enter: x.close == 100.5\nsize: {shares: 10}\nstop: {STOP}\ntarget: {fraction: 0.1}"
    for stop, said in (
        (f"{FRACTION}, trailing: true", "0.05 of the best price since the fill, a loss"),
        (f"{RANGES}, trailing: true", "2 ATR from the best price since the fill, a loss"),
        (RANGES, "2 ATR from the fill, a loss"),
    ):
        reasons = run(tmp_path, rules.replace("STOP", stop), x=[*QUIET, DECIDES, *flat(100, 100)]).reasons
        words = {name: told for name, told, *_ in (tuple(one) for one in reasons.values())}
        assert words["stop"] == said
        assert words["target"] == "0.1 of the price from the fill, a profit"
