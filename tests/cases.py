# SPDX-License-Identifier: Apache-2.0
"""One symbol, bought with all the money at the first close, free of cost: a run makes of it what its bars say."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.market.calendar import exchange
from tests import programs

HEAD = "date,open,high,low,close,volume,dividend,split"
CONFIG = """\
name: case
strategy: rule.py
roles: {x: X}
data: {source: csv, path: ., prices: PRICES}
costs:
  {commission: none, regulatory: no_fees, borrow: no_borrow, interest: no_interest,
   slippage: {half_spread: 0, impact: 0}, benchmark: 0.0}
account: {cash: 100000}
fills: {participation: null}
results: out
"""
RULE = """\
from engine.strategy import Strategy


class Rule(Strategy):
    roles = ("x",)
    SERIES

    class State:
        n: int = 0

    def features(self, market, p):
        return FEATURES

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n == 0:
            orders.target(0, 1.0)
        s.n += 1
"""


@dataclass(frozen=True)
class Outcome:
    """How a run ended: its code, all that it said in one line, its document where it has one."""

    code: int
    said: str
    document: dict

    @property
    def equity(self) -> float:
        return round(self.document["final_equity"], 2)

    @property
    def refused(self) -> bool:
        return self.code == 2

    @property
    def loud(self) -> list[str]:
        """What the run says with "!"."""
        return [one["text"] for one in self.document["notices"] if one["level"] == "loud"]


class Case:
    """A folder with X.csv, rule.py and case.yaml."""

    def __init__(self, folder: Path, prices: str = "split_adjusted", series: str = "()", features: str = "{}") -> None:
        self.folder = folder
        self.write("case.yaml", CONFIG.replace("PRICES", prices))
        self.write("rule.py", RULE.replace("SERIES", f"series = {series}").replace("FEATURES", features))

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def add(self, yaml: str) -> None:
        self.write("case.yaml", (self.folder / "case.yaml").read_text(encoding="utf-8") + yaml + "\n")

    def bars(self, rows: Iterable[str], head: str = HEAD, name: str = "X.csv") -> None:
        self.write(name, "\n".join([head, *rows]) + "\n")

    def run(self, *words: str, command: str = "backtest") -> Outcome:
        """`tandem backtest case.yaml --json`, or another command, and what follows."""
        env = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder), "TANDEM_CACHE_DIR": os.environ["TANDEM_CACHE_DIR"]}
        done = programs.tandem(command, "case.yaml", "--json", *words, cwd=self.folder, env=env)
        assert "Traceback" not in done.stderr, done.stderr
        document = json.loads(done.stdout) if done.stdout.strip() else {}
        return Outcome(done.returncode, " ".join((done.stdout + done.stderr).split()), document)


def days(first: str, count: int) -> list[str]:
    """ISO dates of `count` sessions from `first` on."""
    start = int(np.datetime64(first, "D").astype(int))
    return exchange().between(start, start + 2 * count + 30)[:count].astype("M8[D]").astype(str).tolist()


def flat(dates: Sequence[str], price: float = 100.0, volume: int = 1_000_000) -> list[str]:
    """A bar a date at one price, without dividends or splits."""
    return [f"{date},{price},{price},{price},{price},{volume},0,1" for date in dates]
