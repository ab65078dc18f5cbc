# SPDX-License-Identifier: Apache-2.0
"""Inverse funds that a strategy hedges with: their factor and its sign come from the table of leveraged funds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from engine.config.draft import Draft
from engine.config.tables import fund_factors
from engine.config.yaml_reader import Document, KeyPath, shown
from engine.model.spelling import known_as
from engine.strategy.base import Strategy


def fill_factors(draft: Draft, strategies: Mapping[KeyPath, type[Strategy]], base_dir: Path) -> None:
    """Put the factor of each inverse fund where the draft says none; what contradicts the table becomes a Problem."""
    for at, strategy in strategies.items():
        for role, (_, factor) in strategy.inverse_funds.items():
            symbol = draft.get((*at, "roles", role))
            if isinstance(symbol, str) and isinstance(draft.get((*at, "params")), dict | None):
                _fill(draft, symbol, (*at, "roles", role), (*at, "params", factor), fund_factors(base_dir))


def _fill(draft: Draft, symbol: str, role: KeyPath, param: KeyPath, listed: Mapping[str, float]) -> None:
    name, given = known_as(symbol, listed), draft.get(param)
    inverse = ", ".join(one for one, value in listed.items() if value < 0)
    if name is None:
        if given is None:
            message = f"what {symbol} makes of a day of its index is not known"
            remedy = f"{shown(param)}: that number without its sign, or a listed inverse fund: {inverse}"
            draft.problems.append(draft.place(role).problem(message, path=shown(role), found=symbol, allowed=remedy))
        return
    makes = listed[name]
    if makes > 0:
        message = f"{name} makes {makes:+g} times the day of its index: it is no inverse fund"
        draft.problems.append(draft.place(role).problem(message, path=shown(role), found=symbol, allowed=inverse))
    elif given is None:
        draft.put(param, Document(-makes, {(): draft.place(role)}))
    elif isinstance(given, int | float) and given != -makes:
        message = f"{name} makes {makes:+g} times the day of its index, and the factor is that without its sign"
        allowed = f"{-makes:g}, or leave it out: the table has it"
        draft.problems.append(
            draft.place(param).problem(message, path=shown(param), found=f"{given:g}", allowed=allowed)
        )
