# SPDX-License-Identifier: Apache-2.0
"""Strategies and configurations in files, for the engines to run."""

import textwrap

import pytest

from engine.config.loader import load_config


@pytest.fixture
def written(tmp_path):
    """Write a strategy file and a YAML beside it; returns a function that loads the configuration."""

    def write(code, spec="mine.py", *overrides, **keys):
        (tmp_path / "mine.py").write_text(textwrap.dedent(code), encoding="utf-8")
        lines = [f"name: mine\nstrategy: {spec}"]
        period = "{start: 2003-01-02, end: 2005-12-30}"
        keys = {"roles": "{large: SPY, small: IWM}", "period": period, **keys}
        lines += [f"{key}: {value}" for key, value in keys.items()]
        (tmp_path / "mine.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return load_config(tmp_path / "mine.yaml", overrides)

    return write
