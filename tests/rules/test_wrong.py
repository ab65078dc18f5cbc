# SPDX-License-Identifier: Apache-2.0
"""What an author is told who writes a wrong expression: place, message, what is allowed, the nearest name.

wrong.txt holds an expression a line, and under it, indented, all that `tandem config check` says of it.
`python -m tests.rules.test_wrong` writes the second kind of line anew.
"""

import tempfile
from pathlib import Path

import pytest

from tests.rules.stage import HEAD, problems, tried

FILE = Path(__file__).with_name("wrong.txt")


def cases() -> dict[str, list[str]]:
    """Expression -> what is said of it."""
    found: dict[str, list[str]] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line.startswith("    "):
            found[list(found)[-1]].append(line.strip())
        else:
            found[line] = []
    return found


@pytest.mark.parametrize(("expression", "said"), cases().items(), ids=[f"{one[:30]}" for one in cases()])
def test_each_is_told_as_it_is_written_down(expression, said, tmp_path):
    assert said, "a case without a message tests nothing"
    assert tried(tmp_path, expression) == said


def test_there_are_more_than_forty():
    assert len(cases()) > 40


@pytest.mark.parametrize(
    "text", ["|\n      z >\n       > 2", ">-\n      z >\n\n       > 2", '"z >\n      > 2"', "z >\n      > 2"]
)
def test_a_place_in_a_text_of_several_lines(text, tmp_path):
    """Block, folded, quoted and plain: the second `>` stands in a line of its own."""
    (said,) = problems(tmp_path, HEAD.replace("TRIAL", text))
    line = next(number for number, one in enumerate(HEAD.replace("TRIAL", text).splitlines(), 1) if "> 2" in one)
    column = 8 if text[0] in "|>" else 7
    assert said.startswith(f"trial.yaml:{line}:{column}: rules.features.trial: not expected here; found >")


def test_a_place_that_yaml_has_rewritten_is_told_by_its_number(tmp_path):
    (said,) = problems(tmp_path, HEAD.replace("TRIAL", '"\\x7a > > 2"'))
    assert said.startswith("trial.yaml:10:12: rules.features.trial: not expected here, at character 5; found >")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        texts = [[one, *(f"    {said}" for said in tried(Path(folder), one))] for one in cases()]
    FILE.write_text("".join(f"{line}\n" for text in texts for line in text), encoding="utf-8")
