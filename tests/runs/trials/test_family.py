# SPDX-License-Identifier: Apache-2.0
"""What counts together: a strategy on its symbols by one kind of source, whatever else a person turns."""

from pathlib import Path

import pytest

from engine.config.loader import load_config
from engine.runs.trials.family import Family, family_of

CONFIGS = Path(__file__).resolve().parents[3] / "configs"
PAIR = {"large": "SPY", "small": "IWM"}


def test_each_part_makes_another_family():
    """Trials on a synthetic market are none on a real one."""
    one = Family("spread_trade", "large SPY, small IWM", "csv")
    others = [
        Family("vix_hedge", one.legs, one.source), Family(one.strategy, "large SPY, small QQQ", one.source),
        Family(one.strategy, one.legs, "sample"),
    ]  # fmt: skip
    assert len({family.id for family in (one, *others)}) == 4
    assert one.id == Family("spread_trade", "large SPY, small IWM", "csv").id


@pytest.mark.parametrize(
    "put", ["params.enter=0.9", "period.start=2015-01-02", "costs.slippage.half_spread=0.01", "account.cash=5000"]
)
def test_what_is_turned_in_a_search_changes_none(put):
    config = CONFIGS / "spread_sample.yaml"
    family = family_of(load_config(config, [put]).config, PAIR)
    assert family == Family("spread_trade", "large SPY, small IWM", "sample")


def test_a_portfolio_is_all_of_its_strategies_on_all_of_its_symbols():
    config = load_config(CONFIGS / "portfolio_sample.yaml").config
    family = family_of(config, {"spread.small": "IWM", "spread.large": "SPY", "hedge.small": "IWM"})
    assert family.strategy.split(" + ") == sorted(family.strategy.split(" + "))
    assert len(family.strategy.split(" + ")) == len(config.sleeves) == 3
    assert family.legs == "IWM, SPY"


def test_a_file_that_is_moved_or_edited_counts_on(tmp_path):
    """Two files of one name are one family for it: which of them is a copy of the other nothing can say."""
    source = "from engine import Strategy\n\nclass Case(Strategy):\n    roles = ('x',)\n\n    @staticmethod\n"
    source += "    def on_bar(bar, f, p, s, account, orders):\n        orders.target(0, {})\n"
    families = set()
    for folder, weight in (("here", 0.5), ("there", 0.5), ("edited", 0.7)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "strategy.py").write_text(source.format(weight))
        (tmp_path / folder / "case.yaml").write_text("name: case\nstrategy: strategy.py\nroles: {x: SPY}\n")
        families.add(family_of(load_config(tmp_path / folder / "case.yaml").config, {"x": "SPY"}))
    assert families == {Family("strategy.py:Case", "x SPY", "sample")}
