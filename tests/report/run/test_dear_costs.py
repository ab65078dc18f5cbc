# SPDX-License-Identifier: Apache-2.0
"""Slippage and commissions that eat a result, through the real command: 1,000 shares bought at 100 dollars."""

import pytest

from tests.cases import Case, days, flat

DATES = days("2024-01-02", 40)


def ran(folder, *settings):
    case = Case(folder, "raw")
    case.bars(flat(DATES))
    return case.run(*(word for one in settings for word in ("--set", one)))


def dear(done, what):
    return [text for text in done.loud if text.startswith(f"{what} took")]


@pytest.mark.parametrize(
    ("row", "equity", "points", "most"),
    [
        ("notional: 0.1", 90_000, "1,000.0", "10,000.00"),
        ("per_share: 1", 99_000, "100.0", "1,000.00"),
        ("per_share: 0.005, minimum: 600", 99_400, "60.0", "600.00"),
        ("per_share: 0.5", 99_500, "", ""),
        ("notional: 0.001", 99_900, "", ""),
    ],
)
def test_commissions(tmp_path, row, equity, points, most):
    done = ran(tmp_path, f"costs.commission=[{{{row}}}]")
    assert done.equity == equity
    says = f"Commissions took {points} basis points of what was traded; the order that paid most, {most}, traded 1,000 "
    assert [text.startswith(says) for text in dear(done, "Commissions")] == [True] * bool(points)


def test_half_the_spread_is_named_and_its_remedy_is_true(tmp_path):
    """Bought at 105 and worth 100: 5,000 of 100,000; at 0.0001 it is 10."""
    done = ran(tmp_path, "costs.slippage.half_spread=0.05")
    assert done.equity == 95_000
    (text,) = dear(done, "Slippage")
    assert text.endswith(
        "at 500 basis points. 100% of its slippage is costs.slippage.half_spread, 0.05: 500 basis points of every "
        "fill, whatever its size (0.0001 is 1). Lower it where its spread is narrower."
    )
    lower = ran(tmp_path / "lower", "costs.slippage.half_spread=0.0001")
    assert (lower.equity, dear(lower, "Slippage")) == (99_990, [])


@pytest.mark.parametrize(("half", "loud"), [(0.0009, 0), (0.0011, 1)])
def test_ten_basis_points_are_the_border(tmp_path, half, loud):
    assert len(dear(ran(tmp_path, f"costs.slippage.half_spread={half}"), "Slippage")) == loud


def moving(folder, volume=2_000, order="orders.target(0, 1.0)", impact=1):
    """The price goes from 100 to 102 and back; the order comes after thirty sessions."""
    case = Case(folder, "raw")
    rule = (case.folder / "rule.py").read_text().replace("s.n == 0", "s.n == 30")
    case.write("rule.py", rule.replace("orders.target(0, 1.0)", order))
    case.bars([f"{date},{p},{p},{p},{p},{volume},0,1" for date, p in zip(DATES, [100, 102] * 20, strict=True)])
    return case.run("--set", f"costs.slippage={{half_spread: 0.0001, impact: {impact}}}")


def test_impact_is_named_and_its_remedies_are_true(tmp_path):
    (text,) = dear(moving(tmp_path), "Slippage")
    assert "% of its slippage is market impact: its orders are large for its volume. Trade less of it, write" in text
    assert text.endswith("or lower costs.slippage.impact, 1.")
    assert dear(moving(tmp_path / "less", order="orders.market(0, 1.0)"), "Slippage") == []
    assert dear(moving(tmp_path / "shares", volume=2_000_000), "Slippage") == []
    assert dear(moving(tmp_path / "lower", impact=0.01), "Slippage") == []
