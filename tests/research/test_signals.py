# SPDX-License-Identifier: Apache-2.0
"""Signals of a past day are what the backtest decided that day."""

import datetime as dt
import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest

from engine.backends import native
from engine.backends.backtest import load_bars, loaded
from engine.backends.prepared import prepare
from engine.errors import DataError
from engine.report.signals_view import document
from engine.report.terminal import to_json
from engine.research.signals import read_decision, signals

CONFIG = Path("configs/spread_sample.yaml")
DECIDED = ("id", "role", "kind", "reason", "born")
"""What an order is from its decision on; prices and sizes of resting orders may move later."""


@pytest.mark.parametrize(("config", "given"), [
    (CONFIG, ["params.leg_stop=6"]), (Path("configs/double_agent_sample.yaml"), []),
])  # fmt: skip
def test_250_past_days_agree_with_the_backtest(config: Path, given: list[str]):
    ready = loaded(config, [*given, "mode=compiled"])
    market, start, stop = load_bars(ready)
    whole = native.run(prepare(ready.config, ready.strategy, market, start, stop), "compiled")
    decisions = np.unique(whole.orders["born"])
    others = np.linspace(300, len(market) - 1, 250 - min(120, len(decisions)), dtype=int)
    rows = np.unique(np.concatenate([decisions[:: max(1, len(decisions) // 120)], others]))[:250]
    assert len(rows) >= 240
    for row in rows.tolist():
        cut = prepare(ready.config, ready.strategy, market.head(row + 1), start)
        decision = read_decision(native.run(cut, "compiled"), ready.strategy)
        sent = whole.orders[whole.orders["born"] == row]
        for name in DECIDED:
            assert decision.sent[name].tolist() == sent[name].tolist()
        plain = np.isin(sent["kind"], (1, 7))
        assert decision.sent["asked"][plain].tolist() == sent["asked"][plain].tolist()


def test_targets_are_what_is_held_after_the_next_open():
    ready = loaded(CONFIG)
    market, start, stop = load_bars(ready)
    whole = native.run(prepare(ready.config, ready.strategy, market, start, stop), "interpreted")
    row = int(whole.orders["born"][10])
    decision = signals(CONFIG, market.sessions[row].item())
    later = signals(CONFIG, market.sessions[row + 1].item())
    assert decision.targets == later.held != decision.held


def test_the_document_follows_its_schema():
    schema = json.loads(Path("docs/schemas/signals.json").read_text())
    jsonschema.validate(json.loads(to_json(document(signals(CONFIG), 3))), schema)


def test_a_day_before_the_first_bar_is_refused():
    with pytest.raises(DataError, match="no decision that early"):
        signals(CONFIG, dt.date(1990, 1, 1))
