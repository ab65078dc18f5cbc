# SPDX-License-Identifier: Apache-2.0
"""The stress test of a configuration: run it once, then put its books through history, shocks and a spiral."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from engine.analytics.attribution.account_words import account_notices
from engine.engines.run_record import RunRecord
from engine.errors import InputError, Problem
from engine.inputs.option_inputs import modelled_with
from engine.inputs.spans import refuse_spans
from engine.notice import Notice, loud, loud_first, note
from engine.progress import Watch, unwatched
from engine.runs.backtest import Config, backtest, loaded, placed
from engine.runs.stress.asked import Asked, own_leverage, row_of
from engine.runs.stress.findings import Stress
from engine.runs.stress.impact import COEFFICIENT
from engine.runs.stress.liquidity import Liquidity, liquidity
from engine.runs.stress.survival import MOST_LEVERAGE
from engine.runs.stress.through import through
from engine.runs.stress.under import check_symbols, with_shocks
from engine.runs.stress.windows import check_reached, scan_rates, windows_of

LEVERAGES = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0)


def stress(
    config: Config,
    *,
    asof: dt.date | None = None,
    leverages: Sequence[float] = LEVERAGES,
    crowd: float | None = None,
    coefficient: float = COEFFICIENT,
    watch: Watch = unwatched,
) -> Stress:
    """Stress the strategy of a configuration, or the sleeves of a portfolio as one book. Nothing is written.

    asof         session after whose close the hypothetical shocks come; default: the last
    leverages    gross over equity of every ladder; that of the configuration is added
    crowd        size of the crowd that covers with the book, in times the book; default: `crowd_of_a_day`
    coefficient  of the square-root law of impact, >= 0

    Raises what `backtest` raises, DataError for an `asof` without enough history and for a window of the configuration
    without bars, ConfigError for what its section `stress` asks and cannot have, InputError for numbers out of range.
    """
    _check(leverages, crowd, coefficient)
    ready = loaded(config)
    with placed(ready):
        refuse_spans(ready.config, "the stress test")
    windows = windows_of(ready)
    check_symbols(ready)
    result = backtest(ready, watch=watch, glance=False)
    check_reached(ready, result.market)
    own, own_words = own_leverage(ready, result)
    asked = Asked(ready, result, tuple(sorted({*map(float, leverages), own})), coefficient, crowd)
    row = row_of(result, asof)
    watch("walking through history")
    passed = tuple(through(asked, window, own) for window in windows)
    watch("drawing shocks")
    known = liquidity(asked.market.head(row + 1))
    book = asked.book(row)
    found = Stress(
        result=result,
        asof=result.market.sessions[row].item(),
        leverages=asked.leverages,
        own=own,
        own_words=own_words,
        windows=passed,
        book=book,
        exposure=None,
        liquidity=known,
        weights=None if book is None else book.weights,
        coefficient=coefficient,
        crowd=0.0,
        crowd_days=0.0,
        shocks=(),
        own_shocks=(),
        sensitivity=None,
        notices=(*_another_day(result, row, asof), *_notices(result, known)),
        scan=scan_rates(ready),
        volatility=asked.options.rule(row) if asked.options else None,
    )
    return found if book is None else with_shocks(found, asked, book, row)


def _another_day(result: RunRecord, row: int, asof: dt.date | None) -> tuple[Notice, ...]:
    """That the day which was asked for has no bars, where it has none."""
    day = result.market.sessions[row].item()
    if asof in (None, day):
        return ()
    return (loud(f"there are no bars of {asof}: the shocks come after the close of {day}, the last before"),)


def _notices(result: RunRecord, known: Liquidity) -> tuple[Notice, ...]:
    modelled = modelled_with(result.config, result.market, result.options)
    said = [*account_notices(result), *result.notices, *([loud(modelled)] if modelled else [])]
    if not known.known:
        missing = [
            symbol
            for symbol, volume in zip(result.market.symbols.values(), known.volume.tolist(), strict=True)
            if not volume > 0
        ]
        said.append(note(f"no volume for {', '.join(missing)}: there is no law of impact, so no spiral"))
    if result.config.account.margin.kind != "reg_t":
        kind = result.config.account.margin.kind
        said.append(note(f"account.margin.kind is {kind}: no margin calls, so no spiral begins"))
    return tuple(loud_first(said))


def _check(leverages: Sequence[float], crowd: float | None, coefficient: float) -> None:
    problems = [
        Problem("out of range", path="--leverage", found=f"{one:g}", allowed=f"above 0, at most {MOST_LEVERAGE:g}")
        for one in leverages
        if not 0 < one <= MOST_LEVERAGE
    ]
    if crowd is not None and not 0 <= crowd < np.inf:
        problems.append(Problem("out of range", path="--crowd", found=f"{crowd:g}", allowed="0 or more"))
    if not 0 <= coefficient < np.inf:
        problems.append(Problem("out of range", path="--impact", found=f"{coefficient:g}", allowed="0 or more"))
    if problems:
        raise InputError(problems)
