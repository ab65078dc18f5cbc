# SPDX-License-Identifier: Apache-2.0
"""JSON schema of a configuration file, so that editors complete keys, show what they mean and mark mistakes."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

from engine.model.parameter import Parameter
from engine.model.run import RunConfig
from engine.strategy.base import Strategy
from engine.strategy.params import declared_params
from engine.strategy.roles import Roles

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def config_schema(strategy: type[Strategy] | None = None) -> dict[str, Any]:
    """The schema of a YAML file as plain data; with a strategy, its roles, series and parameters are part of it.

    What only the loader can know (a table that does not exist, dated rows out of order) the schema does not refuse.
    """
    schema = RunConfig.model_json_schema(by_alias=True)
    _complete(schema)
    schema = {"$schema": DIALECT, **schema, "title": "Tandem configuration"}
    schema["oneOf"] = [{"required": ["strategy", "roles"]}, {"required": ["sleeves"]}]
    if strategy is not None:
        _bind(schema["properties"], strategy)
    return schema


def _complete(part: Any) -> None:
    """Units go where editors show them, and a name that fits no pattern is refused as the loader refuses it."""
    if isinstance(part, dict):
        unit = part.get("x-unit")
        if isinstance(unit, str) and isinstance(part.get("description"), str):
            part["description"] = f"{part['description']} Unit: {unit}."
        if isinstance(part.get("patternProperties"), dict):
            part["additionalProperties"] = False
        for inner in part.values():
            _complete(inner)
    elif isinstance(part, list):
        for inner in part:
            _complete(inner)


def _bind(properties: dict[str, Any], strategy: type[Strategy]) -> None:
    properties["params"] = {
        "type": "object",
        "description": f"Parameters of {strategy.__name__}; what is left out keeps its default.",
        "additionalProperties": False,
        "properties": {name: _param(spec) for name, spec in declared_params(strategy.Params).items()},
    }
    (bound,) = properties["roles"].pop("patternProperties").values()
    symbol, symbols = bound["anyOf"]
    each = dict.fromkeys(strategy.roles, symbol)
    if isinstance(strategy.roles, Roles):
        each[strategy.roles[-1]] = {**symbols, "minItems": strategy.roles.least, "uniqueItems": True}
    properties["roles"] |= {"properties": each, "required": list(strategy.roles)}
    if strategy.series:
        properties["series"]["required"] = list(strategy.series)


def _param(spec: Parameter) -> dict[str, Any]:
    kinds = {float: "number", int: "integer", bool: "boolean"}
    schema: dict[str, Any] = {"enum": list(spec.choices)} if spec.choices else {"type": kinds[spec.kind]}
    unit = f" Unit: {spec.unit}." if spec.unit else ""
    text = f"{spec.doc[:1].upper()}{spec.doc[1:].rstrip('.')}.{unit}" if spec.doc else unit.strip()
    schema |= {"description": text} if text else {}
    schema |= {"minimum": spec.low} if spec.low is not None else {}
    schema |= {"maximum": spec.high} if spec.high is not None else {}
    schema |= {"x-unit": spec.unit} if spec.unit else {}
    default = spec.default
    return {**schema, "default": default.name.lower() if isinstance(default, IntEnum) else default}
