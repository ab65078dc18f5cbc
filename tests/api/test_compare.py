# SPDX-License-Identifier: Apache-2.0
"""A comparison in hand: the document that the command prints, in DataFrames."""

import numpy as np
import pytest

import engine
from engine.errors import InputError


@pytest.fixture(scope="module")
def found():
    return engine.compare("IWM", "VIX")


def test_tables_are_rows_of_the_document(found):
    told = found.document()
    assert list(found.standing.columns) == ["IWM", "VIX"]
    assert found.standing.loc["moves_21", "VIX"] == told["standing"]["VIX"]["moves"]["21"]
    assert found.standing.loc["window_highest_session", "IWM"] == told["statistics"]["IWM"]["highest"]["session"]
    assert found.bands["days"].tolist() == [one["days"] for one in told["correlation"]["bands"]]
    kinds = [*told["correlation"]["bands"], *told["episodes"]]
    expected = [each["mean"] for one in kinds for each in one["afterwards"]]
    assert len(found.episodes) == sum(len(one["found"]) for one in told["episodes"]) > 10
    assert found.lead_lag["value"].tolist() == [
        lag["value"] for one in told["lead_lag"]["regimes"] for lag in one["lags"]
    ]
    np.testing.assert_array_equal(found.afterwards["mean"].to_numpy(float), np.array(expected, float))


def test_the_rolling_correlation_stands_on_sessions(found):
    assert len(found.rolling) == found.document()["sessions"]["count"]
    assert found.rolling["correlation"].isna().sum() == 90
    assert found.rolling["correlation"].iloc[-1] == found.document()["correlation"]["now"]
    assert str(found.rolling.index[-1].date()) == found.document()["sessions"]["last"]


def test_it_says_what_it_is(found):
    assert repr(found).startswith("<CompareResult IWM and VIX: 2000-01-03 to 2024-12-31, correlation ")
    assert repr(found).endswith("synthetic prices>")
    assert found.notices[0].startswith("Synthetic prices")
    assert "Synthetic prices, never traded" in found._repr_html_()


def test_the_page_is_written(found, tmp_path):
    assert "<html" in found.report(tmp_path / "pair.html").read_text(encoding="utf-8")
    with pytest.raises(InputError, match="no file"):
        found.report(tmp_path)


@pytest.mark.parametrize("data", [[1, 2], {"IWM": 3}, 7])
def test_what_is_no_data_is_told(data):
    with pytest.raises(InputError, match="a folder, or DataFrames by symbol"):
        engine.compare("IWM", "VIX", data=data)


def test_bands_are_two_numbers():
    with pytest.raises(InputError, match="no edges of bands"):
        engine.compare("IWM", "SPY", bands=[0.1, 0.2, 0.3])
