# SPDX-License-Identifier: Apache-2.0
"""What people install: a wheel, in a folder that holds folders of their own by the names of ours."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

from engine.runs.backtest import backtest
from hatch_build import renamed
from tests.golden.digest import FORMER
from tests.strategies.shipped import CONFIGS, ROOT

MINE = """\
import numpy as np
from PACKAGE.indicators import zscore
from PACKAGE.strategy import Strategy, param
from strategies.rules import lean


class Mine(Strategy):
    roles = ("large", "small")

    class Params:
        window: int = param(120, low=10)

    def features(self, market, p):
        return {"z": zscore(np.log(market.large.close / market.small.close), p.window)}

    @staticmethod
    def on_bar(bar, f, p, s, account, orders):
        orders.target(0, lean(f.z))
"""
RULES = "def lean(z):\n    return 0.5 if z > 1.0 else 0.0\n"
RUN = "name: t\nstrategy: WHAT\nroles: {large: SPY, small: IWM}\nperiod: {start: 2020-01-02, end: 2020-12-31}\n"
NOT_OURS = "raise RuntimeError('this engine is another one')\n"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory) -> Path:
    """The interpreter of a fresh environment with the wheel; the libraries are those of this one."""
    home = tmp_path_factory.mktemp("fresh")
    venv.create(home, symlinks=True)
    found = home / "bin" / "python"
    command = ["uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--python", found, wheel]
    subprocess.run([sys.executable, "-m", *command], check=True)
    (site,) = home.glob("lib/*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory) -> Path:
    """A user's folder, with engine/, strategies/ and configs/ of other contents."""
    files = {
        "engine/__init__.py": NOT_OURS,
        "engine/strategy.py": NOT_OURS,
        "strategies/rules.py": RULES,
        "strategies/mine.py": MINE.replace("PACKAGE", "engine"),
        "strategies/other.py": MINE.replace("PACKAGE", "tandem_engine"),
        "strategies/spread_trade.py": MINE.replace("PACKAGE", "engine"),
        "configs/mine.yaml": RUN.replace("WHAT", "mine"),
        "mine.yaml": RUN.replace("WHAT", "strategies.mine:Mine"),
        "other.yaml": RUN.replace("WHAT", "other"),
        "hidden.yaml": RUN.replace("WHAT", "spread_trade"),
    }
    folder = tmp_path_factory.mktemp("desk")
    for name, text in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def run(python, desk):
    """Run the installed command, or the interpreter, in the user's folder; gives back what it printed."""

    def of(*words: str, program: str = "tandem") -> str:
        env = {"PATH": "/usr/bin:/bin", "HOME": str(desk), "TANDEM_CACHE_DIR": os.environ["TANDEM_CACHE_DIR"]}
        done = subprocess.run(
            [python.with_name(program), *words], cwd=desk, env=env, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return of


def test_a_wheel_holds_one_package_and_its_short_name(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"tandem_engine", "engine.py"}
    assert {Path(name).name for name in names if "/configs/costs/" in name} == {
        file.name for file in (CONFIGS / "costs").glob("*.yaml")
    }


def test_every_sample_configuration_gives_what_it_gives_in_the_repository(run):
    code = """
import json, sys
from pathlib import Path
import tandem_engine

from tandem_engine.strategy.source.identity import source_hash

assert "site-packages" in tandem_engine.__file__
found = {}
for file in sorted((Path(tandem_engine.__file__).parent / "configs").glob("*_sample.yaml")):
    loaded = tandem_engine.load_config(file)
    found[file.stem] = [
        round(float(tandem_engine.backtest(file).record.points["equity"][-1]), 2),
        source_hash(*loaded.strategies.values()),
    ]
print(json.dumps(found))
"""
    from engine.config.loader import load_config
    from engine.strategy.source.identity import source_hash

    found = json.loads(run("-c", code, program="python"))
    assert set(found) == {file.stem for file in CONFIGS.glob("*_sample.yaml")}
    for name, (equity, source) in found.items():
        assert equity == last_equity(name), name
        assert source == source_hash(*load_config(CONFIGS / f"{name}.yaml").strategies.values()), name


def last_equity(name):
    """Of a shipped configuration: the golden one where it holds the parameters that are shipped, else by a run."""
    golden = ROOT / "tests" / "golden" / f"{name}.json"
    strategy = name.removesuffix("_sample")
    if golden.is_file() and strategy not in (*FORMER, "portfolio"):
        return json.loads(golden.read_text(encoding="utf-8"))["final_equity"]
    return round(float(backtest(CONFIGS / f"{name}.yaml").points["equity"][-1]), 2)


@pytest.mark.parametrize("config", ["configs/mine.yaml", "mine.yaml", "other.yaml"])
def test_a_users_own_strategy_is_found(run, config):
    assert json.loads(run("backtest", config, "--json"))["strategy"].endswith(("mine", "mine:Mine", "py:Mine"))


@pytest.mark.slow
def test_in_compiled_mode_too_with_the_users_helper(run):
    interpreted, compiled = (
        json.loads(run("backtest", "mine.yaml", "--json", "--set", f"mode={mode}"))["metrics"]
        for mode in ("interpreted", "compiled")
    )
    assert interpreted == compiled


def test_what_was_taken_is_said_where_both_have_it(run, desk):
    found = json.loads(run("config", "check", "hidden.yaml", "--json"))
    assert [one["text"] for one in found["notices"]] == [
        f"strategy spread_trade is {desk}/strategies/spread_trade.py, not the one of this name that comes with Tandem"
    ]


def test_the_commands(run, desk):
    run("config", "new", "--strategy", "vix_hedge:VixHedge", "--out", "new.yaml")
    short = ("--set", "period.start=2019-01-02", "--set", "period.end=2020-12-31")
    assert json.loads(run("signals", "new.yaml", "--json"))["strategy"] == "vix_hedge:VixHedge"
    assert json.loads(run("stress", "new.yaml", "--json", *short))
    assert json.loads(run("verify", "new.yaml", "--json", *short))
    assert not [*desk.rglob("__pycache__")]


@pytest.mark.parametrize(
    "code",
    [
        "import tandem_engine as engine; print(engine.backtest('mine.yaml').config.name)",
        "import tandem_engine as engine; print(engine.backtest('other.yaml').config.name)",
        "import sys; sys.path.pop(0); import engine.strategy as s, tandem_engine.strategy as t; print('t' * (s is t))",
    ],
)
def test_from_python(run, code):
    assert run("-c", code, program="python") == "t\n"


def test_from_python_in_the_repository(desk):
    """The editable install has the name too, and a folder engine/ does not come before it."""
    code = "import tandem_engine as engine; print(engine.backtest('other.yaml').config.name)"
    done = subprocess.run([sys.executable, "-c", code], cwd=desk, capture_output=True, text=True, check=False)
    assert done.stdout == "t\n", done.stderr


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("from engine.errors import Problem\n", "from tandem_engine.errors import Problem\n"),
        ("from engine import clock\n", "from tandem_engine import clock\n"),
        (
            "from strategies.agents import (\n    bear,\n)\n",
            "from tandem_engine.strategies.agents import (\n    bear,\n)\n",
        ),
        ("import engine.strategy as s\n", "import tandem_engine.strategy as s\n"),
        ("if x:\n    from engine.a import b  # engine\n", "if x:\n    from tandem_engine.a import b  # engine\n"),
        ('"""from engine import x"""\nfrom engines import y\n', '"""from engine import x"""\nfrom engines import y\n'),
        ("from .engine import x\n", "from .engine import x\n"),
    ],
)
def test_imports_are_renamed_and_nothing_else(source, wanted):
    assert renamed(source) == wanted


def test_an_import_that_would_bind_nothing_is_refused():
    with pytest.raises(ValueError, match=r"line 2: write `import engine\.strategy as \.\.\.`"):
        renamed("x = 1\nimport engine.strategy\n")
