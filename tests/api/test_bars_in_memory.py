# SPDX-License-Identifier: Apache-2.0
"""`engine.backtest(data=...)`: a run on DataFrames is the run on the files that they would be written to."""

import pandas as pd
import pytest

import engine
from engine.errors import ConfigError, DataError, InputError
from engine.market.sample import sample_frame
from tests.api.conftest import CONFIG

SYMBOLS = ("SPY", "IWM")
ONE = '''
class Dips(Strategy):
    """Long after a close below the average of twenty."""

    roles = ("fund",)

    class Params:
        window: int = lookback(20, low=2, doc="look-back")

    def features(self, market, p):
        return {"z": zscore(market.fund.close, p.window)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        orders.target(0, 0.9 if f.z < 0.0 else 0.0)
'''


@pytest.fixture(scope="module")
def frames():
    return {symbol: sample_frame(symbol, 7) for symbol in SYMBOLS}


@pytest.fixture(scope="module")
def folder(frames, tmp_path_factory):
    place = tmp_path_factory.mktemp("bars")
    for symbol, frame in frames.items():
        frame.to_csv(place / f"{symbol}.csv")
    return place


@pytest.fixture(scope="module")
def held(frames):
    return engine.backtest(CONFIG, data=frames)


def test_a_run_is_that_of_the_files_to_the_last_bit(held, folder):
    filed = engine.backtest(CONFIG, data={"source": "csv", "path": str(folder)})
    assert held.record.market.fingerprint == filed.record.market.fingerprint
    assert held.record.ledger.tobytes() == filed.record.ledger.tobytes()
    assert held.equity.equals(filed.equity)
    assert len(held.fills) > 10
    assert held.notices == filed.notices


@pytest.mark.usefixtures("held")
def test_the_frames_stay_as_they_are(frames):
    for symbol, frame in frames.items():
        pd.testing.assert_frame_equal(frame, sample_frame(symbol, 7), check_exact=True)


def test_the_run_says_where_its_bars_were_and_is_read_back(held, tmp_path):
    saved = held.save(tmp_path / "run")
    again = engine.read_run(saved)
    assert again.config == held.config
    assert again.equity.equals(held.equity)
    assert held.config.data.source == "memory"
    assert held.record.market.label == "bars from memory"
    with pytest.raises(DataError, match="bars from memory are given in Python") as caught:
        engine.backtest(saved / "config.yaml")
    assert caught.value.problems[0].line > 0


def test_the_run_is_judged_against_markets_made_of_the_same_frames(held, frames, folder, tmp_path):
    """A run folder keeps no frames: with those of the run null markets are those of the run on files."""
    saved = held.save(tmp_path / "run")
    with pytest.raises(DataError, match=r"engine\.significance"):
        engine.significance(saved, null_markets=3)
    mine = engine.significance(saved, null_markets=3, data=frames)
    filed = engine.backtest(CONFIG, data={"source": "csv", "path": str(folder)}).save(tmp_path / "filed")
    pd.testing.assert_frame_equal(mine.chance, engine.significance(filed, null_markets=3).chance)
    busier = {symbol: frame.assign(volume=frame["volume"] * 2) for symbol, frame in frames.items()}
    with pytest.raises(InputError, match="the bars"):
        engine.significance(saved, null_markets=3, data=busier)


def test_tables_may_stand_in_the_mapping_itself(held, frames):
    assert engine.backtest(CONFIG | {"data": frames}).equity.equals(held.equity)


def test_one_frame_is_the_one_symbol_of_the_run(monkeypatch, frames):
    from tests.api.cells import RULES, lean

    lean(monkeypatch, RULES + ONE)
    import __main__

    run = {"strategy": __main__.Dips, "roles": {"fund": "SPY"}, "period": CONFIG["period"]}
    one = engine.backtest(data=frames["SPY"], **run)
    assert one.equity.equals(engine.backtest(data=frames, **run).equity)
    assert len(one.fills) > 10


def test_how_a_file_is_read_goes_for_the_frames_that_take_its_place(held, frames, tmp_path):
    file = tmp_path / "run.yaml"
    file.write_text(
        "name: a\nstrategy: spread_trade\nroles: {large: SPY, small: IWM}\n"
        "data: {source: csv, path: nowhere, columns: {close: last}}\n"
        "params: {z_window: 60, enter: 0.5, unwind_shock: -1.0, unwind_flat: -2.0}\n"
        "period: {start: 2016-01-04, end: 2019-12-31}\n"
    )
    renamed = {symbol: frame.rename(columns={"close": "last"}) for symbol, frame in frames.items()}
    assert engine.backtest(file, data=renamed).equity.equals(held.equity)
    with pytest.raises(DataError, match=r"missing column last; data\.columns can name another"):
        engine.backtest(file, data=frames)
    again = engine.backtest(CONFIG, ["data.columns={close: last}", "data.stamp=close"], data=renamed)
    assert (again.config.data.stamp, again.config.data.columns) == ("close", {"close": "last"})


def test_a_series_takes_its_table_in_place_of_its_file(frames):
    vix = sample_frame("VIX", 7)
    config = {
        "name": "hedge", "strategy": "vix_hedge:VixHedge", "roles": {"small": "IWM", "large": "SPY"},
        "series": {"vix": {"symbol": "VIX", "path": "index/VIX.csv"}}, "period": CONFIG["period"],
    }  # fmt: skip
    bars = dict(frames)
    held = engine.backtest(config, data=bars | {"VIX": vix})
    assert held.config.series["vix"].path is None
    closes = engine.backtest(config, data=bars | {"VIX": vix["close"]})
    assert held.record.market.fingerprint == closes.record.market.fingerprint
    day = held.equity.index[100]
    assert held.record.market.vix[100] == vix["close"][day]
    with pytest.raises(ConfigError, match="no such file") as caught:
        engine.backtest(config, data=bars)
    assert caught.value.problems[0].path == "series.vix.path"


@pytest.mark.parametrize(
    ("data", "path", "found", "nearest"),
    [
        (lambda frames: frames["SPY"], "data", "the run trades SPY, IWM", ""),
        (lambda frames: {"SPY": frames["SPY"], "IWN": frames["IWM"]}, "data", "IWM", "IWN"),
        (lambda frames: {"SPY": frames["SPY"], "IWM": None}, "data", "'IWM': NoneType", ""),
    ],
)
def test_what_is_wrong_with_the_tables_is_told(frames, data, path, found, nearest):
    with pytest.raises(ConfigError) as caught:
        engine.backtest(CONFIG, data=data(frames))
    (problem,) = caught.value.problems
    assert (problem.path, problem.found, problem.nearest) == (path, found, nearest)


def test_a_setting_names_no_other_source_beside_tables(frames):
    with pytest.raises(ConfigError, match="the bars are given in memory; found sample"):
        engine.backtest(CONFIG, ["data.source=sample"], data=frames)


def test_a_portfolio_reads_its_symbols_from_memory():
    asked = engine.load_config("configs/portfolio_sample.yaml", ["period.start=2019-01-02", "period.end=2019-12-31"])
    symbols = {symbol for sleeve in asked.config.sleeves.values() for symbol in sleeve.roles.values()}
    symbols |= {one if isinstance(one, str) else one.symbol for one in asked.config.series.values()}
    frames = {symbol: sample_frame(symbol, 7) for symbol in symbols}
    period = {"start": "2019-01-02", "end": "2019-12-31"}
    held = engine.backtest("configs/portfolio_sample.yaml", ["data.prices=raw"], data=frames, period=period)
    assert held.equity.equals(engine.backtest("configs/portfolio_sample.yaml", period=period).equity)
