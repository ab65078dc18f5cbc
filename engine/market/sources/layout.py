# SPDX-License-Identifier: Apache-2.0
"""How a file is written: what the configuration says of it, for bars and for series alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

COMMAND, OPTIONS = "--", ("timezone", "stamp", "dates")
"""The prefix of a file that the command line describes, and what it can say of one."""


@dataclass(frozen=True)
class Layout:
    """The keys of the configuration that concern one file.

    timezone  of intraday stamps without an offset
    stamp     whether an intraday stamp is the bar's open or its close
    columns   our column name to theirs
    decimal   what stands before the decimals; None: what the cells show, where they show it
    dates     whether the month or the day comes first where the year comes last; None: what the cells show
    daily     a bar with a time that is the only one of its session is the session's whole bar
    hints     whether `columns` are those of other files: a name that this file lacks is then no mistake
    prefix    what stands before a key in messages: the setting that a reader has to change
    """

    timezone: str = "UTC"
    stamp: Literal["open", "close"] = "open"
    columns: Mapping[str, str] = field(default_factory=dict)
    decimal: Literal[".", ","] | None = None
    dates: Literal["month_first", "day_first"] | None = None
    daily: bool = False
    hints: bool = False
    prefix: str = "data."

    def key(self, name: str) -> str:
        """A setting as messages name it: `data.timezone`, `series.vix.timezone`, `--timezone`.

        What the command line has no option for is a key of a configuration there too.
        """
        if self.prefix == COMMAND and name not in OPTIONS:
            return f"data.{name} of a configuration"
        return f"{self.prefix}{name}"
