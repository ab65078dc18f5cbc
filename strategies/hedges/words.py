# SPDX-License-Identifier: Apache-2.0
"""Why a hedge is set, changed, rolled or ended, as ledger and report say it."""

from engine.strategy import ReasonCode, ReasonKind


class Reason(ReasonCode):
    START = 1, "the first book", ReasonKind.ENTRY
    HEDGE_NONE = 2, "none: no rule holds any more"
    HEDGE_ON_CREDIT = 3, "credit concern: small caps fall and lag while the VIX rises"
    HEDGE_OFF_SUPPORT = 4, "credit support: small caps rally although the VIX is high"
    HEDGE_ON_STRESS = 5, "stress: the VIX is high, and small caps and the VIX move as one"
    HEDGE_DIVERGENCE = 6, "divergence: small caps and the VIX have come apart"
    HEDGE_ON_RADAR = 7, "under the radar: small caps fall much harder than large ones, volatility indices are quiet"
    REBALANCE = 8, "a position drifted out of its band", ReasonKind.REBALANCE
    ROLL_TIME = 9, "the puts have little time left: the next expiry replaces them", ReasonKind.ROLL
    ROLL_DEEP = 10, "the puts are deep in the money: their gain is taken, a lower strike replaces them", ReasonKind.ROLL
    ROLL_FAR = 11, "the puts are far out of the money: a higher strike replaces them", ReasonKind.ROLL
    HEDGE_AGAIN = 12, "the regime's hedge is not held, or not whole: bought once more"
    BUDGET = 13, "fewer puts than the hedge ratio asks for: all that the month's budget for premium pays"
    UNCOVERED = 14, "more puts sold than bought: bought back", ReasonKind.EXIT
