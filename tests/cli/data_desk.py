# SPDX-License-Identifier: Apache-2.0
"""Bars of files as people have them, and runs on them that cost nothing: what is printed is what was read."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import yaml

from engine.market.calendar import exchange
from tests import programs

RULE = """\
from engine.strategy import Strategy, param


class Rule(Strategy):
    roles = ("x",)
    optional_series = {"vix": "Runs without it."}

    class Params:
        unused: float = param(0.0)

    class State:
        n: int = 0

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n == 0:
            orders.ORDER
        s.n += 1
"""
FREE = {
    "commission": "none",
    "regulatory": "no_fees",
    "borrow": "no_borrow",
    "interest": "no_interest",
    "slippage": {"half_spread": 0, "impact": 0},
    "benchmark": 0.0,
    "dividends": False,
}


@dataclass
class DataDesk:
    """A folder with bars of X, a rule that orders once, and the command."""

    folder: Path
    env: dict[str, str]

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def run(self, data: dict | None = None, order: str = "market(0, 100.0)", **sections) -> "Ran":
        """`tandem backtest run.yaml` on the CSV files in the folder, with these keys of `data`."""
        self.write("rule.py", RULE.replace("ORDER", order))
        config = {
            "name": "case",
            "strategy": "rule.py",
            "roles": {"x": "X"},
            "data": {"source": "csv", "path": ".", "prices": "raw"} | (data or {}),
            "costs": FREE,
            "account": {"cash": 100000.0},
            "fills": {"participation": None},
            "results": "out",
            **sections,
        }
        self.write("run.yaml", yaml.safe_dump(config, sort_keys=False))
        before = set(self.folder.glob("out/case/*"))
        done = programs.tandem("backtest", "run.yaml", cwd=self.folder, env=self.env)
        made = sorted(set(self.folder.glob("out/case/2*")) - before)
        return Ran(done.returncode, " ".join(done.stdout.split()), " ".join(done.stderr.split()), made[-1:])


@dataclass
class Ran:
    """What a run said, and its folder."""

    code: int
    out: str
    err: str
    made: list[Path]

    def table(self, name: str) -> pd.DataFrame:
        return pq.read_table(self.made[0] / f"{name}.parquet").to_pandas()

    @property
    def manifest(self) -> dict:
        return json.loads((self.made[0] / "manifest.json").read_text())

    @property
    def metrics(self) -> dict:
        return json.loads((self.made[0] / "metrics.json").read_text())

    @property
    def notices(self) -> str:
        return json.dumps(self.manifest["notices"])

    def ok(self) -> "Ran":
        assert self.code == 0, self.err
        return self

    def refused(self, *says: str) -> "Ran":
        assert self.code == 2, self.out + self.err
        assert "Traceback" not in self.err
        for part in says:
            assert part in self.err, self.err
        return self


def session_days(first: str, count: int) -> list[int]:
    start = int(np.datetime64(first).astype("M8[D]").astype(int))
    return exchange().between(start, start + 2 * count + 10)[:count].tolist()


def opens(first: str, count: int, minutes: int, *, before: int = 0, after: int = 0) -> pd.DatetimeIndex:
    """Opens of the bars of `count` sessions, UTC: of regular hours, or from so many minutes before to after them."""
    calendar, made = exchange(), []
    for day in session_days(first, count):
        start = int(calendar.open_of([day])[0]) - before * 60_000_000_000
        stop = int(calendar.close_of([day])[0]) + after * 60_000_000_000
        made += range(start, stop, minutes * 60_000_000_000)
    return pd.DatetimeIndex(np.array(made, np.int64).view("M8[ns]"), tz="UTC")


def bars_text(stamps: list[str], prices: list[float], head: str = "date,open,high,low,close,volume") -> str:
    """A CSV of bars that do not move within themselves."""
    rows = [f"{stamp},{p},{p},{p},{p},100000" for stamp, p in zip(stamps, prices, strict=True)]
    return "\n".join([head, *rows]) + "\n"


def written(index: pd.DatetimeIndex, zone: str, form: str = "%Y-%m-%d %H:%M:%S") -> list[str]:
    return list(index.tz_convert(zone).strftime(form))


def rising(count: int, first: float = 100.0, step: float = 0.01) -> list[float]:
    return [round(first + step * i, 6) for i in range(count)]
