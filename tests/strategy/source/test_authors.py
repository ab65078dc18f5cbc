# SPDX-License-Identifier: Apache-2.0
"""Whose a file is says the record of who installed it."""

import json
import sys

import numpy as np
import pytest

import engine.indicators
import strategies.agents.orders
from engine.strategy.source.authors import is_authors

MINE = "/home/me/mine.py"


@pytest.mark.parametrize(
    ("file", "authors"),
    [
        (MINE, True),
        ("<ipython-input-1>", True),
        ("<frozen importlib._bootstrap>", False),
        (json.__file__, False),
        (np.__file__, False),
        (engine.indicators.__file__, False),
        (strategies.agents.orders.__file__, True),
    ],
)
def test_whose(file, authors):
    assert is_authors(file, MINE) == authors


@pytest.fixture
def site(tmp_path, monkeypatch):
    """What was installed: my_rules with rules/ and more.py, and Other, which left no record, with other.py."""
    files = ["rules/one.py", "rules/two.py", "more.py", "other.py", "loose.py"]
    for name in files:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    for name in ("my_rules-1.0.dist-info", "Other-2.0.dist-info"):
        (tmp_path / name).mkdir()
    record = "".join(f"{name},sha256=x,0\n" for name in files[:3])
    (tmp_path / "my_rules-1.0.dist-info" / "RECORD").write_text(record)
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    return tmp_path


def test_what_a_distribution_brings_is_a_librarys(site):
    for name in ("rules/one.py", "more.py", "other.py"):
        assert not is_authors(str(site / name), MINE)


def test_but_of_the_author_whose_strategy_it_brings_too(site):
    own = str(site / "rules" / "one.py")
    assert is_authors(str(site / "rules" / "two.py"), own)
    assert is_authors(str(site / "more.py"), own)
    assert not is_authors(str(site / "other.py"), own)
    assert not is_authors(np.__file__, own)


def test_what_nobody_declares_is_the_authors(site):
    assert is_authors(str(site / "loose.py"), MINE)
