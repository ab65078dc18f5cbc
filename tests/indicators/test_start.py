# SPDX-License-Identifier: Apache-2.0
"""What gets imported when: the start of a warm backtest must not pay for pandas."""

import subprocess
import sys
import textwrap

import pytest

HEAVY = "sorted({'pandas', 'polars', 'numba', 'ta', 'talib', 'pyarrow', 'plotly'} & set(sys.modules))"


def _run(source):
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(source)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_indicators_imports_no_library():
    assert _run(f"import sys, engine.indicators; print({HEAVY})") == "[]"


def test_talib_functions_come_without_pandas():
    source = f"""
        import sys
        from engine.indicators import rsi, rolling_std, names, find
        print(round(rolling_std(range(9), 3)[-1], 12), rsi([1.0, 2.0, 1.5, 3.0, 2.5], n=2)[-1] > 0)
        [find(name) for name in names()]
        print({HEAVY})
    """
    assert _run(source).splitlines() == ["1.0 True", "[]"]


def test_talib_imported_later_takes_pandas_series():
    source = """
        from engine.indicators import sma
        ours = sma([1.0, 2.0, 3.0, 4.0], 2)
        import pandas, talib, talib.abstract
        theirs = talib.SMA(pandas.Series([1.0, 2.0, 3.0, 4.0]), 2)
        print(type(theirs).__name__, list(theirs[1:]) == list(ours[1:]), talib.abstract.SMA.lookback)
    """
    assert _run(source) == "Series True 29"


@pytest.mark.parametrize("first", ["pandas", "talib", "talib, pandas"])
def test_libraries_imported_before_are_used_as_they_are(first):
    source = f"""
        import {first}
        from engine.indicators import sma
        print(sma([1.0, 2.0, 3.0, 4.0], 2)[1:])
        import talib, talib.abstract, pandas
        print(talib.abstract.SMA(pandas.DataFrame({{"close": [1.0, 2.0, 3.0]}}), timeperiod=2)[1:].tolist())
    """
    assert _run(source).splitlines() == ["[1.5 2.5 3.5]", "[1.5, 2.5]"]


def test_what_the_first_caller_holds_is_let_go():
    """The extension keeps the error of a library that is not there, and the error would keep every caller's frame."""
    source = """
        import gc, weakref
        import numpy as np
        from engine.indicators.libraries.talib_native import native

        def first_run():
            held = np.ones(10)
            native().SMA(held, 2)
            return weakref.ref(held)

        held = first_run()
        gc.collect()  # since Python 3.14 the import itself leaves a cycle
        print(held())
    """
    assert _run(source) == "None"


def test_pandas_is_absent_for_the_loading_thread_alone():
    source = """
        import sys, threading
        from engine.indicators.libraries.talib_native import _AbsentHere
        sys.meta_path.insert(0, _AbsentHere(threading.get_ident()))
        def load():
            import pandas
            print("loaded", pandas.__name__)
        try:
            import pandas
        except ModuleNotFoundError as error:
            print("absent", error.name)
        other = threading.Thread(target=load)
        other.start()
        other.join()
    """
    assert _run(source).splitlines() == ["absent pandas", "loaded pandas"]


def test_without_talib_there_is_a_sentence():
    source = """
        import sys
        sys.modules["talib"] = None
        {first}
        from engine.errors import RunError
        from engine.indicators import rolling_std
        try:
            rolling_std([1.0, 2.0], 2)
        except RunError as error:
            print(error)
    """
    for first in ("", "import pandas"):
        assert "TA-Lib is not installed" in _run(source.format(first=first))
