# SPDX-License-Identifier: Apache-2.0
"""The memory layout that everything shares: one numpy record per row.

A class names the fields of a row once: numpy's record is made from it, and the kernel's functions are checked against
it. Nothing makes objects of these classes; a row is a numpy record, or a plain object of an interpreted run.

A record is read two ways. The author's view names the roles (`bar.small.close`), the kernel's view indexes
them (`bar.asset[1].close`); both describe the same bytes. Times are int64 ns UTC, sessions are days since
1970-01-01 of the exchange's date, quantities are signed shares, money and prices are in the account's
currency, rates and shares of something are fractions (0.01 is one per cent).
"""

from engine.records.account import (
    CONTRACT,
    HOLDING,
    LIVE_ORDERS,
    OPTION_SLOTS,
    ORDER,
    OWN,
    PLACES,
    SLEEVE,
    Book,
    Contract,
    Holding,
    Order,
    Sleeve,
    account_dtype,
    book_dtype,
)
from engine.records.bars import (
    ASSET_BAR,
    LISTED,
    AssetBar,
    Bar,
    CostInputs,
    Dates,
    OptionInputs,
    bar_dtype,
    cost_input_dtype,
    is_listed,
    kernel_bar_dtype,
    option_input_dtype,
)
from engine.records.layout import F8, I8, Rows, dtype_of
from engine.records.results import ENTRY, MARK, OUTCOME, POINT, STRETCH, Entry, Mark, Outcome, Point, Stretch
from engine.records.terms import RULES, TIERS, Rules, Terms, terms_dtype

__all__ = [
    "ASSET_BAR",
    "CONTRACT",
    "ENTRY",
    "F8",
    "HOLDING",
    "I8",
    "LISTED",
    "LIVE_ORDERS",
    "MARK",
    "OPTION_SLOTS",
    "ORDER",
    "OUTCOME",
    "OWN",
    "PLACES",
    "POINT",
    "RULES",
    "SLEEVE",
    "STRETCH",
    "TIERS",
    "AssetBar",
    "Bar",
    "Book",
    "Contract",
    "CostInputs",
    "Dates",
    "Entry",
    "Holding",
    "Mark",
    "OptionInputs",
    "Order",
    "Outcome",
    "Point",
    "Rows",
    "Rules",
    "Sleeve",
    "Stretch",
    "Terms",
    "account_dtype",
    "bar_dtype",
    "book_dtype",
    "cost_input_dtype",
    "dtype_of",
    "is_listed",
    "kernel_bar_dtype",
    "option_input_dtype",
    "terms_dtype",
]
