# SPDX-License-Identifier: Apache-2.0
"""A frozen book in the real account: the kernel's ledger, costs, maintenance and margin calls, and no decisions.

The book stands at the first bar's close, as if it had always been there: no cost, no initial margin. From the next
session on the broker's terms rule. The first night's borrow fee and interest are charged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.arrays import FloatArray
from engine.engines import native
from engine.engines.run_record import RunRecord
from engine.errors import RunError
from engine.inputs.liquidity import build_cost_inputs
from engine.inputs.option_inputs import build_option_inputs
from engine.inputs.prepared import Prepared, PreparedSleeve
from engine.inputs.rules import bar_minutes, build_rules
from engine.inputs.terms import benchmark_rates, build_terms
from engine.kernel.codes import EngineReason, MarginKind, OrderStatus
from engine.kernel.views import place_parts
from engine.market.panel import Market
from engine.model.run import RunConfig
from engine.records import OPTION_SLOTS
from engine.runs.stress.book import Book
from engine.strategy.base import ReasonCode, Strategy

Fate = Literal["alive", "called", "dead"]
"""alive: no margin call; called: cut by margin calls, equity left; dead: equity not positive at some close."""

CHARGES = ("per_share", "minimum", "notional", "clearing", "pass_through", "sell_notional", "sell_share")
DEMANDS = (
    "half_spread", "initial_long", "initial_short", "maintenance_long", "maintenance_short", "floor_high",
    "floor_low",
)  # fmt: skip
"""What the terms of the opening close leave out."""

LEAST_ORDERS = 8
"""Orders that may work at a time, at least; beside those, two a leg: what stands, and what a call closes."""


class Hold(Strategy):
    """Sends the quantities that its features name, bar by bar. Interpreted only: it takes any number of roles."""

    class Reason(ReasonCode):
        STOOD = 1, "the book as it stood"

    @staticmethod
    def on_bar(bar: Any, f: Any, p: Any, s: Any, account: Any, orders: Any) -> None:
        for role in range(len(account.asset)):
            shares = getattr(f, f"send_{role}")
            if shares != 0.0:
                orders.market(role, shares, Hold.Reason.STOOD)
        for slot in range(OPTION_SLOTS):
            contracts = getattr(f, f"contracts_{slot}", 0.0)
            if contracts != 0.0:
                right, strike, expiry = (getattr(f, f"{name}_{slot}") for name in ("right", "strike", "expiry"))
                orders.option(slot, contracts, int(right), strike, expiry, Hold.Reason.STOOD)


@dataclass(frozen=True)
class CallRule:
    """Who calls a frozen book: the account it ran in, nobody, or portfolio margin by `rates`.

    rates  (N, 2) fractions of market value that a long and a short leg of each role ask for
    """

    kind: Literal["account", "nobody", "portfolio"] = "account"
    rates: FloatArray | None = None

    def lay_down(self, rules: NDArray[Any], terms: NDArray[Any]) -> None:
        """Write the rule into a run's rules, (1,), and terms, a row a change."""
        if self.kind == "nobody" or (self.kind == "account" and rules["margin"][0] == MarginKind.CASH):
            rules["margin"] = MarginKind.NONE  # a cash account would refuse the book its shorts and its debt
        if self.rates is not None:
            rules["margin"] = MarginKind.REG_T
            terms["asset"]["maintenance_long"] = self.rates[:, 0]
            terms["asset"]["maintenance_short"] = self.rates[:, 1]
            for name in ("floor_high", "floor_low"):
                terms["asset"][name] = 0.0


ACCOUNT = CallRule()
NOBODY = CallRule("nobody")


@dataclass(frozen=True)
class OptionInputs:
    """What the options of a stretch are modelled with: slot -> role of the underlying; (T,) rows for its bars."""

    slots: Mapping[str, str]
    option_inputs: NDArray[Any]


@dataclass(frozen=True)
class Held:
    """What became of a frozen book.

    equity       (T,) at each close, as a fraction of the opening equity: 1 at the first
    calls        margin calls, the closing of a ruined account included
    maintenance  (T,) required at each close, as a fraction of the opening equity
    """

    leverage: float
    equity: FloatArray
    calls: int
    maintenance: FloatArray

    @property
    def fate(self) -> Fate:
        if bool((self.equity <= 0).any()):
            return "dead"
        return "called" if self.calls else "alive"

    @property
    def loss(self) -> float:
        """Fraction of the opening equity lost by the end; negative is a gain, above 1 is owed to the broker."""
        return float(1 - self.equity[-1])

    @property
    def worst(self) -> float:
        """Largest fraction of the opening equity lost at any close, >= 0."""
        return float(max(0.0, 1 - self.equity.min()))


def hold(
    book: Book,
    stretch: Market,
    config: RunConfig,
    leverage: float,
    options: OptionInputs | None = None,
    cost_inputs: NDArray[Any] | None = None,
    rule: CallRule = ACCOUNT,
) -> Held:
    """Carry `book` at a gross of `leverage` times equity from the close of the stretch's first bar to its end.

    `stretch` begins with an opening bar (`open_at`); options are needed for a book with contracts. cost_inputs are the
    (T,) rows of its bars; None measures them on the stretch itself. rule says who calls.
    """
    result = run_hold(book, stretch, config, leverage, options, cost_inputs, rule)
    calls = np.unique(result.orders["born"][result.orders["reason"] < EngineReason.NONE])
    equity, required = (np.asarray(result.points[name] / book.equity) for name in ("equity", "maintenance"))
    return Held(leverage, equity, len(calls), required)


def run_hold(
    book: Book,
    stretch: Market,
    config: RunConfig,
    leverage: float,
    options: OptionInputs | None = None,
    cost_inputs: NDArray[Any] | None = None,
    rule: CallRule = ACCOUNT,
) -> RunRecord:
    """The whole run behind `hold`, with its ledger; leverage is a multiple of equity."""
    stretch = plainly_named(stretch)
    given = options.slots if options is not None and book.legs else {}
    slots: Mapping[str, str] = {_plain(slot): _plain(role) for slot, role in given.items()}
    orders = max(LEAST_ORDERS, 2 * (len(stretch.roles) + len(slots)))
    account = config.account.model_copy(update={"cash": book.equity, "orders": orders})
    fills = config.fills.model_copy(update={"at": "this_close"})  # forced orders fill at the next open all the same
    frozen = config.model_copy(update={"account": account, "fills": fills, "sleeves": {}, "rebalance": "never"})
    terms = _opening_terms(build_terms(stretch, frozen.costs, account.margin), int(stretch.bars["session"][0]))
    prices = np.array([stretch.bars[role]["close"][0] for role in stretch.roles])
    rules = build_rules(frozen, recording=True, options=bool(slots), bar_minutes=bar_minutes(stretch))
    rule.lay_down(rules, terms[1:])
    strategy = type("Hold", (Hold,), {"options": slots}) if slots else Hold
    (part,) = place_parts({"": (stretch.roles, tuple(slots))}, {"": ()})  # it reads no role by its name
    sent = _sent(book, prices, stretch, leverage, config.options.multiplier)
    prepared = Prepared(
        config=frozen,
        market=stretch,
        sleeves=(PreparedSleeve(part, strategy, stretch, sent, {}, sent),),
        rules=rules,
        terms=terms,
        benchmark=benchmark_rates(stretch, frozen.costs),
        option_inputs=options.option_inputs
        if options is not None and slots
        else build_option_inputs(stretch, frozen, {}),
        cost_inputs=_opening_costs(build_cost_inputs(stretch, frozen) if cost_inputs is None else cost_inputs),
        pays=np.full(len(stretch.roles), np.nan),
    )
    result = native.run(prepared, "interpreted", opening=_opening_rules(rules))
    if np.any(result.orders["status"][result.orders["reason"] == Hold.Reason.STOOD] != OrderStatus.FILLED):
        raise RunError(f"the book of {book.session} could not be opened at {leverage:g} times equity")
    return result


def plainly_named(market: Market) -> Market:
    """The same bars with roles that one strategy may have: those of sleeves, `hedge.small`, have a dot in them."""
    kind = market.bars.dtype
    names: tuple[str, ...] = kind.names or ()
    if not any("." in name for name in names):
        return market
    fields: Any = kind.fields
    renamed = np.dtype(
        {
            "names": [_plain(name) for name in names],
            "formats": [kind[name] for name in names],
            "offsets": [fields[name][1] for name in names],
            "itemsize": kind.itemsize,
        }
    )
    symbols = {_plain(role): symbol for role, symbol in market.symbols.items()}
    return replace(market, bars=market.bars.view(renamed), symbols=symbols)


def _plain(name: str) -> str:
    return name.replace(".", "__")


def open_at(market: Market) -> Market:
    """The same bars, the first of them reduced to its close: no range, no volume to cap or move, no dividend or split.

    On an intraday market the first bar must be the last of its session.
    """
    bars = market.bars.copy()
    for role in market.roles:
        first = bars[role][:1]
        for name in ("open", "high", "low"):
            first[name] = first["close"]
        first["volume"], first["dividend"], first["split"] = np.nan, 0.0, 1.0
    return replace(market, bars=bars)


def _sent(book: Book, prices: FloatArray, stretch: Market, leverage: float, multiplier: float) -> NDArray[Any]:
    """What `Hold` sends on the first bar: shares by role, contracts by slot."""
    first: dict[str, float] = {}
    for role, quantity in enumerate(book.quantities(prices, leverage).tolist()):
        first[f"send_{role}"] = quantity
    for leg in book.legs:
        first[f"contracts_{leg.slot}"] = leg.contracts(leverage * book.equity, prices, multiplier)
        first[f"right_{leg.slot}"], first[f"strike_{leg.slot}"] = leg.right, leg.strike(prices)
        first[f"expiry_{leg.slot}"] = int(stretch.bars["session"][0]) + leg.days
    table = np.zeros(len(stretch), [(name, "f8") for name in first])
    table[0] = tuple(first.values())
    return table


def _opening_costs(cost_inputs: NDArray[Any]) -> NDArray[Any]:
    """The same rows, the first without impact: the book stands there without having been bought."""
    opening = cost_inputs.copy()
    opening["impact"][0] = 0.0
    return opening


def _opening_rules(rules: NDArray[Any]) -> NDArray[Any]:
    """The rules of the opening close, at which a book stands without having been bought: free, and asking nothing."""
    opening = rules.copy()
    opening["margin"] = MarginKind.NONE
    for name in ("option_spread", "option_vega", "option_least", "option_commission", "option_minimum"):
        opening[name] = 0.0
    return opening


def _opening_terms(terms: NDArray[Any], session: int) -> NDArray[Any]:
    """The same terms behind a row for the opening session alone, under which a book stands without having been bought.

    Borrow and interest stay: they accrue under the terms of the session that ended.
    """
    opening, later = terms[:1].copy(), terms.copy()
    for name in CHARGES:
        opening[name] = 0.0
    for name in DEMANDS:
        opening["asset"][name] = 0.0
    opening["asset"]["shortable"] = 1.0
    later["session"][0] = session + 1
    return np.concatenate([opening, later])
