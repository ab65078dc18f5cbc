# SPDX-License-Identifier: Apache-2.0
"""Monthly returns of funds beside their market: what every part of the study is made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.notice import Notice

STILL = 1e-12
"""Standard deviation of returns, fraction, up to which they do not move: rounding makes 0.5 % in every month vary."""

Months = NDArray[np.datetime64]
"""(T,) datetime64[M], one a calendar month, without holes."""


@dataclass(frozen=True)
class Panel:
    """T consecutive months of N funds. Returns are fractions of a month.

    returns    (T, N) as the index and every estimate use them; NaN where a fund reported nothing, or too late
    eligible   (T, N) whether what was known before a month lets the fund in
    benchmark  (T,) return of the market, NaN where there is none
    bill       (T,) return of cash; NaN throughout where none was given
    notices    what reading the files found
    """

    months: Months
    names: tuple[str, ...]
    returns: FloatArray
    eligible: NDArray[np.bool_]
    benchmark: FloatArray
    benchmark_name: str
    bill: FloatArray
    bill_name: str = ""
    notices: tuple[Notice, ...] = ()

    @property
    def known(self) -> NDArray[np.bool_]:
        """(T, N) whether the fund reported the month in time."""
        return np.isfinite(self.returns)

    @property
    def has_bill(self) -> bool:
        return bool(self.bill_name)

    def of(self, places: Iterable[int]) -> Panel:
        """The same months with the funds at these places only."""
        chosen = list(places)
        names = tuple(self.names[place] for place in chosen)
        return replace(self, names=names, returns=self.returns[:, chosen], eligible=self.eligible[:, chosen])


def month_words(months: Iterable[np.datetime64], most: int = 4) -> str:
    """Months as `2004-06, 2004-07`, and how many more there are beyond `most`."""
    words = [str(month) for month in months]
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
