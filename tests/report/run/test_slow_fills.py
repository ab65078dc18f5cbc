# SPDX-License-Identifier: Apache-2.0
"""Orders at any price that volume lets through over many sessions: 1,000 shares, a tenth of the volume at a time."""

import pytest

from tests.cases import Case, days

DATES = days("2024-01-02", 20)
CAP = ("--set", "fills.participation=0.1")


def ran(folder, volume, *words, order="orders.target(0, 1.0)"):
    """A price of 100, 101, 102 ... and `order` at the first close."""
    case = Case(folder, "raw")
    case.write("rule.py", (case.folder / "rule.py").read_text().replace("orders.target(0, 1.0)", order))
    case.bars([f"{date},{p},{p},{p},{p},{volume},0,1" for p, date in enumerate(DATES, 100)])
    return case.run(*words)


def slow(done):
    return [text for text in done.loud if "sessions to fill" in text]


def test_ten_sessions_of_a_hundred_shares_are_told(tmp_path):
    """100 shares at 101 to 110 each are worth 119 at the end: 100 x (1,190 - 1,055) is made."""
    done = ran(tmp_path, 1_000, *CAP)
    assert done.equity == 113_500
    (text,) = slow(done)
    assert text.startswith(
        "1 order for X took more than 5 sessions to fill; the slowest, for 1,000 shares, 10 of them from 2024-01-03 "
        "on: fills.participation lets 10% of a bar's volume trade."
    )


def test_each_remedy_is_true(tmp_path):
    """1,000 shares at 101 and 119 at the end, once the volume is in shares, or there is no cap."""
    for folder, volume, words in (("shares", 1_000_000, CAP), ("no cap", 1_000, ("--set", "fills.participation=null"))):
        done = ran(tmp_path / folder, volume, *words)
        assert (done.equity, slow(done)) == (118_000, [])
    less = ran(tmp_path / "less", 1_000, *CAP, order="orders.target(0, 0.4)")
    assert (less.equity, slow(less)) == (100_000 + 100 * (4 * 119 - 101 - 102 - 103 - 104), [])


@pytest.mark.parametrize(("volume", "told"), [(2_000, 0), (1_999, 1)])
def test_five_sessions_are_borne(tmp_path, volume, told):
    assert len(slow(ran(tmp_path, volume, *CAP))) == told


def test_a_stop_counts_from_its_first_fill(tmp_path):
    """Touched at 112, nine sessions after it was sent; 500 shares a session."""
    assert slow(ran(tmp_path, 5_000, *CAP, order="orders.stop(0, 1000.0, 112.0)")) == []
    (text,) = slow(ran(tmp_path / "more", 1_500, *CAP, order="orders.stop(0, 1000.0, 112.0)"))
    assert "7 of them from 2024-01-19 on" in text


def test_a_limit_waits_for_its_price(tmp_path):
    assert slow(ran(tmp_path, 1_000, *CAP, order="orders.limit(0, 1000.0, 500.0)")) == []


def test_what_still_works_at_the_end_has_words_of_its_own(tmp_path):
    done = ran(tmp_path, 100, *CAP)
    assert slow(done) == []
    assert "1 order for X still works at the end" in done.said
