# SPDX-License-Identifier: Apache-2.0
"""The resolved YAML reads back to the same value, and the hash moves with the numbers and with nothing else."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.config.canonical import config_hash, resolved_yaml
from engine.config.loader import load_config
from engine.config.yaml_reader import read_yaml

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
WORDS = st.sampled_from(
    ["on", "no", "null", "~", "1e5", "0777", "12:30:00", "2020-01-01", "=", "- a", "a: b", "#", "'", "\t"]
)


@QUIET
@given(
    description=TEXT | WORDS,
    cash=st.floats(1e-6, 1e12),
    rate=st.floats(0, 1),
    start=st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)),
    symbol=st.sampled_from(["ON", "NO", "Y", "TRUE", "1E5", "0700.HK", "BRK.B", "^VIX", "12"]),
    minimum=st.floats(0, 100),
)
def test_round_trip(folder, good, description, cash, rate, start, symbol, minimum):
    loaded = load_config(folder.write(good))
    config = loaded.config
    held = {
        "SPY": config.costs.borrow["SPY"],
        symbol: [config.costs.borrow["IWM"][0].model_copy(update={"rate": rate})],
    }
    row = config.costs.commission[0].model_copy(update={"minimum": minimum})
    config = config.model_copy(
        update={
            "description": description,
            "roles": {"large": "SPY", "small": symbol},
            "period": config.period.model_copy(update={"start": start}),
            "account": config.account.model_copy(
                update={
                    "cash": cash,
                    "margin": config.account.margin.model_copy(update={"multiples": {"SPY": 1.0, symbol: 2.0}}),
                }
            ),
            "costs": config.costs.model_copy(update={"borrow": held, "commission": [row]}),
        }
    )
    text = resolved_yaml(config)
    again = load_config(folder.write(text, "again.yaml")).config
    assert again == config
    assert resolved_yaml(again) == text
    assert config_hash(again) == config_hash(config)


def test_it_needs_nothing_outside_itself(folder, good, tmp_path_factory):
    folder.write("- {per_share: 0.01}", "mine.yaml")
    config = folder.load(good, "costs.commission=mine").config
    far = tmp_path_factory.mktemp("far") / "config.yaml"
    far.write_text(resolved_yaml(config))
    assert load_config(far).config == config


def test_keys_stand_in_the_model_s_order(folder, good):
    config = folder.load(good).config
    left_out = ("rules", "sleeves", "rebalance", "paper", "sweep", "walkforward", "stress")  # not of this one
    names = [name for name in type(config).model_fields if name not in left_out]
    assert list(read_yaml(resolved_yaml(config), "f.yaml").data) == names


@pytest.mark.parametrize(
    "override",
    [
        "params.enter=1.25",
        "roles.small=IWO",
        "series.rvx=RVX",
        "seed=1",
        "data.seed=8",
        "period.end=2020-01-01",
        "account.cash=5",
        "account.margin.kind=none",
        "account.margin.multiples.IWM=2",
        "fills.at=next_close",
        "costs.commission[0].minimum=0.5",
        "costs.borrow.SPY[0].rate=0.5",
        "costs.benchmark=0.01",
        "engine=backtrader",
    ],
)
def test_the_hash_moves_with_the_numbers(folder, good, override):
    assert config_hash(folder.load(good, override).config) != config_hash(folder.load(good).config)


@pytest.mark.parametrize(
    "override",
    [
        "name=other",
        "description=x",
        "results=elsewhere",
        "mode=compiled",
        "params.enter=2",
        "params.hedge=dollar",
        "costs.commission=ibkr_fixed",
        "costs.commission=[{per_share: 0.005, minimum: 1, maximum: 0.01}]",
        "costs.benchmark=3e-2",
        "account.cash=1e6",
        "account.margin.multiples.IWM=1",
    ],
)
def test_the_hash_does_not_move_with_labels_or_spelling(folder, good, override):
    assert config_hash(folder.load(good, override).config) == config_hash(folder.load(good).config)


def test_the_hash_does_not_know_where_the_bytes_lie(folder, good):
    text = (
        good.replace("{vix: VIX}", "{vix: {symbol: VIX, path: PLACE/vix.csv}}") + "data: {source: csv, path: PLACE}\n"
    )
    hashes = set()
    for place in ("here", "there"):
        (folder.path / place).mkdir()
        (folder.path / place / "vix.csv").write_text("date,close\n")
        hashes.add(config_hash(folder.load(text.replace("PLACE", place)).config))
    assert len(hashes) == 1


def test_the_hash_is_the_same_in_every_process(folder, good):
    """Pinned: a change of the model moves it, and old runs no longer compare with new ones. CHANGELOG says so then."""
    config = folder.load(good, "costs.regulatory=no_fees", "costs.borrow=no_borrow").config
    assert config_hash(config) == PINNED


PINNED = "87a09acec125b314d3e2e31b64a929fedd72b2903d869c7fcdf9d69fa2d42dcd"
