# SPDX-License-Identifier: Apache-2.0
"""The decision for an account of one's own, worked by hand: one symbol at 50, a backtest of 100,000 that buys 1,000."""

import json
import math
import os
from pathlib import Path

import jsonschema
import numpy as np
import pytest

import engine
from engine.errors import InputError, RunError
from engine.inputs.liquidity import build_cost_inputs, next_cost_inputs
from engine.report.kit.encoding import to_json
from engine.runs.backtest import load_bars, loaded
from engine.runs.signals.account_decision import Holdings, holdings_of
from engine.runs.signals.run import signals
from tests import programs
from tests.cases import Case, days, flat

COSTS = """\
costs:
  commission: [{per_share: 0.005, minimum: 1.0, maximum: 0.01}]
  regulatory: [{sec: 0.0001, taf: 0.001, taf_cap: 5.0}]
  borrow: no_borrow
  interest: no_interest
  slippage: {half_spread: 0.001, impact: 0}
  benchmark: 0.0
"""
RULE = """\
from engine.strategy import ReasonCode, Strategy


class Rule(Strategy):
    roles = ("x",)

    class State:
        n: int = 0

    class Reason(ReasonCode):
        ENTER = 1, "the entry"
        DIP = 2, "more of it, lower"
        LOSS = 3, "the stop"

    def features(self, market, p):
        return {}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        if s.n == 0:
            orders.market(0, SHARES, 1)
            orders.limit(0, 300, 45.0, 2, day=1)
            orders.reduce_only(orders.stop(0, -1000, 40.0, 3))
        s.n += 1
"""
DAYS = days("2020-01-21", 3)


@pytest.fixture
def make(tmp_path):
    """A case whose first close sends `shares` at market, a limit for 300 at 45 and a stop for all at 40."""

    def made(shares: int = 1000, more: str = "", rows: list[str] | None = None) -> Path:
        case = Case(tmp_path)
        text = (tmp_path / "case.yaml").read_text()
        head, tail = text[: text.index("costs:")], text[text.index("account:") :]
        case.write("case.yaml", head + COSTS + (more or tail))
        case.write("rule.py", RULE.replace("SHARES", str(shares)))
        case.bars(rows or flat(DAYS, 50.0))
        return tmp_path / "case.yaml"

    return made


def decided(config: Path, equity: float, shares: dict[str, float], asof: str = DAYS[0]):
    return signals(loaded(config), np.datetime64(asof).item(), Holdings(equity, shares)).account


def test_a_flat_account_of_12345(make):
    own = decided(make(), 12_345.0, {})
    assert own.scale == 0.12345
    assert own.cash == 12_345.0
    (position,) = own.positions
    assert (position.held, position.target) == (0.0, 123.0)  # of 123.45
    assert position.weight == pytest.approx(6150 / 12345)
    assert position.model == 0.5
    (order,) = own.orders
    assert (order.symbol, order.kind.name, order.quantity, order.dollars) == ("X", "MARKET", 123.0, 6150.0)
    assert (order.commission, order.fees, order.why) == (1.0, 0.0, "the entry")  # 0.615 is below the minimum
    assert order.slippage == pytest.approx(6.15)
    assert own.cost == pytest.approx(7.15)
    assert own.margin.initial_before == own.margin.maintenance_before == 0.0
    assert own.margin.initial_after == 3075.0
    assert own.margin.maintenance_after == 1537.5
    assert own.notices == ()


@pytest.mark.parametrize("kind", ["market_on_close", "market_on_open"])
def test_an_order_for_an_auction_is_one_for_the_account_too(make, kind):
    config = make()
    rule = config.parent / "rule.py"
    rule.write_text(rule.read_text().replace("orders.market(0,", f"orders.{kind}(0,"))
    (order,) = decided(config, 12_345.0, {}).orders
    assert (order.kind.name, order.quantity, order.why) == (kind.upper(), 123.0, "the entry")


def test_the_impact_of_an_order_is_that_of_its_own_size(make):
    """A volatility of 2 % until the symbol has one, and a day of 10,000 shares: 0.001 + 2 % x root(123 / 10,000)."""
    config = make(rows=flat(DAYS, 50.0, volume=10_000), more="account: {cash: 100000}\nfills: {participation: null}\n")
    config.write_text(config.read_text().replace("impact: 0", "impact: 1"))
    (order,) = decided(config, 12_345.0, {}).orders
    assert order.slippage == pytest.approx(6150 * (0.001 + 0.02 * math.sqrt(123 / 10_000)), rel=1e-12)
    dip, _ = decided(config, 12_345.0, {}).waiting
    assert dip.slippage == 0.0  # a limit waits for those who come to it


def test_what_waits_is_cut_by_itself(make):
    dip, loss = decided(make(), 12_345.0, {}).waiting
    assert (dip.kind.name, dip.quantity, dip.limit, dip.dollars, dip.day) == ("LIMIT", 37.0, 45.0, 1665.0, True)
    assert (dip.commission, dip.fees, dip.slippage) == (1.0, 0.0, 0.0)
    assert (loss.kind.name, loss.quantity, loss.stop, loss.dollars, loss.day) == ("STOP", -123.0, 40.0, 4920.0, False)
    assert loss.parent == -1
    assert loss.commission == 1.0
    assert loss.fees == pytest.approx(4920 * 0.0001 + 123 * 0.001)
    assert loss.slippage == pytest.approx(4.92)
    assert math.isnan(loss.limit)


def test_an_account_that_holds_more_sells(make):
    own = decided(make(), 12_345.0, {"X": 200.0})
    assert own.cash == 2_345.0
    (order,) = own.orders
    assert (order.quantity, order.dollars, order.commission) == (-77.0, 3850.0, 1.0)
    assert order.fees == pytest.approx(0.385 + 0.077)
    assert order.reason == "catch_up"  # the backtest buys
    assert order.order == 0
    margin = own.margin
    assert (margin.initial_before, margin.maintenance_before) == (5000.0, 2500.0)
    assert (margin.initial_after, margin.maintenance_after) == (3075.0, 1537.5)


def test_an_account_that_is_short_buys_back_first(make):
    own = decided(make(), 12_345.0, {"X": -50.0})
    assert own.cash == 14_845.0
    assert [one.quantity for one in own.orders] == [173.0]
    assert own.margin.initial_before == 1250.0
    assert own.margin.maintenance_before == 750.0  # 30 % of 2,500


def test_an_account_at_its_target_sends_nothing_but_what_waits(make):
    own = decided(make(), 12_345.0, {"X": 123.0})
    assert own.orders == ()
    assert len(own.waiting) == 2
    assert own.cost == 0.0


def test_the_day_after_the_target_stands_and_the_order_of_the_day_is_gone(make):
    own = decided(make(), 50_000.0, {}, DAYS[1])
    assert own.scale == pytest.approx(50_000 / 99_945.0)  # 50 of slippage, 5 of commission are paid
    assert [one.target for one in own.positions] == [500.0]
    assert [(one.quantity, one.reason) for one in own.orders] == [(500.0, "catch_up")]
    assert [one.why for one in own.waiting] == ["the stop"]


@pytest.mark.parametrize(("shares", "equity", "held", "words"), [
    (1000, 2000.0, {"X": 200.0}, "needs 2,500 of maintenance margin, its equity is 2,000"),
    (4500, 12_345.0, {}, "the targets need 13,875 of initial margin and the account has 12,314"),
])  # fmt: skip
def test_what_the_account_cannot_carry_is_loud(make, shares, equity, held, words):
    (said,) = decided(make(shares), equity, held).notices
    assert said.level == "loud"
    assert words in said.text


def test_an_account_that_is_brought_nearer_to_its_margin_is_not_warned_of_the_orders_that_do_it(make):
    """600 shares need 15,000 and the target of 555 needs 13,875, both more than there is; a sale is never refused."""
    own = decided(make(4500), 12_345.0, {"X": 600.0})
    assert (own.margin.initial_before, own.margin.initial_after) == (15_000.0, 13_875.0)
    assert [one.quantity for one in own.orders] == [-45.0]
    assert own.notices == ()


def test_more_than_a_bar_trades_is_loud(make):
    more = "account: {cash: 100000}\nfills: {participation: 0.1}\n"
    own = decided(make(more=more, rows=flat(DAYS, 50.0, volume=1000)), 12_345.0, {})
    assert ["123 shares are more than fills.participation allows" in one.text for one in own.notices] == [True]


def test_shares_of_prices_with_later_splits_are_loud(make):
    rows = [f"{day},50,50,50,50,1000000,0,{split}" for day, split in zip(DAYS, (1, 1, 2), strict=True)]
    (said,) = decided(make(rows=rows), 12_345.0, {}).notices
    assert "a share here is 0.5 of that day's shares" in said.text


def test_a_commission_is_of_the_shares_that_changed_hands_that_day(make):
    """A reverse split of one for ten is still to come: 1,000 shares of the file were 10,000 of that day."""
    rows = [f"{day},50,50,50,50,1000000,0,{split}" for day, split in zip(DAYS, (1, 1, 0.1), strict=True)]
    (order,) = decided(make(rows=rows), 100_000.0, {}).orders
    assert (order.quantity, order.dollars, order.commission) == (1000.0, 50_000.0, 10_000 * 0.005)


CASH = "account: {cash: 100000, margin: {kind: cash}}\nfills: {participation: null}\n"


def test_a_cash_account_has_no_margin_and_no_shorts(make):
    config = make(more=CASH)
    assert decided(config, 12_345.0, {}).margin is None
    with pytest.raises(InputError, match="a cash account holds nothing short; found X"):
        decided(config, 12_345.0, {"X": -1.0})
    with pytest.raises(InputError, match=r"no more than its equity; found positions of 15,000\.00"):
        decided(config, 12_345.0, {"X": 300.0})


def test_a_short_target_is_not_ordered_where_nothing_may_be_short(make):
    own = decided(make(-1000, CASH), 12_345.0, {"X": 10.0})
    assert [one.quantity for one in own.orders] == [-10.0]
    assert "a target of -123 shares is refused" in own.notices[0].text


def test_a_purchase_beyond_the_cash_is_loud(make):
    (said,) = decided(make(2000, CASH), 10_000.0, {}).notices  # 200 shares are the whole equity, costs come on top
    assert said.text.startswith("the purchases are 11.00 more than the cash pays")


def test_parts_of_a_share_where_the_configuration_trades_them(make):
    more = "account: {cash: 100000}\nfills: {participation: null, whole_shares: false, step: 0.01}\n"
    own = decided(make(more=more), 12_345.0, {"X": 0.25})
    assert own.positions[0].target == 123.45
    assert own.orders[0].quantity == pytest.approx(123.2)
    with pytest.raises(InputError, match=r"no number of shares of X; found 0\.255; allowed: steps of 0\.01"):
        decided(make(more=more), 12_345.0, {"X": 0.255})


def test_a_backtest_whose_equity_is_gone_decides_for_nobody(make):
    more = "account: {cash: 100000, margin: {kind: none}}\nfills: {participation: null}\n"
    bars = [*flat(DAYS[:2], 50.0), f"{DAYS[2]},50,50,20,20,1000000,0,1"]
    config = make(4000, more, bars)
    rule = config.parent / "rule.py"
    rule.write_text(rule.read_text().replace("orders.reduce_only(orders.stop(0, -1000, 40.0, 3))", "pass"))
    with pytest.raises(RunError, match="equity is gone"):
        decided(config, 12_345.0, {}, DAYS[2])


def test_sleeves_are_one_account():
    found = engine.signals("configs/portfolio_sample.yaml", equity=200_000.0, positions={"IWM": -20.0})
    own = {one.symbol: one for one in found.account.positions}
    for one in found.decided.net:
        assert own[one.symbol].target == math.trunc(one.target * found.account.scale)
    (small,) = (one for one in found.account.orders if one.symbol == "IWM")
    assert small.quantity == own["IWM"].target + 20.0
    schema = json.loads(Path("docs/schemas/signals-portfolio.json").read_text())
    jsonschema.validate(json.loads(to_json(found.document())), schema)


def test_option_slots_are_refused():
    with pytest.raises(InputError, match="contracts do not scale; found bought, sold"):
        signals(loaded("configs/vix_hedge_puts_sample.yaml"), None, Holdings(200_000.0))


def test_the_liquidity_of_the_next_session_is_what_its_bar_is_given():
    ready = loaded("configs/spread_sample.yaml")
    market, _, _ = load_bars(ready)
    rows = build_cost_inputs(market, ready.config)
    for row in (3, 700, len(market) - 2):
        assert next_cost_inputs(market.head(row + 1), ready.config)[0] == rows[row + 1]


def test_the_document_follows_its_schema():
    found = engine.signals("configs/double_agent_sample.yaml", equity=40_000.0, positions={"IWM": 12.0})
    shown = json.loads(to_json(found.document()))
    jsonschema.validate(shown, json.loads(Path("docs/schemas/signals.json").read_text()))
    assert shown["account"]["equity"] == found.account.equity == 40_000.0


@pytest.mark.parametrize(("words", "said"), [
    (["--equity", "10000"], "--equity: what does the account hold? allowed --positions FILE beside it, or --flat"),
    (["--equity", "10000", "--flat", "--positions", "p.csv"], "--flat: an account holds something or nothing"),
    (["--equity", "10000", "--positions", "p.csv"], "leave out what other strategies hold found Y allowed X"),
])  # fmt: skip
def test_the_command_refuses_what_makes_no_account(make, words, said):
    folder = make().parent
    (folder / "p.csv").write_text("symbol,shares\nY,1\n")
    done = _tandem(folder, *words)
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


@pytest.mark.parametrize(("equity", "flat", "said"), [
    (None, True, "--flat: what is the account worth\\?; allowed: --equity E beside it"),
    (-5.0, True, "--equity: nothing to decide on; found -5; allowed: above 0"),
    (math.nan, True, "--equity: nothing to decide on; found nan"),
    (math.inf, True, "--equity: nothing to decide on; found inf"),
])  # fmt: skip
def test_half_an_account_is_refused(equity, flat, said):
    with pytest.raises(InputError, match=said):
        holdings_of(equity, None, flat)


@pytest.mark.parametrize(("name", "text", "said"), [
    ("none.csv", None, "cannot read the positions: no such file"),
    ("p.txt", "X 1", r"this is no file of positions; .*allowed: a \.csv with the columns"),
    ("p.csv", "symbol,shares\nY,1\nY,2\n", "p.csv:3: Y stands in the file twice"),
    ("p.csv", "symbol,shares\n,1\n", "p.csv:2: a line without a symbol"),
    ("p.csv", "symbol,share\nX,1\n", "p.csv:1: no column `shares`; found symbol, share; .*did you mean 'share'"),
    ("p.csv", "symbol;shares\nX;1.200\n", "p.csv:2: shares of X that may be either of two numbers; found '?1.200"),
    ("p.csv", "symbol;shares\nX;1,200\n", "allowed: 1200 or 1.2"),
    ("p.yaml", "X: '1,200'\n", "p.yaml:1: shares of X that may be either of two numbers"),
    ("p.csv", "symbol,shares\nX,1,200\n", "p.csv:2: more cells than columns; allowed: one cell a column"),
    ("p.csv", "symbol,shares\nX,12k\n", "p.csv:2: no number of shares of X; found '?12k.*allowed: digits"),
    ("p.csv", "symbol,shares\nX\n", "p.csv:2: no number of shares of X; found nothing"),
    ("p.yaml", "X: true\n", "p.yaml:1: no number of shares of X; found true"),
    ("p.yaml", "X: 1\nX: 2\n", "p.yaml:2.*given twice"),
    ("p.yml", "- X\n", "p.yml:1: no positions; allowed: lines such as"),
])  # fmt: skip
def test_a_file_that_is_none_is_refused_with_its_line(tmp_path, name, text, said):
    if text is not None:
        (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said):
        holdings_of(10_000.0, tmp_path / name)


@pytest.mark.parametrize(("name", "text"), [
    ("p.csv", "symbol;shares\nX;-1200\n"),
    ("p.csv", "Symbol;Price;Shares\nX;49,90;-1.200,0\n"),
    ("p.csv", "symbol\tshares\nX\t-1200\n"),
    ("p.csv", 'symbol,shares\nX,"-1,200"\n'),
    ("p.csv", "symbol,shares\nX,\N{MINUS SIGN}1200\n"),
    ("p.csv", "symbol,shares\nX,-1 200\n"),
    ("p.csv", "symbol,shares\nX,-1\N{NO-BREAK SPACE}200\n"),
    ("p.yaml", "X: '\N{MINUS SIGN}1200'\n"),
])  # fmt: skip
def test_a_file_as_spreadsheets_write_it_is_read(tmp_path, name, text):
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert holdings_of(10_000.0, tmp_path / name).shares == {"X": -1200.0}


SIDES = [
    "symbol,shares,side\nX,1200,short\n",
    "Account,Symbol,Position,Shares\nU1,X,Short,1200\n",
    "symbol,shares,side\nX,1200,S\n",
    "symbol;action;shares\nX;SLD;1200\n",
]


@pytest.mark.parametrize("text", SIDES)
def test_shares_said_to_be_short_are_not_taken_for_long(tmp_path, text):
    (tmp_path / "p.csv").write_text(text)
    with pytest.raises(InputError, match=r"p\.csv:2: X is said to be short, and its shares are above 0.*negative"):
        holdings_of(10_000.0, tmp_path / "p.csv")
    (tmp_path / "p.csv").write_text(text.replace("1200", "-1200"))
    assert holdings_of(10_000.0, tmp_path / "p.csv").shares == {"X": -1200.0}


@pytest.mark.parametrize("text", ["symbol,shares,side\nX,1200,long\n", "symbol,shares,class\nX,1200,S\n"])
def test_other_columns_beside_the_shares_are_not_read(tmp_path, text):
    (tmp_path / "p.csv").write_text(text)
    assert holdings_of(10_000.0, tmp_path / "p.csv").shares == {"X": 1200.0}


@pytest.mark.parametrize(("words", "equity"), [
    ("12,345", 12_345.0),
    ("12345.00", 12_345.0),
    ("12.345,00", 12_345.0),
    ("12 345", 12_345.0),
    ("1,012,345", 1_012_345.0),
])  # fmt: skip
def test_equity_as_people_write_it(make, words, equity):
    done = _tandem(make().parent, "--asof", DAYS[0], "--equity", words, "--flat", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["account"]["equity"] == equity


@pytest.mark.parametrize(("words", "said"), [
    ("25.000", "--equity: this may be either of two amounts found 25.000 allowed 25000 or 25"),
    ("25k", "--equity: not an amount of dollars found 25k allowed such as 25000"),
    ("\N{MINUS SIGN}5", "--equity: nothing to decide on found -5"),
])  # fmt: skip
def test_equity_that_is_none_or_two_is_refused(make, words, said):
    done = _tandem(make().parent, "--equity", words, "--flat")
    assert done.returncode == 2
    assert said in " ".join(done.stderr.split())


def test_a_part_of_a_share_is_refused(make):
    with pytest.raises(InputError, match=r"no number of shares of X; found 1\.5; allowed: whole shares"):
        decided(make(), 10_000.0, {"X": 1.5})


def test_the_command_prints_the_account(make):
    folder = make().parent
    (folder / "mine.csv").write_text("\ufeffSymbol, Shares, price\n\nX, 200, 49.90\n", encoding="utf-8")
    done = _tandem(folder, "--asof", DAYS[0], "--equity", "12345", "--positions", "mine.csv")
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert "Your account equity 12,345.00, cash 2,345.00" in said
    assert "sell 77 X market, gtc, 3,850 dollars" in said
    assert "buy 37 X limit 45.00, day, 1,665 dollars" in said
    assert "sell 123 X stop 40.00, gtc, 4,920 dollars, at most the position" in said
    assert "initial 5,000 3,075 maintenance 2,500 1,538" in said
    assert "Estimated cost of the orders that go out now: 5.31" in said


def test_python_takes_a_file_or_a_mapping(make, tmp_path):
    config = make()
    (tmp_path / "mine.yaml").write_text("X: -50\n")
    for positions in ({"X": -50.0}, str(tmp_path / "mine.yaml"), tmp_path / "mine.yaml"):
        found = engine.signals(config, asof=DAYS[0], equity=12_345.0, positions=positions)
        assert [one.quantity for one in found.account.orders] == [173.0]
    assert engine.signals(config, asof=DAYS[0]).account is None
    assert holdings_of(None) is None


def _tandem(folder: Path, *words: str):
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "TANDEM_CACHE_DIR": os.environ["TANDEM_CACHE_DIR"]}
    return programs.tandem("signals", "case.yaml", *words, cwd=folder, env=env)
