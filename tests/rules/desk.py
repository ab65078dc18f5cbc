# SPDX-License-Identifier: Apache-2.0
"""Rules on a few bars that a test writes, free of cost: what was filled, and why."""

from pathlib import Path

from engine.engines.run_record import RunRecord
from engine.runs.backtest import backtest
from engine.runs.verify.parity import fills_of
from tests.rules.stage import load

DAYS = [f"2021-01-{day:02d}" for day in (4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 19, 20, 21, 22, 25, 26, 27, 28, 29)]
DAYS += [f"2021-02-{day:02d}" for day in (1, 2, 3, 4, 5)]
HEAD = """\
name: trial
strategy: rules
roles: {ROLES}
data: {source: csv, path: ., prices: raw}
costs:
  {commission: none, regulatory: no_fees, borrow: no_borrow, interest: no_interest,
   slippage: {half_spread: 0, impact: 0}, benchmark: 0.0}
account: {cash: 100000, margin: {kind: none}}
fills: {participation: null, whole_shares: false, step: 0.01}
rules:
"""


def flat(*closes: float) -> list[tuple[float, ...]]:
    """Bars that stay at one price each."""
    return [(close, close, close, close) for close in closes]


def run(folder: Path, rules: str, *overrides: str, **bars: list[tuple[float, ...]]) -> RunRecord:
    """The run of a section `rules` on bars by role: open, high, low, close, then a split and a volume."""
    for role, rows in bars.items():
        lines = ["date,open,high,low,close,volume,dividend,split"]
        for day, (opened, high, low, close, *more) in zip(DAYS, rows, strict=False):
            split, volume = (*more, *(1, 1_000_000)[len(more) :])
            lines.append(f"{day},{opened},{high},{low},{close},{volume},0,{split}")
        (folder / f"{role.upper()}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    roles = ", ".join(f"{role}: {role.upper()}" for role in bars)
    body = "".join(f"  {line}\n" for line in rules.strip().splitlines())
    return backtest(load(folder, HEAD.replace("ROLES", roles) + body, "mode=interpreted", *overrides), glance=False)


def fills(result: RunRecord) -> list[tuple[int, str, float, float, str]]:
    """(bar, symbol, shares, price, reason) of each fill."""
    return [(one.t, one.symbol, round(one.quantity, 2), round(one.price, 4), one.reason) for one in fills_of(result)]
