# SPDX-License-Identifier: Apache-2.0
"""Whatever stands at whatever key: it loads, or a ConfigError says why, in words and at a place."""

import datetime as dt

import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.config.explain import model_keys
from engine.config.loader import config_from_dict, load_config
from engine.errors import ConfigError

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
PATHS = [tuple(key.path.replace("[]", ".0").split(".")) for key in model_keys()]
NAMES = st.sampled_from(
    ["SPY", "IWM", "default", "rate", "from", "source", "sample", "csv", "vix", "reg_t", "tiny.py", "x y", ""]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.dates(dt.date(1900, 1, 1))
    | st.text(max_size=8)
    | NAMES
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
BASE = {"name": "x", "strategy": "tiny.py", "roles": {"large": "SPY", "small": "IWM"}, "series": {"vix": "VIX"}}


def put(data, path, value):
    """A copy of `data` with `value` at `path`, with mappings and lists made on the way."""
    head, *rest = path
    inner = put({}, rest, value) if rest else value
    if head == "0":
        return [inner]
    key = "IWM" if head == "SYMBOL" else "vix" if head == "NAME" else head
    if rest and isinstance(data, dict) and isinstance(data.get(key), dict):
        inner = put(data[key], rest, value)
    return {**data, key: inner}


def examine(load):
    try:
        assert load().config.roles
    except ConfigError as error:
        assert_readable(error.problems)


def assert_readable(problems):
    assert problems
    for problem in problems:
        assert problem.message
        assert problem.path or problem.file
        assert len(str(problem)) < 600


@QUIET
@given(path=st.sampled_from(PATHS), value=VALUES)
def test_from_python(folder, path, value):
    examine(lambda: config_from_dict(put(BASE, path, value), folder.path))


@QUIET
@given(paths=st.lists(st.sampled_from(PATHS), min_size=1, max_size=3), value=VALUES)
def test_from_a_file(folder, paths, value):
    data = BASE
    for path in paths:
        data = put(data, path, value)
    examine(lambda: load_config(folder.write(yaml.safe_dump(data, allow_unicode=True))))


@QUIET
@given(path=st.sampled_from(PATHS), value=st.text(max_size=20))
def test_from_the_command_line(folder, good, path, value):
    written = ".".join(part for part in path if part != "0")
    examine(lambda: load_config(folder.write(good), [f"{written}={value}"]))


@QUIET
@given(st.text(max_size=30))
def test_any_setting(folder, good, text):
    examine(lambda: load_config(folder.write(good), [text]))
