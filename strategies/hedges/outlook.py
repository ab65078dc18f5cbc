# SPDX-License-Identifier: Apache-2.0
"""What is missing for each regime of the VIX hedge, and what ends the one that stands: the rules, told one by one."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from engine.market.panel import Market
from engine.strategy import Condition
from strategies.hedges.regimes import Regime, is_unknown, known_credit, worse_credit

MOST_MISSING = 2
"""A regime that lacks more than so much of what it asks for is no near miss."""

HEDGE_REMEMBERS: Mapping[str, str] = {"age": "bars in the regime: {}", "hedge": "{:.0%} of the base hedged"}
"""Fields of the state in words."""


class Asked(NamedTuple):
    """One threshold of a rule: what is looked at, whether it must be at least or at most that, and in which unit."""

    of: str
    feature: str
    above: bool
    param: str
    unit: str


RVX = "rvx"
"""In place of a feature: RVX/VIX, or its proxy where RVX has no value."""

_VIX = ("the VIX", "vix")
_VIX_MOVE = ("the move of the VIX", "vix_move")
_MONTH = ("the month's highest move of the VIX", "vix_month")
_RANK = ("the rank of the VIX", "vix_rank")
_SMALL = ("the move of small caps", "small_move")
_RELATIVE = ("the move of small over large caps", "relative")
_CORRELATION = ("the correlation of small caps and the VIX", "correlation")
_RATIO = ("the z-score of small caps over the VIX", "ratio_z")

ENTRY: Mapping[Regime, tuple[Asked, ...]] = {
    Regime.UNDER_THE_RADAR: (
        Asked("the fall of small over that of large caps", "times", True, "radar_times", "times"),
        Asked(*_RELATIVE, False, "radar_fall", "sigma"),
        Asked(*_VIX_MOVE, False, "radar_calm", "sigma"),
        Asked(*_VIX, False, "radar_vix", "points"),
        Asked(*_MONTH, False, "radar_month", "sigma"),
        Asked("RVX over the VIX", RVX, False, "radar_rvx", "sigma"),
    ),
    Regime.CREDIT_SUPPORT: (Asked(*_RANK, True, "high", "of 1"), Asked(*_SMALL, True, "rally", "sigma")),
    Regime.STRESS: (
        Asked(*_RANK, True, "stress_rank", "of 1"),
        Asked(*_CORRELATION, False, "tight", "of 1"),
        Asked(*_RATIO, False, "low_ratio", "sigma"),
    ),
    Regime.CREDIT_CONCERN: (
        Asked(*_SMALL, False, "weak", "sigma"),
        Asked(*_RELATIVE, False, "lagging", "sigma"),
        Asked(*_VIX_MOVE, True, "rising", "sigma"),
    ),
    Regime.DIVERGENCE: (Asked(*_CORRELATION, True, "broken", "of 1"),),
}
"""What opens each regime, in the order in which they are asked; credit series are asked besides."""

STAY: Mapping[Regime, tuple[Asked, ...]] = {
    Regime.UNDER_THE_RADAR: (
        Asked(*_RELATIVE, False, "radar_fall_out", "sigma"),
        Asked(*_VIX_MOVE, False, "radar_calm_out", "sigma"),
        Asked(*_VIX, False, "radar_vix_out", "points"),
    ),
    Regime.CREDIT_SUPPORT: (Asked(*_RANK, True, "high_out", "of 1"), Asked(*_SMALL, True, "rally_out", "sigma")),
    Regime.STRESS: (
        Asked(*_RANK, True, "stress_rank_out", "of 1"),
        Asked(*_CORRELATION, False, "tight_out", "of 1"),
        Asked(*_RATIO, False, "low_ratio_out", "sigma"),
    ),
    Regime.CREDIT_CONCERN: (
        Asked(*_SMALL, False, "weak_out", "sigma"),
        Asked(*_VIX_MOVE, True, "rising_out", "sigma"),
    ),
    Regime.DIVERGENCE: (Asked(*_CORRELATION, True, "broken_out", "of 1"),),
}
"""What keeps a regime that stands."""


def hedge_conditions(self: Any, market: Market, f: Any, p: Any, s: Any) -> Iterator[Condition]:  # noqa: ARG001
    """Near misses of the other regimes, then what ends the one that stands; nothing while a feature is unknown."""
    if is_unknown(f):
        return
    for regime in ENTRY:
        lacks = missing(regime, f, p)
        if regime != s.regime and 0 < len(lacks) <= MOST_MISSING:
            rest = "nothing else is missing" if len(lacks) == 1 else "and one more is missing"
            for one, now, at in lacks:
                yield Condition(f"becomes {named(regime)}", one.of, one.above, at, one.unit, now, rest)
    left = max(0, p.stay - s.age - 1)
    when = f"in {left} bars at the earliest, but for a regime with more hedge" if left else ""
    for one in STAY.get(s.regime, ()):
        now, at = value_of(one, f), float(getattr(p, one.param))
        yield Condition(f"leaves {named(s.regime)}", one.of, not one.above, at, one.unit, now, when)


def named(regime: int) -> str:
    """A regime in words."""
    return Regime(regime).name.lower().replace("_", " ")


def missing(regime: Regime, f: Any, p: Any) -> list[tuple[Asked, float, float]]:
    """What a regime asks for and does not have, to be entered: (what, value now, threshold), in its own unit."""
    rows = [(one, value_of(one, f), float(getattr(p, one.param))) for one in ENTRY[regime]]
    lacks = [row for row in rows if not holds(*row)]
    worse, wanted = float(worse_credit(f, p)), float(min(p.credit_votes, known_credit(f)))
    if regime == Regime.CREDIT_CONCERN and worse < wanted:
        lacks.append((Asked("the credit series that get worse", "", True, "credit_votes", "of them"), worse, wanted))
    if regime == Regime.CREDIT_SUPPORT and p.credit_votes > 0 and worse > 0.0:
        lacks.append((Asked("the credit series that get worse", "", False, "credit_votes", "of them"), worse, 0.0))
    return lacks


def holds(one: Asked, now: float, at: float) -> bool:
    """Whether a value is on the side that is asked for, both in their own unit; on the threshold it is, NaN is not."""
    return now >= at if one.above else now <= at


def value_of(one: Asked, f: Any) -> float:
    """The value that is looked at, in its own unit."""
    if one.feature == RVX:
        return float(f.rvx_z if f.rvx_z == f.rvx_z else f.rvx_proxy_z)
    return float(getattr(f, one.feature))
