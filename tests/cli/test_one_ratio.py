# SPDX-License-Identifier: Apache-2.0
"""One run, one Sharpe ratio, one probability: on the page of significance, among trials, of a sweep, of a walk-forward.

The oracle is numpy and scipy on what lies in files: the equity of a run folder, and the bills that the test wrote.
"""

import json
import math
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from scipy import stats

from tests import programs
from tests.cases import Case, days

DATES = days("2021-01-04", 760)
BILLS = np.where(np.arange(len(DATES)) % 260 < 230, 0.01, 0.45)
"""A year: so wild that moments of plain returns and of those over cash differ in their first digit."""

RULE = """\
from engine.strategy import Strategy, param


class Rule(Strategy):
    roles = ("x",)

    class Params:
        size: float = param(0.2, unit="times equity", doc="what is held every other month")
        spare: int = param(1, doc="decides nothing")

    class State:
        n: int = 0

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n % 40 == 0:
            orders.target(0, p.size)
        elif s.n % 40 == 20:
            orders.target(0, p.size * 0.5)
        s.n += 1
"""

MOMENTS = (("skew", stats.skew, {}), ("kurtosis", stats.kurtosis, {"fisher": False}))


@pytest.fixture(scope="module")
def case(tmp_path_factory):
    made = Case(tmp_path_factory.mktemp("case"), "raw")
    moves = np.random.default_rng(13).normal(0.0018, 0.009, len(DATES))
    price = np.round(100.0 * np.cumprod(1.0 + moves), 4)
    made.bars([f"{date},{one},{one},{one},{one},1000000,0,1" for date, one in zip(DATES, price, strict=True)])
    made.bars([f"{date},{one}" for date, one in zip(DATES, BILLS, strict=True)], "date,value", "BILL.csv")
    made.add("series: {bill: {symbol: BILL, path: BILL.csv, column: value, unit: fraction}}")
    return made


def run(case, strategy, command, *words):
    """The document. Trials are counted by strategy: each has those that were run of it here and no others."""
    case.write(f"{strategy}.py", RULE)
    out = ("--out", str(case.folder / strategy))
    done = case.run("--set", "costs.benchmark=bill", "--set", f"strategy={strategy}.py", *out, *words, command=command)
    assert done.code == 0, done.said
    return done.document


def significance(case, folder):
    """What `tandem report FOLDER --significance --json` has of a run, its trials among it."""
    env = {"PATH": "/usr/bin:/bin", "HOME": str(case.folder), "TANDEM_CACHE_DIR": os.environ["TANDEM_CACHE_DIR"]}
    done = programs.tandem("report", str(folder), "--significance", "--json", cwd=case.folder, env=env)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["significance"]


def series(folder):
    """(S,) returns of the account, and less the bill's part of a year, which is what was known at the close before."""
    table = pq.read_table(folder / "equity.parquet")
    equity = np.append(100_000.0, table.column("equity").to_numpy())
    start = DATES.index(str(table.column("session")[0]))
    bills = np.append(BILLS[start], BILLS[start : start + len(table) - 1])
    plain = equity[1:] / equity[:-1] - 1.0
    return plain, plain - bills / 252


def shape(own):
    ratio, skew, kurtosis = own.mean() / own.std(ddof=1), stats.skew(own), stats.kurtosis(own, fisher=False)
    return ratio, 1.0 - skew * ratio + (kurtosis - 1.0) / 4.0 * ratio**2


def psr(own, over=0.0):
    """Bailey and Lopez de Prado (2012), equation 11; `over` is a ratio a year."""
    ratio, spread = shape(own)
    return stats.norm.cdf((ratio - over / math.sqrt(252)) * math.sqrt((len(own) - 1) / spread))


def best_of(ratios, tries):
    """Bailey and Lopez de Prado (2014), equation 1, of ratios a year."""
    g = np.euler_gamma
    high = (1 - g) * stats.norm.ppf(1 - 1 / tries) + g * stats.norm.ppf(1 - 1 / (tries * math.e))
    return np.std(ratios, ddof=1) * high


def test_every_page_of_one_run_has_the_same_probability(case):
    """The first year is passed over, so that the account of a walk-forward that cannot choose is this very run."""
    first = DATES[252]
    backtest = run(case, "alone", "backtest", "--set", f"period.start={first}")
    judged = significance(case, backtest["folder"])
    sweep = run(case, "swept", "sweep", "--set", f"period.start={first}", "--over", "spare=1,2")
    walk = run(case, "walked", "walkforward", "--over", "spare=1,2", "--train", "252", "--test", "6m")
    plain, own = series(Path(backtest["folder"]))
    assert series(Path(walk["page"]).parent)[1].tolist() == own.tolist()
    said = {
        "significance": judged["probabilistic_sharpe"],
        "trials": backtest["trials"]["deflated_sharpe"],
        "trials beside significance": judged["trials"]["deflated_sharpe"],
        "sweep": sweep["luck"]["deflated"],
        "trials of the sweep": sweep["trials"]["deflated_sharpe"],
        "walk-forward": walk["account"]["above_cash"],
    }
    assert len(set(said.values())) == 1, said
    assert judged["probabilistic_sharpe"] == pytest.approx(psr(own), rel=1e-9)
    ratios = {judged["sharpe"], backtest["metrics"]["sharpe"], sweep["luck"]["sharpe"]}
    assert ratios == {walk["account"]["metrics"]["sharpe"]}
    ratio, spread = shape(own)
    assert judged["sharpe"] == pytest.approx(ratio * math.sqrt(252), rel=1e-9)
    assert judged["minimum_track_record"] == pytest.approx(1 + spread * (stats.norm.ppf(0.95) / ratio) ** 2, rel=1e-9)
    moments = {name: of(own, **given) for name, of, given in MOMENTS}
    assert {name: judged[name] for name in moments} == pytest.approx(moments, rel=1e-9)
    assert stats.skew(plain) > 2.0 * moments["skew"]


def test_the_best_of_a_sweep_is_deflated_alike_on_its_page_and_among_trials(case):
    period = ("--set", f"period.start={DATES[252]}")
    sweep = run(case, "sizes", "sweep", *period, "--over", "size=0.14,0.16,0.18,0.2")
    table = pq.read_table(Path(sweep["page"]).parent / "sweep.parquet")
    luck = best_of(table.column("reward_to_variability").to_numpy(), 4)
    best = [f"params.{name}={value}" for name, value in sweep["best"][0]["values"].items()]
    _, own = series(Path(run(case, "best", "backtest", *period, "--set", *best)["folder"]))
    assert 0.6 < psr(own, luck) < psr(own) - 0.05
    assert sweep["luck"]["expected_best"] == pytest.approx(luck, rel=1e-9)
    assert sweep["luck"]["deflated"] == pytest.approx(psr(own, luck), rel=1e-9)
    assert sweep["trials"]["deflated_sharpe"] == pytest.approx(psr(own, luck), rel=1e-9)
