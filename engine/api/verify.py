# SPDX-License-Identifier: Apache-2.0
"""A verdict in hand: which checks were made of a run, which hold, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.api.card import framed
from engine.api.given import ready
from engine.report.verify.words import Check, checks, compared
from engine.runs.backtest import Config
from engine.runs.verify.live_window import Window, as_window
from engine.runs.verify.run import Verdict, Verification
from engine.runs.verify.run import verify as check

if TYPE_CHECKING:
    import pandas as pd

WORDS = {True: "holds", False: "FAILS", None: "not made"}


class VerifyResult:
    """The checks of a run: a second engine agrees, no feature looks ahead, the last bars decide as all bars do.

    verification  the same for programs
    """

    def __init__(self, verification: Verification) -> None:
        self.verification = verification

    @property
    def passed(self) -> bool:
        """Whether every check that could be made held."""
        return self.verification.passed

    @cached_property
    def checks(self) -> pd.DataFrame:
        """One row a check: `holds` is True, False, or None where it could not be made; `found` says what, in words.

        Of sleeves each is verified alone; their names are the first column.
        """
        from engine.api.frames import records

        return records(
            [
                {**({} if self.verification.lone else {"sleeve": name}), "check": one.name, "holds": one.holds,
                 "found": "; ".join(filter(None, (_ran(one, verdict), one.found, *one.lines)))}
                for name, verdict in self.verification.sleeves.items()
                for one in checks(verdict)
            ]
        ).astype({"holds": object})  # fmt: skip

    @cached_property
    def left_out(self) -> pd.DataFrame:
        """One row a part of the configuration that backtrader cannot express: left out for both engines."""
        from engine.api.frames import records

        rows = [
            {"sleeve": name, "left_out": words}
            for name, verdict in self.verification.sleeves.items()
            for words in (verdict.engines.left_out if verdict.engines else ())
        ]
        wanted = ["left_out"] if self.verification.lone else ["sleeve", "left_out"]
        return records(rows).reindex(columns=wanted)

    def document(self) -> dict[str, Any]:
        """Everything as plain data: what `tandem verify --json` prints."""
        return self.verification.document()

    def __repr__(self) -> str:
        """One line: every check with its outcome; of sleeves the worst one."""
        told = []
        for name in ("Engines", "Look-ahead", "Live window"):
            found = [
                one.holds for each in self.verification.sleeves.values() for one in checks(each) if one.name == name
            ]
            outcome = False if False in found else None if None in found else True
            told.append(f"{name.lower()} {WORDS[outcome]}")
        ran = [one.engines.your_run for one in self.verification.sleeves.values() if one.engines]
        reduced = "" if all(ran) else "; not your run but what both engines can express of it"
        return f"<VerifyResult {self.verification.name}: {', '.join(told)}{reduced}>"

    def _repr_html_(self) -> str:
        """What a notebook shows: a failed check as a warning, then every check."""
        failed = self.checks[self.checks["holds"].eq(False)]
        loud = [f"{row['check']}: {row['found']}" for row in failed.to_dict("records")]
        shown = self.checks.assign(holds=[WORDS[one] for one in self.checks["holds"]])
        return framed(self.verification.name, "verified", loud, shown.to_html(index=False))


def verify(
    config: Config | None = None, overrides: Sequence[str] = (), *, window: Window | None = None, **given: Any
) -> VerifyResult:
    """Run both engines on what both can express and compare fill by fill, then test the features; nothing is written.

    config, overrides, given  as `engine.backtest` takes them
    window                    bars that a live session knows, or "all" up to the decision; None: by the look-backs

    Raises what `backtest` raises. Without backtrader the other checks are made.
    """
    return VerifyResult(check(ready(config, overrides, **given), as_window(window, "window")))


def _ran(check: Check, verdict: Verdict) -> str:
    """Before what the engines were found to do, what they ran."""
    return compared(verdict) if check.name == "Engines" else ""
