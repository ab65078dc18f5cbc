# SPDX-License-Identifier: Apache-2.0
"""Every piece of YAML in docs/config.md loads."""

import re
from pathlib import Path

import pytest
import yaml

from engine.config.loader import load_config
from engine.config.tables import FOLDER
from engine.model.sleeves import bound_roles

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "config.md").read_text()
BLOCKS = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
BASE = "name: doc\nstrategy: spread_trade\nroles: {large: SPY, small: IWM}\n"


def test_there_is_an_example_of_every_section():
    told = {key for block in BLOCKS for key in yaml.safe_load(block)}
    assert told >= {"name", "strategy", "roles", "series", "params", "data", "period", "account", "fills", "costs"}
    assert told >= {"sleeves", "rebalance"}


@pytest.mark.parametrize("number", range(len(BLOCKS)))
def test_every_example_loads(number, tmp_path):
    block = BLOCKS[number]
    own = yaml.safe_load(block)
    taken = {*own, *(("strategy", "roles") if "sleeves" in own else ())}
    base = "".join(f"{line}\n" for line in BASE.splitlines() if line.split(":")[0] not in taken)
    file = tmp_path / "doc.yaml"
    file.write_text(base + block)
    assert set(bound_roles(load_config(file).config).values()) == {"SPY", "IWM"}


def test_every_table_is_listed():
    for file in FOLDER.glob("*.yaml"):
        assert f"`{file.stem}`" in TEXT or f"{file.name}" in TEXT, file
