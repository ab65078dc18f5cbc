# SPDX-License-Identifier: Apache-2.0
"""What the account may carry: initial margin before a fill, maintenance at the close, the margin call."""

from engine.kernel.book import cancel_everything, force_order, is_forced, is_live
from engine.kernel.codes import Cause, EngineReason, Liquidation, MarginKind
from engine.kernel.netting import are_twins, net_quantity, same_side, stands
from engine.kernel.option_book import close_contract, whole_contracts
from engine.kernel.option_margin import options_margin, options_value
from engine.kernel.steps import whole
from engine.kernel.two_modes import every_bar, two_modes
from engine.records import OPTION_SLOTS, Book, Terms

LOW_PRICE = 5.0
"""FINRA rule 4210: shorts below five dollars need 100 % or the low floor, whichever is more."""


@every_bar
def maintenance(terms: Terms, role: int, qty: float, price: float) -> float:
    """Maintenance requirement of one position, money >= 0.

    Longs: rate * value. Shorts: the greater of rate * value and a floor in dollars a share; below $5 the greater of
    the whole value and the low floor (FINRA 4210; rates and multiples are in the terms).
    """
    asset = terms.asset[role]
    if qty >= 0.0:
        return asset.maintenance_long * qty * price
    shares = -qty
    if price >= LOW_PRICE:
        return max(asset.maintenance_short * price, asset.floor_high) * shares
    return max(price, asset.floor_low) * shares


@two_modes
def initial(terms: Terms, role: int, qty: float, price: float) -> float:
    """Initial requirement of one position (Regulation T), never below its maintenance; money >= 0."""
    asset = terms.asset[role]
    rate = asset.initial_long if qty >= 0.0 else asset.initial_short
    return max(rate * abs(qty) * price, maintenance(terms, role, qty, price))


@two_modes
def refusal(book: Book, terms: Terms, role: int, qty: float, price: float) -> int:
    """Why a fill of `qty` at `price` is not allowed, as a Cause; NONE when it is.

    A fill that lowers the requirement is always allowed. Positions are valued at their marks, the role at `price`;
    sleeves that hold the same symbol are one position.
    """
    if book.rules.margin == MarginKind.NONE:
        return Cause.NONE
    held = net_quantity(book, role)
    if book.rules.margin == MarginKind.CASH:
        return cash_refusal(held, qty)
    if held + qty < min(0.0, held) and terms.asset[role].shortable == 0.0:
        return Cause.NOT_SHORTABLE
    equity, before, needed = add_shares(book, terms, role, held + qty, price, book.cash, 0.0, 0.0)
    if book.contracts > 0:
        equity += options_value(book)
        requirement = options_margin(book, -1, 0.0)
        before += requirement
        needed += requirement
    return margin_refusal(equity, before, needed)


@two_modes
def cash_refusal(held: float, qty: float) -> int:
    """Why a cash account does not trade `qty` more, as a Cause: nothing short. Whether it can pay, the fill asks."""
    return Cause.CASH_ACCOUNT if held + qty < min(0.0, held) else Cause.NONE


@two_modes
def margin_refusal(equity: float, before: float, needed: float) -> int:
    """Why margin does not allow a fill: it needs more than equity, and more than before."""
    return Cause.INITIAL_MARGIN if needed > equity and needed > before else Cause.NONE


@two_modes
def add_shares(
    book: Book, terms: Terms, role: int, after: float, price: float, equity: float, before: float, needed: float
) -> tuple[float, float, float]:
    """(equity, before, needed) and what the account's shares are worth, require now, and require after a fill.

    The fill leaves `after` shares of the role's symbol, valued at `price`; role -1 is a fill of none.
    """
    for other in range(len(book.asset)):
        if not stands(book, other):
            continue
        shares = net_quantity(book, other)
        traded = role >= 0 and are_twins(book, other, role)
        at = price if traded else book.asset[other].close
        equity += shares * at
        requirement = initial(terms, other, shares, at)
        before += requirement
        needed += initial(terms, other, after, at) if traded else requirement
    return equity, before, needed


@every_bar
def check_maintenance(book: Book, terms: Terms) -> None:
    """Mark the requirement at the closes; call and liquidate where equity is below it.

    The forced orders fill from the next open on. Until they have, the strategy's own orders are refused.
    """
    required = 0.0
    for role in range(len(book.asset)):
        shares = net_quantity(book, role) if stands(book, role) else 0.0
        if shares != 0.0:
            required += maintenance(terms, role, shares, book.asset[role].close)
    if book.contracts > 0:
        required += options_margin(book, -1, 0.0)
    book.maintenance = required
    called = book.rules.margin == MarginKind.REG_T and book.equity < required and required > 0.0
    if called or (book.equity <= 0.0 and book.ruined == 0):
        liquidate(book, required)


@two_modes
def liquidate(book: Book, required: float) -> None:
    """Cancel what works and send the forced orders: for all of it when ruined or by rule, else for just enough."""
    cancel_everything(book, Cause.MARGIN_CALL)
    keep = 0.0
    reason = EngineReason.MARGIN_CALL
    if book.equity <= 0.0 or book.ruined == 1:
        book.ruined = 1
        reason = EngineReason.RUINED
    elif book.rules.liquidation == Liquidation.PROPORTIONAL:
        keep = min(1.0, book.equity / (required * (1.0 + book.rules.cushion)))
    book.margin_calls += 1
    book.frozen = 1
    for role in range(len(book.asset)):
        held = book.asset[role].qty
        if held != 0.0:
            force_order(book, role, whole(book, held * kept_part(book, role, keep)) - held, reason)
    if book.contracts > 0:
        for slot in range(OPTION_SLOTS):
            held = book.contract[slot].qty
            close_contract(book, slot, whole_contracts(held * keep) - held, reason)


@two_modes
def kept_part(book: Book, role: int, keep: float) -> float:
    """The part of a role's shares that a call leaves, so that `keep` of its symbol's net position is left.

    Where sleeves hold opposite shares, those on the side of the net give up the whole cut by their sizes: every forced
    fill lowers the requirement. Nothing is kept of a book that is closed.
    """
    if len(book.sleeve) == 1 or keep == 0.0:
        return keep
    net = net_quantity(book, role)
    if net * book.asset[role].qty <= 0.0:
        return 1.0
    return 1.0 - (1.0 - keep) * abs(net) / same_side(book, role, net)


@two_modes
def stays_frozen(book: Book) -> int:
    """1 while forced orders still work or the account is ruined, else 0."""
    for slot in range(book.orders):
        order = book.order[slot]
        if is_live(order) and is_forced(order):
            return 1
    return book.ruined
