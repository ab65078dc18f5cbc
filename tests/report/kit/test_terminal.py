# SPDX-License-Identifier: Apache-2.0
"""Tables on a screen that is too narrow for them, and names that look like markup."""

import io

import pytest
from rich.console import Console

from engine.report.kit.grid import Field, Grid
from engine.report.kit.terminal import LEAST, heading, print_table

LONG = "A_Very_Long_Name_Of_A_Fund_That_Goes_On_And_On_Limited_Partnership_Class_B_EUR"
NAMES = ["[/red] Fund", "[bold]Q[/bold] & <b>Co</b>", "a [1] b"]


def printed(names, figures, width=80):
    """What a table of names and as many figures of nine digits looks like."""
    fields = [Field("", "fund"), *(Field("", f"figure {number}") for number in range(figures))]
    made = io.StringIO()
    screen = Console(file=made, width=width)
    print_table(Grid(fields, [[name, *["123456.78"] * figures] for name in names]).on_terminal(tight=True), screen)
    assert screen.width == width
    return made.getvalue().splitlines()


@pytest.mark.parametrize("figures", [1, 3, 5])
def test_a_long_name_goes_on_in_the_next_line_and_no_figure_is_cut(figures):
    lines = printed([LONG, "Short"], figures)
    assert max(map(len, lines)) <= 80
    assert sum(line.count("123456.78") for line in lines) == 2 * figures
    room = lines[1].index("123456.78")
    assert "".join(line[:room].strip() for line in lines[1:-1]) == LONG


def test_where_the_figures_alone_have_no_room_names_keep_some_and_figures_all():
    lines = printed([LONG], 9)
    assert sum(line.count("123456.78") for line in lines) == 9
    assert lines[1].startswith(LONG[:LEAST] + " ")


def test_what_has_room_stands_in_one_line():
    assert printed([LONG], 5, width=200)[1].startswith(LONG + " ")
    assert len(printed(["Short"], 3)) == 2


def test_names_that_look_like_markup_stand_as_they_are():
    for name, line in zip(NAMES, printed(NAMES, 2)[1:], strict=True):
        assert line.startswith(name + " ")


@pytest.mark.parametrize("name", NAMES)
def test_a_heading_of_such_a_name_too(name):
    made = io.StringIO()
    heading(name, f"sweep of /tmp/{name}/rule.py", Console(file=made, width=80), above="\n")
    assert made.getvalue() == f"\n{name}  sweep of /tmp/{name}/rule.py\n"
