# SPDX-License-Identifier: Apache-2.0
"""One way to write a resolved configuration down, and the hash that identifies its numbers."""

from __future__ import annotations

import hashlib
import json
from pathlib import PurePath
from typing import Any, Literal

import yaml

from engine.config.yaml_reader import resolve_plain
from engine.model.run import RunConfig
from engine.model.sleeve import Sleeve
from engine.strategy.source.discover import split_spec

NOT_READ = ("paper", "sweep", "walkforward", "stress")
"""Sections that a backtest reads nothing of: the bridge, what research tries, what a stress test asks."""

NOT_IN_HASH = ("name", "description", "results", "keep_state", "mode", *NOT_READ)
"""What changes no number of a result: labels, where it is written, which of two equal modes runs, what is not read."""


def resolved_yaml(config: RunConfig) -> str:
    """The configuration as YAML, keys in the model's order; reading it gives all but NOT_READ.

    A run folder may be shown to others, and `paper` may name an account.
    A dated row and a step take one line each. Of the two ways to name what runs only the one taken is there.
    """
    content = config.model_dump(by_alias=True, exclude={*NOT_READ, *_other_way(config)})
    _put_rules(config, content, "python")
    return yaml.dump(
        content,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=2**31 - 1,
    )


def config_hash(config: RunConfig) -> str:
    """SHA-256, in hex, of what determines a result's numbers, given the data and the strategy's source.

    Left out: NOT_IN_HASH, and the folders of data, series and a strategy's file: where bytes lie is not what they are.
    What they are is the data fingerprint and the source hash of the manifest.
    `engine` is in: a second engine leaves out what it cannot express. Tables count by their rows, not by their name.
    """
    content = config.model_dump(mode="json", by_alias=True, exclude={*NOT_IN_HASH, *_other_way(config)})
    _put_rules(config, content, "json")
    for holder in (content, *content.get("sleeves", {}).values()):
        if "strategy" in holder:
            where, class_name = split_spec(holder["strategy"])
            holder["strategy"] = [PurePath(where).name if where.endswith(".py") else where, class_name]
    content["data"].pop("path", None)
    for source in content["series"].values():
        if isinstance(source, dict) and source["path"] is not None:
            source["path"] = PurePath(source["path"]).name
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _other_way(config: RunConfig) -> tuple[str, ...]:
    """The keys of the way that the configuration does not take: one strategy, or sleeves."""
    return ("strategy", "roles", "params", "rules") if config.sleeves else ("sleeves", "rebalance")


def _put_rules(config: RunConfig, content: dict[str, Any], mode: Literal["python", "json"]) -> None:
    """Rules as they were written, without what they leave to defaults; no key for what has none."""
    sleeves = content.get("sleeves", {})
    runs: list[tuple[RunConfig | Sleeve, Any]] = [(config, content)]
    runs += [(one, sleeves.get(name)) for name, one in config.sleeves.items()]
    for own, holder in runs:
        if holder is not None and holder.pop("rules", None) is not None and own.rules is not None:
            holder["rules"] = own.rules.model_dump(mode=mode, by_alias=True, exclude_unset=True)


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Quotes what YAML 1.1 or our reader would not read as the same text; unfolds what is shared.

    The writer in C where PyYAML has it: the other takes a third of what Python does for a short run.
    """

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    if not text.isprintable():
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"')
    try:
        bare = resolve_plain(text) == text
    except ValueError:
        bare = False
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if bare else "'")


def _mapping(dumper: yaml.SafeDumper, data: dict[str, Any]) -> yaml.MappingNode:
    row = bool({"from", "upto", "rate"} & set(data)) and not any(isinstance(value, list) for value in data.values())
    return dumper.represent_mapping("tag:yaml.org,2002:map", data.items(), flow_style=row or not data)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(dict, _mapping)
