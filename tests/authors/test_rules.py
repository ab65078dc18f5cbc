# SPDX-License-Identifier: Apache-2.0
"""Seven rules in YAML alone against the same rules in Python: every fill, and every close of the account."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from engine.config.loader import load_config
from engine.runs.backtest import backtest
from engine.runs.verify.parity import fills_of

HERE = Path(__file__).parent / "rules"
CONFIGS = Path(__file__).resolve().parents[2] / "configs"
TWINS = {
    CONFIGS / "rules_pair_sample.yaml": "Pair",
    CONFIGS / "rules_rsi_sample.yaml": "Dip",
    CONFIGS / "rules_breakout_sample.yaml": "Breakout",
    HERE / "weekly.yaml": "Weekly",
    HERE / "volatility.yaml": "Volatility",
    HERE / "ta_rule.yaml": "TaRule",
    HERE / "trailing.yaml": "Trailing",
}
YEARS = "{start: 2004-01-02, end: 2009-12-31}"


def rules_of(file: Path, years: str = YEARS, *overrides: str):
    return load_config(file, [f"period={years}", "mode=interpreted", *overrides])


def twin_of(file: Path, years: str = YEARS, *overrides: str):
    """The same configuration with the class in Python, which has its own numbers."""
    given = yaml.safe_load(file.read_text(encoding="utf-8"))
    own = {"strategy": f"{HERE / 'twins.py'}:{TWINS[file]}", "rules": None}
    return load_config(file, [f"period={years}", "mode=interpreted", *overrides], {**own, "name": given["name"]})


@pytest.mark.parametrize("file", TWINS, ids=[file.stem for file in TWINS])
def test_fills_are_those_of_the_rule_in_python(file):
    mine, theirs = (backtest(one, glance=False) for one in (rules_of(file), twin_of(file)))
    fills, others = fills_of(mine), fills_of(theirs)
    assert len(fills) > 30
    assert [one for one, other in zip(fills, others, strict=False) if not one.same(other)] == []
    assert len(fills) == len(others)
    np.testing.assert_array_equal(mine.points["equity"], theirs.points["equity"])


@pytest.mark.slow
@pytest.mark.parametrize("file", TWINS, ids=[file.stem for file in TWINS])
def test_compiled_is_interpreted(file):
    modes = ("mode=compiled", "mode=interpreted")
    compiled, interpreted = (backtest(rules_of(file, YEARS, mode), glance=False) for mode in modes)
    assert compiled.ledger.tobytes() == interpreted.ledger.tobytes()
    assert compiled.points.tobytes() == interpreted.points.tobytes()


@pytest.mark.parametrize("file", TWINS, ids=[file.stem for file in TWINS])
def test_a_rule_is_short(file):
    """At most fifteen lines beside roles, data and what only names the run."""
    lines = file.read_text(encoding="utf-8").splitlines()
    begins = lines.index("rules:")
    counted = [line for line in lines[begins:] if line.strip() and not line.lstrip().startswith("#")]
    assert len(counted) <= 15
