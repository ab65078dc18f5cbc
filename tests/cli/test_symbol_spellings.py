# SPDX-License-Identifier: Apache-2.0
"""One fund under the names that vendors give its file has one margin, one borrow fee and one liquidity."""

import pytest

from tests.cases import Case, days

DATES = days("2019-03-01", 60)
SHORT = """\
from engine.strategy import Strategy


class Rule(Strategy):
    roles = ("x",)

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if account.t == 0:
            orders.target(0, -1.0)
"""


@pytest.fixture
def case(tmp_path):
    made = Case(tmp_path, "raw")
    made.write("rule.py", SHORT)
    made.write("case.yaml", (tmp_path / "case.yaml").read_text().replace("no_borrow", "us_borrow"))
    return made


def write(case, symbol):
    """Closes of 100, and highs that differ."""
    case.bars(
        [f"{date},100,{101 + row % 2},99,100,1000000,0,1" for row, date in enumerate(DATES)], name=f"{symbol}.csv"
    )


def bars(case, symbol):
    write(case, symbol)
    return case.run("--set", f"roles={{x: {symbol}}}")


@pytest.mark.parametrize("symbol", ["TNA", "tna", "TNA.US", "tna_us_d", "tna.us"])
def test_a_fund_of_three_times_is_margined_and_lent_as_one(case, symbol):
    """1,000 short of 100, all of the equity: 30 % of it times 3; 102 a share lent at 5 % for 81 nights."""
    done = bars(case, symbol)
    metrics = done.document["metrics"]
    assert metrics["max_margin_use"] == pytest.approx(0.9, abs=0.02)
    assert metrics["borrow"] == pytest.approx(1000 * 102 * 0.05 * 81 / 360, abs=1)
    assert done.loud == []
    spelled = f"{symbol} is taken for TNA, with what the tables of margin multiples and borrow fees say of it"
    assert (spelled in done.said) == (symbol != "TNA")


def test_small_caps_are_lent_as_small_caps(case):
    assert bars(case, "iwm.us").document["metrics"]["borrow"] == bars(case, "IWM").document["metrics"]["borrow"]
    assert bars(case, "OTHER").document["metrics"]["borrow"] != bars(case, "IWM").document["metrics"]["borrow"]


def test_the_users_own_entry_counts_in_any_spelling(case):
    write(case, "tna")
    done = case.run("--set", "roles={x: tna}", "--set", "account.margin.multiples={TNA: 1}")
    assert done.document["metrics"]["max_margin_use"] == pytest.approx(0.3, abs=0.01)


def test_an_entry_in_another_spelling_is_no_idle_one(case):
    """One table without a default, and a rate above a fifth: both are found by the fund, however it is written."""
    write(case, "tna.us")
    done = case.run(
        "--set", "roles={x: tna.us}", "--set", "account.margin.multiples={TNA: 3}",
        "--set", "costs.slippage.half_spread={TNA: 0.0001}", "--set", "costs.borrow={TNA: [{rate: 0.25}]}",
    )  # fmt: skip
    assert "count for nothing" not in done.said
    assert [one.split(":")[0] for one in done.loud] == ["costs.borrow.TNA[0].rate"]
    assert done.document["metrics"]["borrow"] == pytest.approx(1000 * 102 * 0.25 * 81 / 360, abs=10)


@pytest.mark.parametrize("symbol", ["TNA_5m", "TNA-adj"])
def test_what_may_be_a_leveraged_fund_is_loud_and_its_remedies_hold(case, symbol):
    (said,) = bars(case, symbol).loud
    assert said.startswith(
        f"{symbol} looks like TNA, a fund of 3 times its index, and is margined as one of 1: bind TNA"
    )
    words = ["--set", f"roles={{x: {symbol}}}", "--set", f"account.margin.multiples={{{symbol}: 1}}"]
    assert case.run(*words).loud == []
    done = case.run("--set", "roles={x: TNA}", "--set", f"data.files={{TNA: {symbol}.csv}}")
    assert done.loud == []
    assert done.document["metrics"]["max_margin_use"] == pytest.approx(0.9, abs=0.02)


@pytest.mark.parametrize("symbol", ["TNAX", "IWM_5m", "SPY-USD", "ATNA"])
def test_another_symbol_is_another_symbol(case, symbol):
    done = bars(case, symbol)
    assert done.loud == []
    assert "is taken for" not in done.said
