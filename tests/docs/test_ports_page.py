# SPDX-License-Identifier: Apache-2.0
"""docs/ports.md has the lines that its files have."""

from tests.docs.conftest import script

TEXT = '''"""Words
of a file."""

x = (
    1,  # a comment

)


def size(y):
    """Words."""
    return y


class Rule:
    def features(self):
        return 1

    def on_bar(bar):

        # a comment
        size(x)
'''


def test_the_table_is_what_its_script_writes():
    page = script("port_lines").PAGE
    assert page.written(()) == page.text
    (rows,) = page.tables("file", "what", "lines")
    assert len(rows) == 14


def test_lines_are_those_with_code():
    found = script("port_lines")
    assert found.code_lines(TEXT) == {4, 5, 7, 10, 12, 15, 16, 17, 19, 22}
    assert found.decision_lines(TEXT) == {10, 12, 19, 22}


def test_the_rotation_takes_thirty_lines_at_most():
    found = script("port_lines")
    assert len(found.code_lines((found.PORTS / "dual_momentum.py").read_text(encoding="utf-8"))) <= 30
