# SPDX-License-Identifier: Apache-2.0
import pandas as pd
import pytest

from engine.errors import InputError, RunError
from engine.market.calendar import exchange
from engine.market.export import build_sample, download, write_csv
from engine.market.sample import sample_frame, sample_symbols
from engine.market.sources.layout import Layout
from engine.market.sources.reading import read_bars
from engine.market.sources.table import Table


def test_the_sample_market_survives_a_trip_through_csv(tmp_path):
    written = list(build_sample(3, tmp_path / "new" / "folder"))
    assert [one.symbol for one in written] == list(sample_symbols())
    for symbol in ("SPY", "SRTY"):
        file = tmp_path / "new" / "folder" / f"{symbol}.csv"
        read = read_bars(file, symbol, file.name, Layout(), exchange()).frame
        pd.testing.assert_frame_equal(
            read, sample_frame(symbol, 3), check_names=False, check_freq=False, check_exact=True
        )


def test_a_disk_that_refuses_leaves_no_half_file(tmp_path, make_bars, monkeypatch):
    def full(_, path, **__):
        path.write_text("half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    (tmp_path / "AAA.csv").write_text("the old one")
    with pytest.raises(RunError, match=r"AAA.csv cannot be written: No space left on device"):
        write_csv(Table("AAA", make_bars()), tmp_path / "AAA.csv")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("AAA.csv", "the old one")]


def test_only_online_sources_download(tmp_path):
    with pytest.raises(InputError, match=r"--source: no such online source; found yaho; .*did you mean 'yahoo'"):
        download(["SPY"], "yaho", tmp_path)
