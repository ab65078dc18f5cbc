# SPDX-License-Identifier: Apache-2.0
"""The same strategy on markets in which what it lives on is not there: blocks of the run's own bars in another order.

A null market keeps what a single bar says: its moves, of all roles and series together, so that risk and premium
stay, and what neighbours within a block say of each other. What reaches beyond a block is gone: a trend, a return to
a mean, a signal that leads. Apart, each symbol and the series have a draw of their own, and pairs are gone as well.

The idea is a bootstrap under the null hypothesis: Brock, Lakonishok and LeBaron, "Simple Technical Trading Rules and
the Stochastic Properties of Stock Returns", Journal of Finance 47 (1992); the blocks are those of Politis and Romano,
Journal of the American Statistical Association 89 (1994).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.analytics.significance.chance import Chance
from engine.analytics.significance.intervals import block_length
from engine.errors import InputError, Problem
from engine.inputs.prepared import Prepared
from engine.progress import Watch, unwatched
from engine.runs.chance.again import Again, against, refuse_count
from engine.runs.chance.redrawn import first_drawn, groups_of, moves, redrawn, sources_of


@dataclass(frozen=True)
class NullMarkets:
    """A run among the same strategy on null markets.

    block     mean length of a block in bars;  first  the date of the first bar that is drawn
    together  all roles and series drawn as one
    apart     each symbol by itself, and the series; None where there is one group alone, or where the run refuses such
              a market, as one of an inverse fund that does not follow its index; `refused` is then why, else ""
    """

    block: float
    first: str
    together: Chance
    apart: Chance | None
    refused: str = ""


def null_markets(run: Again, count: int, block: float | None = None, watch: Watch = unwatched) -> NullMarkets:
    """The run among `count` null markets of each kind; the configuration's seed draws them.

    block  mean length in bars; None: the longest that Politis and White (2004) find for the moves of a symbol

    Raises InputError for a number or a block that cannot be, for intraday and for too few bars.
    """
    refuse_count(count, "--null-markets")
    market, stop = run.market, run.stop
    first = first_drawn(market, run.start, stop)
    if block is None:
        block = max(block_length(moves(market, role, first, stop)) for role in market.roles)
    elif not (math.isfinite(block) and 1.0 <= block <= (stop - first) / 4):
        allowed = f"1 to {(stop - first) // 4}, a quarter of the bars that are drawn"
        raise InputError(Problem("not a length of a block", path="--null-block", found=f"{block:g}", allowed=allowed))
    length, groups = block, groups_of(market)

    def kind(*, apart: bool) -> Chance:
        def other(number: int) -> Prepared:
            seed = (run.ready.config.seed, int(apart), number)
            sources = sources_of(market, first, stop, length, seed, apart=apart)
            try:
                return run.prepared(redrawn(market, first, stop, sources))
            except InputError as error:
                allowed = "what runs whatever its prices and series are: here the latter have no dates of their own"
                problem = Problem("the run refuses a null market", found=error.problems[0].message, allowed=allowed)
                raise InputError(problem) from error

        words = f"running {count:,} null markets{', symbols apart' if apart else ''}"
        return against(run, count, other, watch, words)

    together, date = kind(apart=False), str(market.sessions[first])
    if len(groups) < 2:
        return NullMarkets(block, date, together, None)
    try:
        return NullMarkets(block, date, together, kind(apart=True))
    except InputError as error:
        return NullMarkets(block, date, together, None, error.problems[0].found)
