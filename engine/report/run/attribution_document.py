# SPDX-License-Identifier: Apache-2.0
"""attribution.json and levels.parquet: what a strategy's declared parts did, written and read back."""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.analytics.attribution.agents import REST
from engine.analytics.attribution.alpha_share import AlphaShare
from engine.analytics.attribution.parts import Attribution
from engine.engines.run_record import RunRecord
from engine.strategy.interpretation import Interpretation, KnownLevel, RegimePath, Replica, Stretch

if TYPE_CHECKING:
    import pyarrow as pa

NAME = "attribution.json"
LEVELS = "levels.parquet"


def attribution_document(result: RunRecord, parts: Attribution) -> dict[str, Any]:
    """What agents, regimes and hedge did, and the levels known at the last close; docs/schemas/attribution.json."""
    path = result.interpretation.regimes
    return {
        "agents": [asdict(one) for one in parts.agent_sums],
        "regimes": None if path is None else _regimes(result, path, parts),
        "replica": None if parts.alpha is None else _replica(result, parts.alpha),
        "known_levels": [known_level(one) for one in result.interpretation.known],
        "stretches": len(result.interpretation.levels),
    }


def known_level(one: KnownLevel) -> dict[str, Any]:
    """One level as plain data; null where its strength is not said."""
    strength = None if math.isnan(one.strength) else one.strength
    return asdict(one) | {"strength": strength, "first": one.first.isoformat(), "last": one.last.isoformat()}


def levels_table(result: RunRecord) -> pa.Table:
    """One row a stretch, in order of time; `said` is a JSON object of the features told beside it."""
    import pyarrow as pa

    from engine.report.kit.arrow_columns import column, table, words

    levels = result.interpretation.levels
    sessions = result.market.bars["session"]
    rows = {name: np.array([getattr(one, name) for one in levels], np.int64) for name in ("first_row", "last_row")}
    dates = {name[:-4]: column(sessions[at].astype(np.int32), pa.date32()) for name, at in rows.items()}
    texts = {
        "role": [one.role for one in levels],
        "symbol": [result.market.symbols[one.role] for one in levels],
        "name": [one.name for one in levels],
    }
    said = [json.dumps({name: _number(value) for name, value in one.said.items()}) for one in levels]
    places = np.arange(len(levels))
    return table(
        {
            **{name: words(values, places) for name, values in texts.items()},
            "price": np.array([one.price for one in levels], np.float64),
            **dates,
            **rows,
            "order_id": np.array([one.order for one in levels], np.int64),
            "said": words(said, places),
        }
    )


def is_interpreted(found: Interpretation) -> bool:
    """Whether a run has these files: a strategy that declares nothing has none."""
    return bool(found.agents or found.regimes is not None or found.levels or found.known or found.replica)


def read_interpretation(
    document: Mapping[str, Any], stretches: Sequence[Mapping[str, Any]], bars: int
) -> Interpretation:
    """The Interpretation that was written as `document` and, row by row, `stretches`, of a run of `bars` bars.

    Raises LookupError, TypeError or ValueError where they are not what was written.
    """
    levels = [
        Stretch(
            one["role"], one["name"], one["price"], one["first_row"], one["last_row"], one["order_id"],
            {name: math.nan if value is None else value for name, value in json.loads(one["said"]).items()},
        )
        for one in stretches
    ]  # fmt: skip
    known = [
        KnownLevel(**one | {
            "first": dt.date.fromisoformat(one["first"]),
            "last": dt.date.fromisoformat(one["last"]),
            "strength": math.nan if one["strength"] is None else one["strength"],
        })
        for one in document["known_levels"]
    ]  # fmt: skip
    regimes = document["regimes"]
    path = None if regimes is None else _path(regimes, bars)
    agents = tuple(one["name"] for one in document["agents"] if one["name"] != REST)
    replica = None if document["replica"] is None else Replica(**document["replica"]["features"])
    return Interpretation(agents, path, tuple(levels), tuple(known), replica)


def _path(regimes: Mapping[str, Any], bars: int) -> RegimePath:
    names = {int(code): name for code, name in regimes["names"].items()}
    codes = np.zeros(bars, np.int64)
    for span in regimes["spans"]:
        codes[span["first_row"] : span["last_row"] + 1] = span["code"]
    told = regimes["hedge"]  # a list; in older folders text, with " + " between the names
    hedges = [one for one in told.split(" + ") if one] if isinstance(told, str) else told
    return RegimePath(names, codes, regimes["hedged"], tuple(hedges), regimes["base"])


def _regimes(result: RunRecord, path: RegimePath, parts: Attribution) -> dict[str, Any]:
    sessions = result.market.sessions
    return {
        "names": {str(code): name for code, name in path.names.items()},
        "hedged": path.hedged,
        "hedge": list(path.hedge),
        "base": path.base,
        "sums": [{name: _number(value) for name, value in asdict(one).items()} for one in parts.regimes],
        "episodes": [asdict(one) for one in parts.episodes],
        "spans": [
            {
                "regime": path.names.get(code),
                "code": code,
                "first": str(sessions[first]),
                "last": str(sessions[last]),
                "first_row": first,
                "last_row": last,
            }
            for code, first, last in path.spans()
        ],
    }


def _replica(result: RunRecord, alpha: AlphaShare) -> dict[str, Any]:
    """The features by what they are, and the alpha share; null where a figure is undefined."""
    names = result.interpretation.replica.features if result.interpretation.replica else {}
    return {"features": names, **{name: _number(value) for name, value in asdict(alpha).items()}}


def _number(value: Any) -> Any:
    if isinstance(value, float):
        return None if math.isnan(value) else value + 0.0
    return value
