# SPDX-License-Identifier: Apache-2.0
"""docs/strategies/vix_hedge_puts.md: tables against the strategy, an episode against a run, figures against bars."""

import re

import pytest

from engine.strategy.params import declared_params
from strategies.hedges.words import Reason
from strategies.vix_hedge import VixHedge
from strategies.vix_hedge_puts import VixHedgeIndexPuts, VixHedgePuts
from tests.docs.conftest import page, script, tables_with

PAGE = "strategies/vix_hedge_puts.md"
SHARED = "strategies/vix_hedge.md"


@pytest.fixture(scope="module")
def figures():
    return script("put_hedge_figures")


@pytest.fixture(scope="module")
def sample_run():
    return script("page").run("vix_hedge_puts_sample")


def test_every_parameter_is_on_the_page_as_declared():
    (rows,) = tables_with(PAGE, "parameter", "allowed")
    titles = ("parameter", "default", "allowed", "what")
    known = declared_params(VixHedge.Params)
    declared = [
        dict(zip(titles, (f"`{name}`", str(spec.show(spec.parse(spec.default))), spec.allowed, spec.doc), strict=True))
        for name, spec in declared_params(VixHedgeIndexPuts.Params).items()
        if name not in known
    ]
    assert rows == declared
    more = set(declared_params(VixHedgeIndexPuts.Params)) - set(declared_params(VixHedgePuts.Params))
    assert more == {"beta_window"}


def test_every_reason_of_puts_has_a_rule():
    rules = [row["reason"] for rows in tables_with(PAGE, "rule", "reason") for row in rows]
    own = {name for words in rules for name in re.findall(r"`(\w+)`", words)}
    shared = {row["reason"].strip("`") for rows in tables_with(SHARED, "rule", "reason") for row in rows}
    assert own | shared == {one.name.lower() for one in Reason}
    assert own - shared == {one.name.lower() for one in Reason if one >= Reason.ROLL_TIME}


def test_every_parameter_has_a_rule():
    text = page(PAGE).partition("## The rules")[2].partition("## Parameters")[0]
    named = set(re.findall(r"`(\w+)`", text))
    new = set(declared_params(VixHedgeIndexPuts.Params)) - set(declared_params(VixHedge.Params)) - {"size_by"}
    assert new | {"coverage", "delta"} <= named
