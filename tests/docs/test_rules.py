# SPDX-License-Identifier: Apache-2.0
"""docs/rules.md: its keys are the model's, its words the language's, and signals say of its example what it shows."""

import re

import yaml

from engine.config.loader import config_from_dict
from engine.model.rules import Rules
from engine.report.signals.levels import condition_words
from engine.rules.scope import BARS, CALENDAR, FLAGS
from engine.runs.signals.run import signals
from tests.docs.conftest import page, tables_with

TEXT = page("rules.md")


def test_the_example_is_told_as_the_page_tells_it():
    (block,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    decision = signals(config_from_dict({**yaml.safe_load(block), "mode": "interpreted"})).lone
    (told,) = re.findall(r"At a later close\n(.*?)```", TEXT, re.DOTALL)
    words = [condition_words(vars_of(one)) for one in decision.conditions]
    assert sorted(" ".join(told.split()).split(" enters ")) == sorted(
        one.removeprefix("enters ") if at else one for at, one in enumerate(reversed(words))
    )


def vars_of(one):
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def test_every_key_is_in_the_table():
    (rows,) = tables_with("rules.md", "key", "is")
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row["key"])] == list(Rules.model_fields)


def test_every_word_of_the_calendar_is_in_the_table():
    (rows,) = tables_with("rules.md", "part", "is")
    told = {name for row in rows for name in re.findall(r"\w+", row["part"])}
    assert {*CALENDAR, *FLAGS, BARS} <= told
