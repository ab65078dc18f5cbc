# SPDX-License-Identifier: Apache-2.0
"""The checks of a verdict in words, as terminal and notebook both show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.report.kit.words import counted
from engine.runs.verify.live_window import WindowCheck
from engine.runs.verify.run import Verdict
from engine.strategy.lookahead.finding import Finding


@dataclass(frozen=True)
class Check:
    """One check. holds: None where it could not be made; lines: what more there is to say, a line each."""

    name: str
    holds: bool | None
    found: str
    lines: tuple[str, ...] = ()


def checks(verdict: Verdict) -> tuple[Check, Check, Check]:
    """The second engine, the look-ahead test, the live window."""
    found = verdict.look_ahead
    lines = tuple(filter(None, (str(found.rounded or ""), found.failed, _watched(found))))
    return _engines(verdict), Check("Look-ahead", found.passed, found.words, lines), _window(verdict.window)


def _watched(found: Finding) -> str:
    """What was looked for beside the market, where nothing was found."""
    if found.outside or found.remembered:
        return ""
    anew = "" if found.remembered is None else "; their file loaded anew gives the same"
    return f"watched: features open no file or connection, and keep no table outside{anew}"


def compared(verdict: Verdict) -> str:
    """What two engines ran: the run itself, or what both can express of it; "" where no second one did."""
    engines = verdict.engines
    if engines is None:
        return ""
    without = ", ".join(engines.taken_out)
    if not engines.your_run:
        return f"not your run: {counted(engines.fills, 'fill')} compared without {without}"
    bound = f"; {without}, which backtrader does not have, changed none of them" if without else ""
    return f"your run: {counted(engines.fills, 'fill')} compared{bound}"


def _engines(verdict: Verdict) -> Check:
    engines = verdict.engines
    if engines is None:
        return Check("Engines", None, f"not compared: {verdict.not_compared}")
    ours, theirs = engines.equity
    of_run = "" if engines.your_run else f"; your run {engines.own_equity:,.2f}"
    end = f"equity at the end: native {ours:,.2f}, backtrader {theirs:,.2f}{of_run}"
    difference = engines.difference
    if difference is None:
        agree = "agrees" if engines.fills == 1 else "agree"
        found = f"{counted(engines.fills, 'fill')} {agree} one by one in time, symbol, quantity and price"
        return Check("Engines", True, found, (end,))
    lines = [
        f"native      {difference.first or 'no such fill'}",
        f"backtrader  {difference.second or 'no such fill'}",
        end,
    ]
    return Check("Engines", False, f"fill {difference.index + 1} is the first that differs", tuple(lines))


def _window(window: WindowCheck) -> Check:
    if not window.rows:
        return Check("Live window", None, f"not tried: no bar of the run has {window.window:,} bars behind it")
    name = "the bars up to each decision" if window.window == "all" else f"the last {window.window:,} bars"
    lines: list[str] = []
    found = f"{name} decide as all bars do, on {window.rows} bars tried"
    if not window.passed:
        found = f"{name} decide otherwise on {window.session}"
        lines = [
            f"all bars     {', '.join(window.with_all) or 'no order'}",
            f"the window   {', '.join(window.with_window) or 'no order'}",
            *_cause(window),
        ]
    if window.shortened:
        lines.append(f"{window.wanted:,} were wanted, three times the longest look-back; there are too few bars")
    return Check("Live window", window.passed, found, tuple(lines))


def _cause(window: WindowCheck) -> Iterator[str]:
    """Which bars make the difference and through which features."""
    for name, (full, part) in list(window.changed.items())[:3]:
        yield f"{name} is {full:.6g} with all bars, {part:.6g} with the window"
    if window.cause == "later bars":
        yield "Later bars change this decision: it looks ahead, and no live session can make it."
    else:
        yield (
            "Older bars change this decision, later ones do not: the features remember more than the window. A live "
            "session must load all of the past; `--window all` tests that."
        )
