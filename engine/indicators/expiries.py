# SPDX-License-Identifier: Apache-2.0
"""When listed options expire: the third Friday of each month, or the session before where that is a holiday.

Exchanges publish their holidays years ahead, so an expiry to come is known at every bar: nothing here looks at the
bars after a row. Days count from 1970-01-01, as `bar.session` does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray

JUNETEENTH_SINCE = 2022
"""First year in which the New York exchanges were closed for it."""

LONGEST_MONTH = 31


def monthly_expiry(sessions: NDArray[np.datetime64], least_days: int) -> FloatArray:
    """(T,) the first monthly expiry at least `least_days` calendar days after each bar's session, in days.

    sessions are the bars' dates (`market.sessions`), least_days 0 or more: 0 gives an expiry of the same day.
    Source: Cboe's and OCC's contract specifications of options on exchange-traded funds. Until January 2015 they
    expired on the Saturday after; what counts here is the last session on which they traded.
    """
    wanted = sessions.astype("M8[D]").astype(np.int64) + least_days
    if not len(wanted):
        return np.zeros(0)
    months = np.array([wanted.min(), wanted.max() + LONGEST_MONTH + 1]).astype("M8[D]").astype("M8[M]")
    expiries = third_fridays(np.arange(months[0], months[1] + 1))
    return expiries[np.searchsorted(expiries, wanted)].astype(np.float64)


def third_fridays(months: NDArray[np.datetime64]) -> NDArray[np.int64]:
    """(M,) expiry of each month, in days: its third Friday, the Thursday before where the exchange is closed then.

    Of the regular holidays in New York two can fall on a third Friday: Good Friday and, since 2022, Juneteenth, kept
    on the Friday where the 19th of June is a Saturday.
    """
    fridays = np.busday_offset(months.astype("M8[D]"), 2, roll="forward", weekmask="Fri")
    closed = np.isin(fridays, good_fridays(fridays)) | is_juneteenth(fridays)
    return fridays.astype(np.int64) - closed


def good_fridays(days: NDArray[np.datetime64]) -> NDArray[np.datetime64]:
    """Good Friday of each year that `days` touch."""
    from dateutil.easter import easter

    years = np.unique(days.astype("M8[Y]").astype(np.int64) + 1970)
    return np.array([easter(int(year)) for year in years], "M8[D]") - 2


def is_juneteenth(fridays: NDArray[np.datetime64]) -> NDArray[np.bool_]:
    """(N,) whether the exchange keeps Juneteenth on this Friday: on the 19th itself, or on the 18th for a Saturday."""
    years = fridays.astype("M8[Y]")
    nineteenth = (years.astype("M8[M]") + 5).astype("M8[D]") + 18
    since = years.astype(np.int64) + 1970 >= JUNETEENTH_SINCE
    kept: NDArray[np.bool_] = ((fridays == nineteenth) | (fridays == nineteenth - 1)) & since
    return kept
