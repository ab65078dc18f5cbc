# SPDX-License-Identifier: Apache-2.0
"""A run folder read back into a RunRecord: the same numbers, from nothing but its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from enum import IntEnum
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.engines.run_record import RunRecord
from engine.errors import InputError
from engine.kernel.codes import Cause, EntryKind, Moment, OrderKind, OrderStatus, TimeInForce
from engine.market.panel import Market
from engine.market.spacing import SESSIONS_A_YEAR
from engine.model.run import RunConfig
from engine.notice import Notice, note
from engine.records import ENTRY, MARK, ORDER, POINT, bar_dtype
from engine.report.folder.run_index import kept_file, unreadable
from engine.report.folder.state_columns import read_states
from engine.report.folder.tables import PRICES, feature_column
from engine.report.run.attribution_document import LEVELS, NAME, read_interpretation
from engine.strategy.base import ReasonKind
from engine.strategy.interpretation import Interpretation
from engine.strategy.reasons import ReasonWords

NAMED_KINDS = {
    "unwind": "cut", "margin_call": "forced", "ruined": "forced", "stop": "stop",
    "enter": "entry", "entry": "entry", "exit": "exit",
}  # fmt: skip
"""In folders from before reasons had a kind, it is told by a word in the name."""

NEWER = ("away", "part")
"""Columns of orders that folders from before there were exits measured from a fill do not have: 0 throughout."""


def read_run(folder: Path) -> RunRecord:
    """The RunRecord that was written to `folder`. Raises InputError naming the file that is not as the run left it."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from engine.config.yaml_reader import read_yaml

    name = "manifest.json"
    try:
        manifest = json.loads((folder / name).read_text(encoding="utf-8"))
        name = "config.yaml"
        config = RunConfig.model_validate(
            read_yaml(kept_file(folder / name, manifest).read_text(encoding="utf-8"), str(folder / name)).data
        )
        tables = {}
        kept = config.keep_state and manifest["engine"] == "native"  # the other engine says that it keeps none
        more = [kind for kind, there in (("options", manifest.get("options")), ("state", kept)) if there]
        for kind in ("features", "ledger", "equity", "orders", *more):
            name = f"{kind}.parquet"
            tables[kind] = pq.ParquetFile(kept_file(folder / name, manifest)).read()
        interpretation = Interpretation()
        if manifest.get("told", False):
            name = NAME
            document = json.loads(kept_file(folder / name, manifest).read_text(encoding="utf-8"))
            name = LEVELS
            told = document["stretches"]
            stretches = pq.ParquetFile(kept_file(folder / name, manifest)).read().to_pylist() if told else []
            name = NAME
            interpretation = read_interpretation(document, stretches, tables["equity"].num_rows)
        name = "manifest.json"
        result = replace(_result(manifest, config, tables), interpretation=interpretation)
    except InputError:
        raise
    except (OSError, ValueError, LookupError, TypeError, AttributeError, pa.ArrowException) as error:
        raise unreadable(folder / name, error) from error
    bars = len(result.market)
    for name, one in (("equity", result.points), ("state", result.states)):
        if one is not None and len(one) != bars:
            raise unreadable(folder / f"{name}.parquet", f"{len(one)} rows where features.parquet has {bars}")
    return result


def _result(manifest: Mapping[str, Any], config: RunConfig, tables: Mapping[str, Any]) -> RunRecord:
    data = manifest["data"]
    bars = _bars(tables["features"], data)
    market = Market(
        bars=bars,
        symbols=dict(data["symbols"]),
        series=dict(data["series"]),
        missing=tuple(data["missing"]),
        label=data["label"],
        fingerprint=data["fingerprint"],
        frequency=data["frequency"],
        calendar=data["calendar"],
        prices=data["prices"],
        synthetic=data["synthetic"],
        absent=_absent(bars, data),
        sessions_per_year=data.get("sessions_per_year", SESSIONS_A_YEAR),
        session_minutes=data.get("session_minutes", {}),
    )
    slots = dict(manifest.get("options", {}))
    states = read_states(tables["state"]) if "state" in tables else None
    roles = [*market.roles, *slots]
    return RunRecord(
        config=config,
        market=market,
        ledger=_ledger(tables["ledger"], roles, list(config.sleeves)),
        points=_points(tables["equity"]),
        orders=_orders(tables["orders"], roles),
        features=_features(tables["features"], market),
        params=dict(manifest["params"]),
        reasons={int(code): _reason(*words) for code, words in manifest["reasons"].items()},
        engine=manifest["engine"],
        mode=manifest["mode"],
        fill_convention=manifest["fill_convention"],
        notices=tuple(note(one) if isinstance(one, str) else Notice(**one) for one in manifest["notices"]),
        options=slots,
        marks=_marks(tables["options"]) if slots else np.zeros(0, MARK),
        state={} if states is None else {name: states[name][-1].tolist() for name in states.dtype.names or ()},
        states=states,
    )


def _reason(name: str, words: str, kind: str = "") -> ReasonWords:
    told = kind or next((kind for word, kind in NAMED_KINDS.items() if word in name), ReasonKind.OTHER)
    return ReasonWords(name, words, ReasonKind(told))


def _bars(table: Any, data: Mapping[str, Any]) -> NDArray[Any]:
    series = [name.removeprefix("series.") for name in table.column_names if name.startswith("series.")]
    bars = np.zeros(table.num_rows, bar_dtype(list(data["symbols"]), series))
    bars["ts"] = _column(table, "ts", "int64")
    bars["session"] = _column(table, "session", "int32")
    for name in ("days", "last"):
        bars[name] = _column(table, f"clock.{name}")
    for role in data["symbols"]:
        for name in PRICES:
            bars[role][name] = _column(table, f"{role}.{name}")
    for name in series:
        bars[name] = _column(table, f"series.{name}")
    return bars


def _absent(bars: NDArray[Any], data: Mapping[str, Any]) -> tuple[int, ...]:
    """Sessions between the first and the last bar that have none; the calendar is asked only where there are any."""
    if not data.get("absent", 0):
        return ()
    from engine.market.calendar import exchange

    present = bars["session"].astype(np.int64)
    return tuple(np.setdiff1d(exchange(data["calendar"]).between(int(present[0]), int(present[-1])), present).tolist())


def _features(table: Any, market: Market) -> NDArray[Any]:
    given = [name for name in table.column_names if "." not in name and name not in ("ts", "session")]
    given += [name for name in table.column_names if name.startswith("feature.")]
    names = [name.removeprefix("feature.") for name in given]
    features = np.zeros(len(market), [(name, "f8") for name in names] or [("unused", "f8")])
    for name in names:
        features[name] = _column(table, feature_column(name))
    return features


def _ledger(table: Any, roles: list[str], sleeves: list[str]) -> NDArray[Any]:
    ledger = np.zeros(table.num_rows, ENTRY)
    ledger["t"], ledger["kind"] = _column(table, "row"), _codes(table, "kind", EntryKind)
    ledger["role"], ledger["reason"] = _role_numbers(table, roles), _column(table, "reason_code")
    if "moment" in table.column_names:
        ledger["moment"] = _codes(table, "moment", Moment)
    else:  # in folders from before entries had one, all of them carry the bar's close
        ledger["moment"] = Moment.CLOSE
    ledger["qty"], ledger["order"] = _column(table, "quantity"), _column(table, "order_id")
    for name in ("price", "amount", "slippage"):
        ledger[name] = _column(table, name)
    if sleeves:
        own = np.array([sleeves.index(sleeve) for sleeve in table.column("sleeve").to_pylist()], np.int64)
        ledger["role"] = np.where(ledger["role"] < 0, -1 - own, ledger["role"])
    return ledger


def _points(table: Any) -> NDArray[Any]:
    points = np.zeros(table.num_rows, POINT)
    for name in POINT.names or ():
        points[name] = _column(table, name)
    return points


def _marks(table: Any) -> NDArray[Any]:
    marks = np.zeros(table.num_rows, MARK)
    marks["t"] = _column(table, "row")
    for name in ("slot", "price", "delta", "volatility"):
        marks[name] = _column(table, name)
    return marks


def _orders(table: Any, roles: list[str]) -> NDArray[Any]:
    orders = np.zeros(table.num_rows, ORDER)
    orders["role"], orders["reason"] = _role_numbers(table, roles), _column(table, "reason_code")
    orders["kind"], orders["tif"] = _codes(table, "type", OrderKind), _codes(table, "tif", TimeInForce)
    orders["status"], orders["cause"] = _codes(table, "status", OrderStatus), _codes(table, "cause", Cause)
    orders["asked"] = _column(table, "quantity")
    for name in ORDER.names or ():
        known = name in table.column_names or name not in NEWER
        if known and name not in ("role", "reason", "kind", "tif", "status", "cause", "asked"):
            orders[name] = _column(table, name)
    return orders


def _column(table: Any, name: str, kind: str = "") -> NDArray[Any]:
    """The numbers of a column, `kind` those behind dates and times. Straight from memory: `to_numpy` imports pandas."""
    chunks = [np.from_dlpack(chunk.view(kind) if kind else chunk) for chunk in table.column(name).chunks]
    return np.concatenate(chunks) if chunks else np.zeros(0)


def _role_numbers(table: Any, roles: list[str]) -> NDArray[np.int64]:
    numbers: dict[str | None, int] = {role: number for number, role in enumerate(roles)}
    return np.array([numbers.get(role, -1) for role in table.column("role").to_pylist()], np.int64)


def _codes(table: Any, name: str, codes: type[IntEnum]) -> NDArray[np.int64]:
    return np.array([codes[word.upper()] for word in table.column(name).to_pylist()], np.int64)
