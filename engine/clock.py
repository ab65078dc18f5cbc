# SPDX-License-Identifier: Apache-2.0
"""The wall clock, in one place: everything else takes time from the data."""

from __future__ import annotations

import datetime as dt


def now() -> dt.datetime:
    """This moment, with its zone: UTC."""
    return dt.datetime.now(dt.UTC)  # noqa: TID251  (the one place that may)
