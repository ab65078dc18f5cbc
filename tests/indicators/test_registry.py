# SPDX-License-Identifier: Apache-2.0
"""Every indicator is found by name, nothing that the libraries have escapes, and mistakes get a plain sentence."""

import importlib
import inspect

import numpy as np
import pytest

import engine.indicators as ta_
from engine.errors import StrategyError
from engine.indicators import by_name, find, names, rolling_mean
from engine.indicators.libraries.ta_catalogue import CLASSES, FENCED, REFUSED
from engine.indicators.libraries.ta_functions import ta_spellings
from engine.indicators.libraries.talib_functions import PREFIX
from engine.indicators.libraries.talib_names import EXCLUDED, GROUPS, NAMED, OUTPUTS
from engine.indicators.own import OWN

MODULES = ("momentum", "trend", "volatility", "volume", "others")


def _ta_outputs():
    """module -> class -> (constructor arguments, public methods), as the installed ta has them."""
    mixin = importlib.import_module("ta.utils").IndicatorMixin
    found = {}
    for module in MODULES:
        library = importlib.import_module(f"ta.{module}")
        for name, owner in inspect.getmembers(library, inspect.isclass):
            if issubclass(owner, mixin) and owner.__module__ == library.__name__:
                methods = {method for method in vars(owner) if not method.startswith("_")}
                found[module, name] = (set(inspect.signature(owner).parameters), methods)
    return found


def test_every_class_of_ta_is_in_the_catalogue_or_refused():
    refused = {tuple(name.split(".")) for name in REFUSED}
    for (module, name), (_, methods) in _ta_outputs().items():
        exposed = {
            output for entry in CLASSES if (entry.module, entry.name) == (module, name) for output in entry.outputs
        }
        assert methods == exposed | {method for owner, method in refused if owner == module and method in methods}


def test_every_argument_of_ta_is_a_parameter_a_series_or_fenced():
    installed = _ta_outputs()
    for entry in CLASSES:
        arguments, _ = installed[entry.module, entry.name]
        ours = {*entry.inputs, *(parameter.name for parameter in entry.parameters)}
        assert arguments - set(FENCED) == ours


def test_defaults_are_those_of_ta():
    changed = {"smoothing_factor"}  # None, no smoothing, is one bar here
    for entry in CLASSES:
        owner = getattr(importlib.import_module(f"ta.{entry.module}"), entry.name)
        signature = inspect.signature(owner)
        for parameter in entry.parameters:
            given = signature.parameters[parameter.name].default
            if parameter.name not in changed:
                assert parameter.default == (None if given is inspect.Parameter.empty else given)


def test_every_function_of_ta_is_a_spelling():
    for module in MODULES:
        library = importlib.import_module(f"ta.{module}")
        for name, function in inspect.getmembers(library, inspect.isfunction):
            if function.__module__ == library.__name__:
                full = f"ta.{module}.{name}"
                known = full in ta_spellings() or full in names() or full.removeprefix("ta.") in REFUSED
                assert known, full


def test_every_function_of_talib_is_verified_or_excluded():
    talib = importlib.import_module("talib")
    listed = {function for group in GROUPS.values() for function in group.split()}
    assert listed | set(EXCLUDED) == set(talib.get_functions())
    assert not listed & set(EXCLUDED)


def test_outputs_of_talib_are_those_of_the_library():
    abstract = importlib.import_module("talib.abstract")
    for group in GROUPS.values():
        for function in group.split():
            outputs = abstract.Function(function).info["output_names"]
            assert len(outputs) == 1 or outputs == OUTPUTS[function].split()


@pytest.mark.parametrize("output", sorted(NAMED))
def test_bounds_of_talib_are_those_of_the_library(output):
    """The library takes the bounds and refuses what lies beyond them."""
    native = importlib.import_module("talib")
    indicator = find(PREFIX + output)
    call, bars = getattr(native, NAMED[output][0]), [np.ones(1)] * len(indicator.inputs)
    for spec in indicator.parameters:
        if spec.kind is str or spec.name in ("minperiod", "maxperiod"):  # these two bound each other
            continue
        step = 1 if spec.kind is int else 1e-6
        for bound, beyond in ((spec.low, -step), (spec.high, step)):
            if bound is None:
                continue
            call(*bars, **{spec.name: bound})
            if abs(bound) < 1e37:
                with pytest.raises(Exception, match="TA_BAD_PARAM"):
                    call(*bars, **{spec.name: bound + beyond})


def test_names_are_unique_and_found():
    assert len(names()) == len(set(names())) == len(OWN) + len(NAMED) + sum(len(entry.outputs) for entry in CLASSES)
    assert [find(name).name for name in names()] == list(names())
    assert all(find(name).summary and find(name).source and find(name).inputs for name in names())


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("zscore", "zscore"),
        ("atr", "atr"),
        ("talib.atr", "talib.atr"),
        ("rsi", "talib.rsi"),
        ("macdsignal", "talib.macdsignal"),
        ("bbands_upperband", "talib.bbands_upperband"),
        ("haclose", "talib.haclose"),
        ("ta.rsi", "ta.momentum.rsi"),
        ("ta.momentum.RSIIndicator", "ta.momentum.rsi"),
        ("ta.volatility.AverageTrueRange", "ta.volatility.average_true_range"),
        ("ta.AverageTrueRange", "ta.volatility.average_true_range"),
        ("ta.trend.MACD.macd_signal", "ta.trend.macd_signal"),
        ("ta.trend.wma_indicator", "ta.trend.wma"),
        ("ta.wma_indicator", "ta.trend.wma"),
    ],
)
def test_spellings(spelling, name):
    assert find(spelling).name == name


def test_n_is_the_window_whatever_the_library_calls_it():
    close = np.linspace(1, 2, 60) ** 2
    for name, window in (("rsi", "timeperiod"), ("ta.rsi", "window"), ("ta.williams_r", "lbp"), ("zscore", "n")):
        assert by_name(name, n=20).params == by_name(name, **{window: 20}).params
    np.testing.assert_array_equal(by_name("rsi", n=20)(close), ta_.rsi(close, timeperiod=20))


def test_chosen_knows_its_warm_up_and_takes_a_role(market_of):
    market = market_of(100)
    chosen = by_name("atr", n=10)
    assert (chosen.inputs, chosen.warm_up, str(chosen)) == (("high", "low", "close"), 10, "atr(n=10, method=wilder)")
    small = market.small
    np.testing.assert_array_equal(chosen.of(small), ta_.atr(small.high, small.low, small.close, 10))
    np.testing.assert_array_equal(by_name("rolling_mean", n=3).of(small), rolling_mean(small.close, 3))


def test_series_and_parameters_go_by_position_or_by_name():
    high, low, close = np.random.default_rng(1).random((3, 50)) + np.array([[2], [0], [1]])
    expected = ta_.atr(high, low, close, 5, "simple")
    np.testing.assert_array_equal(ta_.atr(high, low, n=5, close=close, method="simple"), expected)
    np.testing.assert_array_equal(ta_.willr(high, low, close, 5), ta_.willr(low=low, high=high, close=close, n=5))


def test_every_function_of_talib_can_be_imported():
    assert set(NAMED) & set(OWN) == {"atr"}
    for name in set(NAMED) - set(OWN):
        assert getattr(ta_, name) is find(PREFIX + name)
    with pytest.raises(AttributeError, match=r"engine\.indicators has no 'rsii'"):
        _ = ta_.rsii
    with pytest.raises(ImportError, match="rsii"):
        from engine.indicators import rsii  # noqa: F401


@pytest.mark.parametrize(
    ("name", "params", "message"),
    [
        ("zscor", {}, "no such indicator; found 'zscor'; did you mean 'zscore'?"),
        ("RSI", {}, "no such indicator; found 'RSI'; did you mean 'rsi'?"),
        ("ta.rsj", {}, "no such indicator; found 'ta.rsj'; did you mean 'ta.rsi'?"),
        ("qqqqqqqqq", {}, "no such indicator; found 'qqqqqqqqq'"),
        ("ta.kst", {}, "ta.kst: refused, it looks ahead: what is missing before the first bar is filled with the mean"),
        ("ta.trend.kst_sig", {}, "ta.trend.kst_sig: refused, it looks ahead"),
        ("ta.momentum.kama", {}, "use kama of TA-Lib"),
        ("maxindex", {}, "maxindex: left out: counts rows from the start of the data"),
        ("bbands", {}, "bbands: name one of its outputs; allowed: bbands_upperband, bbands_middleband"),
        ("ta.trend.MACD", {}, "name one of its outputs; allowed: ta.trend.MACD.macd, ta.trend.MACD.macd_signal"),
        ("rsi", {"period": 5}, "talib.rsi.period: no such parameter; allowed: timeperiod; did you mean 'timeperiod'?"),
        ("rsi", {"n": 1}, "talib.rsi.timeperiod: not allowed; found 1; allowed: a whole number from 2 to 100000"),
        ("rsi", {"n": 2.5}, "found 2.5"),
        ("rsi", {"n": True}, "found True"),
        ("rsi", {"n": "14"}, "found '14'"),
        ("rsi", {"n": float("nan")}, "found nan"),
        ("obv", {"n": 5}, "talib.obv.n: no such parameter; allowed: none: it has no parameters"),
        ("atr", {"method": "wildr"}, "found 'wildr'; allowed: wilder, simple; did you mean 'wilder'?"),
        ("ma", {"matype": 1}, "ma.matype: not allowed; found 1; allowed: sma, ema, wma"),
        ("zscore", {}, "zscore.n: must be given; allowed: a whole number from 2 to 100000"),
        ("ewma_vol", {"decay": 1.0}, "ewma_vol.decay: not allowed; found 1.0; allowed: a number from 0.001 to 0.9999"),
        ("lead_lag_corr", {"n": 5, "lag": -1}, "lead_lag_corr.lag: not allowed; found -1"),
        ("ta.rsi", {"fillna": True}, "ta.momentum.rsi.fillna: refused: it invents values where there are none"),
        ("ta.ichimoku_a", {"visual": True}, "refused: it fills the first rows with the mean of the whole series"),
        ("ta.dpo", {"window": 2}, "ta.trend.dpo.window: not allowed; found 2; allowed: a whole number from 3"),
        ("ta.donchian_channel_hband", {"offset": -1}, "offset: not allowed; found -1"),
        ("ta.keltner_channel_hband", {"original_version": 1}, "found 1; allowed: true or false"),
    ],
)
def test_mistakes_are_named(name, params, message):
    with pytest.raises(StrategyError) as raised:
        by_name(name, **params)
    assert message in str(raised.value)


def test_all_mistakes_at_once():
    with pytest.raises(StrategyError) as raised:
        by_name("lead_lag_corr", n=1, lag=-1, lagg=2)
    assert len(raised.value.problems) == 3


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: rolling_mean(np.ones(3)), "rolling_mean.n: must be given"),
        (lambda: rolling_mean(n=3), "rolling_mean: the series x is missing; allowed: x, n"),
        (lambda: rolling_mean(np.ones(3), 2, 3), "rolling_mean: too many arguments; allowed: x, n"),
        (lambda: rolling_mean(np.ones(3), 2, n=3), "rolling_mean: n is given twice"),
        (lambda: by_name("atr")(np.ones(3)), "atr: takes its series only; found 1; allowed: high, low, close"),
        (lambda: by_name("correl").of(object()), "talib.correl: y is no column of a bar"),
    ],
)
def test_calls_are_checked(call, message):
    with pytest.raises(StrategyError) as raised:
        call()
    assert message in str(raised.value)
