# SPDX-License-Identifier: Apache-2.0
"""What the scripts of docs/ write: every page and picture is what its script makes of the bars.

`python docs/NAME_figures.py` writes them again.
"""

import pytest

from tests.docs.conftest import ROOT, moved, script

CONFIGS = {
    "double_agent": ("double_agent_real", "double_agent_fund_real"),
    "double_agent_calls": ("double_agent_real", "double_agent_calls_real"),
    "hedge": ("vix_hedge_real", "vix_hedge_fund_real"),
    "portfolio": ("portfolio_real",),
    "put_hedge": ("vix_hedge_real", "vix_hedge_puts_real", "vix_hedge_index_puts_real"),
    "replica": ("fund_replica_real",),
    "spread": ("spread_real",),
}
"""Script -> the configurations whose paths it can be given."""

SCRIPTS = sorted(file.name.removesuffix("_figures.py") for file in (ROOT / "docs").glob("*_figures.py"))
ON_REAL_BARS = (*CONFIGS, "leveraged_funds")
IMAGES = ROOT / "docs" / "images"


def page_of(name):
    return script(f"{name}_figures").PAGE


def same_lines(made, there):
    """Line by line, so that a difference is shown as such."""
    assert made.splitlines() == there.splitlines()
    assert made == there


def test_every_script_is_tried():
    assert {*ON_REAL_BARS, "signals"} == set(SCRIPTS)


@pytest.mark.parametrize("name", ON_REAL_BARS)
def test_the_figures_are_those_of_the_bars(real_data, name):
    page = page_of(name)
    given = moved(real_data, *CONFIGS[name]) if name in CONFIGS else (str(real_data),)
    same_lines(page.written(page.read(given)), page.text)


def test_the_printed_decision_is_that_of_the_day():
    page = page_of("signals")
    same_lines(page.written(None), page.text)


@pytest.mark.parametrize("name", sorted(set(CONFIGS) - {"portfolio"}))
def test_the_pictures_are_those_of_the_sample_run(name):
    page = page_of(name)
    assert page.pictures
    for file, draw in page.pictures.items():
        same_lines(draw(()), (IMAGES / file).read_text(encoding="utf-8"))


def test_the_picture_of_the_funds_is_that_of_the_bars(real_data):
    page = page_of("leveraged_funds")
    ((file, draw),) = page.pictures.items()
    same_lines(draw(page.read((str(real_data),))), (IMAGES / file).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_section_has_one_place_on_its_page(name):
    page = page_of(name)
    assert sorted(page.places) == sorted(section.__name__ for section in page.sections)
    assert page.places
