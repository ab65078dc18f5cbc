# SPDX-License-Identifier: Apache-2.0
"""The spiral: two rounds by hand, its limits, its monotonicity, and the same path replayed in the real account."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.engines import native
from engine.model.run import Margin
from engine.runs.stress.impact import Covering
from engine.runs.stress.liquidity import Liquidity
from engine.runs.stress.spiral import Shocked, crowd_of_a_day, run_spiral
from engine.runs.stress.survival import MOST_LEVERAGE, PRECISION, lowest_leverage
from tests.kernel import instructed as verbs
from tests.kernel.replay import Instruction, draw_market, instruct, prepare, settings

MARKET = Liquidity(sigma=np.array([0.01, 0.02]), volume=np.array([1e6, 1e6]))
WEIGHTS = np.array([0.5, -0.5])


def rates(maintenance_long=0.25, maintenance_short=0.30):
    asset = SimpleNamespace(
        maintenance_long=maintenance_long, maintenance_short=maintenance_short, floor_high=0.0, floor_low=0.0
    )
    return SimpleNamespace(asset=[asset, asset])


def shocked(leverage, small, *, large=0.0, equity=1_000_000.0, cushion=0.1, liquidation="proportional", kind="reg_t"):
    """A dollar-neutral book at prices of 100 before the move."""
    quantities = leverage * equity * WEIGHTS / 100.0
    prices = 100.0 * (1.0 + np.array([large, small]))
    margin = Margin(cushion=cushion, liquidation=liquidation, kind=kind)
    return Shocked(quantities, prices, equity + float(quantities @ (prices - 100.0)), margin, rates())


def end(leverage, small, crowd=100.0, coefficient=1.0, **more):
    start = shocked(leverage, small, **more)
    return run_spiral(start, Covering.of(start.quantities, crowd, MARKET, coefficient))


def test_two_rounds_by_hand():
    """Long 10,000 at 100, short 10,000 at 100, equity 500,000; small caps rise 10 %; everybody holds 100 times it.

    After the shock: equity 500,000 - 100,000 = 400,000; maintenance 0.25 x 1,000,000 + 0.30 x 1,100,000 = 580,000.
    Full covering moves the prices by 0.01 x sqrt(1) and 0.02 x sqrt(1): crowd and book are one day's volume.
    Round 1: covered = 1 - 400,000 / (580,000 x 1.1) = 0.373041; root 0.610771.
      large falls 0.610771 %, small rises 1.221542 %
      paid: 2/3 x 0.01 x 0.373041 x 0.610771 = 0.00151896 of 1,000,000 and twice that of 1,100,000; on what is left,
      0.626959 x 0.00610771 = 0.00382929 of 1,000,000 and twice that of 1,100,000
      lost: (0.00151896 + 0.00382929) x (1,000,000 + 2,200,000) = 17,114.4; equity 382,885.6
      maintenance of the whole book: 0.25 x 993,892.3 + 0.30 x 1,113,437.0 = 582,504.2; of what is left 365,206.3
    Round 2: covered = 1 - 382,885.6 / (582,504.2 x 1.1) = 0.402445
    """
    quantities = np.array([10_000.0, -10_000.0])
    prices = np.array([100.0, 110.0])
    start = Shocked(quantities, prices, 400_000.0, Margin(cushion=0.1), rates())
    spiral = run_spiral(start, Covering.of(quantities, 99.0, MARKET, 1.0))
    first, second = spiral.steps[1], spiral.steps[2]
    assert (spiral.steps[0].equity, spiral.steps[0].maintenance) == (400_000.0, pytest.approx(580_000.0))
    assert first.covered == pytest.approx(0.373041, abs=1e-6)
    assert first.moves == pytest.approx((-0.00610771, 0.01221542), abs=1e-8)
    assert first.equity == pytest.approx(382_885.6, abs=0.1)
    assert first.maintenance == pytest.approx(365_206.3, abs=0.1)
    assert second.covered == pytest.approx(0.402445, abs=1e-6)
    assert spiral.ending == "settled"
    last = spiral.steps[-1]
    assert last.equity == pytest.approx(1.1 * last.maintenance, rel=1e-5)


def test_without_impact_it_is_one_margin_call():
    spiral = end(4.0, 0.10, coefficient=0.0)
    before, after = spiral.steps
    assert spiral.ending == "settled"
    assert after.equity == before.equity == pytest.approx(800_000.0)
    assert after.covered == pytest.approx(1 - before.equity / (1.1 * before.maintenance))
    assert after.maintenance * 1.1 == pytest.approx(after.equity)


def test_a_book_above_its_maintenance_is_left_alone():
    spiral = end(2.0, 0.10)
    assert (spiral.ending, len(spiral.steps)) == ("not called", 1)
    assert spiral.equity == pytest.approx(900_000.0)


@pytest.mark.parametrize("kind", ["none", "cash"])
def test_without_margin_calls_only_the_move_itself_kills(kind):
    assert end(9.0, 0.10, kind=kind).ending == "not called"
    assert end(21.0, 0.10, kind=kind).ending == "wiped out"


def test_a_call_that_closes_all_covers_once():
    spiral = end(4.0, 0.10, liquidation="flat")
    assert [step.covered for step in spiral.steps] == [0.0, 1.0]
    assert spiral.steps[-1].maintenance == 0.0


def test_wiped_out_ends_with_everything_closed():
    spiral = end(15.0, 0.10, crowd=1000.0)
    assert spiral.ending == "wiped out"
    assert spiral.steps[-1].covered == 1.0
    assert spiral.equity < 0.0


def test_a_price_falls_no_further_than_almost_all():
    covering = Covering(full=np.array([30.0, 30.0]), buying=np.array([-1.0, 1.0]))
    assert covering.move(1.0).tolist() == [-0.99, 30.0]
    assert covering.paid(1.0)[1] == pytest.approx(20.0)
    knee = (0.99 / 30.0) ** 2
    assert covering.paid(1.0)[0] == pytest.approx(2 / 3 * 0.99 * knee + 0.99 * (1 - knee))


@given(full=st.floats(0, 40), covered=st.floats(0, 1))
def test_what_covering_pays_is_the_integral_of_its_move(full, covered):
    covering = Covering(full=np.array([full, full]), buying=np.array([-1.0, 1.0]))
    edges = np.linspace(0, covered, 401)
    middles = (edges[1:] + edges[:-1]) / 2
    sums = sum(np.abs(covering.move(middle)) for middle in middles) * (covered / 400)
    assert covering.paid(covered) == pytest.approx(sums, rel=1e-3, abs=1e-9)


books = {
    "leverage": st.floats(0.1, 12),
    "small": st.floats(0, 0.4),
    "crowd": st.floats(0, 5_000),
    "coefficient": st.floats(0, 3),
}


@given(**books, which=st.sampled_from(sorted(books)), more=st.floats(0, 1), cushion=st.floats(0, 0.5))
def test_more_shock_leverage_crowd_or_impact_never_helps(leverage, small, crowd, coefficient, which, more, cushion):
    """To a hundredth of a per cent: a settled spiral leaves a call for SETTLED_AT of the book unmet."""
    given_ = {"leverage": leverage, "small": small, "crowd": crowd, "coefficient": coefficient}
    worse = {**given_, which: given_[which] * (1 + more)}
    here, there = end(**given_, cushion=cushion), end(**worse, cushion=cushion)
    order = ("not called", "settled", "wiped out")
    assert there.equity <= here.equity + 1e-4 * 1_000_000.0
    assert there.steps[-1].covered >= here.steps[-1].covered - 1e-4
    assert order.index(there.ending) >= order.index(here.ending)


@given(**books)
def test_covering_only_grows_and_ends(leverage, small, crowd, coefficient):
    covered = [step.covered for step in end(leverage, small, crowd, coefficient).steps]
    assert covered == sorted(covered)
    assert len(covered) < 10_000


@pytest.mark.parametrize("leverage", [4.0, 6.0])
def test_the_real_account_agrees_when_the_path_is_replayed(leverage):
    """Bars at the spiral's prices, fills at the average price of each round: the kernel's ledger gives its equity."""
    start = shocked(leverage, 0.12, equity=100_000_000.0)
    covering = Covering.of(start.quantities, 20.0, MARKET, 1.0)
    spiral = run_spiral(start, covering)
    assert spiral.ending == "settled"
    covered = np.array([step.covered for step in spiral.steps])
    closes = start.prices * (1.0 + np.array([step.moves for step in spiral.steps]))
    paid = np.array([covering.paid(part) for part in covered])
    average = start.prices * (1.0 + covering.buying * np.diff(paid, axis=0) / np.diff(covered)[:, None])
    flat = np.array([100.0, 100.0])
    opens = np.vstack([flat, flat, flat, average])  # bars: decide, enter, shock, rounds
    ends = np.vstack([flat, flat, closes])
    bars = {role: _bars(opens[:, n], ends[:, n]) for n, role in enumerate("ab")}
    orders = [Instruction(0, verbs.MARKET, role=n, qty=start.quantities[n]) for n in range(2)]
    for number, part in enumerate(np.diff(covered)):
        orders += [Instruction(2 + number, verbs.MARKET, role=n, qty=-part * start.quantities[n]) for n in range(2)]
    market = instruct(draw_market(bars, 19_000 + np.arange(len(ends))), orders)
    given_ = {"account.cash": 100_000_000.0, "account.margin.kind": "none", "fills.whole_shares": False}
    result = native.run(prepare(market, settings(given_)), "interpreted")
    # The kernel cuts orders to a millionth of a share; the spiral does not.
    assert result.points["equity"][2:].tolist() == pytest.approx([step.equity for step in spiral.steps], rel=1e-10)


def _bars(opened, closed):
    high, low = np.maximum(opened, closed), np.minimum(opened, closed)
    return np.column_stack([opened, high, low, closed, np.full(len(opened), np.nan)])


def test_the_crowd_of_a_day_has_one_days_volume_in_its_largest_leg():
    quantities = np.array([1_000.0, -4_000.0])
    crowd = crowd_of_a_day(quantities, [1e6, 2e6])
    assert (1 + crowd) * 4_000 == pytest.approx(2e6)
    assert crowd_of_a_day(np.array([3e6, -1.0]), [1e6, 2e6]) == 0.0


@pytest.mark.parametrize("edge", [0.07, 1.0, 2.345, 17.0, 99.9])
def test_bisection_finds_the_edge_from_above(edge):
    found = lowest_leverage(lambda leverage: leverage >= edge)
    assert edge <= found <= edge + PRECISION


def test_bisection_says_when_nothing_happens_and_does_not_pass_over_a_gap():
    assert lowest_leverage(lambda leverage: leverage > MOST_LEVERAGE) is None
    assert lowest_leverage(lambda leverage: 5 <= leverage <= 50) == pytest.approx(5, abs=PRECISION)
