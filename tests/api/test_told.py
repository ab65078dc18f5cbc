# SPDX-License-Identifier: Apache-2.0
"""What a call of the Python API refuses is said in its own words: arguments, not options of a command."""

import pytest

import engine
from engine.errors import ConfigError, InputError, Problem
from engine.market.sample import sample_frame
from tests.api.conftest import CONFIG, Hold

HELD = {"strategy": Hold, "roles": {"fund": "SPY"}}
GRID = {"enter": [0.5, 1.0]}


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: engine.signals(equity=5.0, **HELD),
         "equity: what does the account hold?; allowed: positions=... beside it, or flat=True where it holds nothing"),
        (lambda: engine.signals(flat=True, **HELD),
         "flat: what is the account worth?; allowed: equity=... beside it, cash and positions together"),
        (lambda: engine.stress(leverages=[0], **HELD), "leverages: out of range; found 0"),
        (lambda: engine.stress(coefficient=-1, **HELD), "coefficient: out of range; found -1"),
        (lambda: engine.compare("SPY", "IWM", window=5), "window: out of range; found 5"),
        (lambda: engine.sweep(CONFIG, GRID, workers=-1), "workers: not a number of processes"),
        (lambda: engine.significance("any", null_block=5.0), "no such run"),
    ],
)  # fmt: skip
def test_arguments_are_named(call, said):
    with pytest.raises(InputError) as caught:
        call()
    assert said in str(caught.value)
    assert "--" not in str(caught.value)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: engine.stress(crowd="x", **HELD), "crowd"),
        (lambda: engine.stress(coefficient="x", **HELD), "coefficient"),
        (lambda: engine.compare("SPY", "IWM", window="60"), "window"),
        (lambda: engine.sweep(CONFIG, GRID, workers="2"), "workers"),
        (lambda: engine.significance("any", null_markets=3, null_block="8"), "null_block"),
    ],
)
def test_what_is_no_number_is_refused_by_its_name(call, name):
    with pytest.raises(InputError, match=rf"^{name}: not a number; found '"):
        call()


def test_a_frame_in_the_place_of_a_symbol_is_refused():
    with pytest.raises(InputError, match=r"^first: not a name; found DataFrame; .*data=\{\.\.\.\}"):
        engine.compare(sample_frame("SPY", 7), "IWM")


def test_only_arguments_of_the_call_are_translated_and_the_kind_of_error_stays():
    from engine.api.told import told_in_python

    @told_in_python
    def call(null_block: int = 1, *, flat: bool = False) -> None:  # noqa: ARG001
        raise ConfigError(Problem("no", path="--null-block", found="--set a", allowed="--flat or --null-block BARS"))

    with pytest.raises(ConfigError, match=r"^null_block: no; found --set a; allowed: flat=True or null_block=\.\.\.$"):
        call()
