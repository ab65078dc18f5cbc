# SPDX-License-Identifier: Apache-2.0
"""Sentences that must stand beside the figures: what a reader would otherwise not see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from engine.analytics.analysis import Analysis
from engine.analytics.attribution.account_words import account_notices
from engine.analytics.ledger_paths import of_kind
from engine.analytics.metrics.benchmark import stairs
from engine.engines.run_record import RunRecord
from engine.inputs.option_inputs import modelled_with
from engine.kernel.codes import Cause, OrderStatus
from engine.kernel.flows import FILL_KINDS
from engine.market.spacing import stretched
from engine.notice import Notice, loud, loud_first, note
from engine.report.kit.words import count, counted, leg_names, plain_name, synthetic_warning
from engine.report.run.dear_commission import dear_commission
from engine.report.run.dear_slippage import dear_slippage
from engine.report.run.idle_orders import idle_orders
from engine.report.run.slow_fills import slow_fills

REMEDIES = {
    Cause.INITIAL_MARGIN: " (the setting: account.margin; the size: the strategy's weights)",
    Cause.NOT_SHORTABLE: " (the setting: costs.borrow, which has no shares to lend)",
    Cause.CASH_ACCOUNT: " (the setting: account.margin.kind; cash holds no shorts and no debt)",
    Cause.NO_VOLATILITY: " (the setting: options, the series that volatility is read from)",
    Cause.NO_PRICE: " (the setting: spans; it had not begun, or had ended)",
    Cause.BAD_ORDER: " (the strategy's order has a price or distance that no order can have)",
}
"""What to look at, by the rule that refused."""


def notices(result: RunRecord, analysis: Analysis) -> list[Notice]:
    """Loud ones first; then what the data, the engine and the run itself have to say."""
    found = [loud(text) for text in _loud(result, analysis)]
    found += result.notices
    found += [note(text) for text in _of_the_run(result, analysis)]
    found += idle_orders(result) + slow_fills(result)
    return loud_first(found)


def loud_words(said: Sequence[Notice]) -> str:
    """What the first line of a run with loud notices ends with; empty where there is none."""
    number = sum(one.level == "loud" for one in said)
    return f"  ! {counted(number, 'loud notice')}" if number else ""


def _loud(result: RunRecord, analysis: Analysis) -> list[str]:
    said = []
    if result.market.synthetic:
        said.append(synthetic_warning(result.market.label))
    if result.options:
        said.append(modelled_with(result.config, result.market, result.options))
    said += [one.text for one in account_notices(result, analysis.sleeves)]
    if found := stairs(analysis.sessions.benchmark):
        said.append(
            f"{analysis.sessions.compared_with}, which the run is compared with, has the value of the close before on "
            f"{found[0]:,} of {found[1]:,} sessions: alpha, beta and what else goes by its daily returns are left out. "
            "Bring a value of each session, or name another as benchmark."
        )
    said += _rejections(result)
    said += dear_slippage(result) + dear_commission(result)
    if analysis.facts.forced_fills:
        said.append(f"Margin calls forced {counted(analysis.facts.forced_fills, 'fill')}.")
    return said


def _rejections(result: RunRecord) -> list[str]:
    """One sentence a leg and rule: an order that was refused makes another strategy of the one that was written."""
    orders, said = result.orders, []
    refused = orders["status"] == OrderStatus.REJECTED
    filled = set(result.ledger["role"][of_kind(result.ledger, *FILL_KINDS)].tolist())
    names = [*leg_names(result.market.symbols), *result.options]
    pairs = Counter(zip(orders["role"][refused].tolist(), orders["cause"][refused].tolist(), strict=True))
    for (role, cause), number in sorted(pairs.items()):
        sent = int(np.count_nonzero(orders["role"] == role))
        never = "" if role in filled else "; this leg never traded"
        remedy = REMEDIES.get(Cause(cause), "")
        rule = plain_name(Cause(cause).name.lower())
        were = "was" if number == 1 else "were"
        said.append(
            f"{names[role]}: {count(number)} of {counted(sent, 'order')} {were} rejected, {rule}{never}{remedy}."
        )
    return said


def _of_the_run(result: RunRecord, analysis: Analysis) -> list[str]:
    said = []
    cut = (result.orders["status"] == OrderStatus.CANCELLED) & (result.orders["cause"] == Cause.CASH_ACCOUNT)
    if cut.any():
        number = counted(int(cut.sum()), "purchase")
        said.append(f"{number} took less than asked: cash paid no more, with its costs.")
    if analysis.facts.open_trips:
        said.append(f"Positions open at the end ({analysis.facts.open_trips}) are marked at the last close, not sold.")
    if not analysis.facts.fills:
        said.append(f"{nothing_filled(result)}: there is nothing to judge.")
    elif few := stretched(result.market.spacing):
        said.append(few)
    return said


def nothing_filled(result: RunRecord) -> str:
    """What became of the orders of a run in which none filled."""
    if not len(result.orders):
        return "No order was sent"
    parts = [
        f"{number:,} {plain_name(status)}" + (f" ({plain_name(cause)})" if cause != "none" else "")
        for (status, cause), number in order_outcomes(result).items()
    ]
    return f"No order filled, of {len(result.orders):,} sent {', '.join(parts)}"


def order_outcomes(result: RunRecord) -> dict[tuple[str, str], int]:
    """(status, cause) in words to the number of orders that ended so, most first."""
    pairs = Counter(zip(result.orders["status"].tolist(), result.orders["cause"].tolist(), strict=True))
    ordered = sorted(pairs.items(), key=lambda pair: (-pair[1], pair[0]))
    return {(OrderStatus(status).name.lower(), Cause(cause).name.lower()): count for (status, cause), count in ordered}
