# SPDX-License-Identifier: Apache-2.0
"""What the scripts of docs/ write: every page and picture is what its script makes of the bars.

`python docs/NAME_figures.py` writes them again.
"""

import pytest

from tests.docs.conftest import ROOT, page, script

SCRIPTS = sorted(file.name.removesuffix("_figures.py") for file in (ROOT / "docs").glob("*_figures.py"))
LONG = "capacity stress double_agent double_agent_calls put_hedge replica spread hedge portfolio costs funds compare"
SLOW = dict.fromkeys(LONG.split(), pytest.mark.slow)
"""The first compiles every shipped strategy and runs each many times; the others run for long."""

ON_REAL_BARS = [pytest.param(name, marks=SLOW.get(name, ())) for name in SCRIPTS if name != "signals"]
BARE = (
    "signals",
    "portfolio",
    "leveraged_funds",
    "costs",
    "funds",
    "capacity",
    "compare",
    "stress",
    "walkforward",
    "significance",
    "classic_book",
    "cluster",
    "benchmarks",
    "spread_books",
    "kernel_steps",
)
PICTURED = [name for name in SCRIPTS if name not in BARE]
IMAGES = ROOT / "docs" / "images"


def page_of(name):
    return script(f"{name}_figures").PAGE


def same_lines(made, there):
    """Line by line, so that a difference is shown as such."""
    assert made.splitlines() == there.splitlines()
    assert made == there


@pytest.mark.parametrize("name", ON_REAL_BARS)
def test_the_figures_are_those_of_the_bars(real_data, name):
    page = page_of(name)
    given = (str(real_data),) if name == "leveraged_funds" else (f"data.path={real_data}",)
    same_lines(page.written(page.read(given)), page.text)


def test_the_printed_decision_is_that_of_the_day():
    page = page_of("signals")
    same_lines(page.written(None), page.text)


@pytest.mark.parametrize("name", PICTURED)
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


@pytest.mark.parametrize(("name", "mark", "word"), [("metrics", "register", "sharpe"), ("run_folder", "flows", "fee")])
def test_tables_of_pages_are_those_of_the_code(name, mark, word):
    text = page(f"{name}.md")
    assert script("register_tables").refreshed(text) == text, f"run `python docs/register_tables.py docs/{name}.md`"
    assert f"| `{word}` |" in text.partition(f"<!-- {mark}: begin -->")[2].partition(f"<!-- {mark}: end -->")[0]


def test_a_mark_that_nothing_closes_is_refused():
    with pytest.raises(ValueError, match="without"):
        script("register_tables").refreshed("<!-- flows: begin -->")
