# SPDX-License-Identifier: Apache-2.0
"""How a stress test words its findings: shocks, fates, leverages."""

from __future__ import annotations

from engine.model.stress import StressShock
from engine.report.kit.words import MARGIN_WORDS, count, counted, decimal, multiple, percent
from engine.runs.stress.book import Book
from engine.runs.stress.findings import Stress
from engine.runs.stress.hold import Fate
from engine.runs.stress.option_legs import OptionLeg
from engine.runs.stress.shocks import Shock
from engine.runs.stress.spiral import Ending
from engine.runs.stress.survival import MOST_LEVERAGE

CALL_MARK = "c"
"""Follows a loss that margin calls were part of."""

LEGEND = f"Per cent of equity lost; {CALL_MARK}: cut by margin calls; dead: equity gone."

UNCALLED = f"Per cent of the highest close, nobody calling; {CALL_MARK}: the account would have; dead: equity gone."

LEFTOVER = "°: flat when the window began. This is the last book it held before, not what the strategy would hold."

DEATHS = (
    "path: equity gone at some close. day: of that day alone, with the weights of the book. start: set up on the worst "
    "close of the window. spiral: the worst as one sudden move, with the crowd."
)

CALLS = (
    "A call cuts the book at the next open, so it may live at leverages that kill it where nobody calls: read both. "
    "PM: portfolio margin, each leg by itself. turned: path, worst day and calls of the book with "
    "every sign turned."
)


def rules_words(found: Stress) -> str:
    """The two rules: `Regulation T; portfolio margin of SPY 8 % long, 6 % short, IWM 10 %`."""
    rates = []
    for symbol, one in found.scan.items():
        short = "" if one.long == one.short else f" long, {percent(one.short, 0)} short"
        rates.append(f"{symbol} {percent(one.long, 0)}{short}")
    return f"{MARGIN_WORDS[found.result.config.account.margin.kind]}; PM {', '.join(rates)}"


def symbol_of(found: Stress, role: int) -> str:
    """The symbol of a role by its number."""
    return list(found.result.market.symbols.values())[role]


def pair_words(found: Stress) -> str:
    """The two symbols a shock moves, small first: IWM against SPY. One where the book has one role."""
    meets = found.exposure
    if meets is None:
        return ""
    small = symbol_of(found, meets.small)
    return small if meets.large == meets.small else f"{small} against {symbol_of(found, meets.large)}"


def shock_words(found: Stress, shock: Shock) -> str:
    """`IWM +15 % in 5 days, SPY flat`, with the signs that hurt this book; empty where there is none."""
    meets = found.exposure
    if meets is None:
        return ""
    if shock.squeeze:
        return f"shorts {_move(shock.small)} in {counted(shock.sessions, 'day')}, longs flat"
    large, small = meets.pair(shock)
    words = f"{symbol_of(found, meets.small)} {_move(small)} in {counted(shock.sessions, 'day')}"
    if meets.large == meets.small:
        return words
    return f"{words}, {symbol_of(found, meets.large)} {'flat' if large == 0 else _move(large)}"


def own_shock_words(shock: StressShock) -> str:
    """`QQQ +12 %, IWM −3 % in 2 days`: a shock of the configuration's own."""
    moves = ", ".join(f"{symbol} {_move(move)}" for symbol, move in shock.moves.items())
    return f"{moves} in {counted(shock.sessions, 'day')}"


def sides_words(found: Stress, book: Book) -> str:
    """`SPY +56 %, IWM −44 %` of gross: what the book holds, in the order of the roles; options behind."""
    symbols = found.result.market.symbols.values()
    held = [(symbol, weight) for symbol, weight in zip(symbols, book.weights.tolist(), strict=True) if weight]
    legs = [f"{_kind(leg)} {symbol_of(found, leg.role)} {_move(leg.weight)}" for leg in book.legs]
    return ", ".join([*(f"{symbol} {_move(weight)}" for symbol, weight in held), *legs])


def book_words(found: Stress, book: Book) -> str:
    """`SPY 0 %, IWM +88 % of gross, puts on IWM for +88 % (strike at 95 % of the price, 38 days)`."""
    market = found.result.market
    pairs = zip(market.symbols.values(), book.weights.tolist(), strict=True)
    shares = ", ".join(f"{symbol} {_move(weight)}" for symbol, weight in pairs)
    return ", ".join([f"{shares} of gross", *(_leg_words(found, leg) for leg in book.legs)])


def _leg_words(found: Stress, leg: OptionLeg) -> str:
    strike = f"strike at {percent(leg.moneyness, 0)} of the price, {counted(leg.days, 'day')}"
    return f"{_kind(leg)} on {symbol_of(found, leg.role)} for {_move(leg.weight)} ({strike})"


def _kind(leg: OptionLeg) -> str:
    return "calls" if leg.right > 0 else "puts"


def volatility_words(found: Stress, shock: Shock) -> str:
    """What a shock does to implied volatilities; empty for a book without options."""
    rule, book, meets = found.volatility, found.book, found.exposure
    if rule is None or book is None or meets is None or not book.legs:
        return ""
    after = rule.at(rule.prices * (1 + meets.moves(shock)))
    told = [
        f"{symbol_of(found, role)} {percent(rule.start[role], 1)} now, {percent(after[role], 1)} after "
        f"{shock_words(found, shock)} (beta {decimal(rule.beta[role], 1)}, kept between "
        f"{percent(rule.low[role], 1, sign=False)} and {percent(rule.high[role], 1)})"
        for role in dict.fromkeys(leg.role for leg in book.legs)
    ]
    return f"Option prices are modelled; their volatility follows the price: {'; '.join(told)}."


def same_without(found: Stress, large: float) -> bool:
    """Whether a move of the large caps changes nothing for the book: it holds none, nor what follows them."""
    pairs = [each for each in found.shocks if not each.shock.squeeze]
    one, two = ([each for each in pairs if each.shock.large == move] for move in (0.0, large))
    return large != 0.0 and all(
        [held.equity.tolist() for held in a.ladder.held] == [held.equity.tolist() for held in b.ladder.held]
        for a, b in zip(one, two, strict=True)
    )


def _move(fraction: float) -> str:
    return percent(fraction, 0, plus=True)


def held_words(loss: float, fate: Fate) -> str:
    """A cell of a ladder: `12.9`, `19.3 c`, `dead`."""
    words = percent(loss, 1, sign=False)
    return "dead" if fate == "dead" else f"{words} {CALL_MARK}" if fate == "called" else words


def fate_of(ending: Ending) -> Fate:
    """The ending of a spiral as the fate of its book."""
    return {"not called": "alive", "settled": "called", "wiped out": "dead"}[ending]  # type: ignore[return-value]


def times(leverage: float | None) -> str:
    """`3.02x`; `>100x` where nothing happened up to there."""
    if leverage is None:
        return f">{MOST_LEVERAGE:g}x"
    return multiple(leverage, 2 if leverage < 9.995 else 1)


def rung(leverage: float) -> str:
    """A step of the ladder: 3x, 1.6x."""
    return f"{leverage:g}x"


def crowd_words(found: Stress) -> str:
    """How large book and crowd are together."""
    days = f"{found.crowd_days:.3g} {'day' if round(found.crowd_days, 6) == 1 else 'days'}"
    crowd = f"a crowd {count(found.crowd)} times its size" if found.crowd else "no crowd"
    return f"The book with {crowd} has {days} of volume in its largest leg at 1x."
