# SPDX-License-Identifier: Apache-2.0
"""Sections by themselves: how they are built, and what stands where a file says nothing."""

import os
import subprocess
import sys

import pytest

import engine.model.run  # noqa: F401  # all of them
from engine.model.fields import Section


def sections(of=Section):
    return [one for sub in of.__subclasses__() for one in (sub, *sections(sub))]


DEFAULTS = {
    f"{section.__name__}.{name}": field.default
    for section in sections()
    for name, field in section.model_fields.items()
    if isinstance(field.default, Section)
}


@pytest.mark.parametrize("key", DEFAULTS)
def test_a_default_section_is_what_the_checks_make_of_nothing(key):
    checked = type(DEFAULTS[key])()
    assert DEFAULTS[key] == checked
    assert DEFAULTS[key].model_dump() == checked.model_dump()
    assert DEFAULTS[key].model_fields_set == checked.model_fields_set == set()


BUILDS = """
import importlib.metadata, os, sys
asked = []
importlib.metadata.entry_points = lambda **group: asked.append(group) or ()
from engine.model.run import Account, RunConfig
built = [RunConfig.__pydantic_complete__, Account.__pydantic_complete__]
RunConfig(name="a")
built += [RunConfig.__pydantic_complete__, Account.__pydantic_complete__]
print(built, asked, os.environ.get("PYDANTIC_DISABLE_PLUGINS"))
"""


@pytest.mark.parametrize("set_to", [None, "one,two"])
def test_a_section_is_built_when_it_is_first_asked_and_looks_for_no_plugins(set_to):
    env = {**os.environ, **({} if set_to is None else {"PYDANTIC_DISABLE_PLUGINS": set_to})}
    done = subprocess.run([sys.executable, "-c", BUILDS], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.strip() == f"[False, False, True, False] [] {set_to}"
