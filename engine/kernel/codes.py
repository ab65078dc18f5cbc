# SPDX-License-Identifier: Apache-2.0
"""The small integers that orders, ledger and rules carry, with the words that result files print."""

from enum import IntEnum


class OrderKind(IntEnum):
    MARKET = 1
    LIMIT = 2
    STOP = 3
    STOP_LIMIT = 4
    TRAIL = 5
    TRAIL_PERCENT = 6
    MARKET_ON_CLOSE = 7
    OPTION = 8  # buys or sells contracts at the run's fill price
    MARKET_ON_OPEN = 9


class TimeInForce(IntEnum):
    GTC = 0
    DAY = 1


class OrderStatus(IntEnum):
    WORKING = 0
    HELD = 1  # a child whose parent has not filled yet
    FILLED = 2
    CANCELLED = 3
    EXPIRED = 4
    REJECTED = 5


class Cause(IntEnum):
    """Why an order ended other than by filling."""

    NONE = 0
    BY_STRATEGY = 1
    OCO_SIBLING_FILLED = 2
    PARENT_ENDED = 3
    END_OF_DAY = 4
    REPLACED = 5
    POSITION_CLOSED = 6
    MARGIN_CALL = 7
    INITIAL_MARGIN = 8
    NOT_SHORTABLE = 9
    CASH_ACCOUNT = 10
    ACCOUNT_RUINED = 11
    BAD_ORDER = 12
    CHILD_FILLED = 13  # an entry still filling whose protection has traded: the rest is not wanted
    LESS_THAN_A_SHARE = 14  # what a reverse split left of it
    SLOT_TAKEN = 15  # the option slot holds another contract
    CONTRACT_EXPIRED = 16
    NO_VOLATILITY = 17  # nothing to model the option's price with
    SEAM = 18  # the parameters changed, and the run was to begin anew with those that follow
    NO_PRICE = 19  # sent on a bar on which the role has no price: before its first, or after its last
    ROLE_ENDED = 20  # the bar before was the role's last


class EntryKind(IntEnum):
    DEPOSIT = 1
    FILL = 2
    COMMISSION = 3
    FEE = 4  # regulatory and clearing
    DIVIDEND = 5
    BORROW = 6
    INTEREST = 7
    SPLIT = 8  # changes the quantity; cash in lieu of a fraction is its amount
    LIQUIDATION = 9  # a fill that a margin call forced
    OPTION_FILL = 10  # contracts bought or sold; amount = -contracts * multiplier * price
    OPTION_EXPIRY = 11  # contracts settled in cash at their intrinsic value
    TRANSFER = 12  # capital moved between sleeves: changes a sleeve's cash, never the account's
    WITHHOLDING = 13  # tax on a dividend received
    DELISTING = 14  # what was held of a role that ended, paid for as the configuration declares


class EngineReason(IntEnum):
    """Reasons that are the engine's, never a strategy's: negative."""

    NONE = 0
    MARGIN_CALL = -1
    RUINED = -2
    EXPIRY = -3
    SEAM = -4  # of a record alone: in the book such an order is one like the strategy's
    ROLE_ENDED = -5  # what was held of a role after its last bar
    DELISTED = -6  # the same, where it is declared what a share pays


class FillAt(IntEnum):
    NEXT_OPEN = 0
    NEXT_CLOSE = 1
    THIS_CLOSE = 2


class Moment(IntEnum):
    """When in a bar something happens; of a fill it says what its children may still do in that bar."""

    OPEN = 0  # the whole bar comes after it
    RANGE = 1  # somewhere between: only what the bar proves comes after it
    CLOSE = 2  # nothing of the bar comes after it
    NIGHT = 3  # before the open: what is paid for holding, and the opening deposit


class Intrabar(IntEnum):
    PESSIMISTIC = 0
    OPTIMISTIC = 1


class MarginKind(IntEnum):
    NONE = 0
    CASH = 1
    REG_T = 2


class Liquidation(IntEnum):
    PROPORTIONAL = 0
    FLAT = 1


class RunCode(IntEnum):
    """How the kernel stopped."""

    OK = 0
    BOOK_FULL = 1  # more orders working than the account allows
    BAD_NUMBER = 2  # an order with a quantity or price that is not finite
    BAD_ROLE = 3
    BAD_SLOT = 4  # an option slot that the strategy does not declare
    BAD_CONTRACT = (
        5  # no strike above 0, a right that is neither call nor put, or an expiry that is no session's number
    )
    NOT_FOR_OPTIONS = 6  # attach, oco, reduce_only or move on an option order
    NO_PLACE = 7  # one decision sends and takes back more orders than the book has places
    BAD_PRICE = 8  # a limit or a trigger that is not above 0
    BAD_DISTANCE = 9  # of a trailing stop: not above 0, or a sale's that the price cannot fall by
    BAD_FRACTION = 10  # of trail_percent: not between 0 and 1
    OTHER_ROLE = 11  # a child of an order for another role
    OWN_CHILD = 12  # an order that would wait for itself
    BAD_DAY = 13  # neither 0 nor 1
    BAD_REASON = 14  # below 0: the engine's
    BAD_EXIT = 15  # from a fill: not above 0, or below the price and as far as that
    NO_ENTRY = 16  # an exit for an order that ended before this decision
    NO_SUCH_ROLE = 17  # asked for by `at`
    CONTRADICTION = 18  # parameters that contradict each other: the run was not begun
