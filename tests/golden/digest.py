# SPDX-License-Identifier: Apache-2.0
"""A run in a page: what a change of the engine, the strategy, its defaults or the data would show up in."""

from pathlib import Path
from typing import Any

import numpy as np

from engine.analytics.attribution.sleeves import sleeve_paths
from engine.analytics.ledger_paths import fold
from engine.engines.run_record import RunRecord
from engine.kernel.codes import EntryKind
from engine.runs.backtest import backtest
from tests.strategies.shipped import CONFIGS, load_on

FOLDER = Path(__file__).parent
RUNS = (
    "spread_sample", "spread_real", "fund_replica_sample", "fund_replica_real", "vix_hedge_sample", "vix_hedge_real",
    "double_agent_sample", "double_agent_real", "double_agent_calls_sample", "double_agent_calls_real",
    "vix_hedge_puts_sample", "vix_hedge_puts_real", "vix_hedge_index_puts_sample", "vix_hedge_index_puts_real",
    "portfolio_sample", "portfolio_real", "spread_shipped_real",
    "vix_hedge_shipped_sample", "vix_hedge_shipped_real", "double_agent_shipped_real", "double_agent_validated_real",
    "classic_book_real", "qqq_iwm_real", "qqq_kre_real", "reverse_book_real",
)  # fmt: skip
SHOWN = 4
_QUIET_AT_ANY_VIX = {"stay": 5, "radar_vix": 1000, "radar_vix_out": 1000, "radar_month": 100}
FORMER: dict[str, dict[str, float | str]] = {
    "spread": {"target_volatility": 0.10},
    "vix_hedge": _QUIET_AT_ANY_VIX,
    "vix_hedge_puts": _QUIET_AT_ANY_VIX,
    "vix_hedge_index_puts": _QUIET_AT_ANY_VIX,
    "double_agent": {"role": "any", "fresh": 0, "step_pause": 5, "measure": "price", "score": 0},
    "double_agent_validated": {"role": "any", "fresh": 0, "step_pause": 5, "measure": "price", "score": 0.5},
}
"""Parameters as they stood by default before: the older files hold that they still give what they gave.

Of double_agent_validated: any level, as before, and validators that are asked, so that there is something to refuse."""


def digest(result: RunRecord) -> dict[str, Any]:
    """Money to the cent; the first and last fills, of options too; how many orders each reason sent."""
    ledger, sessions = result.ledger, result.market.sessions
    fills = ledger[np.isin(ledger["kind"], [EntryKind.FILL, EntryKind.LIQUIDATION])]
    totals = {kind.name.lower(): cents(ledger["amount"][ledger["kind"] == kind].sum()) for kind in EntryKind}
    sent = {one.name: int(np.count_nonzero(result.orders["reason"] == code)) for code, one in result.reasons.items()}
    return {
        "first_session": str(sessions[0]),
        "last_session": str(sessions[-1]),
        "bars": len(sessions),
        "final_equity": cents(result.points["equity"][-1]),
        "lowest_equity": cents(result.points["equity"].min()),
        "margin_calls": len(set(result.orders["born"][result.orders["reason"] < 0].tolist())),
        "fills": len(fills),
        "first_fills": [shown(result, fill) for fill in fills[:SHOWN]],
        "last_fills": [shown(result, fill) for fill in fills[-SHOWN:]],
        **contracts(result),
        **sleeves(result),
        "slippage": cents(ledger["slippage"].sum()),
        "totals": {name: total for name, total in totals.items() if total != 0.0},
        "orders_by_reason": {name: count for name, count in sorted(sent.items()) if count},
    }


def contracts(result: RunRecord) -> dict[str, Any]:
    """The first and last entries that changed a position in options; nothing of a run without."""
    told = [
        f"{result.market.sessions[entry['t']]} {result.entry_contracts[place]} {entry['qty']:+.0f} at "
        f"{entry['price']:.4f}, {result.reasons[int(entry['reason'])][0]}"
        for place, entry in enumerate(result.ledger)
        if entry["kind"] in {EntryKind.OPTION_FILL, EntryKind.OPTION_EXPIRY}
    ]
    return {"options": len(told), "first_options": told[:SHOWN], "last_options": told[-SHOWN:]} if told else {}


def sleeves(result: RunRecord) -> dict[str, Any]:
    """Of a portfolio, what each sleeve earned and was left with, and what moved between them."""
    if not result.sleeves:
        return {}
    paths = sleeve_paths(result, fold(result))
    moved = result.ledger["amount"][result.ledger["kind"] == EntryKind.TRANSFER]
    return {
        "sleeves": {one.name: [cents(one.pnl[-1]), cents(one.equity[-1])] for one in paths},
        "moved": cents(np.abs(moved).sum() / 2.0),
    }


def cents(amount: float) -> float:
    return round(float(amount), 2)


def shown(result: RunRecord, fill: np.void) -> str:
    """`2000-11-14 large +3712 at 138.25, enter`."""
    role, reason = result.market.roles[fill["role"]], result.reasons[int(fill["reason"])][0]
    return f"{result.market.sessions[fill['t']]} {role} {fill['qty']:+.0f} at {fill['price']:.4f}, {reason}"


def run(name: str, real_data: Path | None = None) -> RunRecord:
    """The run of configs/NAME.yaml with parameters as they were before; of NAME_shipped as it is shipped.

    real_data  the folder of real bars, where it is about them
    """
    strategy, _, market = name.rpartition("_")
    former = former_of("vix_hedge", "sleeves.hedge.params") if strategy == "portfolio" else former_of(strategy)
    file = strategy.removesuffix("_shipped").removesuffix("_validated")
    return backtest(load_on(CONFIGS / f"{file}_{market}.yaml", real_data if market == "real" else None, former))


def former_of(strategy: str, before: str = "params") -> tuple[str, ...]:
    """Overrides that give a strategy's parameters the values that they had by default."""
    return tuple(f"{before}.{name}={value}" for name, value in FORMER.get(strategy, {}).items())


def file_of(name: str) -> Path:
    return FOLDER / f"{name}.json"
