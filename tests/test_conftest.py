# SPDX-License-Identifier: Apache-2.0
"""The guards themselves hold: a guard that lets everything through would let every other test lie."""

import os
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import settings


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 80)])
def test_leaving_the_machine_fails_the_test_even_where_errors_are_swallowed(address):
    def attempt():
        try:
            with socket.create_connection(address, timeout=0.01):
                pass
        except Exception:  # noqa: BLE001  (the point: nothing that catches errors may hide it)
            return

    with pytest.raises(pytest.fail.Exception, match="this machine alone"):
        attempt()


def test_connect_ex_is_guarded_too():
    with socket.socket() as plug, pytest.raises(pytest.fail.Exception):
        plug.connect_ex(("192.0.2.1", 80))


def test_loopback_works():
    with socket.create_server(("127.0.0.1", 0)) as server:
        caller = threading.Thread(target=lambda: socket.create_connection(server.getsockname()).close())
        caller.start()
        accepted, _ = server.accept()
        accepted.close()
        caller.join()


def test_the_cache_is_not_the_users(tmp_path_factory):
    assert Path(os.environ["TANDEM_CACHE_DIR"]).is_relative_to(tmp_path_factory.getbasetemp().parent)


def test_property_tests_are_reproducible_unless_exploring():
    exploring = os.environ.get("HYPOTHESIS_PROFILE", "ci") != "ci"
    assert settings.default.derandomize is not exploring


@pytest.mark.real_data
def test_real_bars_are_there_when_a_marked_test_runs(real_data):
    assert (real_data / "daily" / "SPY.csv").is_file()
