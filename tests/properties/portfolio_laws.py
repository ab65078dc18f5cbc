# SPDX-License-Identifier: Apache-2.0
"""What must hold of an account with sleeves, computed again here; each law takes a finished run and asserts."""

import numpy as np

from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from tests.properties.folds import cash_path, in_steps, of_kind, quantity_path, trades, values
from tests.properties.margin_laws import initial, maintenance, marked
from tests.properties.portfolios import ROLES, SLEEVES, SYMBOLS

TINY = 1e-8
NEAR = 1e-7
OWNER = np.array([SLEEVES.index(role.partition(".")[0]) for role in ROLES])
TWINS = {"A": (0, 3), "B": (1, 2)}
LENDS = (EntryKind.INTEREST, EntryKind.DEPOSIT, EntryKind.TRANSFER)


def sleeve_of(ledger: np.ndarray) -> np.ndarray:
    return np.where(ledger["role"] < 0, -1 - ledger["role"], OWNER[np.maximum(ledger["role"], 0)])


def sleeve_equity(result: RunRecord) -> np.ndarray:
    """(T, 2) each sleeve's cash and marked positions at each close."""
    held, owner = values(result), sleeve_of(result.ledger)
    columns = []
    for sleeve in range(len(SLEEVES)):
        mine = result.ledger[owner == sleeve]
        change = np.zeros(len(result.market))
        np.add.at(change, mine["t"], mine["amount"])
        columns.append(np.cumsum(change) + held[:, sleeve == OWNER].sum(axis=1))
    return np.column_stack(columns)


def net_quantity(result: RunRecord, symbol: str) -> np.ndarray:
    """(T,) shares of a symbol in the account at each close."""
    return sum(quantity_path(result, role) for role in TWINS[symbol])


def bars_of(result: RunRecord, symbol: str) -> np.ndarray:
    return result.market.bars[ROLES[TWINS[symbol][0]]]


def scale(result: RunRecord) -> np.ndarray:
    return TINY * (1.0 + np.abs(values(result)).sum(axis=1) + np.abs(result.points["cash"]))


def the_sleeves_are_the_account(result: RunRecord) -> None:
    total = sleeve_equity(result).sum(axis=1)
    assert np.all(np.abs(total - result.points["equity"]) <= scale(result))


def cash_and_marked_positions_are_equity(result: RunRecord) -> None:
    moved = of_kind(result, EntryKind.TRANSFER)["amount"].sum()
    assert abs(moved) <= TINY * result.config.account.cash
    assert np.all(np.abs(cash_path(result) - result.points["cash"]) <= scale(result))
    assert np.all(np.abs(result.points["cash"] + values(result).sum(axis=1) - result.points["equity"]) <= scale(result))


def gross_and_net_are_those_of_the_symbols(result: RunRecord) -> None:
    nets = [net_quantity(result, symbol) * bars_of(result, symbol)["close"] for symbol in TWINS]
    assert np.all(np.abs(sum(nets) - result.net) <= scale(result))
    assert np.all(np.abs(sum(np.abs(net) for net in nets) - result.gross) <= scale(result))


def each_sleeve_starts_with_its_weight(result: RunRecord) -> None:
    deposits = of_kind(result, EntryKind.DEPOSIT)
    weights = [sleeve.weight for sleeve in result.config.sleeves.values()]
    assert np.allclose(deposits["amount"], np.array(weights) * result.config.account.cash, rtol=1e-15)
    assert deposits["role"].tolist() == [-1, -2]


def transfers_sum_to_zero_and_reach_the_weights(result: RunRecord) -> None:
    moved = of_kind(result, EntryKind.TRANSFER)
    equity = sleeve_equity(result)
    weights = np.array([sleeve.weight for sleeve in result.config.sleeves.values()])
    months = result.market.bars["session"].astype("M8[D]").astype("M8[M]").astype(int)
    if result.config.rebalance == "never":
        assert len(moved) == 0
        return
    period = months // {"monthly": 1, "yearly": 12}[result.config.rebalance]
    first = np.flatnonzero(np.diff(period, prepend=period[0]))
    assert set(moved["t"]) <= set(first)
    for t in first:
        mine = moved[moved["t"] == t]
        if len(mine) == 0:
            assert result.points["equity"][t] <= scale(result)[t]
            continue
        assert mine["amount"].sum() == 0.0
        if result.config.fills.at != "this_close":  # else that close's own fills come after the transfer
            assert np.all(np.abs(equity[t] - weights * equity[t].sum()) <= scale(result)[t])


def the_requirement_is_that_of_the_net(result: RunRecord) -> None:
    required = np.zeros(len(result.market))
    for symbol in TWINS:
        pairs = zip(net_quantity(result, symbol), bars_of(result, symbol)["close"], strict=True)
        required += [maintenance(float(qty), float(close)) for qty, close in pairs]
    assert np.allclose(result.points["maintenance"], required, rtol=1e-9, atol=NEAR)


def borrow_is_charged_on_net_shorts_and_carried_by_who_is_short(result: RunRecord) -> None:
    rows = result.config.costs.borrow
    rate = rows["default"][0].rate
    days = result.market.bars["days"].astype(float)
    entries = of_kind(result, EntryKind.BORROW)
    for symbol, twins in TWINS.items():
        short = np.append(0.0, np.maximum(0.0, -net_quantity(result, symbol)[:-1]))
        collateral = np.append(0.0, np.ceil(1.02 * bars_of(result, symbol)["close"][:-1]))
        wanted = collateral * short * rate * days / 360.0
        own = {role: np.append(0.0, np.maximum(0.0, -quantity_path(result, role)[:-1])) for role in twins}
        in_all = sum(own.values())
        for role in twins:
            paid = np.zeros(len(short))
            mine = entries[entries["role"] == role]
            np.add.at(paid, mine["t"], -mine["amount"])
            part = np.divide(own[role], in_all, out=np.zeros(len(short)), where=in_all > 0.0)
            assert np.allclose(paid, wanted * part, rtol=1e-9, atol=1e-9)


def interest_is_shared_by_equity(result: RunRecord) -> None:
    entries, equity = of_kind(result, EntryKind.INTEREST), sleeve_equity(result)
    weights = np.array([sleeve.weight for sleeve in result.config.sleeves.values()])
    for t in np.unique(entries["t"]):
        mine = entries[entries["t"] == t]
        positive = np.maximum(0.0, equity[t - 1])
        if np.all(np.abs(equity[t - 1]) > NEAR):
            parts = positive / positive.sum() if positive.sum() > 0.0 else weights
            assert np.allclose(mine["amount"], parts * mine["amount"].sum(), rtol=1e-6, atol=1e-9)


def all_sleeves_share_the_cap_on_volume(result: RunRecord) -> None:
    cap = result.config.fills.participation
    if cap is None:
        return
    done = trades(result)
    for symbol, twins in TWINS.items():
        traded = np.zeros(len(result.market))
        mine = done[np.isin(done["role"], twins)]
        np.add.at(traded, mine["t"], np.abs(mine["qty"]))
        volume = bars_of(result, symbol)["volume"]
        known = np.isfinite(volume)
        assert np.all(traded[known] <= cap * volume[known] + NEAR)


def a_cash_account_is_never_net_short(result: RunRecord) -> None:
    if result.config.account.margin.kind == "cash":
        for symbol in TWINS:
            assert np.all(net_quantity(result, symbol) >= -TINY)


def accepted_fills_leave_the_initial_margin_of_the_net_covered(result: RunRecord) -> None:
    if result.config.account.margin.kind != "reg_t":
        return
    cash, held = 0.0, {"A": 0.0, "B": 0.0}
    for entry in result.ledger:
        symbol = SYMBOLS[ROLES[entry["role"]]] if entry["role"] >= 0 else ""
        before = dict(held)
        cash += entry["amount"] if entry["kind"] != EntryKind.TRANSFER else 0.0
        if symbol:
            held[symbol] = float(in_steps(result, held[symbol] + entry["qty"]))
        if entry["kind"] != EntryKind.FILL:
            continue
        marks = {name: marked(result, entry, ROLES[twins[0]]) for name, twins in TWINS.items()}
        marks[symbol] = float(entry["price"])
        equity = cash + sum(held[name] * marks[name] for name in TWINS)
        needed = sum(initial(held[name], marks[name]) for name in TWINS)
        needed_before = sum(initial(before[name], marks[name]) for name in TWINS)
        assert needed <= max(equity, needed_before) + NEAR


def forced_orders_reduce_their_own_sleeve(result: RunRecord) -> None:
    """And, but where everything is closed, the net: what sleeves hold against each other is left alone."""
    held = np.zeros(len(ROLES))
    closing = result.config.account.margin.liquidation == "flat"
    for entry in result.ledger[result.ledger["role"] >= 0]:
        role = int(entry["role"])
        after = in_steps(result, held[role] + entry["qty"])
        if entry["kind"] == EntryKind.LIQUIDATION:
            assert abs(after) < abs(held[role])
            assert after * held[role] >= 0.0
            if not closing and entry["reason"] == -1:
                net = held[list(TWINS[SYMBOLS[ROLES[role]]])].sum()
                assert abs(net + entry["qty"]) < abs(net)
        held[role] = after


def a_close_below_maintenance_is_followed_by_a_forced_order(result: RunRecord) -> None:
    if result.config.account.margin.kind != "reg_t":
        return
    forced = result.orders[result.orders["reason"] < 0]
    points = result.points
    for t in np.flatnonzero((points["equity"] < points["maintenance"] - NEAR) & (points["maintenance"] > 0.0)):
        assert t in forced["born"]


def a_sleeve_without_equity_trades_no_more(result: RunRecord) -> None:
    """Until capital is moved to it: what fills closes what it holds.

    Fills at the close that decided come after the look at that close, and the next one may find equity again.
    """
    if result.config.fills.at == "this_close":
        return
    equity, owner = sleeve_equity(result), sleeve_of(result.ledger)
    moved = of_kind(result, EntryKind.TRANSFER)["t"]
    for sleeve in range(len(SLEEVES)):
        for gone in np.flatnonzero(equity[:, sleeve] < -NEAR):
            later = moved[moved > gone]
            until = later.min() if len(later) else len(result.market)
            mine = result.ledger[(owner == sleeve) & (result.ledger["t"] > gone) & (result.ledger["t"] < until)]
            assert not np.any(mine["kind"] == EntryKind.FILL)


LAWS = (
    a_sleeve_without_equity_trades_no_more,
    the_sleeves_are_the_account,
    cash_and_marked_positions_are_equity,
    gross_and_net_are_those_of_the_symbols,
    each_sleeve_starts_with_its_weight,
    transfers_sum_to_zero_and_reach_the_weights,
    the_requirement_is_that_of_the_net,
    borrow_is_charged_on_net_shorts_and_carried_by_who_is_short,
    interest_is_shared_by_equity,
    all_sleeves_share_the_cap_on_volume,
    a_cash_account_is_never_net_short,
    accepted_fills_leave_the_initial_margin_of_the_net_covered,
    forced_orders_reduce_their_own_sleeve,
    a_close_below_maintenance_is_followed_by_a_forced_order,
)
