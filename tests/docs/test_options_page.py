# SPDX-License-Identifier: Apache-2.0
"""docs/options.md: its strategy runs and is the tested one, its figures hold, its words are the engine's."""

import re

import pytest
import yaml

from engine.analytics.analysis import analyse
from engine.kernel.codes import Cause
from engine.model.run import Options
from engine.runs.backtest import backtest
from engine.strategy.language.vocabulary import CONTRACT
from tests.docs.conftest import page

TEXT = page("options.md")


@pytest.fixture(scope="module")
def printed(tmp_path_factory):
    """The printed strategy, run on the sample market."""
    file = tmp_path_factory.mktemp("page") / "protective_put.py"
    file.write_text(re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)[1], encoding="utf-8")
    return backtest(
        {
            "name": "page",
            "strategy": str(file),
            "roles": {"small": "IWM"},
            "series": {"rvx": "RVX"},
            "period": {"start": "2010-06-01", "end": "2010-12-30"},
        }
    )


def test_the_episode_is_the_printed_strategys(printed):
    trips = analyse(printed).trips
    best = trips[trips["role"] == 1]
    best = best[best["net_pnl"].argmax()]
    told = re.search(
        r"from ([\d.]+) to ([\d.]+), open to open.*?for ([\d.]+) a share.*?for ([\d.]+) on", TEXT, re.DOTALL
    )
    opens = printed.market.bars["small"]["open"][[best["open_row"], best["close_row"]]]
    assert [float(number) for number in told.groups()] == [
        *opens, round(best["entry_price"], 2), round(best["exit_price"], 2),
    ]  # fmt: skip
    assert f"{best['net_pnl']:,.0f} after commissions" in TEXT


def test_fields_and_causes_are_the_engines():
    row = re.search(r"\| `account.<slot>` \| (.*) \|", TEXT)[1]
    assert set(re.findall(r"`(\w+)`", row)) == set(CONTRACT)
    causes = re.findall(r"`(\w+)`", "".join(re.findall(r"\n\| (`\w+`(?:, `\w+`)*) \|", TEXT)))
    known = {cause.name.lower() for cause in Cause}
    assert {"slot_taken", "contract_expired", "no_volatility", "initial_margin"} <= set(causes) <= known


def test_the_yaml_is_that_of_the_model():
    given = yaml.safe_load(re.search(r"```yaml\n(.*?)```", TEXT, re.DOTALL)[1])["options"]
    assert Options.model_validate(given) == Options()
