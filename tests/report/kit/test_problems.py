# SPDX-License-Identifier: Apache-2.0
"""How a mistake looks on a terminal, whatever is known of it."""

import io

import pytest
from rich.console import Console

from engine.errors import ConfigError, Problem
from engine.report.kit.problems import as_json, show_problems


def shown(*problems: Problem, width: int = 80) -> list[str]:
    target = io.StringIO()
    show_problems(ConfigError(problems), Console(file=target, width=width, highlight=False))
    return [line.rstrip() for line in target.getvalue().splitlines()]


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def write(text: str) -> str:
        (tmp_path / "f.yaml").write_text(text)
        return "f.yaml"

    return write


def test_only_a_message():
    assert shown(Problem("the market has no bars")) == ["error the market has no bars"]


@pytest.mark.parametrize(
    ("line", "column", "found", "mark"),
    [
        ("at: nextopen  # why", 5, "", "    ^^^^^^^^"),
        ("at: nextopen", 5, "nextopen", "    ^^^^^^^^"),
        ("at: 'two words' # x", 5, "", "    ^^^^^^^^^^^"),
        ("a: {b: 1, c: 2}", 4, "", "   ^^^^^^^^^^^^"),
        ("a: {b: 1, c: 2}", 5, "", "    ^"),
        ("a: [x, y]", 5, "", "    ^"),
        ("a:", 3, "", "  ^"),
        ("a", 9, "", "        ^"),
    ],
)
def test_what_is_marked(file, line, column, found, mark):
    lines = shown(Problem("bad", file(f"{line}\n"), 1, column, found=found))
    assert lines[2] == f"    1 │ {line}"
    assert lines[3] == f"      │ {mark}"


def test_a_long_line_is_cut_around_the_mark(file):
    lines = shown(Problem("bad", file(f"{'x' * 300} here {'y' * 300}\n"), 1, 302))
    assert max(map(len, lines)) <= 80
    assert lines[2][lines[3].index("^") :].startswith("here")


def test_a_file_that_is_gone_or_shorter_has_no_excerpt(file):
    assert shown(Problem("bad", "gone.yaml", 3, 1)) == ["error bad", "   at gone.yaml:3:1"]
    assert shown(Problem("bad", file("one\n"), 3, 1)) == ["error bad", "   at f.yaml:3:1"]


def test_brackets_in_a_message_are_no_markup():
    assert shown(Problem("[bold]rows[0][/]", path="rows[0]", found="[red]"))[0] == "error rows[0]: [bold]rows[0][/]"


def test_for_programs_nothing_unknown_is_said():
    assert as_json(Problem("bad", path="a")) == {"message": "bad", "path": "a"}
