# SPDX-License-Identifier: Apache-2.0
"""What is loud of the account stands wherever it is spoken of: a ruined one sends no orders because it is ruined."""

import pytest

from engine.report.kit.words import NOTHING
from engine.report.note.rows import books_grid
from tests.cases import Case, days

DATES = days("2023-01-03", 90)
MARGIN = "No margin rules: this account could borrow without limit, which no broker offers."
"""From the 40th session on the price rises by a tenth a day: a short of all the money is ruined on the 48th."""


@pytest.fixture
def case(tmp_path):
    made = Case(tmp_path)
    rule = (tmp_path / "rule.py").read_text(encoding="utf-8")
    made.write("rule.py", rule.replace("orders.target(0, 1.0)", "orders.target(0, -1.0)"))
    text = (tmp_path / "case.yaml").read_text(encoding="utf-8")
    text = text.replace("cash: 100000", "cash: 100000, margin: {kind: none}").replace("impact: 0", "impact: 1")
    made.write("case.yaml", text)
    prices = [100.0 * 1.1 ** max(0, min(n - 39, 12)) for n in range(90)]
    wobble = [price * (1.002 if n % 2 else 1.0) for n, price in enumerate(prices)]
    made.bars([f"{day},{p:.4f},{p:.4f},{p:.4f},{p:.4f},1000000,0,1" for day, p in zip(DATES, wobble, strict=True)])
    return made


def loud(case, *words, command):
    done = case.run(*words, command=command)
    return [one["text"] for one in done.document["notices"] if one["level"] == "loud"]


@pytest.mark.parametrize("command", ["backtest", "signals", "stress", "capacity"])
def test_no_margin_rules_and_ruin_are_loud_everywhere(case, command):
    said = [text for text in loud(case, command=command) if text == MARGIN or text.startswith("Ruined")]
    assert said == [MARGIN, f"Ruined: equity was not positive on {DATES[47]}."]


def test_before_the_end_there_is_none(case):
    said = loud(case, "--asof", DATES[46], command="signals")
    assert MARGIN in said
    assert not [text for text in said if text.startswith("Ruined")]


def test_optimistic_fills_are_loud_beside_a_decision(case):
    said = loud(case, "--set", "fills.at=this_close", "--set", "fills.intrabar=optimistic", command="signals")
    assert [text.split(":")[0] for text in said if "optimistic" in text or "the better one" in text] == [
        "Same-bar fills", "Optimistic fills"
    ]  # fmt: skip


def test_a_note_says_it_and_gives_no_part_of_equity_below_zero(case):
    (one,) = case.run(command="note").document["strategies"]
    assert f"Ruined: equity was not positive on {DATES[47]}." in one["notices"]
    book = one["book"]
    assert (book["equity"] < 0, book["day"] is None) == (True, False)
    grid = books_grid({"strategies": [one]})
    cells = dict(zip((field.short for field in grid.fields), grid.rows[0], strict=True))
    assert cells["of equity"] == NOTHING
