# SPDX-License-Identifier: Apache-2.0
"""What an order without a size is told: the features that have no value on its bar, which a guard can name."""

import pytest

from engine.errors import StrategyError
from engine.runs.backtest import backtest

RULE = """
import numpy as np

from engine.strategy import Roles, Strategy


class Rule(Strategy):
    roles = ROLES

    def features(self, market, p):
        return FEATURES

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        ORDER
"""
LATE = "np.where(np.arange(len(market)) < {}, np.nan, 5.0)"
PAIR = {"top": LATE.format(3), "floor": LATE.format(9), "close": "market.large.close"}
LISTED = "{'gain': {role: " + LATE.format(4) + " for role in market.roles}}"


def written_as(roles, features, order):
    return RULE.replace("ROLES", roles).replace("FEATURES", features).replace("ORDER", order)


def told(written, code, **keys):
    with pytest.raises(StrategyError) as caught:
        backtest(written(code, "mine.py", "mode=interpreted", "period.start=2000-01-03", **keys))
    return str(caught.value)


def table(features):
    return "{" + ", ".join(f"'{name}': {value}" for name, value in features.items()) + "}"


def test_the_features_without_a_value_are_named(written):
    said = told(written, written_as('("large", "small")', table(PAIR), "orders.stop(0, 1.0, f.top)"))
    assert "sent an order on 2000-01-03 whose quantity or price is not a finite number" in said
    assert "no value on this bar, for want of history or of a price: top, floor;" in said
    assert "`f.top != f.top`" in said


def test_a_feature_of_a_list_is_named_as_it_is_read(written):
    code = written_as('Roles("etf", least=2)', LISTED, "orders.stop(1, 1.0, f.at(1).gain)")
    said = told(written, code, roles="{etf: [SPY, IWM]}")
    assert "gain.SPY, gain.IWM; send nothing where `f.at(i).gain != f.at(i).gain`" in said


def test_many_are_counted(written):
    many = {f"x{number}": LATE.format(3) for number in range(9)}
    said = told(written, written_as('("large", "small")', table(many), "orders.stop(0, 1.0, f.x0)"))
    assert "x0, x1, x2, x3, x4, x5 and 3 more;" in said


def test_where_every_feature_has_a_value_it_is_the_arithmetic(written):
    order = "orders.market(0, 1e300 * 1e300 - 1e300 * 1e300)"
    said = told(written, written_as('("large", "small")', table({"close": PAIR["close"]}), order))
    assert "guard divisions" in said
    assert "no value" not in said


def test_the_guard_that_it_names_lets_the_run_go_on(written):
    code = written_as('("large", "small")', table(PAIR), "orders.limit(0, 1.0, 5.0 if f.top != f.top else f.top)")
    assert len(backtest(written(code, "mine.py", "mode=interpreted", "account.orders=4000")).orders)
