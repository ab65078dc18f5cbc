# SPDX-License-Identifier: Apache-2.0
"""What the replica says of its detector: what it lacks to fire, and when a cut ends."""

from types import SimpleNamespace

import numpy as np
import pytest

from engine.indicators import deleveraging
from engine.strategy.params import resolve_params
from strategies.fund_replica import FundReplica, near_misses
from tests.strategies.shipped import bars_of, load_shipped

NAN = float("nan")


def params(**given):
    return SimpleNamespace(**resolve_params(FundReplica.Params, given))


def row(**given):
    """All that the detector asks for, at its thresholds: it fires."""
    return SimpleNamespace(**{"fall": 2.5, "gap": 1.5, "vix_rise": 1.0, "rvx_rise": 1.0, **given})


def told(f, p=None, cut=0):
    found = FundReplica().conditions(None, f, p or params(), SimpleNamespace(cut=cut))
    return [(one.does, one.of, one.above, one.at, one.now, one.when) for one in found]


def test_nothing_is_missing_where_it_fires_or_something_is_unknown():
    assert told(row()) == []
    for unknown in ({"fall": NAN}, {"gap": NAN}, {"vix_rise": NAN, "rvx_rise": NAN}):
        assert told(row(**{"fall": 2.0, **unknown})) == []


@pytest.mark.parametrize(
    ("given", "of", "above", "at", "now"),
    [
        ({"fall": 2.4}, "the fall of small over that of large caps", True, 2.5, 2.4),
        ({"gap": 1.4}, "the fall of small against large caps", True, 1.5, 1.4),
        ({"vix_rise": 1.1}, "the rise of the VIX", False, 1.0, 1.1),
        ({"rvx_rise": 1.1, "vix_rise": NAN}, "the rise of RVX", False, 1.0, 1.1),
    ],
)
def test_one_thing_that_is_missing(given, of, above, at, now):
    assert told(row(**given)) == [("raises the alarm of forced selling", of, above, at, now, "nothing else is missing")]


def test_two_are_told_and_three_are_no_near_miss():
    two = told(row(fall=2.0, vix_rise=1.5))
    assert [(one[1], one[-1]) for one in two] == [
        ("the fall of small over that of large caps", "and one more is missing"),
        ("the rise of the VIX", "and one more is missing"),
    ]
    assert told(row(fall=2.0, gap=0.0, vix_rise=1.5)) == []


def test_a_cut_and_its_end():
    p = params(cut_to=0.5)
    assert told(row(gap=1.0), p)[0][0] == "cuts the book to 50% on forced selling"
    near, ends = told(row(gap=1.0), p, cut=7)
    assert near[0] == "keeps the book cut"
    assert (ends[0], ends[1]) == ("takes the book back to its weights", "20 bars after the detector last fired")
    assert ends[3] - ends[4] == 7


def test_it_lacks_nothing_exactly_where_the_detector_fires():
    """On the sample market, by the indicator on its own: wherever it fires, and every tenth bar."""
    market, p = bars_of("fund_replica", "sample"), params(**load_shipped("fund_replica", "sample").config.params)
    seen = FundReplica._seen(market, p)
    settings = (p.fall_days, p.fall_window, p.fall_times, p.fall_floor, p.fall_spread, p.fall_calm)
    small, large = market.small.close, market.large.close
    fires = np.fmin(*(deleveraging(small, large, index, *settings) for index in (market.vix, market.rvx)))
    known = np.flatnonzero(np.isfinite(fires) & ((fires == 1.0) | (np.arange(len(fires)) % 10 == 0)))
    rows = [SimpleNamespace(**{name: float(values[t]) for name, values in seen.items()}) for t in known]
    lacking = [bool(list(near_misses("", one, p))) for one in rows]
    assert not any(lacks and fires[t] == 1.0 for lacks, t in zip(lacking, known, strict=True))
    assert np.count_nonzero(fires == 1.0) > 5
    assert np.count_nonzero(lacking) > 50
