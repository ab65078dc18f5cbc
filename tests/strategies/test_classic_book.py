# SPDX-License-Identifier: Apache-2.0
"""The classic book on rows made by hand, and its monitor on bars of which the answer is known."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine.strategy.params import resolve_params
from strategies.classic_book import LARGE, SMALL, ClassicBook, Reason

SHARES = ("too_long", "slipping")


def params(**given):
    return SimpleNamespace(**resolve_params(ClassicBook.Params, given))


def row(**given):
    return SimpleNamespace(
        **{"net_beta": 0.0, "hedge_beta": 1.2, "slip_sigma": 0.0, "too_long": 0.0, "slipping": 0.0, **given}
    )


def account(small=70_000.0, large=-84_000.0, equity=100_000.0, frozen=0):
    legs = {name: SimpleNamespace(value=value) for name, value in (("small", small), ("large", large))}
    return SimpleNamespace(equity=equity, frozen=frozen, **legs)


def decide(f, p, s, held):
    sent = []
    orders = SimpleNamespace(
        target=lambda role, weight, reason: sent.append((role, pytest.approx(weight), Reason(reason)))
    )
    ClassicBook.on_bar(None, f, p, s, held, orders)
    return sent


def state(**given):
    return SimpleNamespace(**{"invested": True, "cut": 0, **given})


def book(weight, reason):
    return [(SMALL, weight, reason), (LARGE, -1.2 * weight, reason)]


def test_the_first_book_is_hedged():
    s = state(invested=False)
    assert decide(row(), params(), s, account(0.0, 0.0)) == book(0.7, Reason.ENTER)
    assert s.invested


@pytest.mark.parametrize("unknown", ["net_beta", "slip_sigma"])
def test_nothing_is_decided_while_something_is_unknown(unknown):
    assert decide(row(**{unknown: float("nan")}), params(), state(invested=False), account(0.0, 0.0)) == []


@pytest.mark.parametrize("held", [account(0.0, 0.0, frozen=1), account(0.0, 0.0, equity=0.0)])
def test_nothing_is_decided_while_the_broker_liquidates_or_nothing_is_left(held):
    assert decide(row(), params(), state(invested=False), held) == []


@pytest.mark.parametrize(
    ("small", "large", "moved"),
    [
        (70_000.0, -84_000.0, False), (74_900.0, -84_000.0, False), (75_100.0, -84_000.0, True),
        (64_900.0, -84_000.0, True), (70_000.0, -89_100.0, True), (70_000.0, -78_900.0, True),
    ],
)  # fmt: skip
def test_either_leg_out_of_its_band_moves_both(small, large, moved):
    sent = decide(row(), params(), state(), account(small, large))
    assert sent == (book(0.7, Reason.REBALANCE) if moved else [])


@pytest.mark.parametrize("alarm", SHARES)
def test_an_alarm_cuts_where_it_is_to_act_and_only_reports_by_default(alarm):
    f = row(**{alarm: 1.0})
    assert decide(f, params(), state(), account()) == []
    s = state()
    assert decide(f, params(cut_to=0.5, cut_bars=7), s, account()) == book(0.35, Reason.CUT)
    assert s.cut == 7


def test_a_cut_lasts_from_its_last_alarm_on_and_is_taken_back():
    p, s, half = params(cut_to=0.5, cut_bars=2), state(), account(35_000.0, -42_000.0)
    assert decide(row(slipping=1.0), p, s, account()) == book(0.35, Reason.CUT)
    assert decide(row(slipping=1.0), p, s, half) == []  # counts anew, and is not cut again
    assert decide(row(), p, s, half) == []
    assert decide(row(), p, s, half) == book(0.7, Reason.RESTORE)


def bars(small, large):
    """Closes of both legs from their returns."""
    legs = [SimpleNamespace(close=100.0 * np.cumprod(1.0 + np.asarray(one))) for one in (small, large)]

    class Pair(SimpleNamespace):
        def __len__(self):
            return len(small)

    return Pair(small=legs[0], large=legs[1])


def quiet():
    random = np.random.default_rng(1)
    large = random.normal(0.0, 0.01, 400)
    return large + random.normal(0.0, 0.002, 400), large


def found(small, large, **given):
    return ClassicBook().features(bars(small, large), params(**given))


def test_what_the_hedge_did_not_cover_is_in_dollars_of_the_book():
    """Equal dollars: 1 % down against 0.5 % down leaves half a per cent of a million uncovered."""
    small, large = quiet()
    small[-1], large[-1] = -0.01, -0.005
    f = found(small, large, hedge="dollar", book=1_000_000)
    assert f["slipped"][-1] == pytest.approx(-5_000.0)
    assert f["slippage"][-1] == pytest.approx(1e6 * (small[-10:] - large[-10:]).sum())


def test_small_caps_that_fall_beside_the_market_raise_the_slippage_and_no_beta():
    """Half a per cent a day for six days, whatever large caps do."""
    small, large = quiet()
    assert not found(small, large)["slipping"][-1]
    small[-6:] -= 0.005
    f = found(small, large)
    assert (f["slipping"][-1], f["too_long"][-1]) == (1.0, 0.0)


def test_small_caps_that_move_twice_as_much_are_too_long():
    small, large = quiet()
    small[-20:] = 2.0 * large[-20:]
    f = found(small, large)
    assert f["book_beta"][-1] == pytest.approx(2.0, abs=0.02)
    assert f["too_long"][-1] == 1.0


def test_alarms_are_silent_while_nothing_is_known():
    f = found(*quiet())
    assert np.isnan(f["slip_sigma"][:200]).all()
    assert not f["slipping"][:200].any()
    assert not f["too_long"][:50].any()


def told(f, p, s):
    return {one.does: one for one in ClassicBook().conditions(None, f, p, s)}


def test_signals_tell_what_raises_each_alarm():
    says = told(row(net_beta=0.1, slip_sigma=-1.5), params(), state())
    long, slips = says["raises the alarm, the book is too long"], says["raises the alarm, the hedge lets it down"]
    assert (long.above, long.at, long.now) == (True, 0.25, 0.1)
    assert (slips.above, slips.at, slips.now, slips.unit) == (False, -2.0, -1.5, "sigma")
    assert len(says) == 2


@pytest.mark.parametrize("unknown", ["net_beta", "slip_sigma"])
def test_and_nothing_while_something_is_unknown(unknown):
    assert told(row(**{unknown: float("nan")}), params(), state()) == {}


def test_signals_tell_what_cuts_the_book_and_when_the_cut_ends():
    """Three bars of a cut are left: the third close from here takes the book back."""
    p, s = params(cut_to=0.5), state(cut=3)
    assert list(told(row(), p, state())) == [
        "cuts the book to 50%, the book is too long", "cuts the book to 50%, the hedge lets it down",
    ]  # fmt: skip
    says = told(row(), p, s)
    ends = says["takes the book back to its size"]
    assert (ends.of, ends.unit, ends.at - ends.now) == ("20 bars after the last alarm", "closes", 3)
    assert "keeps the book cut, the book is too long" in says
    cut = account(35_000.0, -42_000.0)
    assert [decide(row(), p, s, cut) for _ in range(3)] == [[], [], book(0.7, Reason.RESTORE)]
