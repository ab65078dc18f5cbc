# SPDX-License-Identifier: Apache-2.0
"""What can change a figure is said where nobody can miss it: the first line, the list of runs, every document."""

import json

from engine.notice import loud, loud_first, note

SPLIT = "AAA: on 2020-01-27 the price moves overnight by -20%"


def cut(desk):
    """Bars that lose a fifth overnight before the fifth session, with no split on record."""
    lines = (desk.folder / "bars/AAA.csv").read_text().splitlines()
    for row in range(5, len(lines)):
        day, *prices, volume, dividend = lines[row].split(",")
        lines[row] = ",".join([day, *(str(float(price) / 1.25) for price in prices), volume, dividend])
    desk.write("bars/AAA.csv", "\n".join(lines) + "\n")


def test_the_first_line_and_the_list_of_runs(desk):
    cut(desk)
    out = desk.tandem("backtest", "run.yaml").stdout
    assert out.splitlines()[0].endswith("! 1 loud notice")
    assert f"! {SPLIT}" in " ".join(out.split())
    listed = desk.tandem("runs", "list", "--results", "out").stdout
    assert "!1" in listed
    assert "read them in the report before the figures" in listed
    (run,) = json.loads(desk.tandem("runs", "list", "--results", "out", "--json").stdout)["runs"]
    (said,) = run["loud"]
    assert said.startswith(SPLIT)


def test_a_run_with_notes_alone_says_nothing_of_it(desk):
    out = desk.tandem("backtest", "run.yaml").stdout
    assert "loud" not in out
    assert "! " not in out
    assert "! " not in desk.tandem("runs", "list", "--results", "out").stdout


def test_loud_ones_come_first_and_each_once():
    said = [note("a"), loud("b"), note("a"), note("c"), loud("d"), loud("b")]
    assert loud_first(said) == [loud("b"), loud("d"), note("a"), note("c")]
