# SPDX-License-Identifier: Apache-2.0
"""What of a source file decides: comments, docstrings and broken lines do not, every statement does."""

import pytest

from engine.strategy.source.decided_source import decided_source, place_of

SOURCE = '''"""A page of words."""
import numpy as np

LIMIT = 0.5


class Alone:
    """One role."""

    roles = ("a",)

    def features(self, market, p):
        """None."""
        return {"z": np.log(market.a.close), "name": f"{LIMIT:.2f}"}
'''


def of(text: str) -> bytes:
    return decided_source(text.encode())


@pytest.mark.parametrize(("old", "new"), [
    ("LIMIT = 0.5", "LIMIT = 0.5  # as in the paper"),
    ("LIMIT = 0.5", "# as in the paper\n\nLIMIT = (\n    0.5\n)"),
    ("One role", "Its one role"),
    ("A page of words.", "Other words."),
    ('        """None."""\n', ""),
    ('"""A page of words."""\n', ""),
    ("('a',)".replace("'", '"'), "('a',)"),
    ("0.5", "0.50"),
])  # fmt: skip
def test_what_decides_nothing_is_left_out(old, new):
    assert old in SOURCE
    assert of(SOURCE.replace(old, new)) == of(SOURCE)


@pytest.mark.parametrize(("old", "new"), [
    ("0.5", "0.51"),
    ("LIMIT = 0.5", "LIMIT = 0.5\n'words'"),
    ('"a"', '"b"'),
    ('("a",)', '("a")'),
    ('"z"', '"z "'),
    ("np.log", "np.log1p"),
    (":.2f", ":.3f"),
    ("import numpy as np", "import numpy as np\nimport math"),
    ("roles =", "role ="),
    ("0.5", "True"),
    ("0.5", "None"),
    ("0.5", "-0.5"),
    ("def features(self, market, p)", "def features(self, p, market)"),
    ("return {", "return not {"),
    ('("a",)', '("a", """One role.""")'),
])  # fmt: skip
def test_every_statement_counts(old, new):
    assert old in SOURCE
    assert of(SOURCE.replace(old, new)) != of(SOURCE)


def test_numbers_of_two_kinds_are_two():
    assert len({of(f"x = {one}") for one in ("1", "1.0", "True", "1j", "'1'", "b'1'", "None", "...")}) == 8
    assert of("f(a, b=1)") != of("f(a, 1)")
    assert of("def f(*, a, b=None): ...") != of("def f(*, a=None, b): ...")
    assert of("{None: 1, **a}") != of("{**a, None: 1}")


def test_a_file_that_can_read_its_docstrings_is_known_by_them():
    reads = SOURCE + "\nWORDS = Alone.__doc__\n"
    assert of(reads.replace("One role", "Two roles")) != of(reads)
    assert of(reads + "# a comment\n") == of(reads)


def test_an_empty_file_is_one_without_statements():
    assert of("") == of("# nothing\n") == of('"""Nothing."""') == b""


def test_what_is_no_python_is_known_by_its_bytes():
    assert of("x = = 1") == b"x = = 1"


def test_a_function_is_known_by_its_place_among_the_others(tmp_path):
    """Not by its line, which a comment moves; of two with one name it says which."""
    plain, commented = tmp_path / "plain.py", tmp_path / "commented.py"
    plain.write_text("def f():\n    return 1\n\n@wraps\ndef g(x):\n    return lambda: x\n\nclass A:\n    pass\n")
    commented.write_text("# words\n" + plain.read_text().replace("class A", "# words\n\n\nclass A"))
    assert [place_of(str(plain), line) for line in (1, 4, 6, 8)] == [0, 1, 2, 3]
    assert [place_of(str(commented), line) for line in (2, 5, 7, 12)] == [0, 1, 2, 3]
    assert place_of(str(plain), 7) == 7
