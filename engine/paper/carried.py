# SPDX-License-Identifier: Apache-2.0
"""Which configurations the bridge carries, and what names one: the others are refused in a sentence."""

from __future__ import annotations

from engine.config.canonical import config_hash
from engine.config.loader import LoadedConfig
from engine.errors import ConfigError, Problem
from engine.inputs.prepared import Prepared
from engine.strategy.foreign import foreign_class
from engine.strategy.source.identity import decided_hash, source_hash


def check_carried(ready: LoadedConfig) -> None:
    """Refuse what no order at a broker can do. Raises ConfigError."""
    config = ready.config
    slots = [name for one in ready.strategies.values() for name in one.options]
    foreign = [one.__name__ for one in ready.strategies.values() if foreign_class(one) is not None]
    for refused, path, message, found, allowed in (
        (
            config.fills.at == "this_close", "fills.at", "an order that is sent after a close cannot fill at it",
            "this_close", "next_open, or next_close",
        ),
        (
            not config.fills.whole_shares, "fills.whole_shares", "the broker takes whole shares over its interface",
            "false", "true",
        ),
        (
            bool(slots), "strategy", "option contracts are not sent to a broker", ", ".join(slots),
            "a strategy without option slots",
        ),
        (
            config.data.source != "sample" and config.data.prices == "total_return", "data.prices",
            "prices with the dividends in them are no prices to trade at", "total_return", "raw, or split_adjusted",
        ),
        (
            bool(foreign), "strategy", "a strategy that is written for backtrader keeps its decisions to itself",
            ", ".join(foreign), "a subclass of engine.Strategy",
        ),
    ):  # fmt: skip
        if refused:
            raise ConfigError(ready.located(Problem(message, path=path, found=found, allowed=allowed)))


def check_bars(prepared: Prepared) -> None:
    """Refuse orders at the close of a bar that is no session's. Raises ConfigError."""
    if prepared.config.fills.at == "next_close" and prepared.market.frequency != "1d":
        raise ConfigError(
            Problem(
                "only a session has a closing auction: the close of an intraday bar cannot be ordered",
                path="fills.at",
                found=f"next_close on bars of {prepared.market.frequency}",
                allowed="next_open, or daily bars",
            )
        )


def identity_of(ready: LoadedConfig) -> str:
    """What a memory belongs to: the numbers of the configuration, and of its strategies' source what decides."""
    return f"{config_hash(ready.config)[:16]}-decides-{decided_hash(*ready.strategies.values())[:16]}"


def former_identity_of(ready: LoadedConfig) -> str:
    """The same in the words of older journals: by every byte of the source, comments too."""
    return f"{config_hash(ready.config)[:16]}-{source_hash(*ready.strategies.values())[:16]}"
