# SPDX-License-Identifier: Apache-2.0
"""What on_bar receives, for editors and type checkers: `bar.small.`, `account.` and `orders.` are completed by these.

Nothing is made of these classes: a run gives records of the same fields and methods, which a test holds them to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from engine.records.bars import AssetBar, Clock, Dates


class Column(AssetBar, float):
    """What a name on `bar` is: the bar of a role, with its fields, or the value of a series, a number."""


class Bar(Clock, Dates):
    """One bar: its clock, what the calendar says of it, each role by name, each series by name."""

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Column: ...

        def at(self, role: int) -> AssetBar: ...  # of a list of roles, by number

        def __len__(self) -> int: ...  # how many roles there are, where they are a list


class Holding:
    """The position in one role."""

    qty: float  # signed shares
    avg_price: float  # average entry price of the open position; 0 when flat
    close: float  # the mark; 0 while the role has no price
    value: float  # qty * close, signed
    volatility: float  # implied volatility at the money, a year; 0 before the first, NaN while it is not known


class Contract:
    """One option slot: empty, all of it 0, or one contract."""

    qty: float  # signed contracts
    strike: float
    price: float  # the modelled mark, a share
    value: float  # qty * multiplier * price, signed
    delta: float  # of one option on one share: from -1 to 1
    avg_price: float  # average entry price of the open position, a share
    volatility: float  # that the mark was modelled with, skew inside
    expiry: int  # session at whose close it is settled
    right: int  # 1 call, -1 put; 0 while the slot is empty


class Held(Holding, Contract):
    """What a name on `account` is: the holding of a role, or an option slot."""


class Account:
    """The account at this close, or the strategy's own part of it; each role and option slot by name."""

    cash: float
    equity: float
    gross: float  # sum |value|
    net: float  # sum value
    maintenance: float  # margin required
    peak: float  # highest equity at a close so far
    multiplier: float  # shares a contract
    margin_calls: int  # so far
    ruined: int  # 1 once equity is gone: nothing more is accepted
    frozen: int  # 1 from a margin call to the next open: orders are refused
    t: int  # number of the bar in the run

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Held: ...

        def at(self, role: int) -> Holding: ...  # of a list of roles, by number


class Orders(Protocol):
    """What a strategy may say. Everything works from the next bar on.

    `role` is the role's position in `Strategy.roles`, `slot` the option's in `Strategy.options`; quantities are signed
    shares (+ buys); prices are in the account's currency; `reason` is one of the strategy's Reason codes; `day=1` ends
    an order with its session. Methods that submit return the order's id, 0 when there was nothing to do.
    """

    def attach(self, child: int, parent: int) -> int:
        """Let `child` sleep until `parent` fills, work for its part of the fill, and end with the position.

        Returns child.
        """

    def reduce_only(self, order_id: int) -> int:
        """Let an order only shrink the position: it fills no more than is held and ends when nothing is.

        Returns the id.
        """

    def oco(self, first: int, second: int) -> int:
        """One cancels other. Groups grow by chaining. Returns the group."""

    def stop_loss(self, entry: int, distance: float, reason: int = 0) -> int:
        """A stop for what `entry` fills, `distance` in price on the losing side of its fill price. Returns its id."""

    def stop_loss_percent(self, entry: int, fraction: float, reason: int = 0) -> int:
        """The same stop at `fraction` of the fill price (0.05 is five per cent)."""

    def take_profit(self, entry: int, distance: float, reason: int = 0) -> int:
        """A limit for what `entry` fills, `distance` in price on the winning side of its fill price. Returns its id."""

    def take_profit_percent(self, entry: int, fraction: float, reason: int = 0) -> int:
        """The same limit at `fraction` of the fill price."""

    def trailing_stop(self, entry: int, distance: float, reason: int = 0) -> int:
        """A stop for what `entry` fills, `distance` from its fill, then from the best price since. Returns its id."""

    def trailing_stop_percent(self, entry: int, fraction: float, reason: int = 0) -> int:
        """The same stop at `fraction` of the best price since the fill (0.05 is five per cent)."""

    def bracket_distance(
        self, role: int, qty: float, stop_distance: float, limit_distance: float, reason: int = 0
    ) -> int:
        """Shares at market with a stop and a limit at distances in price from the fill. Returns the entry's id."""

    def bracket_percent(
        self, role: int, qty: float, stop_fraction: float, limit_fraction: float, reason: int = 0
    ) -> int:
        """The same bracket at fractions of the fill price (0.05 is five per cent)."""

    def weigh(self, role: int, weight: float) -> int:
        """Note a role's weight for `targets`, signed, or its score for `top`; NaN is none. Returns 0."""

    def top(self, count: int, weight: float) -> int:
        """Give `weight` to each of the `count` roles with the highest scores, none to others. Returns how many."""

    def targets(self, reason: int = 0) -> int:
        """Hold every role at its noted weight as `target` does, the others at nothing. Returns the orders sent."""

    def market(self, role: int, qty: float, reason: int = 0) -> int:
        """Buy (+) or sell (-) at the run's fill price: the next open by default."""

    def market_on_open(self, role: int, qty: float, reason: int = 0) -> int:
        """Buy or sell shares at the open of the next session, wherever market orders fill."""

    def market_on_close(self, role: int, qty: float, reason: int = 0) -> int:
        """Buy or sell shares at the close of the session being worked."""

    def limit(self, role: int, qty: float, price: float, reason: int = 0, day: int = 0) -> int:
        """Buy at `price` or lower, sell at `price` or higher."""

    def stop(self, role: int, qty: float, price: float, reason: int = 0, day: int = 0) -> int:
        """Become a market order when the price touches `price`: from below for a purchase, from above for a sale."""

    def stop_limit(
        self, role: int, qty: float, stop_price: float, limit_price: float, reason: int = 0, day: int = 0
    ) -> int:
        """Become a limit order at `limit_price` when the price touches `stop_price`."""

    def trail(self, role: int, qty: float, distance: float, reason: int = 0, day: int = 0) -> int:
        """A stop that follows the best price at `distance`, and never moves back."""

    def trail_percent(self, role: int, qty: float, fraction: float, reason: int = 0, day: int = 0) -> int:
        """A stop that follows the best price at `fraction` of it (0.05 is five per cent)."""

    def trail_atr(self, role: int, qty: float, multiple: float, atr: float, reason: int = 0, day: int = 0) -> int:
        """A stop that follows the best price at `multiple` times `atr`, the average true range now, in price."""

    def target_quantity(self, role: int, qty: float, reason: int = 0) -> int:
        """Hold `qty` shares, signed. Replaces the role's orders that will trade at any price."""

    def target(self, role: int, weight: float, reason: int = 0) -> int:
        """Hold `weight` of equity (signed, 0.5 is half long), sized now at the close; replaces like target_quantity."""

    def close(self, role: int, reason: int = 0) -> int:
        """Hold nothing of the role; its other working orders are cancelled too."""

    def bracket(self, role: int, qty: float, stop_price: float, limit_price: float, reason: int = 0) -> int:
        """Shares at market with two children, a stop and a limit, of which one cancels the other.

        Returns the entry's id.
        """

    def option(self, slot: int, contracts: float, right: int, strike: float, expiry: float, reason: int = 0) -> int:
        """Buy (+) or sell (-) whole contracts in an option slot, at the run's fill price of the model."""

    def close_option(self, slot: int, reason: int = 0) -> int:
        """Hold nothing in the option slot; its working orders are cancelled."""

    def option_quote(self, slot: int, contracts: float, right: int, strike: float, expiry: float) -> float:
        """What an order for `contracts` of this contract would fill at if it filled at this close, a share."""

    def option_delta(self, slot: int, right: int, strike: float, expiry: float) -> float:
        """Delta of one share's option at this close; NaN where `option_quote` has no price."""

    def move(self, order_id: int, price: float) -> int:
        """Set the trigger of a stop, or the price of a limit, for the bars to come.

        Returns the id, 0 if it is not live.
        """

    def cancel(self, order_id: int) -> int:
        """Cancel one order. Returns its id, 0 if it was not live."""

    def cancel_all(self, role: int) -> int:
        """Cancel every live order of the role. Returns 0."""

    def working(self, order_id: int) -> bool:
        """Whether the order is still in the book, working or asleep."""

    def quantity(self, order_id: int) -> float:
        """Signed shares that the order still has to fill; 0 when it is not live."""
