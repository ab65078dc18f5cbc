# SPDX-License-Identifier: Apache-2.0
"""docs/paper.md: every gate, key and command of the bridge is on the page, and nothing that is not there."""

import re

import yaml

from engine.cli.paper_commands import app
from engine.config.describe import names
from engine.config.loader import config_from_dict
from engine.model.paper import Paper, PaperLimits
from engine.paper.gates import verdicts_of
from tests.docs.conftest import page, tables_with
from tests.paper.gates.test_gates import BUY, facts

PAGE = "paper.md"


def words(rows, title):
    return [one.strip() for row in rows for one in row[title].split(",")]


def test_every_gate_is_in_the_table():
    (rows,) = tables_with(PAGE, "gate", "closed when")
    assert set(words(rows, "gate")) == {one.gate for one in verdicts_of(BUY, facts())}


def test_every_key_is_on_the_page():
    (rows,) = tables_with(PAGE, "key", "what")
    assert {one.strip("`") for one in words(rows, "key")} == set(names(Paper))
    (gates,) = tables_with(PAGE, "gate", "closed when")
    told = set(re.findall(r"limits\.(\w+)", " ".join(row["closed when"] for row in gates)))
    assert told == set(names(PaperLimits)) - {"least_shortable"}


def test_every_command_is_on_the_page():
    (rows,) = tables_with(PAGE, "command", "does")
    told = set(re.findall(r"tandem paper ([a-z-]+) CONFIG", " ".join(row["command"] for row in rows)))
    assert told == {one.name for one in app.registered_commands} - {"run"}


def test_the_configuration_of_the_page_loads():
    (text,) = re.findall(r"```yaml\n(.*?)```", page(PAGE), re.DOTALL)
    config = config_from_dict(yaml.safe_load(text)).config
    assert config.paper.limits.short
    assert config.paper.port == 4002
