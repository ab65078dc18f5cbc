# SPDX-License-Identifier: Apache-2.0
"""Pages of docs/ as data: their tables are recomputed by the tests beside."""

import importlib
import sys
from pathlib import Path

import pytest

from engine.strategy.params import declared_params

ROOT = Path(__file__).resolve().parents[2]


sys.path.append(str(ROOT / "docs"))  # its scripts import one another, as they do when they are run


def script(name):
    """A script of docs/ as a module."""
    return importlib.import_module(name)


def page(name):
    """The text of a page of docs/."""
    return script("page").Page(name).text


def tables_with(name, *titles):
    """The tables of a page that have all of these columns: rows, each a dictionary from column title to cell."""
    return script("page").Page(name).tables(*titles)


def declared_rows(params):
    """The table of parameters that a strategy's page must have."""
    titles = ("parameter", "default", "allowed", "what")
    return [
        dict(zip(titles, (f"`{name}`", str(spec.show(spec.parse(spec.default))), spec.allowed, spec.doc), strict=True))
        for name, spec in declared_params(params).items()
    ]


def reason_rows(reasons):
    """The table of reasons that a strategy's page must have."""
    return [{"code": str(int(one)), "name": f"`{one.name.lower()}`", "words": one.words} for one in reasons]


@pytest.fixture(scope="session")
def root():
    return ROOT
