# SPDX-License-Identifier: Apache-2.0
"""The name of a folder that holds the result of many runs: it changes with whatever changes a figure in it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from engine.config.canonical import config_hash
from engine.config.loader import LoadedConfig
from engine.distribution import VERSION
from engine.market.panel import Market
from engine.strategy.source.identity import source_hash


def folder_name(kind: str, ready: LoadedConfig, market: Market, **asked: Any) -> str:
    """KIND-FIRST-LAST-HASH: the first and last session of `market`, and ten digits.

    ready  the configuration without the values that are tried
    asked  what else decides the figures: what is tried, how many, in what order
    """
    identity = {
        "config": config_hash(ready.config),
        "source": source_hash(*ready.strategies.values()),
        "data": market.fingerprint,
        "version": VERSION,
        **asked,
    }
    digits = hashlib.sha256(json.dumps(identity, sort_keys=True, default=str).encode()).hexdigest()[:10]
    days = "-".join(str(day).replace("-", "") for day in (market.sessions[0], market.sessions[-1]))
    return f"{kind}-{days}-{digits}"
