# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: INP001  (what the scripts beside share)
"""What is left of each shipped configuration on real bars: measured once, told on the page of its strategy.

    python docs/worth.py [NAME ...] [PATH=VALUE ...]

NAME is a configuration without `_real`, none is all of them; PATH=VALUE are overrides, such as data.path. Measures them
anew and writes docs/worth_measured.json and every table that is made of it: the section `worth` of each strategy's page
and the tables of walkforward.md and significance.md, so that a figure stands everywhere as it was measured once.
"""

from __future__ import annotations

import json
import math
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import NormalDist
from typing import Any

from page import CONFIGS, DOCS, Page, Table, percent

from engine.analytics.analysis import Analysis, analyse
from engine.analytics.significance.chance import Chance
from engine.analytics.significance.judged import judge
from engine.analytics.significance.sharpe_ratio import SURE
from engine.config.loader import LoadedConfig
from engine.engines.run_record import RunRecord
from engine.errors import InputError
from engine.progress import unwatched
from engine.report.kit.words import decimal
from engine.report.run.chance_section import p_words
from engine.report.walkforward.document import above_cash
from engine.report.walkforward.folder import count_trials
from engine.runs.backtest import backtest
from engine.runs.chance.again import once_more
from engine.runs.chance.null_markets import null_markets
from engine.runs.chance.random_entries import random_entries
from engine.runs.sweep.asked import configured, grid_asked
from engine.runs.trials.standing import count_run, standing_of
from engine.runs.trials.store import VARIABLE
from engine.runs.walkforward.findings import WalkForwardFound
from engine.runs.walkforward.run import walk_forward
from engine.strategy.source.identity import source_hash

FILE = DOCS / "worth_measured.json"
RUNS = 200
"""Null markets of each kind, and draws of entries."""

PLAN = ("walkforward.train=5y", "walkforward.test=1y")
SPREAD = ("enter=0:1.5:0.5", "z_window=60,120,250", "momentum_window=20,60,120")
AGENT = ("touches=3:6:1", "margin=0,0.5,1", "bear_stop=2,4,6")
CLOCK = ("move_days=5,10,20", "weak=-1.5,-1,-0.5", "stress_rank=0.8,0.9,0.95")
PAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "spread_trade": {"spread": SPREAD},
    "spread_books": dict.fromkeys(("qqq_iwm", "qqq_kre", "reverse_book"), SPREAD),
    "classic_book": {"classic_book": ("hedge=dollar,beta", "hedge_window=30,60,120", "cut_to=0,0.5,1")},
    "double_agent": dict.fromkeys(("double_agent", "double_agent_fund"), AGENT),
    "double_agent_calls": {"double_agent_calls": AGENT},
    "vix_hedge": dict.fromkeys(("vix_hedge", "vix_hedge_fund"), CLOCK),
    "vix_hedge_puts": dict.fromkeys(("vix_hedge_puts", "vix_hedge_index_puts"), CLOCK),
    "fund_replica": {"fund_replica": ("window=24,36,60", "ridge=0.005,0.02,0.1", "gross_cap=1,1.5")},
}
"""Page -> configuration -> what is chosen among: what the idea leaves open, around the values that are shipped, settled
before any run."""

GRIDS = {name: grid for grids in PAGES.values() for name, grid in grids.items()}


def measured(config: Path, grid: Sequence[str], sets: Sequence[str], runs: int = RUNS) -> dict[str, Any]:
    """Everything that is said of one configuration; ratios a year, p and probabilities 0 to 1, None where undefined.

    Its trials are those that are made here: one backtest, and every combination of the walk-forward.
    """
    configure = configured(config, list(sets))
    ready = configure(())
    before = os.environ.get(VARIABLE)
    with tempfile.TemporaryDirectory() as folder:
        os.environ[VARIABLE] = f"{folder}/trials.sqlite"
        try:
            result = backtest(ready, glance=False)
            analysis = analyse(result)
            count_run(result, analysis, source_hash(*ready.strategies.values()))
            walk = walk_forward(ready, grid_asked(grid, ready.config.sweep), configure, unwatched)
            count_trials(walk, ready)
            trials = standing_of(result, analysis)
        finally:
            os.environ.pop(VARIABLE) if before is None else os.environ.update({VARIABLE: before})
    return _plain(
        {
            **_judged(result, analysis),
            "trials": trials.tried,
            "expected_best": trials.expected,
            "deflated": trials.deflated,
            "walk": _walked(walk),
            "null_markets": _answer(lambda: _null_markets(ready, runs)),
            "random_entries": _answer(lambda: _random_entries(ready, result, analysis, runs)),
        }
    )


def _judged(result: RunRecord, analysis: Analysis) -> dict[str, Any]:
    found = judge(result, analysis)
    ratio = found.ratio
    (sharpe,) = (one for one in found.intervals.of if one.name == "sharpe")
    return {
        "first": found.first,
        "last": found.last,
        "years": ratio.sessions / ratio.per_year,
        "sharpe": [sharpe.value, sharpe.low, sharpe.high],
        "probabilistic": ratio.probabilistic,
        "years_needed": ratio.needed / ratio.per_year,
    }


def _walked(found: WalkForwardFound) -> dict[str, Any]:
    many = found.after.many
    return {
        "choices": len(found.folds),
        "among": found.grid.size,
        "promised": found.promised,
        "kept": found.kept,
        "blind": found.blind,
        "rank": found.rank,
        "account": found.analysis.metrics["cagr"],
        "own": found.after.own.analysis.metrics["cagr"],
        "above_cash": above_cash(found),
        "paths": found.paths.tolist(),
        "overfitting": None if many.overfitting is None else many.overfitting.probability,
        "superior": None if many.superior is None else many.superior.consistent,
    }


def _null_markets(ready: LoadedConfig, runs: int) -> dict[str, Any]:
    found = null_markets(once_more(ready), runs)
    apart = None if found.apart is None else _chance(found.apart)
    return {"block": found.block, "together": _chance(found.together), "apart": apart}


def _random_entries(ready: LoadedConfig, result: RunRecord, analysis: Analysis, runs: int) -> dict[str, Any]:
    found = random_entries(once_more(ready), result, analysis, runs)
    return {"trades": found.trades, "held": found.held, "kept": found.kept, **_chance(found.chance)}


def _chance(found: Chance) -> dict[str, float]:
    return {"own": found.own, "median": found.median, "p": found.p}


def _answer(question: Callable[[], dict[str, Any]]) -> dict[str, Any] | None:
    """None where the run cannot be asked: options, a fund's months, too few trades."""
    try:
        return question()
    except InputError:
        return None


def _plain(value: Any) -> Any:
    """As JSON has it: no NaN, no infinity."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return None if isinstance(value, float) and not math.isfinite(value) else value


def kept() -> dict[str, Any]:
    """What was measured, by the name of the configuration."""
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


Question = tuple[str, str, Callable[[dict[str, Any]], str], Callable[[dict[str, Any]], float | None], float]
"""In the table; in its last line; the cell; the figure that decides, and its bar: what should be low is negative."""

NOTHING = ""


def paths_words(one: dict[str, Any]) -> str:
    """The median ratio of the purged paths, from the lowest to the highest."""
    paths = one["walk"]["paths"]
    if not paths:
        return NOTHING
    low, middle, high = (decimal(paths[at], 2) for at in (0, len(paths) // 2, -1))
    return f"{middle} ({low} to {high})"


def _p(part: str, kind: str = "") -> Callable[[dict[str, Any]], float | None]:
    def found(one: dict[str, Any]) -> float | None:
        answer = one[part] and (one[part][kind] if kind else one[part])
        return answer and -answer["p"]

    return found


def _p_cell(part: str, kind: str = "") -> Callable[[dict[str, Any]], str]:
    found = _p(part, kind)
    return lambda one: NOTHING if found(one) is None else p_words(-float(found(one) or 0.0))


def _interval(one: dict[str, Any]) -> str:
    value, low, high = (decimal(figure, 2) for figure in one["sharpe"])
    return f"{value} ({low} to {high})"


def _years(one: dict[str, Any]) -> str:
    needed = one["years_needed"]
    return f"{one['years']:.0f} of {'no number' if needed is None else f'{needed:,.0f}'}"


def _blind(choices: int) -> float:
    """The mean rank that one blind chooser in twenty is above: ranks are even from 0 to 1, each test by itself."""
    return 0.5 + NormalDist().inv_cdf(SURE) * math.sqrt(1.0 / 12.0 / choices)


def _both(one: dict[str, Any]) -> str:
    return f"{percent(one['walk']['account'])}, {percent(one['walk']['own'])}"


QUESTIONS: tuple[Question, ...] = (
    ("Sharpe ratio, 95 % interval", "its interval", _interval, lambda one: one["sharpe"][1], 0.0),
    ("years of record, and how many would show it", "the length of its record", _years,
     lambda one: one["years"] - (one["years_needed"] or math.inf), 0.0),
    ("probability that the ratio is above 0, of one try", "one try", lambda one: percent(one["probabilistic"]),
     lambda one: one["probabilistic"], SURE),
    ("the same of its trials: deflated", "its trials",
     lambda one: f"{percent(one['deflated'], 0)} of {one['trials']}", lambda one: one["deflated"], SURE),
    ("walk-forward, others below where used", "choosing anew", lambda one: percent(one["walk"]["rank"], 0),
     lambda one: one["walk"]["rank"] - _blind(one["walk"]["choices"]), 0.0),
    ("walk-forward, account a year and as configured", "", _both, lambda _: None, 0.0),
    ("15 purged paths, ratio (lowest to highest)", "purged paths", paths_words,
     lambda one: one["walk"]["paths"][0] if one["walk"]["paths"] else None, 0.0),
    ("probability of overfitting", "overfitting", lambda one: percent(one["walk"]["overfitting"], 0),
     lambda one: -one["walk"]["overfitting"], SURE - 1.0),
    ("p of the best of all against cash (SPA)", "the reality check", lambda one: p_words(one["walk"]["superior"]),
     lambda one: -one["walk"]["superior"], SURE - 1.0),
    ("p among null markets", "null markets", _p_cell("null_markets", "together"), _p("null_markets", "together"),
     SURE - 1.0),
    ("p among null markets, symbols apart", "null markets apart", _p_cell("null_markets", "apart"),
     _p("null_markets", "apart"), SURE - 1.0),
    ("p among its trades on other days", "random entries", _p_cell("random_entries"), _p("random_entries"), SURE - 1.0),
)  # fmt: skip


def asked(one: dict[str, Any]) -> dict[str, bool]:
    """The questions that can be asked of a configuration, in the order of the table, and whether it stands each."""
    figures = {short: (figure(one), bar) for _, short, _, figure, bar in QUESTIONS}
    return {short: found >= bar for short, (found, bar) in figures.items() if found is not None}


def stands(one: dict[str, Any]) -> str:
    """What survives, in words."""
    answers = asked(one)
    stood = [short for short, stood in answers.items() if stood]
    return f"{len(stood)} of {len(answers)}: {', '.join(stood)}" if stood else f"none of {len(answers)}"


def table_of(found: dict[str, Any], names: Sequence[str]) -> Table:
    """One line a question, one column a configuration; the last says what survives."""
    rows = [["", *(f"`{name}_real`" for name in names)]]
    rows += [[title, *(cell(found[name]) for name in names)] for title, _, cell, _, _ in QUESTIONS]
    return [*rows, ["**stands**", *(stands(found[name]) for name in names)]]


def section(page: str) -> Callable[[Sequence[str]], Table]:
    """The section `worth` of a strategy's page, from what was measured."""

    def worth(_: Sequence[str]) -> Table:
        return table_of(kept(), list(PAGES[page]))

    return worth


def main(words: Sequence[str]) -> None:
    """Measure, and write every table that is made of it."""
    from significance_figures import PAGE as SIGNIFICANCE
    from walkforward_figures import PAGE as WALKFORWARD

    sets = [word for word in words if "=" in word]
    for name in [word for word in words if "=" not in word] or list(GRIDS):
        known = kept() if FILE.exists() else {}
        known[name] = measured(CONFIGS / f"{name}_real.yaml", GRIDS[name], [*sets, *PLAN])
        ordered = {one: known[one] for one in GRIDS if one in known}
        FILE.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {stands(known[name])}\n")
        sys.stdout.flush()
    known = kept()
    whole = [page for page, grids in PAGES.items() if grids.keys() <= known.keys()]
    for one in (*(Page[Sequence[str]](f"strategies/{page}.md", (section(page),)) for page in whole), WALKFORWARD,
                SIGNIFICANCE):  # fmt: skip
        one.file.write_text(one.written((), part=True), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
