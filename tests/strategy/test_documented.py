# SPDX-License-Identifier: Apache-2.0
"""The strategies printed in the documentation are checked, and run in both modes."""

import importlib.util
import re
from dataclasses import fields
from enum import IntEnum
from pathlib import Path

import numpy as np
import pytest
import yaml

import engine.strategy
from engine.analytics.attribution.hedge_account import HEDGE_EPISODES
from engine.config.loader import config_from_dict
from engine.runs.backtest import backtest
from engine.strategy import Regimes, Strategy
from engine.strategy.border import check_strategy
from engine.strategy.declarations import check_declarations
from engine.strategy.interpretation_checks import check_interpreted_features
from engine.strategy.language.refused import SENTENCES
from engine.strategy.language.vocabulary import BUILTINS, MATH, ORDER_METHODS

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "strategies.md"


def printed(page, language):
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


@pytest.fixture(params=["docs/strategies.md", "README.md"])
def written(request, tmp_path):
    """The first strategy of a page and its YAML, in files of the names that the page gives."""
    page = ROOT / request.param
    code, config = printed(page, "python")[0], printed(page, "yaml")[0]
    file = tmp_path / re.match(r"# (\w+\.py)", code)[1]
    file.write_text(code, encoding="utf-8")
    config_file = tmp_path / re.match(r"# (\w+\.yaml)", config)[1]
    config_file.write_text(config, encoding="utf-8")
    return file, config_file


def test_printed_strategy_passes_the_border(written):
    file, _ = written
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (strategy,) = [
        each
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Strategy) and each is not Strategy
    ]
    check_strategy(strategy, ("z",))


def test_printed_strategy_runs_alike_in_both_modes(written):
    _, config_file = written
    data = {
        **yaml.safe_load(config_file.read_text(encoding="utf-8")),
        "period": {"start": "2003-01-02", "end": "2006-12-29"},
    }
    runs = []
    for mode in ("interpreted", "compiled"):
        ready = config_from_dict({**data, "mode": mode}, config_file.parent)
        runs.append(backtest(ready))
    assert len(runs[0].orders) > 10
    assert np.array_equal(runs[0].points["equity"], runs[1].points["equity"])
    assert runs[0].ledger.tobytes() == runs[1].ledger.tobytes()


def test_the_printed_declarations_pass():
    (code,) = [code for code in printed(GUIDE, "python") if "Regimes(" in code]
    names = {name: getattr(engine.strategy, name) for name in engine.strategy.__all__}
    scope = {**names, "IntEnum": IntEnum, "__name__": "printed"}
    exec(code, scope)
    assert check_declarations(scope["TwoMinds"]) == []
    check_interpreted_features(scope["TwoMinds"], ("mood", "floor"))


def test_every_declaration_and_argument_is_in_the_guide():
    told = GUIDE.read_text(encoding="utf-8").partition("## How the result is read")[2].partition("\n## ")[0]
    for name in ("watch", "agents", "regimes", "replica", "levels", *(one.name for one in fields(Regimes))):
        assert f"| `{name}` |" in told
    assert "| `known_levels(self, market, p)` |" in told
    assert [one.name for one in HEDGE_EPISODES] == re.findall(r"20\d\d(?:-\d\d)?", told.partition("Episodes are")[2])


def test_every_word_of_the_language_is_in_the_guide():
    text = GUIDE.read_text(encoding="utf-8")
    words = set(re.findall(r"\w+", text))
    for name in [*ORDER_METHODS, *BUILTINS, *MATH]:
        assert name in words, name


def test_the_guide_shows_orders_with_their_parameters():
    text = GUIDE.read_text(encoding="utf-8")
    for name, method in ORDER_METHODS.items():
        named = [label.removesuffix("_id") for label in method.parameters]
        assert f"`{name}({', '.join(named)})`" in text


def test_refusals_have_a_sentence_with_a_way_out():
    for sentence in SENTENCES.values():
        assert re.search(r": |;", sentence), sentence
