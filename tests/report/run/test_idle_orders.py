# SPDX-License-Identifier: Apache-2.0
"""Why an order still works at the end, told from the bars it has worked in."""

import numpy as np
import pytest

from engine.engines import native
from engine.report.run.idle_orders import NO_PARENT, NO_POSITION, NO_PRICE, NOT_THROUGH, idle_orders
from tests.kernel import instructed
from tests.kernel.replay import Instruction, draw_market, instruct, prepare, settings

FLAT = [50.0, 51.0, 49.0, 50.0]
FIRST = 19_723


def told(orders, volumes=(1e6,) * 4, splits=None, days=None, **given):
    bars = np.array([[*FLAT, volume] for volume in volumes])
    sessions = np.arange(FIRST, FIRST + len(bars)) if days is None else FIRST + np.asarray(days)
    factor = np.cumprod(splits["a"]) if splits else np.ones(len(bars))
    bars[:, :4] /= factor[:, None]
    market = draw_market({"a": bars, "b": bars}, sessions, splits=splits)
    changed = {name.replace("__", "."): value for name, value in given.items()}
    result = native.run(prepare(instruct(market, orders), settings(changed)), "interpreted")
    return [(one.level, one.text) for one in idle_orders(result)]


def test_an_order_of_the_last_bar_has_had_no_turn():
    assert (
        told([Instruction(3, instructed.MARKET, qty=100), Instruction(3, instructed.LIMIT, qty=100, first=40.0)]) == []
    )


def test_an_order_for_the_close_waits_for_the_session_to_end():
    bars = [Instruction(0, instructed.MARKET_ON_CLOSE, qty=100)]
    assert told(bars, (1e6, 0.0), days=[0, 0], fills__participation=0.1) != []
    assert told([Instruction(1, instructed.MARKET_ON_OPEN, qty=100)], days=[0, 0, 0, 0]) == []


def test_a_symbol_without_any_volume_is_told_of_with_its_bars():
    order = [Instruction(0, instructed.MARKET, qty=100)]
    assert told(order, (0.0,) * 4, fills__participation=0.1) == []
    assert len(told(order, (5.0, 0.0, 0.0, 0.0), fills__participation=0.1)) == 1


@pytest.mark.parametrize("verb", [instructed.LIMIT, instructed.STOP])
@pytest.mark.parametrize("qty", [100, -100])
def test_a_price_out_of_reach(verb, qty):
    away = 55.0 if (qty > 0) == (verb == instructed.STOP) else 45.0
    ((level, text),) = told([Instruction(0, verb, qty=qty, first=away)])
    assert level == "note"
    assert text == f"1 order for A still works at the end, the first since 2024-01-01: {NO_PRICE}."


@pytest.mark.parametrize("verb", [instructed.STOP_LOSS, instructed.TRAILING_STOP])
def test_a_stop_that_was_moved_to_where_earlier_bars_went_through(verb):
    """At 45 while the bars went down to 49, then at 49.5: no bar has found it there, and the position is held."""
    sent = [
        Instruction(0, instructed.MARKET, qty=100),
        Instruction(0, verb, first=5.0, parent=instructed.LATEST),
        Instruction(3, instructed.MOVE, order=2, first=49.5),
    ]
    ((_, text),) = told(sent)
    assert NO_PRICE in text


def test_a_stop_that_its_price_has_passed_without_a_position():
    ((_, text),) = told([Instruction(0, instructed.STOP, qty=-100, first=49.5, reduce=1)])
    assert NO_POSITION in text


def test_a_limit_touched_where_it_must_be_traded_through():
    ((level, text),) = told([Instruction(0, instructed.LIMIT, qty=100, first=49.0)], fills__limit="through")
    assert (level, NOT_THROUGH in text) == ("note", True)


def test_a_price_before_a_split_is_compared_in_shares_of_today():
    """A low of 49 is 24.5 after two for one: the limit of 45, now 22.5, was never near."""
    ((_, text),) = told([Instruction(0, instructed.LIMIT, qty=100, first=45.0)], splits={"a": [1.0, 1.0, 2.0, 1.0]})
    assert NO_PRICE in text


def test_a_limit_that_only_bars_without_volume_have_reached():
    ((level, text),) = told(
        [Instruction(0, instructed.LIMIT, qty=100, first=49.5)], (1e6, 0.0, 0.0, 0.0), fills__participation=0.1
    )
    assert level == "note"
    assert "the volume is 0 on every bar that could have filled" in text


def test_a_part_of_a_large_order_is_still_to_come():
    ((level, text),) = told([Instruction(0, instructed.MARKET, qty=900)], (600.0,) * 4, fills__participation=0.1)
    assert level == "note"
    assert "lets 10% of a bar's volume trade, at most 60 shares" in text


def test_orders_of_one_reason_are_one_notice():
    sent = [Instruction(0, instructed.LIMIT, qty=100, first=price) for price in (45.0, 44.0)]
    ((_, text),) = told([*sent])
    assert text.startswith("2 orders for A still work at the end, the first since 2024-01-01")


def test_one_order_and_several_are_told_in_words_that_fit_both():
    for why in (NO_POSITION, NO_PRICE, NOT_THROUGH, NO_PARENT):
        assert not {"they", "their", "them"} & set(why.split())
    single = [Instruction(0, instructed.LIMIT, qty=100, first=45.0)]
    several = [*single, Instruction(0, instructed.LIMIT, qty=100, first=44.0)]
    ((_, one),), ((_, two),) = told(single), told(several)
    assert one == "1 order for A still works at the end, the first since 2024-01-01: the price has not been reached."
    assert two == "2 orders for A still work at the end, the first since 2024-01-01: the price has not been reached."
