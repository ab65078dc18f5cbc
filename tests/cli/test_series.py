# SPDX-License-Identifier: Apache-2.0
"""Series that are not there, for every shipped strategy and through the real command.

An optional one: it runs, and says what it does without. A required one: an error before anything runs.
"""

import json

import pytest
import yaml

from engine.strategy.absent_series import done_without
from engine.strategy.source.discover import find_strategy
from tests.strategies.shipped import shipped

PERIOD = {"start": "2007-06-01", "end": "2008-03-31"}
CONFIGS = shipped("sample")
STRATEGIES = {name: find_strategy(name, file.parent) for name, file in CONFIGS.items()}


def pairs(attribute: str) -> list[tuple[str, str]]:
    return [(name, series) for name, strategy in STRATEGIES.items() for series in getattr(strategy, attribute)]


def unbound(name: str) -> list[str]:
    """Optional series that the shipped configuration does not bind: the sample market has none of them."""
    bound = yaml.safe_load(CONFIGS[name].read_text(encoding="utf-8")).get("series", {})
    return [series for series in STRATEGIES[name].optional_series if series not in bound]


BOUND = [(name, series) for name, series in pairs("optional_series") if series not in unbound(name)]


def write(desk, name: str, without: tuple[str, ...], **changes) -> None:
    """run.yaml: the shipped configuration on the sample market, over a few months, without these series."""
    config = yaml.safe_load(CONFIGS[name].read_text(encoding="utf-8"))
    series = {key: value for key, value in config.pop("series", {}).items() if key not in without}
    config |= {"period": PERIOD, "results": "out", **({"series": series} if series else {}), **changes}
    desk.write("run.yaml", yaml.safe_dump(config, sort_keys=False))


def runs(desk, *words: str) -> str:
    done = desk.tandem(*words)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return " ".join(done.stdout.split())


def test_every_strategy_with_optional_series_says_what_it_does_without():
    assert {name for name, _ in pairs("optional_series")} >= {"fund_replica", "vix_hedge:VixHedge"}
    assert {name for name, _ in pairs("series")} >= {"fund_replica", "vix_hedge:VixHedge"}
    for name, series in pairs("optional_series"):
        (said,) = done_without(STRATEGIES[name], [series])
        assert said.text.startswith(f"Ran without the optional series {series}: "), name


@pytest.mark.parametrize(("name", "series"), BOUND)
def test_an_optional_series(desk, name, series):
    """In the run's words and in its manifest; of the others that are bound nothing is said."""
    write(desk, name, without=(series,))
    (said,) = done_without(STRATEGIES[name], [series])
    never = done_without(STRATEGIES[name], unbound(name))
    shown = runs(desk, "backtest", "run.yaml")
    assert said.text in shown
    assert shown.count("Ran without") == 1 + len(never)
    (manifest,) = (desk.folder / "out").glob("*/2*/manifest.json")
    written = json.loads(manifest.read_text())
    assert said.as_dict() in written["notices"]
    assert written["data"]["missing"] == [series, *unbound(name)]


@pytest.mark.parametrize("name", [name for name in STRATEGIES if len(STRATEGIES[name].optional_series) > 1])
def test_without_any_optional_series(desk, name):
    """In the signals: what the day's decision did without."""
    every = tuple(STRATEGIES[name].optional_series)
    write(desk, name, without=every)
    said = runs(desk, "signals", "run.yaml")
    for notice in done_without(STRATEGIES[name], every):
        assert notice.text in said


@pytest.mark.parametrize(("name", "series"), pairs("series"))
def test_a_required_series(desk, name, series):
    refuses(desk, "backtest", name, series)


@pytest.mark.parametrize("command", ["signals", "stress", "verify"])
def test_a_required_series_of_other_commands(desk, command):
    refuses(desk, command, *pairs("series")[0])


def refuses(desk, command, name, series):
    """With its place in the file, and before anything runs."""
    write(desk, name, without=(series,))
    wanted = f"series.{series}: {STRATEGIES[name].__name__} needs this series and nothing is bound to it"
    desk.refused(command, "run.yaml", says=(wanted, "at run.yaml:", f"allowed {series}: SYMBOL"))


@pytest.mark.parametrize("name", [name for name, strategy in STRATEGIES.items() if strategy.optional_series])
def test_a_series_that_is_bound_must_be_there(desk, name):
    """A wrong symbol is no missing series: nothing is left out in silence."""
    series = next(iter(STRATEGIES[name].optional_series))
    bound = yaml.safe_load(CONFIGS[name].read_text(encoding="utf-8"))["series"]
    write(desk, name, without=(), series={**bound, series: "NOWHERE"})
    desk.refused("backtest", "run.yaml", says=("NOWHERE", "at run.yaml:"))


@pytest.mark.parametrize("name", [name for name, strategy in STRATEGIES.items() if strategy.options])
def test_options_without_a_volatility(desk, name):
    """Names that are not volatility indices are left: the error says what could be bound."""
    bound = yaml.safe_load(CONFIGS[name].read_text(encoding="utf-8"))["series"]
    if "vix" in STRATEGIES[name].series:
        write(desk, name, without=(), options={"volatility": "rxv"})
        desk.refused("backtest", "run.yaml", says=("options.volatility", "no series of this name is bound", "rvx"))
    else:
        write(desk, name, without=tuple(one for one in bound if one in ("vix", "rvx", "vxn")))
        desk.refused("backtest", "run.yaml", says=("options.volatility", "nothing to take the implied volatility"))
