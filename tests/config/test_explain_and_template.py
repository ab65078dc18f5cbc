# SPDX-License-Identifier: Apache-2.0
"""What keys mean, and the new file that says it."""

import re

import pytest

import engine
from engine.config.describe import plain, words
from engine.config.explain import explained, model_keys, param_keys
from engine.config.loader import load_config
from engine.config.template import new_config
from engine.config.yaml_reader import read_yaml
from engine.errors import InputError, StrategyError
from engine.model.run import RunConfig, Section
from engine.strategy.base import Strategy
from engine.strategy.params import declared_params
from engine.strategy.source.discover import find_strategy, list_strategies


def paths(asked, own=()):
    return [key.path for key in explained(asked, own)]


def test_every_key_says_what_it_is():
    for key in model_keys():
        assert key.meaning.endswith((".", ".)")), key
        assert key.allowed, key
        assert key.default or key.allowed.startswith("a mapping"), key


def test_no_field_of_any_section_is_left_out():
    def fields(section: type[Section]) -> int:
        return len(section.model_fields)

    sections = {Section, *Section.__subclasses__()}
    for section in list(sections):
        sections |= set(section.__subclasses__())
    named = {key.path.rpartition(".")[2] for key in model_keys()}
    wanted = {field.alias or name for section in sections for name, field in section.model_fields.items()}
    assert wanted <= named
    assert fields(RunConfig) == sum("." not in key.path for key in model_keys())


@pytest.mark.parametrize(
    ("asked", "first"),
    [
        ("fills.at", "fills.at"),
        ("fills", "fills"),
        ("costs.commission[0].minimum", "costs.commission[].minimum"),
        ("costs.commission[].minimum", "costs.commission[].minimum"),
        ("costs.commission.minimum", "costs.commission[].minimum"),
        ("costs.borrow.IWM[3].rate", "costs.borrow.SYMBOL[].rate"),
        ("series.vix.unit", "series.NAME.unit"),
        ("minimum", "costs.commission[].minimum"),
        ("roles.small", "roles"),
        ("params.anything", "params"),
    ],
)
def test_a_key_is_found_as_a_person_writes_it(asked, first):
    assert paths(asked)[0] == first


def test_a_section_brings_what_is_below_it():
    assert paths("period") == ["period", "period.start", "period.end"]
    assert len(explained("")) == len(model_keys())


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("fils", "fills"), ("costs.comission", "costs.commission"), ("minimun", "costs.commission[].minimum")],
)
def test_an_unknown_key_and_its_neighbour(asked, nearest):
    with pytest.raises(InputError) as caught:
        explained(asked)
    assert caught.value.problems[0].nearest == nearest


def test_parameters_of_a_strategy(folder, good):
    own = param_keys(declared_params(folder.load(good).strategy.Params))
    assert paths("params", own) == ["params", "params.enter", "params.window", "params.hedge", "params.guard"]
    (enter,) = explained("params.enter", own)
    assert (enter.allowed, enter.unit, enter.default, enter.meaning) == (
        "a number from 0 to 6 sigma", "sigma", "2", "entry band",
    )  # fmt: skip
    with pytest.raises(InputError) as caught:
        explained("params.entr", own)
    assert caught.value.problems[0].nearest == "params.enter"


@pytest.mark.parametrize("name", list_strategies())
def test_a_new_file_runs_as_it_stands_and_changes_no_default(name, tmp_path):
    strategy = find_strategy(name, tmp_path)
    file = tmp_path / "new.yaml"
    file.write_text(new_config(name, strategy))
    config = load_config(file).config
    bare = load_config_of(tmp_path, name, config)
    assert config.model_copy(update={"description": ""}) == bare
    assert config.data.source == "sample"


def load_config_of(tmp_path, name, config):
    """The same run with everything left out that has a default."""
    bound = f"roles: {{{', '.join(f'{role}: {symbol}' for role, symbol in config.roles.items())}}}"
    inputs = {
        name: one if isinstance(one, str) else f"{{symbol: {one.symbol}, unit: {one.unit}}}"
        for name, one in config.series.items()
    }
    series = f"series: {{{', '.join(f'{name}: {one}' for name, one in inputs.items())}}}"
    file = tmp_path / "bare.yaml"
    file.write_text(f"name: {config.name}\nstrategy: {name}\n{bound}\n{series}\n")
    return load_config(file).config


@pytest.mark.parametrize("name", ["double_agent_calls", "fund_replica", "vix_hedge_puts:VixHedgeIndexPuts"])
def test_options_and_series_in_per_cent_run_as_they_stand_too(name, tmp_path):
    (tmp_path / "new.yaml").write_text(new_config(name, find_strategy(name, tmp_path)))
    done = engine.backtest(tmp_path / "new.yaml", ["period.start=2008-01-02", "period.end=2008-06-30"])
    assert len(done.equity) == 125


def test_a_new_file_says_everything(folder, good):
    strategy = folder.load(good).strategy
    text = new_config("tiny.py", strategy)
    assert "  # Entry band. [a number from 0 to 6 sigma]\n  enter: 2\n" in text
    assert "  hedge: dollar\n" in text
    assert "  vix: VIX\n" in text
    assert "  rvx: RVX   # optional\n" in text
    assert max(len(line) for line in text.splitlines()) <= 100
    document = read_yaml(text, "new.yaml")
    assert document.problems == ()
    told = {key.path for key in model_keys() if not re.search(r"[A-Z\[]", key.path) and key.only in {"", "sample"}}
    of_portfolios = {"sleeves", "rebalance"}
    of_rules = {path for path in told if path.partition(".")[0] == "rules"}
    assert told - {"description"} - of_portfolios - of_rules <= {
        ".".join(path) for path in document.places if all(isinstance(part, str) for part in path)
    }


def test_a_new_file_for_roles_of_any_name():
    class Odd(Strategy):
        roles = ("first", "second", "small")
        series = ("nothing_like_it",)

    text = new_config("pkg.mod:Odd", Odd)
    document = read_yaml(text, "f").data
    assert document["name"] == "odd"
    assert document["roles"]["small"] == "IWM"
    assert len(set(document["roles"].values())) == 3
    assert "not in the sample market" in text


def test_a_strategy_without_a_word_about_itself_is_not_told_as_the_base_of_all():
    class Silent(Strategy):
        roles = ("x",)

    class Said(Strategy):
        """Buys the dip."""

        roles = ("x",)

    class Kin(Said):
        pass

    firsts = [new_config(one.__name__, one).splitlines()[0] for one in (Silent, Said, Kin)]
    assert firsts == ["# Silent: a strategy", "# Said: Buys the dip.", "# Kin: Buys the dip."]


def test_more_roles_than_the_sample_has_symbols():
    class Many(Strategy):
        roles = tuple(f"r{i}" for i in range(30))

    with pytest.raises(StrategyError, match="no symbols for 30 roles"):
        new_config("many", Many)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "null"), (True, "true"), (2.0, "2"), (1e6, "1000000"), (2.5e-5, "2.5e-05"), ("on", "on"), ("1e5", "'1e5'"),
     ("", "''"), ({}, "{}"), ([], "[]"), ({"a": 1}, "a mapping"), ("x" * 60, "x" * 37 + "...")],
)  # fmt: skip
def test_values_as_a_person_writes_them(value, text):
    assert plain(value) == text


def test_types_in_words():
    fields = RunConfig.model_fields
    assert words(fields["seed"].annotation, fields["seed"].metadata) == "a whole number of at least 0"
    assert words(fields["roles"].annotation) == "a mapping of name to symbol or symbols"
    assert words(float | None) == "a number, or null"
