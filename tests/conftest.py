# SPDX-License-Identifier: Apache-2.0
"""What every test gets: a cache of its own, no way to the network, and reproducible property tests."""

import gc
import ipaddress
import os
import socket
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import none

from engine.config.loader import load_config
from tests.sharing import FIRST, LONG, TOGETHER, Sharing, group_of

ROOT = Path(__file__).resolve().parent.parent
REAL_DATA_VARIABLE = "TANDEM_DATA"

settings.register_profile("ci", derandomize=True, deadline=None, database=None, print_blob=True)
settings.register_profile(
    "explore", deadline=None, max_examples=2000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def _real_data_folder() -> Path:
    return Path(os.environ.get(REAL_DATA_VARIABLE) or ROOT.parent / "shared" / "data")


gc.set_threshold(50_000, 20, 50)  # compiling makes millions of objects that live: a tenth of its time went into looking


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log):
    """Several workers share the tests by what they have compiled already."""
    config.option.loadscopereorder = False  # the order of collection: what takes longest comes first
    return Sharing(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put what takes longest first; mark what uses the real bars, and skip what is marked where they are absent."""
    items.sort(key=lambda item: (group_of(item.nodeid) not in TOGETHER, not item.nodeid.startswith((FIRST, *LONG))))
    folder = _real_data_folder()
    absent = pytest.mark.skip(reason=f"real bars not found: no {folder.name}/daily (set {REAL_DATA_VARIABLE})")
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.real_data)
        if item.get_closest_marker("real_data") and not (folder / "daily").is_dir():
            item.add_marker(absent)


def pytest_collection_finish() -> None:
    """What has been imported and collected lives until the end: no search for what is dead looks at it again.

    The first property makes hypothesis ask who holds its generator of chance: nobody could tell once that is frozen.
    """
    given(none())(lambda _: None)()
    gc.freeze()


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Folder of real bars (daily/, index/, rates/, intraday/ ...); tests that use it skip where it is absent."""
    return _real_data_folder()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory):
    """Caches and the count of trials live and die with the session; programs that a test starts share them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "cache"
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANDEM_CACHE_DIR", str(folder))
        patch.setenv("TANDEM_TRIALS", str(base / "trials.sqlite"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_network():
    """Fail at the first attempt to leave this machine; no `except Exception` can swallow the failure."""
    connect, connect_ex, resolve = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def guarded(original):
        def call(self, address, *rest):
            if self.family in (socket.AF_INET, socket.AF_INET6):
                _refuse_unless_local(address[0])
            return original(self, address, *rest)

        return call

    def guarded_resolve(host, *args, **kwargs):
        if host is not None:
            _refuse_unless_local(host.decode() if isinstance(host, bytes) else host)
        return resolve(host, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded(connect))
        patch.setattr(socket.socket, "connect_ex", guarded(connect_ex))
        patch.setattr(socket, "getaddrinfo", guarded_resolve)
        yield


def _refuse_unless_local(host: str) -> None:
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host in ("", "localhost")
    if not local:
        pytest.fail(f"a test tried to reach {host!r}; tests use this machine alone", pytrace=True)


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
