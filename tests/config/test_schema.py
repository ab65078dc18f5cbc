# SPDX-License-Identifier: Apache-2.0
"""The JSON schema: current, valid, and of one mind with the loader."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator, FormatChecker

from engine.config.schema import config_schema
from engine.config.yaml_reader import read_yaml

ROOT = Path(__file__).resolve().parent.parent.parent
CONFIGS = sorted((ROOT / "configs").glob("*.yaml"))


def as_json(value: Any) -> Any:
    """What an editor sees: dates are text."""
    if isinstance(value, dict):
        return {key: as_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [as_json(inner) for inner in value]
    return value.isoformat() if isinstance(value, dt.date) else value


def errors(schema: dict, text: str) -> list[str]:
    validator = Draft202012Validator(schema, format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(as_json(read_yaml(text, "f.yaml").data))]


def test_the_committed_file_is_current():
    committed = json.loads((ROOT / "docs" / "config.schema.json").read_text())
    assert committed == config_schema(), "write it again: tandem config schema --out docs/config.schema.json"


def test_it_is_a_schema():
    Draft202012Validator.check_schema(config_schema())


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.name)
def test_it_accepts_every_shipped_configuration(file):
    assert errors(config_schema(), file.read_text()) == []


def test_there_are_configurations_to_test():
    assert CONFIGS


REFUSED = [
    "parms: {}",
    "fills: {at: nextopen}",
    "fills: {whole_shares: yes}",
    "account: {cash: 0}",
    "data: {source: cvs}",
    "data: {source: csv}",
    "period: {start: soon}",
    "costs: {commission: [{minimun: 1}]}",
    "costs: {borrow: {default: [{rate: 2}]}}",
    "seed: 1.5",
]


@pytest.mark.parametrize("added", REFUSED)
def test_it_refuses_what_the_loader_refuses(folder, good, added):
    assert errors(config_schema(), f"{good}{added}\n")
    assert folder.problems(f"{good}{added}\n")


def test_a_role_in_capitals(good):
    assert errors(config_schema(), good.replace("large:", "Large:"))


class TestWithAStrategy:
    @pytest.fixture
    def schema(self, folder, good):
        return config_schema(folder.load(good).strategy)

    def test_it_accepts_a_good_file(self, schema, good):
        Draft202012Validator.check_schema(schema)
        assert errors(schema, good + "params: {enter: 1, window: 5, hedge: beta, guard: false}\n") == []

    @pytest.mark.parametrize(
        "added",
        [
            "params: {entr: 1}",
            "params: {enter: 7}",
            "params: {window: 2.5}",
            "params: {hedge: bta}",
            "params: {guard: yes}",
        ],
    )
    def test_it_knows_the_parameters(self, schema, good, added):
        assert errors(schema, f"{good}{added}\n")

    def test_it_knows_roles_and_series(self, schema, good):
        assert errors(schema, good.replace("small:", "smal:"))
        assert errors(schema, good.replace("{vix: VIX}", "{}"))

    def test_editors_see_unit_and_default(self, schema):
        enter = schema["properties"]["params"]["properties"]["enter"]
        assert enter == {
            "type": "number", "description": "Entry band. Unit: sigma.", "minimum": 0, "maximum": 6, "x-unit": "sigma",
            "default": 2.0,
        }  # fmt: skip
        assert schema["properties"]["params"]["properties"]["hedge"]["enum"] == ["dollar", "beta"]


def test_every_key_has_a_description():
    def bare(part: Any, path: str = "") -> list[str]:
        found = []
        for name, inner in part.get("properties", {}).items():
            found += [] if inner.get("description") else [f"{path}.{name}"]
        return found

    schema = config_schema()
    sections = {"": schema, **schema["$defs"]}
    assert [name for path, section in sections.items() for name in bare(section, path)] == []
